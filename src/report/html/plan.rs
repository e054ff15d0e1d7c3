//! What stands where on the page, before anything is set: every message once, every value, and what was
//! made on the way. So a link can be set before that to which it leads.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::report::{Bytes, Check, Line, Lines, Message, Report, Show, Spoken, Value};
use crate::wire::{LayerId, Layers, Origin, Span};

/// How many lines the messages have together, and how many there are besides. A handshake with a chain
/// of four certificates has a thousand; more are an attacker's list of names.
const MOST_IN_MESSAGES: usize = 4000;
const MOST_ON_THE_WAY: usize = 1000;

/// A field by its place in the page: its layer, and which of its fields, or the layer itself.
pub(super) type Id = (LayerId, Option<usize>);

/// A part of a step.
#[derive(Debug)]
pub(super) enum Block<'a> {
    /// A message with its fields, and how many more there are that find no room.
    Message { number: usize, message: &'a Message, spoken: Option<&'a Spoken>, lines: Vec<Line>, more: usize },
    /// Values, and those of them that were made from others.
    Values { lines: Vec<Line>, made: Vec<&'a Span> },
    /// Questions that were put.
    Checks(Vec<&'a Check>),
    /// What needs no plan.
    Show(&'a Show),
    /// What was computed on the way, and shown nowhere else.
    OnTheWay(Vec<Line>),
}

/// The page, planned.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// The blocks of each step.
    pub(super) steps: Vec<Vec<Block<'a>>>,
    /// The blocks of each closing section.
    pub(super) closing: Vec<Vec<Block<'a>>>,
    /// Every field that has a line.
    ids: HashSet<Id>,
    /// The first of them in each layer.
    first: HashMap<LayerId, Id>,
    /// Which message shows a layer that was opened from it.
    opened: HashMap<LayerId, usize>,
    conversation: &'a [Spoken],
}

impl<'a> Plan<'a> {
    pub(super) fn new(report: &'a Report, lines: &Lines<'a>) -> Self {
        let mut plan = Self { conversation: &report.conversation, ..Self::default() };
        let mut planner = Planner {
            report,
            lines,
            told: vec![false; report.conversation.len()],
            next: report.conversation.len(),
            room: MOST_IN_MESSAGES,
        };
        for step in &report.steps {
            let mut blocks = planner.blocks(&step.shows, step.number);
            planner.rest(step.number, &mut blocks);
            plan.add(report, blocks, true);
        }
        for section in &report.closing {
            let blocks = planner.blocks(&section.shows, u8::MAX);
            plan.add(report, blocks, false);
        }
        plan.add_on_the_way(report, lines);
        plan
    }

    fn add(&mut self, report: &Report, blocks: Vec<Block<'a>>, step: bool) {
        for block in &blocks {
            if let Block::Message { number, lines, .. } = block {
                for line in lines {
                    let layer = line.whole.layer;
                    if matches!(report.layers.get(layer).origin, Origin::Opened { .. }) {
                        self.opened.entry(layer).or_insert(*number);
                    }
                }
            }
            if let Block::Message { lines, .. } | Block::Values { lines, .. } = block {
                let is_apart = |line: &&Line| is_apart(line, &report.layers);
                lines.iter().filter(|line| !is_apart(line)).for_each(|line| self.note(line));
            }
        }
        if step { &mut self.steps } else { &mut self.closing }.push(blocks);
    }

    fn note(&mut self, line: &Line) {
        let id = id_of(line);
        self.ids.insert(id);
        self.first.entry(id.0).or_insert(id);
    }

    /// Each layer that has no line yet goes to the step in which it came to be; what somebody had
    /// beforehand, to that in which it is first used.
    fn add_on_the_way(&mut self, report: &Report, lines: &Lines<'a>) {
        let mut room = MOST_ON_THE_WAY;
        let mut of: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
        for (layer, it) in report.layers.all() {
            let whole = report.layers.whole(layer);
            let first_use = || lines.first_use(&whole);
            let at = if let Origin::Given { .. } = it.origin { first_use().unwrap_or(it.at) } else { it.at };
            let Some(step) = report.steps.iter().position(|step| at <= step.until) else { continue };
            if whole.range.is_empty() {
                continue;
            }
            let mut fresh = lines.fields(&whole, report.steps[step].number);
            if !fresh.iter().any(|line| !line.group && self.is_fresh(line)) {
                continue;
            }
            // What has its line elsewhere is left away, and so are the groups around it.
            let shown: Vec<_> =
                fresh.iter().filter(|line| !self.is_fresh(line)).map(|line| line.whole.clone()).collect();
            fresh.retain(|line| !shown.iter().any(|shown| line.whole.covers(shown)));
            if fresh.len() <= room {
                room -= fresh.len();
                fresh.iter().for_each(|line| self.note(line));
                of.entry(step).or_default().extend(fresh);
            }
        }
        for (step, lines) in of {
            self.steps[step].push(Block::OnTheWay(lines));
        }
    }

    fn is_fresh(&self, line: &Line) -> bool {
        !line.whole.range.is_empty() && !self.ids.contains(&id_of(line))
    }

    /// The messages of a step, each with its number.
    pub(super) fn spoken_in(&self, step: u8) -> impl Iterator<Item = (usize, &'a Spoken)> {
        self.conversation.iter().enumerate().filter(move |(_, spoken)| spoken.step == step)
    }

    /// The message that shows a layer which was opened from it.
    pub(super) fn shows_opened(&self, layer: LayerId) -> Option<(usize, &'a Spoken)> {
        let number = *self.opened.get(&layer)?;
        Some((number, self.conversation.get(number)?))
    }

    /// The line to which a link to this place leads.
    pub(super) fn place(&self, id: Id) -> Option<Id> {
        self.ids.contains(&id).then_some(id).or_else(|| self.first.get(&id.0).copied())
    }
}

pub(super) fn id_of(line: &Line) -> Id {
    line.id.map_or((line.whole.layer, None), |(layer, field)| (layer, Some(field)))
}

/// Whether it is a value that no field names, in a layer that has fields: several keys at once.
pub(super) fn is_apart(line: &Line, layers: &Layers) -> bool {
    line.id.is_none() && !layers.get(line.whole.layer).fields.all().is_empty()
}

struct Planner<'a, 'l> {
    report: &'a Report,
    lines: &'l Lines<'a>,
    /// Which messages of the conversation have their place.
    told: Vec<bool>,
    /// The number of the next message that is not of the conversation.
    next: usize,
    /// How many more lines messages may have.
    room: usize,
}

impl<'a> Planner<'a, '_> {
    fn blocks(&mut self, shows: &'a [Show], step: u8) -> Vec<Block<'a>> {
        let mut blocks: Vec<Block<'a>> = Vec::new();
        // Values of a run stand in one list; a pause does not end it.
        for show in shows.iter().filter(|show| !matches!(show, Show::Gap)) {
            match (show, blocks.last_mut()) {
                (Show::Message(message), _) => self.message(message, step, &mut blocks),
                (Show::Check(check), Some(Block::Checks(checks))) => checks.push(check),
                (Show::Check(check), _) => blocks.push(Block::Checks(vec![check])),
                (Show::Value(_) | Show::Made(_), Some(Block::Values { lines, made })) => {
                    self.value(show, step, lines, made);
                }
                (Show::Value(_) | Show::Made(_), _) => {
                    let (mut lines, mut made) = (Vec::new(), Vec::new());
                    self.value(show, step, &mut lines, &mut made);
                    blocks.push(Block::Values { lines, made });
                }
                _ => blocks.push(Block::Show(show)),
            }
        }
        blocks
    }

    /// A message of the story: the whole of it, after those before it that the story passed over.
    fn message(&mut self, message: &'a Message, step: u8, blocks: &mut Vec<Block<'a>>) {
        let conversation = &self.report.conversation;
        let mut spoken = conversation.iter().enumerate();
        let found = spoken.position(|(i, spoken)| !self.told[i] && spoken.is(message, step));
        let Some(found) = found else {
            let mut lines = self.lines.message(message, step, Bytes::Full);
            let more = self.make_room(&mut lines);
            blocks.push(Block::Message { number: self.next, message, spoken: None, lines, more });
            self.next += 1;
            return;
        };
        for number in 0..found {
            self.spoken(number, step, &[], blocks);
        }
        self.spoken(found, step, &message.meanings, blocks);
    }

    /// The messages of a step that its story did not show.
    fn rest(&mut self, step: u8, blocks: &mut Vec<Block<'a>>) {
        for number in 0..self.told.len() {
            self.spoken(number, step, &[], blocks);
        }
    }

    /// A message of the conversation, unless it has its place. `meanings`: what the story says of it.
    fn spoken(&mut self, number: usize, step: u8, meanings: &[(Span, String)], blocks: &mut Vec<Block<'a>>) {
        let spoken = &self.report.conversation[number];
        if spoken.step != step || std::mem::replace(&mut self.told[number], true) {
            return;
        }
        let message = &spoken.message;
        let mut lines = self.lines.message(&spoken.told(meanings), step, Bytes::Full);
        lines.extend(spoken.keystream.iter().flat_map(|keystream| self.lines.fields(keystream, step)));
        let more = self.make_room(&mut lines);
        blocks.push(Block::Message { number, message, spoken: Some(spoken), lines, more });
    }

    /// Cuts off what finds no room, and says how much that is.
    fn make_room(&mut self, lines: &mut Vec<Line>) -> usize {
        let more = lines.len().saturating_sub(self.room);
        lines.truncate(self.room);
        self.room -= lines.len();
        more
    }

    fn value(&self, show: &'a Show, step: u8, lines: &mut Vec<Line>, made: &mut Vec<&'a Span>) {
        match show {
            Show::Value(value) => {
                let line = self.lines.value(value, step);
                let stands = |other: &Line| {
                    id_of(other) == id_of(&line)
                        && (&other.name, &other.meaning) == (&line.name, &line.meaning)
                };
                // Several fields at once, each of which has its line already.
                let parts = self.lines.fields(&line.whole, step);
                let is_there = |part: &Line| lines.iter().any(|other| id_of(other) == id_of(part));
                let told = is_apart(&line, &self.report.layers) && parts.iter().all(is_there);
                if !told && !lines.iter().any(stands) {
                    lines.extend(self.with_parts(line, step));
                }
            }
            Show::Made(span) => {
                made.push(span);
                let computed = |span: &&Span| {
                    matches!(self.report.layers.get(span.layer).origin, Origin::Computed { .. })
                };
                for span in self.lines.ingredients(span).into_iter().filter(computed).chain([span]) {
                    let line = self.lines.value(&Value::new(span), step);
                    if !lines.iter().any(|other| id_of(other) == id_of(&line)) {
                        lines.extend(self.with_parts(line, step));
                    }
                }
            }
            _ => {}
        }
    }

    /// A value and the fields in it.
    fn with_parts(&self, mut line: Line, step: u8) -> Vec<Line> {
        let mut parts = self.lines.fields(&line.whole, step).into_iter();
        match parts.next() {
            Some(first) if id_of(&first) == id_of(&line) => {
                line.depth = first.depth;
                [line].into_iter().chain(parts).collect()
            }
            _ => {
                line.depth = 1;
                vec![line]
            }
        }
    }
}
