//! A row of the table, and our own verdict of it.

use std::collections::HashMap;
use std::sync::Mutex;

use cutaway::pki::validation::{Answer, explain};
use cutaway::pki::{Certificate, ServerName, TrustStore, Usage, ValidationError, validate};

use crate::build::{NOW, Template, root, time};

/// What is sent, whom the client trusts, and what it asked for.
pub struct Chain {
    pub sent: Vec<Vec<u8>>,
    pub trusted: Vec<Vec<u8>>,
    pub asked: &'static str,
    pub at: &'static str,
}

/// These are sent, the leaf first; trusted is the root alone.
pub fn sent(templates: impl IntoIterator<Item = Template>) -> Chain {
    Chain { sent: ders(templates), trusted: ders([root()]), asked: "localhost", at: NOW }
}

impl Chain {
    pub fn trusting(self, trusted: impl IntoIterator<Item = Template>) -> Self {
        Self { trusted: ders(trusted), ..self }
    }

    pub fn asked(self, asked: &'static str) -> Self {
        Self { asked, ..self }
    }
}

/// Certificates of `fixtures/pki`, which OpenSSL made.
pub fn fixtures(sent: &[&str], trusted: &[&str]) -> Chain {
    let der = |name: &&str| {
        let path = format!("{}/fixtures/pki/{name}.pem", env!("CARGO_MANIFEST_DIR"));
        Certificate::from_pem(&std::fs::read(path).unwrap()).unwrap()[0].der().to_vec()
    };
    let ders = |names: &[&str]| names.iter().map(der).collect();
    Chain { sent: ders(sent), trusted: ders(trusted), asked: "localhost", at: NOW }
}

/// Each signed once, for the same ones come again and again.
fn ders(templates: impl IntoIterator<Item = Template>) -> Vec<Vec<u8>> {
    static SIGNED: Mutex<Option<HashMap<String, Vec<u8>>>> = Mutex::new(None);
    let mut signed = SIGNED.lock().unwrap();
    let signed = signed.get_or_insert_default();
    let mut der =
        |template: Template| signed.entry(format!("{template:?}")).or_insert_with(|| template.der()).clone();
    templates.into_iter().map(&mut der).collect()
}

/// What the table says of a chain.
#[derive(Debug, PartialEq, Eq)]
pub enum Expected {
    /// It is believed, by a path of so many.
    Believed(usize),
    /// It breaks this rule: the name of the variant, and the subject whose certificate it is.
    Broken { rule: &'static str, whose: &'static str },
    /// One of its certificates is none, and the error says so with these words.
    Malformed(&'static str),
}

pub struct Row {
    pub name: &'static str,
    pub chain: Chain,
    pub expected: Expected,
    /// Why OpenSSL says another thing, if it does.
    pub openssl: Option<&'static str>,
    /// Why webpki does.
    pub webpki: Option<&'static str>,
}

fn row(name: &'static str, expected: Expected, chain: Chain) -> Row {
    Row { name, chain, expected, openssl: None, webpki: None }
}

pub fn believed(name: &'static str, length: usize, chain: Chain) -> Row {
    row(name, Expected::Believed(length), chain)
}

pub fn broken(name: &'static str, (rule, whose): (&'static str, &'static str), chain: Chain) -> Row {
    row(name, Expected::Broken { rule, whose }, chain)
}

pub fn malformed(name: &'static str, why: &'static str, chain: Chain) -> Row {
    row(name, Expected::Malformed(why), chain)
}

impl Row {
    pub fn openssl(self, why: &'static str) -> Self {
        Self { openssl: Some(why), ..self }
    }

    pub fn webpki(self, why: &'static str) -> Self {
        Self { webpki: Some(why), ..self }
    }

    pub fn is_believed(&self) -> bool {
        matches!(self.expected, Expected::Believed(_))
    }

    /// Our own verdict: the length of the path; the outer error where a certificate could not be read.
    pub fn validate(&self) -> Result<Result<usize, ValidationError>, String> {
        let Chain { sent, trusted, asked, at } = &self.chain;
        let read = |ders: &[Vec<u8>]| ders.iter().map(|der| Certificate::from_der(der)).collect();
        let sent: Vec<_> = Result::map_err(read(sent), |error| error.to_string())?;
        let trusted: Vec<_> = Result::map_err(read(trusted), |error| error.to_string())?;
        let (store, name) = (TrustStore::from_iter(trusted), asked.parse::<ServerName>().unwrap());
        let path = validate(&sent, &store, time(at), Usage::ServerAuth, Some(&name));
        let told = explain(&sent, &store, time(at), Usage::ServerAuth, Some(&name)).unwrap();
        let all_hold = told.iter().all(|check| check.answer == Answer::Holds);
        assert_eq!(path.is_ok(), all_hold, "{}: the same in words", self.name);
        // Some answer is a no; and where no path holds, one of them lists the paths.
        let (fails, leads) = (told.iter().any(|check| check.answer == Answer::Fails), &told[..2]);
        assert_eq!(fails, path.is_err(), "{}: {told:?}", self.name);
        let holds = leads.iter().all(|check| check.answer == Answer::Holds);
        assert_ne!(holds, leads.iter().any(|check| check.refusal.is_some()), "{}: {told:?}", self.name);
        Ok(path.map(|path| path.certificates().len()))
    }

    /// Whether it is as expected; else what was found.
    pub fn judged(&self) -> Result<(), String> {
        let found = self.validate();
        let as_expected = match (&self.expected, &found) {
            (Expected::Believed(length), Ok(Ok(found))) => length == found,
            (Expected::Broken { rule, whose }, Ok(Err(error))) => {
                let found = format!("{:?}", error.rule());
                let whose = match whose.strip_suffix('…') {
                    Some(begins) => begins.to_owned(),
                    None if whose.contains('=') => format!("{whose}\""),
                    None => format!("CN={whose}\""),
                };
                found.starts_with(&format!("{rule} {{ subject: \"{whose}"))
            }
            (Expected::Malformed(words), Err(error)) => error.contains(words),
            _ => false,
        };
        if as_expected {
            Ok(())
        } else {
            Err(format!("{}: expected {:?}, found {found:?}", self.name, self.expected))
        }
    }
}
