//! CBC with its MAC outside: what a record is, byte for byte; that nothing is opened which the MAC does
//! not prove; and that nobody gets it without encrypt_then_mac (RFC 7366).

use cutaway::hash::hmac::textbook::hmac;
use cutaway::hash::{Hmac, Sha256};
use cutaway::pki::PrivateKey;
use cutaway::symmetric::aes::textbook::KeySchedule;
use cutaway::symmetric::cbc::textbook::{cbc_decrypt, cbc_encrypt};
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::alert::{Alert, AlertDescription};
use cutaway::tls::dissect::{CLIENT, Content, Known, SERVER, dissect};
use cutaway::tls::extension::{Extension, ExtensionType};
use cutaway::tls::hello::{self, ClientHello, ServerHello};
use cutaway::tls::message::Message;
use cutaway::tls::protection::Protection;
use cutaway::tls::record::{ContentType, MAX_PLAINTEXT};
use cutaway::tls::{CipherSuite, Client, ClientConfig, Connection, Error, Server, ServerConfig};
use rand::Rng;

use crate::hand::{client_hello, messages, server_hello};
use crate::pair::{
    self, Pair, QUESTION, client, client_config, client_with, feed, record, records, server, server_config,
    server_with,
};

const DATA: ContentType = ContentType::APPLICATION_DATA;
const CBC: [CipherSuite; 2] = [CipherSuite::RSA_AES_256_CBC_SHA256, CipherSuite::RSA_AES_128_CBC_SHA256];
const KEY: [u8; 16] = [0x11; 16];
const MAC_KEY: [u8; 32] = [0x22; 32];
const IV: [u8; 16] = [0x33; 16];

fn direction() -> Protection {
    Protection::cbc(&KEY, &MAC_KEY)
}

/// The first record of a direction, sealed.
fn sealed(text: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    direction().seal(&mut Generator::new(6, 0), DATA, text, &mut record).expect("the first of many");
    record
}

/// The first fragment of a direction with any bytes for its ciphertext, and a MAC that proves them.
fn proved(ciphertext: &[u8]) -> Vec<u8> {
    let covered = [&IV, ciphertext].concat();
    let length = u16::try_from(covered.len()).expect("it fits a record").to_be_bytes();
    let text = [&[0, 0, 0, 0, 0, 0, 0, 0, DATA.0, 3, 3], &length[..], &covered].concat();
    let mac = hmac::<Sha256>(&MAC_KEY, &text, |_, _| ());
    [&covered[..], mac.as_ref()].concat()
}

/// The same with the encryption of `text`, which is padded already, or badly.
fn proved_encryption(text: &[u8]) -> Vec<u8> {
    proved(cbc_encrypt(&KeySchedule::new(&KEY), &IV, text.as_chunks().0, |_, _| ()).as_flattened())
}

fn open(fragment: &mut [u8]) -> Result<Vec<u8>, Error> {
    direction().open(DATA, fragment).map(|text| text.to_vec())
}

/// RFC 5246 §6.2.3.2 and RFC 7366 §3, put together from the textbooks.
#[test]
fn a_record_is_what_the_standards_say_byte_for_byte() {
    for length in [0, 1, 14, 15, 16, 17, 1000] {
        let text = vec![b'x'; length];
        let record = sealed(&text);
        let (header, fragment) = record.split_at(5);
        assert_eq!(header[..3], [DATA.0, 3, 3]);
        assert_eq!(header[3..], u16::try_from(fragment.len()).unwrap().to_be_bytes());
        let (covered, mac) = fragment.split_at(fragment.len() - 32);

        let mut iv = [0; 16];
        Generator::new(6, 0).fill_bytes(&mut iv);
        assert_eq!(covered[..16], iv, "the generator's next bytes");
        let opened = cbc_decrypt(&KeySchedule::new(&KEY), &iv, covered[16..].as_chunks().0, |_, _| ());
        let padding = 16 - length % 16;
        assert_eq!(opened.as_flattened(), [&text[..], &vec![padding as u8 - 1; padding]].concat());

        let mut expected = Hmac::<Sha256>::new(&MAC_KEY);
        expected.update(&[0; 8]);
        expected.update(&[DATA.0, 3, 3]);
        expected.update(&u16::try_from(covered.len()).unwrap().to_be_bytes());
        expected.update(covered);
        assert_eq!(expected.finish().as_ref(), mac);
        assert_eq!(open(&mut record[5..].to_vec()).expect("sealed with these keys"), text);
    }
}

