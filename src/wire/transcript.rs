//! What crossed a stream, in order, as seen from one of its ends.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::wire::Party;

/// How many bytes of each direction are kept once the handshake is over.
pub const KEPT_AFTER_HANDSHAKE: usize = 64 * 1024;

/// How many bytes of each direction are kept in all, whoever fails to say that it is over.
pub const KEPT_AT_MOST: usize = 1024 * 1024;

/// A run of bytes in one direction. TCP's own cuts are not kept: neighbours in the same direction
/// are joined, so that the same conversation is always the same transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Who sent it.
    pub from: Party,
    /// When its first byte was seen, counted from the start.
    pub at: Duration,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// What was said, in order.
    pub chunks: Vec<Chunk>,
    /// How many bytes were said after those kept, by each party that said more.
    pub omitted: Vec<(Party, u64)>,
}

impl Transcript {
    /// All bytes that `party` said and that were kept.
    #[must_use]
    pub fn said_by(&self, party: Party) -> Vec<u8> {
        let said = self.chunks.iter().filter(|chunk| chunk.from == party);
        said.map(|chunk| chunk.bytes.as_slice()).collect::<Vec<_>>().concat()
    }

    /// Adds what `from` said at `at`.
    pub fn push(&mut self, from: Party, at: Duration, bytes: &[u8]) {
        match self.chunks.last_mut() {
            Some(last) if last.from == from => last.bytes.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.chunks.push(Chunk { from, at, bytes: bytes.to_vec() }),
        }
    }

    fn omit(&mut self, from: Party, count: usize) {
        match self.omitted.iter_mut().find(|(party, _)| *party == from) {
            Some((_, omitted)) => *omitted += count as u64,
            None => self.omitted.push((from, count as u64)),
        }
    }
}

/// A transcript that is still being written: a handle, of which the [`Tap`] holds another.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Mutex<Recording>>);

#[derive(Debug)]
struct Recording {
    transcript: Transcript,
    started: Instant,
    /// What each party may still say and have kept.
    room: Vec<(Party, usize)>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder {
    /// Nothing heard yet; the clock starts now.
    #[must_use]
    pub fn new() -> Self {
        let transcript = Transcript::default();
        Self(Arc::new(Mutex::new(Recording { transcript, started: Instant::now(), room: Vec::new() })))
    }

    /// The handshake is over: from here on 64 KiB of each direction are kept, and the rest counted.
    pub fn handshake_is_over(&self) {
        let mut recording = self.lock();
        for (_, room) in &mut recording.room {
            *room = (*room).min(KEPT_AFTER_HANDSHAKE);
        }
    }

    /// What was heard until now.
    #[must_use]
    pub fn transcript(&self) -> Transcript {
        self.lock().transcript.clone()
    }

    fn hear(&self, from: Party, bytes: &[u8]) {
        let mut recording = self.lock();
        let at = recording.started.elapsed();
        let place = recording.room.iter().position(|(party, _)| *party == from).unwrap_or_else(|| {
            recording.room.push((from, KEPT_AT_MOST));
            recording.room.len() - 1
        });
        let kept = bytes.len().min(recording.room[place].1);
        recording.room[place].1 -= kept;
        recording.transcript.push(from, at, &bytes[..kept]);
        if kept < bytes.len() {
            recording.transcript.omit(from, bytes.len() - kept);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that writes down what crosses it. It stands at one end, `me`; the other is `peer`.
#[derive(Debug)]
pub struct Tap<T> {
    stream: T,
    recorder: Recorder,
    me: Party,
    peer: Party,
}

impl<T> Tap<T> {
    /// Taps `stream`, at whose near end is `me`.
    pub fn new(stream: T, recorder: Recorder, me: Party, peer: Party) -> Self {
        Self { stream, recorder, me, peer }
    }

    /// The stream itself.
    pub fn get_ref(&self) -> &T {
        &self.stream
    }

    /// The transcript being written.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }
}

impl<T: Read> Read for Tap<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(buffer)?;
        self.recorder.hear(self.peer, &buffer[..n]);
        Ok(n)
    }
}

impl<T: Write> Write for Tap<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.stream.write(bytes)?;
        self.recorder.hear(self.me, &bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Party = Party("here");
    const THERE: Party = Party("there");

    #[test]
    fn the_cuts_of_the_network_leave_no_trace() {
        let mut tap = Tap::new(io::Cursor::new(b"answer".to_vec()), Recorder::new(), HERE, THERE);
        let mut buffer = [0; 3];
        while tap.read(&mut buffer).unwrap() > 0 {}
        tap.write_all(b"a").unwrap();
        tap.write_all(b"b").unwrap();
        let transcript = tap.recorder().transcript();
        let said: Vec<_> = transcript.chunks.iter().map(|c| (c.from, c.bytes.as_slice())).collect();
        assert_eq!(said, [(THERE, b"answer".as_slice()), (HERE, b"ab".as_slice())]);
    }

    #[test]
    fn a_long_tunnel_is_counted_and_not_kept() {
        let recorder = Recorder::new();
        let mut tap = Tap::new(io::sink(), recorder.clone(), HERE, THERE);
        tap.write_all(&[1; 100]).unwrap();
        recorder.handshake_is_over();
        for _ in 0..64 {
            tap.write_all(&[2; 16384]).unwrap();
        }
        let transcript = recorder.transcript();
        assert_eq!(transcript.said_by(HERE).len(), 100 + KEPT_AFTER_HANDSHAKE);
        assert_eq!(transcript.omitted, [(HERE, (64 * 16384 - KEPT_AFTER_HANDSHAKE) as u64)]);
    }
}
