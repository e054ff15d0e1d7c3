//! tshark, and the XML in which it says what it sees: `-T pdml`.

use std::path::Path;

use cutaway_tests::peer::{self, Answer};

/// Runs tshark on a capture, in UTC and with no setting of the machine's own.
pub fn tshark(program: &Path, capture: &Path, options: &[&str]) -> Answer {
    let home = peer::directory();
    let mut command = peer::command(program);
    command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME").env("TZ", "UTC");
    let answer = peer::run(command.args(["-n", "-r"]).arg(capture).args(options), b"");
    assert!(answer.success(), "{answer}");
    answer
}

/// A field or a protocol, as tshark sees it.
#[derive(Debug, Default)]
pub struct Element {
    /// By which a filter finds it; empty for mere text.
    pub name: String,
    /// Where it begins, in a buffer that is not named.
    pub pos: usize,
    /// How many bytes it has.
    pub size: usize,
    /// How it is shown.
    pub showname: String,
    /// Its value alone, as text.
    pub show: String,
    /// Its bytes, where they are said.
    pub value: Option<Vec<u8>>,
    /// What lies in it.
    pub children: Vec<Element>,
}

impl Element {
    /// The first of this name in it.
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name { Some(self) } else { self.children.iter().find_map(|child| child.find(name)) }
    }

    fn of(tag: &str) -> Self {
        let attribute = |name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            Some(unescape(rest.split('"').next()?))
        };
        let number = |name| attribute(name).and_then(|text| text.parse().ok()).unwrap_or(0);
        Self {
            name: attribute("name").unwrap_or_default(),
            pos: number("pos"),
            size: number("size"),
            showname: attribute("showname").unwrap_or_default(),
            show: attribute("show").unwrap_or_default(),
            value: attribute("value").and_then(|text| hex::decode(text).ok()),
            children: Vec::new(),
        }
    }
}

fn unescape(text: &str) -> String {
    let [lt, gt, quot, apos, amp] = ["&lt;", "&gt;", "&quot;", "&apos;", "&amp;"];
    text.replace(lt, "<").replace(gt, ">").replace(quot, "\"").replace(apos, "'").replace(amp, "&")
}

/// The packets of a capture.
pub fn packets(program: &Path, capture: &Path) -> Vec<Element> {
    let text = tshark(program, capture, &["-T", "pdml"]).text();
    let mut open = vec![Element::default()];
    // `<` and `>` stand for nothing but tags: in values they are spelled out.
    for tag in text.split('<').skip(1).filter_map(|piece| piece.split_once('>')).map(|(tag, _)| tag) {
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            let element = open.pop().expect("one is open");
            open.last_mut().expect("it lies in another").children.push(element);
        } else if let Some(tag) = tag.strip_suffix('/') {
            open.last_mut().expect("it lies in another").children.push(Element::of(tag));
        } else {
            open.push(Element::of(tag));
        }
    }
    let [document] = <[Element; 1]>::try_from(open).expect("every tag is closed");
    let pdml = document.children.into_iter().next().expect("a document");
    pdml.children
}
