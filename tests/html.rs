//! The page: whole in itself, deaf to what strangers write into certificates, equal to the terminal, and
//! silent about what an onlooker could never know.

mod html {
    pub(crate) mod read;
}

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use cutaway::asymmetric::rsa::RsaPrivateKey;
use cutaway::hash::{Hash, Sha256};
use cutaway::pki::authority::{Authority, Request};
use cutaway::pki::certificate::Validity;
use cutaway::pki::general_name::GeneralName;
use cutaway::pki::key::PrivateKey;
use cutaway::pki::name::Name;
use cutaway::report::html::{Options, SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH, draw};
use cutaway::report::line::MEANING;
use cutaway::report::{Bytes, Line, Lines, Place, Report, Show, Value, terminal};
use cutaway::story::tls_handshake::{Identity, Listener, Settings, connect, local};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::CipherSuite;
use cutaway::wire::{Kind, LayerId, Origin, Span};

use html::read::{Row, attribute, plain, rows, tags};

fn settings() -> Settings {
    Settings::seeded(1)
}

static REPORT: LazyLock<Report> = LazyLock::new(|| local(&settings()).expect("a loopback connection").report);
static REVEALED: LazyLock<String> = LazyLock::new(|| draw(&REPORT, Options { reveal: true }));
static KEPT_BACK: LazyLock<String> = LazyLock::new(|| draw(&REPORT, Options::default()));

#[test]
fn the_page_is_whole_in_itself_and_lets_nothing_else_in() {
    for page in [&*REVEALED, &*KEPT_BACK] {
        assert!(page.starts_with("<!DOCTYPE html>"));
        assert!(page.len() < 1_000_000, "{} bytes", page.len());
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; script-src 'sha256-{SCRIPT_HASH}'; \
             base-uri 'none'; form-action 'none'"
        );
        assert!(page.contains(&format!("http-equiv=\"Content-Security-Policy\" content=\"{policy}\"")));
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("<style").count(), 1);
        for tag in tags(page) {
            for (name, value) in attribute::all(tag) {
                assert!(name != "style" && !name.starts_with("on") && name != "src", "{tag}");
                assert!(name != "href" || value.starts_with('#'), "{tag}");
            }
        }
    }
}

#[test]
fn the_policy_knows_style_and_script_by_their_hashes() {
    for (text, stated) in [(STYLE, STYLE_HASH), (SCRIPT, SCRIPT_HASH)] {
        assert_eq!(base64(Sha256::digest(text.as_bytes()).as_ref()), stated);
        assert!(!text.contains("</") && !text.contains("url(") && !text.contains("@import"));
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |three: &[u8], i: usize| {
        let number = (0..3).fold(0, |n, i| n << 8 | u32::from(three.get(i).copied().unwrap_or(0)));
        if i <= three.len() { char::from(DIGITS[(number >> (18 - 6 * i) & 63) as usize]) } else { '=' }
    };
    bytes.chunks(3).flat_map(|three| (0..4).map(move |i| digit(three, i))).collect()
}

#[test]
fn every_name_is_given_once_and_every_link_leads_somewhere() {
    for page in [&*REVEALED, &*KEPT_BACK] {
        let mut names = HashSet::new();
        let mut links = Vec::new();
        for tag in tags(page) {
            if let Some(name) = attribute::of(tag, "id") {
                assert!(names.insert(name), "{name} twice");
            }
            links.extend(attribute::of(tag, "href").map(|to| &to[1..]));
            links.extend(attribute::of(tag, "aria-labelledby"));
        }
        for link in links {
            assert!(names.contains(link), "nothing is called {link}");
        }
        for bytes in tags(page).filter_map(|tag| attribute::of(tag, "data-r")) {
            assert!(names.contains(format!("f{bytes}").as_str()), "bytes of no line: {bytes}");
        }
    }
}

#[test]
fn every_byte_of_the_wire_and_every_layer_is_on_the_page() {
    let layers = &REPORT.layers;
    let rows = rows(&REVEALED);
    for (id, layer) in layers.all() {
        let fields = layer.fields.all();
        if fields.is_empty() {
            assert!(layer.bytes().is_empty() || rows.contains_key(&name(id, None)), "{}", layer.name);
        }
        for leaf in layer.fields.leaves().filter(|leaf| !leaf.field().range().is_empty()) {
            let label = leaf.field().label;
            assert!(rows.contains_key(&name(id, Some(leaf.id()))), "{} {label} has no line", layer.name);
        }
    }
}

fn name(layer: LayerId, field: Option<usize>) -> String {
    // A layer's number is its place among all of them.
    let number = REPORT.layers.all().position(|(id, _)| id == layer).expect("a layer of this report");
    field.map_or(number.to_string(), |field| format!("{number}-{field}"))
}

fn mark(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Random) => "*",
        Some(Kind::Identity) => "@",
        Some(Kind::Proof) => "=",
        Some(Kind::Secret) => "#",
        None => "",
    }
}

