//! What a server must not do.

use cutaway::tls::CipherSuite;
use cutaway::tls::alert::{Alert, AlertDescription as A};
use cutaway::tls::extension::{Extension, ExtensionType, SignatureScheme};
use cutaway::tls::hello::CompressionMethod;
use cutaway::tls::message::{HandshakeType, Message};
use cutaway::tls::record::{ContentType, ProtocolVersion};
use cutaway::tls::v12::key_schedule::Side;

use super::Then::{Farewell, Fatal, Ignored, Silent, Warning};
use super::{
    ALERT, AMID, CHANGE, DATA, DECODE, EARLY, EMPTY, FLOOD, HANDSHAKE, MAC, ORDER, OVER, QUIET, TWICE,
    UNTIMELY, Violation, answer, certificate_request, false_finished, hello, other, rewritten,
    sixteen_megabytes, tampered, too_long, violations,
};
use crate::hand::{Stage, certificate, certificates, server_hello};
use crate::pair::{AUTHORITY, CERTIFICATE, ELLIPTIC, SIGNS_ONLY, record};

/// The usual ServerHello, with these bytes in place of others.
fn hello_with(at: usize, bytes: &[u8]) -> Vec<u8> {
    rewritten(Message::ServerHello(server_hello()), |hello| {
        hello.splice(at..at + bytes.len(), bytes.iter().copied());
    })
}

/// Where the usual ServerHello, whose session_id is empty, has that, and its extensions.
const SESSION_ID: usize = 38;
const EXTENSIONS: usize = 42;

