//! Mallory, who stands between the two: she passes records on, and meddles with one of them.
//!
//! She sees records, their types and their lengths, as everyone on the way does, and holds no key.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;
use std::time::Duration;

use crate::story::tls_handshake::PATIENCE;
use crate::story::tls_handshake::faults::{Act, Meddling};
use crate::tls::dissect::{CLIENT, SERVER};
use crate::tls::record;
use crate::tls::suite::Mode;
use crate::wire::Party;

/// How far she is. What comes behind the record with which she meddled waits until it was answered: so
/// the one that it was meant for decides on that record, and not on what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Before,
    Done,
    Answered,
}

/// Mallory at work.
#[derive(Debug)]
pub(super) struct Mallory {
    meddling: &'static Meddling,
    mode: Mode,
    stage: Mutex<Stage>,
    changed: Condvar,
}

impl Mallory {
    pub(super) fn new(meddling: &'static Meddling, mode: Mode) -> Self {
        Self { meddling, mode, stage: Mutex::new(Stage::Before), changed: Condvar::new() }
    }

    /// Stands between the server and the next one who comes to the address that is returned.
    pub(super) fn between<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        server: SocketAddr,
    ) -> io::Result<SocketAddr> {
        let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = door.local_addr()?;
        scope.spawn(move || -> io::Result<()> {
            let (client, _) = door.accept()?;
            let server = TcpStream::connect(server)?;
            for socket in [&client, &server] {
                socket.set_read_timeout(Some(Duration::from_secs(PATIENCE)))?;
                socket.set_nodelay(true)?;
            }
            let (ear, mouth) = (server.try_clone()?, client.try_clone()?);
            scope.spawn(move || self.relay(SERVER, ear, mouth));
            self.relay(CLIENT, client, server);
            Ok(())
        });
        Ok(address)
    }

    /// Passes on what `from` says, until it says no more or nobody listens.
    fn relay(&self, from: Party, mut ear: TcpStream, mut mouth: TcpStream) {
        let mut seen = 0;
        while let Ok(record) = read_record(&mut ear) {
            let mine = from == self.meddling.from;
            let counts = mine && record.first() == Some(&self.meddling.content_type.0);
            let spoken = if counts && seen == self.meddling.nth {
                self.reach(Stage::Done);
                self.meddle(record)
            } else {
                if mine {
                    self.wait_for_an_answer();
                } else {
                    self.answer();
                }
                Some(record)
            };
            seen += usize::from(counts);
            let Some(spoken) = spoken else {
                let _ = ear.shutdown(Shutdown::Both);
                let _ = mouth.shutdown(Shutdown::Both);
                break;
            };
            if mouth.write_all(&spoken).is_err() {
                break;
            }
        }
        if from != self.meddling.from {
            self.answer();
        }
        let _ = mouth.shutdown(Shutdown::Write);
    }

    /// What she sends in the place of a record; nothing if she ends it.
    fn meddle(&self, mut record: Vec<u8>) -> Option<Vec<u8>> {
        match self.meddling.act {
            Act::Alter(alter) => alter(&mut record, self.mode),
            Act::Repeat => record.extend_from_within(..),
            Act::Cut => return None,
        }
        Some(record)
    }

    fn answer(&self) {
        if *self.stage() == Stage::Done {
            self.reach(Stage::Answered);
        }
    }

    fn reach(&self, stage: Stage) {
        *self.stage() = stage;
        self.changed.notify_all();
    }

    fn wait_for_an_answer(&self) {
        let patience = Duration::from_secs(PATIENCE);
        drop(self.changed.wait_timeout_while(self.stage(), patience, |stage| *stage == Stage::Done));
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One record, header and all.
pub(super) fn read_record(ear: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut record = vec![0; record::HEADER];
    ear.read_exact(&mut record)?;
    let length = u16::from_be_bytes([record[3], record[4]]);
    if usize::from(length) > record::MAX_CIPHERTEXT {
        return Err(ErrorKind::InvalidData.into());
    }
    record.resize(record::HEADER + usize::from(length), 0);
    ear.read_exact(&mut record[record::HEADER..])?;
    Ok(record)
}
