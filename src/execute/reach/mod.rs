//! The other systems in a command: read before the own store is locked, merged into the same facts, and changed
//! only by steps that the own store has committed before.
//!
//! | file | what |
//! |---|---|
//! | `apart` | a correction of which a database refuses some columns, and the others |
//! | `former` | numbers that a correction replaces, until every system has the new one |
//! | `gather` | who is sought elsewhere, by which names, and what is found |
//! | `lies` | what lies where, for a list of personal data |
//! | `meant` | whom a name unknown here means, where the rows carry a known person's number |
//! | `merge` | what is found beside what the own store knows, as one person's facts |
//! | `refine` | a decided plan made exact: which rows and columns, and what stays because others share it |
//! | `target` | what a column becomes |
//! | `order` | which rows go first |
//! | `protect` | what came to protect rows since their destruction was decided |
//! | `refused` | a correction that a database refuses for what it is, given to people |
//! | `unfinished` | rows that an open step of a case means, as they are found today |
//! | `ways` | steps that take away by what rows are found: they come last |
//! | `unread` | what a map does not know, beside which nothing is destroyed |
//! | `elsewhere` | what the own store commits of it |
//! | `intent` | steps as the own store keeps them until they are done |
//! | `seeds` | by which names of theirs somebody is sought |
//! | `search` | whom a phone or the like of nobody known here means there |
//! | `run` | one step tried, and asked after |
//! | `night` | what is past its term there |
//! | `void` | steps that are not to be done any more |
//! | `proof` | what the act of a case says of them |
//! | `finish` | the steps of a case, one after another |
//! | `close` | what is told when all are done |

mod apart;
mod close;
pub mod elsewhere;
mod finish;
pub mod former;
mod gather;
mod intent;
pub mod lies;
mod meant;
pub mod merge;
pub mod night;
mod order;
mod proof;
mod protect;
pub mod refine;
mod refused;
mod run;
mod search;
mod seeds;
mod target;
pub mod unfinished;
pub mod unread;
pub mod void;
mod ways;

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

pub use finish::{
    AFTER_ANOTHER, AFTER_FOUND, Ended, Part, Told, asks_anew, finish, is_other_database, planned,
};
pub use intent::{Intent, Means, steps};
pub use proof::Before;
pub use protect::keeper;
pub use refused::Given;
pub use search::Holder;
pub use unread::Unread;

use crate::{
    domain::{CaseNumber, Error, Identifier, IdentifierType, Result, SubjectId},
    policy::places::{Place, PlaceKind, Places},
    system::{
        check::{Finding, split_key},
        learn::learn,
        map::Ownership,
        open::Around,
        project::Facts,
        set::Systems,
        traverse::{self, Connected, Found, Stands, graph::Graph, unreachable_system},
    },
};

/// The systems of one command, connected.
pub struct Reach {
    systems: Vec<Connected>,
    kinds: Vec<PlaceKind>,
    graph: Arc<Graph>,
    /// The collections as the databases have them; asked when first needed.
    stands: Option<Stands>,
    /// Rows of several whose term is over for all of them, each with a row of one of the others. Personal data.
    over: HashSet<(traverse::Place, traverse::Place)>,
    /// Rows that go before what is looked at, and stand there still. Personal data.
    departing: HashSet<traverse::Place>,
    /// What hangs on rows of several is looked at too.
    hanging: bool,
    /// Systems that were left out by name: people look there.
    pub without: Places,
    /// Systems that `dsr.yaml` names no more, of which somebody said that they are gone for good.
    gone: Vec<String>,
    /// Rows that an earlier night began and that could not be looked at since: system, collection and key of each.
    awaited: BTreeSet<(String, String, Vec<String>)>,
}

/// What the other systems know of one person, read at one time.
#[derive(Clone)]
pub struct Remote {
    /// Records, deals, consents, and the way back to rows.
    pub facts: Facts,
    /// The graph that the rows' places mean.
    pub graph: Arc<Graph>,
    /// The systems that were searched.
    pub searched: Vec<String>,
    /// The number a person gets whom the own store does not know.
    pub new: SubjectId,
    /// The person of the own store whom it is about, by the name asked for or by what the rows say.
    pub person: Option<SubjectId>,
    /// The own register keeps rows of theirs for a law.
    pub archives: bool,
    /// What each system says of itself.
    pub identities: std::collections::BTreeMap<String, String>,
    /// Names of theirs that several people have, and that were not sought by: their kinds.
    pub unsought: Vec<&'static str>,
    /// The kind of name that no other system could be searched by; nothing was read then.
    pub unsearched: Option<&'static str>,
    /// What the maps do not know of the collections with rows of theirs.
    pub unread: Vec<Unread>,
    /// Systems where rows may stand under what a case has yet to correct there.
    pub uncorrected: Vec<(String, CaseNumber)>,
}

