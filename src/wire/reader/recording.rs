//! The names that a reader leaves behind when it records. None of this is on the way of a reader that
//! does not: it stands behind an `Option`, and out of line.

use std::fmt::Display;
use std::ops::Range;

use super::{Reader, UNREAD, escape};
use crate::wire::Field;

/// How many fields one recording may hold; the rest of the layer becomes one leaf `unread`.
pub const MAX_FIELDS: usize = 1 << 16;

#[derive(Debug, Default)]
pub(super) struct Recording {
    pub(super) fields: Vec<Field>,
    /// The groups that are being read, from the outermost on; `None` for one that is not named any more.
    open: Vec<Option<usize>>,
    /// The field that was completed last: the one that `means` speaks of.
    last: usize,
    /// The index that the next field shall carry.
    index: Option<u16>,
    /// The budget is spent, and the last leaf covers all that follows.
    spent: bool,
}

impl Reader<'_> {
    /// `bytes` were just read, and mean this.
    #[cold]
    #[inline(never)]
    pub(super) fn leaf(&mut self, label: &'static str, bytes: &[u8], meaning: Option<&dyn Display>) {
        let (start, whole) = (self.place(bytes), self.input.len());
        if let Some(recording) = &mut self.recording {
            let meaning = meaning.map(|meaning| escape(&meaning.to_string()).into());
            recording.push(label, start..start + bytes.len(), whole, meaning);
        }
    }

    /// A group begins.
    #[cold]
    #[inline(never)]
    pub(super) fn open(&mut self, label: &'static str) {
        let (at, whole) = (self.position(), self.input.len());
        if let Some(recording) = &mut self.recording {
            let id = recording.push(label, at..at, whole, None);
            recording.open.push(id);
        }
    }

    /// The innermost open group ends. Nothing here can panic, and so the value that the group was read to
    /// needs no clean-up around it.
    #[cold]
    #[inline(never)]
    pub(super) fn close(&mut self) {
        let (at, whole) = (self.position(), self.input.len());
        if let Some(recording) = &mut self.recording
            && let Some(Some(id)) = recording.open.pop()
            && let next = recording.fields.len() as u32
            && let Some(field) = recording.fields.get_mut(id)
        {
            field.end = if recording.spent { whole as u32 } else { at as u32 };
            field.next = next;
            recording.last = id;
        }
    }

    /// What the innermost open group holds begins here.
    #[cold]
    #[inline(never)]
    pub(super) fn contents_begin(&mut self) {
        let at = self.position();
        if let Some(recording) = &mut self.recording
            && let Some(&Some(id)) = recording.open.last()
        {
            recording.fields[id].contents = at as u32;
        }
    }

    /// The field that comes next is an item of a list.
    #[cold]
    #[inline(never)]
    pub(super) fn next_is_item(&mut self, index: u16) {
        if let Some(recording) = &mut self.recording {
            recording.index = Some(index);
        }
    }

    /// The field that was completed last means this.
    #[cold]
    #[inline(never)]
    pub(super) fn note(&mut self, meaning: &str) {
        if let Some(recording) = &mut self.recording
            && let Some(field) = recording.fields.get_mut(recording.last)
        {
            field.meaning = Some(escape(meaning).into());
        }
    }
}

impl Recording {
    fn push(
        &mut self,
        label: &'static str,
        range: Range<usize>,
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
            depth: self.open.len() as u16,
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
