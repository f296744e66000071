//! What was found elsewhere beside what the own store knows: one person's facts.

use std::collections::BTreeSet;

use super::Remote;
use crate::{
    domain::{Record, Result, SubjectFacts},
    store::Tx,
};

/// Adds what other systems know, in the order that facts have.
pub fn merge(facts: &mut SubjectFacts, remote: &Remote) {
    let explained = explained(facts, remote);
    facts.records.extend(remote.facts.records.iter().cloned().map(|mut record| {
        record.caveats.restricted &= row_of(remote, &record).is_none_or(|row| !explained.contains(&row));
        record
    }));
    facts.records.sort_by(|a, b| (&a.category, a.key.id).cmp(&(&b.category, b.key.id)));
    facts.consents.extend(remote.facts.consents.iter().cloned());
    facts.consents.sort_by_key(|consent| (consent.given_at, consent.id));
    facts.obligations.extend(remote.facts.obligations.iter().cloned());
    facts.obligations.sort_by_key(|obligation| (obligation.opened_at, obligation.id));
}

/// Rows that are marked as out of use because of a block or an archive here: the mark is the row's, whatever part of
/// it they are about. Any other mark somebody there has set, and it counts as a block.
fn explained(facts: &SubjectFacts, remote: &Remote) -> BTreeSet<usize> {
    let ours = |record: &&Record| facts.block(&record.category).is_some() || record.archived_until.is_some();
    remote.facts.records.iter().filter(ours).filter_map(|record| row_of(remote, record)).collect()
}

fn row_of(remote: &Remote, record: &Record) -> Option<usize> {
    remote.facts.rows.of_record(record.key).map(|(row, _)| row)
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
