//! A run that was broken on purpose: brief until somebody meddles, in full there and where it was caught,
//! and then who noticed, by what, and what is owed to that.

use super::{MALLORY, Teller};
use crate::pki::validation::Answer;
use crate::report::{Check, KnowsNow, Message, Outcome, Participant, Section, Show, Step, Value};
use crate::story::tls_handshake::faults::{Deed, Defence, Fault, Lie};
use crate::tls::CipherSuite;
use crate::tls::alert::{Alert, AlertLevel};
use crate::tls::dissect::{CLIENT, Content, Dissection, Event, SERVER};
use crate::tls::message::HandshakeType;
use crate::tls::suite::Mode;
use crate::wire::{Party, Span};

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
        let Some((due, false)) = due else {
            step.prose = format!(
                "Each side computes keys from what it has and from what it heard; here are those of the {}. What the \
                 {other} sealed does not open with them.",
                broken.by
            );
            return;
        };
        let Some(heard) = self.verify_data(other) else { return };
        for show in &mut step.shows {
            if let Show::Message(message) = show {
                message.meanings.retain(|(of, _)| *of != heard);
                message.meanings.push((heard.clone(), "not what is due: see below".into()));
            }
        }
        let due = Value::new(due).named("verify_data, due").means("what it would have to be");
        let heard = Value::new(&heard).named("verify_data, heard").means("what came");
        step.shows.extend([Show::Gap, Show::Value(due), Show::Value(heard)]);
    }

    /// What the Finished of this side says.
    fn verify_data(&self, of: Party) -> Option<Span> {
        let finished = self.d.handshake(of, HandshakeType::FINISHED)?;
        let said = self.layers().find_below(finished.message.layer, finished.field, "verify_data")?;
        Some(finished.message.layer.span(said.field().range()))
    }

    /// Whether this is the record whose tag or MAC gave it away.
    pub(super) fn does_not_fit(&self, event: &Event) -> bool {
        let broken = self.view.broken.as_ref();
        broken.is_some_and(|broken| ["tag", "MAC"].contains(&broken.check.0) && broken.by != event.from)
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
            None if alert.is_none() => format!("The {by} looks for a {check}, and there is none."),
            None => format!("The {by} looks at the {check}."),
        };
        let prose = prose + &alert.unwrap_or_default();
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
        let parameters = self.d.cipher_suite().and_then(CipherSuite::parameters);
        let mode = parameters.map_or(Mode::Gcm, |parameters| parameters.mode);
        let Defence { file, function, standard } = fault.defence_in(mode);
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
}