impl Reach {
    /// Connects to every system but those left out.
    ///
    /// # Errors
    /// Usage (exit 2): `--without` names none; configuration (exit 6): a map or a connection's settings, or a reference
    /// of a map that leads to other people's rows; failed (exit 1): a system cannot be reached.
    pub fn open(systems: &Systems, around: &Around<'_>, without: &[String]) -> Result<Self> {
        if let Some(unknown) = without.iter().find(|name| systems.get(name).is_none()) {
            let names: Vec<&str> = systems.all.iter().map(|system| system.name.as_str()).collect();
            return Err(Error::usage(format!("--without: no system is called `{unknown}`"))
                .hint(format!("systems with a map: {}", names.join(", "))));
        }
        let (mut connected, mut kinds, mut live) = (Vec::new(), Vec::new(), Vec::new());
        for system in systems.all.iter().filter(|system| !without.contains(&system.name)) {
            let failed = |error| unreachable_system(&system.name, error);
            let mut engine = system.open(around).map_err(failed)?;
            let (tables, mut map) = (engine.tables().map_err(failed)?, system.map.clone());
            learn(&mut map, &tables);
            split_key(&map, &tables).map_or(Ok(()), |split| Err(astray(&system.name, &split)))?;
            kinds.push(system.place.kind);
            live.push(tables);
            connected.push(Connected { name: system.name.clone(), map, engine });
        }
        let left = systems.all.iter().filter(|system| without.contains(&system.name));
        let without = left
            .map(|system| (system.name.clone(), Place::manual(&system.place.owner, Vec::new())))
            .collect();
        let graph = Arc::new(Graph::of(&connected)?);
        let stands = Some(Stands::of(&connected, &live, &graph));
        let (over, departing) = (HashSet::new(), HashSet::new());
        let (gone, awaited) = (Vec::new(), BTreeSet::new());
        let hanging = false;
        Ok(Self {
            systems: connected,
            kinds,
            graph,
            stands,
            over,
            departing,
            hanging,
            without,
            gone,
            awaited,
        })
    }

    /// No system at all.
    pub fn none() -> Self {
        let graph = Arc::default();
        let (systems, kinds, without) = (Vec::new(), Vec::new(), Places::new());
        let (over, departing) = (HashSet::new(), HashSet::new());
        let (gone, awaited) = (Vec::new(), BTreeSet::new());
        let (stands, hanging) = (None, false);
        Self { systems, kinds, graph, stands, over, departing, hanging, without, gone, awaited }
    }

    /// The same, where somebody said that these systems, which `dsr.yaml` names no more, are gone for good.
    pub fn with_gone(self, gone: Vec<String>) -> Self {
        Self { gone, ..self }
    }

    /// Whether there is no system to ask.
    pub fn is_empty(&self) -> bool {
        self.systems.is_empty()
    }

    /// What a system's engine keeps below of rows that were deleted or changed: no command reaches it.
    pub fn below(&self, system: &str) -> &'static str {
        let at = self.systems.iter().position(|known| known.name == system);
        at.and_then(|at| self.kinds.get(at)).map_or("", |kind| below(*kind))
    }

    /// What is reclaimed together with a table: a SQLite file is one, whatever the table.
    pub fn reclaimed_with<'t>(&self, system: &str, table: &'t str) -> &'t str {
        let at = self.systems.iter().position(|known| known.name == system);
        let whole = at.and_then(|at| self.kinds.get(at)) == Some(&PlaceKind::Sqlite);
        if whole { "" } else { table }
    }

    /// Has a system reclaim what changed rows leave in a table; whether it did.
    ///
    /// # Errors
    /// Whatever the engine says.
    pub fn reclaim(&mut self, system: &str, table: &str) -> Result<bool> {
        let found = self.systems.iter_mut().find(|known| known.name == system);
        found.map_or(Ok(false), |found| found.engine.reclaim(table))
    }

    /// [`may_reclaim`] of a system by its name.
    pub fn may_reclaim(&self, system: &str) -> bool {
        let at = self.systems.iter().position(|known| known.name == system);
        let kind = at.and_then(|at| self.kinds.get(at));
        kind.is_some_and(|kind| may_reclaim(*kind))
    }

    /// The names of the systems that are asked.
    pub fn names(&self) -> Vec<String> {
        self.systems.iter().map(|system| system.name.clone()).collect()
    }
}

impl Remote {
    /// The names by which a person is enrolled here: those that name, as the systems agree on them.
    pub fn naming(&self) -> Vec<Identifier> {
        self.facts.names.iter().filter(|name| name.kind().names_a_person()).cloned().collect()
    }

    /// Phones and e-mails in rows of theirs alone: by these others mail and call them.
    pub fn contacts(&self) -> Vec<Identifier> {
        let mut names = self.searching();
        names.retain(|name| matches!(name.kind(), IdentifierType::Phone | IdentifierType::Email));
        names
    }