pub const VIOLATIONS: &[Violation] = violations! {
    "a web server without TLS", Fresh => |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()
        => "does not speak TLS", Silent, QUIET;
    "an SSH server", Fresh => |_| b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec() => "does not speak TLS", Silent, QUIET;

    // Records.
    "a record type that does not exist", Hello => |_| record(ContentType(99), b"x")
        => "does not exist: unknown (0x63)", Fatal(A::UNEXPECTED_MESSAGE), "§6";
    "a record of another version once one is agreed on", Hello => |hand| {
        let mut record = hand.say(&certificate());
        record[2] = 1;
        record
    } => "a record of version TLS 1.0", Fatal(A::PROTOCOL_VERSION), "§6.2.1 names no alert: what is wrong is the version";
    "a record longer than 2^14", Fresh => |_| too_long()
        => "16385 bytes, and 16384 are the most", Fatal(A::RECORD_OVERFLOW), "§6.2.1";
    "an empty handshake record", Hello => |_| record(HANDSHAKE, b"")
        => "an empty record of type handshake", Fatal(A::DECODE_ERROR), EMPTY;
    "warnings without end, before anything else", Fresh =>
        |_| record(ALERT, &Alert::warning(A::UNRECOGNIZED_NAME).to_bytes()).repeat(10)
        => "too many warnings", Fatal(A::UNEXPECTED_MESSAGE), FLOOD;
    "wishes to begin without end, amid the beginning", Fresh => |_| record(HANDSHAKE, &[0; 4]).repeat(10)
        => "too many warnings", Fatal(A::UNEXPECTED_MESSAGE), FLOOD;
    "a message of 2^24-1 bytes", Hello => |_| record(HANDSHAKE, &[11, 0xff, 0xff, 0xff])
        => "16777215 bytes, and 65536 are the most", Fatal(A::DECODE_ERROR),
        "§7.4 allows it, and 64 KiB are the most that is taken: a length out of range (§7.2.2)";
    "a message of 2^24-1 bytes, to its last byte", Hello => |_| sixteen_megabytes(HandshakeType::CERTIFICATE)
        => "16777215 bytes, and 65536 are the most", Fatal(A::DECODE_ERROR), "refused as soon as its header is there";
    "an alert amid a message", Hello => |_| [record(HANDSHAKE, &[11, 0]), record(ALERT, &[1, 90])].concat()
        => "type alert in the middle of a handshake message", Fatal(A::UNEXPECTED_MESSAGE), AMID;
    "ChangeCipherSpec amid a message", Exchanged =>
        |_| [record(HANDSHAKE, &[20, 0, 0]), record(CHANGE, &[1])].concat()
        => "type change_cipher_spec in the middle of a handshake message", Fatal(A::UNEXPECTED_MESSAGE), AMID;
    "a sealed record left out", Open => |hand| {
        hand.record(DATA, b"lost");
        hand.record(DATA, b"found")
    } => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "two sealed records exchanged", Open => |hand| {
        let (first, second) = (hand.record(DATA, b"first"), hand.record(DATA, b"second"));
        [second, first].concat()
    } => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "plaintext where a sealed record is due", Open => |_| record(DATA, b"hello, I am not sealed at all")
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;

    // ServerHello.
    "TLS 1.1", Fresh => |hand| answer(hand, |hello| hello.version = ProtocolVersion::TLS_1_1)
        => "the other side wants TLS 1.1", Fatal(A::PROTOCOL_VERSION), "§E.1";
    "a version after TLS 1.2", Fresh => |hand| answer(hand, |hello| hello.version = ProtocolVersion::TLS_1_3)
        => "the other side wants TLS 1.3", Fatal(A::PROTOCOL_VERSION), "§E.1";
    "SSL 3.0", Fresh => |hand| answer(hand, |hello| hello.version = ProtocolVersion::SSL_3_0)
        => "the other side wants SSL 3.0", Fatal(A::PROTOCOL_VERSION), "§E.1; RFC 7568";
    "a suite that does not exist", Fresh => |hand| {
        hand.record(HANDSHAKE, &hello_with(39, &[0xfe, 0xfe])[5..])
    } => "which was not offered", Fatal(A::ILLEGAL_PARAMETER), "§7.4.1.3, §7.2.2";
    "no protection at all", Fresh => |hand| {
        hand.record(HANDSHAKE, &hello_with(39, &[0, 0])[5..])
    } => "which was not offered", Fatal(A::ILLEGAL_PARAMETER), "§A.5: TLS_NULL_WITH_NULL_NULL must not be negotiated";
    "a suite of TLS 1.3", Fresh => |hand| {
        hand.record(HANDSHAKE, &hello_with(39, &[0x13, 1])[5..])
    } => "which was not offered", Fatal(A::ILLEGAL_PARAMETER), "§7.4.1.3, §7.2.2";
    "TLS 1.3 in an extension", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::Other { kind: ExtensionType::SUPPORTED_VERSIONS, data: vec![3, 4] });
    }) => "supported_versions, which was not offered", Fatal(A::UNSUPPORTED_EXTENSION), "§7.4.1.4";
    "a suite that was not offered", Fresh =>
        |hand| answer(hand, |hello| hello.cipher_suite = CipherSuite::RSA_AES_128_CBC_SHA)
        => "picked TLS_RSA_WITH_AES_128_CBC_SHA, which was not offered", Fatal(A::ILLEGAL_PARAMETER), "§7.4.1.3: one from the list; a field at odds with another (§7.2.2)";
    "the signalling suite", Fresh => |hand| answer(hand, |hello| {
        hello.cipher_suite = CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV;
    }) => "which was not offered", Fatal(A::ILLEGAL_PARAMETER), "§7.4.1.3; RFC 5746 §3.3: it is no suite";
    "compression", Fresh => |hand| answer(hand, |hello| hello.compression_method = CompressionMethod::DEFLATE)
        => "compression", Fatal(A::ILLEGAL_PARAMETER), "§7.4.1.3, §7.2.2";
    "an answer to what was not asked", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::Other { kind: ExtensionType::SESSION_TICKET, data: vec![] });
    }) => "session_ticket, which was not offered", Fatal(A::UNSUPPORTED_EXTENSION), "§7.4.1.4";
    "encrypt_then_mac, which a client without CBC does not ask for", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::EncryptThenMac);
    }) => "encrypt_then_mac, which was not offered", Fatal(A::UNSUPPORTED_EXTENSION), "§7.4.1.4; RFC 7366 §2";
    "an answer to signature_algorithms, which has none", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::SignatureAlgorithms(vec![SignatureScheme::RSA_PKCS1_SHA256]));
    }) => "signature_algorithms", Fatal(A::UNSUPPORTED_EXTENSION), "§7.4.1.4.1 names no alert: as if not offered";
    "an answer twice", Fresh =>
        |hand| answer(hand, |hello| hello.extensions.push(Extension::ExtendedMasterSecret))
        => "extended_master_secret stands there twice", Fatal(A::ILLEGAL_PARAMETER), TWICE;
    "a first handshake that claims to continue another", Fresh => |hand| answer(hand, |hello| {
        hello.extensions[0] = Extension::RenegotiationInfo(vec![0; 24]);
    }) => "renegotiation_info is not empty", Fatal(A::HANDSHAKE_FAILURE), "RFC 5746 §3.4";
    "a name in the answer to server_name", Fresh => |hand| answer(hand, |hello| {
        hello.extensions.push(Extension::ServerName(Some("localhost".to_owned())));
    }) => "left over", Fatal(A::DECODE_ERROR), "RFC 6066 §3, §7.2.2";

    "a session id of 33 bytes", Fresh => |_| hello_with(SESSION_ID, &[33])
        => "session_id: length 33, must be 0 to 32", Fatal(A::DECODE_ERROR), DECODE;
    "extensions longer than the message", Fresh => |_| hello_with(EXTENSIONS, &[0x7f])
        => "extensions", Fatal(A::DECODE_ERROR), DECODE;
    "an extension longer than the extensions", Fresh => |_| hello_with(EXTENSIONS + 4, &[1, 0])
        => "extension_data", Fatal(A::DECODE_ERROR), DECODE;
    "a ServerHello with a byte behind it", Fresh => |_| {
        rewritten(Message::ServerHello(server_hello()), |hello| {
            hello[3] += 1;
            hello.push(0);
        })
    } => "1 byte left over", Fatal(A::DECODE_ERROR), DECODE;

    // Certificate.
    "no certificate", Hello => |hand| hand.say(&certificates(&[]))
        => "showed no certificate", Fatal(A::BAD_CERTIFICATE), "§7.4.2 names no alert: there is none that could be good";
    "an empty certificate", Hello => |hand| hand.say(&certificates(&[b""]))
        => "ASN.1Cert[0]: length 0", Fatal(A::DECODE_ERROR), DECODE;
    "a list of certificates longer than the message", Hello => |_| rewritten(certificate(), |list| list[4] = 1)
        => "certificate_list", Fatal(A::DECODE_ERROR), DECODE;
    "a certificate longer than the list", Hello => |_| rewritten(certificate(), |list| list[7] = 1)
        => "ASN.1Cert[0]", Fatal(A::DECODE_ERROR), DECODE;
    "bytes that are no certificate", Hello => |hand| hand.say(&certificates(&[b"trust me"]))
        => "certificate: ", Fatal(A::BAD_CERTIFICATE), "§7.2.2: corrupt";
    "a certificate with a byte behind it", Hello => |hand| {
        hand.say(&certificates(&[&[CERTIFICATE.der(), &[0]].concat()]))
    } => "certificate: 1 byte left over", Fatal(A::BAD_CERTIFICATE), "§7.2.2: corrupt";
    "a certificate whose signature is wrong", Hello =>
        |hand| hand.say(&certificates(&[&tampered(CERTIFICATE.der().to_vec())]))
        => "signature", Fatal(A::BAD_CERTIFICATE), "§7.2.2: signatures that do not verify";
    "the authority's certificate in place of its own", Hello =>
        |hand| hand.say(&certificates(&[AUTHORITY.der()]))
        => "localhost", Fatal(A::BAD_CERTIFICATE), "§7.2.2 names no alert for another's name: as if it were corrupt";
    "a certificate for signatures alone", Hello => |hand| hand.say(&certificates(&[SIGNS_ONLY.der()]))
        => "would have to have keyEncipherment", Fatal(A::UNSUPPORTED_CERTIFICATE), "§7.4.2, §7.2.2";
    "a certificate with a key on a curve", Hello => |hand| hand.say(&certificates(&[ELLIPTIC.der()]))
        => "cannot be used (ecPublicKey)", Fatal(A::UNSUPPORTED_CERTIFICATE), "§7.4.2, §7.2.2";

    // Order.
    "Certificate before ServerHello", Fresh => |hand| hand.say(&certificate())
        => "expected ServerHello, and Certificate came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ServerHelloDone before anything else", Fresh => |hand| hand.say(&Message::ServerHelloDone)
        => "expected ServerHello, and ServerHelloDone came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ChangeCipherSpec before anything else", Fresh => |_| record(CHANGE, &[1])
        => "expected ServerHello, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "data before anything else", Fresh => |_| record(DATA, b"hello")
        => "expected ServerHello, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "a wish to begin before anything else", Fresh => |hand| hand.say(&Message::HelloRequest)
        => "", Ignored, "§7.4.1.1";
    "ClientHello from a server", Fresh => |hand| hello(hand, |_| {})
        => "expected ServerHello, and ClientHello came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ServerHello twice", Hello => |hand| answer(hand, |_| {})
        => "expected Certificate, and ServerHello came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ServerHelloDone in place of a certificate", Hello => |hand| hand.say(&Message::ServerHelloDone)
        => "expected Certificate, and ServerHelloDone came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ChangeCipherSpec before Certificate", Hello => |_| record(CHANGE, &[1])
        => "expected Certificate, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "a certificate asked for before its own is shown", Hello => |hand| hand.say(&certificate_request())
        => "expected Certificate, and CertificateRequest came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.4";
    "ClientKeyExchange from a server", Hello => |hand| hand.good_key_exchange()
        => "expected Certificate, and ClientKeyExchange came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "Certificate twice", Certificate => |hand| hand.say(&certificate())
        => "and Certificate came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a wish to begin amid the handshake", Certificate => |hand| hand.say(&Message::HelloRequest)
        => "", Ignored, "§7.4.1.1";
    "Finished before ServerHelloDone", Certificate => false_finished
        => "and Finished came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.9";
    "a certificate's state that was not asked for", Certificate =>
        |hand| hand.say(&other(HandshakeType::CERTIFICATE_STATUS))
        => "and CertificateStatus came", Fatal(A::UNEXPECTED_MESSAGE), "RFC 6066 §8, §7.4";
    "ServerKeyExchange, which RSA key transport has not", Certificate => |hand| {
        hand.say(&other(HandshakeType::SERVER_KEY_EXCHANGE))
    }
        => "expected ServerHelloDone or CertificateRequest, and ServerKeyExchange came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.3";
    "a certificate asked for twice", Certificate => |hand| {
        [hand.say(&certificate_request()), hand.say(&certificate_request())].concat()
    } => "expected ServerHelloDone, and CertificateRequest came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a certificate asked for in no way that exists", Certificate => |hand| {
        hand.record(HANDSHAKE, &[13, 0, 0, 7, 1, 1, 0, 0, 0, 0, 0])
    } => "supported_signature_algorithms: length 0", Fatal(A::DECODE_ERROR), DECODE;
    "a ServerHelloDone with a body", Certificate => |_| record(HANDSHAKE, &[14, 0, 0, 1, 0])
        => "1 byte left over", Fatal(A::DECODE_ERROR), DECODE;
    "a HelloRequest with a body", Certificate => |_| record(HANDSHAKE, &[0, 0, 0, 1, 0])
        => "1 byte left over", Fatal(A::DECODE_ERROR), DECODE;
    "a message behind ServerHelloDone", Certificate => |hand| {
        let done = Message::ServerHelloDone.to_bytes();
        hand.note(&done);
        record(HANDSHAKE, &done.repeat(2))
    } => "expected ChangeCipherSpec, and ServerHelloDone came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ChangeCipherSpec before ServerHelloDone", Certificate => |_| record(CHANGE, &[1])
        => "and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "ServerHelloDone twice", Exchanged => |hand| hand.say(&Message::ServerHelloDone)
        => "expected ChangeCipherSpec, and ServerHelloDone came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a ticket that was not asked for", Exchanged => |hand| hand.say(&other(HandshakeType::NEW_SESSION_TICKET))
        => "expected ChangeCipherSpec, and NewSessionTicket came", Fatal(A::UNEXPECTED_MESSAGE), "RFC 5077 §3.3, §7.4";
    "Finished without ChangeCipherSpec", Exchanged => |hand| {
        let finished = hand.finished(Side::Server);
        hand.say(&finished)
    } => "expected ChangeCipherSpec, and Finished came", Fatal(A::UNEXPECTED_MESSAGE), "§7.4.9";
    "a ChangeCipherSpec of another byte", Exchanged => |_| record(CHANGE, &[2])
        => "not the one byte 01", Fatal(A::DECODE_ERROR), "§7.1, §7.2.2";
    "a second ChangeCipherSpec, in plaintext", Changed => |_| record(CHANGE, &[1])
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a second ChangeCipherSpec, sealed", Changed => |hand| hand.record(CHANGE, &[1])
        => "expected Finished, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "a Finished in plaintext", Changed => |hand| record(HANDSHAKE, &hand.finished(Side::Server).to_bytes())
        => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a Finished of 13 bytes", Changed =>
        |hand| hand.record(HANDSHAKE, &[&[20, 0, 0, 13], [0; 13].as_slice()].concat())
        => "1 byte left over", Fatal(A::DECODE_ERROR), DECODE;
    "data before ChangeCipherSpec", Exchanged => |_| record(DATA, b"hello")
        => "expected ChangeCipherSpec, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "data before Finished", Changed => |hand| hand.record(DATA, b"too early")
        => "expected Finished, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "an empty record of data before Finished", Changed => |hand| hand.record(DATA, b"")
        => "expected Finished, and application data came", Fatal(A::UNEXPECTED_MESSAGE), EARLY;
    "a Finished of another conversation", Changed => false_finished
        => "verify_data differs", Fatal(A::DECRYPT_ERROR), "§7.2.2, §7.4.9";
    "the client's Finished sent back", Changed => |hand| {
        let finished = hand.finished(Side::Client);
        hand.say(&finished)
    } => "verify_data differs", Fatal(A::DECRYPT_ERROR), "§7.2.2, §7.4.9";
    "a sealed record with a bit turned over", Changed => |hand| {
        let finished = hand.finished(Side::Server);
        tampered(hand.say(&finished))
    } => "does not open", Fatal(A::BAD_RECORD_MAC), MAC;
    "a second Finished", Open => |hand| {
        let finished = hand.finished(Side::Server);
        hand.say(&finished)
    } => "expected application data, and Finished came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "ChangeCipherSpec after the handshake", Open => |hand| hand.record(CHANGE, &[1])
        => "expected application data, and ChangeCipherSpec came", Fatal(A::UNEXPECTED_MESSAGE), UNTIMELY;
    "ClientHello from a server in the tunnel", Open => |hand| hello(hand, |_| {})
        => "expected application data, and ClientHello came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "a wish to renegotiate", Open => |hand| hand.say(&Message::HelloRequest)
        => "", Warning(A::NO_RENEGOTIATION), "§7.2.2";
    "a second handshake without a word", Open => |hand| answer(hand, |_| {})
        => "expected application data, and ServerHello came", Fatal(A::UNEXPECTED_MESSAGE), ORDER;
    "wishes to renegotiate without end", Open =>
        |hand| (0..10).flat_map(|_| hand.say(&Message::HelloRequest)).collect()
        => "too many warnings", Fatal(A::UNEXPECTED_MESSAGE), FLOOD;

    // The other side ends it.
    "handshake_failure", Fresh => |_| record(ALERT, &[2, 40])
        => "with the alert handshake_failure (fatal, 40), while ServerHello was expected", Silent, OVER;
    "an alert with a description that does not exist", Fresh => |_| record(ALERT, &[2, 255])
        => "with the alert unknown (0xff) (fatal, 255)", Silent, OVER;
    "a warning amid the handshake", Fresh => |_| record(ALERT, &[1, 112]) => "", Ignored, "§7.2.2: the connection can go on";
    "a farewell amid the handshake", Fresh => |_| record(ALERT, &[1, 0])
        => "with the alert close_notify (warning, 0), while ServerHello was expected", Farewell, "§7.2.1";
    "data after close_notify", Open => |hand| [hand.record(ALERT, &[1, 0]), hand.record(DATA, b"late")].concat()
        => "", Farewell, "§7.2.1: it is ignored";
};
