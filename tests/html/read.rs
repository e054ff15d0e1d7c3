//! The page, read back: enough of HTML for what this project writes.

use std::collections::HashMap;

/// The tags of a page, without their angle brackets; what stands in its style and script is none.
pub(crate) fn tags(page: &str) -> impl Iterator<Item = &str> {
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, from) = rest.split_once('<')?;
        let (tag, after) = from.split_once('>')?;
        rest = after;
        for raw in ["style", "script"] {
            if tag == raw {
                rest = after.split_once("</").map_or("", |(raw, _)| &after[raw.len()..]);
            }
        }
        Some(tag)
    })
}

pub(crate) mod attribute {
    /// The attributes of a tag, as they stand there.
    pub(crate) fn all(tag: &str) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = tag.split_once(' ').map_or("", |(_, rest)| rest);
        std::iter::from_fn(move || {
            rest = rest.trim_start();
            let end = rest.find([' ', '=']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let Some(quoted) = after.strip_prefix("=\"") else {
                rest = after;
                return (!name.is_empty()).then_some((name, ""));
            };
            let (value, after) = quoted.split_once('"')?;
            rest = after;
            Some((name, value))
        })
    }

    pub(crate) fn of<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
        all(tag).find(|(other, _)| *other == name).map(|(_, value)| value)
    }
}

/// The text of a page or of a part of it, without style and script.
pub(crate) fn plain(part: &str) -> String {
    let mut text = String::new();
    let mut rest = part;
    while let Some((before, from)) = rest.split_once('<') {
        text += before;
        let Some((tag, after)) = from.split_once('>') else { break };
        rest = after;
        for raw in ["style", "script"] {
            if tag == raw {
                rest = after.split_once("</").map_or("", |(raw, _)| &after[raw.len()..]);
            }
        }
    }
    text += rest;
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
        .into_iter()
        .fold(text, |text, (entity, character)| text.replace(entity, character))
}

/// A line of a list, as the page has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) mark: String,
    pub(crate) place: String,
    pub(crate) hex: String,
    pub(crate) name: String,
    pub(crate) words: String,
    pub(crate) what: String,
    pub(crate) source: String,
    /// What it was made from, by name.
    pub(crate) from: Vec<String>,
    /// The lines to which "used in" leads.
    pub(crate) used_in: Vec<String>,
    /// The later step in which it is used.
    pub(crate) step: Option<u8>,
    /// The step that it stands in, and the heading above it.
    pub(crate) of_step: u8,
    pub(crate) article: String,
}

/// What stands between two marks, the first time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

/// All lines by the field that they are of.
pub(crate) fn rows(page: &str) -> HashMap<String, Vec<Row>> {
    let mut rows: HashMap<String, Vec<Row>> = HashMap::new();
    for step in page.split("<section class=\"step\"").skip(1) {
        let of_step = between(step, " id=\"s", "\"").and_then(|number| number.parse().ok()).unwrap_or(0);
        for article in step.split("<article").skip(1) {
            let heading =
                between(article, "<h3", "</h3>").and_then(|h3| h3.split_once('>')).map_or("", |h| h.1);
            let heading = plain(heading.split("<small>").next().unwrap_or_default()).trim().to_owned();
            for line in article.split("<details class=\"f").skip(1) {
                let row = Row { of_step, article: heading.clone(), ..row(line) };
                let id = between(line, "data-f=\"", "\"").unwrap_or_default().to_owned();
                rows.entry(id).or_default().push(row);
            }
        }
    }
    rows
}

fn row(line: &str) -> Row {
    let part = |class: &str| {
        let from = line.split_once(&format!("<span class=\"{class}")).map_or("", |(_, from)| from);
        let from = from.split_once('>').map_or("", |(_, from)| from);
        plain(from.split("</span>").next().unwrap_or_default().split("<span").next().unwrap_or_default())
    };
    let said = between(line, "<div class=\"x\">", "</div>").unwrap_or_default();
    let from = between(said, "<dd class=\"from\">", "</dd>").unwrap_or_default();
    let used = between(said, "<dd class=\"used\">", "</dd>").unwrap_or_default();
    let links = |part: &str| {
        let links = part.split("<a ").skip(1).map(|link| {
            let to = between(link, "href=\"#", "\"").unwrap_or_default().to_owned();
            let words = link.split_once('>').map_or("", |(_, rest)| rest).split("</a>").next();
            (to, plain(words.unwrap_or_default()))
        });
        links.collect::<Vec<_>>()
    };
    let what = said.split("<p>").nth(1).and_then(|p| p.split("</p>").next()).unwrap_or_default();
    let source = between(said, "<dt>written in</dt><dd>", "</dd>").unwrap_or_default();
    let step = links(used).into_iter().find_map(|(to, _)| to.strip_prefix('s')?.parse().ok());
    Row {
        mark: part("mk"),
        place: part("of"),
        hex: part("hx"),
        name: part("nm"),
        words: part("vl"),
        what: plain(what),
        source: plain(source),
        from: links(from).into_iter().map(|(_, words)| words).collect(),
        used_in: links(used)
            .into_iter()
            .filter_map(|(to, _)| to.strip_prefix('f').map(str::to_owned))
            .collect(),
        step,
        ..Row::default()
    }
}
