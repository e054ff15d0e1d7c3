//! Rows of 80 cells: columns, inks, glyphs of one cell each, letters of one or two.

use anstyle::{Ansi256Color, Color, Style};

use crate::report::terminal::Options;
use crate::report::width::{is_wide, width};
use crate::wire::Kind;

/// How wide every row may be.
pub(super) const WIDTH: usize = 80;

/// How a piece of text is inked. Colour never says anything alone: position or a mark says it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    /// What accompanies: rules, places, labels.
    Grey,
    Bold,
    /// Bytes, marks and bars; plain bytes are of no kind.
    Kind(Option<Kind>),
}

impl Ink {
    /// Indices of the 256-colour cube, since themes leave those alone: hues of Okabe and Ito at a
    /// middle lightness, legible on white and on black.
    fn style(self) -> Style {
        let hue = |index| Style::new().fg_color(Some(Color::Ansi256(Ansi256Color(index))));
        match self {
            Self::Plain | Self::Kind(None) => Style::new(),
            Self::Grey => hue(243),
            Self::Bold => Style::new().bold(),
            Self::Kind(Some(Kind::Random)) => hue(31),
            Self::Kind(Some(Kind::Identity)) => hue(130),
            Self::Kind(Some(Kind::Proof)) => hue(29),
            Self::Kind(Some(Kind::Secret)) => hue(132),
        }
    }
}

/// A kind's mark.
pub(super) fn mark(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Random) => "*",
        Some(Kind::Identity) => "@",
        Some(Kind::Proof) => "=",
        Some(Kind::Secret) => "#",
        None => "",
    }
}

/// Text and its ink.
pub(super) type Piece = (Ink, String);

/// Space that no line may be broken at.
pub(super) const FIRM_SPACE: char = '\u{a0}';

/// The drawing so far.
#[derive(Debug)]
pub(super) struct Canvas {
    pub(super) text: String,
    options: Options,
}

impl Canvas {
    pub(super) fn new(options: Options) -> Self {
        Self { text: String::new(), options }
    }

    pub(super) fn row(&mut self) -> Row<'_> {
        Row { canvas: self, at: 0, reached: 0 }
    }

    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Text of which it is known how many cells it takes.
    pub(super) fn cells(&self, text: &str) -> String {
        text.chars().fold(String::with_capacity(text.len()), |mut cells, character| {
            match character {
                ' '..='~' => cells.push(character),
                FIRM_SPACE => cells.push(' '),
                _ => match twin(character) {
                    Some(_) if self.options.unicode => cells.push(character),
                    Some(twin) => cells.push(twin),
                    None if self.options.unicode && (is_narrow(character) || is_wide(character)) => {
                        cells.push(character)
                    }
                    None => cells.extend(character.escape_unicode()),
                },
            }
            cells
        })
    }

    pub(super) fn width(&self, text: &str) -> usize {
        width(&self.cells(text))
    }

    /// Pieces one behind the other, broken at spaces into lines of at most `width` cells.
    pub(super) fn wrap(&self, pieces: &[Piece], width: usize) -> Vec<Vec<Piece>> {
        let mut lines = vec![Vec::new()];
        let mut used = 0;
        for word in words(pieces) {
            let length: usize = word.iter().map(|(_, text)| self.width(text)).sum();
            if used > 0 && used + 1 + length > width {
                lines.push(Vec::new());
                used = 0;
            }
            let line = lines.last_mut().expect("there is always a line");
            if used > 0 {
                line.push((Ink::Plain, " ".to_owned()));
                used += 1;
            }
            line.extend(word);
            used += length;
        }
        lines
    }
}

