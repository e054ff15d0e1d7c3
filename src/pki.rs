//! Who is who: DER, PEM, keys, certificates and their validation.

pub mod authority;
pub mod certificate;
pub mod der;
pub mod extension;
pub mod general_name;
pub mod key;
pub mod name;
pub mod oid;
pub mod pem;
pub mod public_key;
pub mod server_name;
pub mod time;
pub mod trust_store;
pub mod validation;

pub use authority::{Authority, Request};
pub use certificate::{Certificate, Validity};
pub use extension::{BasicConstraints, Extension, ExtensionValue, Extensions, KeyUsage};
pub use general_name::GeneralName;
pub use key::PrivateKey;
pub use name::Name;
pub use oid::Oid;
pub use public_key::{PublicKey, SignatureAlgorithm};
pub use server_name::ServerName;
pub use time::Time;
pub use trust_store::TrustStore;
pub use validation::{Usage, ValidationError, validate};