/// The bytes are left as they came: none was decrypted.
#[test]
fn a_byte_changed_anywhere_is_bad_record_mac_before_anything_is_decrypted() {
    let record = sealed(b"attack at dawn");
    for at in 5..record.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = record[5..].to_vec();
            changed[at - 5] ^= change;
            let mut fragment = changed.clone();
            assert!(matches!(open(&mut fragment), Err(Error::BadRecordMac)), "byte {at}");
            assert_eq!(fragment, changed, "byte {at}");
        }
    }
}

#[test]
fn a_record_cut_short_or_lengthened_is_bad_record_mac() {
    let record = sealed(&[b'x'; 40]);
    for length in 0..record.len() - 5 {
        assert!(matches!(open(&mut record[5..5 + length].to_vec()), Err(Error::BadRecordMac)), "{length}");
        let mut from_behind = record[record.len() - length..].to_vec();
        assert!(matches!(open(&mut from_behind), Err(Error::BadRecordMac)), "{length} from behind");
    }
    for more in [1, 16, 32] {
        let longer = [&record[5..], &vec![0; more]].concat();
        assert!(matches!(open(&mut longer.clone()), Err(Error::BadRecordMac)), "{more} more");
    }
}

/// A peer that holds the keys and does not know how to pad gets the same alert as a forger.
#[test]
fn behind_a_good_mac_a_bad_padding_and_a_broken_block_are_bad_record_mac_too() {
    let mut wrong = vec![proved(&[]), proved(&[7; 15]), proved(&[7; 17])];
    let mut paddings = vec![[16; 16], [255; 16], *b"attack at dawn\x00\x01", *b"attack at dawn\x01\x02"];
    paddings.extend((0..15).map(|at| {
        let mut padding = [15; 16];
        padding[at] ^= 1;
        padding
    }));
    wrong.extend(paddings.iter().map(|text| proved_encryption(text)));
    for fragment in wrong {
        let mut opened = fragment.clone();
        assert!(matches!(open(&mut opened), Err(Error::BadRecordMac)), "{fragment:02x?}");
        let text = &opened[16..opened.len() - 32];
        let untouched = text == &fragment[16..fragment.len() - 32];
        assert!(untouched || text.iter().all(|byte| *byte == 0), "what was decrypted is wiped");
    }
    for (text, content) in
        [(&[15; 16][..], &b""[..]), (&[255; 256], b""), (b"attack at dawn!\x00", b"attack at dawn!")]
    {
        assert_eq!(open(&mut proved_encryption(text)).expect("well padded"), content);
    }
}

/// RFC 5246 §6.2.1 bounds the text, whatever the padding.
#[test]
fn a_text_of_two_to_the_fourteen_bytes_is_the_longest() {
    let padded = |length: usize, padding: u8| {
        let mut text = vec![b'x'; length];
        text.resize(length + usize::from(padding) + 1, padding);
        proved_encryption(&text)
    };
    for padding in [15, 255] {
        assert_eq!(open(&mut padded(MAX_PLAINTEXT, padding)).expect("the longest").len(), MAX_PLAINTEXT);
    }
    let longer = open(&mut padded(MAX_PLAINTEXT + 1, 14));
    assert!(matches!(longer, Err(Error::RecordOverflow { length: 16_385, most: 16_384 })), "{longer:?}");
    let record = sealed(&vec![0; MAX_PLAINTEXT]);
    assert_eq!(record.len(), 5 + 16 + MAX_PLAINTEXT + 16 + 32);
}

