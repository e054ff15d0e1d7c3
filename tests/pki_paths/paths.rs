//! From the leaf to the trust store: who may stand in a path, and which way leads there.

use cutaway::asymmetric::rsa::RsaPublicKey;
use cutaway::pki::{KeyUsage, Oid};

use crate::build::{Template, authority, bare, below, key, root, server, spki};
use crate::row::{Row, believed, broken, fixtures, sent};

const BARE_ROOT: &str = "takes of a root its name, its key and its constraints alone (RFC 5280 §6.1.1 (d))";
const ONE_WAY: &str = "builds one path, by names, identifiers and dates, and goes back for no other";
const NO_KEY_USAGE: &str = "does not look at keyUsage";
const BY_IDENTIFIERS: &str =
    "takes nobody whose key identifier is another; RFC 4158 §3.5.12 sorts by it alone";

pub fn rows() -> Vec<Row> {
    [authorities(), strangers(), ways(), mazes()].into_iter().flatten().collect()
}

/// An authority between `below` and the leaf.
fn under() -> Template {
    authority("under", 3).by("below", 1)
}

/// `below`, with a new key that the old one vouches for.
pub fn renewed() -> Template {
    authority("below", 3).by("below", 1).identified(3, 1)
}

fn by_under() -> Template {
    server().by("under", 3)
}

#[rustfmt::skip]
fn authorities() -> Vec<Row> {
    let mail = &[Oid::EMAIL_PROTECTION];
    let both = &[Oid::SERVER_AUTH, Oid::CLIENT_AUTH];
    vec![
        believed("signed by the root itself", 2, sent([server().by("root", 0)])),
        believed("an authority without keyUsage", 3, sent([server(), below().without(&Oid::KEY_USAGE)])),
        believed("pathLen 0, and a leaf below it", 3, sent([server(), below().length(0)])),
        believed("pathLen 1, and one authority below it", 4, sent([by_under(), under(), below().length(1)])),
        believed("pathLen 0, and the same authority's new key below it", 4,
            sent([server().by("below", 3).identified(2, 3), renewed(), below().length(0).identified(1, 0)]))
            .webpki("counts certificates that an authority issued to itself; RFC 5280 §6.1.4 (l) does not"),
        believed("nested purposes, each with serverAuth", 4, sent([by_under(), under().purposes(&[Oid::SERVER_AUTH]), below().purposes(both)])),
        believed("an authority for any purpose", 3, sent([server(), below().purposes(&[Oid::ANY_EXTENDED_KEY_USAGE])]))
            .openssl("does not take anyExtendedKeyUsage for serverAuth")
            .webpki("does not take anyExtendedKeyUsage for serverAuth"),
        believed("an authority with an unknown extension", 3,
            sent([server(), below().raw(Oid::CERTIFICATE_POLICIES, false, b"\x30\x06\x30\x04\x06\x02\x2a\x03")])),
        broken("a server that signs", ("NotAnAuthority", "below"), sent([server(), below().no_authority()])),
        broken("an authority that does not say so", ("NotAnAuthority", "below"),
            sent([server(), below().without(&Oid::BASIC_CONSTRAINTS)])),
        broken("an authority of version 1", ("NotAnAuthority", "below"), sent([server(), below().plain().version(0)])),
        broken("a root of version 1", ("NotAnAuthority", "root"),
            sent([server(), below()]).trusting([root().plain().version(0)]))
            .openssl("takes a trusted certificate of version 1 for an authority")
            .webpki(BARE_ROOT),
        broken("a trusted server that signs", ("NotAnAuthority", "root"),
            sent([server(), below()]).trusting([root().no_authority()]))
            .webpki(BARE_ROOT),
        broken("an authority whose key signs no certificates", ("MayNotSign", "below"),
            sent([server(), below().usage(KeyUsage::CRL_SIGN)])).webpki(NO_KEY_USAGE),
        broken("a root whose key signs no certificates", ("MayNotSign", "root"),
            sent([server(), below()]).trusting([root().usage(KeyUsage::DIGITAL_SIGNATURE)])).webpki(BARE_ROOT),
        broken("pathLen 0, and one authority below it", ("PathTooLong", "below"), sent([by_under(), under(), below().length(0)])),
        broken("pathLen 1, and two authorities below it", ("PathTooLong", "below"),
            sent([server().by("last", 4), authority("last", 4).by("under", 3), under(), below().length(1)])),
        broken("a root's pathLen 0, and one authority below it", ("PathTooLong", "root"),
            sent([server(), below()]).trusting([root().length(0)])).webpki(BARE_ROOT),
        broken("a pathLen that the one below widens", ("PathTooLong", "below"),
            sent([by_under(), under().length(9), below().length(0)])),
        broken("an authority for mail", ("WrongPurpose", "below"), sent([server(), below().purposes(mail)])),
        broken("a purpose that the one below widens", ("WrongPurpose", "below"),
            sent([by_under(), under().purposes(both), below().purposes(mail)])),
        broken("nested purposes, the lower for clients", ("WrongPurpose", "under"),
            sent([by_under(), under().purposes(&[Oid::CLIENT_AUTH]), below().purposes(both)])),
        broken("a root for mail", ("WrongPurpose", "root"), sent([server(), below()]).trusting([root().purposes(mail)]))
            .webpki(BARE_ROOT),
        broken("an authority with an extension that must be understood", ("UnknownCriticalExtension", "below"),
            sent([server(), below().raw(Oid::ISSUER_ALT_NAME, true, b"\x30\x00")])),
        broken("an authority with critical policyConstraints", ("UnknownCriticalExtension", "below"),
            sent([server(), below().raw(Oid::POLICY_CONSTRAINTS, true, b"\x30\x03\x80\x01\x00")]))
            .openssl("knows policyConstraints, and was not asked about policies"),
        broken("a root with an extension that must be understood", ("UnknownCriticalExtension", "root"),
            sent([server(), below()]).trusting([root().raw(Oid::ISSUER_ALT_NAME, true, b"\x30\x00")]))
            .webpki(BARE_ROOT),
    ]
}

