//! What the names in a TLS handshake mean. The keys are the labels of the decoders.

use crate::wire::Kind::{Proof, Random, Secret};
use crate::wire::{Entry, Glossary, Kind};

/// The names of TLS 1.2.
pub static GLOSSARY: Glossary = Glossary(&[
    // Records.
    plain(
        "TLSPlaintext",
        "type",
        "what the record carries",
        "What kind of content the record carries.",
        "RFC 5246 §6.2.1",
    ),
    brief(
        "TLSPlaintext",
        "version",
        None,
        "record version",
        "a lie for old servers",
        "The version under which the record was written. In the first record it is low on purpose, since old servers choke on what they do not know.",
        "RFC 5246 §E.1",
    ),
    plain("TLSPlaintext", "length", "", "How many bytes of fragment follow.", "RFC 5246 §6.2.1"),
    plain(
        "TLSCiphertext",
        "type",
        "not secret, even now",
        "What kind of content was sealed: it stays readable, and is authenticated.",
        "RFC 5246 §6.2.3",
    ),
    plain(
        "TLSCiphertext",
        "version",
        "",
        "The version under which the record was written.",
        "RFC 5246 §6.2.3",
    ),
    plain(
        "TLSCiphertext",
        "length",
        "24 more than was sealed",
        "How many bytes of sealed fragment follow: nonce, ciphertext and tag.",
        "RFC 5246 §6.2.3",
    ),
    brief(
        "TLSCiphertext",
        "nonce_explicit",
        Some(Random),
        "",
        "{} bytes: the record’s number",
        "The part of the nonce that is sent. No two records under one key may have the same.",
        "RFC 5288 §3",
    ),
    brief(
        "TLSCiphertext",
        "ciphertext",
        Some(Secret),
        "",
        "{} bytes",
        "The plaintext XOR the keystream: as long as the plaintext.",
        "SP 800-38D §7.1",
    ),
    brief(
        "TLSCiphertext",
        "tag",
        Some(Proof),
        "",
        "{} bytes: nothing was altered",
        "Computed from ciphertext, header and number with the key: alter a bit of any, and it no longer fits.",
        "SP 800-38D §7.1",
    ),
    plain(
        "",
        "fragment",
        "a piece of a message",
        "A piece of a handshake message that did not fit in one record.",
        "RFC 5246 §6.2.1",
    ),
    plain(
        "",
        "change_cipher_spec",
        "sealed from here on",
        "The one byte 01: the sender seals whatever follows.",
        "RFC 5246 §7.1",
    ),
    plain(
        "",
        "data",
        "what the application says",
        "Bytes of the protocol that is spoken inside, here HTTP.",
        "RFC 5246 §10",
    ),
    // Handshake messages.
    plain("", "msg_type", "", "Which handshake message.", "RFC 5246 §7.4"),
    plain("", "length", "", "How many bytes follow.", "RFC 5246 §4.3"),
    brief(
        "ClientHello",
        "client_version",
        None,
        "",
        "the true offer",
        "The highest version that the client speaks.",
        "RFC 5246 §7.4.1.2",
    ),
    brief(
        "ClientHello",
        "random",
        Some(Random),
        "",
        "{} fresh bytes",
        "Fresh bytes of the client, so that no two handshakes give the same keys.",
        "RFC 5246 §7.4.1.2",
    ),
    plain(
        "",
        "session_id",
        "none: nothing to resume",
        "A name under which the session may be resumed.",
        "RFC 5246 §7.4.1.2",
    ),
    brief(
        "ClientHello",
        "cipher_suite",
        None,
        "",
        "less liked, in this order",
        "A suite that the client accepts; the preferred stand first.",
        "RFC 5246 §7.4.1.2",
    ),
    plain(
        "ClientHello",
        "cipher_suites",
        "",
        "The suites that the client accepts, the preferred first.",
        "RFC 5246 §7.4.1.2",
    ),
    plain(
        "",
        "compression_methods",
        "",
        "The compressions that the client accepts. None is the only safe one.",
        "RFC 7457 §2.6",
    ),
    plain(
        "",
        "compression_method",
        "",
        "A way to make data smaller before it is sealed.",
        "RFC 5246 §7.4.1.2",
    ),
    plain("", "extensions", "", "What else there is to say.", "RFC 5246 §7.4.1.4"),
    plain("", "extension_type", "", "Which extension.", "RFC 5246 §7.4.1.4"),
    plain("", "extension_data", "", "The extension’s body.", "RFC 5246 §7.4.1.4"),
    brief(
        "ServerName",
        "host_name",
        Some(Kind::Identity),
        "",
        "anyone can read it",
        "Whom the client means to reach, so that one address can serve many names.",
        "RFC 6066 §3",
    ),
    plain("ServerName", "name_type", "", "What kind of name it is.", "RFC 6066 §3"),
    plain(
        "",
        "signature_algorithms",
        "what the client can verify",
        "The signatures that the client can verify, in certificates too.",
        "RFC 5246 §7.4.1.4.1",
    ),
    brief(
        "ClientHello",
        "extended_master_secret",
        None,
        "extension 23",
        "extended_master_secret",
        "The keys shall depend on all that was said so far, so that no two conversations can share them.",
        "RFC 7627",
    ),
    plain(
        "supported_versions",
        "version",
        "what the client speaks",
        "A version that the client speaks.",
        "RFC 8446 §4.2.1",
    ),
    plain(
        "tbsCertificate",
        "version",
        "",
        "Which version of X.509: the third has extensions.",
        "RFC 5280 §4.1.2.1",
    ),
    plain(
        "",
        "renegotiation_info",
        "renegotiation is tied down",
        "That a later handshake on this connection would be tied to this one.",
        "RFC 5746",
    ),
    plain(
        "ServerHello",
        "server_version",
        "what will be spoken",
        "The version that will be spoken.",
        "RFC 5246 §7.4.1.3",
    ),
    brief(
        "ServerHello",
        "random",
        Some(Random),
        "",
        "{} fresh bytes",
        "Fresh bytes of the server, so that no two handshakes give the same keys.",
        "RFC 5246 §7.4.1.3",
    ),
    brief("ServerHello", "cipher_suite", None, "", "", "The suite that will be spoken.", "RFC 5246 §7.4.1.3"),
    plain(
        "Certificate",
        "certificate_list",
        "the server’s own first",
        "The certificates, each vouching for the one before it.",
        "RFC 5246 §7.4.2",
    ),
    brief(
        "ClientKeyExchange",
        "encrypted_premaster_secret",
        Some(Secret),
        "m^e mod n",
        "{} bytes, sealed",
        "The padded premaster secret, raised to the power e modulo n.",
        "RFC 5246 §7.4.7.1",
    ),
    brief(
        "Finished",
        "verify_data",
        Some(Proof),
        "",
        "PRF over all that was said",
        "The proof that the sender holds the master secret and heard the same conversation.",
        "RFC 5246 §7.4.9",
    ),
    brief("Alert", "level", None, "", "", "Whether the connection may go on.", "RFC 5246 §7.2"),
    brief("Alert", "description", None, "", "", "What happened.", "RFC 5246 §7.2"),
    // Secrets, and what is made of them.
    value(
        "",
        "PreMasterSecret",
        Some(Secret),
        "premaster_secret",
        "the version, then 46 random bytes",
        "48 bytes that the client invents: the version that it offered, then 46 random ones.",
        "RFC 5246 §7.4.7.1",
    ),
    value(
        "",
        "premaster_secret",
        Some(Secret),
        "",
        "the version, then 46 random",
        "48 bytes that the client invents.",
        "RFC 5246 §7.4.7.1",
    ),
    value(
        "",
        "padded premaster secret",
        Some(Secret),
        "m, padded",
        "00 02, random, 00, the 48",
        "The premaster secret, padded to the length of the modulus.",
        "RFC 8017 §7.2.1",
    ),
    value(
        "",
        "EncryptionBlock",
        Some(Secret),
        "m, padded",
        "00 02, random, 00, the 48",
        "The premaster secret, padded to the length of the modulus.",
        "RFC 8017 §7.2.1",
    ),
    value(
        "EncryptionBlock",
        "PS",
        Some(Random),
        "",
        "{} random bytes, none 00",
        "Random bytes other than zero, so that the same secret never looks the same.",
        "RFC 8017 §7.2.1",
    ),
    value(
        "",
        "master_secret",
        Some(Secret),
        "",
        "{} bytes",
        "The secret from which all keys are made.",
        "RFC 7627 §4",
    ),
    value(
        "",
        "key_block",
        Some(Secret),
        "",
        "{} bytes, cut into keys",
        "The bytes from which the keys are cut.",
        "RFC 5246 §6.3",
    ),
    value(
        "",
        "client_write_key",
        Some(Secret),
        "",
        "{} bytes, seals client → server",
        "The AES key for what the client says.",
        "RFC 5246 §6.3",
    ),
    value(
        "",
        "server_write_key",
        Some(Secret),
        "",
        "{} bytes, seals server → client",
        "The AES key for what the server says.",
        "RFC 5246 §6.3",
    ),
    value(
        "",
        "client_write_IV",
        Some(Secret),
        "",
        "{} bytes, start its nonces",
        "The secret part of the client’s nonces.",
        "RFC 5288 §3",
    ),
    value(
        "",
        "server_write_IV",
        Some(Secret),
        "",
        "{} bytes, start its nonces",
        "The secret part of the server’s nonces.",
        "RFC 5288 §3",
    ),
    value(
        "",
        "private key",
        Some(Secret),
        "",
        "never leaves the server",
        "The key that undoes what the public key sealed.",
        "RFC 8017 §3.2",
    ),
    value(
        "",
        "session_hash",
        None,
        "hash of steps 1 to 4",
        "{} bytes",
        "The hash of all messages from ClientHello to ClientKeyExchange.",
        "RFC 7627 §3",
    ),
    value(
        "",
        "handshake hash",
        None,
        "",
        "{} bytes",
        "The hash of all handshake messages so far.",
        "RFC 5246 §7.4.9",
    ),
    value(
        "",
        "nonce",
        None,
        "",
        "{} bytes, never twice",
        "What makes each record’s keystream another.",
        "RFC 5288 §3",
    ),
    value(
        "",
        "keystream",
        Some(Secret),
        "",
        "AES of nonce and counter",
        "AES of the nonce and a counter, as long as the message.",
        "SP 800-38D §6.5",
    ),
    value(
        "",
        "verify_data",
        Some(Proof),
        "",
        "PRF over all that was said",
        "What Finished must say.",
        "RFC 5246 §7.4.9",
    ),
]);

