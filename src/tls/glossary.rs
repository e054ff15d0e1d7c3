//! What the names in a TLS handshake mean. The keys are the labels of the decoders.

use crate::wire::Kind::{Identity, Proof, Random, Secret};
use crate::wire::{Entry, Glossary};

/// The names of TLS 1.2.
#[rustfmt::skip]
pub static GLOSSARY: Glossary = Glossary(&[
    // Records.
    Entry::new("", "header", "").titled("record header")
        .what("What stands before every record: what it carries, and how much. It is never sealed.", "RFC 5246 §6.2.1"),
    Entry::new("TLSPlaintext/header", "type", "what the record carries")
        .what("What kind of content the record carries.", "RFC 5246 §6.2.1"),
    Entry::new("TLSPlaintext/header", "version", "").titled("record version").brief()
        .what("The version under which the record was written. In the first record it is low on purpose, since old servers choke on what they do not know.",
            "RFC 5246 §E.1"),
    Entry::new("TLSPlaintext/header", "length", "")
        .what("How many bytes of fragment follow.", "RFC 5246 §6.2.1"),
    Entry::new("TLSCiphertext/header", "type", "not secret, even now")
        .what("What kind of content was sealed: it stays readable, and is authenticated.", "RFC 5246 §6.2.3"),
    Entry::new("TLSCiphertext/header", "version", "").titled("record version")
        .what("The version under which the record was written.", "RFC 5246 §6.2.3"),
    Entry::new("TLSCiphertext/header", "length", "more than was sealed")
        .what("How many bytes of sealed fragment follow: the ciphertext, and what it takes to open and to prove it.", "RFC 5246 §6.2.3"),
    Entry::new("TLSCiphertext", "nonce_explicit", "{} bytes, never twice for a key").brief()
        .what("The part of the nonce that is sent. No two records under one key may have the same.",
            "RFC 5288 §3"),
    Entry::new("TLSCiphertext", "ciphertext", "{} bytes").of(Secret).brief()
        .what("The plaintext XOR the keystream: as long as the plaintext.", "SP 800-38D §7.1"),
    Entry::new("TLSCiphertext", "tag", "{} bytes: nothing was altered").of(Proof).brief()
        .what("Computed from ciphertext, header and number with the key: alter a bit of any, and it no longer fits.",
            "SP 800-38D §7.1"),
    Entry::new("GenericBlockCipher", "IV", "{} random bytes").of(Random).brief()
        .what("The initialization vector: XORed to the first block, so that equal texts do not look equal. Drawn afresh for each record, or Eve could foretell it and test guesses (BEAST, 2011).",
            "RFC 5246 §6.2.3.2"),
    Entry::new("GenericBlockCipher", "ciphertext", "{} bytes: whole blocks").of(Secret).brief()
        .what("The plaintext and its padding, each block XORed with the ciphertext block before it, then through AES.", "SP 800-38A §6.2"),
    Entry::new("TLSCiphertext", "MAC", "{} bytes: nothing was altered").of(Proof).brief()
        .what("Computed from number, header, IV and ciphertext with a key of its own, and checked before anything is decrypted.",
            "RFC 7366 §3"),
    Entry::new("plaintext", "padding", "each says how many there are")
        .what("What fills the text up to whole blocks. Each byte says how many there are.", "RFC 5246 §6.2.3.2"),
    Entry::new("plaintext", "padding_length", "how many bytes of padding")
        .what("How many bytes of padding stand before this one.", "RFC 5246 §6.2.3.2"),
    Entry::new("", "fragment", "a piece of a message")
        .what("A piece of a handshake message that did not fit in one record.", "RFC 5246 §6.2.1"),
    Entry::new("TLSCiphertext", "fragment", "{} bytes, sealed").of(Secret).brief()
        .what("What was sealed in a way that is not opened here: its parts are known to those who have the key.",
            "RFC 5246 §6.2.3"),
    Entry::new("ClientKeyExchange", "exchange_keys", "{} bytes, for Diffie-Hellman").of(Random).brief()
        .what("The client’s public half of a Diffie-Hellman exchange: whoever hears both halves cannot compute the secret.",
            "RFC 5246 §7.4.7"),
    Entry::new("", "ServerECDHParams", "")
        .what("A curve, and a point on it.", "RFC 8422 §5.4"),
    Entry::new("ServerECDHParams", "curve_type", "03: a curve with a name")
        .what("How the curve is told. 03 is by its name.", "RFC 8422 §5.4"),
    Entry::new("ServerECDHParams", "namedcurve", "which curve")
        .what("The name of the curve.", "RFC 8422 §5.1.1"),
    Entry::new("ServerECDHParams", "public", "{} bytes, for Diffie-Hellman").of(Random).titled("public half").brief()
        .what("The server’s public half of a Diffie-Hellman exchange: whoever hears both halves cannot compute the secret.",
            "RFC 8422 §5.4"),
    Entry::new("ServerKeyExchange", "algorithm", "a hash and a signature")
        .what("How it is signed.", "RFC 5246 §7.4.3"),
    Entry::new("ServerKeyExchange", "signature", "{} bytes by the server").of(Proof).brief()
        .what("Over both randoms and the public half: the one thing here for which the private key is used.",
            "RFC 5246 §7.4.3"),
    Entry::new("", "change_cipher_spec", "sealed from here on")
        .what("The one byte 01: the sender seals whatever follows.", "RFC 5246 §7.1"),
    Entry::new("", "data", "what the application says")
        .what("Bytes of the protocol that is spoken inside, here HTTP.", "RFC 5246 §10"),
    // Handshake messages.
    Entry::new("", "msg_type", "")
        .what("Which handshake message.", "RFC 5246 §7.4"),
    length_of_message("HelloRequest"),
    length_of_message("ClientHello"),
    length_of_message("ServerHello"),
    length_of_message("ServerKeyExchange"),
    length_of_message("CertificateRequest"),
    length_of_message("ServerHelloDone"),
    length_of_message("CertificateVerify"),
    length_of_message("ClientKeyExchange"),
    length_of_message("Finished"),
    length_of_message("NewSessionTicket"),
    length_of_message("CertificateStatus"),
    length_of_message("Handshake"),
    length_of_message("TLSPlaintext/Certificate"),
    length_of_message("plaintext/Certificate"),
    length_of_message("handshake message/Certificate"),
    length_of_list("TLSPlaintext/*"),
    length_of_list("plaintext/*"),
    length_of_list("handshake message/*"),
    Entry::new("certificate/*", "length", "")
        .what("How many bytes of contents follow, as DER counts.", "X.690 §8.1.3"),
    bytes_of_list("TLSPlaintext/*"),
    bytes_of_list("plaintext/*"),
    bytes_of_list("handshake message/*"),
    Entry::new("certificate/*", "contents", "")
        .what("The value itself, behind its identifier and its length.", "X.690 §8.1.4"),
    Entry::new("ClientHello", "client_version", "the true offer").brief()
        .what("The highest version that the client speaks.", "RFC 5246 §7.4.1.2"),
    Entry::new("ClientHello", "random", "{} fresh bytes").of(Random).brief()
        .what("Fresh bytes of the client, so that no two handshakes give the same keys.",
            "RFC 5246 §7.4.1.2"),
    Entry::new("", "session_id", "")
        .what("A name under which the session may be resumed.", "RFC 5246 §7.4.1.2"),
    Entry::new("ClientHello/*", "cipher_suite", "less liked, in this order").brief()
        .what("A suite that the client accepts; the preferred stand first.", "RFC 5246 §7.4.1.2"),
    Entry::new("ClientHello", "cipher_suites", "")
        .what("The suites that the client accepts, the preferred first.", "RFC 5246 §7.4.1.2"),
    Entry::new("", "compression_methods", "")
        .what("The compressions that the client accepts. None is the only safe one.", "RFC 7457 §2.6"),
    Entry::new("", "compression_method", "")
        .what("A way to make data smaller before it is sealed.", "RFC 5246 §7.4.1.2"),
    Entry::new("", "extensions", "")
        .what("What else there is to say.", "RFC 5246 §7.4.1.4"),
    Entry::new("", "extension_type", "")
        .what("Which extension.", "RFC 5246 §7.4.1.4"),
    Entry::new("", "extension_data", "")
        .what("The extension’s body.", "RFC 5246 §7.4.1.4"),
    Entry::new("ServerName", "host_name", "anyone can read it").of(Identity).brief()
        .what("Whom the client means to reach, so that one address can serve many names.", "RFC 6066 §3"),
    Entry::new("ServerName", "name_type", "")
        .what("What kind of name it is.", "RFC 6066 §3"),
    Entry::new("", "supported_signature_algorithms", "")
        .what("The list of them, the preferred first.", "RFC 5246 §7.4.1.4.1"),
    Entry::new("supported_signature_algorithms", "algorithm", "a hash and a signature")
        .what("A hash and a way to sign, in two bytes.", "RFC 5246 §7.4.1.4.1"),
    Entry::new("", "renegotiated_connection", "")
        .what("What ties it to the handshake before: of the first there is none, and nothing stands here.",
            "RFC 5746 §3.2"),
    Entry::new("", "server_name", "")
        .what("Whom the client means to reach.", "RFC 6066 §3"),
    Entry::new("", "server_name_list", "")
        .what("The names, of each kind at most one.", "RFC 6066 §3"),
    Entry::new("", "ServerName", "")
        .what("One name, and of which kind it is.", "RFC 6066 §3"),
    Entry::new("", "signature_algorithms", "what the client can verify")
        .what("The signatures that the client can verify, in certificates too.", "RFC 5246 §7.4.1.4.1"),
    Entry::new("ClientHello/*", "extended_master_secret", "extended_master_secret").titled("extension 23").brief()
        .what("The keys shall depend on all that was said so far, so that no two conversations can share them.",
            "RFC 7627"),
    Entry::new("ServerHello/*", "extended_master_secret", "")
        .what("The server agrees: so the keys shall depend on all that was said.", "RFC 7627 §5.1"),
    Entry::new("", "encrypt_then_mac", "encrypt_then_mac").titled("extension 22").brief()
        .what("If CBC is picked, its MAC shall stand outside of the encryption, so that the padding of a forgery is never looked at.",
            "RFC 7366"),
    Entry::new("supported_versions/*", "version", "what the client speaks")
        .what("A version that the client speaks.", "RFC 8446 §4.2.1"),
    Entry::new("ClientHello/*", "supported_versions", "supported_versions").titled("extension 43").brief()
        .what("The versions that a client of TLS 1.3 speaks, for client_version stays at 1.2.", "RFC 8446 §4.2.1"),
    Entry::new("", "renegotiation_info", "renegotiation is tied down")
        .what("That a later handshake on this connection would be tied to this one.", "RFC 5746"),
    Entry::new("ServerHello", "server_version", "what will be spoken")
        .what("The version that will be spoken.", "RFC 5246 §7.4.1.3"),
    Entry::new("ServerHello", "random", "{} fresh bytes").of(Random).brief()
        .what("Fresh bytes of the server, so that no two handshakes give the same keys.",
            "RFC 5246 §7.4.1.3"),
    Entry::new("ServerHello", "cipher_suite", "").brief()
        .what("The suite that will be spoken.", "RFC 5246 §7.4.1.3"),
    Entry::new("TLSPlaintext", "Certificate", "")
        .what("The message in which a side shows who it is.", "RFC 5246 §7.4.2"),
    Entry::new("handshake message", "Certificate", "")
        .what("The message in which a side shows who it is.", "RFC 5246 §7.4.2"),
    Entry::new("Certificate", "certificate_list", "the server’s own first")
        .what("The certificates, each vouching for the one before it.", "RFC 5246 §7.4.2"),
    Entry::new("ClientKeyExchange", "encrypted_premaster_secret", "").of(Secret)
        .what("The padded premaster secret, raised to the power e modulo n.", "RFC 5246 §7.4.7.1"),
    Entry::new("encrypted_premaster_secret", "contents", "{} bytes, sealed").of(Secret).titled("m^e mod n").brief()
        .what("The padded premaster secret, raised to the power e modulo n.", "RFC 5246 §7.4.7.1"),
    Entry::new("Finished", "verify_data", "PRF over all that was said").of(Proof).brief()
        .what("The proof that the sender holds the master secret and heard the same conversation.",
            "RFC 5246 §7.4.9"),
    Entry::new("Alert", "level", "").brief()
        .what("Whether the connection may go on.", "RFC 5246 §7.2"),
    Entry::new("Alert", "description", "").brief()
        .what("What happened.", "RFC 5246 §7.2"),
    // Secrets, and what is made of them.
    Entry::new("", "PreMasterSecret", "version, then 46 random bytes").of(Secret).titled("premaster_secret")
        .what("48 bytes that the client invents: the version that it offered, then 46 random ones.",
            "RFC 5246 §7.4.7.1"),
    Entry::new("", "premaster_secret", "version, then 46 random bytes").of(Secret)
        .what("48 bytes that the client invents.", "RFC 5246 §7.4.7.1"),
    Entry::new("", "padded premaster secret", "00 02, random, 00, the 48").of(Secret).titled("m, padded")
        .what("The premaster secret, padded to the length of the modulus.", "RFC 8017 §7.2.1"),
    Entry::new("", "EncryptionBlock", "00 02, random, 00, the 48").of(Secret).titled("m, padded")
        .what("The premaster secret, padded to the length of the modulus.", "RFC 8017 §7.2.1"),
    Entry::new("EncryptionBlock", "leading_zero", "keeps m below n")
        .what("A zero, so that the number is smaller than the modulus.", "RFC 8017 §7.2.1"),
    Entry::new("EncryptionBlock", "block_type", "padded to be encrypted")
        .what("How it is padded: 02 is for what is encrypted, 01 for what is signed.", "RFC 8017 §7.2.1"),
    Entry::new("EncryptionBlock", "separator", "the padding ends")
        .what("The first zero behind the padding, which has none: what follows is the secret.", "RFC 8017 §7.2.1"),
    Entry::new("PreMasterSecret", "client_version", "as in ClientHello")
        .what("The version that the client offered, once more: who lowered it on the way is found out.",
            "RFC 5246 §7.4.7.1"),
    Entry::new("PreMasterSecret", "random", "{} fresh bytes").of(Secret)
        .what("What nobody can guess.", "RFC 5246 §7.4.7.1"),
    Entry::new("EncryptionBlock", "PS", "{} random bytes, none 00").of(Random)
        .what("Random bytes other than zero, so that the same secret never looks the same.",
            "RFC 8017 §7.2.1"),
    Entry::new("", "master_secret", "{} bytes").of(Secret)
        .what("The secret from which all keys are made: from premaster and randoms, or from all that was said where both sides said extended_master_secret (RFC 7627 §4).",
            "RFC 5246 §8.1"),
    Entry::new("", "key_block", "{} bytes, cut into keys").of(Secret)
        .what("The bytes from which the keys are cut.", "RFC 5246 §6.3"),
    Entry::new("", "client_write_MAC_key", "{} bytes, for its MACs").of(Secret)
        .what("The HMAC key for what the client says.", "RFC 5246 §6.3"),
    Entry::new("", "server_write_MAC_key", "{} bytes, for its MACs").of(Secret)
        .what("The HMAC key for what the server says.", "RFC 5246 §6.3"),
    Entry::new("", "MAC", "{} bytes").of(Proof)
        .what("What the MAC of the record must be, computed.", "RFC 7366 §3"),
    Entry::new("", "client_write_key", "{} bytes, seals client → server").of(Secret)
        .what("The AES key for what the client says.", "RFC 5246 §6.3"),
    Entry::new("", "server_write_key", "{} bytes, seals server → client").of(Secret)
        .what("The AES key for what the server says.", "RFC 5246 §6.3"),
    Entry::new("", "client_write_IV", "{} bytes, start its nonces").of(Secret)
        .what("The secret part of the client’s nonces.", "RFC 5288 §3"),
    Entry::new("", "server_write_IV", "{} bytes, start its nonces").of(Secret)
        .what("The secret part of the server’s nonces.", "RFC 5288 §3"),
    Entry::new("", "private key", "never leaves the server").of(Secret)
        .what("The key that undoes what the public key sealed.", "RFC 8017 §3.2"),
    Entry::new("", "hash of the signed bytes", "{} bytes").of(Proof)
        .what("The hash of the part of the certificate that is signed.", "RFC 5280 §4.1.1.3"),
    Entry::new("", "session_hash", "{} bytes").titled("hash of steps 1 to 4")
        .what("The hash of all messages from ClientHello to ClientKeyExchange.", "RFC 7627 §3"),
    Entry::new("", "handshake hash", "{} bytes")
        .what("The hash of all handshake messages so far.", "RFC 5246 §7.4.9"),
    Entry::new("", "nonce", "{} bytes, never twice")
        .what("What makes each record’s keystream another.", "RFC 5288 §3"),
    Entry::new("", "sequence_number", "{} bytes, counted by each side")
        .what("The number of the record under its keys. It is not sent: each side counts, so that none can be left out or put elsewhere.",
            "RFC 5246 §6.1"),
    Entry::new("", "additional_data", "{} bytes: proved, not sealed")
        .what("What is proved beside what is sealed: the record’s number, its type, version and length.",
            "RFC 5246 §6.2.3.3"),
    Entry::new("", "s^e mod n", "{} bytes: padding, then a hash").of(Proof)
        .what("The signature, undone with the issuer’s public key. It must end in the hash of the signed bytes.",
            "RFC 8017 §5.2.2"),
    Entry::new("", "m^e mod n", "{} bytes, sealed").of(Secret)
        .what("The padded premaster secret, raised to the power e modulo n.", "RFC 8017 §5.1.1"),
    Entry::new("", "keystream", "AES of nonce and counter").of(Secret)
        .what("AES of the nonce and a counter, as long as the message.", "SP 800-38D §6.5"),
    Entry::new("", "verify_data", "PRF over all that was said").of(Proof)
        .what("What Finished must say.", "RFC 5246 §7.4.9"),
]);

/// The length in the header of a handshake message.
const fn length_of_message(group: &'static str) -> Entry {
    Entry::new(group, "length", "").what("How many bytes the message has behind this.", "RFC 5246 §7.4")
}

/// The length before a vector.
const fn length_of_list(group: &'static str) -> Entry {
    Entry::new(group, "length", "").what("How many bytes follow.", "RFC 5246 §4.3")
}

/// The bytes of a vector that are not taken apart.
const fn bytes_of_list(group: &'static str) -> Entry {
    Entry::new(group, "contents", "")
        .what("The bytes themselves, behind how many there are.", "RFC 5246 §4.3")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_word_fits_its_column_and_every_name_is_explained_once() {
        for (i, entry) in GLOSSARY.0.iter().enumerate() {
            assert!(entry.short.chars().count() <= 31, "{}: {}", entry.label, entry.short);
            assert!(!entry.what.is_empty() && !entry.source.is_empty(), "{}", entry.label);
            let twin =
                GLOSSARY.0[..i].iter().find(|other| (other.group, other.label) == (entry.group, entry.label));
            assert!(twin.is_none(), "{}.{} stands there twice", entry.group, entry.label);
        }
    }
}
