//! Object identifiers: names that nobody can take twice, each a path in a tree whose branches were
//! given away ([X.660](https://www.itu.int/rec/T-REC-X.660)).

use std::borrow::Cow;
use std::fmt;

use crate::wire::{Refused, Value};

/// An object identifier, kept as DER has it: each arc in base 128, the first two in one.
///
/// It prints as its name where this crate knows one, else as its arcs.
///
/// ```
/// use cutaway::pki::Oid;
/// use cutaway::wire::Value;
///
/// assert_eq!(Oid::decode(&[0x55, 0x04, 0x03]).unwrap().to_string(), "commonName");
/// assert_eq!(Oid::COMMON_NAME.arcs(), "2.5.4.3");
/// assert_eq!(Oid::decode(&[0x2a, 0x03, 0x87, 0x67]).unwrap().to_string(), "1.2.3.999");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(Cow<'static, [u8]>);

macro_rules! known {
    ($( $constant:ident $bytes:literal $name:literal; )*) => {
        impl Oid {
            $( #[doc = concat!("`", $name, "`")] pub const $constant: Self = Self(Cow::Borrowed($bytes)); )*

            /// All that have names here.
            pub const KNOWN: &'static [(Self, &'static str)] = &[$( (Self::$constant, $name) ),*];
        }
    };
}

// Names as RFC 5280, RFC 4519 and RFC 8017 give them.
known! {
    COMMON_NAME b"\x55\x04\x03" "commonName";
    SURNAME b"\x55\x04\x04" "surname";
    SERIAL_NUMBER b"\x55\x04\x05" "serialNumber";
    COUNTRY_NAME b"\x55\x04\x06" "countryName";
    LOCALITY_NAME b"\x55\x04\x07" "localityName";
    STATE_OR_PROVINCE_NAME b"\x55\x04\x08" "stateOrProvinceName";
    STREET_ADDRESS b"\x55\x04\x09" "streetAddress";
    ORGANIZATION_NAME b"\x55\x04\x0a" "organizationName";
    ORGANIZATIONAL_UNIT_NAME b"\x55\x04\x0b" "organizationalUnitName";
    TITLE b"\x55\x04\x0c" "title";
    GIVEN_NAME b"\x55\x04\x2a" "givenName";
    USER_ID b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01" "userId";
    DOMAIN_COMPONENT b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19" "domainComponent";
    EMAIL_ADDRESS b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01" "emailAddress";

    RSA_ENCRYPTION b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" "rsaEncryption";
    MD5_WITH_RSA_ENCRYPTION b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04" "md5WithRSAEncryption";
    SHA1_WITH_RSA_ENCRYPTION b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05" "sha1WithRSAEncryption";
    RSASSA_PSS b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" "RSASSA-PSS";
    SHA256_WITH_RSA_ENCRYPTION b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b" "sha256WithRSAEncryption";
    SHA384_WITH_RSA_ENCRYPTION b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c" "sha384WithRSAEncryption";
    SHA512_WITH_RSA_ENCRYPTION b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d" "sha512WithRSAEncryption";
    EC_PUBLIC_KEY b"\x2a\x86\x48\xce\x3d\x02\x01" "ecPublicKey";
    PRIME256V1 b"\x2a\x86\x48\xce\x3d\x03\x01\x07" "prime256v1";
    SECP384R1 b"\x2b\x81\x04\x00\x22" "secp384r1";
    ECDSA_WITH_SHA256 b"\x2a\x86\x48\xce\x3d\x04\x03\x02" "ecdsa-with-SHA256";
    ECDSA_WITH_SHA384 b"\x2a\x86\x48\xce\x3d\x04\x03\x03" "ecdsa-with-SHA384";
    X25519 b"\x2b\x65\x6e" "X25519";
    ED25519 b"\x2b\x65\x70" "Ed25519";

    SUBJECT_KEY_IDENTIFIER b"\x55\x1d\x0e" "subjectKeyIdentifier";
    KEY_USAGE b"\x55\x1d\x0f" "keyUsage";
    SUBJECT_ALT_NAME b"\x55\x1d\x11" "subjectAltName";
    ISSUER_ALT_NAME b"\x55\x1d\x12" "issuerAltName";
    BASIC_CONSTRAINTS b"\x55\x1d\x13" "basicConstraints";
    NAME_CONSTRAINTS b"\x55\x1d\x1e" "nameConstraints";
    CRL_DISTRIBUTION_POINTS b"\x55\x1d\x1f" "cRLDistributionPoints";
    CERTIFICATE_POLICIES b"\x55\x1d\x20" "certificatePolicies";
    POLICY_MAPPINGS b"\x55\x1d\x21" "policyMappings";
    AUTHORITY_KEY_IDENTIFIER b"\x55\x1d\x23" "authorityKeyIdentifier";
    POLICY_CONSTRAINTS b"\x55\x1d\x24" "policyConstraints";
    EXTENDED_KEY_USAGE b"\x55\x1d\x25" "extKeyUsage";
    INHIBIT_ANY_POLICY b"\x55\x1d\x36" "inhibitAnyPolicy";
    AUTHORITY_INFO_ACCESS b"\x2b\x06\x01\x05\x05\x07\x01\x01" "authorityInfoAccess";
    SIGNED_CERTIFICATE_TIMESTAMPS b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02" "signedCertificateTimestampList";

    ANY_EXTENDED_KEY_USAGE b"\x55\x1d\x25\x00" "anyExtendedKeyUsage";
    SERVER_AUTH b"\x2b\x06\x01\x05\x05\x07\x03\x01" "serverAuth";
    CLIENT_AUTH b"\x2b\x06\x01\x05\x05\x07\x03\x02" "clientAuth";
    CODE_SIGNING b"\x2b\x06\x01\x05\x05\x07\x03\x03" "codeSigning";
    EMAIL_PROTECTION b"\x2b\x06\x01\x05\x05\x07\x03\x04" "emailProtection";
    TIME_STAMPING b"\x2b\x06\x01\x05\x05\x07\x03\x08" "timeStamping";
    OCSP_SIGNING b"\x2b\x06\x01\x05\x05\x07\x03\x09" "OCSPSigning";

    PBES2 b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d" "PBES2";
}

