//! A report made by hand, drawn in 80 columns. Its conversation has the shape of a TLS 1.2 handshake,
//! with XOR where RSA and AES would be: what is tested is the model, the lines and the drawing.

use cutaway::report::{
    Bar, Bytes, Check, Claim, Exchange, Figure, Item, KnowsNow, Ladder, Message, Outcome, Participant,
    Phrase, Report, Scene, Section, Show, Step, Under, Value, Verdict, Way, terminal,
};
use cutaway::wire::{Entry, Glossary, Kind, LayerId, Layers, Moment, Party, ReadError, Reader, Span};

const CLIENT: Party = Party("client");
const SERVER: Party = Party("server");
const EVE: Party = Party("eavesdropper");

const fn entry(
    group: &'static str,
    label: &'static str,
    kind: Option<Kind>,
    title: &'static str,
    short: &'static str,
) -> Entry {
    Entry { group, label, kind, brief: true, title, short, what: "", source: "" }
}

use Kind::{Identity, Proof, Random, Secret};

static GLOSSARY: Glossary = Glossary(&[
    entry("", "record_version", None, "record version", "a lie for old servers"),
    entry("", "record_length", None, "length", ""),
    entry("ClientHello", "client_version", None, "", "the true offer"),
    entry("", "random", Some(Random), "", "{} fresh bytes"),
    entry("", "cipher_suite", None, "", "less liked; then a signal"),
    entry("", "host_name", Some(Identity), "", "anyone can read it"),
    entry("", "extended_master_secret", None, "extension 23", "extended_master_secret"),
    entry("issuer", "commonName", Some(Identity), "issuer CN", ""),
    entry("", "notAfter", None, "", ""),
    entry("subject", "commonName", Some(Identity), "subject CN", ""),
    entry("", "modulus", Some(Identity), "modulus n", ""),
    entry("", "publicExponent", Some(Identity), "publicExponent e", ""),
    entry("", "dNSName", Some(Identity), "SAN dNSName", ""),
    entry("", "signature", Some(Proof), "", "{} bytes, by the CA"),
    entry("", "encrypted", Some(Secret), "m^e mod n", "{} bytes, sealed"),
    entry("", "premaster_secret", Some(Secret), "", "03 03, then 46 random bytes"),
    entry("", "padded", Some(Secret), "m, padded to 256", "00 02, 205 random, 00, the 48"),
    entry("", "master_secret", Some(Secret), "", ""),
    entry("", "client_write_key", Some(Secret), "", "{} bytes, seals client → server"),
    entry("", "server_write_key", Some(Secret), "", "{} bytes, seals server → client"),
    entry("", "write_iv", Some(Secret), "", ""),
    entry("", "nonce_explicit", Some(Random), "", ""),
    entry("", "ciphertext", Some(Secret), "", ""),
    entry("", "tag", Some(Proof), "", "{} bytes: nothing was altered"),
    entry("", "verify_data", Some(Proof), "", "PRF over all that was said"),
    Entry { brief: false, ..entry("", "session_hash", Some(Proof), "hash of steps 1 to 4", "") },
    Entry { brief: false, ..entry("", "digest", Some(Proof), "", "") },
]);

static CLAIMS: [Claim; 6] = [
    Claim {
        section: "3",
        quote: "Client sends supported cipher suites and a random number.",
        verdict: Verdict::True,
        truth: "",
        source: "RFC 5246 §7.4.1.2",
    },
    Claim {
        section: "3",
        quote: "Server sends its Digital Certificate (which contains its Public Key and is signed by a CA).",
        verdict: Verdict::True,
        truth: "RFC 5246 §7.4.2. In TLS 1.3 it travels sealed: RFC 8446 §2.",
        source: "RFC 5246 §7.4.2",
    },
    Claim {
        section: "3",
        quote: "The Client checks its internal \"Trust Store\" (Root CAs) to verify the Server's \
                certificate signature.",
        verdict: Verdict::Incomplete,
        truth: "The signature is one check of five: RFC 5280 §6, RFC 9525.",
        source: "RFC 5280 §6",
    },
    Claim {
        section: "3",
        quote: "The Client generates a new, random Symmetric Session Key, encrypts it with the Server’s \
                Public Key, and sends it.",
        verdict: Verdict::Historical,
        truth: "Gone from TLS 1.3 (RFC 8446 §1.2): whoever steals the private key, even years later, \
                opens this recording, as Eve did above.",
        source: "RFC 8446 §1.2",
    },
    Claim {
        section: "3",
        quote: "The Server decrypts the session key using its Private Key.",
        verdict: Verdict::Incomplete,
        truth: "It decrypts the premaster; two keys are derived from that, one each way (RFC 5246 §6.3, \
                §8.1). Your notes have no Finished (§7.4.9): by that standard only it betrays a changed \
                hello.",
        source: "RFC 5246 §7.4.9",
    },
    Claim {
        section: "3",
        quote: "All further communication is encrypted using fast Symmetric (AES) encryption.",
        verdict: Verdict::True,
        truth: "And each record ends in a tag: alter a bit, and it is refused.",
        source: "",
    },
];

