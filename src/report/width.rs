//! How wide text is, in the cells of a terminal.

use unicode_width::UnicodeWidthChar;

/// Letters and pictures of two cells (Unicode Standard Annex #11), but for those that join what stands
/// before or behind them: the parts of Hangul syllables, and the colours of a skin.
pub(super) fn is_wide(character: char) -> bool {
    let joins =
        matches!(character, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{1f3fb}'..='\u{1f3ff}');
    character.width() == Some(2) && !joins
}

/// How many cells a text takes in which every character has one or two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|character| if is_wide(character) { 2 } else { 1 }).sum()
}
