//! Steps as the own store keeps them until they are done: exact keys, the versions they were decided on, and
//! what columns become.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Remote, order, target};
use crate::{
    domain::{Action, Error, Kind, Moment, Plan, RecordKey, Result, Step},
    execute::order::Order,
    store::{KeyFile, remote::NewRemoteStep},
    system::{
        engine::{Cell, Row},
        project::{RowOf, version},
        traverse::graph::Node,
    },
};

/// Rows in one step: one transaction there.
const ROWS: usize = 500;

/// One step's particulars. Personal data: no `Debug`.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Which database it has to be.
    pub identity: String,
    /// The columns of the key.
    pub key: Vec<String>,
    /// The columns that the version is a digest of.
    pub read: Vec<String>,
    /// The columns that are set; none = the rows are deleted.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Line>,
}

/// One row.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its key.
    pub key: Vec<String>,
    /// The version it was decided on.
    pub version: i64,
    /// Digest of what stands beside the key: by it a row is known again whose key changed. `None`: an older step.
    #[serde(default)]
    pub beside: Option<i64>,
    /// Categories of the records that end with it, for the act of a case; `None`: an older step, or a night's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Vec<String>>,
    /// What the columns become; `None` = NULL.
    pub set: Vec<Option<String>>,
}

/// What steps are made with.
pub struct Means<'a> {
    /// What was found elsewhere.
    pub remote: &'a Remote,
    /// What was asked: new values stand there alone.
    pub order: Option<&'a Order>,
    /// The key file, for hashes.
    pub key: Option<&'a KeyFile>,
    /// The controller.
    pub controller: &'a str,
    /// Now.
    pub now: Moment,
}

/// What happens to one row.
#[derive(Default)]
struct Change {
    delete: bool,
    set: BTreeMap<String, Cell>,
    ends: Vec<String>,
}

/// The steps that a refined plan means in other systems, in the order in which they are done.
///
/// # Errors
/// Configuration (exit 6): a value has to be hashed, and the key file is missing.
pub fn steps(plan: &Plan, means: &Means<'_>) -> Result<Vec<NewRemoteStep>> {
    let written = |step: Meant| {
        Ok(NewRemoteStep {
            system: step.system,
            collection: step.collection,
            deletes: step.intent.columns.is_empty(),
            rows: step.intent.rows.len() as u64,
            payload: step.intent.text()?,
        })
    };
    meant(plan, means)?.into_iter().map(written).collect()
}

/// A step that is not written down yet. Personal data: no `Debug`.
pub(super) struct Meant {
    /// The system.
    pub system: String,
    /// The collection there.
    pub collection: String,
    /// What is done.
    pub intent: Intent,
}

/// The same steps as [`steps`], not written down.
///
/// # Errors
/// As [`steps`].
pub(super) fn meant(plan: &Plan, means: &Means<'_>) -> Result<Vec<Meant>> {
    let mut changes = BTreeMap::<usize, Change>::new();
    for step in plan.steps.iter().filter(|step| !step.is_own()) {
        for key in &step.keys {
            means.change(step, *key, &mut changes)?;
        }
    }
    let ranks = order::ranks(&means.remote.graph);
    let mut groups = BTreeMap::<(usize, usize, bool, Vec<String>), Vec<(usize, Change)>>::new();
    for (nth, change) in changes.into_iter().filter(|(_, change)| change.delete || !change.set.is_empty()) {
        let node = means.remote.facts.rows.rows[nth].found.node;
        let columns = if change.delete { Vec::new() } else { change.set.keys().cloned().collect() };
        groups.entry((ranks[node], node, change.delete, columns)).or_default().push((nth, change));
    }
    let mut all = Vec::new();
    for ((_, node, _, columns), mut rows) in groups {
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(ROWS));
            all.push(means.step(node, &columns, std::mem::replace(&mut rows, rest)));
        }
    }
    Ok(all)
}