/// Bytes that look random and are always the same.
fn noise(mut state: u32, n: usize) -> Vec<u8> {
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..n).map(|_| next()).collect()
}

fn xor(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b.iter().cycle()).map(|(a, b)| a ^ b).collect()
}

fn text(r: &mut Reader, label: &'static str, n: usize) -> Result<(), ReadError> {
    let bytes = r.bytes(label, n)?;
    r.means(|| String::from_utf8_lossy(bytes).into_owned());
    Ok(())
}

fn saying(r: &mut Reader, label: &'static str, n: usize, meaning: &str) -> Result<(), ReadError> {
    r.bytes(label, n)?;
    r.means(|| meaning.to_owned());
    Ok(())
}

fn header(r: &mut Reader) -> Result<usize, ReadError> {
    r.group("record", |r| {
        saying(r, "type", 1, "handshake")?;
        saying(r, "record_version", 2, "TLS 1.0")?;
        let length = r.bytes("record_length", 2)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        r.means(|| format!("{length} bytes follow"));
        Ok(length)
    })
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 3, 3];
    bytes.extend((body.len() as u16).to_be_bytes());
    bytes.extend(body);
    bytes
}

fn suite(r: &mut Reader) -> Result<(), ReadError> {
    let meaning = match r.peek() {
        Some(0x9d) => "TLS_RSA_WITH_AES_256_GCM_SHA384",
        _ => "TLS_RSA_WITH_AES_128_GCM_SHA256",
    };
    r.group("cipher_suite", |r| r.bytes("low", 1).map(drop))?;
    r.means(|| meaning.into());
    Ok(())
}

fn client_hello(r: &mut Reader) -> Result<(), ReadError> {
    header(r)?;
    r.group("ClientHello", |r| {
        saying(r, "client_version", 2, "TLS 1.2")?;
        r.bytes("random", 32)?;
        r.list8("cipher_suites", 1..=9, suite)?;
        r.group("server_name", |r| {
            r.bytes8("host_name", 1..=255)?;
            r.means(|| "localhost".into());
            Ok(())
        })?;
        r.bytes("extended_master_secret", 4).map(drop)
    })
}

fn server_hello(r: &mut Reader) -> Result<(), ReadError> {
    header(r)?;
    r.group("ServerHello", |r| {
        r.bytes("random", 32)?;
        suite(r)
    })
}

fn certificate(r: &mut Reader) -> Result<(), ReadError> {
    header(r)?;
    r.group("Certificate", |r| {
        r.group("issuer", |r| text(r, "commonName", 22))?;
        saying(r, "notAfter", 13, "2027-11-24 14:52:16 UTC")?;
        r.group("subject", |r| text(r, "commonName", 9))?;
        saying(r, "modulus", 257, "2048 bits")?;
        saying(r, "publicExponent", 3, "65537")?;
        text(r, "dNSName", 9)?;
        r.bytes("signature", 256).map(drop)
    })
}

fn sealed(r: &mut Reader) -> Result<(), ReadError> {
    header(r)?;
    r.bytes("nonce_explicit", 8)?;
    r.bytes("ciphertext", r.left() - 16)?;
    r.bytes("tag", 16).map(drop)
}

/// Reads a layer that is one record, and gives its header, its body and the whole.
fn read(layers: &mut Layers, id: LayerId, decoder: fn(&mut Reader) -> Result<(), ReadError>) -> (Span, Span) {
    layers.read(id, decoder).unwrap();
    let whole = layers.whole(id);
    (id.span(0..5), id.span(5..whole.range.end))
}

fn step(number: u8, title: &str, who: &str, prose: &str) -> Step {
    let claims = vec![&CLAIMS[usize::from(number) - 1]];
    let (title, who, prose) = (title.into(), who.into(), prose.into());
    Step { number, title, who, prose, claims, until: Moment(u32::from(number)), ..Step::default() }
}