/// SP 800-38A, Appendix C: an IV that can be foretold lets Eve test what she guesses (BEAST, 2011).
#[test]
fn no_two_records_have_the_same_iv_and_a_seed_gives_the_same_records() {
    let run = || {
        let (mut seals, mut rng) = (direction(), Generator::new(8, 0));
        let records = [(); 20].map(|()| {
            let mut record = Vec::new();
            seals.seal(&mut rng, DATA, b"the same again", &mut record).unwrap();
            record
        });
        records.to_vec()
    };
    let records = run();
    for (n, record) in records.iter().enumerate() {
        assert!(records[..n].iter().all(|earlier| earlier[5..21] != record[5..21]));
    }
    assert_eq!(records, run());
}

#[test]
fn a_record_said_twice_left_out_or_of_another_type_is_bad_record_mac() {
    let mut seals = direction();
    let mut next = |text: &[u8]| {
        let mut record = Vec::new();
        seals.seal(&mut Generator::new(6, 0), DATA, text, &mut record).unwrap();
        record
    };
    let (first, second) = (next(b"first"), next(b"second"));
    let refused = |opens: &mut Protection, kind, record: &[u8]| {
        matches!(opens.open(kind, &mut record[5..].to_vec()), Err(Error::BadRecordMac))
    };
    let mut opens = direction();
    assert!(opens.open(DATA, &mut first[5..].to_vec()).is_ok());
    assert!(refused(&mut opens, DATA, &first));
    assert!(refused(&mut direction(), DATA, &second));
    assert!(refused(&mut direction(), ContentType::ALERT, &first));
}

fn client_of(suites: &[CipherSuite]) -> Client {
    client_with(ClientConfig { suites: suites.to_vec(), ..client_config() })
}

fn server_of(suites: &[CipherSuite]) -> Server {
    let mut config: ServerConfig = server_config();
    config.suites = suites.to_vec();
    server_with(config)
}

/// In a whole connection: the alert goes out, sealed, and nothing of the text comes out. Changed are the
/// first and the last byte of IV, ciphertext and MAC.
#[test]
fn a_connection_ends_at_a_changed_byte_and_gives_out_nothing() {
    for (suite, at) in CBC.into_iter().flat_map(|suite| [5, 20, 21, 52, 53, 84].map(|at| (suite, at))) {
        let mut pair = Pair::new(client_of(&[suite]), server_of(&[suite]));
        pair.run();
        pair.client.send(QUESTION).unwrap();
        let mut said = pair.client.take_outgoing();
        assert_eq!(said.len(), 85);
        said[at] ^= 1;
        let refused = feed(&mut pair.server, &said);
        assert!(matches!(refused, Err(Error::BadRecordMac)), "{refused:?}");
        assert_eq!(pair.server.plaintext_waiting(), 0);
        let alert = pair.server.take_outgoing();
        assert_eq!(records(&alert).len(), 1);
        let Err(Error::PeerAlert { alert, .. }) = feed(&mut pair.client, &alert) else { panic!("no alert") };
        assert_eq!(alert, Alert::fatal(AlertDescription::BAD_RECORD_MAC));
    }
}

