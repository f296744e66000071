//! The end of a run: what the register no longer needs, the acts, the closing entry, the bytes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::json;

use super::{Company, Night, Status, Tonight, batch, report};
use crate::{
    audit::State,
    domain::{Category, Error, Moment, Result, RunId},
    execute::{act, context::Said},
    policy::until::Length,
    store::{
        KeyFile, Store, Tx,
        destroy::{KeptLine, Needles},
        expire::{Outlived, OwnTerms},
    },
};

/// Takes away what of the register is past its own term, into the act of the run.
///
/// # Errors
/// As any write.
pub fn outlived(
    tx: &Tx<'_>,
    company: &Company<'_>,
    key: &KeyFile,
    (run, today): (RunId, NaiveDate),
    needles: &mut Needles,
) -> Result<Outlived> {
    let (people, names) =
        tx.empty_left_over((&company.controller, company.rulebook), key, company.context.now, needles)?;
    let Some((rule, terms)) = company.rulebook.register_terms(today) else {
        return told(tx, company, run, [("people", people), ("names", names)].into(), None)
            .map(|()| Outlived::default());
    };
    let over = |length: Length| move |ended: Moment| length.after(ended.day()) <= today;
    let own = OwnTerms {
        case: &over(terms.cases),
        act: &over(terms.acts),
        suppression: &over(terms.suppressions),
        consent: &over(terms.consents),
        disclosure: &over(terms.disclosures),
    };
    let gone = tx.outlived(&company.controller, &own, needles)?;
    let counts = gone.counts().into_iter().chain([("people", people), ("names", names)]).collect();
    told(tx, company, run, counts, Some(&rule.id)).map(|()| gone)
}

/// Into the act and the log, where anything went. People count who waited for a deal or a hold to end,
/// and those of whom only names did.
fn told(
    tx: &Tx<'_>,
    company: &Company<'_>,
    run: RunId,
    counts: BTreeMap<&str, u64>,
    rule: Option<&String>,
) -> Result<()> {
    let counts: BTreeMap<String, u64> =
        counts.into_iter().filter(|(_, n)| *n > 0).map(|(word, n)| (word.to_owned(), n)).collect();
    if counts.is_empty() {
        return Ok(());
    }
    let words = |(word, n): (&String, &u64)| (Category::new(&format!("register.{word}")), *n);
    let seq = tx.audit_head()?.size + 1;
    let rules: BTreeSet<String> = rule.cloned().into_iter().collect();
    batch::add_to_act(tx, company, run, &counts.iter().map(words).collect(), rules, seq)?;
    let said = Said { run: Some(run), counts, rules: rule.cloned().into_iter().collect(), ..Said::default() };
    company.context.log(tx, "purge-expired", State::DestroyedLogically, said).map(drop)
}

/// Writes what stayed into the acts, finishes the run, and closes it in the log.
///
/// # Errors
/// As any write.
pub fn close(store: &mut Store, night: &Night<'_>, run: RunId, tonight: &mut Tonight) -> Result<()> {
    store.transact(|tx| {
        for act in tx.acts_of_run(run)? {
            let tally = tonight.tallies.iter_mut().find(|tally| tally.controller == act.controller);
            let Some(tally) = tally else { continue };
            tx.keep_in_destruction(&act.number, &kept(tally))?;
            // Of a run that was killed and gone on with, the acts know the whole: two, where `dsr sanitize`
            // closed the first in between.
            if tally.acts.is_empty() {
                tally.destroyed.clear();
            }
            tally.acts.push(act.number);
            act.counts.into_iter().for_each(|(word, n)| *tally.destroyed.entry(word).or_default() += n);
        }
        let counts = tonight.counts();
        let mut kept = json!(counts);
        kept["controllers"] = json!(report::by_controller(tonight));
        kept["unfinished"] = json!(tonight.unfinished);
        kept["reclaimed"] = json!(tonight.reclaimed);
        tx.finish_run(run, &kept.to_string(), night.plain.now)?;
        let said = Said { run: Some(run), counts, ..Said::default() };
        night.plain.log(tx, "purge-expired", State::Executed, said).map(drop)
    })
}

fn kept(tally: &super::Tally) -> Vec<KeptLine> {
    let line = |((category, rule), count): (&(String, String), &u64)| KeptLine {
        category: category.clone(),
        count: *count,
        rule: rule.clone(),
        until: None,
    };
    tally.kept.iter().map(line).collect()
}

/// Destroys the bytes, unless that was left to another command.
///
/// # Errors
/// None of its own: what could not be destroyed is told by the answer, and its error goes with it.
pub fn destroy(store: &mut Store, night: &Night<'_>, needles: &Needles) -> (Status, Option<Error>) {
    let owed = match store.read(|view| Ok(!view.pending_destructions()?.is_empty())) {
        Ok(pending) => pending || !needles.is_idle(),
        Err(error) => return (Status::Pending, Some(error)),
    };
    if !owed {
        return (Status::Destroyed, None);
    }
    if night.settings.defer_destruction {
        return (Status::Pending, None);
    }
    match act::destroy(store, night.plain, Some(needles)) {
        Ok(_) => (Status::Destroyed, None),
        Err(error) => (Status::Pending, Some(error)),
    }
}