fn handshake() -> Report {
    let mut layers = Layers::new();
    let private_key = layers.given(SERVER, "private_key", noise(1, 256));
    let store = layers.given(CLIENT, "trust_store", noise(2, 256));

    layers.now = Moment(1);
    let mut body = vec![3, 3];
    body.extend(noise(3, 32));
    body.extend([3, 0x9d, 0x9c, 0xff, 9]);
    body.extend(b"localhost\x00\x17\x00\x00");
    let hello = layers.heard(CLIENT, 0, "ClientHello", record(22, &body));
    let (hello_header, hello_body) = read(&mut layers, hello, client_hello);
    let client_random = layers.find(hello, "ClientHello.random").unwrap();
    let hello_show =
        Message::new("ClientHello", &hello_header, &hello.span(0..1)).shows([hello_header, hello_body]);

    layers.now = Moment(2);
    let mut body = noise(4, 32);
    body.push(0x9d);
    let server_hello_id = layers.heard(SERVER, 0, "ServerHello", record(22, &body));
    let (server_header, server_body) = read(&mut layers, server_hello_id, server_hello);
    let server_random = layers.find(server_hello_id, "ServerHello.random").unwrap();
    let server_show = Message::new("ServerHello", &server_header, &server_header).shows([server_body]);
    let mut body = b"cutaway throw-away CA\x2e271124145216Zlocalhost".to_vec();
    body.extend(noise(5, 257));
    body.extend([1, 0, 1]);
    body.extend(b"localhost");
    body.extend(noise(6, 256));
    let certificate_id = layers.heard(SERVER, 38, "Certificate", record(22, &body));
    let (certificate_header, certificate_body) = read(&mut layers, certificate_id, certificate);
    let certificate_show =
        Message::new("Certificate", &certificate_header, &certificate_header).shows([certificate_body]);
    let modulus = layers.find(certificate_id, "Certificate.modulus").unwrap();
    let exponent = layers.find(certificate_id, "Certificate.publicExponent").unwrap();
    let signature = layers.find(certificate_id, "Certificate.signature").unwrap();

    layers.now = Moment(3);
    let digest =
        layers.compute("digest", "s^e mod n", [&signature, &store], |[a, b]| xor(a, b)[..32].to_vec());

    layers.now = Moment(4);
    let mut secret = vec![3, 3];
    secret.extend(noise(7, 46));
    let premaster = layers.given(CLIENT, "premaster_secret", secret);
    let mut padding = vec![0, 2];
    padding.extend(noise(8, 205));
    padding.push(0);
    let padding = layers.given(CLIENT, "padding", padding);
    let padded = layers.joined("padded", vec![padding, premaster.clone()]);
    let padded = layers.whole(padded);
    let exchange =
        layers.seal("exchange", "m^e mod n", &padded, [&modulus, &exponent], |m, [n, _]| xor(m, n));
    let body = layers.bytes(&exchange).to_vec();
    let exchange_id = layers.heard(CLIENT, 60, "ClientKeyExchange", record(22, &body));
    let read_exchange = |r: &mut Reader| {
        header(r)?;
        r.group("ClientKeyExchange", |r| r.bytes("encrypted", 256).map(drop))
    };
    let (exchange_header, exchange_body) = read(&mut layers, exchange_id, read_exchange);
    assert!(layers.matches(&exchange, &exchange_body));
    let exchange_show =
        Message::new("ClientKeyExchange", &exchange_header, &exchange_header).shows([exchange_body.clone()]);

    layers.now = Moment(5);
    let opened = layers
        .open("opened", "c^d mod n", &exchange_body, [&modulus, &private_key], false, |c, [n, _]| {
            Some(xor(c, n))
        })
        .unwrap();
    assert!(layers.matches(&opened.layer.span(208..256), &premaster));
    let hash = layers
        .compute("session_hash", "SHA-384", [&layers.whole(hello)], |[m]| xor(m, b"hash")[..48].to_vec());
    let master =
        layers.compute("master_secret", "PRF: \"extended master secret\"", [&premaster, &hash], |[p, h]| {
            xor(p, h)
        });
    let keys = layers.compute(
        "key_block",
        "PRF: \"key expansion\"",
        [&master, &server_random, &client_random],
        |[m, s, c]| [xor(m, s), xor(m, c)].concat()[..72].to_vec(),
    );
    layers
        .read(keys.layer, |r| {
            r.bytes("client_write_key", 32)?;
            r.bytes("server_write_key", 32)?;
            r.bytes("write_iv", 8).map(drop)
        })
        .unwrap();
    let [client_key, server_key] =
        ["client_write_key", "server_write_key"].map(|name| layers.find(keys.layer, name).unwrap());
    let keystream = |key: &[u8], n| xor(&noise(9, n), key);
    let verify = b"\x14\0\0\x0c\x06\xac\xa8\x7e\x11\x12\x13\x14\x15\x16\x17\x18";
    let stream = keystream(layers.bytes(&client_key), 16);
    let body = [noise(10, 8), xor(verify, &stream), noise(11, 16)].concat();
    let finished_id = layers.heard(CLIENT, 321, "record", record(22, &body));
    let (finished_header, finished_body) = read(&mut layers, finished_id, sealed);
    let ciphertext = layers.find(finished_id, "ciphertext").unwrap();
    let finished = layers
        .open("Finished", "AES-256-GCM", &ciphertext, [&client_key], true, |c, _| Some(xor(c, &stream)))
        .unwrap();
    layers
        .read(finished.layer, |r| {
            r.bytes("handshake_header", 4)?;
            r.bytes("verify_data", 12).map(drop)
        })
        .unwrap();
    let finished_show = Message::new("Finished", &finished_header, &finished_header)
        .shows([finished_body, finished])
        .note("client → server, sealed");

    layers.now = Moment(6);
    let page_text = b"Two of the three of us can read this line.";
    let stream = keystream(layers.bytes(&server_key), page_text.len());
    let body = [noise(12, 8), xor(page_text, &stream), noise(13, 16)].concat();
    let page_id = layers.heard(SERVER, 600, "record", record(23, &body));
    let (page_header, _) = read(&mut layers, page_id, sealed);
    let sealed_page = layers.find(page_id, "ciphertext").unwrap();
    let nonce = layers.find(page_id, "nonce_explicit").unwrap();
    let stream = layers.compute("keystream", "AES-256-GCM", [&server_key, &nonce], |_| stream);
    let page = layers
        .open("page", "AES-256-GCM", &sealed_page, [&stream, &server_key], true, |c, [s, _]| Some(xor(c, s)))
        .unwrap();
    let page_show = Message::new("application_data", &page_header, &page_header)
        .shows([nonce.clone()])
        .note("client ← server, 151 B follow")
        .means(&nonce, "as in Finished, plus one");

    let value = |span: &Span| Show::Value(Value::new(span));
    let ivs = layers.find(keys.layer, "write_iv").unwrap();
    let first = |span: &Span| span.layer.span(span.range.start..span.range.start + 16);
    let check = |outcome, name: &str, text: Phrase, source: &str| {
        Show::Check(Check { outcome, name: name.into(), text, source: source.into() })
    };
    let steps = vec![
        Step {
            shows: vec![Show::Message(hello_show)],
            ..step(
                1,
                "Client Hello",
                "client → server",
                "The client says what it can do, and adds 32 random bytes, so that this handshake is \
                 unlike any other. Nothing here is secret.",
            )
        },
        Step {
            shows: vec![Show::Message(server_show), Show::Message(certificate_show)],
            ..step(
                2,
                "Server Hello + Certificate",
                "client ← server",
                "The server picks one suite, adds 32 random bytes of its own, and shows its \
                 certificate: a name and a public key, signed by a CA.",
            )
        },
        Step {
            shows: vec![
                check(
                    Outcome::Passed,
                    "signature",
                    Phrase::from("s^e mod n ends in the SHA-256 of the 565 signed bytes: ").hex(&digest, 5),
                    "RFC 5280 §6.1.3",
                ),
                check(
                    Outcome::Passed,
                    "issuer",
                    "in the trust store, and it is a CA".into(),
                    "RFC 5280 §6.1.1",
                ),
                check(Outcome::Failed, "time", "it ended 3 days ago".into(), "RFC 5280 §6.1.3"),
                check(
                    Outcome::NotAsked,
                    "usage",
                    "serverAuth, keyEncipherment; not a CA".into(),
                    "RFC 5280 §4.2.1",
                ),
            ],
            knows_now: KnowsNow::Sentence("Nobody learned a byte. The client now believes the key.".into()),
            ..step(
                3,
                "Validation",
                "client, by itself",
                "Anyone can send a certificate. The client puts five questions to this one, and \
                 believes only what a CA vouches for that it trusted beforehand.",
            )
        },
        Step {
            shows: vec![value(&premaster), value(&padded), Show::Message(exchange_show)],
            ..step(
                4,
                "Premaster Secret",
                "client → server",
                "The client invents 48 secret bytes, pads them to 256 and raises them to the power e \
                 modulo n. Only the holder of the private key can undo that.",
            )
        },
        Step {
            shows: vec![
                Show::Value(Value::new(&premaster).means("c^d mod n, padding removed")),
                Show::Made(master.clone()),
                value(&master),
                Show::Made(keys.clone()),
                value(&client_key),
                value(&server_key),
                Show::Value(Value::new(&ivs).named("write IVs").means("4 bytes each, start the nonces")),
                Show::Gap,
                Show::Message(finished_show),
            ],
            ..step(
                5,
                "Session Transition",
                "both ways",
                "The server undoes it, and both sides compute the same keys. Then each says “sealed \
                 from here on”, and proves that it heard the same conversation.",
            )
        },
        Step {
            shows: vec![
                Show::Message(page_show),
                Show::Under(Under {
                    wire: first(&sealed_page),
                    keystream: first(&stream),
                    opened: first(&page),
                }),
                Show::Said { label: "the page".into(), text: Phrase::default().text(&page) },
            ],
            ..step(
                6,
                "Symmetric Tunnel",
                "both ways",
                "From here AES does everything. Its counter mode makes a keystream as long as the \
                 message; XOR hides each byte beneath one of the keystream.",
            )
        },
    ];
    let item = |name: &str, parts: Vec<Option<Span>>| Item { name: name.into(), parts, ..Item::default() };
    let items = vec![
        item("randoms", vec![Some(client_random), Some(server_random)]),
        item("public key", vec![Some(modulus)]),
        item("private key", vec![Some(private_key.clone())]),
        item("premaster", vec![Some(premaster)]),
        item("AES keys", vec![Some(client_key)]),
        item("page", vec![Some(page.clone())]),
    ];
    let participants = vec![
        Participant { party: CLIENT, holds: vec![] },
        Participant {
            party: SERVER,
            holds: vec![(items[1].parts[0].clone().unwrap(), Moment(0)), (page.clone(), Moment(6))],
        },
        Participant { party: EVE, holds: vec![(private_key, Moment(9))] },
    ];
    let row = |step, way, messages: &[(&str, bool)], bytes| Exchange {
        step,
        way,
        messages: messages.iter().map(|&(name, sealed)| (name.to_owned(), sealed)).collect(),
        bytes,
    };
    let ladder = Ladder {
        left: "client".into(),
        right: "server".into(),
        rows: vec![
            row(1, Way::Right, &[("ClientHello", false)], 96),
            row(
                2,
                Way::Left,
                &[("ServerHello", false), ("Certificate", false), ("ServerHelloDone", false)],
                927,
            ),
            row(3, Way::Nowhere, &[("is this certificate to be believed?", false)], 0),
            row(4, Way::Right, &[("ClientKeyExchange", false)], 267),
            row(5, Way::Right, &[("ChangeCipherSpec", false), ("Finished", true)], 51),
            row(5, Way::Left, &[("ChangeCipherSpec", false), ("Finished", true)], 51),
            row(6, Way::Right, &[("GET /hello", true)], 69),
            row(6, Way::Left, &[("200 OK", true)], 156),
            row(6, Way::Both, &[("close_notify, from each", true)], 62),
        ],
    };
    let scene = |label: &str, left: Phrase, right: Phrase| Scene { label: label.into(), left, right };
    let whole_page = layers.whole(page_id);
    let opening = vec![
        scene("the page", Phrase::from("“").text(&page).and("”"), "Eve records every byte".into()),
        scene("today", Phrase::from("client: ").text(&page), Phrase::from("Eve: ").sealed(&whole_page, 8)),
        scene("next year", "Eve steals server.key".into(), Phrase::default()),
        scene("A your notes", "TLS 1.2, RSA key transport".into(), Phrase::from("Eve: ").text(&page)),
    ];
    let figure = |name: &str, amount: &str, remark: &str| {
        Show::Figure(Figure { name: name.into(), amount: amount.into(), remark: remark.into() })
    };
    let closing = vec![
        Section {
            title: "Why hybrid".into(),
            aside: "measured in this run".into(),
            prose: "RSA needs no shared secret, and is slow. AES is fast, and needs one.".into(),
            shows: vec![
                figure("one RSA-2048 decryption", "0.26 ms", "carries 245 bytes at the most"),
                figure("AES-256-GCM", "11.0 GB/s", "carries as much as you like"),
                Show::Gap,
                Show::Bars(vec![
                    Bar {
                        label: "1 MiB by AES".into(),
                        length: 0.095,
                        amount: "0.09 ms".into(),
                        kind: Some(Secret),
                    },
                    Bar {
                        label: "1 MiB by RSA".into(),
                        length: 1110.0,
                        amount: "1,110 ms".into(),
                        kind: Some(Identity),
                    },
                ]),
                Show::Gap,
                Show::Prose("So TLS asks RSA one question, 48 bytes long, and AES does the rest.".into()),
            ],
        },
        Section {
            shows: vec![
                Show::Prose("1,679 bytes, 179 fields, and no byte without a name:".into()),
                Show::Options(vec![
                    ("--bytes full".into(), "every one of them".into()),
                    ("--html FILE".into(), "this run, to point at".into()),
                    ("--break NAME".into(), "spoil one thing".into()),
                ]),
            ],
            ..Section::default()
        },
    ];
    Report {
        layers,
        glossaries: vec![&GLOSSARY],
        title: "cutaway".into(),
        subtitle: "one TLS 1.2 handshake, opened".into(),
        intro: "A client and a server, both written from scratch here, have just spoken over a real \
                connection on 127.0.0.1. Every byte below crossed it."
            .into(),
        opening,
        riddle: "Six steps say why. Guess which step loses it.".into(),
        ladder,
        conversation: Vec::new(),
        participants,
        items,
        steps,
        closing,
        ..Report::default()
    }
}

