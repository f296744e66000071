//! One page carried out: meant, tried in parts of a bounded size, told.
//!
//! INVARIANT: nothing is tried elsewhere that is not written down here with its exact keys, and what is written down is
//! told once, by this night or by the next.

use std::collections::BTreeSet;

use super::{
    Elsewhere, Planned, Terms, gone,
    page::{Owners, Page, Part, Standing},
};
use crate::{
    audit::State,
    decide::sieve,
    domain::{Action, Error, Kind, Record, Result, RunId, Step},
    execute::{
        context::Said,
        purge::{Company, add_to_act},
        reach::{
            Reach,
            elsewhere::{is_checked, relearn},
            finish::present,
            intent::{Intent, Line},
            merge::enrol,
            run,
        },
    },
    store::{KeyFile, Store, Tx, remote::archive_mark},
    system::engine::{Engine, Scan},
};

/// Nobody looks at what a night does before it does it: it goes only where somebody looked before.
fn checked(tx: &Tx<'_>, one: &Planned) -> Result<()> {
    let systems: BTreeSet<&str> = one.steps.iter().map(|step| step.system.as_str()).collect();
    for system in systems {
        let found = one.remote.identities.get(system).map(String::as_str).unwrap_or_default();
        if !is_checked(tx, system, found)? {
            return Err(Error::config(format!("system `{system}` was never checked"))
                .hint("run `dsr map check` once: a night destroys only in a database that was looked at"));
        }
    }
    Ok(())
}

/// One page done: written in the log and, for archives, in the own register; then tried, then told. `version` is
/// the state of the own store by which it was judged: gives `false`, with nothing done, where another command has
/// written since.
pub(super) fn act(
    store: &mut Store,
    reach: &mut Reach,
    company: &Company<'_>,
    terms: &Terms<'_>,
    (planned, version): (Vec<Planned>, i64),
    told: &mut Elsewhere,
) -> Result<bool> {
    let planned: Vec<Planned> = planned.into_iter().filter(|one| !one.plan.steps.is_empty()).collect();
    if planned.is_empty() {
        return Ok(true);
    }
    let (page, kinds) = Page::of(reach, &planned);
    let Some(id) = meant(store, company, terms, (&page, &planned), version)? else { return Ok(false) };
    let standing = tried(reach, terms, (&page.parts, &Owners::of(&planned)), told);
    let systems: BTreeSet<&str> = page.parts.iter().map(|part| part.system.as_str()).collect();
    systems.into_iter().try_for_each(|system| relearn(store, reach, system))?;
    kinds.into_iter().zip(page.done(&standing)).for_each(|(step, n)| told.line(step, n));
    account(store, company, run_of(terms)?, (id, &page, None), &standing)?;
    Ok(true)
}

fn run_of(terms: &Terms<'_>) -> Result<RunId> {
    terms.run.ok_or_else(|| Error::new(Kind::Failed, "a night in other systems was begun without a run"))
}

/// Before anything is tried. `None`: another command has written since the page was judged.
fn meant(
    store: &mut Store,
    company: &Company<'_>,
    terms: &Terms<'_>,
    (page, planned): (&Page, &[Planned]),
    version: i64,
) -> Result<Option<i64>> {
    let (context, run) = (&company.context, run_of(terms)?);
    store.transact(|tx| {
        if tx.data_version()? != version {
            return Ok(None);
        }
        for one in planned {
            checked(tx, one)?;
            archive(tx, company, terms.key, one)?;
            remember(tx, company, one)?;
        }
        let id = tx.intend_page(&company.controller, run, &page.text()?)?;
        let (counts, rules) = page.counts("meant", &Standing::new());
        let said = Said { run: Some(run), counts, rules, ..Said::default() };
        context.log(tx, "purge-expired", State::InPart, said)?;
        Ok(Some(id))
    })
}

/// What came of a page: in the act of the run, in the log, and no longer among what is open, but for what is left of it.
fn account(
    store: &mut Store,
    company: &Company<'_>,
    run: RunId,
    (id, page, left): (i64, &Page, Option<&Page>),
    standing: &Standing,
) -> Result<()> {
    store.transact(|tx| {
        match left {
            Some(left) => tx.page_left(id, &left.text()?)?,
            None => tx.page_told(id)?,
        }
        let (destroyed, ended) = page.destroyed(standing);
        let seq = tx.audit_head()?.size + 1;
        if let Some(act) = add_to_act(tx, company, run, &destroyed, ended, seq)? {
            tx.did_at_night(&act, &page.rows(standing))?;
        }
        let (mut counts, rules) = page.counts("done", standing);
        counts.insert("failed".into(), standing.len() as u64);
        let said = Said { run: Some(run), counts, rules, ..Said::default() };
        let state = if standing.is_empty() { State::Elsewhere } else { State::InPart };
        company.context.log(tx, "purge-expired", state, said).map(drop)
    })
}

