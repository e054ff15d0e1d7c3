//! Key files in every form that OpenSSL writes.

use cutaway::pki::{PrivateKey, pem};
use cutaway::wire::Reader;

use crate::pki::fixtures::text;

#[test]
fn both_forms_hold_the_same_key_and_are_written_as_openssl_writes_them() {
    for bits in [2048, 3072] {
        let (pkcs1, pkcs8) = (text(&format!("key_{bits}.pkcs1")), text(&format!("key_{bits}.pkcs8")));
        let key = PrivateKey::from_pem(&pkcs1).unwrap();
        assert_eq!(key.public().bits(), bits);
        assert_eq!(PrivateKey::from_pem(&pkcs8).unwrap().public(), key.public());
        assert_eq!(key.to_pkcs1_pem().reveal(), pkcs1);
        assert_eq!(key.to_pkcs8_pem().reveal(), pkcs8);
        for der in [key.to_pkcs1_der(), key.to_pkcs8_der()] {
            assert_eq!(PrivateKey::from_der(der.reveal()).unwrap().public(), key.public());
        }
    }
}

#[test]
fn what_is_no_key_of_ours_is_said_with_the_way_out() {
    let why = |name: &str| PrivateKey::from_pem(&text(name)).unwrap_err().to_string();
    let sealed = "the key is sealed with a password; open it with `openssl pkey -in FILE -out NEW-FILE`";
    assert_eq!(why("key_sealed.pkcs8"), format!("line 1: {sealed}"));
    assert_eq!(why("key_sealed.pkcs1"), format!("line 2: {sealed}"));
    assert_eq!(why("key_ec.pkcs8"), "a key for ecPublicKey, expected one for RSA");
    assert_eq!(why("key_ec.sec1"), "a key for EC, expected one for RSA");
    assert_eq!(why("key_public"), "no private key in it; found PUBLIC KEY");
    assert_eq!(why("leaf"), "no private key in it; found CERTIFICATE");
}

#[test]
fn a_key_whose_numbers_do_not_belong_together_is_refused() {
    let key = PrivateKey::from_pem(&text("key_2048.pkcs1")).unwrap();
    let mut der = key.to_pkcs1_der().reveal().to_vec();
    *der.last_mut().unwrap() ^= 1;
    let error = PrivateKey::from_der(&der).unwrap_err().to_string();
    assert_eq!(error, "the private key cannot be used: the coefficient is not the inverse of q modulo p");
    let error = PrivateKey::from_der(&der[..100]).unwrap_err().to_string();
    assert!(error.starts_with("the private key is broken: RSAPrivateKey: needs "), "{error}");
}

/// Every prefix, and every change of one byte: an error or a key, and a recording that tiles.
#[test]
fn a_broken_key_file_never_panics() {
    let key = PrivateKey::from_pem(&text("key_2048.pkcs8")).unwrap().to_pkcs8_der();
    for cut in 0..key.reveal().len() {
        assert!(Reader::new(&key.reveal()[..cut]).whole(PrivateKey::read).is_err());
    }
    let mut bytes = key.reveal().to_vec();
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            bytes[at] ^= change;
            let (result, fields) = Reader::record(&bytes, PrivateKey::read);
            assert_eq!(result.is_err(), Reader::new(&bytes).whole(PrivateKey::read).is_err());
            assert_eq!(fields.leaves().map(|leaf| leaf.field().range().len()).sum::<usize>(), bytes.len());
            bytes[at] ^= change;
        }
    }
    assert_eq!(bytes, key.reveal());
}

#[test]
fn a_window_into_a_key_names_its_numbers() {
    let key = PrivateKey::from_pem(&text("key_2048.pkcs8")).unwrap();
    let der = key.to_pkcs8_der();
    let (result, fields) = Reader::record(der.reveal(), PrivateKey::read);
    result.map(drop).unwrap();
    let inside = fields.find("PrivateKeyInfo.privateKey.RSAPrivateKey").unwrap();
    let labels: Vec<_> = inside.children().map(|node| node.field().label).collect();
    assert_eq!(
        labels,
        [
            "identifier",
            "length",
            "version",
            "modulus",
            "publicExponent",
            "privateExponent",
            "prime1",
            "prime2",
            "exponent1",
            "exponent2",
            "coefficient"
        ]
    );
    assert_eq!(inside.find("prime1").unwrap().field().meaning.as_deref(), Some("1024 bits"));
}

#[test]
fn a_key_belongs_to_its_certificate_alone() {
    use cutaway::pki::{Name, Request, Time, Validity, authority};
    let PrivateKey::Rsa(key) = PrivateKey::from_pem(&text("key_2048.pkcs1")).unwrap() else { unreachable!() };
    let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
    let validity = Validity::days(Time::from_unix(0), 1);
    let request = Request::bare(Name::of("x"), key.public(), validity);
    let certificate = authority::self_signed(&mut rng, &key, &request).unwrap();
    assert!(PrivateKey::Rsa(key).belongs_to(&certificate));
    assert!(!PrivateKey::from_pem(&text("key_3072.pkcs8")).unwrap().belongs_to(&certificate));
}

#[test]
fn pem_says_what_it_is() {
    assert_eq!(pem::read(&text("key_public")).unwrap()[0].label(), "PUBLIC KEY");
}
