//! The steps of a case in other systems: tried one after another, and told when all are done.
//!
//! What could not be done stays written down; a system that fails does not keep the others from going on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Reach,
    apart::Apart,
    close::{close, sound},
    elsewhere::relearn,
    intent::{Intent, Line, beside},
    order,
    proof::Gone,
    protect::Since,
    refused::{self, Given},
    run,
};
use crate::{
    calendar::Calendar,
    domain::{CaseEvent, CaseNumber, Category, Error, Kind, Outcome, Result, Right, Selector},
    execute::{cases, context::Context},
    policy::Rulebook,
    store::{
        CaseFile, KeyFile, Store, View,
        destroy::Needles,
        remote::{RemoteCase, RemoteStep},
    },
    system::{
        engine::is_same_database,
        traverse::{Found, graph::Node},
    },
};

/// What is told of a case when all is done, as the own store keeps it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The command.
    pub command: String,
    /// Whether something else waits still.
    pub waiting: bool,
    /// What was asked.
    pub ask: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether rows or values are destroyed elsewhere: names may die with them.
    pub destroys: bool,
    /// Whether records went here with them: whoever has none left here is nobody's name any more, whatever a law keeps
    /// elsewhere.
    #[serde(default)]
    pub names: bool,
    /// What the act of destruction says of other systems.
    #[serde(default)]
    pub gone: Gone,
    /// Deals that were open when it was decided, by reference; `None`: an older version did not write them down.
    #[serde(default)]
    pub deals: Option<Vec<String>>,
}

impl Told {
    /// As it was kept.
    ///
    /// # Errors
    /// Integrity (exit 9): it cannot be read back.
    pub fn read(kept: &RemoteCase) -> Result<(Self, BTreeSet<Category>)> {
        let unread = |_| Error::new(Kind::Integrity, "the outcome of a case cannot be read back");
        let told: Self = serde_json::from_str(&kept.outcome).map_err(unread)?;
        let stays: Vec<String> = serde_json::from_str(&kept.stays).map_err(unread)?;
        Ok((told, stays.iter().map(|word| Category::new(word)).collect()))
    }

    /// What the history learns of it.
    pub fn event(self) -> CaseEvent {
        CaseEvent::Executed {
            command: self.command,
            waiting: self.waiting,
            ask: self.ask,
            outcome: Some(Box::new(self.outcome)),
        }
    }

    /// With the categories of which rows stay elsewhere.
    ///
    /// # Errors
    /// Failed (exit 1), which is a defect.
    pub fn kept(&self, stays: &BTreeSet<Category>) -> Result<RemoteCase> {
        let words: Vec<&str> = stays.iter().map(Category::as_str).collect();
        let text = |made: serde_json::Result<String>| {
            made.map_err(|error| Error::new(Kind::Failed, "an outcome cannot be written").because(error))
        };
        Ok(RemoteCase {
            outcome: text(serde_json::to_string(self))?,
            stays: text(serde_json::to_string(&words))?,
        })
    }
}

/// One collection of one system, as it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// Whether rows were deleted; otherwise columns were set.
    pub deletes: bool,
    /// How many rows.
    pub rows: u64,
    /// Why it is not done; `None`: it is.
    pub trouble: Option<String>,
    /// Whether the table was reclaimed since.
    pub reclaimed: bool,
}

/// How far a case is.
pub struct Ended {
    /// Every step, done or not.
    pub parts: Vec<Part>,
    /// The case as it stands now.
    pub case: CaseFile,
    /// What died in the own store with the last row elsewhere.
    pub needles: Needles,
    /// Number of the act of destruction that this opened.
    pub act: Option<String>,
    /// Corrections that databases refused now: people make them.
    pub given: Vec<Given>,
}

impl Ended {
    /// Whether every step is done.
    pub fn is_whole(&self) -> bool {
        self.parts.iter().all(|part| part.trouble.is_none())
    }
}

