//! Structures that write themselves: each field under its own name, an enum's variant under a tag.
//! serde's derive does the same, and costs the first run of an example two seconds of building.

macro_rules! data {
    ($( $(#[$about:meta])* $see:vis struct $name:ident $(<$life:lifetime>)? {
        $( $(#[$note:meta])* $field:ident: $kind:ty, )*
    } )*) => {$(
        $(#[$about])*
        $see struct $name $(<$life>)? { $( $(#[$note])* $field: $kind, )* }

        impl $(<$life>)? serde_core::Serialize for $name $(<$life>)? {
            fn serialize<S: serde_core::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut map = serde_core::Serializer::serialize_map(to, None)?;
                $( serde_core::ser::SerializeMap::serialize_entry(&mut map, stringify!($field), &self.$field)?; )*
                serde_core::ser::SerializeMap::end(map)
            }
        }
    )*};
}

macro_rules! tagged {
    ($tag:literal $(#[$about:meta])* $see:vis enum $name:ident $(<$life:lifetime>)? {
        $( $variant:ident = $text:literal { $( $field:ident: $kind:ty ),* $(,)? }, )*
    }) => {
        $(#[$about])*
        $see enum $name $(<$life>)? { $( $variant { $( $field: $kind, )* }, )* }

        impl $(<$life>)? serde_core::Serialize for $name $(<$life>)? {
            fn serialize<S: serde_core::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut map = serde_core::Serializer::serialize_map(to, None)?;
                match self {
                    $( Self::$variant { $( $field, )* } => {
                        if !$tag.is_empty() {
                            serde_core::ser::SerializeMap::serialize_entry(&mut map, $tag, $text)?;
                        }
                        $( serde_core::ser::SerializeMap::serialize_entry(&mut map, stringify!($field), $field)?; )*
                    } )*
                }
                serde_core::ser::SerializeMap::end(map)
            }
        }
    };
}

pub(super) use {data, tagged};
