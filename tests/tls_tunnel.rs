//! A long tunnel: constant memory, however much goes through, with a tap on it.
//!
//! The one test of this program, for it measures the memory of the whole process.

#[allow(dead_code)]
#[path = "tls/pair.rs"]
mod pair;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use cutaway::rung::Rung;
use cutaway::symmetric::chacha20::Generator;
use cutaway::symmetric::gcm::Aes256Gcm;
use cutaway::tls::dissect::{CLIENT, SERVER};
use cutaway::tls::record::MAX_PLAINTEXT;
use cutaway::tls::{Client, Connection, Server, Stream};
use cutaway::wire::{Recorder, Tap};

/// The most memory that this process ever held, in kibibytes. `None` where there is no `/proc`.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Every record says something else: its number.
fn number(chunk: &mut [u8], n: u64) {
    for (record, place) in chunk.chunks_exact_mut(MAX_PLAINTEXT).zip(0..) {
        record[..8].copy_from_slice(&(n * (CHUNK / MAX_PLAINTEXT) as u64 + place).to_le_bytes());
    }
}

const CHUNK: usize = 4 * MAX_PLAINTEXT;

fn send<C: Connection>(stream: &mut Stream<C, Tap<TcpStream>>, bytes: u64) {
    let mut chunk = vec![0xc5; CHUNK];
    for n in 0..bytes / CHUNK as u64 {
        number(&mut chunk, n);
        stream.write_all(&chunk).expect("the other side reads");
    }
}

fn receive<C: Connection>(stream: &mut Stream<C, Tap<TcpStream>>, bytes: u64) {
    let (mut chunk, mut expected) = (vec![0; CHUNK], vec![0xc5; CHUNK]);
    for n in 0..bytes / CHUNK as u64 {
        stream.read_exact(&mut chunk).expect("the other side writes");
        number(&mut expected, n);
        assert!(chunk == expected, "chunk {n} holds other bytes");
    }
}

#[test]
fn a_gibibyte_passes_in_constant_memory() {
    // Where no hardware helps, a gibibyte would take minutes in a build for debugging.
    let bytes: u64 = match (Aes256Gcm::rungs().contains(&Rung::AesNi), std::env::var_os("CI").is_some()) {
        (true, true) => 1 << 30,
        (true, false) => 64 << 20,
        (false, _) => 8 << 20,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
    let serving = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("our client");
        let server = Server::new(Arc::new(pair::server_config()), Generator::new(2, 0));
        let recorder = Recorder::new();
        let mut stream = Stream::new(server, Tap::new(stream, recorder.clone(), SERVER, CLIENT));
        stream.handshake().expect("our client is in order");
        recorder.handshake_is_over();
        receive(&mut stream, bytes);
        send(&mut stream, bytes);
        stream.close().expect("our client answers");
        recorder.transcript()
    });

    let client =
        Client::new(Arc::new(pair::client_config()), pair::localhost(), pair::now(), Generator::new(1, 0));
    let stream = TcpStream::connect(address).expect("our server listens");
    let recorder = Recorder::new();
    let mut stream = Stream::new(client, Tap::new(stream, recorder.clone(), CLIENT, SERVER));
    stream.handshake().expect("our server is in order");
    recorder.handshake_is_over();
    let before = peak();
    send(&mut stream, bytes);
    receive(&mut stream, bytes);
    assert_eq!(stream.read(&mut [0]).expect("close_notify"), 0);
    let at_server = serving.join().expect("the server is content");

    let growth = peak().zip(before).map_or(0, |(after, before)| after - before);
    assert!(growth < 32 << 10, "{growth} KiB more than before the tunnel");
    for transcript in [at_server, recorder.transcript()] {
        let kept: usize = transcript.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        assert!(kept < 300 << 10, "{kept} bytes were kept");
        let omitted: u64 = transcript.omitted.iter().map(|(_, count)| count).sum();
        assert!(omitted > 2 * bytes - (1 << 20), "and the rest counted: {omitted}");
    }
}
