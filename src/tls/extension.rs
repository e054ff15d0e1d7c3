//! Extensions of the hello messages (RFC 5246 §7.4.1.4).
//!
//! Each has a type, a length and a body. What is not known here is kept as it is and ignored, as the
//! standard asks.

use crate::hash::HashAlgorithm;
use crate::wire::value::open_enum;
use crate::wire::{ReadError, Reader, Writer};

open_enum! {
    /// Which extension.
    pub struct ExtensionType(u16) {
        /// Whom the client means to reach (RFC 6066 §3).
        SERVER_NAME = 0 "server_name";
        /// How long fragments may be (RFC 6066 §4).
        MAX_FRAGMENT_LENGTH = 1 "max_fragment_length";
        /// A wish for the state of the certificate (RFC 6066 §8).
        STATUS_REQUEST = 5 "status_request";
        /// Groups for key agreement (RFC 8422 §5.1.1).
        SUPPORTED_GROUPS = 10 "supported_groups";
        /// Forms of points on curves (RFC 8422 §5.1.2).
        EC_POINT_FORMATS = 11 "ec_point_formats";
        /// Which signatures can be verified (RFC 5246 §7.4.1.4.1).
        SIGNATURE_ALGORITHMS = 13 "signature_algorithms";
        /// What shall be spoken inside (RFC 7301).
        APPLICATION_LAYER_PROTOCOL_NEGOTIATION = 16 "application_layer_protocol_negotiation";
        /// A wish for proofs of logging (RFC 6962).
        SIGNED_CERTIFICATE_TIMESTAMP = 18 "signed_certificate_timestamp";
        /// Filling (RFC 7685).
        PADDING = 21 "padding";
        /// CBC with the tag outside (RFC 7366).
        ENCRYPT_THEN_MAC = 22 "encrypt_then_mac";
        /// The master secret hangs on the whole handshake (RFC 7627).
        EXTENDED_MASTER_SECRET = 23 "extended_master_secret";
        /// Certificates made smaller (RFC 8879).
        COMPRESS_CERTIFICATE = 27 "compress_certificate";
        /// Longer or shorter records (RFC 8449).
        RECORD_SIZE_LIMIT = 28 "record_size_limit";
        /// Resumption without state (RFC 5077).
        SESSION_TICKET = 35 "session_ticket";
        /// Keys agreed beforehand (RFC 8446 §4.2.11).
        PRE_SHARED_KEY = 41 "pre_shared_key";
        /// TLS 1.3's way of offering versions (RFC 8446 §4.2.1).
        SUPPORTED_VERSIONS = 43 "supported_versions";
        /// How keys agreed beforehand may be used (RFC 8446 §4.2.9).
        PSK_KEY_EXCHANGE_MODES = 45 "psk_key_exchange_modes";
        /// Which signatures in certificates can be verified (RFC 8446 §4.2.3).
        SIGNATURE_ALGORITHMS_CERT = 50 "signature_algorithms_cert";
        /// Public keys of TLS 1.3's agreement (RFC 8446 §4.2.8).
        KEY_SHARE = 51 "key_share";
        /// That renegotiation is tied to what came before (RFC 5746).
        RENEGOTIATION_INFO = 0xff01 "renegotiation_info";
    }
}

