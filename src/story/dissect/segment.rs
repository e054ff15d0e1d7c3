//! From captured packets to segments of TCP: Ethernet and its like, IP (RFC 791, RFC 8200), TCP
//! (RFC 9293 §3.1).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::story::dissect::capture::Packet;
use crate::wire::{ReadError, Reader};

/// A segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// Which connection, as Wireshark's `tcp.stream` counts them.
    pub(super) stream: u32,
    /// Whether the one sent it who sent the first segment of the connection.
    pub(super) forth: bool,
    pub(super) at: Duration,
    pub(super) sequence: u32,
    /// The next byte that its sender wants, if it says so.
    pub(super) acknowledged: Option<u32>,
    pub(super) syn: bool,
    pub(super) payload: &'a [u8],
    /// How many bytes of the payload were not captured.
    pub(super) cut: usize,
}

/// The segments of a capture, and the connections that they belong to.
#[derive(Debug, Default)]
pub(super) struct Segments<'a> {
    pub(super) all: Vec<Segment<'a>>,
    /// Each connection: who sent its first segment, and to whom.
    pub(super) streams: Vec<(SocketAddr, SocketAddr)>,
    /// Packets of TCP that came in fragments of IP, which are not put together here.
    pub(super) fragments: usize,
    /// A link type that is not known here.
    pub(super) unknown_link: Option<u32>,
}

impl<'a> Segments<'a> {
    pub(super) fn of(packets: &[Packet<'a>]) -> Self {
        let mut segments = Self::default();
        let mut open: HashMap<(SocketAddr, SocketAddr), Open> = HashMap::new();
        for packet in packets {
            let Some(ip) = segments.network(packet) else { continue };
            let found = match read_ip(&mut Reader::new(ip)) {
                Ok(Found::Segment(tcp)) => tcp,
                Ok(Found::Fragment) => {
                    segments.fragments += 1;
                    continue;
                }
                // Not TCP, or too little of it.
                Ok(Found::Other) | Err(_) => continue,
            };
            segments.add(found, packet.at, &mut open);
        }
        segments
    }

    fn add(&mut self, tcp: Tcp<'a>, at: Duration, open: &mut HashMap<(SocketAddr, SocketAddr), Open>) {
        let ends = (tcp.from.min(tcp.to), tcp.from.max(tcp.to));
        let first = tcp.flags & SYN != 0 && tcp.flags & ACK == 0;
        let known = open.get(&ends).copied();
        // The same ports again, and not merely the same segment.
        let known = known.filter(|known| !first || known.first.is_none_or(|before| before == tcp.sequence));
        let Open { stream, .. } = known.unwrap_or_else(|| {
            let stream = self.streams.len() as u32;
            self.streams.push((tcp.from, tcp.to));
            let new = Open { stream, first: Some(tcp.sequence).filter(|_| first) };
            open.insert(ends, new);
            new
        });
        self.all.push(Segment {
            stream,
            forth: self.streams[stream as usize].0 == tcp.from,
            at,
            sequence: tcp.sequence,
            acknowledged: Some(tcp.acknowledged).filter(|_| tcp.flags & ACK != 0),
            syn: tcp.flags & SYN != 0,
            payload: tcp.payload,
            cut: tcp.cut,
        });
    }

    /// The bytes behind the header of the link, if they are those of IP.
    fn network(&mut self, packet: &Packet<'a>) -> Option<&'a [u8]> {
        const IPV4: u16 = 0x0800;
        const IPV6: u16 = 0x86dd;
        let bytes = packet.bytes;
        let at = |place: usize| bytes.get(place..place + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
        let (protocol, header) = match packet.link_type {
            // BSD's loopback: a number for the protocol, different on each system. The packet tells.
            0 | 108 => return bytes.get(4..),
            // Ethernet, with as many tags of virtual networks as there are (IEEE 802.1Q).
            1 => {
                let mut place = 12;
                while matches!(at(place)?, 0x8100 | 0x88a8 | 0x9100) {
                    place += 4;
                }
                (at(place)?, place + 2)
            }
            // Bare packets.
            12 | 14 | 101 | 228 | 229 => return Some(bytes),
            // Linux's “any” device, in its two versions.
            113 => (at(14)?, 16),
            276 => (at(0)?, 20),
            other => {
                self.unknown_link = Some(other);
                return None;
            }
        };
        matches!(protocol, IPV4 | IPV6).then(|| bytes.get(header..))?
    }
}

/// A connection that more segments may belong to.
#[derive(Clone, Copy, Debug)]
struct Open {
    stream: u32,
    /// The number of its SYN, if that was seen.
    first: Option<u32>,
}

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

struct Tcp<'a> {
    from: SocketAddr,
    to: SocketAddr,
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    payload: &'a [u8],
    cut: usize,
}

enum Found<'a> {
    Segment(Tcp<'a>),
    Fragment,
    Other,
}

/// IP's protocol number of TCP.
const TCP: u8 = 6;

fn read_ip<'a>(r: &mut Reader<'a>) -> Result<Found<'a>, ReadError> {
    match r.peek().map(|first| first >> 4) {
        Some(4) => read_ipv4(r),
        Some(6) => read_ipv6(r),
        _ => Ok(Found::Other),
    }
}

