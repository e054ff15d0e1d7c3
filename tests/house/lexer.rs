//! Rust source as words with their lines: comments are gone (those of the documentation too), and a
//! string is one word of its own kind, so that nothing in it is taken for code.

/// A word of the source and the line that it stands on, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) word: Word<'a>,
    pub(crate) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word<'a> {
    /// An identifier, a keyword or a number; `r#` is taken off.
    Name(&'a str),
    /// What stands between the quotes of a string of any kind.
    Text(&'a str),
    /// `::`.
    PathSeparator,
    /// Any other sign.
    Sign(char),
}

impl<'a> Token<'a> {
    pub(crate) fn is_name(&self, name: &str) -> bool {
        self.word == Word::Name(name)
    }

    pub(crate) fn is_sign(&self, sign: char) -> bool {
        self.word == Word::Sign(sign)
    }

    pub(crate) fn name(&self) -> Option<&'a str> {
        match self.word {
            Word::Name(name) => Some(name),
            _ => None,
        }
    }
}

pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, at: 0, line: 1 };
    std::iter::from_fn(|| lexer.next()).collect()
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// Goes on by `length` bytes and returns them.
    fn take(&mut self, length: usize) -> &'a str {
        let taken = &self.rest()[..length];
        self.at += length;
        self.line += taken.matches('\n').count();
        taken
    }

    /// How far it is to the end of the first `end`, or of the source.
    fn through(&self, end: &str) -> usize {
        self.rest().find(end).map_or(self.rest().len(), |at| at + end.len())
    }

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            let next = rest.chars().next()?;
            if next.is_whitespace() {
                self.take(next.len_utf8());
            } else if rest.starts_with("//") {
                self.take(self.through("\n"));
            } else if rest.starts_with("/*") {
                self.block_comment();
            } else if let Some(length) = character_literal(rest) {
                self.take(length);
            } else {
                break;
            }
        }
        let line = self.line;
        let word = self.word();
        Some(Token { word, line })
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
            } else {
                let Some(next) = rest.chars().next() else { return };
                self.take(next.len_utf8());
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn word(&mut self) -> Word<'a> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        let hashes = after.len() - after.trim_start_matches('#').len();
        if matches!(name, "r" | "br" | "cr") && after[hashes..].starts_with('"') {
            self.take(length + hashes + 1);
            let end = format!("\"{}", "#".repeat(hashes));
            let text = self.take(self.through(&end));
            return Word::Text(text.strip_suffix(&end).unwrap_or(text));
        }
        if matches!(name, "" | "b" | "c") && after.starts_with('"') {
            self.take(length + 1);
            return self.escaped_text();
        }
        if name == "r" && hashes == 1 {
            self.take(2);
            return self.word();
        }
        if rest.starts_with("::") {
            self.take(2);
            return Word::PathSeparator;
        }
        match rest.chars().next() {
            Some(sign) if name.is_empty() => {
                self.take(sign.len_utf8());
                Word::Sign(sign)
            }
            _ => Word::Name(self.take(length)),
        }
    }

    /// Up to the quote that no backslash escapes.
    fn escaped_text(&mut self) -> Word<'a> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let text = self.take(end.unwrap_or(rest.len()));
        if end.is_some() {
            self.take(1);
        }
        Word::Text(text)
    }
}

/// The length of the character literal at the start of `rest`, if one is there: a quote that is not
/// closed after one character begins a lifetime.
fn character_literal(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let mut characters = inside.char_indices();
    let (_, first) = characters.next()?;
    let (second_at, second) = characters.next()?;
    if first == '\\' {
        // What is escaped may be a quote itself: look for the end behind it.
        let behind = second_at + second.len_utf8();
        return Some(1 + behind + inside[behind..].find('\'')? + 1);
    }
    (second == '\'').then_some(1 + second_at + 1)
}

#[test]
fn comments_and_strings_are_no_code() {
    let source = "a // unsafe\n/* unsafe /* unsafe */\n */ b \"un\\\"safe\" r#\"un\"safe\"# b'\\'' 'c' 'd";
    let words: Vec<_> = tokens(source).iter().map(|token| (token.line, token.word)).collect();
    assert_eq!(
        words,
        [
            (1, Word::Name("a")),
            (3, Word::Name("b")),
            (3, Word::Text("un\\\"safe")),
            (3, Word::Text("un\"safe")),
            (3, Word::Name("b")),
            (3, Word::Sign('\'')),
            (3, Word::Name("d")),
        ]
    );
}
