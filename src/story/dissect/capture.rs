//! The containers of captures: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng).
//!
//! Nothing is copied: a packet is a place in the file. A file that ends in the middle of a packet, as
//! one does whose writer was stopped, is read up to there.

use std::time::Duration;

use crate::wire::{Problem, ReadError, Reader};

/// A packet as it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    /// When, counted from the beginning of 1970.
    pub(super) at: Duration,
    /// What its first bytes are (LINKTYPE_…).
    pub(super) link_type: u32,
    /// Its bytes, as far as they were captured.
    pub(super) bytes: &'a [u8],
}

/// All that is used of a capture.
#[derive(Debug, Default)]
pub(super) struct Capture<'a> {
    /// The packets, in the order of the file.
    pub(super) packets: Vec<Packet<'a>>,
    /// The key logs that the file brings along.
    pub(super) key_logs: Vec<&'a [u8]>,
    /// Why reading ended before the file did.
    pub(super) cut: Option<ReadError>,
}

/// In which order the numbers of a file have their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn u16(self, r: &mut Reader, label: &'static str) -> Result<u16, ReadError> {
        let bytes = r.array(label)?;
        Ok(if self == Self::Big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(self, r: &mut Reader, label: &'static str) -> Result<u32, ReadError> {
        let bytes = r.array(label)?;
        Ok(if self == Self::Big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

/// Reads a file that begins as a capture does; `None` if it does not.
pub(super) fn read(file: &[u8]) -> Option<Result<Capture<'_>, ReadError>> {
    const MICROSECONDS: u64 = 1_000_000;
    const NANOSECONDS: u64 = 1_000_000_000;
    Some(match file.first_chunk()? {
        [0x0a, 0x0d, 0x0d, 0x0a] => pcapng(file),
        [0xa1, 0xb2, 0xc3, 0xd4] => pcap(file, Order::Big, MICROSECONDS),
        [0xd4, 0xc3, 0xb2, 0xa1] => pcap(file, Order::Little, MICROSECONDS),
        [0xa1, 0xb2, 0x3c, 0x4d] => pcap(file, Order::Big, NANOSECONDS),
        [0x4d, 0x3c, 0xb2, 0xa1] => pcap(file, Order::Little, NANOSECONDS),
        _ => return None,
    })
}

fn pcap(file: &[u8], order: Order, per_second: u64) -> Result<Capture<'_>, ReadError> {
    let mut r = Reader::new(file);
    let link_type = r.group("File Header", |r| {
        r.bytes("Magic Number, versions, reserved", 16)?;
        order.u32(r, "SnapLen")?;
        // The upper bits say how long a checksum at the end of each frame is.
        Ok(order.u32(r, "LinkType")? & 0x0fff_ffff)
    })?;
    let mut capture = Capture::default();
    while r.left() > 0 {
        let packet = r.group("Packet Record", |r| {
            let (seconds, fraction) =
                (order.u32(r, "Timestamp (seconds)")?, order.u32(r, "Timestamp (fraction)")?);
            let captured = order.u32(r, "Captured Packet Length")?;
            order.u32(r, "Original Packet Length")?;
            let at = moment(u64::from(seconds) * per_second + u64::from(fraction), per_second, 0);
            Ok(Packet { at, link_type, bytes: r.bytes("Packet Data", captured as usize)? })
        });
        match packet {
            Ok(packet) => capture.packets.push(packet),
            Err(error) => {
                capture.cut = Some(error);
                break;
            }
        }
    }
    Ok(capture)
}

/// What packets refer to: how they begin, and what a unit of their time is.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: u32,
    snap_length: u32,
    per_second: u64,
    offset: i64,
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// Secrets type: a key log of TLS.
const TLS_KEY_LOG: u32 = 0x544c_534b;

fn pcapng(file: &[u8]) -> Result<Capture<'_>, ReadError> {
    let mut r = Reader::new(file);
    let mut section = Section { order: Order::Big, interfaces: Vec::new() };
    let mut capture = Capture::default();
    while r.left() > 0 {
        if let Err(error) = section.block(&mut r, &mut capture) {
            // In the first block there is no capture yet.
            if r.position() < 12 || capture.packets.is_empty() && section.interfaces.is_empty() {
                return Err(error);
            }
            capture.cut = Some(error);
            break;
        }
    }
    Ok(capture)
}

struct Section {
    order: Order,
    interfaces: Vec<Interface>,
}

