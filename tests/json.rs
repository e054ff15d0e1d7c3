//! The report as data says what the terminal shows, field for field; and without being asked it says
//! nothing that someone who only listens could not know.

use std::sync::LazyLock;

use cutaway::report::terminal::{Options, parts};
use cutaway::report::{Bytes, Form, Ledger, Output, Report, json};
use cutaway::story::tls_handshake::{PAGE, Settings, local};
use cutaway::wire::Origin;
use serde_json::Value;

fn seeded(seed: u64) -> Report {
    local(&Settings::seeded(seed)).expect("a loopback connection").report
}

static REPORT: LazyLock<Report> = LazyLock::new(|| seeded(1));

fn text(report: &Report, reveal: bool) -> String {
    let mut out = Vec::new();
    json::write(report, reveal, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn data(reveal: bool) -> Value {
    serde_json::from_str(&text(&REPORT, reveal)).expect("it is JSON")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}")) as usize
}

/// All objects in `value`, itself first, with the key that leads to each.
fn objects<'a>(key: &'a str, value: &'a Value, see: &mut impl FnMut(&'a str, &'a Value)) {
    see(key, value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| objects(key, item, see)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| objects(key, value, see)),
        _ => {}
    }
}

/// Each line of a step, in the order in which it is shown: those of messages with their title first.
fn lines(step: &Value) -> Vec<(&Value, bool)> {
    let mut lines = Vec::new();
    for show in list(&step["shows"]) {
        match string(&show["show"]) {
            "message" => {
                lines.push((&show["title"], true));
                lines.extend(list(&show["lines"]).iter().map(|line| (line, false)));
            }
            "value" => lines.push((&show["line"], false)),
            _ => {}
        }
    }
    lines
}

/// What stands in a row of the terminal's grid: mark, place, bytes, then names and words.
fn row(row: &str) -> Option<[String; 4]> {
    let cells: Vec<char> = row.chars().collect();
    let part = |from: usize, to: usize| {
        let part: String = cells.iter().skip(from).take(to.min(cells.len()).saturating_sub(from)).collect();
        part.trim_end().to_owned()
    };
    let place = part(4, 8);
    let is_place = place == "kept" || place == "open" || place.len() == 4 && hex::decode(&place).is_ok();
    let words = part(26, 80).trim_start().to_owned();
    (is_place && part(8, 10).is_empty()).then(|| [part(2, 3), place, part(10, 26), words])
}

/// The same, as it follows from the data alone.
fn expected(line: &Value, title: bool) -> [String; 4] {
    let mark = match line["kind"].as_str() {
        _ if title => "",
        Some("random") => "*",
        Some("identity") => "@",
        Some("proof") => "=",
        Some("secret") => "#",
        _ => "",
    };
    let place = match string(&line["place"]) {
        "wire" => format!("{:04x}", number(&line["offset"])),
        other => other.to_owned(),
    };
    let bytes = line["bytes"].as_str().unwrap_or_default();
    let bytes: Vec<_> = bytes.as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap()).collect();
    let shown = if bytes.len() > 5 { format!("{} ..", bytes[..4].join(" ")) } else { bytes.join(" ") };
    let name = string(&line["name"]).to_owned();
    [mark.into(), place, shown, name]
}

