//! What a client must not do.

use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::CipherSuite;
use cutaway::tls::alert::{Alert, AlertDescription as A};
use cutaway::tls::extension::{Extension, ExtensionType, SignatureScheme};
use cutaway::tls::hello::{ClientHello, CompressionMethod};
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::{ContentType, MAX_PLAINTEXT, ProtocolVersion};
use cutaway::tls::v12::key_schedule::Side;

use super::Then::{Farewell, Fatal, Ignored, Silent, Warning};
use super::{
    ALERT, ALERTS, AMID, CHANGE, DATA, DECODE, EARLY, EMPTY, FLOOD, HANDSHAKE, MAC, ORDER, OVER, QUIET,
    TWICE, UNTIMELY, Violation, answer, false_finished, hello, other, rewritten, sixteen_megabytes, tampered,
    too_long, violations,
};
use crate::hand::{Hand, Stage, certificates, client_hello, premaster, public_key};
use crate::pair::record;

/// The usual ClientHello, with these bytes in place of others.
fn hello_with(at: usize, bytes: &[u8]) -> Vec<u8> {
    rewritten(Message::ClientHello(client_hello()), |hello| {
        hello.splice(at..at + bytes.len(), bytes.iter().copied());
    })
}

/// Where the usual ClientHello, whose session_id is empty, has its cipher_suites, and its extensions.
const SUITES: usize = 39;
const EXTENSIONS: usize = 47;

/// A ClientHello in which one extension has this body.
fn extension(hand: &mut Hand, kind: ExtensionType, data: &[u8]) -> Vec<u8> {
    hello(hand, |hello| hello.extensions = vec![Extension::Other { kind, data: data.to_vec() }])
}

/// ClientKeyExchange, ChangeCipherSpec and Finished with a premaster secret that the server cannot open
/// to what the client holds.
fn finish_with(hand: &mut Hand, ciphertext: Vec<u8>) -> Vec<u8> {
    let exchange = hand.key_exchange(ciphertext, &premaster());
    [exchange, hand.finish()].concat()
}

fn sealed(premaster: &[u8]) -> Vec<u8> {
    public_key().encrypt(&mut Generator::new(5, 0), premaster).expect("it fits")
}

