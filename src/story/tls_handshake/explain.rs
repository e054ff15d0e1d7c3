//! Why a conversation failed, in words that help.

use std::io::{self, ErrorKind};

use crate::story::tls_handshake::{Failure, FailureKind};
use crate::tls::alert::AlertDescription;
use crate::tls::dissect::{CLIENT, Content, Dissection, SERVER};
use crate::tls::message::HandshakeType;
use crate::tls::record::{self, Header};
use crate::tls::suite::CipherSuite;
use crate::tls::{Error, stream};
use crate::wire::{Party, Reader};

/// Why a conversation failed that we had as `we`, and in which `expected` was to come next.
pub(super) fn explain(error: &io::Error, dissection: &Dissection, we: Party, expected: &str) -> Failure {
    let Some(protocol) = stream::protocol_error(error) else {
        return ended(error, dissection, we, expected);
    };
    let kind = match protocol {
        Error::NotTls { .. }
        | Error::Decode { .. }
        | Error::MalformedCertificate(_)
        | Error::EmptyRecord { .. }
        | Error::MalformedChangeCipherSpec
        | Error::RecordOverflow { .. }
        | Error::UnknownContentType { .. } => FailureKind::Malformed,
        _ => FailureKind::Refused,
    };
    Failure::new(kind, format!("{}{}", sentence(&words(error)), advice(protocol, dissection, we)))
}

/// What an end has to say of the error that it met.
pub(super) fn words(error: &io::Error) -> String {
    match stream::protocol_error(error) {
        // The paths that were tried are told where the questions are.
        Some(Error::Certificate(refusal)) => refusal.rule().to_string(),
        _ => error.to_string(),
    }
}

/// The other side said nothing against us, and is gone or silent: all that can be said is how far it
/// came, and what such an end mostly means.
fn ended(error: &io::Error, dissection: &Dissection, we: Party, expected: &str) -> Failure {
    let other = if we == CLIENT { SERVER } else { CLIENT };
    let enough = |kind| Failure::new(kind, sentence(&error.to_string()) + &understood(dissection, other));
    let end = match error.kind() {
        // An error with words of its own is the deadline's.
        ErrorKind::TimedOut if error.get_ref().is_some() => return enough(FailureKind::Absent),
        // More bytes than a handshake may have.
        ErrorKind::QuotaExceeded => return enough(FailureKind::Refused),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => End::Silent,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => End::Reset,
        _ => End::HungUp,
    };
    let stage = Stage::of(dissection, other);
    let how = match (end, stage) {
        (End::Silent, _) => format!("The {other} was {error}, while {expected} was expected."),
        (End::Reset, _) => format!("The {other} reset the connection (RST), while {expected} was expected."),
        (End::HungUp, Stage::Nothing) => {
            format!("The {other} hung up without a word, while {expected} was expected.")
        }
        (End::HungUp, _) if alerted(dissection, other) => {
            format!(
                "The {other} hung up, without a fatal alert or close_notify, while {expected} was expected."
            )
        }
        (End::HungUp, _) => {
            format!("The {other} hung up, without an alert or close_notify, while {expected} was expected.")
        }
    };
    let asked = dissection.handshake(SERVER, HandshakeType::CERTIFICATE_REQUEST).is_some();
    let causes = causes(we, stage, end, asked).join("; ");
    let kind = if end == End::Silent { FailureKind::Absent } else { FailureKind::Refused };
    Failure::new(kind, format!("{how}{}{LIKELY}{causes}.", understood(dissection, other)))
}

/// What stands before the causes.
pub(super) const LIKELY: &str = " Likely causes: ";

