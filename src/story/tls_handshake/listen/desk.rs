//! Where connections that are over wait to be told, so that no connection waits for a slow reader.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long it is after one word about an [`Overload`], or about one who said nothing, until the next: a
/// flood of connections shall not become a flood of lines.
const PAUSE: Duration = Duration::from_secs(10);

/// What happened to connections that are told in sums alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overload {
    /// How many were refused: all places were taken, or the machine had none to give.
    pub refused: u64,
    /// How many were served, and will not be told: too many waited for that already.
    pub untold: u64,
    /// How many ended before one byte came from them, soon after another such one was told.
    pub silent: u64,
}

impl fmt::Display for Overload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections =
            |count| if count == 1 { "1 connection".into() } else { format!("{count} connections") };
        let parts = [
            (self.refused, "refused ", ": there was no place for more"),
            (self.untold, "left ", " untold, served as they were: too many wait to be told"),
            (self.silent, "", " more ended without a word from the client"),
        ];
        let said = parts.into_iter().filter(|(count, ..)| *count > 0);
        let said: Vec<_> =
            said.map(|(count, before, after)| format!("{before}{}{after}", connections(count))).collect();
        f.write_str(&said.join("; "))
    }
}

/// What is taken from the desk.
#[derive(Debug)]
pub(super) enum News<T> {
    Over(T),
    Overload(Overload),
}

/// A queue of bounded length, into which one can put at any time.
#[derive(Debug)]
pub(super) struct Desk<T> {
    most: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    overload: Overload,
    /// When an overload was last spoken of.
    spoke: Option<Instant>,
    /// When one who had said nothing was last spoken of.
    spoke_of_silence: Option<Instant>,
    /// Nothing more will come, and why.
    end: Option<io::Error>,
}

impl<T> Desk<T> {
    /// One on which at most so many lie.
    pub(super) fn new(most: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            overload: Overload::default(),
            spoke: None,
            spoke_of_silence: None,
            end: None,
        };
        Self { most, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// A connection is over. If nothing came of it, and another such one was told just before, it is
    /// counted.
    pub(super) fn put(&self, over: T, silent: bool) {
        self.change(|state| {
            if silent && (state.overload.silent > 0 || !left(state.spoke_of_silence).is_zero()) {
                state.overload.silent += 1;
                return;
            }
            if silent {
                state.spoke_of_silence = Some(Instant::now());
            }
            if state.waiting.len() < self.most {
                state.waiting.push_back(over);
            } else {
                state.overload.untold += 1;
            }
        });
    }

    /// There was no place for a connection.
    pub(super) fn refused(&self) {
        self.change(|state| state.overload.refused += 1);
    }

    /// No more connections will come.
    pub(super) fn end(&self, why: io::Error) {
        self.change(|state| state.end = Some(why));
    }

    /// Waits for the next thing to tell.
    pub(super) fn next(&self) -> io::Result<News<T>> {
        let mut state = self.lock();
        loop {
            let Overload { refused, untold, silent } = state.overload;
            let due = [
                (refused + untold > 0).then(|| left(state.spoke)),
                (silent > 0).then(|| left(state.spoke_of_silence)),
            ];
            let pause = due.into_iter().flatten().min();
            if pause.is_some_and(|pause| pause.is_zero()) {
                let now = Some(Instant::now());
                (state.spoke, state.spoke_of_silence) =
                    (now, if silent > 0 { now } else { state.spoke_of_silence });
                return Ok(News::Overload(std::mem::take(&mut state.overload)));
            }
            if let Some(over) = state.waiting.pop_front() {
                return Ok(News::Over(over));
            }
            if let Some(why) = state.end.take() {
                return Err(why);
            }
            state = match pause {
                Some(pause) => {
                    self.changed.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn change(&self, change: impl FnOnce(&mut State<T>)) {
        change(&mut self.lock());
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of the pause is left after a word that was said then.
fn left(spoke: Option<Instant>) -> Duration {
    spoke.map_or(Duration::ZERO, |spoke| PAUSE.saturating_sub(spoke.elapsed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(desk: &Desk<u8>) -> Result<u8, Overload> {
        match desk.next().unwrap() {
            News::Over(over) => Ok(over),
            News::Overload(overload) => Err(overload),
        }
    }

    #[test]
    fn what_has_no_room_is_counted_and_dropped() {
        let desk = Desk::new(2);
        (1..=5).for_each(|over| desk.put(over, false));
        assert_eq!(taken(&desk), Err(Overload { untold: 3, ..Overload::default() }));
        assert_eq!([taken(&desk), taken(&desk)], [Ok(1), Ok(2)]);
        desk.put(6, false);
        assert_eq!(taken(&desk), Ok(6));
    }

    #[test]
    fn a_flood_is_one_line_and_no_more_for_a_while() {
        let desk = Desk::new(9);
        (0..1000).for_each(|_| desk.refused());
        assert_eq!(taken(&desk), Err(Overload { refused: 1000, ..Overload::default() }));
        (0..500).for_each(|_| desk.refused());
        desk.put(1, false);
        assert_eq!(taken(&desk), Ok(1), "the pause is not over");
        desk.lock().spoke = Instant::now().checked_sub(PAUSE);
        assert_eq!(taken(&desk), Err(Overload { refused: 500, ..Overload::default() }));
    }

    #[test]
    fn of_those_who_say_nothing_one_is_told_and_the_others_are_counted() {
        let desk = Desk::new(9);
        (1..=100).for_each(|over| desk.put(over, true));
        desk.put(101, false);
        assert_eq!([taken(&desk), taken(&desk)], [Ok(1), Ok(101)], "the pause is not over");
        desk.lock().spoke_of_silence = Instant::now().checked_sub(PAUSE);
        desk.put(102, true);
        assert_eq!(taken(&desk), Err(Overload { silent: 100, ..Overload::default() }));
        desk.put(103, true);
        desk.lock().spoke_of_silence = Instant::now().checked_sub(PAUSE);
        assert_eq!(taken(&desk), Err(Overload { silent: 1, ..Overload::default() }));
        desk.lock().spoke_of_silence = Instant::now().checked_sub(PAUSE);
        desk.put(104, true);
        assert_eq!(taken(&desk), Ok(104));
    }

    #[test]
    fn what_waits_is_told_before_the_end() {
        let desk = Desk::new(9);
        desk.put(1, false);
        desk.end(io::ErrorKind::AddrNotAvailable.into());
        assert_eq!(taken(&desk), Ok(1));
        assert_eq!(desk.next().unwrap_err().kind(), io::ErrorKind::AddrNotAvailable);
    }

    #[test]
    fn an_overload_is_said_in_a_sentence() {
        let said = |refused, untold, silent| Overload { refused, untold, silent }.to_string();
        assert_eq!(said(0, 0, 7), "7 connections more ended without a word from the client");
        assert_eq!(said(1, 0, 0), "refused 1 connection: there was no place for more");
        let both = said(2, 3, 0);
        assert!(both.starts_with("refused 2 connections: ") && both.contains("; left 3 connections untold"));
    }
}