open_enum! {
    /// A hash and a signature algorithm, as TLS 1.2 pairs them, under the names that TLS 1.3 gave the pairs.
    pub struct SignatureScheme(u16) {
        /// RSA, PKCS#1 v1.5, SHA-1.
        RSA_PKCS1_SHA1 = 0x0201 "rsa_pkcs1_sha1";
        /// ECDSA, SHA-1.
        ECDSA_SHA1 = 0x0203 "ecdsa_sha1";
        /// RSA, PKCS#1 v1.5, SHA-224.
        RSA_PKCS1_SHA224 = 0x0301 "rsa_pkcs1_sha224";
        /// ECDSA, SHA-224.
        ECDSA_SHA224 = 0x0303 "ecdsa_sha224";
        /// RSA, PKCS#1 v1.5, SHA-256.
        RSA_PKCS1_SHA256 = 0x0401 "rsa_pkcs1_sha256";
        /// RSA, PKCS#1 v1.5, SHA-384.
        RSA_PKCS1_SHA384 = 0x0501 "rsa_pkcs1_sha384";
        /// RSA, PKCS#1 v1.5, SHA-512.
        RSA_PKCS1_SHA512 = 0x0601 "rsa_pkcs1_sha512";
        /// ECDSA on P-256.
        ECDSA_SECP256R1_SHA256 = 0x0403 "ecdsa_secp256r1_sha256";
        /// ECDSA on P-384.
        ECDSA_SECP384R1_SHA384 = 0x0503 "ecdsa_secp384r1_sha384";
        /// ECDSA on P-521.
        ECDSA_SECP521R1_SHA512 = 0x0603 "ecdsa_secp521r1_sha512";
        /// RSA-PSS, SHA-256, with a key for all of RSA.
        RSA_PSS_RSAE_SHA256 = 0x0804 "rsa_pss_rsae_sha256";
        /// RSA-PSS, SHA-384, with a key for all of RSA.
        RSA_PSS_RSAE_SHA384 = 0x0805 "rsa_pss_rsae_sha384";
        /// RSA-PSS, SHA-512, with a key for all of RSA.
        RSA_PSS_RSAE_SHA512 = 0x0806 "rsa_pss_rsae_sha512";
        /// Ed25519.
        ED25519 = 0x0807 "ed25519";
        /// Ed448.
        ED448 = 0x0808 "ed448";
        /// RSA-PSS, SHA-256, with a key for PSS alone.
        RSA_PSS_PSS_SHA256 = 0x0809 "rsa_pss_pss_sha256";
        /// RSA-PSS, SHA-384, with a key for PSS alone.
        RSA_PSS_PSS_SHA384 = 0x080a "rsa_pss_pss_sha384";
        /// RSA-PSS, SHA-512, with a key for PSS alone.
        RSA_PSS_PSS_SHA512 = 0x080b "rsa_pss_pss_sha512";
    }
}

impl SignatureScheme {
    /// Those that are verified here.
    pub const IMPLEMENTED: [Self; 3] =
        [Self::RSA_PKCS1_SHA256, Self::RSA_PKCS1_SHA384, Self::RSA_PKCS1_SHA512];

    /// RSA PKCS#1 v1.5 with this hash.
    #[must_use]
    pub fn rsa_pkcs1(hash: HashAlgorithm) -> Self {
        match hash {
            HashAlgorithm::Sha256 => Self::RSA_PKCS1_SHA256,
            HashAlgorithm::Sha384 => Self::RSA_PKCS1_SHA384,
            HashAlgorithm::Sha512 => Self::RSA_PKCS1_SHA512,
        }
    }
}

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extension {
    /// The DNS name that a client means to reach; a server's answer has none.
    ServerName(Option<String>),
    /// The signatures that a client can verify.
    SignatureAlgorithms(Vec<SignatureScheme>),
    /// That CBC shall have its MAC outside.
    EncryptThenMac,
    /// That the master secret shall hang on the whole handshake.
    ExtendedMasterSecret,
    /// The `renegotiated_connection`: empty in a first handshake.
    RenegotiationInfo(Vec<u8>),
    /// The versions that a client of TLS 1.3 offers.
    SupportedVersions(Vec<crate::tls::record::ProtocolVersion>),
    /// Another one, unread.
    Other {
        /// Which.
        kind: ExtensionType,
        /// Its body.
        data: Vec<u8>,
    },
}

/// Which hello an extension stands in: some have other bodies in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hello {
    /// In a ClientHello.
    Client,
    /// In a ServerHello.
    Server,
}

impl Extension {
    /// Which extension it is.
    #[must_use]
    pub fn kind(&self) -> ExtensionType {
        match self {
            Self::ServerName(_) => ExtensionType::SERVER_NAME,
            Self::SignatureAlgorithms(_) => ExtensionType::SIGNATURE_ALGORITHMS,
            Self::EncryptThenMac => ExtensionType::ENCRYPT_THEN_MAC,
            Self::ExtendedMasterSecret => ExtensionType::EXTENDED_MASTER_SECRET,
            Self::RenegotiationInfo(_) => ExtensionType::RENEGOTIATION_INFO,
            Self::SupportedVersions(_) => ExtensionType::SUPPORTED_VERSIONS,
            Self::Other { kind, .. } => *kind,
        }
    }

