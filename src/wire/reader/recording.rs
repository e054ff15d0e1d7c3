//! The names that a reader leaves behind when it records. None of this is on the way of a reader that
//! does not: it stands behind an `Option`, and out of line.

use super::{Reader, UNREAD, escape};
use crate::wire::{Field, ReadError};

/// How many fields one recording may hold; the rest of the layer becomes one leaf `unread`.
pub const MAX_FIELDS: usize = 1 << 16;

#[derive(Debug, Default)]
pub(super) struct Recording {
    pub(super) fields: Vec<Field>,
    /// The field that was completed last: the one that `means` speaks of.
    pub(super) last: usize,
    /// The index that the next field shall carry.
    pub(super) index: Option<u16>,
    /// The budget is spent, and the last leaf covers all that follows.
    spent: bool,
}

impl Reader<'_> {
    #[cold]
    #[inline(never)]
    pub(crate) fn leaf(&mut self, label: &'static str, start: usize, meaning: Option<Box<str>>) {
        let (depth, end, whole) = (self.depth, self.at, self.bytes.len());
        let meaning = meaning.map(|meaning| escape(&meaning).into());
        if let Some(recording) = &mut self.recording {
            recording.push(label, depth, start..end, whole, meaning);
        }
    }

    pub(super) fn open(&mut self, label: &'static str) -> Option<usize> {
        self.recording.as_ref()?;
        self.open_cold(label)
    }

    #[cold]
    #[inline(never)]
    fn open_cold(&mut self, label: &'static str) -> Option<usize> {
        let (depth, at, whole) = (self.depth, self.at, self.bytes.len());
        let recording = self.recording.as_mut()?;
        recording.push(label, depth, at..at, whole, None)
    }

    pub(super) fn close(&mut self, open: Option<usize>) {
        if let Some(id) = open {
            self.close_cold(id);
        }
    }

    #[cold]
    #[inline(never)]
    fn close_cold(&mut self, id: usize) {
        let (at, whole) = (self.at, self.bytes.len());
        if let Some(recording) = &mut self.recording {
            let next = recording.fields.len() as u32;
            let field = &mut recording.fields[id];
            field.end = if recording.spent { whole as u32 } else { at as u32 };
            field.next = next;
            recording.last = id;
        }
    }

    /// What the innermost open group holds begins here.
    #[cold]
    #[inline(never)]
    pub(super) fn contents_begin(&mut self) {
        let (at, depth) = (self.at, self.depth);
        if let Some(recording) = &mut self.recording
            && let Some(group) = recording.fields.iter_mut().rev().find(|field| field.depth < depth)
        {
            group.contents = at as u32;
        }
    }

    /// Reading stopped: what is left of the structure becomes a leaf that says why.
    #[cold]
    #[inline(never)]
    pub(super) fn name_the_unread(&mut self, error: &ReadError) {
        let start = std::mem::replace(&mut self.at, self.end);
        if start < self.end {
            self.leaf(UNREAD, start, Some(error.to_string().into()));
        }
    }
}

impl Recording {
    fn push(
        &mut self,
        label: &'static str,
        depth: u16,
        range: std::ops::Range<usize>,
        whole: usize,
        meaning: Option<Box<str>>,
    ) -> Option<usize> {
        if self.spent {
            return None;
        }
        let id = self.fields.len();
        let mut field = Field {
            label,
            index: self.index.take(),
            depth,
            start: range.start as u32,
            end: range.end as u32,
            contents: range.start as u32,
            next: id as u32 + 1,
            meaning,
        };
        if id == MAX_FIELDS {
            self.spent = true;
            field.label = UNREAD;
            field.end = whole as u32;
            field.meaning = Some(format!("more than {MAX_FIELDS} fields: not named").into());
        }
        self.fields.push(field);
        self.last = id;
        (!self.spent).then_some(id)
    }
}
