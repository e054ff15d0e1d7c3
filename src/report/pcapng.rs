//! A conversation as a capture file, which Wireshark and tshark open already decrypted.
//!
//! The format is pcapng (draft-ietf-opsawg-pcapng): blocks, each between two copies of its length. A
//! [`section`] is one Section Header Block, one Interface Description Block, a Decryption Secrets Block
//! with the key log, which must stand before the packets that it opens, and an Enhanced Packet Block for
//! each packet. A file may hold several sections, one behind the other.
//!
//! The bytes of the conversation and their times were recorded. The TCP around them (RFC 9293) was not,
//! and is made here as it would be on a quiet network: a handshake, segments in order, an
//! acknowledgement for every second one, a farewell, begun by the side that fell silent first. Its
//! addresses are those that are kept for examples (RFC 5737).
//!
//! An answer of HTTP without a length ends with the connection. Inside TLS only Wireshark 4.2 and later
//! ask where that is: they show such an answer at its side's FIN. Earlier ones open its records and show
//! its bytes (*Follow → TLS Stream*), and a line `HTTP` with `-o http.desegment_body:FALSE`.

use std::time::Duration;

use crate::wire::{Party, Transcript};

/// Bytes that one segment carries at the most: what an Ethernet frame leaves (RFC 9293 §3.7.1).
pub const SEGMENT: usize = 1460;

/// The port of the one who accepted the connection.
pub const PORT: u16 = 443;

/// The first of the ports from which connections are opened (RFC 6335 §6).
pub const FIRST_PORT: u16 = 49152;

/// What the transcript does not say.
///
/// ```
/// use std::time::Duration;
///
/// use cutaway::report::pcapng::{Conversation, section};
/// use cutaway::wire::{Party, Transcript};
///
/// let (client, server) = (Party("client"), Party("server"));
/// let mut transcript = Transcript::default();
/// transcript.push(client, Duration::ZERO, b"hello");
/// let capture = section(&transcript, &Conversation::between(client, server));
/// assert_eq!(capture[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
/// assert!(capture.windows(5).any(|five| five == b"hello"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Conversation<'a> {
    /// Who opened the connection.
    pub opener: Party,
    /// Who accepted it.
    pub acceptor: Party,
    /// The opener's port, which sets apart the conversations in a file.
    pub port: u16,
    /// When it began, counted from the beginning of 1970.
    pub began: Duration,
    /// The key log, a line a secret. Whoever has the file has them.
    pub secrets: &'a str,
}

impl Conversation<'_> {
    /// A conversation of which no secrets are known.
    #[must_use]
    pub fn between(opener: Party, acceptor: Party) -> Self {
        Self { opener, acceptor, port: FIRST_PORT, began: Duration::ZERO, secrets: "" }
    }
}

/// The conversation as a section of a capture file; a file of its own, if nothing stands before it.
#[must_use]
pub fn section(transcript: &Transcript, conversation: &Conversation) -> Vec<u8> {
    let mut file = File::default();
    file.section_header();
    file.interface();
    file.secrets(conversation.secrets);

    let mut tcp = Tcp::new(file, conversation);
    tcp.open();
    for chunk in &transcript.chunks {
        tcp.at = conversation.began + chunk.at;
        tcp.say(Side::of(chunk.from, conversation), &chunk.bytes);
    }
    // What was said and not kept is a gap before the farewell.
    for &(party, count) in &transcript.omitted {
        tcp.end_mut(Side::of(party, conversation)).skip(count as usize);
    }
    // Whoever fell silent first has closed first, and the other's last words answered that.
    let last = transcript.chunks.last().map_or(Side::Acceptor, |chunk| Side::of(chunk.from, conversation));
    tcp.close(last.other());
    tcp.file.bytes
}

/// The blocks, in the byte order of the section's magic number: little-endian.
#[derive(Default)]
struct File {
    bytes: Vec<u8>,
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// By which a reader learns the byte order.
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;

/// Link type: packets that begin with their IP header.
const RAW_IP: u32 = 101;

/// Secrets type: a TLS key log.
const TLS_KEY_LOG: u32 = 0x544c_534b;

const COMMENT: &str = "The bytes of the conversation and their times were recorded at its end. The IP and TCP \
                       around them were made for this file.";

impl File {
    /// `Block { type, total length, body, total length }`, the body filled up to whole words.
    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = (12 + body.len().next_multiple_of(4)) as u32;
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(padded(body));
        self.bytes.extend(length.to_le_bytes());
    }

    fn section_header(&mut self) {
        let mut body = BYTE_ORDER_MAGIC.to_le_bytes().to_vec();
        body.extend(1_u16.to_le_bytes()); // version 1.0
        body.extend(0_u16.to_le_bytes());
        body.extend(u64::MAX.to_le_bytes()); // the section's length is not said
        for (code, value) in [(1_u16, COMMENT), (4, "cutaway")] {
            body.extend(code.to_le_bytes());
            body.extend((value.len() as u16).to_le_bytes());
            body.extend(padded(value.as_bytes()));
        }
        body.extend([0; 4]); // the end of the options
        self.block(SECTION_HEADER, &body);
    }