impl Means<'_> {
    fn change(&self, step: &Step, key: RecordKey, changes: &mut BTreeMap<usize, Change>) -> Result<()> {
        let rows = &self.remote.facts.rows;
        let nth = match step.action {
            Action::Withdraw => rows.of_consent(key.id),
            _ => rows.of_record(key).map(|(nth, _)| nth),
        };
        let Some((nth, row)) = nth.and_then(|nth| Some((nth, rows.rows.get(nth)?))) else {
            return Err(crate::execute::act::stale());
        };
        let change = changes.entry(nth).or_default();
        if matches!(step.action, Action::Destroy | Action::Rectify) {
            change.ends.extend(step.category.as_ref().map(ToString::to_string));
        }
        if step.action == Action::Destroy && step.fields.is_empty() {
            change.delete = true;
            return Ok(());
        }
        for column in &step.fields {
            if let Some(cell) = self.cell(step.action, row, column)? {
                change.set.insert(column.clone(), cell);
            }
        }
        Ok(())
    }

    fn cell(&self, action: Action, row: &RowOf, column: &str) -> Result<Option<Cell>> {
        let graph = &self.remote.graph;
        let node = &graph.nodes[row.found.node];
        Ok(match action {
            Action::Destroy => {
                let place = node.place(column).ok_or_else(crate::execute::act::stale)?;
                Some(target::masked(graph, row, place, self.key()?, self.controller))
            }
            Action::Archive | Action::Block => Some(target::flagged(node, true)),
            Action::Unblock => Some(target::flagged(node, false)),
            Action::Withdraw => Some(Cell(Some(self.now.civil()))),
            Action::Rectify => match self.order {
                Some(Order::Rectify { changes, .. }) => target::corrected(node, column, changes),
                _ => None,
            },
            _ => None,
        })
    }

    fn key(&self) -> Result<&KeyFile> {
        self.key.ok_or_else(without_key)
    }

    fn step(&self, node: usize, columns: &[String], rows: Vec<(usize, Change)>) -> Meant {
        let known = &self.remote.graph.nodes[node];
        let line = |(nth, mut change): (usize, Change)| {
            let row = &self.remote.facts.rows.rows[nth];
            let set = columns.iter().filter_map(|column| change.set.remove(column)).map(|cell| cell.0);
            let (set, beside) = (set.collect(), Some(beside(known, &row.found.cells)));
            let ends = self.order.map(|_| change.ends);
            Line { key: row.found.key.clone(), version: row.version, beside, ends, set }
        };
        let system = self.remote.searched.get(known.system).cloned().unwrap_or_default();
        let intent = Intent {
            identity: self.remote.identities.get(&system).cloned().unwrap_or_default(),
            key: known.key_columns().into_iter().map(str::to_owned).collect(),
            read: known.columns.clone(),
            columns: columns.to_vec(),
            rows: rows.into_iter().map(line).collect(),
        };
        Meant { system, collection: known.collection.name.clone(), intent }
    }
}

impl Intent {
    /// The same of these rows alone.
    pub(super) fn with(&self, rows: Vec<Line>) -> Self {
        Self {
            identity: self.identity.clone(),
            key: self.key.clone(),
            read: self.read.clone(),
            columns: self.columns.clone(),
            rows,
        }
    }

    /// As the own store keeps it.
    ///
    /// # Errors
    /// Failed (exit 1), which is a defect.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Error::new(Kind::Failed, "a step cannot be written down").because(error))
    }

    /// Reads it back; the cause of a fault is not said, since it could quote a key.
    ///
    /// # Errors
    /// Integrity (exit 9): it is none.
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|_| Error::new(Kind::Integrity, "a step of another system cannot be read back"))
    }
}

/// What needs the key file is not left out where it is missing.
pub(super) fn without_key() -> Error {
    Error::new(Kind::Config, "the key file of the store is missing")
        .hint("values are masked and marks are made under it: restore it; `dsr doctor` says more")
}

/// Digest of the cells that are not of the key.
pub(super) fn beside(node: &Node, cells: &Row) -> i64 {
    let others = cells.iter().enumerate().filter(|(place, _)| !node.key.contains(place));
    version(&others.map(|(_, cell)| cell.clone()).collect())
}