/// Every way to draw.
fn ways() -> impl Iterator<Item = terminal::Options> {
    [Bytes::Full, Bytes::Brief, Bytes::None].into_iter().flat_map(|bytes| {
        [(false, true), (false, false), (true, true), (true, false)]
            .map(|(color, unicode)| terminal::Options { color, unicode, bytes })
    })
}

/// What is left of coloured text on a terminal without colour.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    plain.extend(parts.map(|part| part.split_once('m').expect("a sequence ends").1));
    plain
}

/// Lines of the mock-up that the reference for the look gives, as far as they do not depend on its bytes.
const LOOK: &str = "
cutaway ────────────────────────────────────────── one TLS 1.2 handshake, opened
       client                                                      server
 1      │── ClientHello ────────────────────────────────────  96 B ─→│
 2      │←─ ServerHello ── Certificate ── ServerHelloDone ── 927 B ──│
 3      │   is this certificate to be believed?                      │
 5      │── ChangeCipherSpec ══ Finished ═══════════════════  51 B ═→│
        │←─ ChangeCipherSpec ══ Finished ═══════════════════  51 B ══│
 6      │══ GET /hello ═════════════════════════════════════  69 B ═→│
        │←═ 200 OK ═════════════════════════════════════════ 156 B ══│
        │←═ close_notify, from each ════════════════════════  62 B ═→│
    ── readable        ══ sealed          kept never sent    open once decrypted
    *  random          @  identity        =    proof         #    secret, sealed
 1  Client Hello ─────────────────────────────────────────────── client → server
    The client says what it can do, and adds 32 random bytes, so that this
    handshake is unlike any other. Nothing here is secret.
    0001  03 03             record version       TLS 1.0: a lie for old servers
    your notes    “Client sends supported cipher suites and a random number.”
    TRUE          RFC 5246 §7.4.1.2
    knows now     randoms   public key   private key   premaster  AES keys  page
    client          ●·          ·             ·            ·         ·       ·
    server          ●·          ●             ●            ·         ·       ·
    eavesdropper    ●·          ·             ·            ·         ·       ·
                  ● knows it    ○ holds it sealed    · has nothing ●· one of two
 2  Server Hello + Certificate ───────────────────────────────── client ← server
    client          ●●          ●             ·            ·         ·       ·
 3  Validation ─────────────────────────────────────────────── client, by itself
  = ok    signature       s^e mod n ends in the SHA-256 of the  RFC 5280 §6.1.3
    ok    issuer          in the trust store, and it is a CA    RFC 5280 §6.1.1
    your notes    “The Client checks its internal \"Trust Store\" (Root CAs) to
                  verify the Server's certificate signature.”
    INCOMPLETE    The signature is one check of five: RFC 5280 §6, RFC 9525.
    knows now     Nobody learned a byte. The client now believes the key.
    HISTORICAL    Gone from TLS 1.3 (RFC 8446 §1.2): whoever steals the private
                  key, even years later, opens this recording, as Eve did above.
    client          ●●          ●             ·            ●         ·       ·
    server          ●●          ●             ●            ○         ·       ·
    eavesdropper    ●●          ●             ·            ○         ·       ·
                          │ PRF: \"extended master secret\", hash of steps 1 to 4
                          │ PRF: \"key expansion\", both randoms
  = open  06 ac a8 7e ..    verify_data          PRF over all that was said
    server          ●●          ●             ●            ●         ●       ·
    opened      54 77 6f 20 6f 66 20 74 68 65 20 74 68 72 65 65 Two of the three
    the page    Two of the three of us can read this line.
    server          ●●          ●             ●            ●         ●       ●
    eavesdropper    ●●          ●             ·            ○         ·       ○
    Why hybrid ──────────────────────────────────────────── measured in this run
    one RSA-2048 decryption       0.26 ms        carries 245 bytes at the most
    1 MiB by AES  ━                                                  0.09 ms
    1 MiB by RSA  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━→       1,110 ms
    --bytes full  every one of them      --html FILE    this run, to point at
