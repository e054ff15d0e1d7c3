//! Captures, written as tcpdump writes them.

use std::net::IpAddr;
use std::time::Duration;

use cutaway::wire::{Party, Transcript};

/// A segment of TCP.
#[derive(Clone, Debug)]
pub struct Segment {
    pub from_client: bool,
    pub at: Duration,
    pub sequence: u32,
    pub acknowledged: u32,
    pub flags: u8,
    pub payload: Vec<u8>,
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const PSH: u8 = 8;
pub const ACK: u8 = 16;

/// Where the numbers of each side begin: the server's shortly before they run round.
const FIRST: [u32; 2] = [1000, u32::MAX - 700];

/// A conversation in segments of at most `most` bytes, between TCP's own handshake and farewell.
pub fn segments(transcript: &Transcript, client: Party, most: usize) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut next = FIRST;
    let mut say = |from_client: bool, at: Duration, flags: u8, payload: &[u8]| {
        let me = usize::from(!from_client);
        segments.push(Segment {
            from_client,
            at,
            sequence: next[me],
            acknowledged: if flags & ACK == 0 { 0 } else { next[1 - me] },
            flags,
            payload: payload.to_vec(),
        });
        next[me] = next[me].wrapping_add(payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0));
    };
    say(true, Duration::ZERO, SYN, b"");
    say(false, Duration::ZERO, SYN | ACK, b"");
    say(true, Duration::ZERO, ACK, b"");
    for chunk in &transcript.chunks {
        for payload in chunk.bytes.chunks(most) {
            say(chunk.from == client, chunk.at, PSH | ACK, payload);
        }
        say(chunk.from != client, chunk.at, ACK, b"");
    }
    let end = transcript.chunks.last().map_or(Duration::ZERO, |last| last.at);
    say(true, end, FIN | ACK, b"");
    say(false, end, FIN | ACK, b"");
    say(true, end, ACK, b"");
    segments
}

/// Who speaks with whom.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    pub client: (IpAddr, u16),
    pub server: (IpAddr, u16),
}

pub fn v4(client_port: u16) -> Ends {
    Ends { client: ([192, 0, 2, 1].into(), client_port), server: ([192, 0, 2, 2].into(), 443) }
}

pub fn v6(client_port: u16) -> Ends {
    let address = |last: u8| IpAddr::from([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    Ends { client: (address(1), client_port), server: (address(2), 443) }
}

/// A segment as a packet of IP.
pub fn packet(segment: &Segment, ends: Ends) -> Vec<u8> {
    let (from, to) =
        if segment.from_client { (ends.client, ends.server) } else { (ends.server, ends.client) };
    let mut tcp = Vec::new();
    tcp.extend(from.1.to_be_bytes());
    tcp.extend(to.1.to_be_bytes());
    tcp.extend(segment.sequence.to_be_bytes());
    tcp.extend(segment.acknowledged.to_be_bytes());
    // Twelve bytes of options, as timestamps take: two of padding and ten that are not looked at.
    tcp.extend([8 << 4, segment.flags, 0xff, 0xff, 0, 0, 0, 0]);
    tcp.extend([1; 12]);
    tcp.extend(&segment.payload);
    let mut packet = Vec::new();
    match (from.0, to.0) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            packet.extend([0x45, 0]);
            packet.extend((20 + tcp.len() as u16).to_be_bytes());
            packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
            packet.extend(from.octets());
            packet.extend(to.octets());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            packet.extend([0x60, 0, 0, 0]);
            packet.extend((8 + tcp.len() as u16).to_be_bytes());
            packet.extend([0, 64]);
            packet.extend(from.octets());
            packet.extend(to.octets());
            // A header of options before TCP: its six bytes are padding.
            packet.extend([6, 0, 1, 4, 0, 0, 0, 0]);
        }
        _ => panic!("one family"),
    }
    packet.extend(tcp);
    packet
}

/// The links that are read, each with the number that captures have for it.
pub const LINKS: [u32; 9] = [0, 1, 12, 101, 108, 113, 228, 229, 276];

