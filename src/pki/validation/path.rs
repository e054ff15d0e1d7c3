//! From a leaf to a trusted certificate, step by step (RFC 5280 §6.1, RFC 4158).
//!
//! Which way leads there is not given: a peer may send its certificates in any order, too many of
//! them, some that only share a name, or authorities that signed each other. So every way is tried,
//! within bounds: the likeliest first, and the signature, which is dear, asked for last.

use std::collections::{HashMap, HashSet};
use std::ptr;

use crate::pki::validation::checks::{self, short, who};
use crate::pki::validation::constraints::{self, Budget};
use crate::pki::validation::error::{Candidate, MAX_TOLD};
use crate::pki::validation::{
    BrokenRule, Limit, MAX_COMPARISONS, MAX_LOOKS, MAX_PATH, MAX_SIGNATURES, Stranger, Usage, ValidationError,
};
use crate::pki::{Certificate, Name, Time, TrustStore};

/// The certificates from a leaf to a trusted one, each signed by the next.
#[derive(Clone, Debug)]
pub struct Path<'a>(Vec<&'a Certificate>);

impl<'a> Path<'a> {
    pub(super) fn alone(leaf: &'a Certificate) -> Self {
        Self(vec![leaf])
    }

    /// All of them, the leaf first.
    #[must_use]
    pub fn certificates(&self) -> &[&'a Certificate] {
        &self.0
    }

    /// The certificate that was to be believed.
    #[must_use]
    pub fn leaf(&self) -> &'a Certificate {
        self.0[0]
    }

    /// The one that was trusted beforehand.
    #[must_use]
    pub fn anchor(&self) -> &'a Certificate {
        self.0[self.0.len() - 1]
    }

    /// What is said of it where it holds, and its leaf does not.
    pub(super) fn broke(&self, rule: BrokenRule) -> ValidationError {
        let certificates = self.0.iter().map(|certificate| who(certificate)).collect();
        ValidationError::new(vec![Candidate { certificates, complete: true, broke: rule }], 0)
    }
}

pub(super) fn find<'a>(
    leaf: &'a Certificate,
    others: &'a [Certificate],
    store: &'a TrustStore,
    at: Time,
    usage: Usage,
) -> Result<Path<'a>, ValidationError> {
    let mut search = Search {
        known: Known::new(others, store),
        at,
        usage,
        path: vec![leaf],
        looks: MAX_LOOKS,
        signatures: MAX_SIGNATURES,
        spare: MAX_TOLD,
        beyond: MAX_TOLD,
        comparisons: Budget(MAX_COMPARISONS),
        verified: Vec::new(),
        told: Vec::new(),
        untold: 0,
    };
    if search.reaches_the_store() {
        return Ok(Path(search.path));
    }
    // The first of those that tell the same stays the first.
    search.told.sort_by_key(|(tells, _)| std::cmp::Reverse(*tells));
    let candidates = search.told.into_iter().map(|(_, candidate)| candidate).collect();
    Err(ValidationError::new(candidates, search.untold))
}

/// Someone who has the name of an issuer.
#[derive(Clone, Copy)]
pub(super) struct Namesake<'a> {
    pub(super) certificate: &'a Certificate,
    trusted: bool,
}

/// Someone, and the rule that he broke.
type Blamed<'a> = (Namesake<'a>, BrokenRule);

/// All who may have signed something, by their names; the trusted ones first, and each once.
pub(super) struct Known<'a>(HashMap<&'a [u8], Vec<Namesake<'a>>>);

impl<'a> Known<'a> {
    pub(super) fn new(others: &'a [Certificate], store: &'a TrustStore) -> Self {
        let (mut known, mut seen) = (Self(HashMap::new()), HashSet::new());
        let trusted = store.certificates().iter().map(|certificate| Namesake { certificate, trusted: true });
        let sent = others.iter().map(|certificate| Namesake { certificate, trusted: false });
        for namesake in trusted.chain(sent) {
            if seen.insert(namesake.certificate.der()) {
                known.0.entry(namesake.certificate.subject().der()).or_default().push(namesake);
            }
        }
        known
    }

    pub(super) fn named(&self, name: &Name) -> &[Namesake<'a>] {
        self.0.get(name.der()).map_or(&[], Vec::as_slice)
    }
}

/// §4.2.1.1: the certificate names its issuer's key; whether this issuer has that one, if both say.
fn names_the_key_of(certificate: &Certificate, issuer: &Certificate) -> Option<bool> {
    let named = certificate.extensions().authority_key_identifier()?;
    let has = issuer.extensions().subject_key_identifier()?;
    Some(named == has)
}

/// It names another key identifier than this issuer has. That need not be another key: RFC 4158 §3.5.12
/// sorts by it and excludes nobody.
pub(super) fn has_another_identifier(certificate: &Certificate, issuer: &Certificate) -> bool {
    names_the_key_of(certificate, issuer) == Some(false)
}

