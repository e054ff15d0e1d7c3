//! What the fields of a certificate and of a private key mean to a reader who has not met them.

use crate::wire::Kind::{Identity, Proof, Secret};
use crate::wire::{Entry, Glossary};

/// Certificates and private keys, by the names of RFC 5280 and RFC 8017.
#[rustfmt::skip]
pub static GLOSSARY: Glossary = Glossary(&[
    // DER itself, in every element.
    Entry::new("", "identifier", "which type")
        .what("The tag of a DER element: which type it is, and whether elements lie in it.", "X.690 §8.1.2"),
    Entry::new("", "length", "")
        .what("How many bytes of contents follow.", "X.690 §8.1.3"),
    Entry::new("", "contents", "")
        .what("The value itself, behind its identifier and its length.", "X.690 §8.1.4"),
    Entry::new("", "unusedBits", "")
        .what("How many bits of a bit string's last byte do not count; of whole bytes, none.", "X.690 §8.6"),
    Entry::new("", "algorithm", "")
        .what("An object identifier that says which algorithm.", "RFC 5280 §4.1.1.2"),
    Entry::new("", "parameters", "nothing more to say")
        .what("What the algorithm needs besides its name. RSA needs nothing, and says so with NULL.",
            "RFC 4055 §1.2"),
    // The certificate.
    Entry::new("subjectPublicKeyInfo", "algorithm", "")
        .what("For which algorithm the key is, and what that needs besides.", "RFC 5280 §4.1.2.7"),
    Entry::new("", "Certificate", "")
        .what("Someone's word that a key belongs to a name: the statement, and a signature under it.",
            "RFC 5280 §4.1"),
    Entry::new("Certificate", "tbsCertificate", "what is signed")
        .what("The statement: every byte from here to its end is covered by the signature.",
            "RFC 5280 §4.1.1.1"),
    Entry::new("tbsCertificate", "version", "")
        .what("Which edition of X.509. Extensions came with the third.", "RFC 5280 §4.1.2.1"),
    Entry::new("version", "Version", "counted from 0")
        .what("Which edition of X.509, counted from 0.", "RFC 5280 §4.1.2.1"),
    Entry::new("tbsCertificate", "serialNumber", "the issuer's own number for it")
        .what("A number that this issuer gave to no other certificate. At random, so that nobody can guess what will be signed.",
            "RFC 5280 §4.1.2.2"),
    Entry::new("tbsCertificate", "signature", "")
        .what("How it will be signed: named inside as well, so that nobody can claim another way.",
            "RFC 5280 §4.1.2.3"),
    Entry::new("tbsCertificate", "issuer", "").of(Identity)
        .what("Who says so: whose key to look for to check the signature.", "RFC 5280 §4.1.2.4"),
    Entry::new("tbsCertificate", "validity", "")
        .what("From when to when. Both moments count.", "RFC 5280 §4.1.2.5"),
    Entry::new("validity", "notBefore", "")
        .what("The first moment at which it is valid.", "RFC 5280 §4.1.2.5"),
    Entry::new("validity", "notAfter", "").titled("notAfter").brief()
        .what("The last moment at which it is valid. OpenSSL prints it as Not After.", "RFC 5280 §4.1.2.5"),
    Entry::new("tbsCertificate", "subject", "").of(Identity)
        .what("Of whom it speaks: whose the key is.", "RFC 5280 §4.1.2.6"),
    // Names.
    Entry::new("", "RelativeDistinguishedName", "")
        .what("One step of a name. Mostly one attribute; several count as one step.", "RFC 5280 §4.1.2.4"),
    Entry::new("", "AttributeTypeAndValue", "")
        .what("An attribute of who is named: which one, and what it says.", "RFC 5280 §4.1.2.4"),
    Entry::new("AttributeTypeAndValue", "type", "")
        .what("Which attribute it is, as an object identifier.", "RFC 5280 §4.1.2.4"),
    Entry::new("issuer/*", "commonName", "").of(Identity).titled("issuer CN").brief()
        .what("Who says so, in words for people.", "RFC 5280 §4.1.2.4"),
    Entry::new("subject/*", "commonName", "").of(Identity).titled("subject CN").brief()
        .what("Whose the key is, in words for people. Which server it is for, the SAN says.", "RFC 9525 §2"),
    Entry::new("", "commonName", "").of(Identity)
        .what("A name in words for people.", "RFC 4519 §2.3"),
    Entry::new("", "organizationName", "").of(Identity)
        .what("An organization. Kubernetes takes it for a group when a client shows its certificate.",
            "RFC 4519 §2.19"),
    Entry::new("", "organizationalUnitName", "").of(Identity)
        .what("A part of an organization.", "RFC 4519 §2.20"),
    Entry::new("", "countryName", "").of(Identity)
        .what("A country, in two letters.", "RFC 4519 §2.2"),
    // The public key.
    Entry::new("tbsCertificate", "subjectPublicKeyInfo", "").of(Identity)
        .what("The key: for which algorithm, and its numbers. Equal for two certificates exactly if their keys are.",
            "RFC 5280 §4.1.2.7"),
    Entry::new("subjectPublicKeyInfo", "subjectPublicKey", "").of(Identity)
        .what("The key itself, as its algorithm writes it.", "RFC 5280 §4.1.2.7"),
    Entry::new("RSAPublicKey", "modulus", "").of(Identity).titled("modulus n").brief()
        .what("The product of two secret primes. Everyone may know it; nobody knows how to take it apart.",
            "RFC 8017 §3.1"),
    Entry::new("RSAPublicKey", "publicExponent", "").of(Identity).titled("publicExponent e").brief()
        .what("The power to which whoever encrypts, or checks a signature, raises a number modulo n.",
            "RFC 8017 §3.1"),
    Entry::new("", "RSAPublicKey", "").of(Identity)
        .what("The public key of RSA: two numbers.", "RFC 8017 §A.1.1"),
    // Extensions.
    Entry::new("tbsCertificate", "extensions", "")
        .what("What the certificate says besides: for which hosts it is, and for what.", "RFC 5280 §4.1.2.9"),
    Entry::new("extensions", "Extensions", "")
        .what("The list of them.", "RFC 5280 §4.1.2.9"),
    Entry::new("Extensions", "Extension", "")
        .what("One of them: which, whether it must be understood, and what it says.", "RFC 5280 §4.2"),
    Entry::new("Extension", "extnID", "")
        .what("Which extension.", "RFC 5280 §4.2"),
    Entry::new("Extension", "critical", "")
        .what("Whether whoever does not understand it must refuse the certificate.", "RFC 5280 §4.2"),
    Entry::new("Extension", "extnValue", "")
        .what("What the extension says: DER again, in an octet string, so that those can skip it who do not know it.",
            "RFC 5280 §4.1"),
    Entry::new("", "basicConstraints", "")
        .what("Whether the subject is a certificate authority.", "RFC 5280 §4.2.1.9"),
    Entry::new("basicConstraints", "cA", "may sign certificates")
        .what("Whether the key may sign certificates. Without it, every server could vouch for every other.",
            "RFC 5280 §4.2.1.9"),
    Entry::new("basicConstraints", "pathLenConstraint", "authorities below it")
        .what("How many authorities may stand between it and the end of a path.", "RFC 5280 §4.2.1.9"),
    Entry::new("", "keyUsage", "")
        .what("What the key may do: encrypt keys, sign, sign certificates.", "RFC 5280 §4.2.1.3"),
    Entry::new("", "extKeyUsage", "")
        .what("What the key is for, one purpose or several.", "RFC 5280 §4.2.1.12"),
    Entry::new("", "KeyPurposeId", "")
        .what("What the key is for: to be a server, to be a client.", "RFC 5280 §4.2.1.12"),
    Entry::new("", "subjectKeyIdentifier", "a short name of this key").of(Identity)
        .what("A short name of the key that the certificate speaks of.", "RFC 5280 §4.2.1.2"),
    Entry::new("", "authorityKeyIdentifier", "")
        .what("Which key of the issuer signed.", "RFC 5280 §4.2.1.1"),
    Entry::new("authorityKeyIdentifier", "keyIdentifier", "a short name of the CA's key").of(Identity)
        .what("A short name of the key that signed: it tells apart two authorities of one name.",
            "RFC 5280 §4.2.1.1"),
    Entry::new("", "subjectAltName", "").of(Identity)
        .what("The names by which the subject is known: the only ones that count.", "RFC 5280 §4.2.1.6"),
    Entry::new("subjectAltName/*", "dNSName", "").of(Identity).titled("SAN dNSName").brief()
        .what("A host that it is for. A star is one whole label.", "RFC 9525 §6.3"),
    Entry::new("subjectAltName/*", "iPAddress", "").of(Identity).titled("SAN iPAddress").brief()
        .what("An address that it is for. As text in a dNSName it would not count.", "RFC 9525 §6.4"),
    Entry::new("subjectAltName/*", "uniformResourceIdentifier", "").of(Identity)
        .what("An address of the web that it is for, or a SPIFFE identity.", "RFC 5280 §4.2.1.6"),
    Entry::new("subjectAltName/*", "rfc822Name", "").of(Identity)
        .what("A mailbox that it is for.", "RFC 5280 §4.2.1.6"),
    Entry::new("", "nameConstraints", "for which names it may vouch")
        .what("For which names this authority, and all below it, may vouch: a CA of one company need not be believed for all others.",
            "RFC 5280 §4.2.1.10"),
    Entry::new("nameConstraints", "permittedSubtrees", "names only from these")
        .what("Where a form of name stands here, every name of that form lies within one of these subtrees.",
            "RFC 5280 §4.2.1.10"),
    Entry::new("nameConstraints", "excludedSubtrees", "no names from these")
        .what("No name lies within any of these subtrees, and no wildcard reaches into one.", "RFC 5280 §4.2.1.10"),
    Entry::new("", "GeneralSubtree", "a name, and all below it")
        .what("A name and all that lies below it.", "RFC 5280 §4.2.1.10"),
    Entry::new("GeneralSubtree/*", "dNSName", "a host, and all below it").of(Identity)
        .what("A host, and every host whose name ends in it behind a dot. Of no letters, all of them.",
            "RFC 5280 §4.2.1.10"),
    Entry::new("GeneralSubtree/*", "iPAddress", "a block of addresses").of(Identity)
        .what("An address and a mask, as in 10.0.0.0/8: all addresses that equal it in the bits of the mask.",
            "RFC 5280 §4.2.1.10"),
    Entry::new("GeneralSubtree", "minimum", "always 0 on the Internet")
        .what("How many levels below its base the subtree begins. Here another number than 0 is not believed.",
            "RFC 5280 §4.2.1.10"),
    Entry::new("GeneralSubtree", "maximum", "never there on the Internet")
        .what("How many levels below its base the subtree ends. Here one that has an end is not believed.",
            "RFC 5280 §4.2.1.10"),
    // The signature.
    Entry::new("Certificate", "signatureAlgorithm", "")
        .what("How it is signed: the same as inside, where it is signed too.", "RFC 5280 §4.1.1.2"),
    Entry::new("Certificate", "signatureValue", "").of(Proof)
        .what("The signature, as a bit string of whole bytes.", "RFC 5280 §4.1.1.3"),
    Entry::new("signatureValue", "contents", "{} bytes by the issuer").of(Proof).titled("signature").brief()
        .what("A number s. Raised to the power e modulo n of its issuer it ends in the hash of the signed bytes; only the holder of that private key can find it.",
            "RFC 5280 §4.1.1.3"),
    // A private key.
    Entry::new("", "RSAPrivateKey", "whoever has it is the server").of(Secret)
        .what("The private half of the key: it undoes what the public half sealed, and signs in its owner's name.", "RFC 8017 §A.1.2"),
    Entry::new("RSAPrivateKey", "version", "two primes")
        .what("Of how many primes the modulus is made: 0 stands for two.", "RFC 8017 §A.1.2"),
    Entry::new("RSAPrivateKey", "modulus", "").of(Identity)
        .what("The product of the two primes: public.", "RFC 8017 §3.2"),
    Entry::new("RSAPrivateKey", "publicExponent", "").of(Identity)
        .what("The public exponent.", "RFC 8017 §3.2"),
    Entry::new("", "privateExponent", "").of(Secret)
        .what("The power that undoes e. Whoever has it is the server.", "RFC 8017 §3.2"),
    Entry::new("", "prime1", "").of(Secret)
        .what("The first of the two primes, p.", "RFC 8017 §3.2"),
    Entry::new("", "prime2", "").of(Secret)
        .what("The second, q.", "RFC 8017 §3.2"),
    Entry::new("", "exponent1", "d mod (p - 1)").of(Secret)
        .what("What is left of d where one computes modulo p alone: two of those take a quarter of the time.",
            "RFC 8017 §3.2"),
    Entry::new("", "exponent2", "d mod (q - 1)").of(Secret)
        .what("The same modulo q.", "RFC 8017 §3.2"),
    Entry::new("", "coefficient", "the inverse of q modulo p").of(Secret)
        .what("With it the two halves are put together again.", "RFC 8017 §3.2"),
]);
