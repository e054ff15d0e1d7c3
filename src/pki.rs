//! Who is who: DER, PEM, keys, certificates and their validation.
//!
//! A public key is a number, and says nothing about whose it is. A certificate says so, over the
//! signature of somebody who is believed already; and *whom to believe* is all that is left to decide.
//!
//! ```
//! use cutaway::asymmetric::rsa::RsaPrivateKey;
//! use cutaway::pki::{Authority, GeneralName, Name, Request, Time, TrustStore, Usage, Validity, validate};
//!
//! let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
//! let (now, validity) = (Time::now(), Validity::days(Time::now(), 365));
//! let authority = RsaPrivateKey::generate(&mut rng, 2048)?;
//! let authority = Authority::new(&mut rng, Name::of("my CA"), authority, validity)?;
//!
//! let key = RsaPrivateKey::generate(&mut rng, 2048)?;
//! let names = vec![GeneralName::DnsName("localhost".into())];
//! let request = Request::server(Name::of("localhost"), names, key.public(), validity);
//! let chain = [authority.issue(&mut rng, &request)?];
//!
//! let mut store = TrustStore::new();
//! store.add(authority.certificate().clone());
//! let asked = "localhost".parse()?;
//! let path = validate(&chain, &store, now, Usage::ServerAuth, Some(&asked))?;
//! assert_eq!(path.anchor(), authority.certificate());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | [`der`], [`oid`], [`time`] | the encoding of all that follows, on the labelled reader |
//! | [`pem`] | the same as text |
//! | [`name`], [`general_name`], [`extension`], [`name_constraints`], [`public_key`] | the parts of a certificate |
//! | [`certificate`], [`key`] | certificates and private keys, read from bytes and from files |
//! | [`authority`] | how certificates come to be |
//! | [`trust_store`], [`server_name`], [`validation`] | whether one is to be believed |
//! | [`glossary`] | what the fields mean |

pub mod authority;
pub mod certificate;
pub mod der;
pub mod extension;
pub mod general_name;
pub mod glossary;
pub mod key;
pub mod name;
pub mod name_constraints;
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
pub use glossary::GLOSSARY;
pub use key::PrivateKey;
pub use name::Name;
pub use name_constraints::NameConstraints;
pub use oid::Oid;
pub use public_key::{PublicKey, SignatureAlgorithm};
pub use server_name::ServerName;
pub use time::Time;
pub use trust_store::TrustStore;
pub use validation::{BrokenRule, Usage, ValidationError, validate};
