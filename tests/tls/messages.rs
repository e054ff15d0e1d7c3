//! Handshake messages: what is written is read again, and what is cut or lengthened is not.

use cutaway::tls::CipherSuite;
use cutaway::tls::certificate::{CertificateMessage, CertificateRequest};
use cutaway::tls::extension::{Extension, ExtensionType, SignatureScheme};
use cutaway::tls::finished::Finished;
use cutaway::tls::hello::{ClientHello, CompressionMethod, ServerHello};
use cutaway::tls::key_exchange::ClientKeyExchange;
use cutaway::tls::message::{HandshakeType, MAX_BODY, Message};
use cutaway::tls::record::ProtocolVersion;
use cutaway::wire::{Problem, Reader};
use proptest::collection::vec;
use proptest::prelude::*;

fn version() -> impl Strategy<Value = ProtocolVersion> {
    any::<u16>().prop_map(ProtocolVersion)
}

fn bytes(length: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), length)
}

fn schemes() -> impl Strategy<Value = Vec<SignatureScheme>> {
    vec(any::<u16>().prop_map(SignatureScheme), 1..12)
}

/// An extension whose body is not looked into, in either hello.
fn other(understood: &'static [ExtensionType]) -> impl Strategy<Value = Extension> {
    let kind = any::<u16>()
        .prop_map(ExtensionType)
        .prop_filter("one that is not read", |kind| !understood.contains(kind));
    (kind, bytes(0..60)).prop_map(|(kind, data)| Extension::Other { kind, data })
}

const READ_BY_SERVERS: &[ExtensionType] = &[
    ExtensionType::SERVER_NAME,
    ExtensionType::SIGNATURE_ALGORITHMS,
    ExtensionType::EXTENDED_MASTER_SECRET,
    ExtensionType::RENEGOTIATION_INFO,
    ExtensionType::SUPPORTED_VERSIONS,
];

const READ_BY_CLIENTS: &[ExtensionType] =
    &[ExtensionType::SERVER_NAME, ExtensionType::EXTENDED_MASTER_SECRET, ExtensionType::RENEGOTIATION_INFO];

fn of_clients() -> impl Strategy<Value = Extension> {
    prop_oneof![
        "[a-z0-9.-]{1,40}".prop_map(|name| Extension::ServerName(Some(name))),
        schemes().prop_map(Extension::SignatureAlgorithms),
        Just(Extension::ExtendedMasterSecret),
        bytes(0..40).prop_map(Extension::RenegotiationInfo),
        vec(version(), 1..5).prop_map(Extension::SupportedVersions),
        other(READ_BY_SERVERS),
    ]
}

fn of_servers() -> impl Strategy<Value = Extension> {
    prop_oneof![
        Just(Extension::ServerName(None)),
        Just(Extension::ExtendedMasterSecret),
        bytes(0..40).prop_map(Extension::RenegotiationInfo),
        other(READ_BY_CLIENTS),
    ]
}

fn client_hello() -> impl Strategy<Value = Message> {
    let suites = vec(any::<u16>().prop_map(CipherSuite), 1..60);
    let compressions = vec(any::<u8>().prop_map(CompressionMethod), 1..6);
    (version(), any::<[u8; 32]>(), bytes(0..=32), suites, compressions, vec(of_clients(), 0..8)).prop_map(
        |(version, random, session_id, cipher_suites, compression_methods, extensions)| {
            Message::ClientHello(ClientHello {
                version,
                random,
                session_id,
                cipher_suites,
                compression_methods,
                extensions,
            })
        },
    )
}

fn server_hello() -> impl Strategy<Value = Message> {
    (version(), any::<[u8; 32]>(), bytes(0..=32), any::<u16>(), any::<u8>(), vec(of_servers(), 0..8))
        .prop_map(|(version, random, session_id, suite, compression, extensions)| {
            Message::ServerHello(ServerHello {
                version,
                random,
                session_id,
                cipher_suite: CipherSuite(suite),
                compression_method: CompressionMethod(compression),
                extensions,
            })
        })
}

