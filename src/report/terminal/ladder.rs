//! The conversation at a glance: messages between two walls. Where `─` turns into `═`, encryption begins.

use crate::report::terminal::Drawing;
use crate::report::terminal::canvas::Ink;
use crate::report::thousands;
use crate::report::{Exchange, Way};
use crate::wire::Kind;

/// The walls.
const LEFT: usize = 8;
const RIGHT: usize = 69;

impl Drawing<'_> {
    pub(super) fn ladder(&mut self) {
        let ladder = &self.report.ladder;
        let row = self.canvas.row().to(LEFT - 1).put_in(Ink::Plain, &ladder.left, 30);
        row.to(RIGHT - 2).put(Ink::Plain, &ladder.right).end();
        let mut told = 0;
        for exchange in &ladder.rows {
            let step = if exchange.step == told { String::new() } else { exchange.step.to_string() };
            told = exchange.step;
            if exchange.way == Way::Nowhere {
                let words: Vec<_> = exchange.messages.iter().map(|(words, _)| words.as_str()).collect();
                let row = self.canvas.row().to(1).put(Ink::Plain, &step).to(LEFT).put(Ink::Grey, "│");
                let row = row.to(LEFT + 4).put_in(Ink::Plain, &words.join(", "), RIGHT - LEFT - 5);
                row.to(RIGHT).put(Ink::Grey, "│").end();
            } else {
                self.exchange(exchange, &step);
            }
        }
    }

    /// Messages that find no room beside the others go on the next row; the last row has the size, which
    /// then is said to be that of all.
    fn exchange(&mut self, exchange: &Exchange, step: &str) {
        let line = |sealed| if sealed { (Ink::Kind(Some(Kind::Secret)), '═') } else { (Ink::Grey, '─') };
        let mut size = format!(" {:>3} B ", thousands(exchange.bytes));
        let mut rest = exchange.messages.as_slice();
        let mut step = step;
        while let Some((_, first_sealed)) = rest.first() {
            let mut row = self.canvas.row().to(1).put(Ink::Bold, step).to(LEFT).put(Ink::Grey, "│");
            let (mut ink, mut glyph) = line(*first_sealed);
            let size_at = RIGHT - 2 - size.len();
            let head = if exchange.way == Way::Right { glyph } else { '←' };
            row = row.put(ink, &format!("{head}{glyph}"));
            let mut first = true;
            while let Some((name, sealed)) = rest.first() {
                let width = row.canvas_width(name) + if first { 2 } else { 4 };
                if !first && row.column() + width + 2 > size_at {
                    break;
                }
                (ink, glyph) = line(*sealed);
                if !first {
                    row = row.put(ink, &format!("{glyph}{glyph}"));
                }
                let at = row.column() + 1;
                row = row.to(at).put_in(Ink::Plain, name, size_at.saturating_sub(at + 3));
                let at = row.column() + 1;
                row = row.to(at);
                first = false;
                rest = &rest[1..];
            }
            if rest.is_empty() {
                let tail = if exchange.way == Way::Left { glyph } else { '→' };
                row = row.fill(ink, glyph, size_at).put(Ink::Plain, &size).to(RIGHT - 2);
                row = row.put(ink, &format!("{glyph}{tail}"));
            } else {
                row = row.fill(ink, glyph, RIGHT);
            }
            row.put(Ink::Grey, "│").end();
            step = "";
            size = format!(" all {} B ", thousands(exchange.bytes));
        }
    }
}