    /// Reads an extension.
    ///
    /// # Errors
    /// If its length or its body is not as the standard has it.
    #[inline]
    pub fn read(r: &mut Reader, hello: Hello) -> Result<Self, ReadError> {
        let kind = r.ahead().first_chunk().map(|bytes| ExtensionType(u16::from_be_bytes(*bytes)));
        let label = kind.and_then(ExtensionType::name).unwrap_or("extension");
        r.group(label, |r| {
            let kind = r.value::<ExtensionType>("extension_type")?;
            r.vector16("extension_data", 0..=0xffff, |r| match (kind, hello) {
                (ExtensionType::SERVER_NAME, Hello::Client) => {
                    let start = r.position();
                    let names = r.list16("server_name_list", 1..=0xffff, server_name)?;
                    let mut hosts = names.into_iter().flatten();
                    let first = hosts.next();
                    // RFC 6066 §3: not more than one name of a kind.
                    if hosts.next().is_some() {
                        return Err(r.reject("server_name_list", start, "more than one host_name"));
                    }
                    Ok(Self::ServerName(first))
                }
                (ExtensionType::SERVER_NAME, Hello::Server) => Ok(Self::ServerName(None)),
                (ExtensionType::SIGNATURE_ALGORITHMS, Hello::Client) => Ok(Self::SignatureAlgorithms(
                    r.list16("supported_signature_algorithms", 2..=0xfffe, |r| r.value("algorithm"))?,
                )),
                (ExtensionType::ENCRYPT_THEN_MAC, _) => Ok(Self::EncryptThenMac),
                (ExtensionType::EXTENDED_MASTER_SECRET, _) => Ok(Self::ExtendedMasterSecret),
                (ExtensionType::RENEGOTIATION_INFO, _) => {
                    Ok(Self::RenegotiationInfo(r.bytes8("renegotiated_connection", 0..=255)?.to_vec()))
                }
                (ExtensionType::SUPPORTED_VERSIONS, Hello::Client) => {
                    Ok(Self::SupportedVersions(r.list8("versions", 2..=254, |r| r.value("version"))?))
                }
                _ => Ok(Self::Other { kind, data: r.rest("data").to_vec() }),
            })
        })
    }

    /// Writes the extension.
    pub fn write(&self, w: &mut Writer) {
        w.u16(self.kind().0);
        w.vector16(|w| match self {
            Self::ServerName(None) | Self::EncryptThenMac | Self::ExtendedMasterSecret => {}
            Self::ServerName(Some(name)) => w.vector16(|w| {
                w.u8(NameType::HOST_NAME.0);
                w.vector16(|w| w.bytes(name.as_bytes()));
            }),
            Self::SignatureAlgorithms(schemes) => {
                w.vector16(|w| schemes.iter().for_each(|scheme| w.u16(scheme.0)));
            }
            Self::RenegotiationInfo(connection) => w.vector8(|w| w.bytes(connection)),
            Self::SupportedVersions(versions) => {
                w.vector8(|w| versions.iter().for_each(|version| w.u16(version.0)));
            }
            Self::Other { data, .. } => w.bytes(data),
        });
    }
}

open_enum! {
    /// What kind of name a client gives.
    pub struct NameType(u8) {
        /// A DNS name.
        HOST_NAME = 0 "host_name";
    }
}

/// RFC 6066 §3. A name of an unknown type has no length of its own that could be skipped, except that
/// every type so far uses two bytes for it, as the standard asks of later ones.
fn server_name(r: &mut Reader) -> Result<Option<String>, ReadError> {
    r.group("ServerName", |r| {
        let kind = r.value::<NameType>("name_type")?;
        let name = r.bytes16("host_name", 1..=0xffff)?;
        let text = String::from_utf8_lossy(name);
        r.means(|| text.to_string());
        Ok((kind == NameType::HOST_NAME && name.is_ascii()).then(|| text.into_owned()))
    })
}

/// The first type that stands twice among `extensions`.
#[must_use]
pub fn repeated(extensions: &[Extension]) -> Option<ExtensionType> {
    let mut kinds: Vec<_> = extensions.iter().map(Extension::kind).collect();
    kinds.sort_unstable();
    kinds.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