/// What was understood last, and of whom; and what there was besides.
fn understood(dissection: &Dissection, of: Party) -> String {
    let theirs = || dissection.events.iter().filter(|event| event.from == of);
    let last = theirs().rev().find_map(|event| match event.content {
        Content::Handshake(kind) => Some(kind.to_string()),
        Content::ChangeCipherSpec => Some("ChangeCipherSpec".to_owned()),
        Content::Alert(alert) => Some(alert.to_string()),
        Content::ApplicationData => Some("application data".to_owned()),
        Content::Sealed(kind) => Some(format!("{kind}, sealed")),
        Content::Unread => None,
    });
    let cut = dissection.cut.iter().find(|cut| cut.from == of).map(|cut| match cut.header {
        Some((kind, whole)) => format!("{} of {whole} bytes of its {kind}", cut.came),
        None => format!("{} of a handshake message", bytes(cut.came)),
    });
    let unread = theirs().find(|event| event.content == Content::Unread).map(|event| {
        let came = dissection.layers.bytes(&event.message);
        let whole =
            Header::read(&mut Reader::new(came)).map(|header| record::HEADER + usize::from(header.length));
        match (whole, came.len()) {
            (Ok(whole), came) if whole > came => format!("{came} of {whole} bytes of a record"),
            (_, 1) => "1 byte that is no whole record".to_owned(),
            (_, came) => format!("{came} bytes that are no whole record"),
        }
    });
    let rest = cut.into_iter().chain(unread).reduce(|cut, unread| format!("{cut}, and then {unread}"));
    match (last, rest) {
        (Some(last), Some(rest)) => {
            format!(" The last that was understood of the {of} was its {last}; behind that came {rest}.")
        }
        (Some(last), None) => format!(" The last that was understood of the {of} was its {last}."),
        (None, Some(rest)) => format!(" All that was read of the {of} was {rest}."),
        (None, None) => format!(" Of the {of} not one byte came."),
    }
}

fn bytes(count: usize) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

/// Whether it said an alert.
fn alerted(dissection: &Dissection, party: Party) -> bool {
    dissection.events.iter().any(|event| event.from == party && matches!(event.content, Content::Alert(_)))
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// TCP's orderly end.
    HungUp,
    /// TCP's abrupt end.
    Reset,
    /// Not at all.
    Silent,
}

/// How far the other side had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It had said nothing.
    Nothing,
    /// It was in the middle of a record, or of a message that lies in several.
    Record,
    /// It had given a warning, and not said hello.
    Warned,
    /// It had said hello, and no more than a part of what belongs to that.
    Hello,
    /// Its next word would have been, or had to contain, its Finished.
    Keys,
    /// The handshake was over for it, and it had said nothing in the tunnel.
    Open,
    /// It had said something in the tunnel.
    Data,
}

impl Stage {
    fn of(dissection: &Dissection, party: Party) -> Self {
        let said = |content| dissection.find(party, content).is_some();
        let handshake = |kind| said(Content::Handshake(kind));
        let (hello, gave_keys) = if party == SERVER {
            (HandshakeType::SERVER_HELLO, HandshakeType::SERVER_HELLO_DONE)
        } else {
            (HandshakeType::CLIENT_HELLO, HandshakeType::CLIENT_KEY_EXCHANGE)
        };
        match () {
            () if said(Content::Unread) || dissection.cut.iter().any(|cut| cut.from == party) => Self::Record,
            () if said(Content::ApplicationData) => Self::Data,
            () if handshake(HandshakeType::FINISHED) => Self::Open,
            () if handshake(gave_keys) => Self::Keys,
            () if handshake(hello) => Self::Hello,
            () if dissection.events.iter().any(|event| event.from == party) => Self::Warned,
            () => Self::Nothing,
        }
    }
}