struct Search<'a> {
    known: Known<'a>,
    at: Time,
    usage: Usage,
    /// The path so far.
    path: Vec<&'a Certificate>,
    /// Certificates that may still be looked at.
    looks: usize,
    /// Signatures that may still be verified.
    signatures: usize,
    /// Signatures that may be verified besides, to tell the truth of a way that does not lead on.
    spare: usize,
    /// And those to tell where it would have led.
    beyond: usize,
    /// Names that may still be held against constraints.
    comparisons: Budget,
    /// Which key made whose signature: a hundred certificates of one key are one question.
    verified: Vec<(&'a Certificate, &'a [u8], Result<(), BrokenRule>)>,
    /// The ways that ended, each with how much it tells.
    told: Vec<(Telling, Candidate)>,
    /// How many more there were.
    untold: usize,
}

/// How much the end of a way tells. That the search was given up tells more than that a rule was broken,
/// that more than that a signature does not verify, and that more than that nobody is known; then what
/// reached the trust store, then what happened farther up.
type Telling = (u8, bool, usize);

impl<'a> Search<'a> {
    /// Tries everyone who may have signed the last certificate of the path, and so on upwards. When it
    /// fails the path is as it was, and the reasons are noted.
    fn reaches_the_store(&mut self) -> bool {
        let child = self.path[self.path.len() - 1];
        if let Err(rule) = checks::signature_algorithm(child) {
            self.note(rule);
            return false;
        }
        if self.path.len() == MAX_PATH {
            return self.give_up(child, Limit::Path);
        }
        let namesakes = self.known.named(child.issuer()).to_vec();
        let Some(looks) = self.looks.checked_sub(namesakes.len()) else {
            return self.give_up(child, Limit::Looks);
        };
        self.looks = looks;

        let (fit, unfit) = self.in_order(child, &namesakes);
        let mut refused = Vec::new();
        for issuer in fit.iter().copied() {
            match self.verify(child, issuer.certificate, |search| &mut search.signatures) {
                None => return self.give_up(child, Limit::Signatures),
                Some(Err(rule)) => refused.push((issuer, rule)),
                Some(Ok(())) if self.leads_on(issuer) => return true,
                Some(Ok(())) => {}
            }
        }
        self.tell_of(child, &namesakes, &fit, unfit, refused);
        false
    }

    /// Whether the way goes on from this issuer, who signed the last certificate of the path.
    fn leads_on(&mut self, issuer: Namesake<'a>) -> bool {
        self.path.push(issuer.certificate);
        let leads = if issuer.trusted {
            match constraints::hold(&self.path, &mut self.comparisons) {
                Ok(()) => true,
                Err(rule) => {
                    self.note_at(true, &[], rule);
                    false
                }
            }
        } else {
            self.reaches_the_store()
        };
        if !leads {
            self.path.pop();
        }
        leads
    }