/// RFC 791 §3.1.
fn read_ipv4<'a>(r: &mut Reader<'a>) -> Result<Found<'a>, ReadError> {
    let header = 4 * usize::from(r.value::<u8>("Version, IHL")? & 0x0f);
    r.bytes("Type of Service", 1)?;
    let total: u16 = r.value("Total Length")?;
    r.bytes("Identification", 2)?;
    let fragment: u16 = r.value("Flags, Fragment Offset")?;
    r.bytes("Time to Live", 1)?;
    let protocol: u8 = r.value("Protocol")?;
    r.bytes("Header Checksum", 2)?;
    let [source, destination] = [r.array("Source Address")?, r.array("Destination Address")?]
        .map(|four: [u8; 4]| Ipv4Addr::from(four));
    r.bytes("Options", header.saturating_sub(20))?;
    if protocol != TCP {
        return Ok(Found::Other);
    }
    // More to come, or not the first.
    if fragment & 0x3fff != 0 {
        return Ok(Found::Fragment);
    }
    // A length of 0 is the mark of a packet that the network card was to cut into pieces.
    let length = if total == 0 { r.left() } else { usize::from(total).saturating_sub(header) };
    read_tcp(r, source.into(), destination.into(), length)
}

/// RFC 8200 §3, §4.
fn read_ipv6<'a>(r: &mut Reader<'a>) -> Result<Found<'a>, ReadError> {
    r.bytes("Version, Traffic Class, Flow Label", 4)?;
    let payload: u16 = r.value("Payload Length")?;
    let mut next: u8 = r.value("Next Header")?;
    r.bytes("Hop Limit", 1)?;
    let [source, destination] = [r.array("Source Address")?, r.array("Destination Address")?]
        .map(|bytes: [u8; 16]| Ipv6Addr::from(bytes));
    let start = r.position();
    let whole = if payload == 0 { r.left() } else { payload.into() };
    loop {
        match next {
            TCP => break,
            // Hop-by-hop options, routing, destination options.
            0 | 43 | 60 => {
                next = r.value("Next Header")?;
                let length: u8 = r.value("Hdr Ext Len")?;
                r.bytes("Options", 6 + 8 * usize::from(length))?;
            }
            44 => return Ok(Found::Fragment),
            _ => return Ok(Found::Other),
        }
    }
    let length = whole.saturating_sub(r.position() - start);
    read_tcp(r, source.into(), destination.into(), length)
}

/// RFC 9293 §3.1. `length`: how long the segment was, of which not all need be there.
fn read_tcp<'a>(
    r: &mut Reader<'a>,
    source: IpAddr,
    destination: IpAddr,
    length: usize,
) -> Result<Found<'a>, ReadError> {
    let from = SocketAddr::new(source, r.value("Source Port")?);
    let to = SocketAddr::new(destination, r.value("Destination Port")?);
    let sequence = r.value("Sequence Number")?;
    let acknowledged = r.value("Acknowledgment Number")?;
    let header = 4 * usize::from(r.value::<u8>("Data Offset")? >> 4);
    let flags = r.value("Flags")?;
    r.bytes("Window, Checksum, Urgent Pointer", 6)?;
    r.bytes("Options", header.saturating_sub(20))?;
    // What follows the segment is the padding of a short frame.
    let payload = length.saturating_sub(header.max(20));
    let captured = payload.min(r.left());
    let cut = payload - captured;
    let payload = r.bytes("Data", captured)?;
    Ok(Found::Segment(Tcp { from, to, sequence, acknowledged, flags, payload, cut }))
}