/// What such an end mostly means, the likeliest first. Nothing of it is certain: a side that says
/// nothing leaves it to others to guess.
fn causes(we: Party, stage: Stage, end: End, asked_for_certificate: bool) -> Vec<&'static str> {
    if we == CLIENT {
        return match (stage, end) {
            (Stage::Nothing, End::HungUp) => vec![
                "it speaks TLS 1.3 alone, or no RSA key transport, and does not say so",
                "it is no TLS port",
                "a proxy or load balancer in front of it is overloaded, limits the rate, or does not know this name",
            ],
            (Stage::Nothing, End::Reset) => vec![
                "behind a proxy or a forwarded port there is nobody",
                "it is no TLS port",
                "a firewall lets no TLS through, or none from here",
            ],
            (Stage::Nothing, End::Silent) => vec![
                "it is no TLS port, and waits for more of what it does speak",
                "a firewall or a proxy swallows the ClientHello",
                "it is overloaded",
            ],
            (Stage::Record, End::Silent) | (Stage::Hello, End::Silent) => vec![
                "large packets are lost on the way, and a certificate is the first of them (path MTU)",
                "the server, or a proxy before it, hangs",
            ],
            (Stage::Record, _) => vec![
                "the server or a proxy before it crashed or was stopped: nobody who refuses ends within a message",
                "the network failed",
            ],
            (Stage::Warned, _) => vec![
                "it does not want this connection, and its warning says why",
                "it does not know the name that it was asked for",
            ],
            (Stage::Hello, _) => vec![
                "a proxy or a filter on the way saw the hellos, and did not want this connection",
                "the server crashed or was stopped amid its own words",
            ],
            (Stage::Keys, _) if asked_for_certificate => vec![
                "it asked for a certificate of the client, and this client has none",
                "its private key is not that of the certificate, or cannot be used",
                "a proxy limits how long a handshake may take",
            ],
            (Stage::Keys, _) => vec![
                "its private key is not that of the certificate, or cannot be used: that shows only now",
                "it refuses RSA key transport only when it comes to it",
                "it is overloaded, for this is its dearest step, or a proxy limits how long a handshake may take",
            ],
            (Stage::Open, End::Silent) => vec![
                "it speaks something else than HTTP inside, and waits for more",
                "the program behind it hangs",
            ],
            (Stage::Open, _) => vec![
                "it speaks something else than HTTP inside",
                "the program behind it crashed on the request, or does not serve this name",
                "a load balancer cut the connection",
            ],
            (Stage::Data, End::Silent) => vec!["the program behind it hangs", "the network failed"],
            (Stage::Data, _) => vec![
                "the server ends its connections so, without close_notify, as some do",
                "a load balancer or proxy cut it, as they do with idle or long connections",
                "somebody cut it on purpose; so what came may not be all",
            ],
        };
    }
    match (stage, end) {
        (Stage::Nothing, End::Silent) => vec![
            "a client that waits for the server to speak first, as those of SSH and mail do",
            "a browser that opened the connection in reserve",
            "somebody who means to hold the place of others",
        ],
        (Stage::Nothing, _) => vec![
            "a health check of a load balancer, or a port scan: they connect, and that is all",
            "a client that gave up before it began",
        ],
        (Stage::Record, End::Silent) => {
            vec!["the network failed", "somebody who sends slowly on purpose, to hold the place of others"]
        }
        (Stage::Record, _) => vec![
            "the client crashed or was stopped: nobody who refuses ends within a message",
            "the network, or a proxy on the way, failed",
        ],
        (Stage::Warned, _) => vec![
            "a client that gave up before it began, and its warning says why",
            "a scanner that tries what becomes of odd beginnings",
        ],
        (Stage::Hello, End::Silent) => vec![
            "large packets are lost on the way, and our certificate is the first of them (path MTU)",
            "the client waits for its user to decide about the certificate",
        ],
        (Stage::Hello, _) => vec![
            "it does not believe our certificate, and closes without an alert: does it trust the CA, and is the name \
             right?",
            "it only wanted to see the certificate, as monitors and scanners do",
            "its user gave up",
        ],
        (Stage::Keys, _) => vec![
            "the client crashed or was stopped amid its own words",
            "a proxy or a filter on the way did not want this connection",
        ],
        (Stage::Open, End::Silent) => vec![
            "a browser that opened the connection in reserve",
            "it speaks something else than HTTP inside, in which the server begins",
        ],
        (Stage::Open, _) => vec![
            "it only wanted to know whether a handshake succeeds, as health checks do",
            "its program refused us for its own reasons after the handshake, and closes without an alert",
            "its user gave up",
        ],
        (Stage::Data, _) => vec![
            "the client had read as much as it wanted, or its user gave up",
            "a load balancer or proxy cut the connection",
        ],
    }
}