/// What nights that were cut off had begun: looked at, never tried again, and told into tonight's act. What stands is
/// judged anew tonight, by what protects it now. What lies in a system that is away waits alone, and is no work of this
/// night either, should the system answer later; the rest is told before this night goes on with its rows.
pub(super) fn settle(
    store: &mut Store,
    reach: &mut Reach,
    company: &Company<'_>,
    terms: &Terms<'_>,
    told: &mut Elsewhere,
) -> Result<()> {
    gone::end(store, reach, company, run_of(terms)?, told)?;
    for open in store.read(|view| view.night_pages(&company.controller))? {
        let page = Page::read(&open.payload)?;
        let (standing, away) = looked_at(store, reach, &page, told)?;
        let (seen, left) = page.split(&away);
        reach.awaited.extend(left.rows_of());
        let left = Some(&left).filter(|left| !left.is_empty());
        if left.is_none() || !seen.is_empty() {
            account(store, company, run_of(terms)?, (open.id, &seen, left), &standing)?;
        }
    }
    Ok(())
}

/// Rows that stand as before, and the systems that could not be looked into.
fn looked_at(
    store: &mut Store,
    reach: &mut Reach,
    page: &Page,
    told: &mut Elsewhere,
) -> Result<(Standing, BTreeSet<String>)> {
    let (mut standing, mut away) = (Standing::new(), told.missing.keys().cloned().collect::<BTreeSet<_>>());
    for part in &page.parts {
        if away.contains(&part.system) {
            continue;
        }
        let known = store.read(|view| present(view, &part.system, &part.intent))?;
        match look(reach, part, known) {
            Ok(lines) => standing.extend(
                lines.into_iter().map(|line| (part.system.clone(), part.collection.clone(), line.key)),
            ),
            Err(error) => {
                told.trouble(Some(format!("{}: {error}", part.system)));
                away.insert(part.system.clone());
            }
        }
    }
    standing.retain(|(system, ..)| !away.contains(system));
    Ok((standing, away))
}

/// `present`: the database that rows are looked for in, where it is another one than the step was meant for.
fn look(reach: &mut Reach, part: &Part, present: Option<String>) -> Result<Vec<Line>> {
    let one = reach.systems.iter_mut().find(|one| one.name == part.system);
    let one = one.ok_or_else(|| Error::new(Kind::Failed, "the system is not connected"))?;
    let mut intent = part.intent.with(part.intent.rows.clone());
    intent.identity = present.unwrap_or(intent.identity);
    let left = run::look(one.engine.as_mut(), &part.collection, &intent)?;
    let hidden = hidden(one.engine.as_mut(), &part.collection, &intent, left.absent)?;
    Ok(left.changed.into_iter().chain(hidden).collect())
}

