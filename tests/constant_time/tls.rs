//! The key schedule, sealed records, and the server's way from ClientKeyExchange to its refusal.

use std::sync::Arc;

use cutaway::hash::HashAlgorithm;
use cutaway::symmetric::chacha20::Generator;
use cutaway::tls::message::Message;
use cutaway::tls::protection::Protection;
use cutaway::tls::record::ContentType;
use cutaway::tls::v12::key_schedule::{self, Keys, Side};
use cutaway::tls::{CipherSuite, Connection, Error, Server, ServerConfig};
use cutaway_tests::valgrind::memcheck::publish;

use crate::hand::{Hand, client_hello, premaster, public_key};
use crate::pair::{CERTIFICATE, feed};
use crate::rsa::{SecretGenerator, secret_key};
use crate::{Case, answers, public, secret, still_secret};

pub const CASES: &[Case] = &[
    ("PRF", prf),
    ("master secrets", master_secrets),
    ("keys", keys),
    ("Finished, compared", finished),
    ("records of GCM, sealed and opened", gcm_records),
    ("records of CBC, sealed and refused", cbc_records),
];

pub const SERVER: &[Case] = &[("a malformed premaster secret, refused", refusal)];

const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

fn prf() {
    for hash in HASHES {
        let mut output = public::<100>();
        key_schedule::prf(hash, &secret::<48>(), b"test label", &public::<64>(), &mut output);
        still_secret(&output);
    }
}

fn master_secrets() {
    for hash in HASHES {
        let master = key_schedule::master_secret(hash, &secret::<48>(), &public::<32>(), &public::<32>());
        still_secret(master.reveal());
        let master = key_schedule::extended_master_secret(hash, &secret::<48>(), &public::<48>());
        still_secret(master.reveal());
    }
}

fn keys() {
    for suite in CipherSuite::IMPLEMENTED {
        let parameters = suite.parameters().expect("it is implemented");
        let block = key_schedule::key_block(parameters, &secret::<48>(), &public::<32>(), &public::<32>());
        let keys = Keys::of(&block, parameters);
        still_secret(keys.client_write_key);
        still_secret(keys.server_write_iv);
        still_secret(keys.server_write_mac_key);
    }
}

fn finished() {
    for hash in HASHES {
        let expected = key_schedule::verify_data(hash, &secret::<48>(), Side::Client, &public::<48>());
        still_secret(&expected);
        answers(cutaway::secret::equal(&expected, &public::<12>()), false);
        answers(cutaway::secret::equal(&expected, &{ expected }), true);
    }
}

/// A record as it goes over the wire.
fn record(mut protection: Protection) -> Vec<u8> {
    let mut record = Vec::new();
    let mut rng = Generator::new(4, 0);
    protection
        .seal(&mut rng, ContentType::APPLICATION_DATA, &secret::<500>(), &mut record)
        .expect("the first record");
    still_secret(&record[5 + 16..]);
    publish(&mut record);
    record
}

fn opens(mut protection: Protection, record: &[u8], expected: bool) {
    let mut fragment = record[5..].to_vec();
    let opened = protection.open(ContentType::APPLICATION_DATA, &mut fragment);
    answers(matches!(opened, Err(Error::BadRecordMac)), !expected);
    if let Ok(plaintext) = opened {
        still_secret(plaintext);
    }
}

fn gcm_records() {
    let protection = || Protection::gcm(&secret::<32>(), secret::<4>());
    let mut record = record(protection());
    opens(protection(), &record, true);
    record[40] ^= 1;
    opens(protection(), &record, false);
}

/// Behind a good MAC the padding is looked at, and only those who hold the keys get that far.
fn cbc_records() {
    let protection = || Protection::cbc(&secret::<32>(), &secret::<32>());
    let mut record = record(protection());
    record[40] ^= 1;
    opens(protection(), &record, false);
}

/// All that a server does with a ClientKeyExchange, ChangeCipherSpec and Finished, with a key and random
/// numbers that are secret, until it refuses: for a block that was padded as it should be, and for one that
/// was not. (Of one that it believes, the plaintext would be secret as well, and is to be read.)
fn refusal() {
    let good = public_key().encrypt(&mut Generator::new(3, 0), &[0x77; 48]).expect("48 bytes fit");
    let key = Arc::new(secret_key());
    for ciphertext in [good, vec![0x11; 256]] {
        let config = ServerConfig::new(vec![CERTIFICATE.clone()], Arc::clone(&key)).expect("it belongs");
        let mut server = Server::new(Arc::new(config), SecretGenerator(Generator::new(2, 0)));
        let mut hand = Hand::new(Side::Client);
        feed(&mut server, &hand.say(&Message::ClientHello(client_hello()))).expect("all is in order");
        // Its random goes over the wire.
        let mut said = server.take_outgoing();
        publish(&mut said);
        hand.hear(&said);
        let exchange = hand.key_exchange(ciphertext, &premaster());
        feed(&mut server, &exchange).expect("nothing is said yet");
        let refused = feed(&mut server, &hand.finish());
        answers(matches!(refused, Err(Error::BadRecordMac)), true);
        assert_eq!(server.take_outgoing(), [21, 3, 3, 0, 2, 2, 20]);
    }
}
