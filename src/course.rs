//! The course: one chapter for each section of the notes that are handed out in class.
//!
//! A chapter quotes what the notes say, sentence by sentence, with a badge: TRUE, INCOMPLETE, HISTORICAL
//! or WRONG. Every block of code in it is a test.
//!
//! | chapter | about |
//! |---|---|
//! | [`chapter_3_tls`] | TLS and HTTPS: how two strangers come to share a secret |

pub mod chapter_3_tls {
    #![doc = include_str!("../docs/3-tls.md")]

    pub mod violations {
        #![doc = include_str!("../docs/3-tls/violations.md")]
    }
}
