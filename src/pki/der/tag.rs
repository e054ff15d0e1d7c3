//! The identifier octet: which type an element has.

use std::fmt;

use crate::wire::{Refused, Value};

/// An identifier octet (X.690 §8.1.2): class, primitive or constructed, and a number up to 30. Larger
/// numbers take more octets, and nothing in a certificate has one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u8);

macro_rules! universal {
    ($( $constant:ident = $identifier:literal $name:literal; )*) => {
        impl Tag {
            $( #[doc = concat!("`", $name, "`")] pub const $constant: Self = Self($identifier); )*

            /// The type's name in ASN.1, or the number of a tag that depends on where it stands: `[0]`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $( $identifier => $name, )*
                    _ => self.number_in_brackets(),
                }
            }
        }
    };
}

universal! {
    BOOLEAN = 0x01 "BOOLEAN";
    INTEGER = 0x02 "INTEGER";
    BIT_STRING = 0x03 "BIT STRING";
    OCTET_STRING = 0x04 "OCTET STRING";
    NULL = 0x05 "NULL";
    OBJECT_IDENTIFIER = 0x06 "OBJECT IDENTIFIER";
    ENUMERATED = 0x0a "ENUMERATED";
    UTF8_STRING = 0x0c "UTF8String";
    PRINTABLE_STRING = 0x13 "PrintableString";
    TELETEX_STRING = 0x14 "TeletexString";
    IA5_STRING = 0x16 "IA5String";
    UTC_TIME = 0x17 "UTCTime";
    GENERALIZED_TIME = 0x18 "GeneralizedTime";
    VISIBLE_STRING = 0x1a "VisibleString";
    UNIVERSAL_STRING = 0x1c "UniversalString";
    BMP_STRING = 0x1e "BMPString";
    SEQUENCE = 0x30 "SEQUENCE";
    SET = 0x31 "SET";
}

const CONSTRUCTED: u8 = 0x20;
const CONTEXT: u8 = 0x80;
const NUMBER: u8 = 0x1f;

impl Tag {
    pub(in crate::pki) const fn new(identifier: u8) -> Self {
        Self(identifier)
    }

    /// `[number]` of a primitive type, as `IMPLICIT` makes it.
    #[must_use]
    pub const fn implicit(number: u8) -> Self {
        assert!(number < NUMBER);
        Self(CONTEXT | number)
    }

    /// `[number]` around an element, as `EXPLICIT` makes it, or `IMPLICIT` of a `SEQUENCE`.
    #[must_use]
    pub const fn explicit(number: u8) -> Self {
        assert!(number < NUMBER);
        Self(CONTEXT | CONSTRUCTED | number)
    }

    /// The octet itself.
    #[must_use]
    pub const fn identifier(self) -> u8 {
        self.0
    }

    /// Whether elements lie in it.
    #[must_use]
    pub const fn is_constructed(self) -> bool {
        self.0 & CONSTRUCTED != 0
    }

    const fn number_in_brackets(self) -> &'static str {
        const NUMBERS: [&str; 31] = [
            "[0]", "[1]", "[2]", "[3]", "[4]", "[5]", "[6]", "[7]", "[8]", "[9]", "[10]", "[11]", "[12]",
            "[13]", "[14]", "[15]", "[16]", "[17]", "[18]", "[19]", "[20]", "[21]", "[22]", "[23]", "[24]",
            "[25]", "[26]", "[27]", "[28]", "[29]", "[30]",
        ];
        let number = (self.0 & NUMBER) as usize;
        if self.0 & 0xc0 == CONTEXT && number < NUMBERS.len() { NUMBERS[number] } else { "unknown type" }
    }
}

impl Value<'_> for Tag {
    const LENGTH: Option<usize> = Some(1);

    fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        match bytes[0] {
            byte if byte & NUMBER == NUMBER => Err("a tag number above 30".into()),
            byte => Ok(Self(byte)),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "unknown type" => write!(f, "unknown type {:#04x}", self.0),
            name => f.pad(name),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