    fn interface(&mut self) {
        let mut body = RAW_IP.to_le_bytes().to_vec(); // 16 bits of link type, 16 reserved
        body.extend(0_u32.to_le_bytes()); // packets of any length
        self.block(INTERFACE_DESCRIPTION, &body);
    }

    fn secrets(&mut self, secrets: &str) {
        if secrets.is_empty() {
            return;
        }
        let mut body = TLS_KEY_LOG.to_le_bytes().to_vec();
        body.extend((secrets.len() as u32).to_le_bytes());
        body.extend(secrets.as_bytes());
        self.block(DECRYPTION_SECRETS, &body);
    }

    /// A packet, in microseconds, as is the rule where an interface says nothing else.
    fn packet(&mut self, at: Duration, packet: &[u8]) {
        let microseconds = at.as_micros() as u64;
        let mut body = 0_u32.to_le_bytes().to_vec(); // the first interface
        body.extend(((microseconds >> 32) as u32).to_le_bytes());
        body.extend((microseconds as u32).to_le_bytes());
        body.extend((packet.len() as u32).to_le_bytes()); // captured,
        body.extend((packet.len() as u32).to_le_bytes()); // of so many
        body.extend(packet);
        self.block(ENHANCED_PACKET, &body);
    }
}

/// Filled up with zeros to whole words of 32 bits.
fn padded(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    bytes.iter().copied().chain(std::iter::repeat_n(0, bytes.len().next_multiple_of(4) - bytes.len()))
}

/// Who sends a segment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Opener,
    Acceptor,
}

impl Side {
    fn of(party: Party, conversation: &Conversation) -> Self {
        if party == conversation.opener { Self::Opener } else { Self::Acceptor }
    }

    fn other(self) -> Self {
        match self {
            Self::Opener => Self::Acceptor,
            Self::Acceptor => Self::Opener,
        }
    }
}

/// One end of a TCP connection.
struct End {
    address: [u8; 4],
    port: u16,
    /// The sequence number of its next byte.
    next: u32,
}

impl End {
    fn skip(&mut self, count: usize) {
        self.next = self.next.wrapping_add(count as u32);
    }
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// A TCP connection, from which no packet is lost.
struct Tcp {
    file: File,
    at: Duration,
    ends: [End; 2],
}

impl Tcp {
    fn new(file: File, conversation: &Conversation) -> Self {
        let opener = End { address: [192, 0, 2, 1], port: conversation.port, next: 0 };
        let acceptor = End { address: [192, 0, 2, 2], port: PORT, next: 0 };
        Self { file, at: conversation.began, ends: [opener, acceptor] }
    }

    fn end(&self, side: Side) -> &End {
        &self.ends[side as usize]
    }

    fn end_mut(&mut self, side: Side) -> &mut End {
        &mut self.ends[side as usize]
    }

    fn open(&mut self) {
        self.segment(Side::Opener, SYN, b"");
        self.segment(Side::Acceptor, SYN | ACK, b"");
        self.segment(Side::Opener, ACK, b"");
    }

    /// Every second segment is acknowledged at once (RFC 9293 §3.8.6.3), the others with what is said
    /// next.
    fn say(&mut self, side: Side, bytes: &[u8]) {
        let count = bytes.len().div_ceil(SEGMENT);
        for (number, payload) in (1..).zip(bytes.chunks(SEGMENT)) {
            let push = if number == count { PSH } else { 0 };
            self.segment(side, ACK | push, payload);
            if number % 2 == 0 {
                self.segment(side.other(), ACK, b"");
            }
        }
    }

    /// Three segments: the second acknowledges the first FIN too (RFC 9293 §3.6).
    fn close(&mut self, first: Side) {
        self.segment(first, FIN | ACK, b"");
        self.segment(first.other(), FIN | ACK, b"");
        self.segment(first, ACK, b"");
    }

    /// RFC 9293 §3.1.
    fn segment(&mut self, from: Side, flags: u8, payload: &[u8]) {
        let (source, destination) = (self.end(from), self.end(from.other()));
        let options: &[u8] = match flags & SYN {
            0 => &[],
            _ => &[2, 4, (SEGMENT >> 8) as u8, SEGMENT as u8], // the largest segment that it takes
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { destination.next };
        let mut segment = Vec::with_capacity(24 + payload.len());
        segment.extend(source.port.to_be_bytes());
        segment.extend(destination.port.to_be_bytes());
        segment.extend(source.next.to_be_bytes());
        segment.extend(acknowledged.to_be_bytes());
        segment.push((5 + options.len() / 4) as u8 * 16); // words of header
        segment.push(flags);
        segment.extend(u16::MAX.to_be_bytes()); // the window
        segment.extend([0; 4]); // the checksum, below; nothing urgent
        segment.extend(options);
        segment.extend(payload);

        // The checksum covers the addresses too (§3.1): a packet that went astray is noticed.
        let mut covered = [source.address, destination.address].concat();
        covered.extend([0, 6]);
        covered.extend((segment.len() as u16).to_be_bytes());
        covered.extend(&segment);
        let sum = checksum(&covered).to_be_bytes();
        segment[16..18].copy_from_slice(&sum);

        let packet = ipv4(source.address, destination.address, &segment);
        self.file.packet(self.at, &packet);
        let occupied = payload.len() + usize::from(flags & (SYN | FIN) != 0);
        self.end_mut(from).skip(occupied);
    }
}

/// RFC 791 §3.1: the header, not to be cut in pieces, and a TCP segment.
fn ipv4(source: [u8; 4], destination: [u8; 4], segment: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + segment.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    packet.extend(source);
    packet.extend(destination);
    let sum = checksum(&packet).to_be_bytes();
    packet[10..12].copy_from_slice(&sum);
    packet.extend(segment);
    packet
}

/// RFC 1071: the complement of the sum of all 16-bit words, carries added in again.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|word| u64::from(word[0]) << 8 | u64::from(*word.get(1).unwrap_or(&0)));
    let mut sum: u64 = words.sum();
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: Party = Party("client");
    const SERVER: Party = Party("server");

