//! Bytes with names.
//!
//! Decoding, annotating and explaining an error are one act here. A decoder is written once, in the
//! order of the standard's own struct, and names each field as it reads it. The protocol runs it
//! with recording off; the window runs the same decoder with recording on and gets a [`Field`] for
//! every byte.
//!
//! ```
//! use cutaway::wire::{ReadError, Reader};
//!
//! /// struct { uint16 priority; opaque name<1..255>; } Greeting;
//! fn greeting(r: &mut Reader) -> Result<(u16, Vec<u8>), ReadError> {
//!     r.group("Greeting", |r| Ok((r.value("priority")?, r.bytes8("name", 1..=255)?.to_vec())))
//! }
//!
//! let bytes = [0, 7, 2, b'h', b'i'];
//! assert_eq!(Reader::new(&bytes).whole(greeting).unwrap(), (7, b"hi".to_vec()));
//!
//! let error = Reader::new(&bytes[..4]).whole(greeting).unwrap_err();
//! assert_eq!(error.to_string(), "Greeting.name: needs 2 bytes, 1 left (at 0x3)");
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | [`reader`] | the labelled reader: cursor, groups, confinement |
//! | [`value`] | things of fixed form that know their own meaning; open enumerations |
//! | [`error`] | where reading failed, and why |
//! | [`field`] | the names that a recording reader leaves behind |
//! | [`writer`] | the mirror of the reader, unlabelled |
//! | [`layer`], [`provenance`] | byte strings and where each came from: heard, given, opened, computed |
//! | [`glossary`] | what a name means to a reader who has not met it |
//! | [`transcript`] | what crossed a stream, in order |

pub mod error;
pub mod field;
pub mod glossary;
pub mod layer;
pub mod provenance;
pub mod reader;
pub mod transcript;
pub mod value;
pub mod writer;

pub use error::{Problem, ReadError};
pub use field::{Field, Fields, Node};
pub use glossary::{Entry, Glossary, Kind};
pub use layer::{Layer, LayerId, Layers, Moment, Origin, Party, Span};
pub use reader::Reader;
pub use transcript::{Recorder, Tap, Transcript};
pub use value::{Refused, Value};
pub use writer::Writer;
