//! What the fields of a certificate and of a private key mean to a reader who has not met them.

use crate::wire::{Entry, Glossary, Kind};

/// Certificates and private keys, by the names of RFC 5280 and RFC 8017.
pub static GLOSSARY: Glossary = Glossary(ENTRIES);

/// A field that is not shown in brief. `{}` in `short` stands for the number of its bytes.
const fn entry(
    group: &'static str,
    label: &'static str,
    kind: Option<Kind>,
    short: &'static str,
    what: &'static str,
    source: &'static str,
) -> Entry {
    Entry { group, label, kind, brief: false, title: "", short, what, source }
}

/// The same field, shown in brief under this title.
const fn brief(title: &'static str, entry: Entry) -> Entry {
    Entry { brief: true, title, ..entry }
}

const IDENTITY: Option<Kind> = Some(Kind::Identity);
const PROOF: Option<Kind> = Some(Kind::Proof);
const SECRET: Option<Kind> = Some(Kind::Secret);

static ENTRIES: &[Entry] = &[
    // DER itself, in every element.
    entry(
        "",
        "identifier",
        None,
        "which type",
        "The tag of a DER element: which type it is, and whether elements lie in it.",
        "X.690 §8.1.2",
    ),
    entry(
        "",
        "unusedBits",
        None,
        "",
        "How many bits of a bit string's last byte do not count; of whole bytes, none.",
        "X.690 §8.6",
    ),
    entry("", "algorithm", None, "", "An object identifier that says which algorithm.", "RFC 5280 §4.1.1.2"),
    entry(
        "",
        "parameters",
        None,
        "nothing more to say",
        "What the algorithm needs besides its name. RSA needs nothing, and says so with NULL.",
        "RFC 4055 §1.2",
    ),
    // The certificate.
    entry(
        "",
        "Certificate",
        None,
        "",
        "Someone's word that a key belongs to a name: the statement, and a signature under it.",
        "RFC 5280 §4.1",
    ),
    entry(
        "Certificate",
        "tbsCertificate",
        None,
        "what is signed",
        "The statement: every byte from here to its end is covered by the signature.",
        "RFC 5280 §4.1.1.1",
    ),
    entry(
        "tbsCertificate",
        "version",
        None,
        "",
        "Which edition of X.509. Extensions came with the third.",
        "RFC 5280 §4.1.2.1",
    ),
    entry(
        "version",
        "Version",
        None,
        "counted from 0",
        "Which edition of X.509, counted from 0.",
        "RFC 5280 §4.1.2.1",
    ),
    entry(
        "tbsCertificate",
        "serialNumber",
        None,
        "the issuer's own number for it",
        "A number that this issuer gave to no other certificate. At random, so that nobody can guess what will be signed.",
        "RFC 5280 §4.1.2.2",
    ),
    entry(
        "tbsCertificate",
        "signature",
        None,
        "",
        "How it will be signed: named inside as well, so that nobody can claim another way.",
        "RFC 5280 §4.1.2.3",
    ),
    entry(
        "tbsCertificate",
        "issuer",
        IDENTITY,
        "",
        "Who says so: whose key to look for to check the signature.",
        "RFC 5280 §4.1.2.4",
    ),
    entry(
        "tbsCertificate",
        "validity",
        None,
        "",
        "From when to when. Both moments count.",
        "RFC 5280 §4.1.2.5",
    ),
    entry("validity", "notBefore", None, "", "The first moment at which it is valid.", "RFC 5280 §4.1.2.5"),
    brief(
        "notAfter",
        entry(
            "validity",
            "notAfter",
            None,
            "",
            "The last moment at which it is valid. OpenSSL prints it as Not After.",
            "RFC 5280 §4.1.2.5",
        ),
    ),
    entry(
        "tbsCertificate",
        "subject",
        IDENTITY,
        "",
        "Of whom it speaks: whose the key is.",
        "RFC 5280 §4.1.2.6",
    ),
    // Names.
    brief(
        "issuer CN",
        entry("issuer", "commonName", IDENTITY, "", "Who says so, in words for people.", "RFC 5280 §4.1.2.4"),
    ),
    brief(
        "subject CN",
        entry(
            "subject",
            "commonName",
            IDENTITY,
            "",
            "Whose the key is, in words for people. Which server it is for, the SAN says.",
            "RFC 9525 §2",
        ),
    ),
    entry("", "commonName", IDENTITY, "", "A name in words for people.", "RFC 4519 §2.3"),
    entry(
        "",
        "organizationName",
        IDENTITY,
        "",
        "An organization. Kubernetes takes it for a group when a client shows its certificate.",
        "RFC 4519 §2.19",
    ),
    entry("", "organizationalUnitName", IDENTITY, "", "A part of an organization.", "RFC 4519 §2.20"),
    entry("", "countryName", IDENTITY, "", "A country, in two letters.", "RFC 4519 §2.2"),
    // The public key.
    entry(
        "tbsCertificate",
        "subjectPublicKeyInfo",
        IDENTITY,
        "",
        "The key: for which algorithm, and its numbers. Equal for two certificates exactly if their keys are.",
        "RFC 5280 §4.1.2.7",
    ),
    entry(
        "subjectPublicKeyInfo",
        "subjectPublicKey",
        IDENTITY,
        "",
        "The key itself, as its algorithm writes it.",
        "RFC 5280 §4.1.2.7",
    ),
    brief(
        "modulus n",
        entry(
            "RSAPublicKey",
            "modulus",
            IDENTITY,
            "",
            "The product of two secret primes. Everyone may know it; nobody knows how to take it apart.",
            "RFC 8017 §3.1",
        ),
    ),
    brief(
        "publicExponent e",
        entry(
            "RSAPublicKey",
            "publicExponent",
            IDENTITY,
            "",
            "The power to which whoever encrypts, or checks a signature, raises a number modulo n.",
            "RFC 8017 §3.1",
        ),
    ),
    // Extensions.
    entry("Extension", "extnID", None, "", "Which extension.", "RFC 5280 §4.2"),
    entry(
        "Extension",
        "critical",
        None,
        "",
        "Whether whoever does not understand it must refuse the certificate.",
        "RFC 5280 §4.2",
    ),
    entry(
        "",
        "basicConstraints",
        None,
        "",
        "Whether the subject is a certificate authority.",
        "RFC 5280 §4.2.1.9",
    ),
    entry(
        "basicConstraints",
        "cA",
        None,
        "may sign certificates",
        "Whether the key may sign certificates. Without it, every server could vouch for every other.",
        "RFC 5280 §4.2.1.9",
    ),
    entry(
        "basicConstraints",
        "pathLenConstraint",
        None,
        "authorities below it",
        "How many authorities may stand between it and the end of a path.",
        "RFC 5280 §4.2.1.9",
    ),
    entry(
        "",
        "keyUsage",
        None,
        "",
        "What the key may do: encrypt keys, sign, sign certificates.",
        "RFC 5280 §4.2.1.3",
    ),
    entry(
        "",
        "KeyPurposeId",
        None,
        "",
        "What the key is for: to be a server, to be a client.",
        "RFC 5280 §4.2.1.12",
    ),
    entry(
        "",
        "subjectKeyIdentifier",
        IDENTITY,
        "a short name of this key",
        "A short name of the key that the certificate speaks of.",
        "RFC 5280 §4.2.1.2",
    ),
    entry(
        "authorityKeyIdentifier",
        "keyIdentifier",
        IDENTITY,
        "a short name of the CA's key",
        "A short name of the key that signed: it tells apart two authorities of one name.",
        "RFC 5280 §4.2.1.1",
    ),
    entry(
        "",
        "subjectAltName",
        IDENTITY,
        "",
        "The names by which the subject is known: the only ones that count.",
        "RFC 5280 §4.2.1.6",
    ),
    brief(
        "SAN dNSName",
        entry(
            "subjectAltName",
            "dNSName",
            IDENTITY,
            "",
            "A host that it is for. A star is one whole label.",
            "RFC 9525 §6.3",
        ),
    ),
    brief(
        "SAN iPAddress",
        entry(
            "subjectAltName",
            "iPAddress",
            IDENTITY,
            "",
            "An address that it is for. As text in a dNSName it would not count.",
            "RFC 9525 §6.4",
        ),
    ),
    entry(
        "subjectAltName",
        "uniformResourceIdentifier",
        IDENTITY,
        "",
        "An address of the web that it is for, or a SPIFFE identity.",
        "RFC 5280 §4.2.1.6",
    ),
    entry("subjectAltName", "rfc822Name", IDENTITY, "", "A mailbox that it is for.", "RFC 5280 §4.2.1.6"),
    // The signature.
    entry(
        "Certificate",
        "signatureAlgorithm",
        None,
        "",
        "How it is signed: the same as inside, where it is signed too.",
        "RFC 5280 §4.1.1.2",
    ),
    entry(
        "Certificate",
        "signatureValue",
        PROOF,
        "",
        "The signature, as a bit string of whole bytes.",
        "RFC 5280 §4.1.1.3",
    ),
    brief(
        "signature",
        entry(
            "signatureValue",
            "contents",
            PROOF,
            "{} bytes, by the CA",
            "A number s. Raised to the power e modulo n of its issuer it ends in the hash of the signed bytes; only the holder of that private key can find it.",
            "RFC 5280 §4.1.1.3",
        ),
    ),
    // A private key.
    entry(
        "RSAPrivateKey",
        "modulus",
        IDENTITY,
        "",
        "The product of the two primes: public.",
        "RFC 8017 §3.2",
    ),
    entry("RSAPrivateKey", "publicExponent", IDENTITY, "", "The public exponent.", "RFC 8017 §3.2"),
    entry(
        "",
        "privateExponent",
        SECRET,
        "",
        "The power that undoes e. Whoever has it is the server.",
        "RFC 8017 §3.2",
    ),
    entry("", "prime1", SECRET, "", "The first of the two primes, p.", "RFC 8017 §3.2"),
    entry("", "prime2", SECRET, "", "The second, q.", "RFC 8017 §3.2"),
    entry(
        "",
        "exponent1",
        SECRET,
        "d mod (p - 1)",
        "What is left of d where one computes modulo p alone, which is four times as fast.",
        "RFC 8017 §3.2",
    ),
    entry("", "exponent2", SECRET, "d mod (q - 1)", "The same modulo q.", "RFC 8017 §3.2"),
    entry(
        "",
        "coefficient",
        SECRET,
        "the inverse of q modulo p",
        "With it the two halves are put together again.",
        "RFC 8017 §3.2",
    ),
];