#[rustfmt::skip]
fn strangers() -> Vec<Row> {
    let by_root = || server().by("root", 0);
    vec![
        believed("an authority that is trusted without its root", 2, sent([server()]).trusting([below()])),
        believed("a leaf that is trusted itself", 1, sent([server()]).trusting([server()]))
            .webpki("trusts issuers alone, not leaves"),
        believed("a trusted leaf that signed itself", 1, {
            let alone = server().by("server", 2);
            sent([alone.clone()]).trusting([alone])
        }),
        believed("OpenSSL's own chain", 3, fixtures(&["leaf", "intermediate"], &["root"])),
        broken("nobody is trusted", ("UnknownIssuer", "below"), sent([server(), below()]).trusting([])),
        broken("somebody else is trusted", ("UnknownIssuer", "below"), sent([server(), below()]).trusting([authority("other", 3).by("other", 3)])),
        broken("the one between is missing", ("UnknownIssuer", "server"), sent([server()])),
        broken("a root of that name, made anew", ("UnknownIssuer", "server"),
            sent([by_root().identified(2, 0)]).trusting([authority("root", 3).by("root", 3).identified(3, 3)])),
        broken("the same, and nothing names the keys", ("BadSignature", "server"),
            sent([by_root()]).trusting([authority("root", 3).by("root", 3)])),
        broken("a leaf that signed itself", ("UnknownIssuer", "server"), sent([server().by("server", 2)])),
        broken("a root that came with the chain", ("UnknownIssuer", "stranger"),
            sent([server().by("stranger", 3), authority("stranger", 3).by("stranger", 3)])),
        believed("a key identifier that is another's, over a right signature", 3,
            sent([server().identified(2, 9), below().identified(1, 0)])).openssl(BY_IDENTIFIERS),
        believed("the root with another key identifier, over a right signature", 2,
            sent([by_root().identified(2, 0)]).trusting([root().identified(9, 9)])).openssl(BY_IDENTIFIERS),
        broken("a namesake that was sent, with another key identifier", ("UnknownIssuer", "server"),
            sent([server().identified(2, 1), authority("below", 3).identified(3, 0)])),
        broken("a name that is written otherwise", ("UnknownIssuer", "server"), sent([server().by("BELOW", 1), below()]))
            .openssl("compares issuers without regard to case, as RFC 5280 §7.1 lets it; a path that is found \
                      by bytes alone (§4.1.2.4 has the name repeated) misses none that an authority made well"),
    ]
}

