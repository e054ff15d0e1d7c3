//! Things of fixed form that know their own meaning: what a value prints *is* what its field means,
//! so a decoder cannot name one thing and mean another.

use std::borrow::Cow;
use std::fmt::Display;

/// Something that is decoded from its bytes alone.
pub trait Value<'a>: Display + Sized {
    /// How many bytes it takes, or `None` if it takes all that it is given.
    const LENGTH: Option<usize>;

    /// The value of these bytes.
    ///
    /// # Errors
    /// [`Refused`] if the bytes are no such value, with the reason.
    fn decode(bytes: &'a [u8]) -> Result<Self, Refused>;
}

/// Why bytes are not a value. The reason says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub Cow<'static, str>);

impl From<&'static str> for Refused {
    fn from(reason: &'static str) -> Self {
        Self(reason.into())
    }
}

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self(reason.into())
    }
}

macro_rules! integer {
    ($($integer:ty)*) => {$(
        impl Value<'_> for $integer {
            const LENGTH: Option<usize> = Some(size_of::<$integer>());

            fn decode(bytes: &[u8]) -> Result<Self, Refused> {
                Ok(Self::from_be_bytes(bytes.try_into().map_err(|_| "wrong length for an integer")?))
            }
        }
    )*};
}

integer!(u8 u16 u32 u64);

/// An enumeration of a wire format: a number with some names, and room for those of tomorrow. An
/// unknown number is kept as it is and prints as `unknown (0x1a2b)`.
macro_rules! open_enum {
    (
        $(#[$outer:meta])*
        $vis:vis struct $name:ident($number:ty) {
            $( $(#[$inner:meta])* $constant:ident = $value:literal $text:literal; )*
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(pub $number);

        impl $name {
            $( $(#[$inner])* pub const $constant: Self = Self($value); )*

            /// The name of the number, if it is one of those known here.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $value => Some($text), )*
                    _ => None,
                }
            }

            /// The numbers that have names here.
            pub const KNOWN: &'static [Self] = &[$( Self::$constant ),*];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => write!(f, "unknown ({:#0width$x})", self.0, width = 2 + 2 * size_of::<$number>()),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl $crate::wire::Value<'_> for $name {
            const LENGTH: Option<usize> = Some(size_of::<$number>());

            fn decode(bytes: &[u8]) -> Result<Self, $crate::wire::Refused> {
                <$number as $crate::wire::Value>::decode(bytes).map(Self)
            }
        }
    };
}

pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use super::*;

    open_enum! {
        /// A colour.
        struct Colour(u16) {
            /// Red.
            RED = 1 "red";
        }
    }

    #[test]
    fn an_open_enumeration_keeps_what_it_does_not_know() {
        assert_eq!(Colour::decode(&[0, 1]), Ok(Colour::RED));
        assert_eq!(Colour::RED.to_string(), "red");
        assert_eq!(Colour::decode(&[0x1a, 0x2b]).unwrap().to_string(), "unknown (0x1a2b)");
        assert_eq!(Colour::KNOWN, [Colour::RED]);
    }
}
