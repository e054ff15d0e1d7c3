//! DER, X.509 and PEM: read or refused with a place, the same when it is watched, and believed only if
//! it is what the authority signed.

use std::sync::LazyLock;

use cutaway::pki::validation::{Answer, explain};
use cutaway::pki::{Certificate, PrivateKey, TrustStore, Usage, pem, validate};
use cutaway::wire::{Fields, Reader};

use crate::pair::{AUTHORITY, CERTIFICATE, ELLIPTIC, SIGNS_ONLY, localhost, now};

/// Whom everybody here trusts.
static STORE: LazyLock<TrustStore> = LazyLock::new(|| TrustStore::from_iter([AUTHORITY.clone()]));

/// Certificates with something odd about them.
const OTHERS: [&[u8]; 7] = [
    include_bytes!("../../tests/fixtures/pki/constrained.pem"),
    include_bytes!("../../tests/fixtures/pki/ec.pem"),
    include_bytes!("../../tests/fixtures/pki/intermediate.pem"),
    include_bytes!("../../tests/fixtures/pki/leaf.pem"),
    include_bytes!("../../tests/fixtures/pki/sha512.pem"),
    include_bytes!("../../tests/fixtures/pki/strange.pem"),
    include_bytes!("../../tests/fixtures/pki/v1.pem"),
];

const KEYS: [&[u8]; 2] = [
    include_bytes!("../../tests/fixtures/pki/key_2048.pkcs1.pem"),
    include_bytes!("../../tests/fixtures/pki/key_2048.pkcs8.pem"),
];

pub fn certificates(bytes: &[u8]) {
    certificate(bytes);
    key(bytes);
    files(bytes);
}

/// The leaves of a recording cover all bytes without gap or overlap.
pub fn tiles(fields: &Fields, length: usize) {
    let mut at = 0;
    for leaf in fields.leaves() {
        assert_eq!(leaf.field().range().start, at, "{:?}", leaf.field());
        at = leaf.field().range().end;
    }
    assert_eq!(at, length);
}

fn certificate(bytes: &[u8]) {
    let read = Certificate::from_der(bytes);
    let (watched, fields) = Reader::record(bytes, |r| {
        let certificate = Certificate::read(r)?;
        if r.left() == 0 { Ok(certificate) } else { Certificate::from_der(bytes) }
    });
    tiles(&fields, bytes.len());
    assert_eq!(read, watched, "watching changes nothing");
    let certificate = match read {
        Ok(certificate) => certificate,
        Err(error) => {
            assert!(error.range().end <= bytes.len(), "{error}");
            return;
        }
    };
    assert_eq!(certificate.der(), bytes);
    let file = certificate.to_pem();
    let again = Certificate::from_pem(file.as_bytes()).expect("just written");
    assert!(again.len() == 1 && again[0] == certificate);

    // As whoever it claims to be, as its own authority, and as somebody on the way.
    let known = [&CERTIFICATE, &SIGNS_ONLY, &ELLIPTIC, &AUTHORITY].iter().any(|one| ***one == certificate);
    let own = TrustStore::from_iter([certificate.clone()]);
    let (chain, behind) = ([certificate.clone()], [CERTIFICATE.clone(), certificate.clone(), certificate]);
    for usage in [Usage::ServerAuth, Usage::ClientAuth] {
        for (chain, store) in [(&chain[..], &*STORE), (&chain, &own), (&behind, &own), (&behind, &STORE)] {
            let verdict = validate(chain, store, now(), usage, Some(&localhost()));
            let answers = explain(chain, store, now(), usage, Some(&localhost())).expect("there is a leaf");
            let all_hold = answers.iter().all(|check| check.answer == Answer::Holds);
            assert_eq!(verdict.is_ok(), all_hold, "the same verdict in words: {verdict:?}");
            if std::ptr::eq(store, &*STORE) && std::ptr::eq(chain, &chain[..1]) {
                assert!(known || verdict.is_err(), "nobody signed it: {verdict:?}");
            }
        }
    }
}

fn key(bytes: &[u8]) {
    let (_, fields) = Reader::record(bytes, |r| PrivateKey::read(r).map(drop));
    tiles(&fields, bytes.len());
    if let Ok(key) = PrivateKey::from_der(bytes) {
        let again = PrivateKey::from_der(key.to_pkcs8_der().reveal()).expect("just written");
        assert_eq!(again.public(), key.public());
    }
}

fn files(bytes: &[u8]) {
    let Ok(blocks) = pem::read(bytes) else { return };
    for block in &blocks {
        assert!(block.contents().len() <= bytes.len());
        let again = pem::read(pem::write(block.label(), block.contents()).as_bytes());
        let again = again.expect("just written");
        assert_eq!((again[0].label(), again[0].contents()), (block.label(), block.contents()));
    }
    let _ = Certificate::from_pem(bytes);
    let _ = PrivateKey::from_pem(bytes);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let ours = [&CERTIFICATE, &SIGNS_ONLY, &ELLIPTIC, &AUTHORITY].map(|one| one.der().to_vec());
    let others = OTHERS.iter().chain(&KEYS).flat_map(|file| {
        let block = pem::read(file).expect("made with OpenSSL").remove(0);
        [block.contents().to_vec(), file.to_vec()]
    });
    ours.into_iter().chain(others).collect()
}
