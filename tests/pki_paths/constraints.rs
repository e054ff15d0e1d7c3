//! Names against the constraints of the authorities above (RFC 5280 §4.2.1.10).

use cutaway::pki::{ExtensionValue, Name, NameConstraints, Oid};

use crate::build::subtree;
use crate::build::{Template, authority, bare, below, directory, root, server};
use crate::paths::renewed;
use crate::row::{Chain, Row, believed, broken, malformed, sent};

const PROCESSED: &str = "processes this form; here a constraint on it refuses every name of it (§4.2.1.10)";
const DIRECTORIES: &str = "processes no constraints on directory names, and so refuses where there is one";
const STRICT: &str = "takes a dot at the end, or a star, for letters, and finds no match";

/// The server, with these names besides localhost's, below an authority with these constraints.
fn held(spoil: impl FnOnce(Template) -> Template, names: &[&str]) -> Chain {
    sent([server().names(names), spoil(below())]).asked(asked(names[0]))
}

/// What is asked for where this is the first name.
fn asked(name: &str) -> &'static str {
    if name.starts_with("*.") {
        "www.example.com"
    } else {
        Box::leak(name.to_ascii_lowercase().into_boxed_str())
    }
}

fn permits(permitted: &[&str], names: &[&str]) -> Chain {
    held(|below| below.permits(permitted), names)
}

fn excludes(excluded: &[&str], names: &[&str]) -> Chain {
    held(|below| below.excludes(excluded), names)
}

pub fn rows() -> Vec<Row> {
    [hosts(), addresses(), directories(), other_forms(), paths(), forms(), floods()]
        .into_iter()
        .flatten()
        .collect()
}

const NOT_PERMITTED: (&str, &str) = ("NotPermitted", "server");
const EXCLUDED: (&str, &str) = ("Excluded", "server");
const UNPROCESSED: (&str, &str) = ("UnprocessedConstraint", "server");

#[rustfmt::skip]
fn hosts() -> Vec<Row> {
    let www = &["www.example.com"];
    vec![
        believed("permitted: the very host", 3, permits(&["www.example.com"], www)),
        believed("permitted: the domain above", 3, permits(&["example.com"], www)),
        believed("permitted: in other letters", 3, permits(&["EXAMPLE.com"], www)),
        believed("permitted: one of two", 3, permits(&["example.org", "example.com"], www)),
        believed("permitted: a dot at the left, and a host below", 3, permits(&[".example.com"], www)),
        believed("permitted: every host", 3, permits(&[""], www)),
        believed("permitted: an A-label in other letters", 3, permits(&["XN--BCHER-KVA.example"], &["www.xn--bcher-kva.example"])),
        believed("permitted: a star below", 3, permits(&["example.com"], &["*.example.com"])),
        believed("permitted: a dot at the left, and a star below", 3, permits(&[".example.com"], &["*.example.com"])),
        believed("excluded: another domain", 3, excludes(&["example.org"], www)),
        believed("excluded: a name that only ends alike", 3, excludes(&["ample.com"], www)),
        believed("excluded: a host beside a star's labels", 3, excludes(&["a.b.example.com"], &["*.example.com"])),
        believed("excluded: a dot at the left, and the domain itself", 3, excludes(&[".www.example.com"], www)),
        believed("permitted and excluded, the name between", 3,
            held(|below| below.constrained(&["example.com"], &["hr.example.com"]), www)),
        broken("permitted: another domain", NOT_PERMITTED, permits(&["example.org"], www)),
        broken("permitted: a name that only ends alike", NOT_PERMITTED, permits(&["ample.com"], www)),
        broken("permitted: a host, and its parent", NOT_PERMITTED, permits(&["www.example.com"], &["example.com"])),
        broken("permitted: a dot at the left, and the domain itself", NOT_PERMITTED, permits(&[".example.com"], &["example.com"])),
        broken("permitted: a host, and a star above it", NOT_PERMITTED, permits(&["www.example.com"], &["*.example.com"])),
        broken("permitted: one of two names", NOT_PERMITTED, permits(&["example.com"], &["www.example.com", "localhost"])),
        broken("excluded: the domain above", EXCLUDED, excludes(&["example.com"], www)),
        broken("excluded: in other letters", EXCLUDED, excludes(&["EXAMPLE.COM"], www)),
        broken("excluded: an A-label in other letters", EXCLUDED, excludes(&["xn--BCHER-kva.example"], &["www.xn--bcher-kva.example"])),
        broken("excluded: every host", EXCLUDED, excludes(&[""], www)),
        broken("excluded: a host that a star is as well", EXCLUDED, excludes(&["hr.example.com"], &["*.example.com"]))
            .openssl("compares the star as a letter: the certificate is believed for the excluded host"),
        broken("excluded: the domain of a star", EXCLUDED, excludes(&["example.com"], &["*.example.com"])),
        broken("permitted and excluded, the name in both", EXCLUDED,
            held(|below| below.constrained(&["example.com"], &["www.example.com"]), www)),
        broken("a constraint with a dot at its end", UNPROCESSED, permits(&["example.com."], www)),
        broken("an excluding constraint with a dot at its end", UNPROCESSED, excludes(&["example.org."], www)).openssl(STRICT),
        broken("a constraint with a star", UNPROCESSED, excludes(&["*.example.org"], www)).openssl(STRICT),
        broken("a name with a dot at its end, under a constraint", UNPROCESSED,
            excludes(&["example.org"], &["www.example.com", "www.example.org."])).openssl(STRICT),
        broken("a name that is none, under a constraint", UNPROCESSED,
            excludes(&["example.org"], &["www.example.com", "w w.example.com"])).openssl(STRICT),
    ]
}