    /// The blocks of a file: each says its length twice.
    fn blocks(mut file: &[u8]) -> Vec<(u32, &[u8])> {
        let word = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let mut blocks = Vec::new();
        while !file.is_empty() {
            let (block, rest) = file.split_at(word(file, 4) as usize);
            assert_eq!(word(block, 4), word(block, block.len() - 4));
            assert_eq!(block.len() % 4, 0);
            blocks.push((word(block, 0), &block[8..block.len() - 4]));
            file = rest;
        }
        blocks
    }

    #[test]
    fn the_secrets_stand_before_the_packets_and_are_left_out_where_there_are_none() {
        let mut transcript = Transcript::default();
        transcript.push(CLIENT, Duration::ZERO, b"?");
        let conversation =
            Conversation { secrets: "CLIENT_RANDOM 00 00\n", ..Conversation::between(CLIENT, SERVER) };
        let kinds = |conversation: &Conversation| {
            let file = section(&transcript, conversation);
            blocks(&file).iter().map(|(kind, _)| *kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&conversation)[..4], [SECTION_HEADER, INTERFACE_DESCRIPTION, DECRYPTION_SECRETS, 6]);
        assert_eq!(kinds(&Conversation { secrets: "", ..conversation })[..3], [SECTION_HEADER, 1, 6]);
        let file = section(&transcript, &conversation);
        let (_, secrets) = blocks(&file)[2];
        assert_eq!(secrets[..4], *b"KSLT");
        assert_eq!(secrets[4..8], 20_u32.to_le_bytes());
        assert_eq!(secrets[8..], *b"CLIENT_RANDOM 00 00\n");
    }

    /// Summed with its checksum, what is covered gives zero; and each side's numbers run on without a gap.
    #[test]
    fn segments_are_in_order_and_their_sums_are_right() {
        let mut transcript = Transcript::default();
        transcript.push(CLIENT, Duration::from_micros(5), &[7; 4 * SEGMENT + 1]);
        transcript.push(SERVER, Duration::from_micros(9), b"odd");
        transcript.omitted.push((SERVER, 1000));
        let began = Duration::from_secs(1_767_225_600);
        let file = section(&transcript, &Conversation { began, ..Conversation::between(CLIENT, SERVER) });
        let packets: Vec<_> = blocks(&file).into_iter().filter(|(kind, _)| *kind == 6).collect();
        assert_eq!(packets.len(), 3 + 5 + 2 + 1 + 3);
        let (mut next, mut said) = ([0_u32; 2], [Vec::new(), Vec::new()]);
        let mut last = 0;
        for (_, packet) in packets {
            let word = |at: usize| u32::from_le_bytes(packet[at..at + 4].try_into().unwrap());
            let at = u64::from(word(4)) << 32 | u64::from(word(8));
            assert!(at >= last);
            last = at;
            let ip = &packet[20..20 + word(12) as usize];
            assert_eq!(checksum(&ip[..20]), 0);
            let tcp = &ip[20..];
            let covered = [&ip[12..20], &[0, 6], &(tcp.len() as u16).to_be_bytes(), tcp].concat();
            assert_eq!(checksum(&covered), 0);
            let side = usize::from(ip[15] == 2);
            let number = |at: usize| u32::from_be_bytes(tcp[at..at + 4].try_into().unwrap());
            let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
            if tcp[13] & FIN != 0 && side == 0 {
                next[1] += 1000; // which the server said before
            }
            assert_eq!(number(4), next[side]);
            if tcp[13] & ACK != 0 {
                assert!(number(8) <= next[1 - side]);
            }
            assert!(payload.len() <= SEGMENT);
            said[side].extend_from_slice(payload);
            next[side] += payload.len() as u32 + u32::from(tcp[13] & (SYN | FIN) != 0);
        }
        assert_eq!(last, began.as_micros() as u64 + 9);
        assert_eq!(said, [vec![7; 4 * SEGMENT + 1], b"odd".to_vec()]);
    }
}
