//! The rules of the house, as a function of the sources alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::slice;

use super::lexer::{Token, Word};
use super::paths::{House, Module, Source};

/// A rule that is broken, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    path: String,
    line: usize,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Every fault of a crate that consists of these files, each a path from the package's root and a text.
pub(crate) fn faults(files: &[(&str, &str)]) -> Vec<Fault> {
    let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
    let house = House::new(&sources);
    let cpu_features = detected_features(&sources);
    let mut faults = BTreeSet::new();
    let mut neighbours = Neighbours::default();
    for source in &sources {
        let mut fault = |line, what: String| {
            faults.insert(Fault { path: source.path.to_owned(), line, what });
        };
        floor_is_on_the_map(source, &mut fault);
        big_integers_stay_in_textbooks(source, &mut fault);
        unsafe_stays_in_hardware(source, &mut fault);
        files_are_modules(source, &mut fault);
        features_are_detected(source, &cpu_features, &mut fault);
        for path in &source.paths {
            if source.floor().is_some() && path.leaves_the_floor(&source.module) {
                fault(path.line, "`super` leaves the floor: write `crate::…`".to_owned());
                continue;
            }
            let Some(target) = house.resolve(path, &source.module) else { continue };
            match (source.floor(), target.first()) {
                (Some(_), None) if path.segments.first() == Some(&"crate") => {
                    fault(path.line, format!("`{}` leads to no floor", path.segments.join("::")));
                }
                (Some(floor), Some(other)) => match may_know(floor, other) {
                    Ok(()) => neighbours.add(source, path.line, &target),
                    Err(why) => fault(path.line, why),
                },
                _ => neighbours.add(source, path.line, &target),
            }
        }
    }
    faults.extend(neighbours.circles());
    faults.into_iter().collect()
}

/// The floors from the ground up. Each may know those below, and those beside it where no circle forms.
const FLOORS: [&[&str]; 7] = [
    &["cpu", "rung", "secret", "wire"],
    &["hash", "symmetric"],
    &["asymmetric"],
    &["pki"],
    &PROTOCOLS,
    &["labs", "story"],
    &["course"],
];

/// They do not know one another.
const PROTOCOLS: [&str; 4] = ["age", "kubernetes", "ssh", "tls"];

fn height(floor: &str) -> Option<usize> {
    FLOORS.iter().position(|floors| floors.contains(&floor))
}

fn floor_is_on_the_map(source: &Source, fault: &mut impl FnMut(usize, String)) {
    if let Some(floor) = source.floor()
        && floor != "report"
        && height(floor).is_none()
    {
        fault(1, format!("`{floor}` is on no floor of the map"));
    }
}

/// Whether a file on `floor` may name something of the floor `other`, and if not, why.
fn may_know(floor: &str, other: &str) -> Result<(), String> {
    let (here, there) = (height(floor), height(other));
    if floor == other {
        Ok(())
    } else if floor == "report" {
        (other == "wire").then_some(()).ok_or_else(|| format!("`report` knows `wire` alone, not `{other}`"))
    } else if other == "report" {
        let tells = here >= height("story");
        tells.then_some(()).ok_or_else(|| format!("`{floor}` may not know `report`"))
    } else if PROTOCOLS.contains(&floor) && PROTOCOLS.contains(&other) {
        Err(format!("the protocol `{floor}` may not know the protocol `{other}`"))
    } else if here < there {
        Err(format!("`{floor}` reaches up to `{other}`"))
    } else {
        Ok(())
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A default path must never hold a secret in a big integer of variable time that nobody zeroes.
fn big_integers_stay_in_textbooks(source: &Source, fault: &mut impl FnMut(usize, String)) {
    let is_told = matches!(source.floor(), Some("labs" | "story"));
    if is_told || file_name(source.path) == "textbook.rs" {
        return;
    }
    for token in &source.tokens {
        if let Some(name @ ("num_bigint" | "num_traits")) = token.name() {
            fault(token.line, format!("`{name}` outside a textbook"));
        }
    }
}

/// A file that is brought in under another name, or as text, would stand in two places of the house.
fn files_are_modules(source: &Source, fault: &mut impl FnMut(usize, String)) {
    for three in source.tokens.windows(3) {
        if three[0].is_sign('#') && three[1].is_sign('[') && three[2].is_name("path") {
            fault(three[0].line, "`#[path]` gives a file another place".to_owned());
        }
        if three[0].is_name("include") && three[1].is_sign('!') {
            fault(three[0].line, "`include!` gives a file another place".to_owned());
        }
    }
}

fn unsafe_stays_in_hardware(source: &Source, fault: &mut impl FnMut(usize, String)) {
    if file_name(source.path) == "hardware.rs" || source.path.contains("/hardware/") {
        return;
    }
    for token in source.tokens.iter().filter(|token| token.is_name("unsafe")) {
        fault(token.line, "`unsafe` outside a hardware file".to_owned());
    }
}

/// Token of `cpu` → the features that its `detect` asks for.
type Detected<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Reads the `impl` of each token: each `is_…_feature_detected!("…")` is a feature, and a token whose
/// `detect` is called brings its own.
fn detected_features<'a>(sources: &[Source<'a>]) -> Detected<'a> {
    let mut detected = Detected::new();
    let mut includes = Vec::new();
    for source in sources.iter().filter(|source| source.floor() == Some("cpu")) {
        let mut of = None;
        for window in source.tokens.windows(4) {
            let [first, second, third, fourth] = window else { unreachable!("windows of four") };
            if first.is_name("impl") {
                of = second.name().filter(|_| third.is_sign('{'));
            }
            let Some(of) = of else { continue };
            let detects = first.name().is_some_and(|name| name.ends_with("_feature_detected"));
            if let (true, Word::Text(feature)) = (detects && second.is_sign('!'), fourth.word) {
                detected.entry(of).or_default().insert(feature);
            }
            if let (Some(other), true) = (first.name(), third.is_name("detect"))
                && second.word == Word::PathSeparator
            {
                includes.push((of, other));
            }
        }
    }
    // Once for each link of the longest chain is enough, and there are no more links than this.
    for _ in 0..includes.len() {
        for (of, other) in &includes {
            let more = detected.get(other).cloned().unwrap_or_default();
            detected.entry(of).or_default().extend(more);
        }
    }
    detected
}

