//! Where bytes stand: on the wire, counted from their record, or nowhere on it.

use crate::wire::{LayerId, Layers, Origin, Span};

/// Where bytes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// On the wire, so far behind the first byte of the record.
    At(u64),
    /// They never crossed the wire.
    Kept,
    /// They were decrypted from the wire, byte for byte.
    Open,
}

/// Where the bytes of one layer stand on the wire.
#[derive(Debug)]
pub(super) struct Offsets {
    /// Where they are if not there.
    elsewhere: Place,
    /// From which byte of the layer on, and there how far behind the first that its sender said.
    runs: Vec<(usize, u64)>,
    /// From where places are counted.
    base: u64,
}

impl Offsets {
    /// Places are counted from the beginning of the layer.
    pub(super) fn of(layers: &Layers, layer: LayerId) -> Self {
        let elsewhere = place(layers, layer);
        let mut runs = Vec::new();
        let mut start = 0;
        if let Place::At(_) = elsewhere {
            for piece in layers.on_the_wire(&layers.whole(layer)) {
                if let Origin::Wire { offset, .. } = layers.get(piece.layer).origin {
                    runs.push((start, offset + piece.range.start as u64));
                    start += piece.range.len();
                }
            }
        }
        let base = runs.first().map_or(0, |run| run.1);
        Self { elsewhere, runs, base }
    }

    /// Places are counted from the first byte of `record`.
    pub(super) fn behind(mut self, layers: &Layers, record: &Span) -> Self {
        let piece = layers.on_the_wire(record).into_iter().next();
        if let Some((piece, layer)) = piece.map(|piece| (piece.clone(), layers.get(piece.layer)))
            && let Origin::Wire { offset, .. } = layer.origin
        {
            self.base = offset + piece.range.start as u64;
        }
        self
    }

    pub(super) fn place(&self, at: usize) -> Place {
        let run = self.runs.partition_point(|&(start, _)| start <= at).checked_sub(1);
        match run.map(|run| self.runs[run]) {
            // What lies before the base is of another record than the one that is counted from.
            Some((start, offset)) => {
                (offset + (at - start) as u64).checked_sub(self.base).map_or(self.elsewhere, Place::At)
            }
            None => self.elsewhere,
        }
    }
}

/// Where a layer is. What was undone otherwise than byte for byte never crossed the wire as it is.
fn place(layers: &Layers, mut layer: LayerId) -> Place {
    loop {
        match &layers.get(layer).origin {
            Origin::Wire { .. } => return Place::At(0),
            Origin::Opened { in_place: true, .. } => return Place::Open,
            Origin::Joined(pieces) => match pieces.first() {
                Some(first) => layer = first.layer,
                None => return Place::Kept,
            },
            _ => return Place::Kept,
        }
    }
}