";

#[test]
fn the_drawing_has_the_look_of_its_reference() {
    let drawn = terminal::draw(&handshake(), terminal::Options::default());
    let mut rest = drawn.lines();
    for expected in LOOK.lines().filter(|line| !line.is_empty()) {
        assert!(rest.any(|line| line == expected), "not found, or not in this order: {expected}\n{drawn}");
    }
}

#[test]
fn no_row_is_wider_than_eighty_cells_and_none_ends_in_a_space() {
    let report = handshake();
    for options in ways() {
        for row in without_colour(&terminal::draw(&report, options)).lines() {
            assert!(row.chars().count() <= 80, "{options:?}: {row}");
            assert!(!row.ends_with(' '), "{options:?}: {row}");
            assert!(options.unicode || row.is_ascii(), "{options:?}: {row}");
        }
    }
}

#[test]
fn colour_and_glyphs_change_no_cell() {
    let report = handshake();
    for options in ways().filter(|options| options.color || !options.unicode) {
        let plain = terminal::draw(&report, terminal::Options { color: false, unicode: true, ..options });
        let other = without_colour(&terminal::draw(&report, options));
        let cells = |text: &str| text.lines().map(|row| row.chars().count()).collect::<Vec<_>>();
        assert_eq!(cells(&plain), cells(&other));
        assert!(!options.unicode || plain == other);
    }
}

