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
    #[inline]
    pub fn bytes8(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
    ) -> Result<&'a [u8], ReadError> {
        self.vector::<1, _>(label, allowed, |r| Ok(r.rest("contents")))
    }

    /// `opaque label<allowed>` with a length of two bytes.
    ///
    /// # Errors
    /// [`Problem::Short`], [`Problem::Length`].
    #[inline]
    pub fn bytes16(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
    ) -> Result<&'a [u8], ReadError> {
        self.vector::<2, _>(label, allowed, |r| Ok(r.rest("contents")))
    }

    /// A structure behind a length of one byte.
    ///
    /// # Errors
    /// Those of `body`; [`Problem::Short`], [`Problem::Length`], [`Problem::Unread`].
    #[inline]
    pub fn vector8<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.vector::<1, _>(label, allowed, body)
    }

    /// A structure behind a length of two bytes.
    ///
    /// # Errors
    /// Those of `body`; [`Problem::Short`], [`Problem::Length`], [`Problem::Unread`].
    #[inline]
    pub fn vector16<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.vector::<2, _>(label, allowed, body)
    }

    /// A structure behind a length of three bytes.
    ///
    /// # Errors
    /// Those of `body`; [`Problem::Short`], [`Problem::Length`], [`Problem::Unread`].
    #[inline]
    pub fn vector24<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.vector::<3, _>(label, allowed, body)
    }

    /// A list behind a length of one byte; `allowed` counts bytes.
    ///
    /// # Errors
    /// Those of `item` and of [`Self::items`]; [`Problem::Short`], [`Problem::Length`].
    #[inline]
    pub fn list8<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        self.vector::<1, _>(label, allowed, |r| r.items(item))
    }

    /// A list behind a length of two bytes; `allowed` counts bytes.
    ///
    /// # Errors
    /// Those of `item` and of [`Self::items`]; [`Problem::Short`], [`Problem::Length`].
    #[inline]
    pub fn list16<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        self.vector::<2, _>(label, allowed, |r| r.items(item))
    }

    /// A list behind a length of three bytes; `allowed` counts bytes.
    ///
    /// # Errors
    /// Those of `item` and of [`Self::items`]; [`Problem::Short`], [`Problem::Length`].
    #[inline]
    pub fn list24<T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        self.vector::<3, _>(label, allowed, |r| r.items(item))
    }

    /// Items until the structure ends, each named with its index.
    ///
    /// # Errors
    /// Those of `item`, with the index; [`Problem::EmptyItem`] for one that takes no byte.
    #[inline]
    pub fn items<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        let mut items = Vec::new();
        while !self.left.is_empty() {
            if self.recording.is_some() {
                self.next_is_item(index(items.len()));
            }
            let before = self.left();
            match item(self) {
                Ok(item) => items.push(item),
                Err(error) => return Err(error.indexed(index(items.len()))),
            }
            if self.left() == before {
                return Err(self.empty_item());
            }
        }
        Ok(items)
    }

    #[inline]
    fn vector<const WIDTH: usize, T>(
        &mut self,
        label: &'static str,
        allowed: RangeInclusive<usize>,
        body: impl FnOnce(&mut Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.group(label, |r| {
            let length = r.length::<WIDTH>(allowed)?;
            r.confined(length, body)
        })
    }

    /// A length. It is inlined in any case, since the compiler then knows what is allowed.
    #[inline(always)]
    fn length<const WIDTH: usize>(&mut self, allowed: RangeInclusive<usize>) -> Result<usize, ReadError> {
        let bytes = self.take("length", WIDTH)?;
        let length = bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        self.header("length", bytes, length);
        if allowed.contains(&length) { Ok(length) } else { Err(self.out_of_bounds(bytes, length, allowed)) }
    }

    #[cold]
    #[inline(never)]
    fn out_of_bounds(&self, bytes: &[u8], found: usize, allowed: RangeInclusive<usize>) -> ReadError {
        ReadError::new(self.place(bytes)..self.position(), Problem::Length { found, allowed })
    }

    #[cold]
    #[inline(never)]
    fn empty_item(&self) -> ReadError {
        ReadError::new(self.position()..self.position(), Problem::EmptyItem)
    }
}

fn index(items: usize) -> u16 {
    u16::try_from(items).unwrap_or(u16::MAX)
}
