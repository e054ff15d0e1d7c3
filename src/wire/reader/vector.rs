//! Vectors: structures behind a length of one, two or three bytes (RFC 5246 §4.3 has the notation), and
//! lists of items.

use std::ops::RangeInclusive;

use super::Reader;
use crate::wire::{Problem, ReadError};

impl<'a> Reader<'a> {
    /// `opaque label<allowed>` with a length of one byte.
    ///
    /// # Errors
    /// [`Problem::Short`], [`Problem::Length`].
    pub fn bytes8(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
    ) -> Result<&'a [u8], ReadError> {
        self.vector(1, label, allowed, |r| Ok(r.rest("contents")))
    }

    /// `opaque label<allowed>` with a length of two bytes.
    ///
    /// # Errors
    /// [`Problem::Short`], [`Problem::Length`].
    pub fn bytes16(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
    ) -> Result<&'a [u8], ReadError> {
        self.vector(2, label, allowed, |r| Ok(r.rest("contents")))
    }

    /// A structure behind a length of one byte.
    ///
    /// # Errors
    /// Those of `body`; [`Problem::Short`], [`Problem::Length`], [`Problem::Unread`].
    pub fn vector8<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.vector(1, label, allowed, body)
    }

    /// A structure behind a length of two bytes.
    ///
    /// # Errors
    /// Those of `body`; [`Problem::Short`], [`Problem::Length`], [`Problem::Unread`].
    pub fn vector16<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.vector(2, label, allowed, body)
    }

    /// A structure behind a length of three bytes.
    ///
    /// # Errors
    /// Those of `body`; [`Problem::Short`], [`Problem::Length`], [`Problem::Unread`].
    pub fn vector24<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.vector(3, label, allowed, body)
    }

    /// A list behind a length of one byte; `allowed` counts bytes.
    ///
    /// # Errors
    /// Those of `item` and of [`Self::items`]; [`Problem::Short`], [`Problem::Length`].
    pub fn list8<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        self.vector(1, label, allowed, |r| r.items(item))
    }

    /// A list behind a length of two bytes; `allowed` counts bytes.
    ///
    /// # Errors
    /// Those of `item` and of [`Self::items`]; [`Problem::Short`], [`Problem::Length`].
    pub fn list16<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        self.vector(2, label, allowed, |r| r.items(item))
    }

    /// A list behind a length of three bytes; `allowed` counts bytes.
    ///
    /// # Errors
    /// Those of `item` and of [`Self::items`]; [`Problem::Short`], [`Problem::Length`].
    pub fn list24<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        self.vector(3, label, allowed, |r| r.items(item))
    }

    /// Items until the structure ends, each named with its index.
    ///
    /// # Errors
    /// Those of `item`, with the index; [`Problem::EmptyItem`] for one that takes no byte.
    pub fn items<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        let mut items = Vec::new();
        while self.left() > 0 {
            let before = self.at;
            let index = u16::try_from(items.len()).unwrap_or(u16::MAX);
            if let Some(recording) = &mut self.recording {
                recording.index = Some(index);
            }
            items.push(item(self).map_err(|error| error.indexed(index))?);
            if self.at == before {
                return Err(ReadError::new(before..before, Problem::EmptyItem));
            }
        }
        Ok(items)
    }

    fn vector<T>(
        &mut self,
        width: usize,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.group(label, |r| {
            let start = r.at;
            let prefix = r.take("length", width)?;
            let length = prefix.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
            r.header("length", start, length);
            if !allowed.contains(&length) {
                let problem = Problem::Length { found: length, allowed };
                return Err(ReadError::new(start..r.at, problem));
            }
            r.confined(length, body)
        })
    }
}
