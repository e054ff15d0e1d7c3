//! Certificates cut short and changed: never a panic, and every byte in exactly one leaf.

use cutaway::pki::{Certificate, Time, TrustStore, Usage, validate};
use cutaway::wire::{Fields, Problem, Reader};
use proptest::prelude::*;

use crate::pki::fixtures::{CERTIFICATES, certificate};

/// The leaves of a recording cover `length` bytes without gap or overlap.
fn tiles(fields: &Fields, length: usize) {
    let mut at = 0;
    for leaf in fields.leaves() {
        assert_eq!(leaf.field().range().start, at, "{:?}", leaf.field());
        at = leaf.field().range().end;
    }
    assert_eq!(at, length);
}

#[test]
fn every_certificate_is_tiled() {
    for name in CERTIFICATES {
        let certificate = certificate(name);
        let (result, fields) = Reader::record(certificate.der(), Certificate::read);
        assert_eq!(result.unwrap(), certificate, "{name}");
        tiles(&fields, certificate.der().len());
    }
}

#[test]
fn every_prefix_ends_in_an_error_that_names_field_and_offset() {
    let leaf = certificate("leaf");
    for cut in 0..leaf.der().len() {
        let bytes = &leaf.der()[..cut];
        let error = Certificate::from_der(bytes).unwrap_err();
        assert!(error.path().starts_with("Certificate"), "{cut}: {error}");
        assert!(matches!(error.problem(), Problem::Short { .. }), "{cut}: {error}");
        assert!(error.range().start <= cut && error.range().end == cut, "{cut}: {error}");
        let (result, fields) = Reader::record(bytes, Certificate::read);
        assert_eq!(result.unwrap_err(), error);
        tiles(&fields, cut);
    }
}

#[test]
fn an_element_longer_than_its_parent_is_named() {
    let leaf = certificate("leaf");
    let (_, fields) = Reader::record(leaf.der(), Certificate::read);
    let lengths: Vec<_> = fields.all().iter().filter(|field| field.label == "length").collect();
    assert!(lengths.len() > 100);
    for length in lengths.iter().filter(|length| length.range().len() == 1) {
        let mut bytes = leaf.der().to_vec();
        bytes[length.range().start] = 0x7f;
        let (result, fields) = Reader::record(&bytes, Certificate::read);
        assert_eq!(Certificate::from_der(&bytes).err(), result.as_ref().err().cloned());
        if let Err(error) = &result {
            assert!(error.path().starts_with("Certificate."), "{error}");
        }
        tiles(&fields, bytes.len());
    }
}

#[test]
fn every_change_of_one_byte_is_refused_with_a_place_or_read_and_tiled() {
    let original = certificate("sha512");
    let mut bytes = original.der().to_vec();
    // One bit in each byte of the two large numbers, which are all alike; else every other byte.
    let (_, fields) = Reader::record(&bytes, Certificate::read);
    let key =
        "Certificate.tbsCertificate.subjectPublicKeyInfo.subjectPublicKey.RSAPublicKey.modulus.contents";
    let numbers =
        [key, "Certificate.signatureValue.contents"].map(|path| fields.find(path).unwrap().field().range());
    let (mut refused, mut read) = (0, 0);
    for at in 0..bytes.len() {
        let one_bit = numbers.iter().any(|number| number.contains(&at));
        for change in if one_bit { 1..=1 } else { 1..=255 } {
            bytes[at] = original.der()[at] ^ change;
            match Certificate::from_der(&bytes) {
                Ok(certificate) => {
                    assert_ne!(certificate, original);
                    read += 1;
                }
                Err(error) => {
                    assert!(error.path().starts_with("Certificate"), "{at}: {error}");
                    assert!(error.range().end <= bytes.len(), "{at}: {error}");
                    refused += 1;
                }
            }
        }
        let (_, fields) = Reader::record(&bytes, Certificate::read);
        tiles(&fields, bytes.len());
        bytes[at] = original.der()[at];
    }
    assert!(refused > 40_000 && read > 20_000, "{refused} refused, {read} read");
}

/// The signature covers every byte of a certificate that can be changed and read again.
#[test]
fn no_changed_byte_is_believed() {
    let chain = ["leaf", "intermediate"].map(certificate);
    let store = TrustStore::from_iter([certificate("root")]);
    let at = Time::from_unix(1_780_000_000);
    let verdict = |chain: &[Certificate]| validate(chain, &store, at, Usage::ServerAuth, None).map(drop);
    assert_eq!(verdict(&chain), Ok(()));
    let mut read = 0;
    for which in 0..chain.len() {
        let mut bytes = chain[which].der().to_vec();
        for at in 0..bytes.len() {
            bytes[at] ^= 1 << (at % 8);
            if let Ok(changed) = Certificate::from_der(&bytes) {
                let mut chain = chain.clone();
                chain[which] = changed;
                assert!(verdict(&chain).is_err(), "byte {at} of {which}");
                read += 1;
            }
            bytes[at] ^= 1 << (at % 8);
        }
    }
    assert!(read > 1000, "{read}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn watching_changes_nothing_and_tiles_whatever_comes(
        which in 0..CERTIFICATES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = certificate(CERTIFICATES[which]).der().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        let silent = Certificate::from_der(&bytes);
        let (watched, fields) = Reader::record(&bytes, Certificate::read);
        let watched = watched.and_then(|certificate| {
            if certificate.der().len() == bytes.len() { Ok(certificate) } else { Certificate::from_der(&bytes) }
        });
        prop_assert_eq!(silent, watched);
        tiles(&fields, bytes.len());
    }

    #[test]
    fn noise_is_never_a_certificate(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (result, fields) = Reader::record(&bytes, Certificate::read);
        prop_assert!(result.is_err());
        tiles(&fields, bytes.len());
    }
}