/// Tries them one after another. Gives the rows that stand as before. What rows of somebody are found by goes last, and stays
/// while something else of theirs stands: the next night would not find that.
fn tried(
    reach: &mut Reach,
    terms: &Terms<'_>,
    (parts, owners): (&[Part], &Owners<'_>),
    told: &mut Elsewhere,
) -> Standing {
    let (mut standing, mut down) = (Standing::new(), BTreeSet::new());
    let (mut stuck, mut is_late) = (BTreeSet::new(), false);
    for part in parts {
        let Part { system, collection, intent } = part;
        is_late |= reach.takes_way(system, collection, intent);
        let waits = |line: &&Line| is_late && owners.whose(part, line).iter().any(|one| stuck.contains(one));
        let (late, rows): (Vec<&Line>, Vec<&Line>) = intent.rows.iter().partition(waits);
        standing.extend(late.into_iter().map(|line| (system.clone(), collection.clone(), line.key.clone())));
        let rows: Vec<Line> = rows.into_iter().cloned().collect();
        for rows in rows.chunks(terms.at_once()) {
            // What refers to a row goes before it: where it stays, the rest of the system waits for another night.
            let awaits =
                |row: &Line| reach.awaited.contains(&(system.clone(), collection.clone(), row.key.clone()));
            let waits = !reach.awaited.is_empty() && rows.iter().any(awaits);
            let (left, trouble) = if waits || down.contains(system) {
                (rows.to_vec(), None)
            } else {
                attempt(reach, system, collection, &intent.with(rows.to_vec()))
            };
            if !left.is_empty() {
                down.insert(system);
            }
            stuck.extend(left.iter().flat_map(|line| owners.whose(part, line)));
            standing.extend(left.into_iter().map(|line| (system.clone(), collection.clone(), line.key)));
            told.trouble(trouble.map(|why| format!("{system} {collection}: {why}")));
            if let Some(rate) = terms.max_rate.filter(|_| !down.contains(system)) {
                (terms.pause)(rows.len() as u64 * 1000 / u64::from(rate.max(1)));
            }
        }
    }
    standing
}

/// The rows that are left, and why.
fn attempt(
    reach: &mut Reach,
    system: &str,
    collection: &str,
    intent: &Intent,
) -> (Vec<Line>, Option<String>) {
    let Some(one) = reach.systems.iter_mut().find(|one| one.name == system) else {
        return (intent.rows.clone(), Some("the system is not connected".to_owned()));
    };
    let tried = run::run(one.engine.as_mut(), collection, intent);
    let tried = tried
        .and_then(|left| Ok((left.changed, hidden(one.engine.as_mut(), collection, intent, left.absent)?)));
    let says = |n: usize, what: &str| (n > 0).then(|| format!("{n} rows {what}"));
    match tried {
        // Judged anew the next night.
        Ok((changed, hidden)) => {
            let why = says(changed.len(), "were changed by others in this night")
                .or_else(|| says(hidden.len(), "are there and not found under their keys"));
            (changed.into_iter().chain(hidden).collect(), why)
        }
        Err(error) => (intent.rows.clone(), Some(error.to_string())),
    }
}

/// Of rows that were absent, those whose keys a reading of all keys still meets: not gone, whatever hid them. It was
/// found a moment ago, so that this is seldom asked.
fn hidden(engine: &mut dyn Engine, table: &str, intent: &Intent, mut absent: Vec<Line>) -> Result<Vec<Line>> {
    if absent.is_empty() {
        return Ok(absent);
    }
    let key: Vec<&str> = intent.key.iter().map(String::as_str).collect();
    let wanted: BTreeSet<&Vec<String>> = absent.iter().map(|line| &line.key).collect();
    let mut met = BTreeSet::new();
    let scan = Scan { table, columns: &key, ages: &[], key: &key, after: None, limit: u32::MAX };
    engine.scan(&scan, &mut |row| {
        let read: Option<Vec<String>> = row.into_iter().map(|cell| cell.0).collect();
        met.extend(read.filter(|key| wanted.contains(key)));
        Ok(())
    })?;
    absent.retain(|line| met.contains(&line.key));
    Ok(absent)
}

fn archive(tx: &Tx<'_>, company: &Company<'_>, key: &KeyFile, one: &Planned) -> Result<()> {
    let archived: Vec<&Step> = one.plan.steps.iter().filter(|step| step.action == Action::Archive).collect();
    if archived.is_empty() {
        return Ok(());
    }
    let controller = company.controller.as_str();
    if !one.known {
        enrol(tx, controller, &one.remote, company.context.now)?;
    }
    let person = tx.person(controller, one.facts.subject)?;
    tx.bind_key(key)?;
    for step in archived {
        let Some(until) = step.until else { continue };
        for record in one.facts.records.iter().filter(|record| step.keys.contains(&record.key)) {
            let mark = archive_mark(key, controller, &[&record.reference, record.category.as_str()]);
            tx.archive_elsewhere(&person, mark, until, &step.why.rule)?;
        }
    }
    Ok(())
}

/// Rows that go may be the ones that told of a person's last contact, from which terms are counted of what stays.
fn remember(tx: &Tx<'_>, company: &Company<'_>, one: &Planned) -> Result<()> {
    let today = company.context.now.day();
    let goes = |record: &&Record| {
        let mut steps = one.plan.steps.iter().filter(|step| step.action == Action::Destroy);
        steps.any(|step| step.keys.contains(&record.key))
    };
    let records = one.facts.records.iter().filter(goes);
    let told = records.flat_map(|record| [record.last_contact_at, record.activity_at]).flatten().max();
    let last = told.filter(|told| Some(*told) == one.facts.last_contact());
    match last.filter(|_| one.known && sieve::counts_contacts(company.rulebook, today)) {
        Some(last) => tx.keep_last_contact(&tx.person(&company.controller, one.facts.subject)?, last),
        None => Ok(()),
    }
}
