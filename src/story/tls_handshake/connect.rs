//! Our client, and somebody else's server.

use std::sync::Arc;
use std::time::SystemTime;

use crate::pki::ServerName;
use crate::pki::certificate::Certificate;
use crate::pki::time::Time;
use crate::pki::trust_store::TrustStore;
use crate::story::tls_handshake::explain::explain;
use crate::story::tls_handshake::http::ask;
use crate::story::tls_handshake::recording::{Recording, whole_records};
use crate::story::tls_handshake::socket;
use crate::story::tls_handshake::tell::{Vantage, View, tell};
use crate::story::tls_handshake::{Failure, FailureKind, Settings, Stream as Role, Told};
use crate::tls::dissect::{CLIENT, Known, SERVER, dissect};
use crate::tls::key_log::Collected;
use crate::tls::message::HandshakeType;
use crate::tls::{Client, ClientConfig, Connection, Error, Stream, stream};
use crate::wire::reader::escape;
use crate::wire::{Recorder, Tap};

/// Runs our client against the server at `address`, `HOST:PORT`.
///
/// # Errors
/// If nobody is there, or there is nothing to tell.
pub fn connect(
    settings: &Settings,
    address: &str,
    server_name: Option<&str>,
    trusted: Vec<Certificate>,
) -> Result<Told, Failure> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
    let name = server_name.unwrap_or(host);
    let name = name
        .parse::<ServerName>()
        .map_err(|error| Failure::new(FailureKind::Usage, format!("“{}”: {error}", escape(name))))?;
    let socket = socket::reach(address)?;

    let key_log = Arc::new(Collected::default());
    let mut trust_store = TrustStore::new();
    trusted.iter().cloned().for_each(|certificate| trust_store.add(certificate));
    let config = ClientConfig {
        suites: settings.suites(),
        key_log: Some(Arc::clone(&key_log) as _),
        ..ClientConfig::new(trust_store.clone())
    };
    let (recorder, began, clock) = (Recorder::new(), Time::now(), SystemTime::now());
    let rng = settings.randomness.generator(Role::Client);
    let client = Client::new(Arc::new(config), name.clone(), settings.now, rng);
    let tap = Tap::new(socket, recorder.clone(), CLIENT, SERVER);
    let mut stream = Stream::new(client, tap);
    let asked = stream.handshake().and_then(|_| {
        recorder.handshake_is_over();
        // RFC 9110 §7.2: the address as it was given, with brackets and port.
        ask(&mut stream, "/", address)
    });

    let (transcript, omitted) = whole_records(recorder.transcript());
    let asked = asked.err();
    let not_believed = asked.as_ref().and_then(stream::protocol_error).is_some_and(is_judgement);
    let has_trust = !trusted.is_empty();
    let known = Known { key_log: key_log.entries(), server_key: None, trusted };
    let dissection = dissect(&transcript, &known);
    let expected = stream.connection().expects();
    let failure = asked.map(|error| explain(&error, &dissection, CLIENT, expected));
    if dissection.handshake(SERVER, HandshakeType::SERVER_HELLO).is_none()
        && let Some(failure) = &failure
        && failure.kind != FailureKind::Refused
    {
        return Err(failure.clone());
    }
    let shown = dissection.certificates();
    let failure = failure.map(|failure| match shown.last() {
        Some(last) if !has_trust && not_believed => Failure {
            message: format!(
                "No CA is trusted without --ca FILE; for this server it takes the certificate of {}.",
                escape(&last.issuer().to_string())
            ),
            ..failure
        },
        _ => failure,
    });
    let view = View {
        judgements: if shown.is_empty() { Vec::new() } else { settings.judge(&shown, &trust_store, &name) },
        failure: failure.as_ref().map(|failure| failure.message.clone()),
        began: Some(clock),
        omitted,
        ..View::of(Vantage::Client(address.to_owned()))
    };
    let recording = Recording { transcript, secrets: known.key_log, began };
    Ok(Told { report: tell(dissection, view), failure, recording })
}

/// Whether it was we who did not believe the other's certificate.
fn is_judgement(error: &Error) -> bool {
    matches!(error, Error::Certificate(_))
}
