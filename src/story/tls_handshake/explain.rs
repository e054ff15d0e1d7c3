//! Why a conversation failed, in words that help.

use std::io::{self, ErrorKind};

use crate::story::tls_handshake::{Failure, FailureKind, PATIENCE};
use crate::tls::alert::AlertDescription;
use crate::tls::dissect::{CLIENT, SERVER};
use crate::tls::{Error, stream};
use crate::wire::Transcript;

/// Why a conversation failed, in words that help.
pub(super) fn explain(error: &io::Error, transcript: &Transcript, we: crate::wire::Party) -> Failure {
    let (they, other) = if we == CLIENT { (SERVER, "server") } else { (CLIENT, "client") };
    let Some(protocol) = stream::protocol_error(error) else {
        let silent = transcript.said_by(they).is_empty();
        let (kind, what) = match error.kind() {
            // An error with words of its own is the deadline's.
            ErrorKind::TimedOut if error.get_ref().is_some() => (FailureKind::Absent, error.to_string()),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                (FailureKind::Absent, format!("the {other} was silent for {PATIENCE} seconds"))
            }
            _ if silent => (
                FailureKind::Refused,
                format!("the {other} hung up without a word: it may not speak TLS, or not with us"),
            ),
            _ => (FailureKind::Refused, format!("the {other} hung up: {error}")),
        };
        return Failure::new(kind, sentence(&what));
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
    Failure::new(kind, format!("{}{}", sentence(&protocol.to_string()), advice(protocol, we)))
}

/// What an end has to say of the error that it met, in a few words.
pub(super) fn words(error: &io::Error) -> String {
    error.to_string()
}

/// What an alert most likely means, where experience says.
fn advice(error: &Error, we: crate::wire::Party) -> &'static str {
    let Error::PeerAlert { alert, expected } = error else { return "" };
    match alert.description {
        AlertDescription::HANDSHAKE_FAILURE | AlertDescription::INSUFFICIENT_SECURITY
            if we == CLIENT && *expected == "ServerHello" =>
        {
            " Most likely the server has dropped RSA key transport, which is all that this client offers: TLS 1.3 has \
             none, and programs built with Go 1.22 or later refuse it by default."
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