/// The compiler does not tie the token that a function takes to the features that it enables.
fn features_are_detected(source: &Source, detected: &Detected, fault: &mut impl FnMut(usize, String)) {
    let tokens = &source.tokens;
    let mut enabled = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        if token.is_name("target_feature") && next.is_some_and(|next| next.is_sign('(')) {
            let arguments = tokens[at..].iter().take_while(|token| !token.is_sign(')'));
            for argument in arguments {
                if let Word::Text(features) = argument.word {
                    enabled.extend(features.split(',').map(str::trim));
                }
            }
        }
        if !token.is_name("fn") || enabled.is_empty() {
            continue;
        }
        let function = next.and_then(Token::name).unwrap_or_default();
        let parameters = parameters(&tokens[at..]);
        let taken = parameters.iter().filter_map(|token| detected.get_key_value(token.name()?));
        let taken: Vec<_> = taken.collect();
        let undetected =
            enabled.iter().filter(|feature| !taken.iter().any(|(_, features)| features.contains(*feature)));
        let undetected: Vec<_> = undetected.copied().collect();
        if taken.is_empty() {
            let what = "enables processor features and takes no token of `cpu`";
            fault(token.line, format!("`{function}` {what}"));
        } else if !undetected.is_empty() {
            let names: Vec<_> = taken.iter().map(|(name, _)| **name).collect();
            let (names, undetected) = (names.join(", "), undetected.join(", "));
            let what = format!("`{function}` enables {undetected}, which {names} does not detect");
            fault(token.line, what);
        }
        enabled.clear();
    }
}

/// What stands between the brackets of the function that begins here, behind its generics.
fn parameters<'t, 'a>(function: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let (mut angles, mut brackets, mut start) = (0_usize, 0_usize, None);
    for (at, token) in function.iter().enumerate() {
        match token.word {
            Word::Sign('<') => angles += 1,
            // The end of `->` closes nothing.
            Word::Sign('>') if !function[at - 1].is_sign('-') => angles = angles.saturating_sub(1),
            Word::Sign('(') if start.is_some() => brackets += 1,
            Word::Sign('(') if angles == 0 => start = Some(at + 1),
            Word::Sign(')') if start.is_some() && brackets > 0 => brackets -= 1,
            Word::Sign(')') => {
                if let Some(start) = start {
                    return &function[start..at];
                }
            }
            _ => {}
        }
    }
    &[]
}

/// Who knows whom among the modules that have one parent: the floors, and within a floor the files of
/// one folder. What a file names, the folder that it lies in names for its neighbours; a module and
/// what it consists of may know each other.
#[derive(Default)]
struct Neighbours<'a> {
    by_parent: BTreeMap<Module, BTreeMap<Edge, Place<'a>>>,
}

/// The one that knows, and the one that is known.
type Edge = (String, String);

/// The path and the line where that was first seen.
type Place<'a> = (&'a str, usize);

impl<'a> Neighbours<'a> {
    fn add(&mut self, source: &Source<'a>, line: usize, target: &Module) {
        let mut both = source.module.iter().zip(target);
        let Some(common) = both.position(|(here, there)| here != there) else { return };
        let edges = self.by_parent.entry(source.module[..common].to_vec()).or_default();
        let edge = (source.module[common].clone(), target[common].clone());
        edges.entry(edge).or_insert((source.path, line));
    }

    /// For each module that is in a circle, the shortest one through it, unless it stands in one that is
    /// told already.
    fn circles(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (parent, edges) in &self.by_parent {
            let mut told = BTreeSet::new();
            for (start, _) in edges.keys() {
                let Some(circle) = shortest_circle(edges, start) else { continue };
                if told.contains(start) {
                    continue;
                }
                told.extend(circle.iter().cloned());
                let name = |module: &String| [parent.as_slice(), slice::from_ref(module)].concat().join("::");
                let round = circle.iter().chain([start]).collect::<Vec<_>>();
                let places = round.windows(2).map(|pair| edges[&(pair[0].clone(), pair[1].clone())]);
                let places: Vec<_> = places.collect();
                let names: Vec<_> = round.iter().map(|module| name(module)).collect();
                let others: Vec<_> =
                    places[1..].iter().map(|(path, line)| format!("{path}:{line}")).collect();
                let (path, line) = places[0];
                faults.push(Fault {
                    path: path.to_owned(),
                    line,
                    what: format!("a circle: {} (with {})", names.join(" → "), others.join(", ")),
                });
            }
        }
        faults
    }
}

/// The modules of the shortest way along `edges` from `start` back to it.
fn shortest_circle(edges: &BTreeMap<Edge, Place>, start: &String) -> Option<Vec<String>> {
    let mut ways = vec![vec![start.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for (from, to) in edges.keys() {
                if Some(from) != way.last() {
                    continue;
                }
                if to == start {
                    return Some(way);
                }
                if seen.insert(to.clone()) {
                    longer.push([way.as_slice(), slice::from_ref(to)].concat());
                }
            }
        }
        ways = longer;
    }
    None
}