fn place(place: Place) -> String {
    match place {
        Place::At(offset) => format!("{offset:04x}"),
        Place::Kept => "kept".into(),
        Place::Open => "open".into(),
    }
}

/// Every line that the terminal has when it shows every field, and the step that it stands in.
fn all_lines(lines: &Lines<'_>) -> Vec<(u8, Line)> {
    let mut all = Vec::new();
    for step in &REPORT.steps {
        for show in &step.shows {
            match show {
                Show::Message(message) => {
                    let of = lines.message(message, step.number, Bytes::Full);
                    all.extend(of.into_iter().map(|line| (step.number, line)));
                }
                Show::Value(value) => all.push((step.number, lines.value(value, step.number))),
                _ => {}
            }
        }
    }
    all
}

#[test]
fn the_page_says_of_each_field_what_the_terminal_says_of_it() {
    let lines = Lines::new(&REPORT);
    let layers = &REPORT.layers;
    let rows = rows(&REVEALED);
    let all = all_lines(&lines);
    assert!(all.len() > 250, "{} lines", all.len());
    for (step, line) in all {
        let (layer, start) = (line.whole.layer, line.whole.range.start);
        let id = match line.id {
            Some((layer, field)) => name(layer, Some(field)),
            None if layers.get(layer).fields.all().is_empty() => name(layer, None),
            // Several fields at once: each has a line.
            None => {
                let parts = lines.fields(&line.whole, step);
                assert!(parts.len() > 1 && !rows.contains_key(&format!("{}.{start}", name(layer, None))));
                let has_line = |part: &Line| rows.contains_key(&name(layer, part.id.map(|(_, field)| field)));
                assert!(parts.iter().all(has_line), "{line:?}");
                continue;
            }
        };
        let of_id = rows.get(&id).unwrap_or_else(|| panic!("{} has no line", line.name));
        let found = of_id.iter().find(|row| row.name == line.name && row.words == line.words(MEANING));
        let row: &Row = found.unwrap_or_else(|| panic!("{line:?} is none of {of_id:#?}"));
        assert_eq!(row.mark, mark(line.kind), "{row:?}");
        assert_eq!(row.place, place(line.place), "{row:?}");
        assert_eq!(row.what, line.what, "{row:?}");
        assert_eq!(row.source, line.source, "{row:?}");
        let hex: Vec<_> = layers.bytes(&line.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = row.hex.trim_end_matches("..").trim_end();
        let is_whole = shown == row.hex;
        if !(line.group && line.kind.is_none()) {
            assert!(hex.join(" ").starts_with(shown), "{row:?}");
            assert_eq!(is_whole, hex.len() <= 5, "{row:?}");
        }
        assert_eq!(row.from.len(), line.from.len(), "{row:?}");
        for (words, span) in row.from.iter().zip(&line.from) {
            let name = |span: &Span| lines.value(&Value::new(span), 0).name;
            // Two of one name are told apart by where they stand.
            let among = line.from.iter().filter(|other| name(other) == name(span)).count();
            let structure = lines.structure(span).filter(|_| among > 1);
            let prefix = structure.map_or(String::new(), |structure| format!("{structure}."));
            assert_eq!(*words, prefix + &name(span), "{row:?}");
        }
        assert_eq!(row.used_in.len(), line.used_in.len(), "{row:?}");
        for (link, &user) in row.used_in.iter().zip(sorted(&lines, &line.used_in)) {
            assert!(*link == name(user, None) || *link == name(user, Some(0)), "{link} is not {user:?}");
        }
        // The page explains a field once, where it stands first; a later step is later for that one.
        assert!(row.step.is_none_or(|later| later > row.of_step), "{row:?}");
        if step == row.of_step {
            let expected = lines.fields(&line.whole, step);
            let heading = line.group && expected.first().is_some_and(|same| same.step.is_none());
            assert!(row.step == line.step || heading, "{row:?} and {:?}", line.step);
        }
    }
}

/// Layers of one name stand together on the page.
fn sorted<'a>(lines: &Lines<'_>, users: &'a [LayerId]) -> Vec<&'a LayerId> {
    let rows = rows(&REVEALED);
    let title = |user: LayerId| {
        let row = rows.get(&name(user, None)).or_else(|| rows.get(&name(user, Some(0))));
        let in_message = row.and_then(|rows| rows.first()).filter(|row| row.place == "open");
        in_message.map_or_else(|| lines.name(&REPORT.layers.whole(user)), |row| row.article.clone())
    };
    let mut names: Vec<String> = Vec::new();
    for &user in users {
        let title = title(user);
        if !names.contains(&title) {
            names.push(title);
        }
    }
    let mut sorted: Vec<&LayerId> = users.iter().collect();
    sorted.sort_by_key(|&&user| names.iter().position(|name| *name == title(user)));
    sorted
}

#[test]
fn what_the_terminal_prints_in_full_stands_on_the_page() {
    let drawn =
        terminal::draw(&REPORT, terminal::Options { bytes: Bytes::Full, ..terminal::Options::default() });
    let rows = rows(&REVEALED);
    let mut by_place: HashMap<(&str, &str), Vec<&Row>> = HashMap::new();
    for row in rows.values().flatten() {
        by_place.entry((&row.mark, &row.place)).or_default().push(row);
    }
    let mut seen = 0;
    for line in drawn.lines() {
        let cells: Vec<char> = line.chars().collect();
        let cut = |from: usize, to: usize| {
            let text: String = cells.iter().skip(from).take(to - from).collect();
            text.trim().to_owned()
        };
        let (mark, place, name, words) = (cut(2, 4), cut(4, 9), cut(26, 49), cut(49, 80));
        let is_place = place.len() == 4
            && (["kept", "open"].contains(&&*place) || place.chars().all(|c| c.is_ascii_hexdigit()));
        // Titles of messages have the record's first five bytes and no field of their own.
        let words = words.split("→ step").next().unwrap_or_default().trim().to_owned();
        let title = words.contains(" bytes in ") || words.contains("follow") && cut(10, 12) == "17";
        if !is_place || name.is_empty() || title || line.contains("client →") || line.contains("client ←")
        {
            continue;
        }
        // A name takes the room that it needs, and the words what is left of it.
        let text = cut(26, 80);
        let text = text.split("→ step").next().unwrap_or_default().trim();
        let fits = |row: &Row| {
            let whole = &row.words;
            text.strip_prefix(&*row.name).map(str::trim_start).is_some_and(|shown| {
                shown == whole || whole.starts_with(shown.strip_suffix("..").unwrap_or(shown))
            })
        };
        let there = by_place.get(&(&*mark, &*place)).into_iter().flatten().any(|row| fits(row));
        let is_title = rows.values().flatten().any(|row| row.article == name);
        // The two of them have a line each, behind the keys.
        let in_parts = name == "write IVs";
        assert!(there || is_title || in_parts, "not on the page: {line}");
        seen += usize::from(there);
    }
    assert!(seen > 200, "{seen} lines were compared");
}

/// Every place whose bytes an onlooker could never know, but for those that say too little to be found.
fn private_places(report: &Report) -> Vec<Span> {
    let lines = Lines::new(report);
    let mut places = Vec::new();
    for (id, layer) in report.layers.all() {
        let leaves = layer.fields.leaves().map(|leaf| id.span(leaf.field().range()));
        places.extend(leaves.chain([report.layers.whole(id)]));
    }
    places.retain(|place| place.range.len() >= 4 && lines.ledger().private(place));
    places
}

/// What did not cross the wire and may be seen all the same: whoever listens can compute it, or has it.
#[test]
fn what_is_public_beside_the_wire_is_this_and_no_more() {
    let public = |report: &Report| {
        let lines = Lines::new(report);
        let layers = report.layers.all();
        let made = layers
            .filter(|(_, layer)| !matches!(layer.origin, Origin::Wire { .. }) && !layer.bytes().is_empty());
        let public = made.filter(|(id, _)| !lines.ledger().private(&report.layers.whole(*id)));
        let mut names: Vec<_> = public.map(|(_, layer)| layer.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    // The handshake hash is that which the client's Finished covers: all before it was readable.
    let expected = [
        "additional_data",
        "handshake hash",
        "hash of the signed bytes",
        "m^e mod n",
        "s^e mod n",
        "sequence_number",
        "session_hash",
        "trusted CA certificate",
    ];
    assert_eq!(public(&REPORT), expected);
    // In CBC a MAC is computed that crossed the wire as well.
    let suite = Some(CipherSuite::RSA_AES_128_CBC_SHA256);
    let told = local(&Settings { suite, ..settings() }).expect("a loopback connection");
    assert_eq!(public(&told.report), [&["MAC"], &expected[..]].concat());
}

#[test]
fn without_reveal_nothing_is_there_that_an_onlooker_could_never_know() {
    let layers = &REPORT.layers;
    let lines = Lines::new(&REPORT);
    let public: Vec<String> = layers
        .all()
        .filter(|(id, _)| !lines.ledger().private(&layers.whole(*id)))
        .map(|(_, layer)| hex::encode(layer.bytes()))
        .collect();
    let [kept_back, revealed] = [&*KEPT_BACK, &*REVEALED].map(|page| plain(page).replace([' ', '\n'], ""));
    let places = private_places(&REPORT);
    let mut looked_for = 0;
    for place in &places {
        let secret = hex::encode(&layers.bytes(place)[..4]);
        // Four zeros, or what was said openly too, are nobody's secret.
        if public.iter().any(|public| public.contains(&secret)) || secret == "00000000" {
            continue;
        }
        let what = layers.get(place.layer).name;
        assert!(!kept_back.contains(&secret), "{what}: {secret} is on the page");
        let is_leaf = layers.get(place.layer).fields.leaves().any(|leaf| leaf.field().range() == place.range);
        assert!(!is_leaf || revealed.contains(&secret), "{what}: {secret} is not there when it shall be");
        looked_for += 1;
    }
    assert!(looked_for > 30, "{looked_for} secrets were looked for");
    for words in ["attack", "GET /", "200 OK", "close_notify", "text/plain"] {
        assert!(!KEPT_BACK.contains(words), "{words}");
    }
    assert!(REVEALED.contains("attack at dawn") && REVEALED.contains("GET /hello"));
}

#[test]
fn without_reveal_names_lengths_and_places_are_the_same() {
    let (all, kept_back) = (rows(&REVEALED), rows(&KEPT_BACK));
    assert_eq!(all.len(), kept_back.len());
    for (id, row) in all.iter().flat_map(|(id, rows)| rows.iter().map(move |row| (id, row))) {
        let other = kept_back[id].iter().find(|other| other.of_step == row.of_step && other.name == row.name);
        let other = other.unwrap_or_else(|| panic!("{row:?} is not there"));
        assert_eq!((&row.mark, &row.place, &row.what), (&other.mark, &other.place, &other.what));
    }
    assert_eq!(KEPT_BACK.matches("<article").count(), REVEALED.matches("<article").count());
}

/// A name that would do harm in a page that believed it.
const HARM: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;<!--\u{202e}\u{200b}]]>";

#[test]
fn a_certificate_full_of_markup_is_text_on_the_page() {
    let settings = settings();
    let mut rng = Generator::new(7, 7);
    let validity = Validity { not_before: settings.now, not_after: settings.now.plus_days(9) };
    let mut key = || RsaPrivateKey::generate(&mut rng, 2048).unwrap();
    let (authority_key, leaf_key) = (key(), key());
    let authority = Authority::new(&mut rng, Name::of(HARM), authority_key, validity).unwrap();
    let names = vec![GeneralName::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
    let request = Request::server(Name::of(HARM), names, leaf_key.public(), validity);
    let leaf = authority.issue(&mut rng, &request).unwrap();
    let trusted = authority.certificate().clone();
    let identity = Identity::new(vec![leaf, trusted.clone()], PrivateKey::Rsa(leaf_key)).unwrap();
    let say = format!("{HARM} said the page");
    let listener = Listener::bind(Settings { say, ..settings.clone() }, "127.0.0.1:0", identity).unwrap();
    let address = listener.address().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let mut told = None;
        listener
            .serve(|one| {
                told = one.ok();
                false
            })
            .unwrap();
        told.unwrap().report
    });
    let ours = connect(&settings, &address, None, vec![trusted]).unwrap();
    assert_eq!(ours.failure, None);
    let theirs = server.join().unwrap();
    for (report, reveal) in [(&ours.report, true), (&theirs, true), (&ours.report, false)] {
        let page = draw(report, Options { reveal });
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("<img") && !page.contains("<!--"));
        assert!(!page.contains(['\u{202e}', '\u{200b}']));
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"),
            "the name is not there as text"
        );
        assert!(page.contains("\\u{202e}"));
        assert_eq!(page.contains("said the page"), reveal);
        // Every tag of the page is one of its own.
        for tag in tags(&page) {
            let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap_or_default();
            assert!(OURS.contains(&name), "{tag}");
        }
        let plain = plain(&page);
        assert!(plain.contains("<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;<!--"));
    }
}

