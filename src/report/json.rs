//! The report as data: what terminal and page typeset, for a program to read.
//!
//! ```text
//! schema_version       raised when something that was there changes its name or its meaning
//! steps[].shows[]      what a step shows, messages and values as lines, each with its field's id
//! steps[].knows[]      the ledger at the end of the step
//! events[]             what crossed the wire, in order, with the time
//! layers[]             the byte strings: origin, bytes, and a name for every byte
//! ```
//!
//! Offsets and lengths are numbers, bytes lowercase hexadecimal, times RFC 3339. A place is
//! `{layer, start, end}`; the `id` of a line is `{layer, field}`, an index of `layers` and one of the
//! `fields` there.
//!
//! What someone who only listens could never know is `null` unless it shall be revealed: bytes, what
//! they say, text made of them. What a thing is, where it lies and what it was made from is told.

mod data;
mod show;

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff_core::Timestamp;
use jiff_core::tz::Offset;

use crate::report::{self as model, Knowledge, KnowsNow, Lines, Report, Way};
use crate::wire::{self, LayerId, Moment, Origin, Span};

use data::{data, tagged};
use show::{Piece, Show};

/// The version of the form in which reports are written.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the report as a JSON object and a line feed; with what someone who only listens could never
/// know, if that is to be revealed.
///
/// ```
/// use cutaway::report::{Report, json};
/// let mut out = Vec::new();
/// json::write(&Report { title: "cutaway".into(), ..Report::default() }, false, &mut out).unwrap();
/// assert!(out.starts_with(b"{\n  \"schema_version\": 1,\n  \"title\": \"cutaway\""));
/// ```
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, reveal: bool, out: &mut impl io::Write) -> io::Result<()> {
    let paths = report.layers.all().map(|(_, layer)| layer.fields.paths()).collect();
    let told = Told { report, lines: Lines::new(report), paths, reveal };
    // Standard output would be flushed after every line.
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &told.document())?;
    out.write_all(b"\n")?;
    out.flush()
}

data! {
    struct Document<'a> {
        schema_version: u32,
        title: &'a str,
        subtitle: &'a str,
        intro: &'a str,
        revealed: bool,
        opening: Vec<Scene<'a>>,
        riddle: &'a str,
        ladder: Ladder<'a>,
        steps: Vec<Step<'a>>,
        closing: Vec<Section<'a>>,
        events: Vec<Event<'a>>,
        layers: Vec<Layer<'a>>,
        matches: Vec<[Place; 2]>,
    }
}

data! {
    struct Scene<'a> {
        label: &'a str,
        left: Vec<Piece<'a>>,
        right: Vec<Piece<'a>>,
    }
}

data! {
    struct Ladder<'a> {
        left: &'a str,
        right: &'a str,
        rows: Vec<Row<'a>>,
    }
}

data! {
    struct Row<'a> {
        step: u8,
        way: &'static str,
        messages: Vec<Rung<'a>>,
        bytes: usize,
    }
}

data! {
    struct Rung<'a> {
        /// `null` if it is sealed and nothing is revealed: it may quote what is in it.
        name: Option<&'a str>,
        sealed: bool,
    }
}

data! {
    struct Step<'a> {
        number: u8,
        title: &'a str,
        who: &'a str,
        prose: &'a str,
        shows: Vec<Show<'a>>,
        claims: Vec<Claim>,
        until: u32,
        knows_now: Option<&'a str>,
        knows: Vec<Party<'a>>,
    }
}

data! {
    struct Claim {
        section: &'static str,
        quote: &'static str,
        verdict: String,
        truth: &'static str,
        source: &'static str,
    }
}

data! {
    /// A row of the ledger.
    struct Party<'a> {
        party: &'static str,
        items: Vec<Item<'a>>,
    }
}

data! {
    struct Item<'a> {
        name: &'a str,
        parts: Vec<&'static str>,
    }
}

data! {
    struct Section<'a> {
        title: &'a str,
        aside: &'a str,
        prose: &'a str,
        shows: Vec<Show<'a>>,
    }
}

