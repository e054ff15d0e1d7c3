//! From segments to what each side said (RFC 9293 §3.10.7.4): in order, each byte once.
//!
//! Segments come late, twice, overlapping and in the wrong order. A byte is delivered when all before
//! it are there, and when its sender had heard no more than was delivered from the other side: the
//! acknowledgement tells what it had heard. So the two sides stay in the order in which they spoke,
//! though a capture may show an answer before its question.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::story::dissect::segment::Segment;

/// One end, and what it said.
#[derive(Debug, Default)]
struct Side<'a> {
    /// The number of its first byte.
    first: u32,
    /// How many bytes were delivered.
    delivered: u64,
    /// What waits for a byte before it, by place.
    waiting: BTreeMap<u64, Waiting<'a>>,
    /// How many bytes were never captured, though the packets that held them were.
    cut: u64,
}

#[derive(Clone, Copy, Debug)]
struct Waiting<'a> {
    bytes: &'a [u8],
    /// How many bytes of the other side its sender had heard.
    heard: u64,
    /// Its turn in the capture.
    turn: usize,
}

/// A run of bytes, delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run<'a> {
    /// Whether the one said it who sent the connection's first segment.
    pub(super) forth: bool,
    pub(super) at: Duration,
    pub(super) bytes: &'a [u8],
}

/// What a side said that the capture lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap {
    /// How many bytes were there before it.
    pub(super) before: u64,
    /// How many bytes are missing.
    pub(super) missing: u64,
    /// How many bytes behind the gap were captured, and are of no use.
    pub(super) behind: u64,
    /// Whether packets were captured in part only.
    pub(super) cut: bool,
}

/// Puts the segments of one connection in order. The gaps are those of the side that began, and of the
/// other.
pub(super) fn reassemble<'a>(segments: &[&Segment<'a>]) -> (Vec<Run<'a>>, [Option<Gap>; 2]) {
    let mut sides = [true, false].map(|forth| Side { first: first(segments, forth), ..Side::default() });
    let mut runs = Vec::new();
    let mut now = Duration::ZERO;
    for (turn, &segment) in segments.iter().enumerate() {
        now = segment.at;
        accept(&mut sides, segment, turn);
        deliver(&mut sides, &mut runs, now, false);
    }
    // What waits for something that the capture does not have: in the order of the capture.
    deliver(&mut sides, &mut runs, now, true);
    (runs, sides.map(|side| side.gap()))
}

/// The number of a side's first byte: the SYN has the one before it (§3.4). Where none was captured it is
/// the lowest that was, or what the other side wants.
fn first(segments: &[&Segment], forth: bool) -> u32 {
    let own = || segments.iter().filter(|segment| segment.forth == forth);
    if let Some(syn) = own().find(|segment| segment.syn) {
        return syn.sequence.wrapping_add(1);
    }
    let said = own().filter(|segment| !segment.payload.is_empty()).map(|segment| segment.sequence);
    let lowest = said.reduce(|lowest, number| {
        let below = lowest.wrapping_sub(number);
        if (1..=REORDERED).contains(&below) { number } else { lowest }
    });
    let wanted = || segments.iter().filter(|segment| segment.forth != forth).find_map(|s| s.acknowledged);
    lowest.or_else(wanted).unwrap_or(0)
}

/// How far behind another a segment may come that belongs before it.
const REORDERED: u32 = 1 << 20;

/// Whose place in `sides` it is.
fn place(forth: bool) -> usize {
    usize::from(!forth)
}

fn accept<'a>(sides: &mut [Side<'a>; 2], segment: &Segment<'a>, turn: usize) {
    let (me, peer) = (place(segment.forth), place(!segment.forth));
    // A SYN takes a number of its own (§3.4).
    let number = segment.sequence.wrapping_add(segment.syn.into());
    let heard = segment.acknowledged.and_then(|number| sides[peer].at(number)).unwrap_or(0);
    let mine = &mut sides[me];
    mine.cut += segment.cut as u64;
    let (mut bytes, mut start) = (segment.payload, mine.at(number));
    if start.is_none() {
        // It begins before the first byte, or the last delivered: what is old of it goes.
        let old = mine.number().wrapping_sub(number) as usize;
        bytes = bytes.get(old..).unwrap_or_default();
        start = Some(mine.delivered);
    }
    let Some(start) = start.filter(|_| !bytes.is_empty()) else { return };
    let waiting = Waiting { bytes, heard, turn };
    // Of two that begin at one place the first is believed, the longer one only for what it has more.
    let slot = mine.waiting.entry(start).or_insert(waiting);
    if slot.bytes.len() < bytes.len() && slot.bytes == &bytes[..slot.bytes.len()] {
        slot.bytes = bytes;
    }
}

