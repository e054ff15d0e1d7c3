//! The paths that a source names, and the modules that they lead to.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Token, Word, tokens};

/// The names from the root of the crate down: `["tls", "v12", "client"]`; the root itself is empty.
pub(crate) type Module = Vec<String>;

/// One file of the crate.
pub(crate) struct Source<'a> {
    pub(crate) path: &'a str,
    pub(crate) module: Module,
    pub(crate) tokens: Vec<Token<'a>>,
    pub(crate) paths: Vec<Path<'a>>,
}

/// A path as it is written, `use` trees written out.
pub(crate) struct Path<'a> {
    pub(crate) segments: Vec<&'a str>,
    pub(crate) line: usize,
    /// The inline modules, such as `tests`, that it stands in.
    inline: Vec<&'a str>,
    /// For a leaf of a `use` tree: the name under which it is then known, unless that is all names.
    alias: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// `path` begins with `src/`.
    pub(crate) fn new(path: &'a str, text: &'a str) -> Self {
        let module = path.strip_prefix("src/").unwrap_or(path);
        let module = module.strip_suffix(".rs").unwrap_or(module);
        let module = module.strip_suffix("/mod").unwrap_or(module);
        let module = match module {
            "lib" => Vec::new(),
            _ => module.split('/').map(str::to_owned).collect(),
        };
        let tokens = tokens(text);
        let paths = paths(&tokens);
        Self { path, module, tokens, paths }
    }

    /// The floor that the file is on; `None` is the map, `lib.rs`.
    pub(crate) fn floor(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }
}

impl Path<'_> {
    /// The path from the root of the crate, as far as that is said: `None` for one that begins with a
    /// name which is neither a module beside it nor known from a `use`.
    fn written_out(&self, here: &Module, house: &House) -> Option<Module> {
        let inline = self.inline.iter().map(|name| (*name).to_owned());
        let mut from: Module = here.iter().cloned().chain(inline).collect();
        let mut segments = self.segments.iter().peekable();
        match **segments.peek()? {
            "crate" | "cutaway" => {
                segments.next();
                from.clear();
            }
            "self" | "super" => {}
            first if house.modules.contains(&child(here, first)) => from.clone_from(here),
            first => {
                segments.next();
                from.clone_from(house.aliases.get(&child(here, first))?);
            }
        }
        while let Some(step) = segments.next_if(|step| matches!(**step, "self" | "super")) {
            if *step == "super" {
                from.pop();
            }
        }
        from.extend(segments.map(|segment| (*segment).to_owned()));
        Some(from)
    }

    /// Whether its `super`s climb past the floor: out of the outermost module below the root.
    pub(crate) fn leaves_the_floor(&self, here: &Module) -> bool {
        let climbs = self.segments.iter().take_while(|step| matches!(**step, "self" | "super"));
        let climbs = climbs.filter(|step| **step == "super").count();
        climbs > 0 && here.len() + self.inline.len() <= climbs
    }
}

/// All modules, and all names that `use` gives.
pub(crate) struct House {
    modules: BTreeSet<Module>,
    /// Module and name → where the name leads, from the root.
    aliases: BTreeMap<Module, Module>,
}

impl House {
    pub(crate) fn new(sources: &[Source]) -> Self {
        let root = [Module::new()];
        let modules = sources.iter().map(|source| source.module.clone()).chain(root).collect();
        let mut house = Self { modules, aliases: BTreeMap::new() };
        for source in sources {
            for path in source.paths.iter().filter(|path| path.inline.is_empty()) {
                let Some(alias) = path.alias else { continue };
                let Some(target) = path.written_out(&source.module, &house) else { continue };
                house.aliases.insert(child(&source.module, alias), target);
            }
        }
        house
    }

    /// The module that a path leads to: the innermost that it names, through every re-export on its
    /// way. `None` if it does not begin in this crate; the root if the first name is no module.
    pub(crate) fn resolve(&self, path: &Path, here: &Module) -> Option<Module> {
        let mut target = path.written_out(here, self)?;
        // A chain of re-exports ends, or the compiler would have said so; sixteen is no chain any more.
        for _ in 0..16 {
            let known = (0..=target.len()).rev().find(|n| self.modules.contains(&target[..*n]))?;
            match target.get(..=known).and_then(|name| self.aliases.get(name)) {
                Some(alias) if !target.starts_with(alias) => {
                    target = alias.iter().chain(&target[known + 1..]).cloned().collect();
                }
                _ => {
                    target.truncate(known);
                    return Some(target);
                }
            }
        }
        None
    }
}

fn child(module: &Module, name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

/// Every path of two segments and more, in `use` lines and everywhere else.
fn paths<'a>(tokens: &[Token<'a>]) -> Vec<Path<'a>> {
    let mut found = Vec::new();
    // The inline modules that are open, each with the depth of braces outside it.
    let mut inline: Vec<(&str, usize)> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let names = || inline.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        match token.word {
            Word::Name("use") if !is_precise_capture(tokens, at) => {
                at = use_tree(tokens, at + 1, &[], &names(), &mut found);
                continue;
            }
            Word::Name("mod") if tokens.get(at + 2).is_some_and(|token| token.is_sign('{')) => {
                inline.push((tokens[at + 1].name().unwrap_or_default(), depth));
                at += 2;
                continue;
            }
            Word::Sign('{') => depth += 1,
            Word::Sign('}') => {
                depth = depth.saturating_sub(1);
                inline.pop_if(|(_, outside)| *outside == depth);
            }
            Word::Name(first) => {
                let mut segments = vec![first];
                let line = token.line;
                while let [separator, name, ..] = tokens[at + 1..]
                    && separator.word == Word::PathSeparator
                    && let Some(name) = name.name()
                {
                    segments.push(name);
                    at += 2;
                }
                if segments.len() > 1 {
                    found.push(Path { segments, line, inline: names(), alias: None });
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// `impl Trait + use<'a>` is no `use` line.
fn is_precise_capture(tokens: &[Token], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|token| token.is_sign('<'))
}

/// Reads one `use` tree that begins at `at`, and returns where it ends.
fn use_tree<'a>(
    tokens: &[Token<'a>],
    mut at: usize,
    prefix: &[&'a str],
    inline: &[&'a str],
    found: &mut Vec<Path<'a>>,
) -> usize {
    let mut segments = prefix.to_vec();
    let mut line = tokens.get(at).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(at) {
        match token.word {
            Word::PathSeparator => {}
            Word::Sign('{') => {
                at += 1;
                while tokens.get(at).is_some_and(|token| !token.is_sign('}')) {
                    at = use_tree(tokens, at, &segments, inline, found);
                    at += usize::from(tokens.get(at).is_some_and(|token| token.is_sign(',')));
                }
                return at + 1;
            }
            Word::Name("as") => {
                let alias = tokens.get(at + 1).and_then(Token::name);
                found.push(Path { segments, line, inline: inline.to_vec(), alias });
                return at + 2;
            }
            Word::Name(name) => {
                line = token.line;
                segments.push(name);
            }
            Word::Sign('*') => segments.push("*"),
            // `;`, `,` or the brace that closes the group around.
            _ => break,
        }
        at += 1;
    }
    // In `a::{self, b}` the `self` is `a`.
    if segments.len() > 1 {
        segments.pop_if(|last| *last == "self");
    }
    let alias = segments.last().copied().filter(|last| *last != "*");
    found.push(Path { segments, line, inline: inline.to_vec(), alias });
    at
}