/// The window: each part of a sealed record, and of what was opened, under its own name; and after a
/// change nothing is opened.
#[test]
fn the_window_names_every_part_of_a_record_and_opens_none_that_was_changed() {
    let known = || Known {
        server_key: Some(PrivateKey::Rsa((**pair::KEY).clone()).to_pkcs1_der()),
        ..Known::default()
    };
    for suite in CBC {
        let pair = Pair::whole(client_of(&[suite]), server_of(&[suite]));
        let dissection = dissect(&pair.transcript, &known());
        let layers = &dissection.layers;
        let event = dissection.find(CLIENT, Content::ApplicationData).expect("opened");
        assert_eq!(layers.bytes(&event.message), QUESTION);
        let leaves = |layer| -> Vec<_> {
            let leaves = layers.get(layer).fields.leaves().map(|leaf| leaf.field());
            leaves.map(|field| (field.label, field.range().len())).collect()
        };
        let record = event.records[0].layer;
        let parts = [("type", 1), ("version", 2), ("length", 2), ("IV", 16), ("ciphertext", 32), ("MAC", 32)];
        assert_eq!(leaves(record), parts);
        assert_eq!(leaves(event.message.layer), [("data", 18), ("padding", 13), ("padding_length", 1)]);
        // The MAC that was computed is the one that was said.
        let said = layers.find(record, "TLSCiphertext.MAC").expect("it has one");
        let computed: Vec<_> = layers.matched(&said).collect();
        assert_eq!(computed.len(), 1);
        let made_from: Vec<_> =
            layers.made_from(computed[0]).map(|span| layers.get(span.layer).name).collect();
        assert_eq!(made_from, ["key_block", "additional_data", "record", "record"]);

        let mut changed = pair.transcript.clone();
        let wire = layers.on_the_wire(&event.message)[0].clone();
        let chunk = changed
            .chunks
            .iter_mut()
            .rfind(|chunk| chunk.from == CLIENT && chunk.bytes.starts_with(layers.get(wire.layer).bytes()));
        chunk.expect("it was said").bytes[wire.range.start] ^= 1;
        let dissection = dissect(&changed, &known());
        assert!(dissection.find(CLIENT, Content::ApplicationData).is_none());
        assert!(dissection.find(CLIENT, Content::Sealed(DATA)).is_some());
        assert!(dissection.find(SERVER, Content::ApplicationData).is_some(), "the others open all the same");
    }
}

fn hello_of(client: &mut Client) -> ClientHello {
    let Ok(Message::ClientHello(hello)) = Message::from_bytes(&messages(&client.take_outgoing())[0]) else {
        panic!("no ClientHello")
    };
    hello
}

fn said(message: &Message) -> Vec<u8> {
    record(ContentType::HANDSHAKE, &message.to_bytes())
}

/// What a server answers, or why not and with which alert.
fn answer(mut server: Server, hello: &ClientHello) -> Result<ServerHello, (Error, Vec<u8>)> {
    match feed(&mut server, &said(&Message::ClientHello(hello.clone()))) {
        Err(error) => Err((error, server.take_outgoing())),
        Ok(_) => match Message::from_bytes(&messages(&server.take_outgoing())[0]) {
            Ok(Message::ServerHello(hello)) => Ok(hello),
            other => panic!("{other:?}"),
        },
    }
}

fn says_it(extensions: &[Extension]) -> bool {
    hello::find(extensions, ExtensionType::ENCRYPT_THEN_MAC).is_some()
}

#[test]
fn a_client_offers_encrypt_then_mac_if_it_offers_cbc_and_by_default_neither() {
    let default = hello_of(&mut client());
    assert!(!says_it(&default.extensions));
    assert!(!default.cipher_suites.iter().any(|suite| suite.needs_encrypt_then_mac()));
    for suite in CBC {
        assert!(says_it(&hello_of(&mut client_of(&[suite])).extensions));
    }
    assert!(says_it(&hello_of(&mut client_of(&CipherSuite::IMPLEMENTED)).extensions));
}