    /// Those of an issuer's name who may stand next in the path, the likeliest first; and those who may
    /// not, each with why.
    fn in_order(
        &self,
        child: &Certificate,
        namesakes: &[Namesake<'a>],
    ) -> (Vec<Namesake<'a>>, Vec<Blamed<'a>>) {
        let (mut fit, mut unfit) = (Vec::new(), Vec::new());
        for namesake in namesakes.iter().copied() {
            if self.stands_below(namesake.certificate) {
                continue;
            }
            match self.may_stand_next(namesake.certificate) {
                Ok(()) => fit.push(namesake),
                Err(rule) => unfit.push((namesake, rule)),
            }
        }
        fit.sort_by_key(|issuer| {
            let named = names_the_key_of(child, issuer.certificate);
            (named == Some(false), !issuer.trusted, named != Some(true))
        });
        unfit.sort_by_key(|(issuer, _)| has_another_identifier(child, issuer.certificate));
        (fit, unfit)
    }

    /// Whether an authority of this name and key is in the path already, above the leaf. Nothing is lost
    /// by leaving it out: from there the way without the circle is tried as well, and is shorter.
    fn stands_below(&self, issuer: &Certificate) -> bool {
        let same =
            |one: &Certificate| one.subject() == issuer.subject() && one.spki_der() == issuer.spki_der();
        ptr::eq(self.path[0], issuer)
            || *self.path[0] == *issuer
            || self.path[1..].iter().any(|one| same(one))
    }

    /// All that RFC 5280 asks of a certificate that signed the last one of the path, the names excepted,
    /// which wait until the way is known.
    fn may_stand_next(&self, issuer: &Certificate) -> Result<(), BrokenRule> {
        // §6.1.4 (l): certificates that an authority issued to itself, with a new key, do not count.
        let below = self.path[1..].iter().filter(|certificate| !certificate.is_self_issued()).count();
        checks::authority(issuer, below as u64)?;
        checks::understood(issuer)?;
        checks::purpose(issuer, self.usage)?;
        checks::time(issuer, self.at).map(drop)
    }

    /// Whether this issuer's key made the signature; `None` if there is nothing left for that.
    fn verify(
        &mut self,
        child: &'a Certificate,
        issuer: &'a Certificate,
        budget: impl Fn(&mut Self) -> &mut usize,
    ) -> Option<Result<(), BrokenRule>> {
        let key = issuer.spki_der();
        let asked = self.verified.iter().find(|(of, by, _)| ptr::eq(*of, child) && *by == key);
        if let Some((_, _, answer)) = asked {
            return Some(answer.clone());
        }
        let left = budget(self);
        *left = left.checked_sub(1)?;
        let answer = checks::signature(child, issuer);
        self.verified.push((child, key, answer.clone()));
        Some(answer)
    }

    /// Why the way ends at `child`: what each who may have signed it has broken, or that there is nobody.
    fn tell_of(
        &mut self,
        child: &'a Certificate,
        namesakes: &[Namesake<'a>],
        fit: &[Namesake<'a>],
        unfit: Vec<Blamed<'a>>,
        mut refused: Vec<Blamed<'a>>,
    ) {
        let mut signed = fit.len() > refused.len();
        for (issuer, rule) in unfit {
            // Who only has the name is not blamed for more than that.
            match self.verify(child, issuer.certificate, |search| &mut search.spare) {
                Some(Err(bad)) => refused.push((issuer, bad)),
                Some(Ok(())) | None => {
                    signed = true;
                    let above = self.trusted_above(issuer);
                    let beyond: Vec<_> = [issuer.certificate].into_iter().chain(above).collect();
                    self.note_at(issuer.trusted || above.is_some(), &beyond, rule);
                }
            }
        }
        if signed {
            return;
        }
        // Whom the certificate did not name, and who did not sign it, is another.
        let others: Vec<_> =
            refused.extract_if(.., |(issuer, _)| has_another_identifier(child, issuer.certificate)).collect();
        // Who only shares the issuer's name says nothing about the signature of one who signed himself.
        let itself = self.signed_itself(child);
        if !refused.is_empty() && !itself {
            for (issuer, rule) in refused {
                self.note_at(issuer.trusted, &[issuer.certificate], rule);
            }
            return;
        }
        let below = |namesake: &Namesake| self.stands_below(namesake.certificate);
        let stranger = match () {
            () if child.is_self_issued() => Stranger::Itself,
            () if !others.is_empty() => {
                Stranger::Namesake { trusted: others.iter().any(|(issuer, _)| issuer.trusted) }
            }
            () if namesakes.iter().any(below) => Stranger::Circle,
            () => Stranger::Nobody,
        };
        let (subject, issuer) = (who(child), short(child.issuer()));
        self.note(BrokenRule::UnknownIssuer { subject, issuer, stranger });
    }

    /// The trusted one who signed this one, where the way would have ended there.
    fn trusted_above(&mut self, last: Namesake<'a>) -> Option<&'a Certificate> {
        if last.trusted || self.path.len() + 2 > MAX_PATH {
            return None;
        }
        let namesakes = self.known.named(last.certificate.issuer()).to_vec();
        let trusted = namesakes.into_iter().filter(|namesake| namesake.trusted);
        trusted.map(|namesake| namesake.certificate).find(|issuer| {
            matches!(self.verify(last.certificate, issuer, |search| &mut search.beyond), Some(Ok(())))
        })
    }

    fn signed_itself(&mut self, child: &'a Certificate) -> bool {
        child.is_self_issued()
            && matches!(self.verify(child, child, |search| &mut search.spare), Some(Ok(())))
    }

    fn give_up(&mut self, child: &Certificate, limit: Limit) -> bool {
        self.note(BrokenRule::TooMuchWork { subject: who(child), limit });
        false
    }

    fn note(&mut self, broke: BrokenRule) {
        self.note_at(false, &[], broke);
    }

    /// Keeps the way, with those beyond its end who belong to it, and the rule that ended it; of too many
    /// the ones that tell most.
    fn note_at(&mut self, complete: bool, beyond: &[&Certificate], broke: BrokenRule) {
        let kind = match broke {
            BrokenRule::UnknownIssuer { .. } => 0,
            BrokenRule::BadSignature { .. } => 1,
            // A way that is too long is one of many; a search that was given up may have missed the right one.
            BrokenRule::TooMuchWork {
                limit: Limit::Signatures | Limit::Looks | Limit::Comparisons, ..
            } => 3,
            _ => 2,
        };
        let tells = (kind, complete, self.path.len());
        let place = if self.told.len() < MAX_TOLD {
            self.told.len()
        } else {
            self.untold += 1;
            let least = (0..self.told.len()).min_by_key(|&i| self.told[i].0).unwrap_or_default();
            if self.told[least].0 >= tells {
                return;
            }
            self.told.remove(least);
            self.told.len()
        };
        let way = self.path.iter().chain(beyond).copied();
        let certificates = way.map(|certificate| self.label(certificate)).collect();
        self.told.insert(place, (tells, Candidate { certificates, complete, broke }));
    }

    /// A certificate in a list of ways: its number too, where another has its name.
    fn label(&self, certificate: &Certificate) -> String {
        let who = who(certificate);
        if self.known.named(certificate.subject()).len() < 2 {
            return who;
        }
        let number: String = certificate.serial_number().to_string().chars().take(11).collect();
        format!("{who} (no. {number})")
    }
}
