//! A run that was broken on purpose: brief until somebody meddles, in full there and where it was caught,
//! and then who noticed, by what, and what is owed to that.

use super::{MALLORY, Teller};
use crate::pki::validation::Answer;
use crate::report::{Check, KnowsNow, Message, Outcome, Participant, Phrase, Section, Show, Step, Value};
use crate::story::tls_handshake::faults::{Deed, Defence, Fault, Lie};
use crate::symmetric::aead::Nonce;
use crate::symmetric::gcm::AnyAesGcm;
use crate::tls::alert::{Alert, AlertLevel};
use crate::tls::dissect::{CLIENT, Content, Dissection, Event, SERVER};
use crate::tls::message::{HandshakeType, Message as Handshake};
use crate::tls::record::{self, ContentType, Header};
use crate::wire::{Layer, LayerId, Origin, Party, ReadError, Reader, Span};

/// What was broken, and who noticed.
pub(in crate::story::tls_handshake) struct Broken {
    pub(in crate::story::tls_handshake) fault: &'static Fault,
    /// Who noticed.
    pub(in crate::story::tls_handshake) by: Party,
    /// What that one says of it.
    pub(in crate::story::tls_handshake) words: String,
    /// What it looked at, in a word, and the standard that wants that.
    pub(in crate::story::tls_handshake) check: (&'static str, &'static str),
    /// All bytes that the other end sent, as they left it.
    pub(in crate::story::tls_handshake) said: Vec<u8>,
}

/// What Mallory did, as the bytes at both ends show it.
pub(super) struct Change {
    /// The step in which she did it.
    step: u8,
    shows: Vec<Show>,
    /// Which field she altered, and what it says since.
    altered: Option<(Span, String)>,
    /// The page that the client would have taken for the server's.
    page: Phrase,
}

/// The alert with which `by` ended the conversation.
pub(in crate::story::tls_handshake) fn refusal(
    dissection: &Dissection,
    by: Party,
) -> Option<(&Event, Alert)> {
    dissection.events.iter().rev().find_map(|event| match event.content {
        Content::Alert(alert) if event.from == by && alert.level == AlertLevel::FATAL => Some((event, alert)),
        _ => None,
    })
}

impl Teller {
    pub(super) fn what_is_broken(&self) -> String {
        let Some(Broken { fault, by, .. }) = &self.view.broken else { return String::new() };
        let ends = match fault.deed {
            Deed::Issue(_) => "Client and server are as they always are; only the certificate is not.",
            Deed::Lie(_) => "The client is as it always is; the server is led by hand, and lies.",
            Deed::Meddle(_) => "Client and server are as they always are, and know nothing of her.",
        };
        format!(
            "{} {ends} All of it happened, over a real connection on 127.0.0.1, and is told as the {by} heard it. \
             Who notices, and by what?",
            fault.sentence
        )
    }

    /// The alert that ended it has a place of its own.
    pub(super) fn is_refusal(&self, event: &Event) -> bool {
        let broken = self.view.broken.as_ref();
        let refusal = broken.and_then(|broken| refusal(&self.d, broken.by));
        refusal.is_some_and(|(refusal, _)| std::ptr::eq(refusal, event))
    }

    /// Of a broken run those are shown of whom something is to be learned.
    pub(super) fn those_who_matter(&self, all: [Participant; 3]) -> Vec<Participant> {
        match self.view.broken.as_ref().map(|broken| &broken.fault.deed) {
            Some(Deed::Meddle(_)) => vec![Participant { party: MALLORY, holds: Vec::new() }],
            Some(_) => all.into_iter().take(2).collect(),
            None => all.into(),
        }
    }

    /// Brief, but for the step in which somebody meddles and the one where it ends.
    pub(super) fn in_short(&self, mut steps: Vec<Step>) -> Vec<Step> {
        let Some(broken) = &self.view.broken else { return steps };
        let last = steps.len().saturating_sub(1);
        for (i, step) in steps.iter_mut().enumerate() {
            step.claims.clear();
            let change = self.change.as_ref().filter(|change| change.step == step.number);
            if i < last && change.is_none() {
                step.prose = self.all_yes(step).into();
                step.shows.retain(|show| matches!(show, Show::Message(_)));
                for show in &mut step.shows {
                    if let Show::Message(message) = show {
                        message.folded = true;
                    }
                }
            }
            if let Some(change) = change {
                for show in &mut step.shows {
                    if let (Show::Message(message), Some(altered)) = (show, &change.altered) {
                        message.meanings.push(altered.clone());
                    }
                }
                step.shows.push(Show::Gap);
                step.shows.extend(change.shows.iter().cloned());
            }
            if i == last && step.number == 5 {
                self.end_of_the_transition(broken, step);
            }
            step.knows_now = match &step.knows_now {
                KnowsNow::Sentence(sentence) if i == last => KnowsNow::Sentence(sentence.clone()),
                _ if i == last && self.is_told_who_knows() => KnowsNow::Table,
                _ => KnowsNow::Untold,
            };
        }
        steps
    }

