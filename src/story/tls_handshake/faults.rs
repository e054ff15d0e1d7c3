//! The faults that a run can be given, each with what it teaches. What happens is found out by running
//! it; what stands here is what is done, why there is a defence, and where that is.

use std::fmt;
use std::str::FromStr;

use crate::pki::certificate::Validity;
use crate::pki::general_name::GeneralName;
use crate::pki::oid::Oid;
use crate::story::tls_handshake::identity::{Papers, Signer};
use crate::tls::dissect::{CLIENT, SERVER};
use crate::tls::protection::gcm;
use crate::tls::record::{self, ContentType, ProtocolVersion};
use crate::tls::suite::Mode;
use crate::wire::Party;

/// One deliberate fault.
#[derive(Debug)]
pub struct Fault {
    /// What it is called.
    pub name: &'static str,
    /// What is broken, in a sentence.
    pub sentence: &'static str,
    /// What refuses it.
    pub defence: Defence,
    /// Why that is there, and which attacks it stops.
    pub why: &'static str,
    /// What would have happened without it.
    pub without: &'static str,
    pub(super) deed: Deed,
}

/// A line of defence: in the code, and in the standard that asks for it.
#[derive(Clone, Copy, Debug)]
pub struct Defence {
    /// The file.
    pub file: &'static str,
    /// The function in it.
    pub function: &'static str,
    /// The standard and its section.
    pub standard: &'static str,
}

/// What is done.
#[derive(Debug)]
pub(super) enum Deed {
    /// The server's certificate is issued otherwise than it should be.
    Issue(fn(&mut Papers)),
    /// The server is led by hand, and lies.
    Lie(Lie),
    /// Mallory stands between the two.
    Meddle(Meddling),
}

/// What a server that is led by hand does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// It shows a certificate to which it has not the key.
    StolenCertificate,
    /// Its Finished is made from a ClientHello that was not said.
    WrongFinished,
}

/// With which record Mallory meddles, and how.
#[derive(Debug)]
pub(super) struct Meddling {
    /// Who sent it.
    pub(super) from: Party,
    /// Of which type it is.
    pub(super) content_type: ContentType,
    /// How many of that type came before it.
    pub(super) nth: usize,
    /// What she does.
    pub(super) act: Act,
}

/// What is done with a record.
#[derive(Debug)]
pub(super) enum Act {
    /// It is altered, and keeps its length. How records are sealed, the hellos said in the open.
    Alter(fn(&mut [u8], Mode)),
    /// It is sent twice.
    Repeat,
    /// It is kept back, and the connection is ended.
    Cut,
}

/// Where a sealed record is opened, by how it is sealed.
const GCM: &str = "src/tls/protection/gcm.rs";
const CBC: &str = "src/tls/protection/cbc.rs";

/// What asks for the tag.
pub(super) const AEAD: &str = "RFC 5246 §6.2.3.3";

/// What asks for the MAC that lies outside.
pub(super) const MAC_OUTSIDE: &str = "RFC 7366 §3";