/// What an alert most likely means, where experience says.
fn advice(error: &Error, dissection: &Dissection, we: Party) -> String {
    let (alert, expected) = match error {
        Error::PeerAlert { alert, expected } => (alert, expected),
        Error::NoCommonSuite { offered } => return not_accepted(offered),
        _ => return String::new(),
    };
    let words = match alert.description {
        AlertDescription::HANDSHAKE_FAILURE | AlertDescription::INSUFFICIENT_SECURITY
            if we == CLIENT && *expected == "ServerHello" =>
        {
            return refused_offer(&offered(dissection));
        }
        AlertDescription::PROTOCOL_VERSION if we == CLIENT => " The server no longer speaks TLS 1.2.",
        AlertDescription::UNKNOWN_CA if we == SERVER => {
            " The client does not trust the CA of our certificate: give it the CA’s file."
        }
        AlertDescription::BAD_CERTIFICATE | AlertDescription::CERTIFICATE_UNKNOWN if we == SERVER => {
            " The client does not believe our certificate: does it trust the CA, and is the name right?"
        }
        AlertDescription::CERTIFICATE_REQUIRED
        | AlertDescription::BAD_CERTIFICATE
        | AlertDescription::HANDSHAKE_FAILURE
            if we == CLIENT =>
        {
            " The server may want a certificate of the client, and this client has none."
        }
        _ => "",
    };
    words.to_owned()
}

/// The suites that the client offered, as far as they are implemented here.
fn offered(dissection: &Dissection) -> Vec<CipherSuite> {
    let Some(event) = dissection.handshake(CLIENT, HandshakeType::CLIENT_HELLO) else { return Vec::new() };
    let layers = &dissection.layers;
    let Some(node) = layers.find_below(event.message.layer, event.field, "cipher_suites") else {
        return Vec::new();
    };
    let bytes = layers.bytes(&event.message.layer.span(node.field().range()));
    let suites = bytes.chunks_exact(2).map(|suite| CipherSuite(u16::from_be_bytes([suite[0], suite[1]])));
    suites.filter(|suite| CipherSuite::IMPLEMENTED.contains(suite)).collect()
}

/// A server wanted none of the suites that our client offered.
fn refused_offer(offered: &[CipherSuite]) -> String {
    let other = match offered {
        [suite] => format!("Or it has that, and not {suite}, the only suite that was offered."),
        _ => format!(
            "Or it has that with CBC alone: such a suite is offered only with --suite, as {} is, and needs a server \
             with encrypt_then_mac (RFC 7366).",
            CipherSuite::RSA_AES_128_CBC_SHA256
        ),
    };
    format!(
        " Most likely the server has dropped RSA key transport, which is all that this client offers: TLS 1.3 has \
         none, and programs built with Go 1.22 or later refuse it by default. {other}"
    )
}

/// Our server wanted none of a client's suites, of which it could speak some.
fn not_accepted(offered: &[CipherSuite]) -> String {
    match offered.iter().find(|suite| CipherSuite::IMPLEMENTED.contains(suite)) {
        Some(suite) if suite.needs_encrypt_then_mac() => format!(
            " CBC is accepted only with --suite, here {suite}, and from a client with encrypt_then_mac (RFC 7366)."
        ),
        Some(suite) => format!(" --suite {suite} would accept it."),
        None => String::new(),
    }
}

/// With a capital and a full stop. A name of the standard's stays as it is.
fn sentence(text: &str) -> String {
    if text.split(' ').next().is_some_and(|word| word.contains('_')) {
        return sentence(&format!("the {text}"));
    }
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", characters.as_str())
}