    /// Every number that only searches, in rows of theirs alone.
    fn searching(&self) -> Vec<Identifier> {
        let theirs = |found: &&Found| found.ownership == Ownership::Owner && !found.joint;
        let names = self.facts.rows.rows.iter().map(|row| &row.found).filter(theirs).flat_map(|found| {
            let names = self.graph.nodes[found.node].names.iter();
            names.filter_map(|(place, kind)| Identifier::parse(*kind, found.cells[*place].0.as_deref()?).ok())
        });
        let mut once = Vec::new();
        for name in names.filter(|name| !name.kind().names_a_person()) {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        once
    }

    /// Whether anything was found.
    pub fn is_empty(&self) -> bool {
        self.facts.rows.rows.is_empty()
    }

    /// What a person has to look at, as plans and tasks say it.
    pub fn left_out(&self) -> Vec<String> {
        let unsought = self
            .unsought
            .iter()
            .map(|kind| format!("several people have the {kind}: other systems were not searched by it"));
        let unread = self.unread.iter().filter_map(Unread::says);
        let unsearched = self.unsearched.map(|kind| not_searched(&self.searched.join(", "), kind));
        let left_out = self.facts.left_out.iter().map(|one| one.says());
        let uncorrected = self.uncorrected.iter().map(|(system, case)| yet_to_correct(system, case));
        left_out.chain(unsought).chain(unsearched).chain(unread).chain(uncorrected).collect()
    }

    /// Where it was left open whether anything is theirs, and what.
    pub fn to_look(&self) -> Vec<(String, String)> {
        let says = |system: &str, says: String| {
            let task = says.strip_prefix(&format!("{system}: ")).map(str::to_owned).unwrap_or(says);
            (system.to_owned(), task)
        };
        let rows = self.facts.left_out.iter().map(|one| says(&one.system, one.says()));
        let kind = self.unsearched.into_iter();
        let systems = kind.flat_map(|kind| {
            self.searched.iter().map(move |system| says(system, not_searched(system, kind)))
        });
        let uncorrected =
            self.uncorrected.iter().map(|(system, case)| says(system, yet_to_correct(system, case)));
        rows.chain(systems).chain(uncorrected).collect()
    }

    /// The systems that were searched: those whose map has a column for what was typed; where somebody is known by
    /// it, those that a number or a reference leads into.
    pub fn read(&self) -> Vec<String> {
        let (names, graph): (_, &Graph) = (&self.facts.names, &self.graph);
        let known = !names.is_empty() && (self.person.is_some() || !self.is_empty());
        let has = |kind: IdentifierType| known || names.iter().any(|name| name.kind() == kind);
        let is_read = |at: usize| {
            let mut nodes = graph.nodes.iter().enumerate().filter(|(_, node)| node.system == at);
            nodes.any(|(nth, node)| {
                node.names.iter().any(|(_, kind)| has(*kind)) || known && graph.into(nth).next().is_some()
            })
        };
        let systems = self.searched.iter().enumerate().filter(|(at, _)| is_read(*at));
        systems.filter(|_| self.unsearched.is_none()).map(|(_, name)| name.clone()).collect()
    }

    /// The systems in which people have to look before an answer is whole.
    pub fn by_people(&self) -> Vec<String> {
        let left_out = self.facts.left_out.iter().map(|one| one.system.clone());
        let unread = self.unread.iter().filter(|one| one.says().is_some()).map(|one| one.system.clone());
        let all = self.unsearched.iter().chain(self.unsought.first()).flat_map(|_| self.searched.clone());
        let uncorrected = self.uncorrected.iter().map(|(system, _)| system.clone());
        left_out.chain(unread).chain(all).chain(uncorrected).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn astray(system: &str, split: &Finding) -> Error {
    let (collection, column) = (&split.collection, split.field.as_deref().unwrap_or_default());
    Error::config(format!(
        "system `{system}`: the reference of `{collection}` by `{column}` leads to other people's rows"
    ))
    .hint("nothing was done; `dsr map check` shows why: refer by a column that is single alone")
}

fn not_searched(systems: &str, kind: &str) -> String {
    format!("{systems}: not searched by {kind}: look there by a number of the person")
}

/// Nobody is found there by a number that is not there yet.
fn yet_to_correct(system: &str, case: &CaseNumber) -> String {
    format!("{system}: not searched by what case {case} has yet to correct there: look there by hand")
}

/// Whether an engine keeps old versions in its tables that it can be told to reclaim. SQLite overwrites them, and a CSV
/// file has none.
pub fn may_reclaim(kind: PlaceKind) -> bool {
    matches!(kind, PlaceKind::Postgres | PlaceKind::Mysql)
}

/// What an engine keeps below of rows that were deleted or changed: no command reaches it.
pub fn below(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Postgres => {
            "old versions stay in the table until VACUUM, in materialized views until a refresh, and in WAL, replicas and backups"
        }
        PlaceKind::Mysql => {
            "old values stay in undo and binary logs, the history of versioned tables, replicas and backups until these are purged"
        }
        PlaceKind::Sqlite => "free pages are overwritten; copies and backups of the file are not reached",
        PlaceKind::Csv => {
            "the file was written anew; the old one's blocks, copies and backups are not reached"
        }
        PlaceKind::Manual | PlaceKind::Store => "",
    }
}
