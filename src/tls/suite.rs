//! Cipher suites: which key exchange, which cipher, which hash.
//!
//! Four are implemented here, and the two that seal with an AEAD are spoken by default. The names of many
//! more are known, so that what a peer offers can be read.

use std::str::FromStr;

use crate::hash::HashAlgorithm;
use crate::wire::value::open_enum;

open_enum! {
    /// A cipher suite by its number in IANA's registry.
    pub struct CipherSuite(u16) {
        /// RSA key transport, AES-128 in GCM (RFC 5288 §3).
        RSA_AES_128_GCM_SHA256 = 0x009c "TLS_RSA_WITH_AES_128_GCM_SHA256";
        /// RSA key transport, AES-256 in GCM (RFC 5288 §3).
        RSA_AES_256_GCM_SHA384 = 0x009d "TLS_RSA_WITH_AES_256_GCM_SHA384";
        /// RSA key transport, AES-128 in CBC (RFC 5246 §A.5).
        RSA_AES_128_CBC_SHA = 0x002f "TLS_RSA_WITH_AES_128_CBC_SHA";
        /// RSA key transport, AES-256 in CBC (RFC 5246 §A.5).
        RSA_AES_256_CBC_SHA = 0x0035 "TLS_RSA_WITH_AES_256_CBC_SHA";
        /// RSA key transport, AES-128 in CBC (RFC 5246 §A.5).
        RSA_AES_128_CBC_SHA256 = 0x003c "TLS_RSA_WITH_AES_128_CBC_SHA256";
        /// RSA key transport, AES-256 in CBC (RFC 5246 §A.5).
        RSA_AES_256_CBC_SHA256 = 0x003d "TLS_RSA_WITH_AES_256_CBC_SHA256";
        /// RSA key transport, AES-128 in CCM (RFC 6655 §3).
        RSA_AES_128_CCM = 0xc09c "TLS_RSA_WITH_AES_128_CCM";
        /// RSA key transport, AES-256 in CCM (RFC 6655 §3).
        RSA_AES_256_CCM = 0xc09d "TLS_RSA_WITH_AES_256_CCM";
        /// RSA key transport, triple DES (RFC 5246 §A.5).
        RSA_3DES_EDE_CBC_SHA = 0x000a "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
        /// RSA key transport, Camellia-128 (RFC 4132 §2).
        RSA_CAMELLIA_128_CBC_SHA = 0x0041 "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA";
        /// RSA key transport, Camellia-256 (RFC 4132 §2).
        RSA_CAMELLIA_256_CBC_SHA = 0x0084 "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA";
        /// Diffie-Hellman signed with RSA.
        DHE_RSA_AES_128_CBC_SHA = 0x0033 "TLS_DHE_RSA_WITH_AES_128_CBC_SHA";
        /// Diffie-Hellman signed with RSA.
        DHE_RSA_AES_256_CBC_SHA = 0x0039 "TLS_DHE_RSA_WITH_AES_256_CBC_SHA";
        /// Diffie-Hellman signed with RSA.
        DHE_RSA_AES_128_CBC_SHA256 = 0x0067 "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256";
        /// Diffie-Hellman signed with RSA.
        DHE_RSA_AES_256_CBC_SHA256 = 0x006b "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256";
        /// Diffie-Hellman signed with RSA.
        DHE_RSA_AES_128_GCM_SHA256 = 0x009e "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";
        /// Diffie-Hellman signed with RSA.
        DHE_RSA_AES_256_GCM_SHA384 = 0x009f "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384";
        /// Diffie-Hellman signed with RSA.
        DHE_RSA_CHACHA20_POLY1305 = 0xccaa "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
        /// Diffie-Hellman on a curve, signed with ECDSA.
        ECDHE_ECDSA_AES_128_CBC_SHA = 0xc009 "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA";
        /// Diffie-Hellman on a curve, signed with ECDSA.
        ECDHE_ECDSA_AES_256_CBC_SHA = 0xc00a "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA";
        /// Diffie-Hellman on a curve, signed with RSA.
        ECDHE_RSA_AES_128_CBC_SHA = 0xc013 "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
        /// Diffie-Hellman on a curve, signed with RSA.
        ECDHE_RSA_AES_256_CBC_SHA = 0xc014 "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA";
        /// Diffie-Hellman on a curve, signed with ECDSA.
        ECDHE_ECDSA_AES_128_CBC_SHA256 = 0xc023 "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256";
        /// Diffie-Hellman on a curve, signed with ECDSA.
        ECDHE_ECDSA_AES_256_CBC_SHA384 = 0xc024 "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384";
        /// Diffie-Hellman on a curve, signed with RSA.
        ECDHE_RSA_AES_128_CBC_SHA256 = 0xc027 "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256";
        /// Diffie-Hellman on a curve, signed with RSA.
        ECDHE_RSA_AES_256_CBC_SHA384 = 0xc028 "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384";
        /// Diffie-Hellman on a curve, signed with ECDSA.
        ECDHE_ECDSA_AES_128_GCM_SHA256 = 0xc02b "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        /// Diffie-Hellman on a curve, signed with ECDSA.
        ECDHE_ECDSA_AES_256_GCM_SHA384 = 0xc02c "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
        /// Diffie-Hellman on a curve, signed with RSA.
        ECDHE_RSA_AES_128_GCM_SHA256 = 0xc02f "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
        /// Diffie-Hellman on a curve, signed with RSA.
        ECDHE_RSA_AES_256_GCM_SHA384 = 0xc030 "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
        /// Diffie-Hellman on a curve, signed with RSA.
        ECDHE_RSA_CHACHA20_POLY1305 = 0xcca8 "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
        /// Diffie-Hellman on a curve, signed with ECDSA.
        ECDHE_ECDSA_CHACHA20_POLY1305 = 0xcca9 "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
        /// TLS 1.3 (RFC 8446 §B.4).
        AES_128_GCM_SHA256 = 0x1301 "TLS_AES_128_GCM_SHA256";
        /// TLS 1.3 (RFC 8446 §B.4).
        AES_256_GCM_SHA384 = 0x1302 "TLS_AES_256_GCM_SHA384";
        /// TLS 1.3 (RFC 8446 §B.4).
        CHACHA20_POLY1305_SHA256 = 0x1303 "TLS_CHACHA20_POLY1305_SHA256";
        /// Not a suite: a client's word that it knows secure renegotiation (RFC 5746 §3.3).
        EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff "TLS_EMPTY_RENEGOTIATION_INFO_SCSV";
        /// Not a suite: a client's word that it has tried a higher version before (RFC 7507 §4).
        FALLBACK_SCSV = 0x5600 "TLS_FALLBACK_SCSV";
    }
}

