//! What was found elsewhere beside what the own store knows: one person's facts.

use super::Remote;
use crate::{
    domain::{Result, SubjectFacts},
    store::Tx,
};

/// Adds what other systems know, in the order that facts have.
pub fn merge(facts: &mut SubjectFacts, remote: &Remote) {
    facts.records.extend(remote.facts.records.iter().cloned());
    facts.records.sort_by(|a, b| (&a.category, a.key.id).cmp(&(&b.category, b.key.id)));
    facts.consents.extend(remote.facts.consents.iter().cloned());
    facts.consents.sort_by_key(|consent| (consent.given_at, consent.id));
    facts.obligations.extend(remote.facts.obligations.iter().cloned());
    facts.obligations.sort_by_key(|obligation| (obligation.opened_at, obligation.id));
}

/// The facts of somebody whom only other systems know.
pub fn only_elsewhere(controller: &str, remote: &Remote) -> SubjectFacts {
    let mut facts =
        SubjectFacts { identifiers: remote.naming(), ..SubjectFacts::nobody(controller, remote.new) };
    merge(&mut facts, remote);
    facts
}

/// Writes somebody down whom only other systems know, so that a case can be about them.
///
/// # Errors
/// As any write.
pub fn enrol(tx: &Tx<'_>, controller: &str, remote: &Remote, now: crate::domain::Moment) -> Result<()> {
    tx.enrol(controller, remote.new, &remote.naming(), now)
}