#[test]
fn every_colour_is_switched_off_again_on_its_row() {
    let drawn = terminal::draw(&handshake(), terminal::Options { color: true, ..Default::default() });
    assert!(drawn.contains("\u{1b}[38;5;31m3c 8c df c7 ..\u{1b}[0m"));
    for row in drawn.lines() {
        assert_eq!(row.matches("\u{1b}[").count(), 2 * row.matches("\u{1b}[0m").count(), "{row:?}");
    }
}

#[test]
fn the_parts_are_the_whole() {
    let report = handshake();
    for options in ways() {
        let parts = terminal::parts(&report, options);
        assert_eq!(parts.len(), 1 + 6 + 1);
        assert_eq!(parts.concat(), terminal::draw(&report, options));
        assert!(parts.iter().all(|part| part.ends_with('\n') && !part.contains("\n\n\n")));
    }
}

#[test]
fn without_bytes_the_words_and_the_ledger_stay() {
    let drawn = terminal::draw(&handshake(), terminal::Options { bytes: Bytes::None, ..Default::default() });
    assert!(!drawn.contains("client_version") && !drawn.contains("keystream   8a"));
    assert!(
        drawn.contains("\n    eavesdropper    ●●          ●             ·            ○         ·       ○\n")
    );
}

#[test]
fn with_all_bytes_each_field_has_a_row() {
    let drawn = terminal::draw(&handshake(), terminal::Options { bytes: Bytes::Full, ..Default::default() });
    for row in [
        "    0027                      cipher_suites",
        "    0027  03                    length           3 bytes follow",
        "    0029                        cipher_suite[1]  TLS_RSA_WITH_AES_128_GCM_SHA256",
    ] {
        assert!(drawn.lines().any(|line| line == row), "{row}");
    }
}