const OURS: [&str; 52] = [
    "!DOCTYPE",
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "div",
    "header",
    "main",
    "nav",
    "section",
    "article",
    "aside",
    "script",
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "a",
    "b",
    "i",
    "q",
    "br",
    "small",
    "span",
    "code",
    "kbd",
    "ol",
    "ul",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "figcaption",
    "details",
    "summary",
    "em",
    "sup",
    "strong",
    "hr",
    "button",
    "pre",
];

#[test]
fn a_long_answer_does_not_make_an_endless_page() {
    let settings = Settings { say: "word ".repeat(60_000), ..settings() };
    let told = local(&settings).unwrap();
    for reveal in [false, true] {
        let page = draw(&told.report, Options { reveal });
        assert!(page.len() < 1_000_000, "{} bytes", page.len());
    }
}

#[test]
fn four_certificates_make_a_page_of_less_than_a_megabyte() {
    let settings = settings();
    let mut rng = Generator::new(8, 8);
    let validity = Validity { not_before: settings.now, not_after: settings.now.plus_days(9) };
    let keys: Vec<_> = (0..4).map(|_| RsaPrivateKey::generate(&mut rng, 2048).unwrap()).collect();
    let root = Authority::new(&mut rng, Name::of("the root"), keys[3].clone(), validity).unwrap();
    let mut chain = vec![root.certificate().clone()];
    let mut above = root;
    for (key, name) in [(&keys[2], "the middle"), (&keys[1], "the lower middle")] {
        let request = Request::authority(Name::of(name), None, key.public(), validity);
        let certificate = above.issue(&mut rng, &request).unwrap();
        above = Authority::of(certificate.clone(), key.clone()).unwrap();
        chain.insert(0, certificate);
    }
    let names = vec![GeneralName::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
    let request = Request::server(Name::of("the leaf"), names, keys[0].public(), validity);
    chain.insert(0, above.issue(&mut rng, &request).unwrap());
    let trusted = chain[3].clone();
    let identity = Identity::new(chain, PrivateKey::Rsa(keys[0].clone())).unwrap();
    let listener = Listener::bind(settings.clone(), "127.0.0.1:0", identity).unwrap();
    let address = listener.address().unwrap().to_string();
    let server = std::thread::spawn(move || listener.serve(|_| false));
    let told = connect(&settings, &address, None, vec![trusted]).unwrap();
    server.join().unwrap().unwrap();
    assert_eq!(told.failure, None);
    let page = draw(&told.report, Options { reveal: true });
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    for words in ["the root", "the middle", "the lower middle", "the leaf"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("for which there is no room"));
}

/// A server that sends one certificate of many thousand names and goes.
#[test]
fn an_attackers_list_of_names_does_not_make_an_endless_page() {
    let length = |bytes: usize, count: usize| bytes.to_be_bytes()[8 - count..].to_vec();
    let der = |tag: u8, body: &[u8]| match body.len() {
        short @ ..128 => [&[tag, short as u8], body].concat(),
        long => [&[tag, 0x82][..], &length(long, 2), body].concat(),
    };
    let name = der(0x31, &der(0x30, &[&[6, 3, 0x55, 4, 3][..], &[12, 3], b"<b>"].concat()));
    let names = der(0x30, &name.repeat(55_000 / name.len()));
    let algorithm = hex::decode("300d06092a864886f70d01010b0500").unwrap();
    let body = [&[0xa0, 3, 2, 1, 2, 2, 1, 1][..], &algorithm, &names].concat();
    let certificate = der(0x30, &der(0x30, &body));
    let message = |kind: u8, body: &[u8]| [&[kind][..], &length(body.len(), 3), body].concat();
    let list = [length(certificate.len() + 3, 3), length(certificate.len(), 3), certificate].concat();
    let hello = [&[3, 3][..], &[7; 32], &[0, 0x00, 0x9d, 0]].concat();
    let said = [message(2, &hello), message(11, &list), message(14, &[])].concat();
    let records: Vec<u8> = said
        .chunks(16_384)
        .flat_map(|part| [&[22, 3, 3][..], &length(part.len(), 2), part].concat())
        .collect();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut socket, &records).unwrap();
        // It hears what we say to that, and goes.
        let _ = std::io::copy(&mut socket, &mut std::io::sink());
    });
    let told = connect(&settings(), &address, None, Vec::new()).unwrap();
    server.join().unwrap();
    assert!(told.failure.is_some());
    let page = draw(&told.report, Options { reveal: true });
    assert!(page.len() < 4_000_000, "{} bytes", page.len());
    assert!(page.contains("for which there is no room here"));
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>&lt;"));
}

#[test]
fn a_refused_handshake_has_a_page_that_ends_where_it_ended() {
    let settings = settings();
    let identity = Identity::make(&settings, &[IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    let listener = Listener::bind(settings.clone(), "127.0.0.1:0", identity).unwrap();
    let address = listener.address().unwrap().to_string();
    let server = std::thread::spawn(move || listener.serve(|_| false));
    let told = connect(&settings, &address, None, Vec::new()).unwrap();
    server.join().unwrap().unwrap();
    assert!(told.failure.is_some());
    let page = draw(&told.report, Options { reveal: true });
    for words in ["FAILS", "It ended here", "ServerHelloDone", "Alert"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("Symmetric Tunnel"));
}