#[rustfmt::skip]
fn addresses() -> Vec<Row> {
    vec![
        believed("permitted: a block of addresses", 3, permits(&["10.0.0.0/8"], &["10.1.2.3"])),
        believed("permitted: one address", 3, permits(&["10.1.2.3/32"], &["10.1.2.3"])),
        believed("permitted: every address", 3, permits(&["0.0.0.0/0"], &["10.1.2.3"])),
        believed("permitted: a block of IPv6", 3, permits(&["2001:db8::/32"], &["2001:db8::1"])),
        believed("permitted: addresses, and a host's name", 3, permits(&["10.0.0.0/8"], &["www.example.com"])),
        believed("excluded: another block", 3, excludes(&["10.0.0.0/9"], &["10.128.0.1"])),
        broken("permitted: another block", NOT_PERMITTED, permits(&["10.0.0.0/9"], &["10.128.0.1"])),
        broken("permitted: a block of IPv4, and an address of IPv6", NOT_PERMITTED, permits(&["0.0.0.0/0"], &["::1"])),
        broken("permitted: another block of IPv6", NOT_PERMITTED, permits(&["2001:db8::/33"], &["2001:db8:8000::1"])),
        broken("excluded: the block", EXCLUDED, excludes(&["10.0.0.0/8"], &["10.1.2.3"])),
        broken("excluded: every address", EXCLUDED, excludes(&["0.0.0.0/0"], &["10.1.2.3"])),
        broken("permitted: a mask with a hole", UNPROCESSED, permits(&["10.0.2.0&255.0.255.0"], &["10.1.2.3"]))
            .openssl("compares whatever bits the mask has; §4.2.1.10 wants it as in RFC 4632, a prefix"),
        broken("excluded: a mask with a hole", UNPROCESSED, excludes(&["10.0.3.0&255.0.255.0"], &["10.1.2.3"]))
            .openssl("compares whatever bits the mask has; §4.2.1.10 wants it as in RFC 4632, a prefix"),
    ]
}

#[rustfmt::skip]
fn directories() -> Vec<Row> {
    let called = |name: &str, spoil: fn(Template) -> Template| {
        sent([server().called(directory(name)), spoil(below())])
    };
    let bytes = DIRECTORIES;
    vec![
        believed("permitted: the organization", 3, called("O=Acme/CN=server", |below| below.permits(&["O=Acme"]))).webpki(bytes),
        believed("permitted: the organization in other letters and spaces", 3,
            called("O=acme  inc/CN=server", |below| below.permits(&["O=ACME Inc"]))).webpki(bytes),
        believed("permitted: every directory name", 3, called("O=Acme/CN=server", |below| below.permits(&["="])))
            .webpki(bytes),
        believed("excluded: another organization", 3, called("O=Acme/CN=server", |below| below.excludes(&["O=Acme/OU=x"]))).webpki(bytes),
        broken("permitted: another organization", ("NotPermitted", "CN=server,O=Acme"),
            called("O=Acme/CN=server", |below| below.permits(&["O=Other"]))),
        broken("permitted: the same parts in another order", ("NotPermitted", "O=Acme,CN=server"),
            called("CN=server/O=Acme", |below| below.permits(&["O=Acme"]))),
        broken("excluded: the organization", ("Excluded", "CN=server,O=Acme"),
            called("O=Acme/CN=server", |below| below.excludes(&["O=Acme"]))),
        broken("excluded: the organization in other letters", ("Excluded", "CN=server,O=ACME"),
            called("O=ACME/CN=server", |below| below.excludes(&["O=acme"]))),
        broken("excluded: every directory name", ("Excluded", "server"), called("CN=server", |below| below.excludes(&["="]))),
        broken("permitted: another directory name than that in the subjectAltName", NOT_PERMITTED,
            permits(&["CN=server"], &["localhost", "O=Acme"])),
        broken("an authority outside what its root permits", ("NotPermitted", "below"),
            sent([server().called(directory("O=Acme/CN=server")), below()]).trusting([root().permits(&["O=Acme"])])),
    ]
}

