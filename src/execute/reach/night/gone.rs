//! What a night began in a system that `dsr.yaml` names no more: nobody can look what became of it. It waits until the
//! system is named again, or somebody says by name that it is gone for good.

use std::collections::{BTreeMap, BTreeSet};

use super::{Elsewhere, page::Page};
use crate::{
    audit::State,
    domain::{Result, RunId},
    execute::{
        context::Said,
        purge::{Company, act_of_run},
        reach::Reach,
    },
    store::{Store, Tx, View},
};

/// Records that nights began in other systems and of which nothing is told yet, by system.
///
/// # Errors
/// As any read; integrity (exit 9): what was written down cannot be read back.
pub fn begun(view: &View<'_>, controller: &str) -> Result<BTreeMap<String, u64>> {
    let mut all = BTreeMap::new();
    for open in view.night_pages(controller)? {
        for (system, n) in Page::read(&open.payload)?.systems() {
            *all.entry(system).or_default() += n;
        }
    }
    Ok(all)
}

/// Ends what lies in systems that are gone for good: its records are told as not confirmed, neither as gone nor as
/// standing. What lies in a system that is only not named any more is told as missing.
pub(super) fn end(
    store: &mut Store,
    reach: &Reach,
    company: &Company<'_>,
    run: RunId,
    told: &mut Elsewhere,
) -> Result<()> {
    let named: BTreeSet<String> = reach.names().into_iter().chain(reach.without.keys().cloned()).collect();
    let open = store.read(|view| begun(view, &company.controller))?;
    let nowhere = open.into_iter().filter(|(system, _)| !named.contains(system));
    (told.unconfirmed, told.missing) = nowhere.partition(|(system, _)| reach.gone.contains(system));
    let gone: BTreeSet<String> = told.unconfirmed.keys().cloned().collect();
    if gone.is_empty() { Ok(()) } else { store.transact(|tx| take_away(tx, company, run, &gone)) }
}

fn take_away(tx: &Tx<'_>, company: &Company<'_>, run: RunId, gone: &BTreeSet<String>) -> Result<()> {
    let (mut records, mut counts) = (BTreeMap::<(String, String), u64>::new(), BTreeMap::new());
    let mut rules = Vec::new();
    for open in tx.night_pages(&company.controller)? {
        let (rest, lost) = Page::read(&open.payload)?.split(gone);
        if lost.is_empty() {
            continue;
        }
        if rest.is_empty() {
            tx.page_told(open.id)?
        } else {
            tx.page_left(open.id, &rest.text()?)?
        }
        let (found, by) = lost.unconfirmed();
        rules.extend(by);
        for ((system, action, category), n) in found {
            *counts.entry(format!("unconfirmed.{system}.{action}.{category}")).or_default() += n;
            *records.entry((system, category)).or_default() += n;
        }
    }
    if !records.is_empty() {
        // The company has a paper of what it meant to destroy, also where the night destroyed nothing else.
        let seq = tx.audit_head()?.size + 1;
        act_of_run(tx, company, run, seq)?;
        tx.cannot_confirm(run, &company.controller, &records)?;
    }
    let said = Said { run: Some(run), counts, rules, ..Said::default() };
    company.context.log(tx, "purge-expired", State::Noted, said).map(drop)
}
