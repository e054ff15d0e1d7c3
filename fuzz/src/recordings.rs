//! Recordings: every byte shown once, with a name or the reason why it has none, and every opened byte
//! led back to the wire.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cutaway::pki::PrivateKey;
use cutaway::story::dissect::{Question, dissect as tell};
use cutaway::tls::ClientConfig;
use cutaway::tls::dissect::{CLIENT, Known, SERVER};
use cutaway::tls::key_log::{Collected, KeyLogEntry};
use cutaway::wire::Transcript;

use crate::checks::dissect_and_check;
use crate::pair::{AUTHORITY, KEY, Pair, client_config, client_with, server};
use crate::script::{Script, piece};

/// A conversation of ours, and its secrets.
static RECORDED: LazyLock<(Transcript, Vec<KeyLogEntry>)> = LazyLock::new(|| {
    let log = Arc::new(Collected::default());
    let config = ClientConfig { key_log: Some(log.clone()), ..client_config() };
    let transcript = Pair::whole(client_with(config), server()).transcript;
    (transcript, log.entries())
});

fn known(by: u8) -> Known {
    let key_log = if by & 1 == 0 { Vec::new() } else { RECORDED.1.clone() };
    let server_key = (by & 2 != 0).then(|| PrivateKey::Rsa((**KEY).clone()).to_pkcs1_der());
    let trusted = if by & 4 == 0 { Vec::new() } else { vec![AUTHORITY.clone()] };
    Known { key_log, server_key, trusted }
}

/// The first byte says what is known, then come pieces, each with the flag of who said it.
pub fn dissector(bytes: &[u8]) {
    let mut script = Script(bytes);
    let known = known(script.byte().unwrap_or(0));
    let mut transcript = Transcript::default();
    while !script.0.is_empty() {
        let (by_server, bytes) = script.piece();
        transcript.push(if by_server { SERVER } else { CLIENT }, Duration::ZERO, bytes);
    }
    dissect_and_check(&transcript, &known);
}

/// The first byte says what is known; the rest is a file, as somebody sends it.
pub fn recordings(bytes: &[u8]) {
    let Some((&by, file)) = bytes.split_first() else { return };
    let question = || Question {
        file: "recording".into(),
        stream: (by & 4 != 0).then_some(u32::from(by >> 5)),
        from: [None, Some(CLIENT), Some(SERVER), None][usize::from(by >> 3 & 3)],
        key_log: (by & 1 != 0).then(|| RECORDED.1.clone()),
        server_key: (by & 2 != 0).then(|| PrivateKey::Rsa((**KEY).clone())),
    };
    match (tell(file, question()), tell(file, question())) {
        (Ok(told), Ok(again)) => assert_eq!(told.report.events.len(), again.report.events.len()),
        (Err(failure), Err(_)) => assert!(!failure.to_string().is_empty()),
        _ => panic!("told once, and not again"),
    }
}

pub fn seeds_for_the_dissector() -> Vec<Vec<u8>> {
    let (transcript, _) = &*RECORDED;
    let said = transcript.chunks.iter().flat_map(|chunk| piece(chunk.from == SERVER, &chunk.bytes));
    let said: Vec<u8> = said.collect();
    let one = |by| piece(by == SERVER, &transcript.said_by(by));
    // A message begins in plaintext, and its last byte would come under keys.
    let begun = transcript.chunks.iter().flat_map(|chunk| {
        let mut bytes = chunk.bytes.clone();
        if let Some(at) = bytes.windows(6).position(|window| window == [20, 3, 3, 0, 1, 1]) {
            bytes.splice(at..at, [22, 3, 3, 0, 5, 77, 0, 0, 2, 9]);
        }
        piece(chunk.from == SERVER, &bytes)
    });
    let begun: Vec<u8> = [1].into_iter().chain(begun).collect();
    let all = (0..8).map(|by| [&[by], &said[..]].concat());
    all.chain([begun])
        .chain([[vec![1], one(SERVER), one(CLIENT)].concat(), [vec![2], one(CLIENT)].concat()])
        .collect()
}

/// A segment of TCP in a packet of IP.
fn packet(from_server: bool, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let ends = [[192, 0, 2, 1], [192, 0, 2, 2]];
    let ports = [40_000_u16, 443];
    let (from, to) = (usize::from(from_server), usize::from(!from_server));
    let length = u16::try_from(40 + payload.len()).expect("a short segment");
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    packet.extend([ends[from], ends[to]].concat());
    packet.extend([ports[from].to_be_bytes(), ports[to].to_be_bytes()].concat());
    packet.extend(sequence.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

/// The conversation as packets, in the order of time.
fn packets() -> Vec<Vec<u8>> {
    let mut next = [1_u32, 1];
    let mut packets = vec![packet(false, 0, 2, b""), packet(true, 0, 0x12, b"")];
    for chunk in &RECORDED.0.chunks {
        let from_server = chunk.from == SERVER;
        for payload in chunk.bytes.chunks(400) {
            let sequence = &mut next[usize::from(from_server)];
            packets.push(packet(from_server, *sequence, 0x18, payload));
            *sequence += u32::try_from(payload.len()).expect("a short segment");
        }
    }
    packets
}

/// pcap: big-endian, microseconds, raw IP.
fn pcap() -> Vec<u8> {
    let mut file = vec![0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 101];
    for packet in packets() {
        let length = u32::try_from(packet.len()).expect("a short packet").to_be_bytes();
        file.extend([[0, 0, 0, 1], [0; 4], length, length].concat());
        file.extend(packet);
    }
    file
}

/// pcapng: a section, an interface, the secrets, the packets.
fn pcapng() -> Vec<u8> {
    let mut file = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let padded = body.len().div_ceil(4) * 4;
        let length = u32::try_from(12 + padded).expect("a short block").to_be_bytes();
        file.extend(kind.to_be_bytes());
        file.extend(length);
        file.extend(body);
        file.resize(file.len() + padded - body.len(), 0);
        file.extend(length);
    };
    block(0x0a0d_0d0a, &[0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    block(1, &[0, 101, 0, 0, 0, 4, 0, 0]);
    let log: String = RECORDED.1.iter().map(|entry| entry.to_line() + "\n").collect();
    let length = u32::try_from(log.len()).expect("a short log").to_be_bytes();
    block(0x0a, &[b"TLSK", &length[..], log.as_bytes()].concat());
    for packet in packets() {
        let length = u32::try_from(packet.len()).expect("a short packet").to_be_bytes();
        block(6, &[&[0; 12], &length[..], &length, &packet].concat());
    }
    file
}

/// Digits, as a hex dump has them.
fn dump(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.chunks(16).enumerate().map(|(line, bytes)| {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
        format!("{:08x}: {digits}\n", line * 16)
    });
    lines.collect::<String>().into_bytes()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let said = [CLIENT, SERVER].map(|party| dump(&RECORDED.0.said_by(party)));
    let [client, server] = &said;
    let files: [(u8, &[u8]); 7] = [
        (0, &pcap()),
        (1, &pcap()),
        (2, &pcap()),
        (0, &pcapng()),
        (6, &pcapng()),
        (8, client),
        (16 | 1, server),
    ];
    files.map(|(by, file)| [&[by], file].concat()).to_vec()
}
