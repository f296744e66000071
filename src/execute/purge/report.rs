//! What a run found and did, as numbers: no person, no value.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Company, Judged, Stop};
use crate::{
    audit::Hash,
    domain::{CaseNumber, Error, Reason, RunId},
    store::expire::Outlived,
};

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing was done: a rehearsal, or a guard stopped it.
    Planned,
    /// Everything due is destroyed, its bytes too.
    Destroyed,
    /// Rows are gone; bytes may still lie in the file.
    Pending,
}

impl Status {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Destroyed => "destroyed",
            Self::Pending => "pending",
        }
    }
}

/// A night.
#[derive(Debug)]
pub struct Tonight {
    /// The run; `None` where nothing was begun.
    pub run: Option<RunId>,
    /// The day that was judged.
    pub as_of: NaiveDate,
    /// How far it came.
    pub status: Status,
    /// By controller.
    pub tallies: Vec<Tally>,
    /// What of the register itself went, by controller.
    pub outlived: BTreeMap<String, Outlived>,
    /// Cases that are open again and wait for an officer.
    pub reopened: Vec<CaseNumber>,
    /// Transactions that changed data.
    pub batches: u64,
    /// Over every record that goes or is archived; made only where a plan asks for it.
    pub digest: Hash,
    /// Whose other systems are not done to the end.
    pub unfinished: Vec<String>,
    /// Controller, system and table of what was reclaimed.
    pub reclaimed: Vec<[String; 3]>,
    /// Why nothing was done.
    pub stop: Option<Stop>,
    /// Why the bytes are still there.
    pub failed: Option<Error>,
}

/// The numbers of one controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The controller.
    pub controller: String,
    /// Its acts of destruction: one, or two of a run that was killed and gone on with.
    pub acts: Vec<String>,
    /// Records destroyed (or due), by category.
    pub destroyed: BTreeMap<String, u64>,
    /// Records archived, by category.
    pub archived: BTreeMap<String, u64>,
    /// Records due and protected, by category.
    pub held: BTreeMap<String, u64>,
    /// The same, by what protects them.
    pub held_by: BTreeMap<String, u64>,
    /// The same, by category and rule.
    pub kept: BTreeMap<(String, String), u64>,
    /// Records that no rule decides, by category.
    pub gaps: BTreeMap<String, u64>,
    /// What is done, by category and reason; `Some` day = archived until then.
    pub lines: Vec<(String, Option<NaiveDate>, Reason, u64)>,
}

impl Tonight {
    /// What is going to happen, from the verdict over the whole run.
    pub fn planned(run: Option<RunId>, as_of: NaiveDate, companies: &[Company<'_>], judged: &Judged) -> Self {
        let tally = |(company, verdict): (&Company<'_>, &super::judge::OfCompany)| Tally {
            controller: company.controller.clone(),
            acts: Vec::new(),
            destroyed: words(verdict.counts(false)),
            archived: words(verdict.counts(true)),
            held: words(verdict.told.held.clone()),
            held_by: words(verdict.told.held_by.clone()),
            kept: verdict
                .told
                .kept
                .iter()
                .map(|((of, rule), n)| ((of.to_string(), rule.clone()), *n))
                .collect(),
            gaps: words(verdict.told.gaps.clone()),
            lines: lines(verdict),
        };
        Self {
            run,
            as_of,
            status: Status::Planned,
            tallies: companies.iter().zip(&judged.companies).map(tally).collect(),
            outlived: BTreeMap::new(),
            reopened: Vec::new(),
            batches: 0,
            digest: Hash::EMPTY,
            unfinished: Vec::new(),
            reclaimed: Vec::new(),
            stop: None,
            failed: None,
        }
    }

    /// One of the four numbers of every controller, added up by category.
    pub fn sum(&self, of: impl Fn(&Tally) -> &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (word, count) in self.tallies.iter().flat_map(of) {
            *all.entry(word.clone()).or_default() += count;
        }
        all
    }

    /// The four numbers as the log and the run keep them.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let total = |counts: BTreeMap<String, u64>| counts.values().sum::<u64>();
        [
            ("destroyed", total(self.sum(|tally| &tally.destroyed))),
            ("archived", total(self.sum(|tally| &tally.archived))),
            ("held", total(self.sum(|tally| &tally.held))),
            ("gaps", total(self.sum(|tally| &tally.gaps))),
            ("reopened", self.reopened.len() as u64),
        ]
        .map(|(word, count)| (word.to_owned(), count))
        .into()
    }
}

/// The four numbers of each controller, as the run keeps them for reports.
pub fn by_controller(tonight: &Tonight) -> BTreeMap<&str, BTreeMap<&'static str, u64>> {
    let total = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    let numbers = |tally: &Tally| {
        [
            ("destroyed", total(&tally.destroyed)),
            ("archived", total(&tally.archived)),
            ("held", total(&tally.held)),
            ("gaps", total(&tally.gaps)),
        ]
    };
    tonight.tallies.iter().map(|tally| (tally.controller.as_str(), numbers(tally).into())).collect()
}

fn words<K: ToString>(counts: BTreeMap<K, u64>) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(word, count)| (word.to_string(), count)).collect()
}

fn lines(verdict: &super::judge::OfCompany) -> Vec<(String, Option<NaiveDate>, Reason, u64)> {
    let mut counts = vec![0; verdict.kinds.list.len()];
    for (_, kind) in &verdict.due {
        counts.iter_mut().skip(usize::from(*kind)).take(1).for_each(|count| *count += 1);
    }
    let kinds = verdict.kinds.list.iter().zip(&verdict.kinds.why).zip(counts);
    let mut lines: Vec<_> = kinds
        .map(|((kind, why), count)| (kind.category.to_string(), kind.until, why.clone(), count))
        .collect();
    lines.sort();
    lines
}
