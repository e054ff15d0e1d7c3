//! The Certificate message: who the server says it is (RFC 5246 §7.4.2), and a server's wish to
//! know the same of the client (§7.4.4).

use crate::pki;
use crate::tls::extension::SignatureScheme;
use crate::wire::{ReadError, Reader, Writer};

/// A chain of certificates, the sender's own first, each in DER and not looked at yet.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CertificateMessage {
    /// The certificates.
    pub certificate_list: Vec<Vec<u8>>,
}

impl CertificateMessage {
    /// Reads the body of the message. A certificate that is no good DER is not this message's error:
    /// it is opened for the window alone.
    ///
    /// # Errors
    /// If a length is out of bounds or the body ends early or late.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        let certificate_list = r.list24("certificate_list", 0..=0xff_ffff, |r| {
            r.vector24("ASN.1Cert", 1..=0xff_ffff, |r| {
                let inside = |r: &mut Reader| pki::certificate::Certificate::read(r).map(drop);
                r.opaque("certificate", r.left(), inside).map(<[u8]>::to_vec)
            })
        })?;
        Ok(Self { certificate_list })
    }

    /// Writes the body of the message.
    pub fn write(&self, w: &mut Writer) {
        w.vector24(|w| {
            for certificate in &self.certificate_list {
                w.vector24(|w| w.bytes(certificate));
            }
        });
    }
}

/// A server's wish for a certificate of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest {
    /// The kinds of keys that it accepts.
    pub certificate_types: Vec<u8>,
    /// The signatures that it can verify.
    pub supported_signature_algorithms: Vec<SignatureScheme>,
    /// The names of authorities that it trusts, each in DER; empty for any.
    pub certificate_authorities: Vec<Vec<u8>>,
}

impl CertificateRequest {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// If a length is out of bounds or the body ends early or late.
    pub fn read(r: &mut Reader) -> Result<Self, ReadError> {
        Ok(Self {
            certificate_types: r.list8("certificate_types", 1..=255, |r| r.value("certificate_type"))?,
            supported_signature_algorithms: r
                .list16("supported_signature_algorithms", 2..=0xfffe, |r| r.value("algorithm"))?,
            certificate_authorities: r.list16("certificate_authorities", 0..=0xffff, |r| {
                r.bytes16("distinguished_name", 1..=0xffff).map(<[u8]>::to_vec)
            })?,
        })
    }

    /// Writes the body of the message.
    pub fn write(&self, w: &mut Writer) {
        w.vector8(|w| w.bytes(&self.certificate_types));
        w.vector16(|w| self.supported_signature_algorithms.iter().for_each(|scheme| w.u16(scheme.0)));
        w.vector16(|w| {
            self.certificate_authorities.iter().for_each(|name| w.vector16(|w| w.bytes(name)));
        });
    }
}
