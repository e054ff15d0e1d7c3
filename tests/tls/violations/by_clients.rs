//! What a client must not do.

use cutaway::tls::CipherSuite;
use cutaway::tls::alert::{Alert, AlertDescription as A};
use cutaway::tls::extension::{Extension, ExtensionType, SignatureScheme};
use cutaway::tls::hello::{ClientHello, CompressionMethod};
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::{ContentType, MAX_PLAINTEXT, ProtocolVersion};
use cutaway::tls::v12::key_schedule::Side;

use super::{
    ALERT, CHANGE, DATA, HANDSHAKE, Violation, answer, false_finished, hello, other, tampered, too_long,
    violations,
};
use crate::hand::{Stage, certificates, client_hello};
use crate::pair::record;

pub const VIOLATIONS: &[Violation] = violations! {
    // Other protocols.
    "a web browser without TLS", Fresh => |_| b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()
        => "does not speak TLS: it began with", None;
    "an SSH client", Fresh => |_| b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec() => "does not speak TLS", None;
    "SSL 2", Fresh => |_| vec![0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0] => "does not speak TLS", None;

    // Records.
    "a record type that does not exist", Hello => |_| record(ContentType(99), b"x")
        => "does not exist: unknown (0x63)", Some(A::UNEXPECTED_MESSAGE);
    "a record of another version once one is agreed on", Hello => |hand| {
        let mut record = hand.good_key_exchange();
        record[2] = 1;
        record
    } => "a record of version TLS 1.0", Some(A::PROTOCOL_VERSION);
    "a record longer than 2^14", Fresh => |_| too_long()
        => "16385 bytes, and 16384 are the most", Some(A::RECORD_OVERFLOW);
    "a sealed record longer than 2^14 + 2048", Open => |_| record(DATA, &vec![0; MAX_PLAINTEXT + 2049])
        => "18433 bytes, and 18432 are the most", Some(A::RECORD_OVERFLOW);
    "a sealed record whose plaintext is longer than 2^14", Open =>
        |_| record(DATA, &vec![0; MAX_PLAINTEXT + 25])
        => "16385 bytes, and 16384 are the most", Some(A::RECORD_OVERFLOW);
    "an empty handshake record", Fresh => |_| record(HANDSHAKE, b"")
        => "an empty record of type handshake", Some(A::DECODE_ERROR);
    "an empty alert", Open => |hand| hand.record(ALERT, b"")
        => "an empty record of type alert", Some(A::DECODE_ERROR);
    "an empty ChangeCipherSpec", Exchanged => |_| record(CHANGE, b"")
        => "an empty record of type change_cipher_spec", Some(A::DECODE_ERROR);
    "empty records without end", Open => |hand| (0..40).flat_map(|_| hand.record(DATA, b"")).collect()
        => "too many empty records", Some(A::UNEXPECTED_MESSAGE);
    "warnings without end", Open => |hand| {
        let warning = Alert::warning(A::USER_CANCELED).to_bytes();
        (0..10).flat_map(|_| hand.record(ALERT, &warning)).collect()
    } => "too many warnings", Some(A::UNEXPECTED_MESSAGE);
    "wishes to renegotiate without end", Open => |hand| (0..10).flat_map(|_| hello(hand, |_| {})).collect()
        => "too many warnings", Some(A::UNEXPECTED_MESSAGE);
    "an alert of one byte", Open => |hand| hand.record(ALERT, &[1]) => "alert: ", Some(A::DECODE_ERROR);
    "an alert of three bytes", Open => |hand| hand.record(ALERT, &[1, 90, 0])
        => "alert: ", Some(A::DECODE_ERROR);

    // Sealed records.
    "a sealed record with a bit turned over", Open => |hand| tampered(hand.record(DATA, b"hello"))
        => "does not open", Some(A::BAD_RECORD_MAC);
    "a sealed record said twice", Open => |hand| hand.record(DATA, b"pay 10").repeat(2)
        => "does not open", Some(A::BAD_RECORD_MAC);
    "two sealed records exchanged", Open => |hand| {
        let (first, second) = (hand.record(DATA, b"first"), hand.record(DATA, b"second"));
        [second, first].concat()
    } => "does not open", Some(A::BAD_RECORD_MAC);
    "a sealed record left out", Open => |hand| {
        hand.record(DATA, b"lost");
        hand.record(DATA, b"found")
    } => "does not open", Some(A::BAD_RECORD_MAC);
    "a sealed record under another type", Open => |hand| {
        let mut record = hand.record(DATA, &[1, 0]);
        record[0] = ALERT.0;
        record
    } => "does not open", Some(A::BAD_RECORD_MAC);
    "plaintext where a sealed record is due", Open => |_| record(DATA, b"hello, I am not sealed at all")
        => "does not open", Some(A::BAD_RECORD_MAC);
    "a sealed record too short for a nonce and a tag", Open => |_| record(DATA, &[0; 23])
        => "does not open", Some(A::BAD_RECORD_MAC);

    // ClientHello.
    "nothing but TLS 1.1", Fresh => |hand| hello(hand, |hello| hello.version = ProtocolVersion::TLS_1_1)
        => "TLS 1.2 is the only version spoken here, and the other side wants TLS 1.1", Some(A::PROTOCOL_VERSION);
    "nothing but TLS 1.3", Fresh => |hand| hello(hand, |hello| {
        hello.extensions.push(Extension::SupportedVersions(vec![ProtocolVersion(0x1a1a), ProtocolVersion::TLS_1_3]));
    }) => "TLS 1.2 is the only version spoken here, and the other side wants TLS 1.3", Some(A::PROTOCOL_VERSION);
    "no suite of RSA key transport", Fresh => |hand| hello(hand, |hello| {
        hello.cipher_suites = vec![CipherSuite::ECDHE_RSA_AES_256_GCM_SHA384];
    }) => "the client never offers RSA key transport", Some(A::HANDSHAKE_FAILURE);
    "RSA key transport with CBC alone", Fresh => |hand| hello(hand, |hello| {
        hello.cipher_suites = vec![CipherSuite::RSA_AES_128_CBC_SHA];
    }) => "the client offers none with AES-GCM", Some(A::HANDSHAKE_FAILURE);
    "no signature that the certificate bears", Fresh => |hand| hello(hand, |hello| {
        hello.extensions[0] = Extension::SignatureAlgorithms(vec![SignatureScheme::ED25519]);
    }) => "cannot verify our certificate's signature", Some(A::HANDSHAKE_FAILURE);
    "compression and nothing else", Fresh => |hand| hello(hand, |hello| {
        hello.compression_methods = vec![CompressionMethod::DEFLATE];
    }) => "compression", Some(A::ILLEGAL_PARAMETER);
    "an extension twice", Fresh =>
        |hand| hello(hand, |hello| hello.extensions.push(Extension::ExtendedMasterSecret))
        => "extended_master_secret stands there twice", Some(A::ILLEGAL_PARAMETER);
    "an unknown extension twice", Fresh => |hand| hello(hand, |hello| {
        let unknown = Extension::Other { kind: ExtensionType(0x1234), data: vec![1] };
        hello.extensions.extend([unknown.clone(), unknown]);
    }) => "unknown (0x1234) stands there twice", Some(A::ILLEGAL_PARAMETER);
    "a first handshake that claims to continue another", Fresh => |hand| hello(hand, |hello| {
        hello.extensions[2] = Extension::RenegotiationInfo(vec![1; 12]);
    }) => "renegotiation_info is not empty", Some(A::HANDSHAKE_FAILURE);
    "extended_master_secret with a body", Fresh => |hand| hello(hand, |hello| {
        hello.extensions = vec![Extension::Other { kind: ExtensionType::EXTENDED_MASTER_SECRET, data: vec![0] }];
    }) => "1 byte left over", Some(A::DECODE_ERROR);
    "a session id of 33 bytes", Fresh => |hand| hello(hand, |hello| hello.session_id = vec![0; 33])
        => "session_id: length 33, must be 0 to 32", Some(A::DECODE_ERROR);
    "no suite at all", Fresh => |hand| hello(hand, |hello| hello.cipher_suites.clear())
        => "cipher_suites", Some(A::DECODE_ERROR);
    "no compression at all, not even none", Fresh =>
        |hand| hello(hand, |hello| hello.compression_methods.clear())
        => "compression_methods", Some(A::DECODE_ERROR);
    "a ClientHello with bytes behind it", Fresh => |_| {
        let mut bytes = Message::ClientHello(ClientHello { extensions: vec![], ..client_hello() }).to_bytes();
        bytes[3] += 1;
        bytes.push(0);
        record(HANDSHAKE, &bytes)
    } => "ClientHello.extensions", Some(A::DECODE_ERROR);
    "a message of 2^24-1 bytes", Fresh => |_| record(HANDSHAKE, &[1, 0xff, 0xff, 0xff])
        => "16777215 bytes, and 65536 are the most", Some(A::DECODE_ERROR);

    // Order.
    "data before anything else", Fresh => |_| record(DATA, b"hello")
        => "expected ClientHello, and application data came", Some(A::UNEXPECTED_MESSAGE);
    "an empty record of data before anything else", Fresh => |_| record(DATA, b"")
        => "expected ClientHello, and application data came", Some(A::UNEXPECTED_MESSAGE);
    "ChangeCipherSpec before anything else", Fresh => |_| record(CHANGE, &[1])
        => "expected ClientHello, and ChangeCipherSpec came", Some(A::UNEXPECTED_MESSAGE);
    "ClientKeyExchange before ClientHello", Fresh => |hand| hand.good_key_exchange()
        => "expected ClientHello, and ClientKeyExchange came", Some(A::UNEXPECTED_MESSAGE);
    "HelloRequest from a client", Fresh => |hand| hand.say(&Message::HelloRequest)
        => "expected ClientHello, and HelloRequest came", Some(A::UNEXPECTED_MESSAGE);
    "ServerHello from a client", Fresh => |hand| answer(hand, |_| {})
        => "expected ClientHello, and ServerHello came", Some(A::UNEXPECTED_MESSAGE);
    "a second ClientHello", Hello => |hand| hello(hand, |_| {})
        => "expected ClientKeyExchange, and ClientHello came", Some(A::UNEXPECTED_MESSAGE);
    "a certificate that was not asked for", Hello => |hand| hand.say(&certificates(&[]))
        => "expected ClientKeyExchange, and Certificate came", Some(A::UNEXPECTED_MESSAGE);
    "ChangeCipherSpec before ClientKeyExchange", Hello => |hand| hand.change_cipher_spec()
        => "expected ClientKeyExchange, and ChangeCipherSpec came", Some(A::UNEXPECTED_MESSAGE);
    "Finished before ClientKeyExchange", Hello => false_finished
        => "expected ClientKeyExchange, and Finished came", Some(A::UNEXPECTED_MESSAGE);
    "an encrypted premaster secret without its length", Hello => |_| {
        record(HANDSHAKE, &[&[16, 0, 1, 0], [7; 256].as_slice()].concat())
    } => "encrypted_premaster_secret: needs 1799 bytes, 254 left", Some(A::DECODE_ERROR);
    "a second ClientKeyExchange", Exchanged => |hand| hand.good_key_exchange()
        => "expected ChangeCipherSpec, and ClientKeyExchange came", Some(A::UNEXPECTED_MESSAGE);
    "CertificateVerify without a certificate", Exchanged =>
        |hand| hand.say(&other(HandshakeType::CERTIFICATE_VERIFY))
        => "expected ChangeCipherSpec, and CertificateVerify came", Some(A::UNEXPECTED_MESSAGE);
    "Finished without ChangeCipherSpec", Exchanged => |hand| {
        let finished = hand.finished(Side::Client);
        hand.say(&finished)
    } => "expected ChangeCipherSpec, and Finished came", Some(A::UNEXPECTED_MESSAGE);
    "a ChangeCipherSpec of two bytes", Exchanged => |_| record(CHANGE, &[1, 1])
        => "not the one byte 01", Some(A::DECODE_ERROR);
    "a ChangeCipherSpec of another byte", Exchanged => |_| record(CHANGE, &[2])
        => "not the one byte 01", Some(A::DECODE_ERROR);
    "ChangeCipherSpec amid a message", Exchanged =>
        |_| [record(HANDSHAKE, &[20, 0, 0]), record(CHANGE, &[1])].concat()
        => "type change_cipher_spec in the middle of a handshake message", Some(A::UNEXPECTED_MESSAGE);
    "an alert amid a message", Hello => |_| [record(HANDSHAKE, &[16, 0]), record(ALERT, &[1, 90])].concat()
        => "type alert in the middle of a handshake message", Some(A::UNEXPECTED_MESSAGE);
    "data amid a message", Open => |hand| {
        let begun = hand.record(HANDSHAKE, &[1, 0]);
        [begun, hand.record(DATA, b"x")].concat()
    } => "type application_data in the middle of a handshake message", Some(A::UNEXPECTED_MESSAGE);
    "a second ChangeCipherSpec, in plaintext", Changed => |_| record(CHANGE, &[1])
        => "does not open", Some(A::BAD_RECORD_MAC);
    "a second ChangeCipherSpec, sealed", Changed => |hand| hand.record(CHANGE, &[1])
        => "expected Finished, and ChangeCipherSpec came", Some(A::UNEXPECTED_MESSAGE);
    "a Finished in plaintext", Changed => |hand| record(HANDSHAKE, &hand.finished(Side::Client).to_bytes())
        => "does not open", Some(A::BAD_RECORD_MAC);
    "data before Finished", Changed => |hand| hand.record(DATA, b"too early")
        => "expected Finished, and application data came", Some(A::UNEXPECTED_MESSAGE);
    "an empty record of data before Finished", Changed => |hand| hand.record(DATA, b"")
        => "expected Finished, and application data came", Some(A::UNEXPECTED_MESSAGE);
    "a Finished of another conversation", Changed => false_finished
        => "verify_data differs", Some(A::DECRYPT_ERROR);
    "the server's Finished said by the client", Changed => |hand| {
        let finished = hand.finished(Side::Server);
        hand.say(&finished)
    } => "verify_data differs", Some(A::DECRYPT_ERROR);
    "a Finished of 11 bytes", Changed =>
        |hand| hand.record(HANDSHAKE, &[&[20, 0, 0, 11], [0; 11].as_slice()].concat())
        => "verify_data: needs 12 bytes, 11 left", Some(A::DECODE_ERROR);
    "a second Finished", Open => |hand| {
        let finished = hand.finished(Side::Client);
        hand.say(&finished)
    } => "expected application data, and Finished came", Some(A::UNEXPECTED_MESSAGE);
    "ChangeCipherSpec after the handshake", Open => |hand| hand.record(CHANGE, &[1])
        => "expected application data, and ChangeCipherSpec came", Some(A::UNEXPECTED_MESSAGE);

    // The other side ends it.
    "a fatal alert", Hello => |_| record(ALERT, &[2, 48])
        => "with the alert unknown_ca (fatal, 48), while ClientKeyExchange was expected", None;
    "an alert of a level that does not exist", Open => |hand| hand.record(ALERT, &[7, 80])
        => "with the alert internal_error (unknown (0x07), 80)", None;
    "a farewell amid the handshake", Exchanged => |_| record(ALERT, &[1, 0])
        => "with the alert close_notify (warning, 0), while ChangeCipherSpec was expected", None;
};
