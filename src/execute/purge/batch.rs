//! The batches: each one transaction with its effects, its share of the act, and its entry in the log.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Company, Hands, Judged, Night, judge};
use crate::{
    audit::State,
    domain::{Category, Error, Kind as Fault, Result, RunId},
    execute::context::Said,
    store::{
        Store, Tx,
        destroy::{Destruction, Needles, NewDestruction},
        expire::{Batch, Kind, Links, Removed},
    },
};

/// What the batches did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Batches {
    /// How many transactions.
    pub batches: u64,
}

/// Carries out everything that was judged.
///
/// # Errors
/// As any write: the batches before it stay done, and the next run goes on.
pub fn all(
    store: &mut Store,
    night: &Night<'_>,
    (run, today): (RunId, NaiveDate),
    judged: Judged,
    needles: &mut Needles,
    hands: &mut Hands<'_>,
) -> Result<Batches> {
    let total: usize = judged.companies.iter().map(|verdict| verdict.due.len()).sum();
    let (mut done, mut batches) = (0, 0);
    for (company, mut verdict) in night.companies.iter().zip(judged.companies) {
        for part in verdict.due.chunks(night.settings.batch.max(1)) {
            let seed = [(hands.random)(), (hands.random)()].concat();
            let one = One {
                night,
                company,
                run,
                today,
                seed: seed.try_into().unwrap_or_default(),
                links: &verdict.links,
                before: batches,
            };
            store
                .sweep(|tx| one.carry_out(tx, part, judged.version, &mut verdict.kinds, needles))
                .map_err(|error| stopped(batches, error))?;
            (done, batches) = (done + part.len(), batches + 1);
            (hands.progress)(done as u64, total as u64);
        }
    }
    Ok(Batches { batches })
}

struct One<'a> {
    night: &'a Night<'a>,
    company: &'a Company<'a>,
    run: RunId,
    today: NaiveDate,
    seed: [u8; 32],
    links: &'a Links,
    /// Batches that are done.
    before: u64,
}

impl One<'_> {
    fn carry_out(
        &self,
        tx: &Tx<'_>,
        part: &[(u32, u16)],
        version: i64,
        kinds: &mut judge::Kinds,
        needles: &mut Needles,
    ) -> Result<()> {
        tx.bind_key(self.night.key)?;
        // Only another connection changes this number: as long as it stands, the verdict does.
        let again = (tx.data_version()? != version)
            .then(|| judge::again(tx, self.company, part, kinds, self.today))
            .transpose()?;
        if self.night.expected.is_some() && again.as_deref().is_some_and(|again| again != part) {
            return Err(changed(self.before));
        }
        let links = again.as_ref().map(|_| tx.links()).transpose()?;
        let records = again.as_deref().unwrap_or(part);
        if records.is_empty() {
            return Ok(());
        }
        let seq = tx.audit_head()?.size + 1;
        let removed =
            tx.remove(&self.batch(records, &kinds.list, links.as_ref().unwrap_or(self.links), seq), needles)?;
        self.account(tx, &kinds.list, &removed, seq)
    }

    fn batch<'b>(
        &'b self,
        records: &'b [(u32, u16)],
        kinds: &'b [Kind],
        links: &'b Links,
        seq: u64,
    ) -> Batch<'b> {
        Batch {
            controller: &self.company.controller,
            records,
            kinds,
            links,
            key: self.night.key,
            at: self.night.plain.now,
            run: self.run,
            seq,
            seed: self.seed,
            rulebook: self.company.rulebook,
        }
    }

    /// The act and the entry of a batch.
    fn account(&self, tx: &Tx<'_>, kinds: &[Kind], removed: &Removed, seq: u64) -> Result<()> {
        let done = || kinds.iter().zip(&removed.counts).filter(|(_, count)| **count > 0);
        let mut counts = BTreeMap::<Category, u64>::new();
        let mut rules = BTreeSet::new();
        for (kind, count) in done().filter(|(kind, _)| kind.until.is_none()) {
            *counts.entry(kind.category.clone()).or_default() += count;
            rules.insert(kind.rule.clone());
        }
        add_to_act(tx, self.company, self.run, &counts, rules, seq)?;
        let mut by_rule = BTreeMap::<String, u64>::new();
        for (kind, count) in done() {
            let what = if kind.until.is_some() { "archived" } else { "destroyed" };
            *by_rule.entry(format!("{what}.{}", kind.rule)).or_default() += count;
        }
        let said = Said {
            run: Some(self.run),
            leaves: removed.leaves,
            counts: by_rule,
            rules: done().map(|(kind, _)| kind.rule.clone()).collect(),
            ..Said::default()
        };
        let state = if removed.leaves.is_some() { State::DestroyedLogically } else { State::Archived };
        self.company.context.log(tx, "purge-expired", state, said).map(drop)
    }
}

/// What was planned is not what is there any more, and something is done already: so much at least, that a run was
/// begun.
fn changed(batches: u64) -> Error {
    if batches == 0 {
        return Error::new(Fault::Ambiguous, "the plan went stale: the data changed when the run had begun")
            .hint("no record was destroyed; what is due is judged anew: dsr purge-expired");
    }
    Error::new(Fault::Partial, format!("the data changed after {batches} batches; they stay done"))
        .hint("what is left is judged anew: dsr purge-expired")
}

/// What the disk or the engine stopped after so many batches: they stay done, which "nothing is half-done" would deny.
pub fn stopped(batches: u64, error: Error) -> Error {
    if error.kind() != Fault::Failed {
        return error;
    }
    if batches == 0 {
        return error.hint("no record was destroyed; see to the cause and repeat: dsr purge-expired");
    }
    Error::new(Fault::Partial, format!("the run stopped after {batches} batches; they stay done"))
        .hint("see to the cause; the next run goes on from there: dsr purge-expired")
        .because(error)
}

/// The one act of a run at a controller: opened with its first batch, added to by the others, also by those of
/// a run that goes on where another was killed. Gives its number; `None`: nothing was destroyed.
///
/// # Errors
/// As any write.
pub fn add_to_act(
    tx: &Tx<'_>,
    company: &Company<'_>,
    run: RunId,
    counts: &BTreeMap<Category, u64>,
    rules: BTreeSet<String>,
    seq: u64,
) -> Result<Option<String>> {
    if counts.is_empty() {
        return Ok(None);
    }
    let act = act_of_run(tx, company, run, seq)?;
    tx.add_to_destruction(&act, counts, &rules.into_iter().collect::<Vec<_>>())?;
    Ok(Some(act))
}

/// The number of that act, opened with nothing in it where there is none.
///
/// # Errors
/// As any write.
pub fn act_of_run(tx: &Tx<'_>, company: &Company<'_>, run: RunId, seq: u64) -> Result<String> {
    let open = |act: &Destruction| act.controller == company.controller && act.finished.is_none();
    if let Some(act) = tx.acts_of_run(run)?.into_iter().find(open) {
        return Ok(act.number);
    }
    tx.open_destruction(&NewDestruction {
        controller: &company.controller,
        case: None,
        run: Some(run),
        counts: BTreeMap::new(),
        rules: Vec::new(),
        kept: Vec::new(),
        at: company.context.now,
        seq: Some(seq),
    })
}
