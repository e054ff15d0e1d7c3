//! What the terminal can show, and what its owner wants, as the environment tells it.

use std::io::{self, IsTerminal};
use std::str::FromStr;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// On a terminal that has them, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl FromStr for Color {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err("it is auto, always or never"),
        }
    }
}

impl Color {
    /// Whether standard output gets them.
    pub(super) fn is_wanted(self) -> bool {
        match self {
            Self::Auto => wants_color(io::stdout().is_terminal(), variable),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Whether glyphs outside ASCII are shown here. On Windows no variable says so, and they are.
pub(super) fn has_utf8() -> bool {
    cfg!(windows) || speaks_utf8(variable)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whether the locale, as the environment's variables tell it, has glyphs outside ASCII. Where nothing
/// is told, it has.
///
/// ```
/// use cutaway::report::terminal::speaks_utf8;
/// assert!(speaks_utf8(|name| (name == "LANG").then(|| "C.UTF-8".to_owned())));
/// assert!(!speaks_utf8(|name| (name == "LC_ALL").then(|| "C".to_owned())));
/// ```
#[must_use]
pub fn speaks_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Whether colours are wanted, as the environment's variables tell it, where nobody chose.
///
/// ```
/// use cutaway::report::terminal::wants_color;
/// assert!(wants_color(true, |_| None));
/// assert!(!wants_color(true, |name| (name == "NO_COLOR").then(|| "1".to_owned())));
/// assert!(!wants_color(false, |_| None));
/// ```
#[must_use]
pub fn wants_color(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    is_terminal && set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}
