//! What a server must not do.

use cutaway::tls::CipherSuite;
use cutaway::tls::alert::AlertDescription as A;
use cutaway::tls::extension::{Extension, ExtensionType, SignatureScheme};
use cutaway::tls::hello::CompressionMethod;
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::ProtocolVersion;
use cutaway::tls::v12::key_schedule::Side;

use super::{
    ALERT, CHANGE, DATA, HANDSHAKE, Violation, answer, certificate_request, false_finished, hello, other,
    tampered, violations,
};
use crate::hand::{Stage, certificate, certificates};
use crate::pair::{AUTHORITY, CERTIFICATE, ELLIPTIC, SIGNS_ONLY, record};

pub const VIOLATIONS: &[Violation] = violations! {
    "a web server without TLS", Fresh => |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()
        => "does not speak TLS", None;
    "an SSH server", Fresh => |_| b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec() => "does not speak TLS", None;

    // ServerHello.
    "TLS 1.1", Fresh => |hand| answer(hand, |hello| hello.version = ProtocolVersion::TLS_1_1)
        => "the other side wants TLS 1.1", Some(A::PROTOCOL_VERSION);
    "a version after TLS 1.2", Fresh => |hand| answer(hand, |hello| hello.version = ProtocolVersion::TLS_1_3)
        => "the other side wants TLS 1.3", Some(A::PROTOCOL_VERSION);
    "a suite that was not offered", Fresh =>
        |hand| answer(hand, |hello| hello.cipher_suite = CipherSuite::RSA_AES_128_CBC_SHA)
        => "picked TLS_RSA_WITH_AES_128_CBC_SHA, which was not offered", Some(A::ILLEGAL_PARAMETER);
    "the signalling suite", Fresh => |hand| answer(hand, |hello| {
        hello.cipher_suite = CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV;
    }) => "which was not offered", Some(A::ILLEGAL_PARAMETER);
    "compression", Fresh => |hand| answer(hand, |hello| hello.compression_method = CompressionMethod::DEFLATE)
        => "compression", Some(A::ILLEGAL_PARAMETER);
    "an answer to what was not asked", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::Other { kind: ExtensionType::SESSION_TICKET, data: vec![] });
    }) => "session_ticket, which was not offered", Some(A::UNSUPPORTED_EXTENSION);
    "an answer to signature_algorithms, which has none", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::SignatureAlgorithms(vec![SignatureScheme::RSA_PKCS1_SHA256]));
    }) => "signature_algorithms", Some(A::UNSUPPORTED_EXTENSION);
    "an answer twice", Fresh =>
        |hand| answer(hand, |hello| hello.extensions.push(Extension::ExtendedMasterSecret))
        => "extended_master_secret stands there twice", Some(A::ILLEGAL_PARAMETER);
    "a first handshake that claims to continue another", Fresh => |hand| answer(hand, |hello| {
        hello.extensions[0] = Extension::RenegotiationInfo(vec![0; 24]);
    }) => "renegotiation_info is not empty", Some(A::HANDSHAKE_FAILURE);
    "a name in the answer to server_name", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::ServerName(Some("localhost".to_owned())));
    }) => "left over", Some(A::DECODE_ERROR);

    // Certificate.
    "no certificate", Hello => |hand| hand.say(&certificates(&[]))
        => "showed no certificate", Some(A::BAD_CERTIFICATE);
    "an empty certificate", Hello => |hand| hand.say(&certificates(&[b""]))
        => "ASN.1Cert[0]: length 0", Some(A::DECODE_ERROR);
    "bytes that are no certificate", Hello => |hand| hand.say(&certificates(&[b"trust me"]))
        => "certificate: ", Some(A::BAD_CERTIFICATE);
    "a certificate with a byte behind it", Hello => |hand| {
        hand.say(&certificates(&[&[CERTIFICATE.der(), &[0]].concat()]))
    } => "certificate: 1 byte left over", Some(A::BAD_CERTIFICATE);
    "a certificate whose signature is wrong", Hello =>
        |hand| hand.say(&certificates(&[&tampered(CERTIFICATE.der().to_vec())]))
        => "signature", Some(A::BAD_CERTIFICATE);
    "the authority's certificate in place of its own", Hello =>
        |hand| hand.say(&certificates(&[AUTHORITY.der()]))
        => "localhost", Some(A::BAD_CERTIFICATE);
    "a certificate for signatures alone", Hello => |hand| hand.say(&certificates(&[SIGNS_ONLY.der()]))
        => "would have to have keyEncipherment", Some(A::UNSUPPORTED_CERTIFICATE);
    "a certificate with a key on a curve", Hello => |hand| hand.say(&certificates(&[ELLIPTIC.der()]))
        => "cannot be used (ecPublicKey)", Some(A::UNSUPPORTED_CERTIFICATE);

    // Order.
    "Certificate before ServerHello", Fresh => |hand| hand.say(&certificate())
        => "expected ServerHello, and Certificate came", Some(A::UNEXPECTED_MESSAGE);
    "ClientHello from a server", Fresh => |hand| hello(hand, |_| {})
        => "expected ServerHello, and ClientHello came", Some(A::UNEXPECTED_MESSAGE);
    "ServerHello twice", Hello => |hand| answer(hand, |_| {})
        => "expected Certificate, and ServerHello came", Some(A::UNEXPECTED_MESSAGE);
    "ServerHelloDone in place of a certificate", Hello => |hand| hand.say(&Message::ServerHelloDone)
        => "expected Certificate, and ServerHelloDone came", Some(A::UNEXPECTED_MESSAGE);
    "a certificate's state that was not asked for", Certificate =>
        |hand| hand.say(&other(HandshakeType::CERTIFICATE_STATUS))
        => "and CertificateStatus came", Some(A::UNEXPECTED_MESSAGE);
    "ServerKeyExchange, which RSA key transport has not", Certificate => |hand| {
        hand.say(&other(HandshakeType::SERVER_KEY_EXCHANGE))
    }
        => "expected ServerHelloDone or CertificateRequest, and ServerKeyExchange came", Some(A::UNEXPECTED_MESSAGE);
    "a certificate asked for twice", Certificate => |hand| {
        [hand.say(&certificate_request()), hand.say(&certificate_request())].concat()
    } => "expected ServerHelloDone, and CertificateRequest came", Some(A::UNEXPECTED_MESSAGE);
    "a certificate asked for in no way that exists", Certificate => |hand| {
        hand.record(HANDSHAKE, &[13, 0, 0, 7, 1, 1, 0, 0, 0, 0, 0])
    } => "supported_signature_algorithms: length 0", Some(A::DECODE_ERROR);
    "a ServerHelloDone with a body", Certificate => |_| record(HANDSHAKE, &[14, 0, 0, 1, 0])
        => "1 byte left over", Some(A::DECODE_ERROR);
    "a HelloRequest with a body", Certificate => |_| record(HANDSHAKE, &[0, 0, 0, 1, 0])
        => "1 byte left over", Some(A::DECODE_ERROR);
    "a message behind ServerHelloDone", Certificate => |hand| {
        let done = Message::ServerHelloDone.to_bytes();
        hand.note(&done);
        record(HANDSHAKE, &done.repeat(2))
    } => "expected ChangeCipherSpec, and ServerHelloDone came", Some(A::UNEXPECTED_MESSAGE);
    "ChangeCipherSpec before ServerHelloDone", Certificate => |_| record(CHANGE, &[1])
        => "and ChangeCipherSpec came", Some(A::UNEXPECTED_MESSAGE);
    "ServerHelloDone twice", Exchanged => |hand| hand.say(&Message::ServerHelloDone)
        => "expected ChangeCipherSpec, and ServerHelloDone came", Some(A::UNEXPECTED_MESSAGE);
    "a ticket that was not asked for", Exchanged => |hand| hand.say(&other(HandshakeType::NEW_SESSION_TICKET))
        => "expected ChangeCipherSpec, and NewSessionTicket came", Some(A::UNEXPECTED_MESSAGE);
    "data before ChangeCipherSpec", Exchanged => |_| record(DATA, b"hello")
        => "expected ChangeCipherSpec, and application data came", Some(A::UNEXPECTED_MESSAGE);
    "data before Finished", Changed => |hand| hand.record(DATA, b"too early")
        => "expected Finished, and application data came", Some(A::UNEXPECTED_MESSAGE);
    "an empty record of data before Finished", Changed => |hand| hand.record(DATA, b"")
        => "expected Finished, and application data came", Some(A::UNEXPECTED_MESSAGE);
    "a Finished of another conversation", Changed => false_finished
        => "verify_data differs", Some(A::DECRYPT_ERROR);
    "the client's Finished sent back", Changed => |hand| {
        let finished = hand.finished(Side::Client);
        hand.say(&finished)
    } => "verify_data differs", Some(A::DECRYPT_ERROR);
    "a sealed record with a bit turned over", Changed => |hand| {
        let finished = hand.finished(Side::Server);
        tampered(hand.say(&finished))
    } => "does not open", Some(A::BAD_RECORD_MAC);
    "a second handshake without a word", Open => |hand| answer(hand, |_| {})
        => "expected application data, and ServerHello came", Some(A::UNEXPECTED_MESSAGE);
    "wishes to renegotiate without end", Open =>
        |hand| (0..10).flat_map(|_| hand.say(&Message::HelloRequest)).collect()
        => "too many warnings", Some(A::UNEXPECTED_MESSAGE);

    // The other side ends it.
    "handshake_failure", Fresh => |_| record(ALERT, &[2, 40])
        => "with the alert handshake_failure (fatal, 40), while ServerHello was expected", None;
    "an alert with a description that does not exist", Fresh => |_| record(ALERT, &[2, 255])
        => "with the alert unknown (0xff) (fatal, 255)", None;
};
