//! Where connections that are over wait to be told, so that no connection waits for a slow reader.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long it is after one word about an [`Overload`] until the next: a flood of connections shall not
/// become a flood of lines.
const PAUSE: Duration = Duration::from_secs(10);

/// What happened to connections for which there was no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overload {
    /// How many were refused: all places were taken, or the machine had none to give.
    pub refused: u64,
    /// How many were served, and will not be told: too many waited for that already.
    pub untold: u64,
}

impl fmt::Display for Overload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections =
            |count| if count == 1 { "1 connection".into() } else { format!("{count} connections") };
        let refused = format!("refused {}: there was no place for more", connections(self.refused));
        let untold = format!(
            "left {} untold, served as they were: too many wait to be told",
            connections(self.untold)
        );
        match self {
            Self { untold: 0, .. } => f.write_str(&refused),
            Self { refused: 0, .. } => f.write_str(&untold),
            _ => write!(f, "{refused}; {untold}"),
        }
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
    /// Nothing more will come, and why.
    end: Option<io::Error>,
}

impl<T> Desk<T> {
    /// One on which at most so many lie.
    pub(super) fn new(most: usize) -> Self {
        let state = State { waiting: VecDeque::new(), overload: Overload::default(), spoke: None, end: None };
        Self { most, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// A connection is over.
    pub(super) fn put(&self, over: T) {
        self.change(|state| {
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
            let pause = state.spoke.map_or(Duration::ZERO, |spoke| PAUSE.saturating_sub(spoke.elapsed()));
            let overloaded = state.overload != Overload::default();
            if overloaded && pause.is_zero() {
                state.spoke = Some(Instant::now());
                return Ok(News::Overload(std::mem::take(&mut state.overload)));
            }
            if let Some(over) = state.waiting.pop_front() {
                return Ok(News::Over(over));
            }
            if let Some(why) = state.end.take() {
                return Err(why);
            }
            state = if overloaded {
                self.changed.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
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
        (1..=5).for_each(|over| desk.put(over));
        assert_eq!(taken(&desk), Err(Overload { refused: 0, untold: 3 }));
        assert_eq!([taken(&desk), taken(&desk)], [Ok(1), Ok(2)]);
        desk.put(6);
        assert_eq!(taken(&desk), Ok(6));
    }

    #[test]
    fn a_flood_is_one_line_and_no_more_for_a_while() {
        let desk = Desk::new(9);
        (0..1000).for_each(|_| desk.refused());
        assert_eq!(taken(&desk), Err(Overload { refused: 1000, untold: 0 }));
        (0..500).for_each(|_| desk.refused());
        desk.put(1);
        assert_eq!(taken(&desk), Ok(1), "the pause is not over");
        desk.lock().spoke = Instant::now().checked_sub(PAUSE);
        assert_eq!(taken(&desk), Err(Overload { refused: 500, untold: 0 }));
    }

    #[test]
    fn what_waits_is_told_before_the_end() {
        let desk = Desk::new(9);
        desk.put(1);
        desk.end(io::ErrorKind::AddrNotAvailable.into());
        assert_eq!(taken(&desk), Ok(1));
        assert_eq!(desk.next().unwrap_err().kind(), io::ErrorKind::AddrNotAvailable);
    }

    #[test]
    fn an_overload_is_said_in_a_sentence() {
        let said = |refused, untold| Overload { refused, untold }.to_string();
        assert_eq!(said(1, 0), "refused 1 connection: there was no place for more");
        let both = said(2, 3);
        assert!(both.starts_with("refused 2 connections: ") && both.contains("; left 3 connections untold"));
    }
}