/// A packet behind the header of a link; Ethernet has a virtual network's tag, and fills short frames.
pub fn frame(packet: &[u8], link: u32) -> Vec<u8> {
    let v6 = packet[0] >> 4 == 6;
    let ether_type: [u8; 2] = if v6 { [0x86, 0xdd] } else { [0x08, 0x00] };
    let head: Vec<u8> = match link {
        0 => vec![if v6 { 30 } else { 2 }, 0, 0, 0],
        108 => vec![0, 0, 0, if v6 { 30 } else { 2 }],
        1 => [[2; 12].as_slice(), &[0x81, 0, 0, 7], &ether_type].concat(),
        113 => [[0, 0, 3, 4, 0, 6].as_slice(), &[0; 8], &ether_type].concat(),
        276 => [ether_type.as_slice(), &[0, 0, 0, 0, 0, 1, 3, 4, 0, 6], &[0; 8]].concat(),
        _ => Vec::new(),
    };
    let mut frame = [&head, packet].concat();
    if link == 1 && frame.len() < 60 {
        frame.resize(60, 0xee);
    }
    frame
}

/// What a capture consists of.
pub type Frames = Vec<(Duration, Vec<u8>)>;

pub fn frames(segments: &[Segment], ends: Ends, link: u32) -> Frames {
    segments.iter().map(|segment| (segment.at, frame(&packet(segment, ends), link))).collect()
}

fn four(number: u32, big: bool) -> [u8; 4] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

/// When the captures here begin: the first second of 2027.
pub const BEGAN: Duration = Duration::from_secs(1_798_761_600);

/// A file of pcap.
pub fn pcap(frames: &Frames, link: u32, big: bool, nanoseconds: bool) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(four(if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }, big));
    file.extend(if big { [0, 2, 0, 4] } else { [2, 0, 4, 0] });
    file.extend([0; 8]);
    file.extend(four(262_144, big));
    file.extend(four(link, big));
    for (at, frame) in frames {
        let at = BEGAN + *at;
        file.extend(four(at.as_secs() as u32, big));
        file.extend(four(if nanoseconds { at.subsec_nanos() } else { at.subsec_micros() }, big));
        file.extend(four(frame.len() as u32, big));
        file.extend(four(frame.len() as u32, big));
        file.extend(frame);
    }
    file
}

fn block(kind: u32, body: &[u8], big: bool) -> Vec<u8> {
    let mut body = body.to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    let length = four(12 + body.len() as u32, big);
    [four(kind, big).as_slice(), &length, &body, &length].concat()
}

/// A file of pcapng, with a key log if there is one. Its first interface is another than that of the
/// packets, and blocks stand between that nobody here knows.
pub fn pcapng(frames: &Frames, link: u32, key_log: &str, big: bool) -> Vec<u8> {
    let two = |number: u16| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut file =
        block(0x0a0d_0d0a, &[four(0x1a2b_3c4d, big).as_slice(), &two(1), &two(0), &[0xff; 8]].concat(), big);
    let interface = |link: u32, options: &[u8]| {
        block(1, &[two(link as u16).as_slice(), &[0; 2], &four(0, big), options].concat(), big)
    };
    file.extend(interface(147, &[]));
    // Nanoseconds.
    let resolution = [two(9).as_slice(), &two(1), &[9, 0, 0, 0], &[0; 4]].concat();
    file.extend(interface(link, &resolution));
    if !key_log.is_empty() {
        let mut secrets = four(0x544c_534b, big).to_vec();
        secrets.extend(four(key_log.len() as u32, big));
        secrets.extend(key_log.as_bytes());
        file.extend(block(10, &secrets, big));
    }
    file.extend(block(0x0bad, b"an unknown block", big));
    for (at, frame) in frames {
        let at = (BEGAN + *at).as_nanos() as u64;
        let length = four(frame.len() as u32, big);
        let head =
            [four(1, big), four((at >> 32) as u32, big), four(at as u32, big), length, length].concat();
        file.extend(block(6, &[head, frame.clone()].concat(), big));
    }
    file
}
