//! The names of a path against the constraints of its authorities (RFC 5280 §6.1.3 (b) and (c)).
//! How they are applied, [`name_constraints`](crate::pki::name_constraints) says.

use crate::pki::name_constraints::{Base, Relation, Subtree};
use crate::pki::validation::checks::{short, who};
use crate::pki::validation::{BrokenRule, Limit};
use crate::pki::{Certificate, GeneralName, NameConstraints, Oid};

/// How much work may still be done: a comparison of short names is one, of longer ones as many as they
/// have times 32 bytes.
pub(super) struct Budget(pub(super) usize);

impl Budget {
    fn spend(&mut self, work: usize, on: &Certificate) -> Result<(), BrokenRule> {
        let exhausted = || BrokenRule::TooMuchWork { subject: who(on), limit: Limit::Comparisons };
        self.0 = self.0.checked_sub(work).ok_or_else(exhausted)?;
        Ok(())
    }
}

/// Whether each name of `path`, the leaf first, is one for which all authorities above it may vouch.
pub(super) fn hold(path: &[&Certificate], budget: &mut Budget) -> Result<(), BrokenRule> {
    for (at, authority) in path.iter().enumerate().skip(1) {
        let Some(constraints) = authority.extensions().name_constraints() else { continue };
        for (below, certificate) in path[..at].iter().enumerate() {
            if below > 0 && certificate.is_self_issued() {
                continue;
            }
            for name in names(certificate) {
                budget.spend(1, certificate)?;
                let held = Held { certificate, authority, name: &name };
                held.excluded(constraints, budget)?;
                held.permitted(constraints, budget)?;
            }
        }
    }
    Ok(())
}

/// All names of a certificate that constraints are for.
fn names(certificate: &Certificate) -> impl Iterator<Item = GeneralName> {
    let subject = certificate.subject();
    let directory = (!subject.is_empty()).then(|| GeneralName::DirectoryName(subject.clone()));
    let alternative = certificate.extensions().subject_alt_name();
    let mailboxes = subject
        .attributes()
        .filter(move |attribute| alternative.is_none() && attribute.kind == Oid::EMAIL_ADDRESS);
    let mailboxes = mailboxes.map(|mailbox| GeneralName::Rfc822Name(mailbox.to_string()));
    directory.into_iter().chain(alternative.into_iter().flatten().cloned()).chain(mailboxes)
}

/// One name, held against one authority.
struct Held<'a> {
    certificate: &'a Certificate,
    authority: &'a Certificate,
    name: &'a GeneralName,
}

impl Held<'_> {
    /// §6.1.3 (c): within none of the excluded subtrees, in whole or in part.
    fn excluded(&self, constraints: &NameConstraints, budget: &mut Budget) -> Result<(), BrokenRule> {
        for subtree in &constraints.excluded {
            let relation = self.relation(subtree, budget)?;
            match relation {
                Relation::OtherForm | Relation::Outside => {}
                Relation::Unknown => return Err(self.unprocessed(subtree)),
                Relation::Inside | Relation::Touches => {
                    return Err(BrokenRule::Excluded {
                        subject: who(self.certificate),
                        form: self.name.form(),
                        name: short(self.name),
                        authority: who(self.authority),
                        excluded: short(subtree),
                        touches: relation == Relation::Touches,
                    });
                }
            }
        }
        Ok(())
    }

    /// §6.1.3 (b): within one of the permitted subtrees, if there are any of its form.
    fn permitted(&self, constraints: &NameConstraints, budget: &mut Budget) -> Result<(), BrokenRule> {
        let (mut constrained, mut unknown) = (false, None);
        for subtree in &constraints.permitted {
            match self.relation(subtree, budget)? {
                Relation::Inside => return Ok(()),
                Relation::OtherForm => {}
                Relation::Touches | Relation::Outside => constrained = true,
                Relation::Unknown => unknown = Some(subtree),
            }
        }
        if let Some(subtree) = unknown {
            return Err(self.unprocessed(subtree));
        }
        if !constrained {
            return Ok(());
        }
        let of_its_form = constraints.permitted.iter().filter(|subtree| subtree.form() == self.name.form());
        Err(BrokenRule::NotPermitted {
            subject: who(self.certificate),
            form: self.name.form(),
            name: short(self.name),
            authority: who(self.authority),
            permitted: of_its_form.map(short).collect(),
        })
    }

    fn relation(&self, subtree: &Subtree, budget: &mut Budget) -> Result<Relation, BrokenRule> {
        budget.spend(1 + (length(self.name) + base_length(subtree)) / 32, self.certificate)?;
        Ok(subtree.relation(self.name))
    }

    fn unprocessed(&self, subtree: &Subtree) -> BrokenRule {
        BrokenRule::UnprocessedConstraint {
            subject: who(self.certificate),
            form: self.name.form(),
            name: short(self.name),
            authority: who(self.authority),
            subtree: short(subtree),
        }
    }
}

fn base_length(subtree: &Subtree) -> usize {
    match &subtree.base {
        Base::Name(name) => length(name),
        Base::Addresses { .. } => 16,
    }
}

fn length(name: &GeneralName) -> usize {
    match name {
        GeneralName::DnsName(text)
        | GeneralName::Rfc822Name(text)
        | GeneralName::UniformResourceIdentifier(text) => text.len(),
        GeneralName::DirectoryName(name) => name.der().len(),
        GeneralName::IpAddress(_) => 16,
        GeneralName::Other { der, .. } => der.len(),
    }
}