/// Runs of pieces without a space at which a line might be broken.
fn words(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut words: Vec<Vec<Piece>> = vec![Vec::new()];
    for (ink, text) in pieces {
        for (i, part) in text.split([' ', '\n', '\t']).enumerate() {
            if i > 0 {
                words.push(Vec::new());
            }
            if !part.is_empty() {
                words.last_mut().expect("there is always a word").push((*ink, part.to_owned()));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A glyph's twin for a place where there is ASCII alone. All of these take one cell.
fn twin(glyph: char) -> Option<char> {
    Some(match glyph {
        '─' | '–' | '—' | '−' => '-',
        '═' => '=',
        '│' => '|',
        '→' => '>',
        '←' => '<',
        '●' => 'X',
        '○' => 'o',
        '·' | '…' => '.',
        '━' => '#',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '§' => 'S',
        '×' => 'x',
        '⊕' => '^',
        'µ' | 'μ' => 'u',
        _ => return None,
    })
}

/// Letters of which every terminal makes one cell. Others are spelled out rather than guessed at, but for
/// those of which every terminal makes two.
fn is_narrow(character: char) -> bool {
    matches!(character, '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}' | '\u{386}'..='\u{3ff}' | '\u{400}'..='\u{482}'
        | '\u{48a}'..='\u{52f}' | '\u{1e00}'..='\u{1eff}')
}

/// A row being set, from left to right. Spaces are written only before what follows them.
pub(super) struct Row<'a> {
    canvas: &'a mut Canvas,
    /// The cell where the next piece goes.
    at: usize,
    /// The cell behind what was written.
    reached: usize,
}

impl Row<'_> {
    /// Goes to a column, if it was not passed.
    pub(super) fn to(mut self, column: usize) -> Self {
        self.at = self.at.max(column);
        self
    }

    /// Sets text.
    pub(super) fn put(self, ink: Ink, text: &str) -> Self {
        self.put_in(ink, text, WIDTH)
    }

    /// Sets text in at most so many cells; what is cut off is told by two dots.
    pub(super) fn put_in(mut self, ink: Ink, text: &str, cells: usize) -> Self {
        let text = cut(self.canvas.cells(text), cells.min(WIDTH.saturating_sub(self.at)));
        let length = width(&text);
        if length > 0 {
            let style = if self.canvas.options.color { ink.style() } else { Style::new() };
            let out = &mut self.canvas.text;
            out.extend(std::iter::repeat_n(' ', self.at - self.reached));
            *out += &format!("{style}{text}{style:#}");
            self.at += length;
            self.reached = self.at;
        }
        self
    }

    /// Sets text that ends before a column.
    pub(super) fn put_before(self, column: usize, ink: Ink, text: &str) -> Self {
        let start = column.saturating_sub(self.canvas.width(text));
        self.to(start).put(ink, text)
    }

    /// Sets pieces one behind the other, all of them in at most so many cells.
    pub(super) fn pieces(mut self, pieces: &[Piece], cells: usize) -> Self {
        let end = self.at + cells;
        for (i, (ink, text)) in pieces.iter().enumerate() {
            let last = i + 1 == pieces.len();
            let room = end.saturating_sub(self.at);
            if !last && self.canvas.width(text) >= room {
                return self.put_in(*ink, &format!("{text}   "), room);
            }
            self = self.put_in(*ink, text, room);
        }
        self
    }

    /// Fills with a glyph as far as a column.
    pub(super) fn fill(self, ink: Ink, glyph: char, column: usize) -> Self {
        let count = column.saturating_sub(self.at);
        self.put(ink, &glyph.to_string().repeat(count))
    }

    /// How many cells a text takes.
    pub(super) fn canvas_width(&self, text: &str) -> usize {
        self.canvas.width(text)
    }

    /// How far the row has come.
    pub(super) fn column(&self) -> usize {
        self.at
    }

    /// Ends it.
    pub(super) fn end(self) {
        self.canvas.text.push('\n');
    }
}

/// What of it finds room in so many cells; where something is missing, two dots stand at its end.
fn cut(text: String, cells: usize) -> String {
    if width(&text) <= cells {
        return text;
    }
    let mut room = cells.saturating_sub(2);
    let fits = |character: &char| {
        let left = room.checked_sub(if is_wide(*character) { 2 } else { 1 });
        room = left.unwrap_or_default();
        left.is_some()
    };
    let kept: String = text.chars().take_while(fits).collect();
    kept + &".."[..cells.min(2)]
}