fn certificate_request() -> impl Strategy<Value = Message> {
    (bytes(1..10), schemes(), vec(bytes(1..50), 0..4)).prop_map(
        |(certificate_types, supported_signature_algorithms, certificate_authorities)| {
            Message::CertificateRequest(CertificateRequest {
                certificate_types,
                supported_signature_algorithms,
                certificate_authorities,
            })
        },
    )
}

/// A message that no suite here has.
fn unread() -> impl Strategy<Value = Message> {
    let kinds = [0, 1, 2, 11, 13, 14, 16, 20];
    let kind = any::<u8>().prop_filter("one that is not read", move |kind| !kinds.contains(kind));
    (kind, bytes(0..200)).prop_map(|(kind, body)| Message::Other { kind: HandshakeType(kind), body })
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        client_hello(),
        server_hello(),
        vec(bytes(1..300), 0..4)
            .prop_map(|certificate_list| Message::Certificate(CertificateMessage { certificate_list })),
        certificate_request(),
        bytes(0..600).prop_map(|encrypted_premaster_secret| {
            Message::ClientKeyExchange(ClientKeyExchange { encrypted_premaster_secret })
        }),
        any::<[u8; 12]>().prop_map(|verify_data| Message::Finished(Finished { verify_data })),
        Just(Message::HelloRequest),
        Just(Message::ServerHelloDone),
        unread(),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(message in message()) {
        prop_assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
    }

    #[test]
    fn a_message_that_ends_early_or_late_is_refused(
        message in message(),
        end in any::<prop::sample::Index>(),
        more in 1_usize..5,
    ) {
        let whole = message.to_bytes();
        let cut = &whole[..end.index(whole.len())];
        let error = Message::from_bytes(cut).unwrap_err();
        let short = matches!(error.problem(), Problem::Short { .. });
        prop_assert!(short, "{error}");

        let long = [whole.as_slice(), &vec![0; more]].concat();
        let error = Message::from_bytes(&long).unwrap_err();
        prop_assert_eq!(error.problem(), &Problem::Unread { left: more });
    }

    /// A header that counts fewer bytes than the body needs, or more than it has.
    #[test]
    fn a_wrong_length_in_the_header_is_refused(message in message(), by in 1_u8..20) {
        let mut bytes = message.to_bytes();
        if let Message::Other { .. } = message {
            return Ok(());
        }
        let length = u32::from_be_bytes([0, bytes[1], bytes[2], bytes[3]]) + u32::from(by);
        bytes[1..4].copy_from_slice(&length.to_be_bytes()[1..]);
        bytes.extend(vec![0; usize::from(by)]);
        // A hello of no extensions may be read as one whose list of extensions is empty.
        let bare = match &message {
            Message::ClientHello(hello) => hello.extensions.is_empty(),
            Message::ServerHello(hello) => hello.extensions.is_empty(),
            _ => false,
        };
        prop_assert_eq!(Message::from_bytes(&bytes).is_ok(), bare && by == 2);
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_recording_changes_nothing(
        mut bytes in bytes(0..400),
        kind in 0_u8..25,
        fits in any::<bool>(),
    ) {
        if fits && bytes.len() >= 4 {
            let length = (bytes.len() - 4) as u32;
            bytes[..4].copy_from_slice(&length.to_be_bytes());
            bytes[0] = kind;
        }
        let read = Message::from_bytes(&bytes);
        let (recorded, _) = Reader::record(&bytes, Message::read);
        prop_assert_eq!(&read, &recorded);
        if let Ok(message) = read {
            prop_assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
        }
    }
}

/// No length is believed beyond what a message may have.
#[test]
fn a_message_longer_than_the_bound_is_refused_from_its_header_alone() {
    for length in [MAX_BODY + 1, 0xff_ffff] {
        let header = [&[11], &(length as u32).to_be_bytes()[1..]].concat();
        let error = Message::from_bytes(&header).unwrap_err();
        assert!(matches!(error.problem(), Problem::Refused(reason) if reason.contains("65536")), "{error}");
    }
}