#[rustfmt::skip]
fn other_forms() -> Vec<Row> {
    let local = |name| ["localhost", name];
    vec![
        believed("a constraint on mailboxes, and none there", 3, permits(&["a@example.com"], &["localhost"])),
        believed("a constraint on URIs, and none there", 3, permits(&["https://example.com"], &["localhost"])),
        believed("a minimum on a form that is not there", 3, permits(&["10.0.0.0/8 min 1"], &["localhost"]))
            .webpki("takes a minimum or maximum for a mistake in the certificate"),
        believed("a mailbox in the subject beside a subjectAltName", 3, sent([
            server().called(directory("CN=server/E=a@example.org")), below().permits(&["a@example.com"]),
        ])).openssl("holds mailboxes in the subject against constraints always; §4.2.1.10 where there is no subjectAltName"),
        broken("a mailbox that is permitted", UNPROCESSED, permits(&["a@example.com"], &local("a@example.com"))).openssl(PROCESSED),
        broken("a mailbox that is not", UNPROCESSED, permits(&["a@example.com"], &local("b@example.org"))),
        broken("a mailbox that is excluded", UNPROCESSED, excludes(&["a@example.com"], &local("a@example.com"))),
        broken("a URI under a constraint", UNPROCESSED, permits(&["https://example.com"], &local("https://example.com/x"))),
        broken("a registeredID under a constraint", UNPROCESSED, permits(&["rid:"], &local("rid:"))),
        broken("a mailbox in the subject without a subjectAltName", ("UnprocessedConstraint", "emailAddress=a@example.org,CN=below"),
            sent([
                server().by("", 1).called(Name::of("server")),
                authority("", 1).called(directory("CN=below/E=a@example.org")),
            ].map(|template| if template.issuer == Name::of("") {
                Template { issuer: directory("CN=below/E=a@example.org"), ..template }
            } else { template })).trusting([root().permits(&["a@example.com"])]))
            .webpki("does not look for mailboxes in the subject"),
        broken("a minimum of 1", UNPROCESSED, permits(&["example.com min 1"], &["www.example.com"])),
        broken("a maximum of 9", UNPROCESSED, permits(&["example.com max 9"], &["www.example.com"])),
        broken("an excluded subtree with a minimum", UNPROCESSED, excludes(&["example.org min 1"], &["www.example.com"])),
    ]
}

