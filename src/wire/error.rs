//! Where reading failed, and why: the field's path, its place in the input, what was found and what
//! was expected.

use std::fmt;
use std::ops::{Range, RangeInclusive};

/// Reading stopped at a field. One pointer wide, since every decoder returns it.
///
/// Printed as `ServerHello.random: needs 32 bytes, 17 left (at 0x4f)`. It never quotes the input.
#[derive(Clone, PartialEq, Eq)]
pub struct ReadError(Box<Failure>);

#[derive(Clone, PartialEq, Eq)]
struct Failure {
    /// Innermost label first: each group adds its own as the error passes through it.
    path: Vec<(&'static str, Option<u16>)>,
    range: Range<usize>,
    problem: Problem,
}

/// What was wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The input, or the structure around the field, ends before the field does.
    Short {
        /// Bytes that the field takes.
        needed: usize,
        /// Bytes that were left.
        left: usize,
    },
    /// A structure ended before its bytes did.
    Unread {
        /// Bytes that nothing accounts for.
        left: usize,
    },
    /// A length outside the bounds that the standard sets for it.
    Length {
        /// The length that was read.
        found: usize,
        /// The lengths that are allowed.
        allowed: RangeInclusive<usize>,
    },
    /// The bytes are there, and are not a value of this kind: the reason.
    Refused(String),
    /// Structures nested deeper than any real input.
    TooDeep,
    /// An item of a list that takes no byte, and so could be repeated for ever.
    EmptyItem,
}

impl ReadError {
    /// An error at `range` of the input. The label of the field comes from [`Self::within`].
    #[cold]
    pub(crate) fn new(range: Range<usize>, problem: Problem) -> Self {
        Self(Box::new(Failure { path: Vec::new(), range, problem }))
    }

    /// The same error, one group further out.
    #[cold]
    #[inline(never)]
    pub(crate) fn within(mut self, label: &'static str) -> Self {
        self.0.path.push((label, None));
        self
    }

    /// The same error, in the item with this index: the one that added its label last.
    #[cold]
    #[inline(never)]
    pub(crate) fn indexed(mut self, index: u16) -> Self {
        if let Some(last) = self.0.path.last_mut() {
            last.1 = Some(index);
        }
        self
    }

    /// Where in the input: the bytes of the field, or the place where they should have been.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.0.range.clone()
    }

    /// What was wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// The labels from the outermost group to the field, joined by dots.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for (label, index) in self.0.path.iter().rev() {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(label);
            if let Some(index) = index {
                path.push_str(&format!("[{index}]"));
            }
        }
        path
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        let separator = if path.is_empty() { "" } else { ": " };
        write!(f, "{path}{separator}{} (at {:#x})", self.0.problem, self.0.range.start)
    }
}

impl fmt::Debug for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadError({self})")
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { needed, left } => write!(f, "needs {}, {left} left", bytes(*needed)),
            Self::Unread { left } => write!(f, "{} left over", bytes(*left)),
            Self::Length { found, allowed } if allowed.start() == allowed.end() => {
                write!(f, "length {found}, must be {}", allowed.start())
            }
            Self::Length { found, allowed } => {
                write!(f, "length {found}, must be {} to {}", allowed.start(), allowed.end())
            }
            Self::Refused(reason) => f.write_str(reason),
            Self::TooDeep => f.write_str("nested too deeply"),
            Self::EmptyItem => f.write_str("an item of no bytes"),
        }
    }
}

/// `1 byte`, `17 bytes`.
pub(crate) fn bytes(count: usize) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}
