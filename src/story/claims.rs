//! What the source document says, sentence by sentence, and whether it is so. A test holds every quote
//! against the document, word for word.

use crate::report::{Claim, Verdict};

/// Step 1 of the handshake.
pub static CLIENT_HELLO: Claim = Claim {
    section: "3",
    quote: "Client sends supported cipher suites and a random number.",
    verdict: Verdict::True,
    truth: "",
    source: "RFC 5246 §7.4.1.2",
};

/// Step 2 of the handshake.
pub static SERVER_HELLO: Claim = Claim {
    section: "3",
    quote: "Server sends its Digital Certificate (which contains its Public Key and is signed by a CA).",
    verdict: Verdict::True,
    truth: "RFC 5246 §7.4.2. In TLS 1.3 it travels sealed: RFC 8446 §2.",
    source: "RFC 5246 §7.4.2",
};

/// Step 3 of the handshake.
pub static VALIDATION: Claim = Claim {
    section: "3",
    quote: "The Client checks its internal \"Trust Store\" (Root CAs) to verify the Server's certificate signature.",
    verdict: Verdict::Incomplete,
    truth: "The signature is one check of five: RFC 5280 §6, RFC 9525.",
    source: "RFC 5280 §6",
};

/// Step 4 of the handshake.
pub static PREMASTER_SECRET: Claim = Claim {
    section: "3",
    quote: "The Client generates a new, random Symmetric Session Key, encrypts it with the Server’s Public Key, and sends it.",
    verdict: Verdict::Historical,
    truth: "Gone from TLS 1.3 (RFC 8446 §1.2): whoever steals the private key, even years later, opens this recording.",
    source: "RFC 8446 §1.2",
};

/// Step 5 of the handshake.
pub static SESSION_TRANSITION: Claim = Claim {
    section: "3",
    quote: "The Server decrypts the session key using its Private Key.",
    verdict: Verdict::Incomplete,
    truth: "It decrypts the premaster; two keys are derived from that, one each way (RFC 5246 §6.3, §8.1). Your notes have no Finished (§7.4.9): by that standard only it betrays a changed hello.",
    source: "RFC 5246 §7.4.9",
};

/// Step 6 of the handshake, its first sentence.
pub static SHARED_KEY: Claim = Claim {
    section: "3",
    quote: "Both sides now have a shared secret key.",
    verdict: Verdict::Incomplete,
    truth: "They share two, one for each direction: RFC 5246 §6.3.",
    source: "RFC 5246 §6.3",
};

/// Step 6 of the handshake, its second.
pub static SYMMETRIC_TUNNEL: Claim = Claim {
    section: "3",
    quote: "All further communication is encrypted using fast Symmetric (AES) encryption.",
    verdict: Verdict::True,
    truth: "And each record ends in a tag: alter a bit, and it is refused.",
    source: "RFC 5288 §3",
};

/// Step 2 where the certificate is none that those see who only listen.
pub static SERVER_HELLO_TLS_1_3: Claim = Claim {
    truth: "It does, but sealed: here, in TLS 1.3, keys come before the certificate (RFC 8446 §2).",
    source: "RFC 8446 §4.4.2",
    ..SERVER_HELLO
};

/// Step 4 where the secret is agreed on.
pub static PREMASTER_SECRET_AGREED: Claim = Claim {
    truth: "Not in this handshake: it encrypts no key, and who steals the private key later opens nothing. In TLS 1.3 there is no other way (RFC 8446 §1.2).",
    ..PREMASTER_SECRET
};

/// Step 5 where the secret was agreed on.
pub static SESSION_TRANSITION_AGREED: Claim = Claim {
    verdict: Verdict::Historical,
    truth: "Not in this handshake: there is nothing to decrypt, and the private key only signs (RFC 5246 §7.4.3). Your notes have no Finished (§7.4.9): by that standard only it betrays a changed hello.",
    ..SESSION_TRANSITION
};

/// Step 5 where an earlier session is taken up again.
pub static SESSION_TRANSITION_RESUMED: Claim = Claim {
    truth: "Not in this handshake: both still have the master secret of the earlier one, and no private key is used (RFC 5246 §7.3).",
    source: "RFC 5246 §7.3",
    ..SESSION_TRANSITION
};

/// Step 5 in TLS 1.3.
pub static SESSION_TRANSITION_TLS_1_3: Claim = Claim {
    verdict: Verdict::Historical,
    truth: "Not in this handshake: TLS 1.3 agrees on the secret, and the private key only signs (RFC 8446 §2).",
    source: "RFC 8446 §2",
    ..SESSION_TRANSITION
};

/// Step 6 in TLS 1.3, its first sentence.
pub static SHARED_KEY_TLS_1_3: Claim = Claim {
    truth: "They share several, one for each direction and stage: RFC 8446 §7.",
    source: "RFC 8446 §7.3",
    ..SHARED_KEY
};

/// Step 6 where the tag is a MAC behind the ciphertext, its second sentence.
pub static SYMMETRIC_TUNNEL_MAC: Claim = Claim {
    truth: "And each record ends in a MAC: alter a bit, and it is refused.",
    source: "RFC 7366 §3",
    ..SYMMETRIC_TUNNEL
};

/// Step 6 where the MAC is sealed too, its second sentence.
pub static SYMMETRIC_TUNNEL_MAC_INSIDE: Claim = Claim {
    truth: "And in each record a MAC is sealed with the text: alter a bit, and it is refused.",
    source: "RFC 5246 §6.2.3.2",
    ..SYMMETRIC_TUNNEL
};

/// Step 6 where the cipher is not AES, its second sentence.
pub static SYMMETRIC_TUNNEL_OTHER: Claim = Claim {
    verdict: Verdict::Incomplete,
    truth: "It is, but not by AES in this run: that is one of several ciphers (RFC 5246 §C).",
    source: "RFC 5246 §C",
    ..SYMMETRIC_TUNNEL
};

/// Why both kinds are used. The chapter judges it; the flagship measures it.
pub static HYBRID: Claim = Claim {
    section: "3",
    quote: "It uses Asymmetric encryption to solve the \"Key Exchange Problem,\" then switches to Symmetric encryption for performance.",
    verdict: Verdict::Incomplete,
    truth: "So in TLS 1.2 with RSA key transport. TLS 1.3 agrees on the key instead, and encrypts nothing asymmetrically (RFC 8446 §2).",
    source: "RFC 8446 §2",
};

/// All of them, in the document's order.
pub static ALL: [&Claim; 8] = [
    &HYBRID,
    &CLIENT_HELLO,
    &SERVER_HELLO,
    &VALIDATION,
    &PREMASTER_SECRET,
    &SESSION_TRANSITION,
    &SHARED_KEY,
    &SYMMETRIC_TUNNEL,
];

/// What is said instead in a handshake that goes another way than the document's.
pub static OTHERWISE: [&Claim; 9] = [
    &SERVER_HELLO_TLS_1_3,
    &PREMASTER_SECRET_AGREED,
    &SESSION_TRANSITION_AGREED,
    &SESSION_TRANSITION_RESUMED,
    &SESSION_TRANSITION_TLS_1_3,
    &SHARED_KEY_TLS_1_3,
    &SYMMETRIC_TUNNEL_MAC,
    &SYMMETRIC_TUNNEL_MAC_INSIDE,
    &SYMMETRIC_TUNNEL_OTHER,
];