#[test]
fn a_server_answers_encrypt_then_mac_when_it_picks_cbc_and_never_with_an_aead() {
    let hello = hello_of(&mut client_of(&CipherSuite::IMPLEMENTED));
    let gcm = answer(server_of(&CipherSuite::IMPLEMENTED), &hello).expect("suites in common");
    assert_eq!(gcm.cipher_suite, CipherSuite::RSA_AES_256_GCM_SHA384);
    assert!(!says_it(&gcm.extensions));
    for suite in CBC {
        let cbc = answer(server_of(&[suite, CipherSuite::RSA_AES_256_GCM_SHA384]), &hello).unwrap();
        assert_eq!(cbc.cipher_suite, suite);
        assert!(says_it(&cbc.extensions));
    }
}

#[test]
fn a_server_refuses_a_client_that_has_cbc_without_encrypt_then_mac() {
    let mut hello = client_hello();
    for suite in CBC {
        hello.cipher_suites = vec![suite];
        let (error, alert) = answer(server_of(&CipherSuite::IMPLEMENTED), &hello).expect_err("it must not");
        let words = error.to_string();
        assert!(words.contains("only together with encrypt_then_mac (RFC 7366)"), "{words}");
        assert!(words.contains("Lucky Thirteen") && words.contains(&suite.to_string()), "{words}");
        let expected = [2, AlertDescription::INSUFFICIENT_SECURITY.0];
        assert_eq!(records(&alert), [(ContentType::ALERT, &expected[..])]);

        // With an AEAD beside it that is taken, though the server would like the other better.
        hello.cipher_suites.push(CipherSuite::RSA_AES_128_GCM_SHA256);
        let picked = answer(server_of(&[suite, CipherSuite::RSA_AES_128_GCM_SHA256]), &hello).unwrap();
        assert_eq!(picked.cipher_suite, CipherSuite::RSA_AES_128_GCM_SHA256);
        assert!(!says_it(&picked.extensions));
    }
    // A server that was not told to speak CBC does not speak it at all.
    hello.cipher_suites = CBC.to_vec();
    hello.extensions.push(Extension::EncryptThenMac);
    let (error, _) = answer(server(), &hello).expect_err("not by default");
    assert!(matches!(error, Error::NoCommonSuite { .. }), "{error}");
}

#[test]
fn a_client_refuses_a_server_that_does_not_answer_encrypt_then_mac_or_answers_out_of_place() {
    use AlertDescription as A;
    let etm = Extension::EncryptThenMac;
    let (cbc, gcm) = (CipherSuite::RSA_AES_128_CBC_SHA256, CipherSuite::RSA_AES_128_GCM_SHA256);
    for (offered, picked, extra, words, alert) in [
        (&[cbc][..], cbc, None, "only together with encrypt_then_mac (RFC 7366)", A::HANDSHAKE_FAILURE),
        (&[gcm, cbc], gcm, Some(etm.clone()), "answers encrypt_then_mac, and picked", A::ILLEGAL_PARAMETER),
        (&[gcm], gcm, Some(etm.clone()), "encrypt_then_mac, which was not offered", A::UNSUPPORTED_EXTENSION),
        (&[gcm], cbc, Some(etm.clone()), "which was not offered", A::ILLEGAL_PARAMETER),
    ] {
        let mut client = client_of(offered);
        client.take_outgoing();
        let mut hello = server_hello();
        hello.cipher_suite = picked;
        hello.extensions.extend(extra);
        let error = feed(&mut client, &said(&Message::ServerHello(hello))).expect_err("it must not");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(records(&client.take_outgoing()).pop(), Some((ContentType::ALERT, &[2, alert.0][..])));
    }
}

/// RFC 7366 §2: the extension has no body.
#[test]
fn encrypt_then_mac_with_a_body_is_a_decode_error() {
    let mut hello = client_hello();
    hello.extensions.push(Extension::Other { kind: ExtensionType::ENCRYPT_THEN_MAC, data: vec![0] });
    let (error, alert) = answer(server(), &hello).expect_err("it must not");
    assert!(error.to_string().contains("1 byte left over"), "{error}");
    assert_eq!(records(&alert), [(ContentType::ALERT, &[2, AlertDescription::DECODE_ERROR.0][..])]);
}