/// A name that is shown only when everything is.
const fn plain(
    group: &'static str,
    label: &'static str,
    short: &'static str,
    what: &'static str,
    source: &'static str,
) -> Entry {
    Entry { group, label, kind: None, brief: false, title: "", short, what, source }
}

/// A name that is always shown.
const fn brief(
    group: &'static str,
    label: &'static str,
    kind: Option<Kind>,
    title: &'static str,
    short: &'static str,
    what: &'static str,
    source: &'static str,
) -> Entry {
    Entry { group, label, kind, brief: true, title, short, what, source }
}

/// A value that the story shows by itself.
const fn value(
    group: &'static str,
    label: &'static str,
    kind: Option<Kind>,
    title: &'static str,
    short: &'static str,
    what: &'static str,
    source: &'static str,
) -> Entry {
    Entry { group, label, kind, brief: false, title, short, what, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_word_fits_its_column_and_every_name_is_explained_once() {
        for (i, entry) in GLOSSARY.0.iter().enumerate() {
            assert!(entry.short.chars().count() <= 33, "{}: {}", entry.label, entry.short);
            assert!(!entry.what.is_empty() && !entry.source.is_empty(), "{}", entry.label);
            let twin =
                GLOSSARY.0[..i].iter().find(|other| (other.group, other.label) == (entry.group, entry.label));
            assert!(twin.is_none(), "{}.{} stands there twice", entry.group, entry.label);
        }
    }
}