    /// Whether something is learned from who knows what: what Mallory knew, or a thief.
    fn is_told_who_knows(&self) -> bool {
        let deed = self.view.broken.as_ref().map(|broken| &broken.fault.deed);
        matches!(deed, Some(Deed::Meddle(_) | Deed::Lie(Lie::StolenCertificate)))
    }

    /// Where the change of keys goes wrong, the two have other keys, or one of them proves another thing.
    fn end_of_the_transition(&self, broken: &Broken, step: &mut Step) {
        let due = match broken.by {
            CLIENT => &self.d.schedule.server_verify_data,
            _ => &self.d.schedule.client_verify_data,
        };
        let other = if broken.by == CLIENT { SERVER } else { CLIENT };
        match due {
            Some((due, false)) => {
                let row = Value::new(due).named("verify_data, due").means("what it would have to be");
                step.shows.extend([Show::Gap, Show::Value(row)]);
                let said = self.d.handshake(other, HandshakeType::FINISHED);
                let said = said.and_then(|event| {
                    let said = self.layers().find_below(event.message.layer, event.field, "verify_data")?;
                    Some(event.message.layer.span(said.field().range()))
                });
                if let Some(said) = said {
                    for show in &mut step.shows {
                        if let Show::Message(message) = show {
                            message.meanings.retain(|(of, _)| *of != said);
                            message.meanings.push((said.clone(), "not what is due: see below".into()));
                        }
                    }
                    step.shows
                        .push(Show::Value(Value::new(&said).named("verify_data, heard").means("what came")));
                }
            }
            _ => {
                step.prose = format!(
                    "Each side computes keys from what it has and from what it heard; here are those of the {}. What \
                     the {other} sealed does not open with them.",
                    broken.by
                );
            }
        }
    }

    /// Whether this is the record whose tag gave it away.
    pub(super) fn does_not_fit(&self, event: &Event) -> bool {
        let broken = self.view.broken.as_ref();
        broken.is_some_and(|broken| broken.check.0 == "tag" && broken.by != event.from)
    }