#[rustfmt::skip]
fn ways() -> Vec<Row> {
    let cross = || below().by("unknown", 3).numbered(1);
    vec![
        believed("out of order, with what does not belong", 4,
            sent([by_under(), below(), bare("unrelated", 4), under(), authority("unrelated", 4)])),
        believed("with the root", 3, sent([server(), below(), root()])),
        believed("everything twice", 3, sent([server(), server(), below(), below(), root(), root()])),
        believed("cross-signed by a stranger, that one first", 3, sent([server(), cross(), below()])).openssl(ONE_WAY),
        believed("cross-signed by a stranger, that one last", 3, sent([server(), below(), cross()])),
        believed("an older certificate of the authority, that one first", 3,
            sent([server(), below().expired().numbered(1), below()])),
        believed("one that is no authority, that one first", 3, sent([server(), below().no_authority().numbered(1), below()]))
            .openssl(ONE_WAY),
        believed("equal subjects with different keys, the right one last", 3,
            sent([server(), authority("below", 3).numbered(1), authority("below", 4).numbered(2), below()])).openssl(ONE_WAY),
        believed("equal subjects with different keys, told apart by their identifiers", 3,
            sent([server().identified(2, 1), authority("below", 3).identified(3, 0), below().identified(1, 0)])),
        believed("two roots of one name, the right one last", 2,
            sent([server().by("root", 0)]).trusting([authority("root", 3).by("root", 3), root()]))
            .openssl(ONE_WAY),
        believed("a way that is dead two steps up", 4, sent([
            by_under(),
            // One leads to a stranger and the other home; both signed the same key.
            authority("under", 3).by("lost", 4).numbered(1), under(),
            authority("lost", 4).by("nowhere", 2), below(),
        ])).openssl(ONE_WAY),
        believed("two that signed each other, and the root one of them", 4, sent([
            by_under(), under(), authority("below", 1).by("under", 3).numbered(1), below(),
        ])).openssl(ONE_WAY),
        believed("the constraints of one way, and the freedom of another", 3,
            sent([server(), below().permits(&["example.org"]).numbered(1), below()]))
            .openssl(ONE_WAY),
        believed("the new root below the old, and both trusted", 3, {
            let new = || authority("new root", 3);
            sent([server().by("new root", 3), new().by("root", 0)]).trusting([root(), new().by("new root", 3)])
        }.trusting([root()])),
        believed("a path of eight", 8, sent(tower(6))),
        broken("a path of nine", ("TooMuchWork", "level 6"), sent(tower(7)))
            .openssl("walks up to a hundred steps"),
        broken("all ways are dead", ("Expired", "below"), sent([server(), cross(), below().expired().numbered(2)])),
        broken("the shorter of two ways breaks a rule, and the longer another", ("PathTooLong", "below"), sent([
            by_under(), under().numbered(1), authority("under", 3).expired(), below().length(0),
        ])),
    ]
}

/// A leaf, and so many authorities above it, the last signed by the root; one key for all.
fn tower(height: usize) -> Vec<Template> {
    let name = |level: usize| format!("level {level}");
    let mut sent = vec![server().by(&name(0), 1)];
    for level in 0..height {
        let (above, key) = if level + 1 == height { ("root".to_owned(), 0) } else { (name(level + 1), 1) };
        sent.push(authority(&name(level), 1).by(&above, key));
    }
    sent
}

/// Authorities of one name and one key, each signed by another stranger, whom nobody knows: what they
/// signed is never looked at.
fn thousand() -> impl Iterator<Item = Template> {
    (0..1000)
        .map(|number| authority("below", 1).by(&format!("stranger {number}"), 3).numbered(number).unsigned())
}

#[rustfmt::skip]
fn mazes() -> Vec<Row> {
    let halls = |count: usize| (0..count).flat_map(move |hall| {
        let signed = (0..count).filter(move |&by| by != hall);
        signed.map(move |by| authority(&format!("hall {hall}"), 1).by(&format!("hall {by}"), 1).numbered(by as u32))
    });
    // Public keys that nobody made: odd numbers of 2048 bits.
    let namesakes = |count: u8| (0..count).map(|number| {
        let modulus = [&[0x80 | number][..], &[number; 254], &[1]].concat();
        below().key(spki(&RsaPublicKey::new(&modulus, &[1, 0, 1]).unwrap())).numbered(number.into()).unsigned()
    });
    vec![
        believed("a thousand cross-signed, the right one last", 3, sent([server()].into_iter().chain(thousand()).chain([below()])))
            .openssl(ONE_WAY),
        broken("a thousand cross-signed, and no way home", ("UnknownIssuer", "below"),
            sent([server()].into_iter().chain(thousand()))),
        broken("two that signed each other, and nobody else", ("UnknownIssuer", "below"),
            sent([by_under(), under(), below().by("under", 3)])),
        broken("halls that signed each other", ("TooMuchWork", "hall 6"),
            sent([server().by("hall 0", 1)].into_iter().chain(halls(8)))),
        believed("a way out of the halls", 3,
            sent([server().by("hall 0", 1)].into_iter().chain(halls(6)).chain([authority("hall 0", 1).numbered(99)]))),
        believed("thirty namesakes, the right one last", 3, sent([server()].into_iter().chain(namesakes(30)).chain([below()])))
            .openssl(ONE_WAY),
        believed("a hundred namesakes that expired, the right one last", 3,
            sent([server()].into_iter().chain(namesakes(100).map(Template::expired)).chain([below()]))),
        broken("a hundred namesakes, the right one last", ("TooMuchWork", "server"),
            sent([server()].into_iter().chain(namesakes(100)).chain([below()]))),
        believed("a hundred namesakes with other identifiers", 3, {
            let others = namesakes(100).map(|template| template.identified(9, 0));
            sent([server().identified(2, 1)].into_iter().chain(others).chain([below().identified(1, 0)]))
        }).webpki("does not look at key identifiers, and gives up after a hundred signatures"),
        broken("a thousand of a thousand names", ("UnknownIssuer", "below"), {
            let crowd = (0..1000).map(|number| authority(&format!("nobody {number}"), 3).unsigned());
            sent([server(), below().by("nobody", 3)].into_iter().chain(crowd))
        }),
        believed("the key of the leaf is the authority's", 3, sent([server().key(spki(key(1).public())), below()])),
    ]
}