/// Tries every open step of a case, and tells it where all are done. `waited`: what was decided may be old by now.
///
/// # Errors
/// The kinds of the own store; integrity (exit 9): it is damaged, and nothing was done anywhere. What a system says is a
/// part's trouble, not an error.
pub fn finish(
    store: &mut Store,
    context: &Context,
    rules: ((&Rulebook, &Calendar), Option<&KeyFile>),
    reach: &mut Reach,
    (case, waited): (&CaseNumber, bool),
) -> Result<Ended> {
    // Right after the order the store was just read.
    if waited {
        sound(store, case)?;
    }
    let mut steps = store.read(|view| view.remote_steps(case))?;
    let waits = waited && steps.iter().any(|step| !step.is_done());
    let since = Since::read(store, reach, ((rules.0.0, rules.1), context.now), case, waits)?;
    // Anew each time: the order of the day of the plan may be what hindered it.
    let ranks = order::ranks(&reach.graph);
    steps.sort_by_key(|step| reach.rank(&ranks, &step.system, &step.collection));
    let place = |step: &RemoteStep| {
        let intent = Intent::read(step.payload.as_deref()?).ok()?;
        Some((step.system.clone(), step.collection.clone(), intent))
    };
    let steps = reach.ways_last(steps, place);
    let (mut down, mut given) = (Down::default(), Vec::new());
    for step in &steps {
        if let Some(payload) = step.payload.as_deref() {
            given.extend(attempt(store, context, (reach, &since), (case, &steps), step, payload, &mut down)?);
        }
    }
    let mut needles = Needles::new();
    let (case, act) = store.transact(|tx| close(tx, context, rules, case, &mut needles))?;
    let parts = store.read(|view| view.remote_steps(&case.number))?.into_iter().map(part).collect();
    Ok(Ended { parts, case, needles, act, given })
}

/// The steps of a case as they stand, tried or not.
///
/// # Errors
/// Not found (exit 3): no such case.
pub fn planned(store: &mut Store, case: &CaseNumber) -> Result<Vec<Part>> {
    Ok(store.read(|view| view.remote_steps(case))?.into_iter().map(part).collect())
}

/// The trouble of a step that waits for another of its system.
pub const AFTER_ANOTHER: &str = "an earlier step of it is not done";

/// The trouble of a step that takes away by what rows of another step are found.
pub const AFTER_FOUND: &str = "rows that are found by what it takes away are not done";

/// How the trouble of a step ends that no resumption can do: its rows are others by now.
const ANEW: &str = ": exercise the right again";

/// How the trouble of a step ends that its database refuses for what it is: another map draws another step. As it is it can
/// be done only where the database changes.
const ONCE_MENDED: &str = "; once the map is mended: exercise the right again";

/// Whether a trouble is one that the right exercised anew gets over.
pub fn asks_anew(trouble: &str) -> bool {
    [ANEW, ONCE_MENDED].iter().any(|end| trouble.ends_with(end))
}

/// Whether its database refused a step for what it is.
pub fn is_stuck(step: &RemoteStep) -> bool {
    step.trouble.as_ref().is_some_and(|trouble| trouble.ends_with(ONCE_MENDED))
}

