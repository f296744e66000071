//! Sixteen processes, each with its mixed commands, on one store: the log says in which order they happened, and the
//! same commands one after the other in that order say the same and leave the same store, byte for byte of every row.
//!
//! The short form has eight commands a process; `DSR_FAULTS=all` has five hundred.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "faults/shim.rs"]
#[expect(dead_code, reason = "the fault harness uses the rest")]
mod shim;
#[path = "faults/state.rs"]
#[expect(dead_code, reason = "the fault harness uses the rest")]
mod state;

use std::{collections::BTreeMap, path::Path};

use common::{Run, World, fixture};
use rusqlite::Connection;
use shim::{shim, under};
use state::{lay, reopen, tree};

const PROCESSES: usize = 16;

fn each() -> usize {
    if std::env::var("DSR_FAULTS").as_deref() == Ok("all") { 500 } else { 8 }
}

/// One command of one process; whose it is stands in its entries, by the actor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Task {
    process: usize,
    nth: usize,
}

impl Task {
    fn actor(&self) -> String {
        format!("p{}-{}", self.process, self.nth)
    }

    /// Commands of one transaction each, on people that the processes share.
    fn words(&self) -> Vec<String> {
        let dice = self.process * 7919 + self.nth * 104_729;
        let who = format!("ref:C-{}", dice / 11 % 31 + 1);
        let words = match dice % 11 {
            0 => format!("find {who}"),
            1 => format!("access --subject {who} --identity document"),
            2 => format!("export --subject {who} --identity document --format json"),
            3 => format!("consent add --subject {who} --scope promotion --purpose promotion --method paper"),
            4 => format!("hold add --subject {who} --basis court"),
            5 => format!("object --subject {who} --purpose promotion --yes"),
            6 => format!("erase --subject {who} --identity document --yes --defer-destruction"),
            7 => format!("request open --right access --subject {who} --channel email"),
            8 => format!("request note 2026-{:06} asked", dice / 7 % 20 + 1),
            9 => format!("restrict --subject {who} --reason disputed --yes"),
            _ => format!(
                "rectify --subject {who} --set contact.email={}@new.example --document d --identity document --yes \
                 --defer-destruction",
                self.actor()
            ),
        };
        let more = ["--actor".to_owned(), self.actor(), "--lock-wait".into(), "300".into()];
        words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).chain(more).collect()
    }

    fn run(&self, shim: &Path, world: &World) -> Run {
        let mut command = under(shim, world, self.words());
        let seed = self.process * 1_000 + self.nth + 1;
        Run::of(&command.env("DSR_SHIM_SEED", seed.to_string()).output().unwrap())
    }
}

#[test]
fn sixteen_processes_make_one_history() {
    let Some(shim) = shim() else { return };
    let world = World::in_memory("mycar");
    let _ = world.dsr(["import", fixture("mycar.ndjson").to_str().unwrap()]).ok();
    let base = tree(world.path());
    let said = at_once(shim, &world);
    let together = reopen(world.path()).unwrap();
    let order = order(&world);

    let again = World::empty_in_memory();
    lay(&base, again.path());
    for task in &order {
        let (first, second) = (&said[task], task.run(shim, &again));
        assert_eq!((first.code, &first.stdout), (second.code, &second.stdout), "{}", task.words().join(" "));
    }
    assert_eq!(reopen(again.path()).unwrap(), together, "another history than the sequential one");
    let mut codes = BTreeMap::<i32, usize>::new();
    said.values().for_each(|run| *codes.entry(run.code).or_default() += 1);
    common::tell(&format!("{} commands by exit code {codes:?}, {} entries", said.len(), together.entries));
    for (task, run) in &said {
        let in_log = order.contains(task);
        assert!(run.code != 0 || in_log, "{}: exit 0 without an entry", task.words().join(" "));
        assert!(![1, 8, 9, 75].contains(&run.code), "{}: {}", task.words().join(" "), run.stderr);
    }
}

fn at_once(shim: &Path, world: &World) -> BTreeMap<Task, Run> {
    let mine = |process: usize| {
        let tasks = (0..each()).map(move |nth| Task { process, nth });
        tasks.map(|task| (task.clone(), task.run(shim, world))).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..PROCESSES).map(|process| scope.spawn(move || mine(process))).collect();
        all.into_iter().flat_map(|one| one.join().unwrap()).collect()
    })
}

/// The commands in the order of the log; the entries of one stand together.
fn order(world: &World) -> Vec<Task> {
    let conn = Connection::open(world.store()).unwrap();
    let sql = "SELECT CAST(bytes AS TEXT) ->> '$.actor.name' FROM audit_entry ORDER BY seq";
    let mut query = conn.prepare(sql).unwrap();
    let names = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut order: Vec<Task> = Vec::new();
    for name in names.map(|name| name.unwrap()) {
        let Some((process, nth)) = name.strip_prefix('p').and_then(|rest| rest.split_once('-')) else {
            continue;
        };
        let task = Task { process: process.parse().unwrap(), nth: nth.parse().unwrap() };
        if order.last() == Some(&task) {
            continue;
        }
        assert!(!order.contains(&task), "{name}: its entries do not stand together");
        order.push(task);
    }
    order
}