/// All of them, with the defence as it is where records are sealed in GCM.
pub static FAULTS: [Fault; 13] = [
    Fault {
        name: "expired",
        sentence: "The server’s certificate expired ten days ago.",
        deed: Deed::Issue(|papers| {
            let (not_before, not_after) = (papers.now.plus_days(-40), papers.now.plus_days(-10));
            papers.validity = Validity { not_before, not_after };
        }),
        defence: Defence {
            file: "src/pki/validation/checks.rs",
            function: "time",
            standard: "RFC 5280 §6.1.3 (a)(2)",
        },
        why: "A certificate is a statement for a time: keys leak, names change hands. This client asks nobody \
              whether one was taken back, so its last day is all that ends it.",
        without: "A thief who took this key years ago could still play the server.",
    },
    Fault {
        name: "not-yet-valid",
        sentence: "The server’s certificate will be valid from tomorrow on.",
        deed: Deed::Issue(|papers| papers.validity = Validity::days(papers.now.plus_days(1), 365)),
        defence: Defence {
            file: "src/pki/validation/checks.rs",
            function: "time",
            standard: "RFC 5280 §6.1.3 (a)(2)",
        },
        why: "Before its first day a certificate says nothing: only from then on does the CA answer for it (RFC \
              5280 §4.1.2.5). In practice this is an alarm about clocks: one of the two is wrong.",
        without: "Dates would bind nobody. Whoever can turn a machine’s clock back, as unprotected NTP allows, \
                  makes an expired certificate good again; one that comes from the future betrays such a clock.",
    },
    Fault {
        name: "wrong-name",
        sentence: "The server shows a certificate that is for another name.",
        deed: Deed::Issue(|papers| papers.names = vec![GeneralName::DnsName("mallory.example".into())]),
        defence: Defence { file: "src/pki/validation/checks.rs", function: "name", standard: "RFC 9525 §6" },
        why: "Anyone can have a good certificate, for a name of his own. It is the comparison with the name that \
              was asked for that makes it worthless elsewhere. A study of 2012 (“The most dangerous code in the \
              world”) found it left out in program after program.",
        without: "Mallory would buy a certificate for mallory.example, and with it be every server on earth.",
    },
    Fault {
        name: "untrusted",
        sentence: "The certificate is from a CA that the client does not know.",
        deed: Deed::Issue(|papers| papers.signer = Signer::Stranger),
        defence: Defence { file: "src/pki/validation/path.rs", function: "find", standard: "RFC 5280 §6.1" },
        why: "A CA is made in a second, and signs whatever it likes. What a signature is worth depends on whose it \
              is, so the path must end at a key that the client held beforehand.",
        without: "Mallory would sign a certificate for any name with a CA of her own. Proxies that look into TLS do \
                  just that, and so must first put their CA into your trust store.",
    },
    Fault {
        name: "not-a-ca",
        sentence: "The server’s certificate is signed by one who is no CA.",
        deed: Deed::Issue(|papers| papers.signer = Signer::Subscriber),
        defence: Defence {
            file: "src/pki/validation/checks.rs",
            function: "authority",
            standard: "RFC 5280 §6.1.4 (k)",
        },
        why: "Every link of this path is signed, and it ends at a trusted CA. Only basicConstraints says who may \
              sign others. Internet Explorer did not look in 2002 (CVE-2002-0862), nor did iOS until 2011 \
              (CVE-2011-0228).",
        without: "Everyone with a certificate for any name would be a CA for all names.",
    },
    Fault {
        name: "wrong-usage",
        sentence: "The server shows a certificate that is for clients alone.",
        deed: Deed::Issue(|papers| papers.purposes = vec![Oid::CLIENT_AUTH]),
        defence: Defence {
            file: "src/pki/validation/checks.rs",
            function: "purpose",
            standard: "RFC 5280 §4.2.1.12",
        },
        why: "In a cluster one CA serves all: it issues to the API server, and to every node and administrator a \
              certificate as a client. extendedKeyUsage keeps the two apart.",
        without: "Whoever holds a client’s certificate with a fitting name could play the server.",
    },
    Fault {
        name: "wrong-key",
        sentence: "The server shows a stolen certificate, without its key.",
        deed: Deed::Lie(Lie::StolenCertificate),
        defence: Defence { file: GCM, function: "open", standard: "RFC 5246 §F.1.1.2" },
        why: "Certificates are public: to show one proves nothing, and all five questions are answered with yes. \
              Whoever cannot decrypt the premaster secret has not the keys, and whatever he seals does not open. A \
              Finished that opens and fits is the server’s only proof in this handshake.",
        without: "Everyone has the server’s certificate: it is sent to whoever connects. With it alone anyone would \
                  be the server.",
    },
    Fault {
        name: "tampered-hello",
        sentence: "Mallory writes over the suite that the client likes best.",
        deed: Deed::Meddle(Meddling {
            from: CLIENT,
            content_type: ContentType::HANDSHAKE,
            nth: 0,
            act: Act::Alter(write_over_the_first_suite),
        }),
        defence: Defence {
            file: "src/tls/v12/key_schedule.rs",
            function: "extended_master_secret",
            standard: "RFC 7627 §4",
        },
        why: "The hellos travel in the open, and the choice of the suite with them. So the hash of all that was said \
              goes into the master secret: who heard something else has other keys. FREAK and Logjam, both of 2015, \
              brought lists down to what could be broken.",
        without: "Finished would still differ (RFC 5246 §7.4.9). Without that as well the two would speak the suite \
                  that Mallory chose, and never know.",
    },
    Fault {
        name: "tampered-record",
        sentence: "Mallory turns over one bit of a sealed record.",
        deed: Deed::Meddle(Meddling {
            from: SERVER,
            content_type: ContentType::APPLICATION_DATA,
            nth: 1,
            act: Act::Alter(turn_over_a_bit_of_the_text),
        }),
        defence: Defence { file: GCM, function: "open", standard: AEAD },
        why: "A cipher hides, and does no more: in counter mode a bit of the ciphertext is a bit of the text, in CBC \
              a bit of the IV is one of the first block, and whoever guesses the text can write another without a key. Tag or MAC \
              are computed with a key over every bit, and no byte is given out before they fit.",
        without: "The client would have taken for the page what Mallory made of it.",
    },
    Fault {
        name: "tampered-finished",
        sentence: "The server’s Finished proves a hello that was never said.",
        deed: Deed::Lie(Lie::WrongFinished),
        defence: Defence {
            file: "src/tls/v12/negotiated.rs",
            function: "check",
            standard: "RFC 5246 §7.4.9",
        },
        why: "The record opens: whoever sealed it has the keys. But verify_data is made from the \
              hash of the conversation as the other side heard it, and this server hashed a ClientHello without \
              its first suite.",
        without: "By RFC 5246 alone, where keys hang on the premaster secret and the randoms, nothing else betrays a \
                  changed hello.",
    },
    Fault {
        name: "truncated",
        sentence: "Mallory cuts the wire in the middle of the page.",
        deed: Deed::Meddle(Meddling {
            from: SERVER,
            content_type: ContentType::APPLICATION_DATA,
            nth: 1,
            act: Act::Cut,
        }),
        defence: Defence { file: "src/tls/stream.rs", function: "receive", standard: "RFC 5246 §7.2.1" },
        why: "Anyone can end a TCP connection; only who has the keys can say close_notify. In 2013 sign-out requests \
              were cut off so that users stayed signed in, in 2014 the word Secure from the end of a cookie.",
        without: "Where no length is told, as here, the client would have taken a part for the whole.",
    },
    Fault {
        name: "replayed-record",
        sentence: "Mallory sends a sealed record a second time.",
        deed: Deed::Meddle(Meddling {
            from: SERVER,
            content_type: ContentType::APPLICATION_DATA,
            nth: 1,
            act: Act::Repeat,
        }),
        defence: Defence { file: GCM, function: "open", standard: AEAD },
        why: "Each side counts the records, and the number that it counted goes into tag or MAC, though it is \
              never sent. So no record can be repeated, left out or moved.",
        without: "“Pay 100” would be paid as often as Mallory likes, and she need not be able to read it.",
    },
    Fault {
        name: "downgrade",
        sentence: "Mallory lowers the version that the client offers to TLS 1.1.",
        deed: Deed::Meddle(Meddling {
            from: CLIENT,
            content_type: ContentType::HANDSHAKE,
            nth: 0,
            act: Act::Alter(offer_tls_1_1),
        }),
        defence: Defence {
            file: "src/tls/v12/server.rs",
            function: "pick",
            standard: "RFC 5246 §E.1, RFC 8996",
        },
        why: "The surest defence against an old version is not to speak it. POODLE (2014) pushed browsers down to \
              SSL 3.0, which they still spoke, and read cookies byte by byte.",
        without: "A server that still speaks TLS 1.1 would answer with it. Finished would betray that, but only at \
                  the end, and as well as that old version can.",
    },
];

