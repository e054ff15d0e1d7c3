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
