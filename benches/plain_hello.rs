//! A reader of ClientHello as one writes it without names: the same checks, the same result, and an error
//! that says nothing. Beside it the labelled reader shows what the names cost those who do not ask for them.

use cutaway::tls::CipherSuite;
use cutaway::tls::extension::{Extension, ExtensionType, SignatureScheme};
use cutaway::tls::hello::{ClientHello, CompressionMethod};
use cutaway::tls::message::{MAX_BODY, Message};
use cutaway::tls::record::ProtocolVersion;

/// The bytes that are left.
struct Plain<'a>(&'a [u8]);

impl<'a> Plain<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u24(&mut self) -> Option<usize> {
        self.take(3).map(|bytes| bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)))
    }

    fn vector8(&mut self, allowed: std::ops::RangeInclusive<usize>) -> Option<Plain<'a>> {
        let length = self.u8()?.into();
        if allowed.contains(&length) { self.take(length).map(Plain) } else { None }
    }

    fn vector16(&mut self, allowed: std::ops::RangeInclusive<usize>) -> Option<Plain<'a>> {
        let length = self.u16()?.into();
        if allowed.contains(&length) { self.take(length).map(Plain) } else { None }
    }

    fn items<T>(mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        while !self.0.is_empty() {
            items.push(item(&mut self)?);
        }
        Some(items)
    }

    fn ends<T>(self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

/// The message of these bytes, which must be all of it.
pub fn client_hello(bytes: &[u8]) -> Option<Message> {
    let mut r = Plain(bytes);
    let (kind, length) = (r.u8()?, r.u24()?);
    if kind != 1 || length > MAX_BODY || length != r.0.len() {
        return None;
    }
    let hello = ClientHello {
        version: ProtocolVersion(r.u16()?),
        random: r.take(32)?.try_into().ok()?,
        session_id: r.vector8(0..=32)?.0.to_vec(),
        cipher_suites: r.vector16(2..=0xfffe)?.items(|r| r.u16().map(CipherSuite))?,
        compression_methods: r.vector8(1..=255)?.items(|r| r.u8().map(CompressionMethod))?,
        extensions: match r.0 {
            [] => Vec::new(),
            _ => r.vector16(0..=0xffff)?.items(extension)?,
        },
    };
    r.ends(Message::ClientHello(hello))
}

fn extension(r: &mut Plain) -> Option<Extension> {
    let kind = ExtensionType(r.u16()?);
    let mut r = r.vector16(0..=0xffff)?;
    let extension = match kind {
        ExtensionType::SERVER_NAME => {
            let names = r.vector16(1..=0xffff)?.items(|r| {
                let kind = r.u8()?;
                let name = r.vector16(1..=0xffff)?.0;
                let text = String::from_utf8_lossy(name);
                Some((kind == 0 && name.is_ascii()).then(|| text.into_owned()))
            })?;
            let mut hosts = names.into_iter().flatten();
            let first = hosts.next();
            if hosts.next().is_some() {
                return None;
            }
            Extension::ServerName(first)
        }
        ExtensionType::SIGNATURE_ALGORITHMS => {
            Extension::SignatureAlgorithms(r.vector16(2..=0xfffe)?.items(|r| r.u16().map(SignatureScheme))?)
        }
        ExtensionType::EXTENDED_MASTER_SECRET => Extension::ExtendedMasterSecret,
        ExtensionType::RENEGOTIATION_INFO => Extension::RenegotiationInfo(r.vector8(0..=255)?.0.to_vec()),
        ExtensionType::SUPPORTED_VERSIONS => {
            Extension::SupportedVersions(r.vector8(2..=254)?.items(|r| r.u16().map(ProtocolVersion))?)
        }
        _ => {
            let data = std::mem::take(&mut r.0).to_vec();
            Extension::Other { kind, data }
        }
    };
    r.ends(extension)
}