/// Whether an open step was planned for another database than the one that was taken for the system since: what was
/// done in the old one need not be done in this.
///
/// # Errors
/// Integrity (exit 9): a step cannot be read back.
pub fn is_other_database(view: &View<'_>, case: &CaseFile) -> Result<bool> {
    let Some(subject) = case.subject else { return Ok(false) };
    if !cases::is_held(view, &case.controller, subject)? {
        return Ok(false);
    }
    for step in view.remote_steps(&case.number)? {
        let Some(payload) = step.payload.as_deref() else { continue };
        let planned = Intent::read(payload)?.identity;
        if view.remote_identity(&step.system)?.is_some_and(|known| !is_same_database(&planned, &known)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The database that rows are looked for in: the one that was taken for the step's since (`map check --accept`), or the
/// same as it stood after our last step. Rows are still done by exact key and version alone: what differs is left.
pub(super) fn present(view: &View<'_>, system: &str, intent: &Intent) -> Result<Option<String>> {
    Ok(view.remote_identity(system)?.filter(|known| *known != intent.identity))
}

/// What was not done so far.
#[derive(Default)]
struct Down {
    /// In which systems.
    systems: BTreeSet<String>,
    /// Something of it has to be decided anew, and found again for that.
    anew: bool,
}

/// What is not done stands as trouble with the step, unless it was given to people: then what is left of it is tried.
fn attempt(
    store: &mut Store,
    context: &Context,
    (reach, since): (&mut Reach, &Since<'_>),
    all: (&CaseNumber, &[RemoteStep]),
    step: &RemoteStep,
    payload: &str,
    down: &mut Down,
) -> Result<Vec<Given>> {
    let mut intent = Intent::read(payload)?;
    if let Some(known) = store.read(|view| present(view, &step.system, &intent))? {
        intent.identity = known;
    }
    let refused = store.read(|view| since.refuse(view, reach, all.0, (step, &intent)))?;
    let takes_way = reach.takes_way(&step.system, &step.collection, &intent);
    let system = reach.systems.iter_mut().find(|system| system.name == step.system);
    let tried = match (system, refused) {
        (None, _) => Err(Error::new(Kind::Failed, "the system is not connected")),
        // What refers to a row goes before it: where it stays, for whatever reason, the rest of the system waits.
        (Some(_), _) if down.systems.contains(&step.system) => Err(Error::new(Kind::Failed, AFTER_ANOTHER)),
        (Some(_), _) if takes_way && down.anew => Err(Error::new(Kind::Failed, AFTER_FOUND)),
        (Some(_), Some(error)) => Err(error),
        (Some(system), None) => run::run(system.engine.as_mut(), &step.collection, &intent),
    };
    let tried = tried.and_then(|left| {
        let moved = moved(store, context, reach, all, step, left.absent)?;
        Ok((left.changed, moved))
    });
    let trouble = match tried {
        Ok((changed, moved)) if changed.is_empty() && moved.is_empty() => None,
        Ok((changed, moved)) => {
            let why = if changed.is_empty() {
                format!("{} rows are no longer under their keys{ANEW}", moved.len())
            } else {
                format!("{} rows were changed by others since the plan was made{ANEW}", changed.len())
            };
            intent.rows = changed.into_iter().chain(moved).collect();
            Some(why)
        }
        Err(error) => {
            let apart = match store.read(|view| view.case(all.0))?.right {
                Right::Rectify => reach.apart(step, &intent, error),
                _ => Apart::whole(&intent, error),
            };
            if let Some(given) = refused::given(store, context, all.0, (step, &apart))? {
                let Some(left) = apart.left.as_ref().map(Intent::text).transpose()? else {
                    return Ok(vec![given]);
                };
                let more = attempt(store, context, (reach, since), all, step, &left, down)?;
                return Ok([given].into_iter().chain(more).collect());
            }
            let error = apart.error;
            let end = if error.lasts().is_some() { ONCE_MENDED } else { "" };
            Some(format!("{}{end}", error.message()))
        }
    };
    if let Some(why) = &trouble {
        down.systems.insert(step.system.clone());
        down.anew |= asks_anew(why) || why == AFTER_FOUND;
    }
    let left = intent.text()?;
    store.transact(|tx| match &trouble {
        None => tx.remote_done(step.id, context.now),
        Some(why) => tx.remote_trouble(step.id, &left, why, context.now),
    })?;
    relearn(store, reach, &step.system).map(|()| Vec::new())
}

/// Of rows that are absent, those that the person still has, under another key or the same: absent alone is not deleted. What
/// is asked is the whole traversal anew, since a row may hang on another.
fn moved(
    store: &mut Store,
    context: &Context,
    reach: &mut Reach,
    (case, steps): (&CaseNumber, &[RemoteStep]),
    step: &RemoteStep,
    absent: Vec<Line>,
) -> Result<Vec<Line>> {
    if absent.is_empty() {
        return Ok(absent);
    }
    let file = store.read(|view| view.case(case))?;
    let Some(subject) = file.subject else { return Ok(Vec::new()) };
    let Some(found) = reach.gather(store, &file.controller, &Selector::Id(subject), context.now, subject)?
    else {
        // Names die with the last row that a search by them finds anywhere.
        if store.read(|view| view.is_done_later(case, &step.system))? {
            return Ok(Vec::new());
        }
        return Err(Error::new(Kind::Failed, "rows are gone, and nobody is known any more to seek them by"));
    };
    let here = |other: &&RemoteStep| (&other.system, &other.collection) == (&step.system, &step.collection);
    let mut meant = BTreeSet::new();
    for payload in steps.iter().filter(here).filter_map(|step| step.payload.as_deref()) {
        meant.extend(Intent::read(payload)?.rows.into_iter().map(|line| line.key));
    }
    let (graph, at) = (reach.graph.clone(), reach.node_of(&step.system, &step.collection));
    let rows = found.facts.rows.rows.iter();
    let there: Vec<(&Node, &Found)> = rows
        .filter(|row| Some(row.found.node) == at)
        .map(|row| (&graph.nodes[row.found.node], &row.found))
        .collect();
    // What a search finds under the very key under which the step did not is not gone, whatever hid it there.
    let hidden: BTreeSet<&Vec<String>> = there.iter().map(|(_, found)| &found.key).collect();
    let strays: BTreeSet<i64> = there
        .iter()
        .filter(|(_, found)| !meant.contains(&found.key))
        .map(|(node, found)| beside(node, &found.cells))
        .collect();
    let stands =
        |line: &Line| hidden.contains(&line.key) || line.beside.is_some_and(|one| strays.contains(&one));
    Ok(absent.into_iter().filter(stands).collect())
}

fn part(step: RemoteStep) -> Part {
    let reclaimed = step.reclaimed;
    let trouble =
        if step.is_done() { None } else { Some(step.trouble.unwrap_or_else(|| "not tried yet".into())) };
    Part {
        system: step.system,
        collection: step.collection,
        deletes: step.deletes,
        rows: step.rows,
        trouble,
        reclaimed,
    }
}