/// `--bytes full` draws every line of the data with the same mark, place, bytes, name and meaning, in the same
/// order; and besides, between them, the fields that the story passes over, which the data has in its layers.
#[test]
fn the_data_is_what_the_terminal_shows_field_for_field() {
    let data = data(true);
    let drawn = parts(&REPORT, Options { bytes: Bytes::Full, ..Options::default() });
    let steps = list(&data["steps"]);
    assert_eq!(drawn.len(), 2 + steps.len());
    let mut compared = 0;
    for (step, drawn) in steps.iter().zip(&drawn[1..]) {
        let mut rows = drawn.lines().filter_map(row);
        for (line, title) in lines(step) {
            let [its_mark, its_place, its_bytes, its_name] = expected(line, title);
            // Names and meanings are cut where they find no room, and dots say so.
            let begins = |whole: &str, part: &str| whole.starts_with(part.trim_end_matches(".."));
            let is_it = |[mark, place, bytes, words]: &[String; 4]| {
                let name = if title { words.chars().take(22).collect() } else { words.clone() };
                let named = name.starts_with(&its_name) || begins(&its_name, name.trim_end());
                // The story may give but the first byte of a header in the title, if the next has a line.
                let same = *bytes == its_bytes || title && bytes.starts_with(&its_bytes);
                [mark, place] == [&its_mark, &its_place] && same && named
            };
            let [.., words] = rows.find(is_it).unwrap_or_else(|| panic!("not drawn: {line}"));
            let meaning = words.strip_prefix(&its_name).unwrap_or_default().trim_start();
            let link = line["step"].as_u64().map(|step| format!("→ step {step}"));
            let meaning =
                link.as_deref().and_then(|link| meaning.strip_suffix(link)).unwrap_or(meaning).trim();
            if !title {
                let told = line["meaning"].as_str().unwrap_or_default();
                let short = string(&line["short"]);
                let both = format!("{told}: {short}");
                let count = number(&line["contents"]["end"]) - number(&line["contents"]["start"]);
                let counted = format!("{count} byte{}", if count == 1 { "" } else { "s" });
                let may = [told, short, &both, &counted];
                assert!(may.iter().any(|may| begins(may, meaning)), "{meaning}: {line}");
            }
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

/// What a line refers to is there: its field in its layer, its bytes in the layer's.
#[test]
fn every_line_leads_to_its_field_and_every_byte_has_one() {
    let data = data(true);
    let layers = list(&data["layers"]);
    for step in list(&data["steps"]) {
        for (line, _) in lines(step) {
            if let Some(bytes) = line["bytes"].as_str() {
                let place = &line["contents"];
                let layer = string(&layers[number(&place["layer"])]["bytes"]);
                let (start, end) = (number(&place["start"]), number(&place["end"]));
                assert_eq!(&layer[2 * start..2 * end], bytes);
            }
            if let Some(id) = line["id"].as_object() {
                let field = &layers[number(&id["layer"])]["fields"][number(&id["field"])];
                assert_eq!(field["path"], line["path"]);
                let path = string(&field["path"]);
                let index = field["index"].as_u64().map_or_else(String::new, |index| format!("[{index}]"));
                assert!(path.ends_with(&format!("{}{index}", string(&field["label"]))), "{path}");
            }
            for user in list(&line["used_in"]) {
                let origin = &layers[number(user)]["origin"];
                assert!(["joined", "opened", "sealed", "computed"].contains(&string(&origin["kind"])));
            }
        }
    }
    for (id, layer) in layers.iter().enumerate() {
        assert_eq!(number(&layer["id"]), id);
        let length = number(&layer["length"]);
        assert_eq!(string(&layer["bytes"]).len(), 2 * length);
        let fields = list(&layer["fields"]);
        let mut at = 0;
        for (field, next) in fields.iter().zip(fields.iter().skip(1).map(Some).chain([None])) {
            let is_leaf = next.is_none_or(|next| number(&next["depth"]) <= number(&field["depth"]));
            if is_leaf {
                assert_eq!(number(&field["start"]), at, "{} {field}", layer["name"]);
                at = number(&field["end"]);
            }
        }
        assert!(fields.is_empty() || at == length, "{}", layer["name"]);
    }
}

#[test]
fn offsets_are_numbers_and_bytes_are_lowercase_hexadecimal() {
    let data = data(true);
    assert_eq!(data["schema_version"], json::SCHEMA_VERSION);
    let mut counted = (0, 0);
    objects("", &data, &mut |key, value| match key {
        "bytes" if value.is_string() => {
            counted.0 += 1;
            let text = string(value);
            assert!(
                text.len().is_multiple_of(2) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
                "{text}"
            );
        }
        "start" | "end" | "length" | "depth" | "moment" => {
            counted.1 += 1;
            assert!(value.is_u64(), "{key}: {value}");
        }
        "kind" if value.is_string() => {
            let known = [
                "random", "identity", "proof", "secret", "wire", "given", "joined", "opened", "sealed",
                "computed",
            ];
            assert!(known.contains(&string(value)), "{value}");
        }
        _ => {}
    });
    assert!(counted.0 > 300 && counted.1 > 1000, "{counted:?}");
}

#[test]
fn it_tells_the_whole_report() {
    let data = data(true);
    assert_eq!(
        (string(&data["title"]), string(&data["subtitle"])),
        (REPORT.title.as_str(), REPORT.subtitle.as_str())
    );
    let events: Vec<_> = list(&data["events"]).iter().map(|event| string(&event["name"])).collect();
    let expected: Vec<_> = REPORT.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(events, expected);
    for (step, told) in REPORT.steps.iter().zip(list(&data["steps"])) {
        assert_eq!(string(&told["prose"]), step.prose);
        assert_eq!(string(&told["claims"][0]["quote"]), step.claims[0].quote);
        assert_eq!(string(&told["claims"][0]["verdict"]), step.claims[0].verdict.to_string());
        assert_eq!(list(&told["knows"]).len(), 3);
    }
    // The ledger after step 4: the client knows the premaster, the others hold it sealed.
    let knows: Vec<_> =
        list(&data["steps"][3]["knows"]).iter().map(|row| string(&row["items"][3]["parts"][0])).collect();
    assert_eq!(data["steps"][3]["knows"][0]["items"][3]["name"], "premaster");
    assert_eq!(knows, ["knows", "sealed", "sealed"]);
    // A seed may not tell the time, and tells the same each time.
    assert!(data["events"][0]["time"].is_null());
    assert_eq!(text(&seeded(1), false), text(&REPORT, false));
}

#[test]
fn without_reveal_nothing_is_told_that_an_onlooker_could_not_know() {
    let hidden = text(&REPORT, false);
    let revealed = text(&REPORT, true);
    let ledger = Ledger::new(&REPORT.layers, &REPORT.participants);
    let mut private = 0;
    // The key's modulus is in the certificate too.
    let heard: String = REPORT
        .layers
        .all()
        .filter(|(_, layer)| matches!(layer.origin, Origin::Wire { .. }))
        .map(|(_, layer)| hex::encode(layer.bytes()) + " ")
        .collect();
    for (id, layer) in REPORT.layers.all() {
        if layer.bytes().len() < 4 || !ledger.private(&REPORT.layers.whole(id)) {
            continue;
        }
        private += 1;
        assert!(!hidden.contains(&hex::encode(layer.bytes())), "{}", layer.name);
        assert!(revealed.contains(&hex::encode(layer.bytes())), "{}", layer.name);
        // Nor any part of it that is private itself.
        for field in layer.fields.all().iter().filter(|field| field.range().len() >= 4) {
            let span = id.span(field.range());
            if ledger.private(&span) {
                let bytes = hex::encode(REPORT.layers.bytes(&span));
                let public = heard.contains(&bytes);
                assert!(public || !hidden.contains(&bytes), "{}: {}", layer.name, field.label);
            }
        }
    }
    assert!(private > 10, "{private}");
    // What was sealed as text.
    for words in [PAGE, "GET /hello", "200 OK", "HTTP/1.1"] {
        assert!(!hidden.contains(words), "{words}");
        assert!(revealed.contains(words) || words == "HTTP/1.1", "{words}");
    }
    let data: Value = serde_json::from_str(&hidden).unwrap();
    assert_eq!(data["revealed"], false);
    // What was said in the open is there all the same.
    let hello =
        &data["layers"].as_array().unwrap().iter().find(|layer| layer["origin"]["kind"] == "wire").unwrap();
    assert!(string(&hello["bytes"]).starts_with("16030100"));
}

#[test]
fn the_same_flags_mean_the_same() {
    assert_eq!("json".parse(), Ok(Form::Json));
    assert_eq!("text".parse(), Ok(Form::Text));
    assert_eq!("yaml".parse::<Form>(), Err("it is text or json"));
    for (word, bytes) in [("full", Bytes::Full), ("brief", Bytes::Brief), ("none", Bytes::None)] {
        assert_eq!(word.parse(), Ok(bytes));
    }
    assert_eq!("all".parse::<Bytes>(), Err("it is full, brief or none"));

    let mut out = Vec::new();
    Output::default().write(&REPORT, &mut out, || {}).unwrap();
    assert_eq!(out, include_bytes!("snapshots/tls_handshake.txt"));
    let mut pauses = 0;
    Output::default().write(&REPORT, &mut std::io::sink(), || pauses += 1).unwrap();
    assert_eq!(pauses, REPORT.steps.len() + 1);
}

/// A reader who has had enough.
struct Closed;

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_who_goes_away_is_no_error() {
    for form in [Form::Text, Form::Json] {
        let output = Output { form, ..Output::default() };
        output.write(&REPORT, &mut Closed, || {}).expect("nobody is left to tell it to");
    }
}