/// A message of one field that says what an attacker wants.
fn attack(meaning: &str) -> Report {
    static GLOSSARY: Glossary = Glossary(&[entry("", "name", Some(Identity), "", "a name")]);
    let mut layers = Layers::new();
    let id = layers.heard(SERVER, 0, "record", vec![1, 2, 3]);
    layers.read(id, |r| saying(r, "name", 3, meaning)).unwrap();
    let span = layers.whole(id);
    let shows = vec![Show::Message(Message::new("Attack", &span, &id.span(0..0)).shows([span.clone()]))];
    let steps = vec![Step { number: 1, shows, ..Step::default() }];
    Report { layers, glossaries: vec![&GLOSSARY], steps, ..Report::default() }
}

#[test]
fn text_from_outside_keeps_to_its_cells() {
    let (long, wide) = ("x".repeat(200), "x".to_owned() + &"日".repeat(100));
    let texts = [
        "\u{1b}[2J\r\nhi",
        "日本語の名前がとても長い証明書",
        "e\u{301}\u{200b}\u{202e}",
        "👩‍👩‍👧",
        "\u{1112}\u{1161}\u{11ab} 👍🏽 ❤\u{fe0f} ภาษา עברית",
        &long,
        &wide,
        "Zürich ΑΩ Ж",
    ];
    for text in texts {
        let report = attack(text);
        for options in ways() {
            let drawn = terminal::draw(&report, options);
            assert!(options.color || !drawn.contains('\u{1b}'), "{drawn:?}");
            for row in without_colour(&drawn).lines() {
                // Han, Kana and pictures have two cells each. What joins its neighbours is spelled out.
                let wide = |c: &char| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '👩' | '👧' | '👍');
                assert!(row.chars().count() + row.chars().filter(wide).count() <= 80, "{row}");
                let spelled_out = |c: char| {
                    matches!(c, '\u{300}'..='\u{36f}' | '\u{590}'.. )
                        && !wide(&c)
                        && !"─→·●○“”’═│━←".contains(c)
                };
                assert!(!row.contains(spelled_out), "{row}");
                assert!(options.unicode || row.is_ascii(), "{row}");
            }
        }
    }
    let drawn = terminal::draw(&attack("Zürich ΑΩ Ж"), terminal::Options::default());
    assert!(drawn.contains("Zürich ΑΩ Ж: a name"), "{drawn}");
    // There are 31 cells: room for fifteen letters of two.
    let drawn = terminal::draw(&attack("日本語の名前がとても長い証明書"), terminal::Options::default());
    assert!(drawn.contains("日本語の名前がとても長い証明書\n"), "{drawn}");
    let drawn = terminal::draw(&attack(&wide), terminal::Options::default());
    assert!(drawn.contains(&format!(" x{}..\n", "日".repeat(14))), "{drawn}");
}