impl Section {
    /// `Block { type, total length, body, total length }`.
    fn block<'a>(&mut self, r: &mut Reader<'a>, capture: &mut Capture<'a>) -> Result<(), ReadError> {
        r.group("Block", |r| {
            if r.ahead().starts_with(&SECTION_HEADER.to_be_bytes()) {
                // The first number behind the length tells in which order both are written.
                self.order = match r.ahead().get(8..12) {
                    Some([0x4d, 0x3c, 0x2b, 0x1a]) => Order::Little,
                    _ => Order::Big,
                };
                self.interfaces.clear();
            }
            let order = self.order;
            let kind = order.u32(r, "Block Type")?;
            let start = r.position();
            let total = order.u32(r, "Block Total Length")? as usize;
            let Some(body) = total.checked_sub(12).filter(|_| total.is_multiple_of(4)) else {
                let problem = Problem::Refused(format!("{total} is no length of a block"));
                return Err(ReadError::new(start..start + 4, problem).within("Block Total Length"));
            };
            let place = r.position();
            let body = r.bytes("Block Body", body)?;
            order.u32(r, "Block Total Length, again")?;
            self.body(kind, &mut Reader::new(body), capture)
                .map_err(|error| ReadError::new(place..place + body.len(), error.problem().clone()))
        })
    }

    fn body<'a>(
        &mut self,
        kind: u32,
        r: &mut Reader<'a>,
        capture: &mut Capture<'a>,
    ) -> Result<(), ReadError> {
        let order = self.order;
        match kind {
            INTERFACE_DESCRIPTION => {
                let interface = self.interface(r)?;
                self.interfaces.push(interface);
            }
            ENHANCED_PACKET | OLD_PACKET => {
                let interface = if kind == ENHANCED_PACKET {
                    order.u32(r, "Interface ID")?
                } else {
                    let id = order.u16(r, "Interface ID")?;
                    order.u16(r, "Drops Count")?;
                    id.into()
                };
                let high = order.u32(r, "Timestamp (Upper)")?;
                let low = order.u32(r, "Timestamp (Lower)")?;
                let captured = order.u32(r, "Captured Packet Length")?;
                order.u32(r, "Original Packet Length")?;
                let bytes = r.bytes("Packet Data", captured as usize)?;
                let interface = self.of(interface, r)?;
                let units = u64::from(high) << 32 | u64::from(low);
                let at = moment(units, interface.per_second, interface.offset);
                capture.packets.push(Packet { at, link_type: interface.link_type, bytes });
            }
            SIMPLE_PACKET => {
                let original = order.u32(r, "Original Packet Length")?;
                let interface = self.of(0, r)?;
                let limit = if interface.snap_length == 0 { u32::MAX } else { interface.snap_length };
                let bytes = r.bytes("Packet Data", original.min(limit) as usize)?;
                let at = capture.packets.last().map_or(Duration::ZERO, |before| before.at);
                capture.packets.push(Packet { at, link_type: interface.link_type, bytes });
            }
            DECRYPTION_SECRETS => {
                let kind = order.u32(r, "Secrets Type")?;
                let length = order.u32(r, "Secrets Length")?;
                let secrets = r.bytes("Secrets Data", length as usize)?;
                if kind == TLS_KEY_LOG {
                    capture.key_logs.push(secrets);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn of(&self, interface: u32, r: &Reader) -> Result<Interface, ReadError> {
        self.interfaces.get(interface as usize).copied().ok_or_else(|| {
            let problem = Problem::Refused(format!("there is no interface {interface}"));
            ReadError::new(r.position()..r.position(), problem)
        })
    }

    fn interface(&self, r: &mut Reader) -> Result<Interface, ReadError> {
        const END: u16 = 0;
        const TIME_RESOLUTION: u16 = 9;
        const TIME_OFFSET: u16 = 14;
        let order = self.order;
        let link_type = order.u16(r, "LinkType")?.into();
        order.u16(r, "Reserved")?;
        let snap_length = order.u32(r, "SnapLen")?;
        let mut interface = Interface { link_type, snap_length, per_second: 1_000_000, offset: 0 };
        while r.left() > 0 {
            let (code, length) = (order.u16(r, "Option Type")?, order.u16(r, "Option Length")?);
            let value = r.bytes("Option Value", length.into())?;
            r.bytes(
                "Padding",
                (usize::from(length).next_multiple_of(4) - usize::from(length)).min(r.left()),
            )?;
            match (code, value) {
                (END, _) => break,
                // The negative power of ten, or with the highest bit of two.
                (TIME_RESOLUTION, &[power]) => {
                    let base: u64 = if power & 0x80 == 0 { 10 } else { 2 };
                    interface.per_second = base.saturating_pow((power & 0x7f).into());
                }
                (TIME_OFFSET, _) => {
                    if let Some(&bytes) = value.first_chunk() {
                        interface.offset = if order == Order::Big {
                            i64::from_be_bytes(bytes)
                        } else {
                            i64::from_le_bytes(bytes)
                        };
                    }
                }
                _ => {}
            }
        }
        Ok(interface)
    }
}

fn moment(units: u64, per_second: u64, offset: i64) -> Duration {
    let seconds = (units / per_second).saturating_add_signed(offset);
    let nanoseconds = u128::from(units % per_second) * 1_000_000_000 / u128::from(per_second);
    Duration::new(seconds, nanoseconds as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_counted_in_the_units_of_its_interface() {
        assert_eq!(moment(1_500_000, 1_000_000, 0), Duration::from_millis(1500));
        assert_eq!(moment(3, 2, -1), Duration::from_millis(500));
        assert_eq!(moment(u64::MAX, u64::MAX, i64::MAX), Duration::from_secs(1 + i64::MAX as u64));
    }
}