pub const VIOLATIONS: &[Violation] = violations! {
    // Other protocols.
    "a web browser without TLS", Fresh => |_| b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()
        => "does not speak TLS: it began with", Silent, QUIET;
    "an SSH client", Fresh => |_| b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec() => "does not speak TLS", Silent, QUIET;
    "SSL 2", Fresh => |_| vec![0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0] => "does not speak TLS", Silent, "no answer: §E.2 lets a server take it, RFC 6176 tells clients never to say it";

    "a first record of version 2.0", Fresh => |_| vec![22, 2, 0, 0, 4, 1, 0, 0, 0]
        => "does not speak TLS", Silent, QUIET;

    // Records.
    "a record type that does not exist", Hello => |_| record(ContentType(99), b"x")
        => "does not exist: unknown (0x63)", Fatal(A::UNEXPECTED_MESSAGE), "§6";
    "a record of another version once one is agreed on", Hello => |hand| {
        let mut record = hand.good_key_exchange();
        record[2] = 1;
        record
    } => "a record of version TLS 1.0", Fatal(A::PROTOCOL_VERSION), "§6.2.1 names no alert: what is wrong is the version";
    "a record longer than 2^14", Fresh => |_| too_long()
        => "16385 bytes, and 16384 are the most", Fatal(A::RECORD_OVERFLOW), "§6.2.1";
    "a sealed record longer than 2^14 + 2048", Open => |_| record(DATA, &vec![0; MAX_PLAINTEXT + 2049])
        => "18433 bytes, and 18432 are the most", Fatal(A::RECORD_OVERFLOW), "§7.2.2";
    "a sealed record whose plaintext is longer than 2^14", Open =>
        |_| record(DATA, &vec![0; MAX_PLAINTEXT + 25])
        => "16385 bytes, and 16384 are the most", Fatal(A::RECORD_OVERFLOW), "§7.2.2, and §6.2.1 where nothing is compressed";
    "an empty handshake record", Fresh => |_| record(HANDSHAKE, b"")
        => "an empty record of type handshake", Fatal(A::DECODE_ERROR), EMPTY;
    "an empty alert", Open => |hand| hand.record(ALERT, b"")
        => "an empty record of type alert", Fatal(A::DECODE_ERROR), EMPTY;
    "an empty ChangeCipherSpec", Exchanged => |_| record(CHANGE, b"")
        => "an empty record of type change_cipher_spec", Fatal(A::DECODE_ERROR), EMPTY;
    "empty records without end", Open => |hand| (0..40).flat_map(|_| hand.record(DATA, b"")).collect()
        => "too many empty records", Fatal(A::UNEXPECTED_MESSAGE), "§6.2.1 allows them: 32 in a row are enough";
    "warnings without end", Open => |hand| {
        let warning = Alert::warning(A::USER_CANCELED).to_bytes();
        (0..10).flat_map(|_| hand.record(ALERT, &warning)).collect()
    } => "too many warnings", Fatal(A::UNEXPECTED_MESSAGE), FLOOD;
    "wishes to renegotiate without end", Open => |hand| (0..10).flat_map(|_| hello(hand, |_| {})).collect()
        => "too many warnings", Fatal(A::UNEXPECTED_MESSAGE), FLOOD;
    "an alert of one byte", Open => |hand| hand.record(ALERT, &[1]) => "alert: ", Fatal(A::DECODE_ERROR), ALERTS;
    "an alert of three bytes", Open => |hand| hand.record(ALERT, &[1, 90, 0])
        => "alert: ", Fatal(A::DECODE_ERROR), ALERTS;

    "two alerts in one record", Open => |hand| hand.record(ALERT, &[1, 90, 1, 90])
        => "alert: ", Fatal(A::DECODE_ERROR), ALERTS;
    "a heartbeat, which was not agreed on", Open => |hand| hand.record(ContentType(24), &[1, 0x40, 0])
        => "does not exist: unknown (0x18)", Fatal(A::UNEXPECTED_MESSAGE), "§6; RFC 6520 §2";
    "HTTP that is not sealed", Open => |_| b"GET / HTTP/1.1\r\n\r\n".to_vec()
        => "does not exist: unknown (0x47)", Fatal(A::UNEXPECTED_MESSAGE), "§6";
    "the header of a record of 65,535 bytes, and no more of it", Fresh => |_| vec![22, 3, 1, 0xff, 0xff]
        => "65535 bytes, and 16384 are the most", Fatal(A::RECORD_OVERFLOW), "§6.2.1";
    "a record of version 4.0 amid the first message", Fresh => |_| {
        [record(HANDSHAKE, &[1, 0]).as_slice(), &[22, 4, 0, 0, 2, 0, 0]].concat()
    } => "a record of version", Fatal(A::PROTOCOL_VERSION), "§E.1: any {03,XX}";
    "warnings without end, before anything else", Fresh =>
        |_| record(ALERT, &Alert::warning(A::USER_CANCELED).to_bytes()).repeat(10)
        => "too many warnings", Fatal(A::UNEXPECTED_MESSAGE), FLOOD;

    // Sealed records.
    "a sealed record with a bit turned over", Open => |hand| tampered(hand.record(DATA, b"hello"))
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a sealed record said twice", Open => |hand| hand.record(DATA, b"").repeat(2)
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "two sealed records exchanged", Open => |hand| {
        let (first, second) = (hand.record(DATA, b"first"), hand.record(DATA, b"second"));
        [second, first].concat()
    } => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a sealed record left out", Open => |hand| {
        hand.record(DATA, b"lost");
        hand.record(DATA, b"found")
    } => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a sealed record under another type", Open => |hand| {
        let mut record = hand.record(DATA, &[1, 0]);
        record[0] = ALERT.0;
        record
    } => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "plaintext where a sealed record is due", Open => |_| record(DATA, b"hello, I am not sealed at all")
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a sealed record too short for a nonce and a tag", Open => |_| record(DATA, &[0; 23])
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;

    // ClientHello.
    "nothing but TLS 1.1", Fresh => |hand| hello(hand, |hello| hello.version = ProtocolVersion::TLS_1_1)
        => "TLS 1.2 is the only version spoken here, and the other side wants TLS 1.1", Fatal(A::PROTOCOL_VERSION), "§E.1";
    "nothing but SSL 3.0", Fresh => |hand| hello(hand, |hello| hello.version = ProtocolVersion::SSL_3_0)
        => "the other side wants SSL 3.0", Fatal(A::PROTOCOL_VERSION), "§E.1; RFC 7568";
    "TLS 1.1 as a second try", Fresh => |hand| hello(hand, |hello| {
        hello.version = ProtocolVersion::TLS_1_1;
        hello.cipher_suites.push(CipherSuite(0x5600)); // TLS_FALLBACK_SCSV
    }) => "the other side wants TLS 1.1", Fatal(A::PROTOCOL_VERSION), "§E.1; RFC 7507 §3 lets this one stand for its own";
    "nothing but TLS 1.3", Fresh => |hand| hello(hand, |hello| {
        hello.extensions.push(Extension::SupportedVersions(vec![ProtocolVersion(0x1a1a), ProtocolVersion::TLS_1_3]));
    }) => "TLS 1.2 is the only version spoken here, and the other side wants TLS 1.3", Fatal(A::PROTOCOL_VERSION), "§E.1; RFC 8446 §4.2.1";
    "no suite of RSA key transport", Fresh => |hand| hello(hand, |hello| {
        hello.cipher_suites = vec![CipherSuite::ECDHE_RSA_AES_256_GCM_SHA384];
    }) => "the client never offers RSA key transport", Fatal(A::HANDSHAKE_FAILURE), "§7.4.1.3";
    "RSA key transport with CBC alone", Fresh => |hand| hello(hand, |hello| {
        hello.cipher_suites = vec![CipherSuite::RSA_AES_128_CBC_SHA];
    }) => "the client offers none with AES-GCM", Fatal(A::HANDSHAKE_FAILURE), "§7.4.1.3";
    "suites that do not exist", Fresh => |hand| hello(hand, |hello| {
        hello.cipher_suites = vec![CipherSuite(0x1a1a), CipherSuite(0xfefe)];
    }) => "the client never offers RSA key transport", Fatal(A::HANDSHAKE_FAILURE), "§7.4.1.3";
    "no signature that the certificate bears", Fresh => |hand| hello(hand, |hello| {
        hello.extensions[0] = Extension::SignatureAlgorithms(vec![SignatureScheme::ED25519]);
    }) => "cannot verify our certificate's signature", Fatal(A::HANDSHAKE_FAILURE), "§7.4.2, with the alert of §7.4.1.3";
    "compression and nothing else", Fresh => |hand| hello(hand, |hello| {
        hello.compression_methods = vec![CompressionMethod::DEFLATE];
    }) => "compression", Fatal(A::ILLEGAL_PARAMETER), "§7.4.1.2 demands null: a field out of range (§7.2.2)";
    "an extension twice", Fresh =>
        |hand| hello(hand, |hello| hello.extensions.push(Extension::ExtendedMasterSecret))
        => "extended_master_secret stands there twice", Fatal(A::ILLEGAL_PARAMETER), TWICE;
    "an unknown extension twice", Fresh => |hand| hello(hand, |hello| {
        let unknown = Extension::Other { kind: ExtensionType(0x1234), data: vec![1] };
        hello.extensions.extend([unknown.clone(), unknown]);
    }) => "unknown (0x1234) stands there twice", Fatal(A::ILLEGAL_PARAMETER), TWICE;
    "a first handshake that claims to continue another", Fresh => |hand| hello(hand, |hello| {
        hello.extensions[2] = Extension::RenegotiationInfo(vec![1; 12]);
    }) => "renegotiation_info is not empty", Fatal(A::HANDSHAKE_FAILURE), "RFC 5746 §3.6";
    "encrypt_then_mac with a body", Fresh => |hand| hello(hand, |hello| {
        hello.extensions = vec![Extension::Other { kind: ExtensionType::ENCRYPT_THEN_MAC, data: vec![0] }];
    }) => "1 byte left over", Fatal(A::DECODE_ERROR), DECODE;
    "extended_master_secret with a body", Fresh => |hand| hello(hand, |hello| {
        hello.extensions = vec![Extension::Other { kind: ExtensionType::EXTENDED_MASTER_SECRET, data: vec![0] }];
    }) => "1 byte left over", Fatal(A::DECODE_ERROR), DECODE;
    "a session id of 33 bytes", Fresh => |hand| hello(hand, |hello| hello.session_id = vec![0; 33])
        => "session_id: length 33, must be 0 to 32", Fatal(A::DECODE_ERROR), DECODE;
    "cipher_suites of an odd length", Fresh => |_| hello_with(SUITES, &[0, 3])
        => "cipher_suites", Fatal(A::DECODE_ERROR), DECODE;
    "cipher_suites longer than the message", Fresh => |_| hello_with(SUITES, &[0xff, 0xfe])
        => "cipher_suites", Fatal(A::DECODE_ERROR), DECODE;
    "extensions longer than the message", Fresh => |_| hello_with(EXTENSIONS, &[0x7f])
        => "extensions", Fatal(A::DECODE_ERROR), "§7.4.1.2";
    "an extension longer than the extensions", Fresh => |_| hello_with(EXTENSIONS + 4, &[1, 0])
        => "extension_data", Fatal(A::DECODE_ERROR), DECODE;
    "a ClientHello shorter than its header says", Fresh => |_| {
        rewritten(Message::ClientHello(client_hello()), |hello| {
            hello[3] += 1;
            hello.push(0);
        })
    } => "1 byte left over", Fatal(A::DECODE_ERROR), "§7.4.1.2";
    "a ClientHello longer than its header says", Fresh =>
        |_| rewritten(Message::ClientHello(client_hello()), |hello| hello[3] -= 1)
        => "extensions", Fatal(A::DECODE_ERROR), "§7.4.1.2";
    "signature_algorithms of an odd length", Fresh =>
        |hand| extension(hand, ExtensionType::SIGNATURE_ALGORITHMS, &[0, 3, 4, 1, 4])
        => "supported_signature_algorithms", Fatal(A::DECODE_ERROR), DECODE;
    "signature_algorithms without one", Fresh =>
        |hand| extension(hand, ExtensionType::SIGNATURE_ALGORITHMS, &[0, 0])
        => "supported_signature_algorithms", Fatal(A::DECODE_ERROR), DECODE;
    "two host names", Fresh =>
        |hand| extension(hand, ExtensionType::SERVER_NAME, b"\x00\x08\x00\x00\x01a\x00\x00\x01b")
        => "more than one host_name", Fatal(A::DECODE_ERROR), "RFC 6066 §3 names no alert: a list that is no such list";
    "no suite at all", Fresh => |hand| hello(hand, |hello| hello.cipher_suites.clear())
        => "cipher_suites", Fatal(A::DECODE_ERROR), DECODE;
    "no compression at all, not even none", Fresh =>
        |hand| hello(hand, |hello| hello.compression_methods.clear())
        => "compression_methods", Fatal(A::DECODE_ERROR), DECODE;
    "a ClientHello with bytes behind it", Fresh => |_| {
        let mut bytes = Message::ClientHello(ClientHello { extensions: vec![], ..client_hello() }).to_bytes();
        bytes[3] += 1;
        bytes.push(0);
        record(HANDSHAKE, &bytes)
    } => "ClientHello.extensions", Fatal(A::DECODE_ERROR), "§7.4.1.2";
    "a message of 2^24-1 bytes", Fresh => |_| record(HANDSHAKE, &[1, 0xff, 0xff, 0xff])
        => "16777215 bytes, and 65536 are the most", Fatal(A::DECODE_ERROR), "§7.4 allows it, and 64 KiB are the most that is taken: a length out of range (§7.2.2)";

    "a message of 2^24-1 bytes, to its last byte", Fresh => |_| sixteen_megabytes(HandshakeType::CLIENT_HELLO)
        => "16777215 bytes, and 65536 are the most", Fatal(A::DECODE_ERROR), "refused as soon as its header is there";

    // Order.
    "data before anything else", Fresh => |_| record(DATA, b"hello")
        => "expected ClientHello, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "an empty record of data before anything else", Fresh => |_| record(DATA, b"")
        => "expected ClientHello, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "ChangeCipherSpec before anything else", Fresh => |_| record(CHANGE, &[1])
        => "expected ClientHello, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "ClientKeyExchange before ClientHello", Fresh => |hand| hand.good_key_exchange()
        => "expected ClientHello, and ClientKeyExchange came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a handshake message of a type that does not exist", Fresh => |_| record(HANDSHAKE, &[77, 0, 0, 0])
        => "expected ClientHello, and unknown (0x4d) came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "HelloRequest from a client", Fresh => |hand| hand.say(&Message::HelloRequest)
        => "expected ClientHello, and HelloRequest came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ServerHello from a client", Fresh => |hand| answer(hand, |_| {})
        => "expected ClientHello, and ServerHello came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a second ClientHello", Hello => |hand| hello(hand, |_| {})
        => "expected ClientKeyExchange, and ClientHello came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a certificate that was not asked for", Hello => |hand| hand.say(&certificates(&[]))
        => "expected ClientKeyExchange, and Certificate came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.6";
    "ChangeCipherSpec before ClientKeyExchange", Hello => |hand| hand.change_cipher_spec()
        => "expected ClientKeyExchange, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "Finished before ClientKeyExchange", Hello => false_finished
        => "expected ClientKeyExchange, and Finished came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "an encrypted premaster secret without its length", Hello => |_| {
        record(HANDSHAKE, &[&[16, 0, 1, 0], [7; 256].as_slice()].concat())
    } => "encrypted_premaster_secret: needs 1799 bytes, 254 left", Fatal(A::DECODE_ERROR), DECODE;
    "Finished behind ClientKeyExchange in one record", Hello => |hand| {
        let exchange = hand.good_key_exchange();
        record(HANDSHAKE, &[&exchange[5..], &hand.finished(Side::Client).to_bytes()].concat())
    } => "expected ChangeCipherSpec, and Finished came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.9";
    "a premaster secret that is not padded", Hello => |hand| finish_with(hand, vec![7; 256])
        => "does not open", Fatal(A::BAD_RECORD_MAC), "§7.4.7.1: no alert for it; another secret, and Finished does not open";
    "a premaster secret of another version", Hello => |hand| {
        let premaster = [&[3, 2], &premaster()[2..]].concat();
        [hand.key_exchange(sealed(&premaster), &premaster), hand.finish()].concat()
    } => "does not open", Fatal(A::BAD_RECORD_MAC), "§7.4.7.1: the same";
    "a premaster secret of 47 bytes", Hello => |hand| finish_with(hand, sealed(&premaster()[..47]))
        => "does not open", Fatal(A::BAD_RECORD_MAC), "§7.4.7.1: the same";
    "a premaster secret without a byte", Hello => |hand| finish_with(hand, vec![])
        => "does not open", Fatal(A::BAD_RECORD_MAC), "§7.4.7.1: the same";
    "a second ClientKeyExchange", Exchanged => |hand| hand.good_key_exchange()
        => "expected ChangeCipherSpec, and ClientKeyExchange came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "CertificateVerify without a certificate", Exchanged =>
        |hand| hand.say(&other(HandshakeType::CERTIFICATE_VERIFY))
        => "expected ChangeCipherSpec, and CertificateVerify came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.8";
    "Finished without ChangeCipherSpec", Exchanged => |hand| {
        let finished = hand.finished(Side::Client);
        hand.say(&finished)
    } => "expected ChangeCipherSpec, and Finished came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.9";
    "a ChangeCipherSpec of two bytes", Exchanged => |_| record(CHANGE, &[1, 1])
        => "not the one byte 01", Fatal(A::DECODE_ERROR), "§7.1, §7.2.2";
    "a ChangeCipherSpec of another byte", Exchanged => |_| record(CHANGE, &[2])
        => "not the one byte 01", Fatal(A::DECODE_ERROR), "§7.1, §7.2.2";
    "ChangeCipherSpec amid a message", Exchanged =>
        |_| [record(HANDSHAKE, &[20, 0, 0]), record(CHANGE, &[1])].concat()
        => "type change_cipher_spec in the middle of a handshake message", Fatal(A::UNEXPECTED_MESSAGE), AMID;
    "an alert amid a message", Hello => |_| [record(HANDSHAKE, &[16, 0]), record(ALERT, &[1, 90])].concat()
        => "type alert in the middle of a handshake message", Fatal(A::UNEXPECTED_MESSAGE), AMID;
    "data amid a message", Open => |hand| {
        let begun = hand.record(HANDSHAKE, &[1, 0]);
        [begun, hand.record(DATA, b"x")].concat()
    } => "type application_data in the middle of a handshake message", Fatal(A::UNEXPECTED_MESSAGE), AMID;
    "a second ChangeCipherSpec, in plaintext", Changed => |_| record(CHANGE, &[1])
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a second ChangeCipherSpec, sealed", Changed => |hand| hand.record(CHANGE, &[1])
        => "expected Finished, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "a Finished in plaintext", Changed => |hand| record(HANDSHAKE, &hand.finished(Side::Client).to_bytes())
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "data before Finished", Changed => |hand| hand.record(DATA, b"too early")
        => "expected Finished, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "an empty record of data before Finished", Changed => |hand| hand.record(DATA, b"")
        => "expected Finished, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "a Finished of another conversation", Changed => false_finished
        => "verify_data differs", Fatal(A::DECRYPT_ERROR), "§7.2.2, §7.4.9";
    "the server's Finished said by the client", Changed => |hand| {
        let finished = hand.finished(Side::Server);
        hand.say(&finished)
    } => "verify_data differs", Fatal(A::DECRYPT_ERROR), "§7.2.2, §7.4.9";
    "a Finished of 11 bytes", Changed =>
        |hand| hand.record(HANDSHAKE, &[&[20, 0, 0, 11], [0; 11].as_slice()].concat())
        => "verify_data: needs 12 bytes, 11 left", Fatal(A::DECODE_ERROR), DECODE;
    "a second Finished", Open => |hand| {
        let finished = hand.finished(Side::Client);
        hand.say(&finished)
    } => "expected application data, and Finished came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ChangeCipherSpec after the handshake", Open => |hand| hand.record(CHANGE, &[1])
        => "expected application data, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;

    "ClientKeyExchange", Open => |hand| hand.good_key_exchange()
        => "expected application data, and ClientKeyExchange came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "HelloRequest from a client in the tunnel", Open => |hand| hand.say(&Message::HelloRequest)
        => "expected application data, and HelloRequest came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a wish to renegotiate", Open => |hand| hello(hand, |_| {}) => "", Warning(A::NO_RENEGOTIATION), "§7.2.2";
    "a warning amid the handshake", Hello => |_| record(ALERT, &[1, 90]) => "", Ignored, "§7.2.2: the connection can go on";
    "a warning that does not exist", Open => |hand| hand.record(ALERT, &[1, 222]) => "", Ignored, "§7.2.2: the connection can go on";

    // The other side ends it.
    "a fatal alert", Hello => |_| record(ALERT, &[2, 48])
        => "with the alert unknown_ca (fatal, 48), while ClientKeyExchange was expected", Silent, OVER;
    "an alert of a level that does not exist", Open => |hand| hand.record(ALERT, &[7, 80])
        => "with the alert internal_error (unknown (0x07), 80)", Silent, "no answer: whatever it is, the other side ends it";
    "data after close_notify", Open => |hand| [hand.record(ALERT, &[1, 0]), hand.record(DATA, b"late")].concat()
        => "", Farewell, "§7.2.1: it is ignored";
    "bytes that are no record after close_notify", Open => |hand| {
        [hand.record(ALERT, &[1, 0]).as_slice(), b"GET / HTTP/1.1\r\n\r\n"].concat()
    } => "", Farewell, "§7.2.1: they are ignored";
    "close_notify that calls itself fatal", Open => |hand| hand.record(ALERT, &[2, 0])
        => "", Farewell, "§7.2.1";
    "a farewell amid the handshake", Exchanged => |_| record(ALERT, &[1, 0])
        => "with the alert close_notify (warning, 0), while ChangeCipherSpec was expected", Farewell, "§7.2.1";
};