/// The client's suites stand behind its version, its random and its session id (RFC 5246 §7.4.1.2): the
/// second takes the place of the first.
fn write_over_the_first_suite(record: &mut [u8], _: Mode) {
    let session_id = record::HEADER + 4 + 2 + 32;
    let first = session_id + 1 + usize::from(record[session_id]) + 2;
    record.copy_within(first + 2..first + 4, first);
}

fn offer_tls_1_1(record: &mut [u8], _: Mode) {
    let version = record::HEADER + 4;
    record[version..version + 2].copy_from_slice(&ProtocolVersion::TLS_1_1.0.to_be_bytes());
}

/// The fourth byte from the end of the line in GCM, for Mallory knows that a page ends with a line feed; a
/// record with less than five bytes of text she alters somewhere else. How long the text is does not show in
/// CBC: there she takes the fourth byte of it, by that of the IV.
fn turn_over_a_bit_of_the_text(record: &mut [u8], mode: Mode) {
    let place = match mode {
        Mode::Gcm => record.len() - gcm::TAG - 5,
        Mode::Cbc => record::HEADER + 3,
    };
    record[place] ^= 0x02;
}

impl Fault {
    /// The fault of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|fault| fault.name == name)
    }

    /// The defence in a conversation whose records are sealed so.
    #[must_use]
    pub fn defence_in(&self, mode: Mode) -> Defence {
        match self.defence {
            Defence { file: GCM, standard: AEAD, function } if mode == Mode::Cbc => {
                Defence { file: CBC, function, standard: MAC_OUTSIDE }
            }
            Defence { file: GCM, .. } if mode == Mode::Cbc => Defence { file: CBC, ..self.defence },
            defence => defence,
        }
    }
}

/// All names with their sentences, a line each.
#[must_use]
pub fn list() -> String {
    FAULTS.iter().map(|fault| format!("{:18}{}\n", fault.name, fault.sentence)).collect()
}

/// What a user asks to have broken.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    /// To be told what there is.
    List,
    /// This.
    Break(&'static Fault),
}

/// There is no fault of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFault;

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = FAULTS.iter().map(|fault| fault.name).collect();
        write!(f, "it is one of {}, or list", names.join(", "))
    }
}

impl std::error::Error for UnknownFault {}

impl FromStr for Wish {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "list" => Ok(Self::List),
            name => Fault::named(name).map(Self::Break).ok_or(UnknownFault),
        }
    }
}
