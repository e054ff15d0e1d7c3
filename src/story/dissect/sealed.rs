//! Why something stayed sealed.

use crate::tls::CipherSuite;
use crate::tls::dissect::{CLIENT, Content, Dissection, SERVER};
use crate::tls::key_log::KeyLogEntry;
use crate::tls::message::HandshakeType;
use crate::tls::suite::Mode;

/// What was given to open the recording with.
#[derive(Debug)]
pub(super) struct Given {
    /// Whether a key log was.
    pub(super) logged: bool,
    /// Whether a secret in it is of this handshake.
    pub(super) names_this: bool,
    /// How many secrets there are, with those in the capture.
    pub(super) secrets: usize,
    /// Whether the server's private key was.
    pub(super) server_key: bool,
    /// Whose certificate the recording shows, if the key is that of another.
    pub(super) stranger: Option<String>,
}

/// What stayed sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    /// How much, why, and what would help.
    pub(super) why: String,
    /// Whether something was given that should have opened it.
    pub(super) refused: bool,
}

/// Why records stayed sealed; `None` if none did.
pub(super) fn why(dissection: &Dissection, given: &Given) -> Option<Sealed> {
    let sealed = |content| matches!(content, Content::Sealed(_));
    let count = dissection.events.iter().filter(|event| sealed(event.content)).count();
    let opened = dissection.events.iter().filter(|event| event.sealed && !sealed(event.content)).count();
    if count == 0 {
        return None;
    }
    let records = if count == 1 { "1 record stayed".to_owned() } else { format!("{count} records stayed") };
    let (why, refused) = reason(dissection, given, opened);
    Some(Sealed { why: format!("{records} sealed: {why}"), refused })
}

/// Whether the secret is one of this handshake.
pub(super) fn is_of(entry: &KeyLogEntry, dissection: &Dissection) -> bool {
    let schedule = &dissection.schedule;
    let bytes = |span: &Option<_>| span.as_ref().map(|span| dissection.layers.bytes(span));
    match entry {
        KeyLogEntry::Master { client_random, .. } => bytes(&schedule.client_random) == Some(client_random),
        KeyLogEntry::Premaster { encrypted, .. } => {
            bytes(&schedule.encrypted_premaster).is_some_and(|sent| sent.starts_with(encrypted))
        }
    }
}

/// What was given that opens nothing here, where nothing stayed sealed all the same: something else
/// opened it, or nothing was sealed.
pub(super) fn in_vain(dissection: &Dissection, given: &Given) -> Option<String> {
    let mut said = Vec::new();
    if let Some(name) = &given.stranger {
        said.push(format!(
            "The private key that was given opened nothing: it is not that of the server, whose certificate is for \
             {name}."
        ));
    }
    if given.logged && !given.names_this && dissection.events.iter().any(|event| event.sealed) {
        said.push(
            "The key log that was given opened nothing: no secret in it is of this handshake.".to_owned(),
        );
    }
    (!said.is_empty()).then(|| said.join(" "))
}

fn reason(dissection: &Dissection, given: &Given, opened: usize) -> (String, bool) {
    let hello = |party, kind| dissection.handshake(party, kind);
    if let Some(name) = &given.stranger {
        let why = format!(
            "the private key that was given is not that of the server. Its certificate is for {name}, and has \
             another public key."
        );
        return (why, true);
    }
    let (client, server) =
        (hello(CLIENT, HandshakeType::CLIENT_HELLO), hello(SERVER, HandshakeType::SERVER_HELLO));
    if client.is_none() || server.is_none() {
        let lacks = match (client.is_some(), server.is_some()) {
            (true, _) => "the server’s hello",
            (_, true) => "the client’s hello",
            _ => "both hellos",
        };
        let why = format!("the recording lacks {lacks}, and every key is made from what both say there.");
        return (why, given.server_key || given.logged);
    }
    let suite = dissection.cipher_suite().unwrap_or(CipherSuite(0));
    if suite.is_tls_1_3() {
        let why = format!(
            "the server picked TLS 1.3 ({suite}), where all that follows the hellos is sealed with keys from a \
             Diffie-Hellman exchange. It is not opened here."
        );
        return (why, false);
    }
    let encrypt_then_mac = dissection.schedule.encrypt_then_mac.is_some();
    if suite.opening().is_some_and(|parameters| parameters.mode == Mode::Cbc) && !encrypt_then_mac {
        let why = format!(
            "the server picked {suite}, and the two did not agree on encrypt_then_mac (RFC 7366). Its MAC lies \
             inside of the encryption, which is not opened here."
        );
        return (why, false);
    }
    if dissection.schedule.key_block.is_some() {
        let why = if opened > 0 {
            format!(
                "{opened} others opened, these did not. They were altered, or some before them are missing."
            )
        } else {
            "the keys that follow from what was given do not open them. The secret is that of another \
             handshake, or the records were altered."
                .to_owned()
        };
        return (why, true);
    }
    if suite.opening().is_none() {
        let secret = if suite.is_rsa_key_transport() {
            ""
        } else {
            " Its keys come from a Diffie-Hellman exchange, which no private key of the server opens, not even \
             a stolen one: that is forward secrecy."
        };
        return (format!("the server picked {suite}, which is not opened here.{secret}"), false);
    }
    let random = dissection.schedule.client_random.as_ref().map(|span| dissection.layers.bytes(span));
    let random = hex::encode(random.unwrap_or_default().get(..8).unwrap_or_default());
    if !suite.is_rsa_key_transport() && given.server_key && given.secrets == 0 {
        let why = format!(
            "the server picked {suite}. Its keys come from a Diffie-Hellman exchange, which no private key of the \
             server opens, not even a stolen one: that is forward secrecy. A key log opens it (--keylog FILE)."
        );
        return (why, true);
    }
    if given.secrets == 0 && !given.server_key {
        let key = if suite.is_rsa_key_transport() {
            ", or the server’s private key (--server-key FILE)"
        } else {
            ". The server’s private key would not help: the keys come from a Diffie-Hellman exchange"
        };
        let empty = if given.logged {
            "the key log holds no secret of TLS 1.2"
        } else {
            "nothing was given that opens them"
        };
        let why = format!(
            "{empty}. It takes the key log of either side, which OpenSSL, curl and browsers write \
             (--keylog FILE){key}."
        );
        return (why, given.logged);
    }
    let resumed = hello(CLIENT, HandshakeType::CLIENT_KEY_EXCHANGE).is_none();
    let why = if given.server_key && resumed {
        "the two took up an earlier session, so no premaster secret was sent that the private key could open. \
         A key log opens it (--keylog FILE)."
            .to_owned()
    } else if given.server_key {
        "the private key does not open the premaster secret that was sent.".to_owned()
    } else {
        let none = match given.secrets {
            1 => "the one secret in the key log is not of this handshake".to_owned(),
            count => format!("none of the {count} secrets in the key log is of this handshake"),
        };
        format!("{none}. Its line would begin CLIENT_RANDOM {random}…")
    };
    (why, given.logged || given.server_key)
}