    /// What there is to say in brief of a step in which questions were put.
    fn all_yes(&self, step: &Step) -> &'static str {
        let asked = step.shows.iter().any(|show| matches!(show, Show::Check(_)));
        let yes = self.view.judgements.iter().all(|judgement| judgement.answer == Answer::Holds);
        if asked && yes { "The client puts its five questions, and all are answered with yes." } else { "" }
    }

    /// Who noticed, and what is owed to that.
    pub(super) fn caught(&self) -> Vec<Section> {
        let Some(Broken { fault, by, words, check: (check, source), .. }) = &self.view.broken else {
            return Vec::new();
        };
        let step = self.events().last().map_or(1, |(step, _)| *step);
        let mut shows = Vec::new();
        let failed = self.view.judgements.iter().find(|judgement| judgement.answer == Answer::Fails);
        let alert = refusal(&self.d, *by)
            .map(|(_, alert)| format!(" It goes no further, and answers with {}:", alert.description));
        let prose = match failed {
            Some(judgement) => {
                format!("To the question of the {} the client had to say no.", judgement.question.word())
            }
            None => format!("The {by} looks at the {check}."),
        };
        let prose = prose + &alert.unwrap_or_else(|| " There is none.".into());
        if failed.is_none() {
            shows.push(Show::Check(Check {
                outcome: Outcome::Failed,
                name: (*check).into(),
                text: words.clone().into(),
                source: (*source).into(),
            }));
            shows.push(Show::Gap);
        }
        match refusal(&self.d, *by) {
            Some((event, _)) => shows.push(Show::Message(self.refusal_message(event))),
            None => shows.push(Show::Prose(format!(
                "No alert was sent: the wire is cut, and nobody is left to hear it. To whoever reads the page the {by} \
                 reports an error, and not its end."
            ))),
        }
        let Defence { file, function, standard } = fault.defence;
        let mut without = Vec::new();
        if let Some(change) = self.change.as_ref().filter(|change| !change.page.is_empty()) {
            without.push(Show::Said { label: "the page".into(), text: change.page.clone() });
        }
        vec![
            Section { title: "Caught".into(), aside: format!("by the {by}, in step {step}"), prose, shows },
            Section {
                title: "The line of defence".into(),
                aside: standard.into(),
                prose: format!("{} (`{function}` in {file})", fault.why),
                shows: Vec::new(),
            },
            Section {
                title: "Without it".into(),
                prose: fault.without.into(),
                shows: without,
                ..Section::default()
            },
        ]
    }

    /// The alert, and of a sealed one what was opened.
    fn refusal_message(&self, event: &Event) -> Message {
        let way = if event.from == CLIENT { "client → server" } else { "client ← server" };
        let sealed = if event.sealed { ", sealed" } else { "" };
        let mut message = self.message(event).note(format!("{way}{sealed}"));
        if event.sealed {
            message.fields.retain(|span| span.layer == event.message.layer);
        }
        message
    }

    /// What Mallory did: where what the one end heard is not what the other said.
    pub(super) fn find_change(&mut self) -> Option<Change> {
        let Broken { fault, by, said, .. } = self.view.broken.as_ref()?;
        let Deed::Meddle(_) = fault.deed else { return None };
        let from = if *by == CLIENT { SERVER } else { CLIENT };
        let heard = |layer: &Layer| matches!(layer.origin, Origin::Wire { by, .. } if by == from);
        let heard: Vec<_> = self.layers().all().filter(|(_, layer)| heard(layer)).map(|(id, _)| id).collect();
        let bytes = |id: &LayerId| self.layers().get(*id).bytes();
        let mut said = records(said);
        let same =
            heard.iter().take_while(|id| said.clone().next() == Some(bytes(id)) && said.next().is_some());
        let same = same.count();
        let kept_back: Vec<_> = said.map(<[u8]>::to_vec).collect();
        let before = same.checked_sub(1).map(|before| heard[before]);
        match heard.get(same).copied() {
            Some(again) if before.is_some_and(|before| bytes(&before) == bytes(&again)) => {
                Some(self.repeated(again))
            }
            Some(altered) => Some(self.altered(from, altered, kept_back.into_iter().next()?)),
            None => Some(self.withheld(from, before?, &kept_back)),
        }
    }

    fn repeated(&self, again: LayerId) -> Change {
        let bytes = self.layers().get(again).bytes().len();
        let before = |event: &&Event| event.sealed && event.records.iter().all(|it| it.layer < again);
        let number = self.d.events.iter().filter(|event| event.from == SERVER).filter(before).count();
        let prose = format!(
            "Mallory sends these {bytes} bytes twice, and alters not one. She cannot read them, and need not. Sealed as \
             number {} of the server’s records, they come once more as number {number}.",
            number.saturating_sub(1)
        );
        let mut page = self.pages();
        page.extend(page.last().cloned());
        Change {
            step: self.step_with(again),
            shows: vec![Show::Prose(prose)],
            altered: None,
            page: self.quoted(page),
        }
    }

    fn withheld(&self, from: Party, last: LayerId, kept_back: &[Vec<u8>]) -> Change {
        let of = |record: &Vec<u8>| format!("{} of {} bytes", ContentType(record[0]), record.len());
        let records: Vec<_> = kept_back.iter().map(of).collect();
        let prose = format!(
            "Mallory passes on no more, and ends the connection. What the {from} said besides she keeps: {}.",
            records.join(", ")
        );
        Change {
            step: self.step_with(last),
            shows: vec![Show::Prose(prose)],
            altered: None,
            page: self.quoted(self.pages()),
        }
    }

    /// Adds the record as it was said, and shows what became of it.
    fn altered(&mut self, from: Party, heard: LayerId, original: Vec<u8>) -> Change {
        let event = self.d.events.iter().find(|event| event.records.iter().any(|it| it.layer == heard));
        let (at, sealed) = event.map_or((self.d.layers.now, false), |event| (event.moment, event.sealed));
        let sealed = sealed || event.is_some_and(|event| matches!(event.content, Content::Sealed(_)));
        let layers = &mut self.d.layers;
        let now = std::mem::replace(&mut layers.now, at);
        let offset = match layers.get(heard).origin {
            Origin::Wire { offset, .. } => offset,
            _ => 0,
        };
        let said = layers.heard(from, offset, "record, as it was said", original);
        layers.now = now;
        let _ = layers.read(said, |r| read_record(r, sealed));

        let (before, after) = (layers.get(said).bytes(), layers.get(heard).bytes());
        let differs = |at: &usize| before[*at] != after[*at];
        let places = 0..before.len().min(after.len());
        let first = places.clone().find(differs).unwrap_or_default();
        let end = places.rev().find(differs).map_or(first, |last| last + 1);
        let bits: u32 = (first..end).map(|at| (before[at] ^ after[at]).count_ones()).sum();
        let leaf = layers.get(heard).fields.leaves().find(|leaf| {
            let range = leaf.field().range();
            range.start <= first && end <= range.end
        });
        let (label, range) = match leaf {
            Some(leaf) if sealed => (leaf.field().label, first..end),
            Some(leaf) => (leaf.field().label, leaf.field().range()),
            None => ("bytes", first..end),
        };
        let place = leaf.map_or(0, |leaf| first - leaf.field().range().start);
        let meaning = |layer: LayerId| {
            let fields = &layers.get(layer).fields;
            let field = fields.leaves().find(|leaf| leaf.field().range() == range);
            field
                .and_then(|leaf| leaf.field().meaning.as_deref().map(str::to_owned))
                .unwrap_or_else(|| format!("byte {place} of it"))
        };
        let row = |layer: LayerId, how: &str| {
            let value = Value::new(&layer.span(range.clone())).named(format!("{label}, {how}"));
            Show::Value(value.means(meaning(layer)))
        };
        let altered = Some((heard.span(range.clone()), meaning(heard)));
        let bits = if bits == 1 { "one bit".to_owned() } else { format!("{bits} bits") };
        let prose = format!(
            "Mallory, on the way, alters {bits} of these {} bytes, at {first:04x}, and sends them on. No key is \
             needed for that.",
            after.len()
        );
        let shows = vec![Show::Prose(prose), Show::Gap, row(said, "said"), row(heard, "heard")];
        Change {
            step: self.step_with(heard),
            shows,
            altered,
            page: self.unchecked(heard).unwrap_or_default(),
        }
    }

    /// The page that the client would have read if it had not looked at the tag. In counter mode what
    /// was altered in the ciphertext is altered in the text, and nothing else is.
    fn unchecked(&mut self, heard: LayerId) -> Option<Phrase> {
        let mut pages = self.pages();
        let layers = &mut self.d.layers;
        let block = self.d.schedule.key_block.as_ref()?.layer;
        let key = layers.find(block, "key_block.server_write_key")?;
        let iv = layers.find(block, "key_block.server_write_IV")?;
        let explicit = layers.find(heard, "TLSCiphertext.nonce_explicit")?;
        let sealed = layers.find(heard, "TLSCiphertext.ciphertext")?;
        let (how, with) = ("the keystream alone, no tag looked at", [&key, &iv, &explicit]);
        let text =
            layers.open("text, unchecked", how, &sealed, with, true, |sealed, [key, iv, explicit]| {
                // What zeros are sealed to is the keystream.
                let mut keystream = vec![0; sealed.len()];
                let nonce = Nonce([iv, explicit].concat().try_into().ok()?);
                AnyAesGcm::new(key)?.seal_in_place(&nonce, &[], &mut keystream).ok()?;
                Some(sealed.iter().zip(keystream).map(|(sealed, key)| sealed ^ key).collect())
            })?;
        pages.push(text);
        Some(self.quoted(pages))
    }

    fn step_with(&self, record: LayerId) -> u8 {
        let with = |event: &Event| event.records.iter().any(|it| it.layer == record);
        self.events().into_iter().find(|(_, event)| with(event)).map_or(1, |(step, _)| step)
    }

    /// The texts one behind the other, between quotation marks, without the line feed at their end.
    fn quoted(&self, mut texts: Vec<Span>) -> Phrase {
        let Some(last) = texts.last_mut() else { return Phrase::default() };
        if self.layers().bytes(last).ends_with(b"\n") {
            last.range.end -= 1;
        }
        texts.iter().fold(Phrase::from("“"), Phrase::text).and("”")
    }

    /// Where the page lies, record by record: behind the head, and in all that follows.
    fn pages(&self) -> Vec<Span> {
        let answers =
            self.d.events.iter().filter(|it| it.from == SERVER && it.content == Content::ApplicationData);
        let mut head_is_over = false;
        let mut pages = Vec::new();
        for event in answers {
            let (span, bytes) = (&event.message, self.layers().bytes(&event.message));
            let start = match bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                _ if head_is_over => 0,
                Some(end) => end + 4,
                None => continue,
            };
            head_is_over = true;
            pages.push(span.layer.span(span.range.start + start..span.range.end));
        }
        pages
    }
}

/// A stream's whole records.
fn records(mut stream: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    std::iter::from_fn(move || {
        let &[_, _, _, high, low] = stream.first_chunk()?;
        let (record, rest) =
            stream.split_at_checked(record::HEADER + usize::from(u16::from_be_bytes([high, low])))?;
        stream = rest;
        Some(record)
    })
}

/// Names the bytes of a record: of one that is not sealed also those of the message in it.
fn read_record(r: &mut Reader, sealed: bool) -> Result<(), ReadError> {
    r.group(if sealed { "TLSCiphertext" } else { "TLSPlaintext" }, |r| {
        let header = Header::read(r)?;
        if !sealed && header.content_type == ContentType::HANDSHAKE {
            return Handshake::read(r).map(drop);
        }
        r.rest("fragment");
        Ok(())
    })
}
