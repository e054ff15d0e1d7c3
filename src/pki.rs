//! Who is who: DER, PEM, keys, certificates and their validation.

pub mod der;
pub mod extension;
pub mod general_name;
pub mod name;
pub mod oid;
pub mod pem;
pub mod time;

pub use extension::{BasicConstraints, Extension, ExtensionValue, Extensions, KeyUsage};
pub use general_name::GeneralName;
pub use name::Name;
pub use oid::Oid;
pub use time::Time;