impl Oid {
    /// Its bytes, as DER has them behind tag and length.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its name, if it has one here.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        Self::KNOWN.iter().find(|(known, _)| known == self).map(|&(_, name)| name)
    }

    /// Its arcs as numbers: `2.5.4.3`.
    #[must_use]
    pub fn arcs(&self) -> String {
        let mut arcs = String::new();
        let mut arc: u128 = 0;
        for &byte in self.0.iter() {
            arc = arc << 7 | u128::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                if arcs.is_empty() {
                    // X.690 §8.19.4: the first two arcs are 40·x + y, and x is at most 2.
                    let first = (arc / 40).min(2);
                    arcs = format!("{first}.{}", arc - 40 * first);
                } else {
                    arcs.push_str(&format!(".{arc}"));
                }
                arc = 0;
            }
        }
        arcs
    }
}

impl Value<'_> for Oid {
    const LENGTH: Option<usize> = None;

    /// X.690 §8.19: whole arcs, each in as few bytes as it needs.
    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes.last().is_none_or(|last| last & 0x80 != 0) {
            return Err("an object identifier that ends within an arc".into());
        }
        let (mut arc, mut begins): (u128, bool) = (0, true);
        for &byte in bytes {
            if begins && byte == 0x80 {
                return Err("an arc that is not in its shortest form".into());
            }
            // The largest in use are of 128 bits, made from UUIDs: those `arcs` can print.
            if arc >> 121 != 0 {
                return Err("an arc of more than 128 bits".into());
            }
            begins = byte & 0x80 == 0;
            arc = if begins { 0 } else { arc << 7 | u128::from(byte & 0x7f) };
        }
        if let Some((known, _)) = Self::KNOWN.iter().find(|(known, _)| known.0 == bytes) {
            return Ok(known.clone());
        }
        Ok(Self(Cow::Owned(bytes.to_vec())))
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&self.arcs()),
        }
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_one_is_valid_and_stands_once() {
        for (i, (oid, name)) in Oid::KNOWN.iter().enumerate() {
            assert_eq!(&Oid::decode(oid.as_bytes()).unwrap(), oid, "{name}");
            assert!(Oid::KNOWN[..i].iter().all(|(other, _)| other != oid), "{name}");
        }
    }

    #[test]
    fn prints_arcs_as_openssl_does() {
        // `openssl asn1parse -genstr OID:…` gave these encodings.
        let of = |bytes: &[u8]| Oid::decode(bytes).unwrap().arcs();
        assert_eq!(of(&hex::decode("2a864886f70d01010b").unwrap()), "1.2.840.113549.1.1.11");
        assert_eq!(of(&hex::decode("883703").unwrap()), "2.999.3");
        assert_eq!(
            of(&hex::decode("6983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776").unwrap()),
            "2.25.329800735698586629295641978511506172918"
        );
    }

    #[test]
    fn refuses_what_der_does_not_allow() {
        let why = |bytes: &[u8]| Oid::decode(bytes).unwrap_err().0.into_owned();
        assert_eq!(why(&[]), "an object identifier that ends within an arc");
        assert_eq!(why(&[0x55, 0x84]), "an object identifier that ends within an arc");
        assert_eq!(why(&[0x55, 0x80, 0x04]), "an arc that is not in its shortest form");
        assert_eq!(why(&[[0xff; 40].as_slice(), &[0]].concat()), "an arc of more than 128 bits");
    }
}