#[rustfmt::skip]
fn paths() -> Vec<Row> {
    let www = || server().names(&["www.example.com"]);
    let under = || authority("under", 3).by("below", 1);
    vec![
        believed("constraints of two authorities, the name in both", 4,
            sent([www().by("under", 3), under().permits(&["example.com"]), below().permits(&["com"])]).asked("www.example.com")),
        believed("constraints in a leaf, which constrain nobody", 3, sent([www().permits(&["example.org"]), below()]).asked("www.example.com")),
        believed("a root's own name outside what it permits", 2,
            sent([www().by("root", 0).called(directory("O=Acme"))]).trusting([root().permits(&["O=Acme", "example.com"])]).asked("www.example.com"))
            .webpki(DIRECTORIES),
        believed("an authority's certificate for itself, outside its constraints", 4, sent([
            server().by("below", 3).called(directory("O=Acme")).identified(2, 3),
            renewed(), below().permits(&["O=Acme"]).identified(1, 0),
        ])).webpki(DIRECTORIES),
        believed("a common name outside, beside an address", 3, sent([
            server().called(Name::of("www.example.org")).names(&["10.1.2.3"]), below().permits(&["example.com"]),
        ]).asked("10.1.2.3")).openssl("takes the common name for a host's where there is no dNSName; RFC 9525 §2 does not"),
        broken("constraints that are not critical", NOT_PERMITTED, sent([www(), below().with(false, {
            let permitted = vec![subtree("example.org")];
            ExtensionValue::NameConstraints(NameConstraints { permitted, excluded: Vec::new() })
        })]).asked("www.example.com")),
        broken("constraints of the root", NOT_PERMITTED,
            sent([www(), below()]).trusting([root().permits(&["example.org"])]).asked("www.example.com")),
        broken("constraints two steps up", EXCLUDED,
            sent([www().by("under", 3), under(), below().excludes(&["example.com"])]).asked("www.example.com")),
        broken("constraints that the one below widens", NOT_PERMITTED,
            sent([www().by("under", 3), under().permits(&[""]), below().permits(&["example.org"])]).asked("www.example.com")),
        broken("constraints of two authorities that have nothing in common", ("NotPermitted", "server"),
            sent([www().by("under", 3), under().permits(&["example.com"]), below().permits(&["example.org"])]).asked("www.example.com")),
        broken("a leaf that its authority issued to itself", ("NotPermitted", "below"),
            sent([www().called(Name::of("below")), below().permits(&["example.org"])]).asked("www.example.com")),
    ]
}

#[rustfmt::skip]
fn forms() -> Vec<Row> {
    let raw = |der: &'static [u8]| sent([server(), below().raw(Oid::NAME_CONSTRAINTS, true, der)]);
    vec![
        malformed("constraints of nothing", "neither permitted nor excluded", raw(b"\x30\x00"))
            .openssl("reads them as no constraint").webpki("reads them as no constraint"),
        malformed("permitted subtrees, and none of them", "a list of none", raw(b"\x30\x02\xa0\x00"))
            .openssl("reads them as no constraint").webpki("reads them as no constraint"),
        malformed("an address and a mask of five bytes", "of 5 bytes, expected 8 or 32",
            raw(b"\x30\x0b\xa0\x09\x30\x07\x87\x05\x0a\x00\x00\x00\xff")),
        malformed("an address without a mask", "of 4 bytes, expected 8 or 32",
            raw(b"\x30\x0a\xa0\x08\x30\x06\x87\x04\x0a\x00\x00\x00")),
        malformed("a negative minimum", "a negative number", raw(b"\x30\x0a\xa0\x08\x30\x06\x82\x01a\x80\x01\xff")),
        malformed("constraints that stand twice", "a second nameConstraints", sent([
            server(), below().permits(&["example.com"]).raw(Oid::NAME_CONSTRAINTS, true, b"\x30\x07\xa0\x05\x30\x03\x82\x01a"),
        ])),
        malformed("excluded before permitted", "left over",
            raw(b"\x30\x0e\xa1\x05\x30\x03\x82\x01a\xa0\x05\x30\x03\x82\x01b")),
    ]
}

#[rustfmt::skip]
fn floods() -> Vec<Row> {
    let many = |count: usize, end: &str| -> Vec<String> { (0..count).map(|n| format!("h{n}.{end}")).collect() };
    let flood = |names: usize, subtrees: usize| {
        let (names, subtrees) = (many(names, "example.com"), many(subtrees, "example.org"));
        let names: Vec<_> = names.iter().map(String::as_str).chain(["localhost"]).collect();
        let subtrees: Vec<_> = subtrees.iter().map(String::as_str).collect();
        sent([server().names(&names), below().excludes(&subtrees)])
    };
    vec![
        believed("three hundred names, three hundred constraints", 3, flood(300, 300)),
        broken("two thousand names, two thousand constraints", ("TooMuchWork", "server"), flood(2000, 2000)),
        broken("a directory name of sixty thousand letters, held often", ("TooMuchWork", "CN=x,O=xxxx…"), {
            let long = format!("O={}", "x".repeat(60_000));
            let subtrees = vec![subtree(&long); 70];
            let constraints = NameConstraints { permitted: Vec::new(), excluded: subtrees };
            let name = directory(&format!("O={}y/CN=x", "x".repeat(60_000)));
            sent([
                server().called(name),
                bare("below", 1).with(true, ExtensionValue::NameConstraints(constraints)).length(0),
            ])
        }).openssl("counts comparisons, not letters"),
    ]
}