#[test]
fn an_attackers_list_does_not_bury_the_story() {
    static GLOSSARY: Glossary = Glossary(&[entry("", "odd", None, "", ""), entry("", "even", None, "", "")]);
    let mut layers = Layers::new();
    let id = layers.heard(SERVER, 0, "record", vec![0; 2000]);
    let alternating = |r: &mut Reader| {
        let mut even = false;
        r.items(|r| {
            even = !even;
            r.bytes(if even { "even" } else { "odd" }, 1).map(drop)
        })
    };
    layers.read(id, alternating).unwrap();
    let span = layers.whole(id);
    let shows = vec![Show::Message(Message::new("Attack", &span, &id.span(0..0)).shows([span.clone()]))];
    let steps = vec![Step { number: 1, shows, ..Step::default() }];
    let report = Report { layers, glossaries: vec![&GLOSSARY], steps, ..Report::default() };
    let drawn = terminal::draw(&report, terminal::Options::default());
    assert_eq!(drawn.lines().filter(|row| row.contains("  00      ")).count(), 39, "{drawn}");
    assert!(
        drawn.ends_with("    0027                    1961 more fields     not shown in brief\n"),
        "{drawn}"
    );
}

#[test]
fn a_message_in_two_records_has_its_places_on_the_wire() {
    static GLOSSARY: Glossary =
        Glossary(&[entry("", "first", None, "", ""), entry("", "second", None, "", "")]);
    let mut layers = Layers::new();
    // Two records of another message stand before; each record has a header of five bytes.
    let mut said = vec![0; 100];
    said.extend([22, 3, 3, 0, 2, 0xa0, 0xa1]);
    said.extend([22, 3, 3, 0, 2, 0xb0, 0xb1]);
    let wire = layers.heard(SERVER, 7, "record", said);
    let joined = layers.joined("message", vec![wire.span(105..107), wire.span(112..114)]);
    layers
        .read(joined, |r| {
            r.bytes("first", 3)?;
            r.bytes("second", 1).map(drop)
        })
        .unwrap();
    let header = wire.span(100..105);
    let message = Message::new("Long", &header, &header).shows([layers.whole(joined)]);
    let steps = vec![Step { number: 1, shows: vec![Show::Message(message)], ..Step::default() }];
    let report = Report { layers, glossaries: vec![&GLOSSARY], steps, ..Report::default() };
    let drawn = terminal::draw(&report, terminal::Options::default());
    let expected = "
    0000  16 03 03 00 02  Long                   9 bytes in 2 fields
    0005  a0 a1 b0          first                3 bytes
    000d  b1                second               1 byte
";
    assert!(drawn.ends_with(expected), "{drawn}");
}

#[test]
fn messages_that_find_no_room_go_on_below() {
    let messages = ["ServerHello", "Certificate", "CertificateRequest", "ServerHelloDone"];
    let messages = messages.map(|name| (name.to_owned(), false)).to_vec();
    let rows = vec![Exchange { step: 2, way: Way::Left, messages, bytes: 12345 }];
    let ladder = Ladder { left: "client".into(), right: "server".into(), rows };
    let drawn = terminal::draw(&Report { ladder, ..Report::default() }, terminal::Options::default());
    let expected = "
       client                                                      server
 2      │←─ ServerHello ── Certificate ──────────────────────────────│
        │←─ CertificateRequest ── ServerHelloDone ─── all 12,345 B ──│
";
    assert!(drawn.contains(expected), "{drawn}");
}