fn deliver<'a>(sides: &mut [Side<'a>; 2], runs: &mut Vec<Run<'a>>, at: Duration, at_last: bool) {
    loop {
        let ready = [0, 1].map(|me| sides[me].ready());
        let fits =
            |me: usize| ready[me].filter(|waiting| at_last || waiting.heard <= sides[1 - me].delivered);
        let me = match (fits(0), fits(1)) {
            (Some(a), Some(b)) => usize::from(b.turn < a.turn),
            (Some(_), None) => 0,
            (None, Some(_)) => 1,
            (None, None) => break,
        };
        if let Some(bytes) = sides[me].take() {
            runs.push(Run { forth: me == 0, at, bytes });
        }
    }
}

impl<'a> Side<'a> {
    /// The number of the next byte to be delivered.
    fn number(&self) -> u32 {
        self.first.wrapping_add(self.delivered as u32)
    }

    /// The place of the byte with this number, if it is not one delivered before. Numbers run round at
    /// 2³²: what is less than half of that ahead is ahead (§3.4).
    fn at(&self, number: u32) -> Option<u64> {
        let ahead = number.wrapping_sub(self.number());
        (ahead < 1 << 31).then(|| self.delivered + u64::from(ahead))
    }

    /// The first of what waits, if all before it is there.
    fn ready(&self) -> Option<Waiting<'a>> {
        let (&start, waiting) = self.waiting.first_key_value()?;
        (start <= self.delivered).then_some(*waiting)
    }

    /// What is new in the first of what waits.
    fn take(&mut self) -> Option<&'a [u8]> {
        let (start, waiting) = self.waiting.pop_first()?;
        let bytes =
            waiting.bytes.get((self.delivered - start) as usize..).filter(|bytes| !bytes.is_empty())?;
        self.delivered += bytes.len() as u64;
        Some(bytes)
    }

    fn gap(&self) -> Option<Gap> {
        let (&start, _) = self.waiting.first_key_value()?;
        let behind = self.waiting.values().map(|waiting| waiting.bytes.len() as u64).sum();
        let (before, missing) = (self.delivered, start - self.delivered);
        Some(Gap { before, missing, behind, cut: self.cut > 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Said = Vec<(bool, Vec<u8>)>;

    /// `(forth, sequence, acknowledged, payload)`, the first numbers being 100 and 500.
    fn runs(segments: &[(bool, u32, u32, &'static [u8])]) -> (Said, [Option<Gap>; 2]) {
        let segments: Vec<_> = segments
            .iter()
            .map(|&(forth, sequence, acknowledged, payload)| Segment {
                stream: 0,
                forth,
                at: Duration::ZERO,
                sequence,
                acknowledged: Some(acknowledged),
                syn: false,
                payload,
                cut: 0,
            })
            .collect();
        let (runs, gaps) = reassemble(&segments.iter().collect::<Vec<_>>());
        (runs.iter().map(|run| (run.forth, run.bytes.to_vec())).collect(), gaps)
    }

    #[test]
    fn late_repeated_and_overlapping_segments_give_each_byte_once() {
        let (runs, gaps) = runs(&[
            (true, 100, 500, b"ab"),
            (true, 104, 500, b"ef"),
            (true, 100, 500, b"ab"),
            (true, 101, 500, b"bcd"),
            (true, 103, 500, b"defg"),
        ]);
        assert_eq!((text(runs), gaps), (b"abcdefg".to_vec(), [None, None]));
    }

    #[test]
    fn an_answer_that_was_captured_before_its_question_comes_after_it() {
        let (runs, gaps) = runs(&[
            (true, 100, 500, b""),
            (false, 500, 102, b"yes"),
            (true, 100, 500, b"ok"),
            (true, 102, 503, b"!"),
        ]);
        let expected = [(true, b"ok".to_vec()), (false, b"yes".to_vec()), (true, b"!".to_vec())];
        assert_eq!((runs.as_slice(), gaps), (expected.as_slice(), [None, None]));
    }

    #[test]
    fn numbers_run_round() {
        let (runs, gaps) = runs(&[(true, u32::MAX - 1, 9, b"abc"), (true, 1, 9, b"d")]);
        assert_eq!(text(runs), b"abcd");
        assert_eq!(gaps, [None, None]);
    }

    #[test]
    fn a_segment_that_is_missing_is_a_gap() {
        let (runs, gaps) = runs(&[(true, 100, 500, b"ab"), (true, 107, 500, b"cde")]);
        assert_eq!(text(runs), b"ab");
        let gap = Gap { before: 2, missing: 5, behind: 3, cut: false };
        assert_eq!(gaps, [Some(gap), None]);
    }

    fn text(said: Said) -> Vec<u8> {
        said.into_iter().flat_map(|(_, bytes)| bytes).collect()
    }
}