data! {
    struct Event<'a> {
        from: &'static str,
        name: &'a str,
        sealed: bool,
        records: Vec<Place>,
        message: Place,
        moment: u32,
        step: Option<u8>,
        time: Option<String>,
    }
}

data! {
    struct Layer<'a> {
        id: u32,
        name: &'static str,
        moment: u32,
        origin: Came,
        length: usize,
        private: bool,
        bytes: Option<String>,
        fields: Vec<Field<'a>>,
    }
}

tagged! {
    "kind"
    /// How a layer came to be.
    enum Came {
        Wire = "wire" { by: &'static str, offset: u64 },
        Given = "given" { by: &'static str },
        Joined = "joined" { from: Vec<Place> },
        Opened = "opened" { how: &'static str, sealed: Place, with: Vec<Place>, in_place: bool },
        Sealed = "sealed" { how: &'static str, what: Place, with: Vec<Place> },
        Computed = "computed" { how: &'static str, from: Vec<Place> },
    }
}

data! {
    struct Field<'a> {
        path: &'a str,
        label: &'static str,
        index: Option<u16>,
        depth: u16,
        start: u32,
        end: u32,
        contents: u32,
        meaning: Option<&'a str>,
    }
}

data! {
    /// A run of bytes of a layer.
    struct Place {
        layer: u32,
        start: usize,
        end: usize,
    }
}

impl From<&Span> for Place {
    fn from(span: &Span) -> Self {
        Self { layer: span.layer.0, start: span.range.start, end: span.range.end }
    }
}

fn places(spans: &[Span]) -> Vec<Place> {
    spans.iter().map(Place::from).collect()
}

/// A report on its way into a document.
struct Told<'a> {
    report: &'a Report,
    lines: Lines<'a>,
    /// The path of each field of each layer.
    paths: Vec<Vec<String>>,
    reveal: bool,
}

impl<'a> Told<'a> {
    fn document(&'a self) -> Document<'a> {
        let Report { title, subtitle, intro, opening, riddle, ladder, closing, events, layers, .. } =
            self.report;
        let scene = |scene: &'a model::Scene| Scene {
            label: &scene.label,
            left: self.pieces(&scene.left),
            right: self.pieces(&scene.right),
        };
        let section = |section: &'a model::Section| Section {
            title: &section.title,
            aside: &section.aside,
            prose: &section.prose,
            shows: self.shows(&section.shows, u8::MAX),
        };
        Document {
            schema_version: SCHEMA_VERSION,
            title,
            subtitle,
            intro,
            revealed: self.reveal,
            opening: opening.iter().map(scene).collect(),
            riddle,
            ladder: Ladder {
                left: &ladder.left,
                right: &ladder.right,
                rows: ladder.rows.iter().map(|row| self.row(row)).collect(),
            },
            steps: self.report.steps.iter().map(|step| self.step(step)).collect(),
            closing: closing.iter().map(section).collect(),
            events: events.iter().map(|event| self.event(event)).collect(),
            layers: layers.all().map(|(id, layer)| self.layer(id, layer)).collect(),
            matches: layers.all_matches().iter().map(|(a, b)| [a.into(), b.into()]).collect(),
        }
    }

    /// Whether the bytes at `span` are told.
    fn tells(&self, span: &Span) -> bool {
        self.reveal || !self.lines.ledger().private(span)
    }

    fn hex(&self, span: &Span) -> Option<String> {
        self.tells(span).then(|| hex::encode(self.report.layers.bytes(span)))
    }

    fn row(&'a self, row: &'a model::Exchange) -> Row<'a> {
        let rung = |(name, sealed): &'a (String, bool)| Rung {
            name: (self.reveal || !sealed).then_some(name),
            sealed: *sealed,
        };
        Row {
            step: row.step,
            way: match row.way {
                Way::Right => "right",
                Way::Left => "left",
                Way::Both => "both",
                Way::Nowhere => "nowhere",
            },
            messages: row.messages.iter().map(rung).collect(),
            bytes: row.bytes,
        }
    }

    fn step(&'a self, step: &'a model::Step) -> Step<'a> {
        let claim = |claim: &&'static model::Claim| Claim {
            section: claim.section,
            quote: claim.quote,
            verdict: claim.verdict.to_string(),
            truth: claim.truth,
            source: claim.source,
        };
        let party = |participant: &'a model::Participant| Party {
            party: participant.party.0,
            items: self
                .report
                .items
                .iter()
                .map(|item| self.item(participant.party, item, step.until))
                .collect(),
        };
        Step {
            number: step.number,
            title: &step.title,
            who: &step.who,
            prose: &step.prose,
            shows: self.shows(&step.shows, step.number),
            claims: step.claims.iter().map(claim).collect(),
            until: step.until.0,
            knows_now: match &step.knows_now {
                KnowsNow::Sentence(sentence) => Some(sentence),
                KnowsNow::Table | KnowsNow::Untold => None,
            },
            knows: self.report.participants.iter().map(party).collect(),
        }
    }

    fn item(&self, party: wire::Party, item: &'a model::Item, at: Moment) -> Item<'a> {
        let knows = |part: &Option<Span>| match self.lines.ledger().has(party, item, part.as_ref(), at) {
            Knowledge::Unseen => "unseen",
            Knowledge::Nothing => "nothing",
            Knowledge::Sealed => "sealed",
            Knowledge::Knows => "knows",
        };
        Item { name: &item.name, parts: item.parts.iter().map(knows).collect() }
    }

    fn event(&self, event: &'a model::Event) -> Event<'a> {
        Event {
            from: event.from.0,
            name: &event.name,
            sealed: event.sealed,
            records: places(&event.records),
            message: (&event.message).into(),
            moment: event.moment.0,
            step: self.report.step_at(event.moment).map(|step| step.number),
            time: event.time.and_then(rfc3339),
        }
    }

    fn layer(&'a self, id: LayerId, layer: &'a wire::Layer) -> Layer<'a> {
        let whole = self.report.layers.whole(id);
        let field = |(field, path): (&'a wire::Field, &'a String)| Field {
            path,
            label: field.label,
            index: field.index,
            depth: field.depth,
            start: field.start,
            end: field.end,
            contents: field.contents,
            meaning: field.meaning.as_deref().filter(|_| self.tells(&id.span(field.range()))),
        };
        Layer {
            id: id.0,
            name: layer.name,
            moment: layer.at.0,
            origin: match &layer.origin {
                Origin::Wire { by, offset } => Came::Wire { by: by.0, offset: *offset },
                Origin::Given { by, .. } => Came::Given { by: by.0 },
                Origin::Joined(from) => Came::Joined { from: places(from) },
                Origin::Opened { how, sealed, with, in_place } => {
                    Came::Opened { how, sealed: sealed.into(), with: places(with), in_place: *in_place }
                }
                Origin::Sealed { how, what, with } => {
                    Came::Sealed { how, what: what.into(), with: places(with) }
                }
                Origin::Computed { how, from } => Came::Computed { how, from: places(from) },
            },
            length: layer.bytes().len(),
            private: self.lines.ledger().private(&whole),
            bytes: self.hex(&whole),
            fields: layer.fields.all().iter().zip(&self.paths[id.0 as usize]).map(field).collect(),
        }
    }
}

/// To the microsecond, in UTC.
fn rfc3339(time: SystemTime) -> Option<String> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    let stamp = Timestamp::from_microsecond(i64::try_from(since.as_micros()).ok()?).ok()?;
    let moment = stamp.to_datetime(Offset::UTC);
    let (date, time) = (moment.date(), moment.time());
    let date = format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    let micros = time.subsec_nanosecond() / 1000;
    Some(format!("{date}T{:02}:{:02}:{:02}.{micros:06}Z", time.hour(), time.minute(), time.second()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_time_is_told_to_the_microsecond() {
        let time = UNIX_EPOCH + Duration::from_nanos(1_827_067_936_000_042_999);
        assert_eq!(rfc3339(time).as_deref(), Some("2027-11-24T14:52:16.000042Z"));
        assert_eq!(rfc3339(UNIX_EPOCH - Duration::from_secs(1)), None);
    }
}