/// The mode in which AES seals records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// An AEAD: encryption and proof in one (RFC 5288).
    Gcm,
    /// A chain of blocks, and HMAC-SHA-256: only together with encrypt_then_mac (RFC 7366).
    Cbc,
}

/// What an implemented suite consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The mode of AES.
    pub mode: Mode,
    /// Bytes of each of the two AES keys: 16 or 32.
    pub key_length: usize,
    /// The hash under the PRF, and so that of the handshake.
    pub hash: HashAlgorithm,
}

impl CipherSuite {
    /// The suites that are spoken where nothing else is said, the preferred first.
    pub const DEFAULT: [Self; 2] = [Self::RSA_AES_256_GCM_SHA384, Self::RSA_AES_128_GCM_SHA256];

    /// The suites that are implemented here, the preferred first.
    pub const IMPLEMENTED: [Self; 4] = [
        Self::RSA_AES_256_GCM_SHA384,
        Self::RSA_AES_128_GCM_SHA256,
        Self::RSA_AES_256_CBC_SHA256,
        Self::RSA_AES_128_CBC_SHA256,
    ];

    /// What the suite consists of, if it is implemented here.
    #[must_use]
    pub fn parameters(self) -> Option<Parameters> {
        use HashAlgorithm::{Sha256, Sha384};
        let (mode, key_length, hash) = match self {
            Self::RSA_AES_256_GCM_SHA384 => (Mode::Gcm, 32, Sha384),
            Self::RSA_AES_128_GCM_SHA256 => (Mode::Gcm, 16, Sha256),
            Self::RSA_AES_256_CBC_SHA256 => (Mode::Cbc, 32, Sha256),
            Self::RSA_AES_128_CBC_SHA256 => (Mode::Cbc, 16, Sha256),
            _ => return None,
        };
        Some(Parameters { mode, key_length, hash })
    }

    /// Whether it is implemented here, and takes a MAC outside of CBC to be spoken.
    #[must_use]
    pub fn needs_encrypt_then_mac(self) -> bool {
        self.parameters().is_some_and(|parameters| parameters.mode == Mode::Cbc)
    }

    /// What it takes to open a recording that uses the suite, with its master secret: the suites that are
    /// implemented, and those that differ from them in the key exchange alone (RFC 5288 §3, RFC 5289 §3.2).
    #[must_use]
    pub fn opening(self) -> Option<Parameters> {
        match self {
            Self::DHE_RSA_AES_128_GCM_SHA256
            | Self::ECDHE_RSA_AES_128_GCM_SHA256
            | Self::ECDHE_ECDSA_AES_128_GCM_SHA256 => Self::RSA_AES_128_GCM_SHA256.parameters(),
            Self::DHE_RSA_AES_256_GCM_SHA384
            | Self::ECDHE_RSA_AES_256_GCM_SHA384
            | Self::ECDHE_ECDSA_AES_256_GCM_SHA384 => Self::RSA_AES_256_GCM_SHA384.parameters(),
            Self::DHE_RSA_AES_128_CBC_SHA256
            | Self::ECDHE_RSA_AES_128_CBC_SHA256
            | Self::ECDHE_ECDSA_AES_128_CBC_SHA256 => Self::RSA_AES_128_CBC_SHA256.parameters(),
            Self::DHE_RSA_AES_256_CBC_SHA256 => Self::RSA_AES_256_CBC_SHA256.parameters(),
            _ => self.parameters(),
        }
    }

    /// Whether it is one of TLS 1.3, whose suites leave the key exchange open (RFC 8446 §B.4).
    #[must_use]
    pub fn is_tls_1_3(self) -> bool {
        self.0 >> 8 == 0x13
    }

    /// Whether the premaster secret travels encrypted with RSA, as in the six steps.
    #[must_use]
    pub fn is_rsa_key_transport(self) -> bool {
        self.name().is_some_and(|name| name.starts_with("TLS_RSA_WITH_"))
    }
}

/// No suite that is implemented has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are spoken here: {}", CipherSuite::IMPLEMENTED.map(|suite| suite.to_string()).join(", "))]
pub struct UnknownSuite;

/// The implemented suite with this standard name.
impl FromStr for CipherSuite {
    type Err = UnknownSuite;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::IMPLEMENTED.into_iter().find(|suite| suite.name() == Some(name)).ok_or(UnknownSuite)
    }
}
