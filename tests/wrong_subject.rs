//! No destructive command changes a row of anybody else, for thousands of pairs of people who look alike, or as many
//! as `DSR_PAIRS` says.
//!
//! Each right is carried out on the first of each pair: in this process on all, since that is the same code
//! that the commands call, and through the program on a sample. The second of each pair, and whoever was
//! not acted on yet, must keep the digest of every row.

mod common;
#[path = "wrong_subject/digests.rs"]
mod digests;
#[path = "wrong_subject/people.rs"]
mod people;

use std::time::Duration;

use common::World;
use digests::{Digests, digests};
use dsr::{
    audit::{Actor, Clock, Files},
    command::world::calendar,
    domain::{IdentityMethod, Moment, Result, Selector},
    execute::{
        act::{self, Request},
        apply,
        cases::Receipt,
        context::Context,
        order::{NewValue, Order},
    },
    policy::Library,
    store::{KeyFile, Mode, Store, Tx},
};
use people::{Pair, pairs};

const BY_PROGRAM: usize = 60;

fn how_many() -> usize {
    std::env::var("DSR_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000)
}

fn world() -> (World, Vec<Pair>) {
    let world = World::in_memory("mycar");
    let (pairs, file) = pairs(how_many());
    let _ = world.write("people.ndjson", file);
    let _ = world.dsr(["import", "people.ndjson"]).ok();
    (world, pairs)
}

fn seen(world: &World) -> Digests {
    let conn = rusqlite::Connection::open(world.store());
    conn.and_then(|conn| digests(&conn)).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn untouched(before: &Digests, after: &Digests, acted: &[Pair], at: &str) {
    let mut expected = before.clone();
    let mut found = after.clone();
    for pair in acted {
        expected.remove(&pair.acted);
        found.remove(&pair.acted);
    }
    let changed: Vec<&String> =
        expected.iter().filter(|(who, sum)| found.get(*who) != Some(sum)).map(|(who, _)| who).collect();
    assert!(changed.is_empty(), "{at}: rows of others changed: {:?}", &changed[..changed.len().min(5)]);
    assert_eq!(expected.len(), found.len(), "{at}: rows of somebody new");
}

#[test]
fn look_alikes_keep_every_row() -> Result<()> {
    let (world, pairs) = world();
    let before = seen(&world);
    assert_eq!(before.len(), 2 * pairs.len());
    by_program(&world, &pairs[..BY_PROGRAM]);
    untouched(&before, &seen(&world), &pairs[..BY_PROGRAM], "through the program");
    let mut store = Store::open(&world.store(), Mode::ReadWrite, Duration::from_secs(5))?;
    let office = Office::open(&world)?;
    // After every quarter everybody is looked at.
    let look = pairs.len() / 4;
    for from in (BY_PROGRAM..pairs.len()).step_by(look) {
        let until = (from + look).min(pairs.len());
        store.transact(|tx| (from..until).try_for_each(|nth| office.act(tx, nth, &pairs[nth])))?;
        untouched(&before, &seen(&world), &pairs[..until], &format!("after {until}"));
    }
    drop(store);
    let after = seen(&world);
    untouched(&before, &after, &pairs, "at the end");
    let still = pairs.iter().filter(|pair| before.get(&pair.acted) == after.get(&pair.acted)).count();
    assert_eq!(still, 0, "every command did something to the one it named");
    let _ = world.dsr(["sanitize"]).ok();
    untouched(&before, &seen(&world), &pairs, "after the byte work");
    let _ = world.dsr(["audit", "verify"]).ok();
    Ok(())
}

fn by_program(world: &World, pairs: &[Pair]) {
    for (nth, pair) in pairs.iter().enumerate() {
        let who = selector(nth, pair);
        let command = match nth % 5 {
            0 => format!("erase --subject {who}"),
            1 => format!("revoke --subject {who}"),
            2 => format!("object --subject {who}"),
            3 => format!("rectify --subject {who} --set contact.email=new{nth}@twins.example --document d"),
            _ => format!("restrict --subject {who} --reason r"),
        };
        let deferred = if nth < 3 { "" } else { " --defer-destruction" };
        let _ = world.does(&format!("{command}{deferred}")).ok();
    }
}

fn selector(nth: usize, pair: &Pair) -> String {
    if nth.is_multiple_of(2) { format!("iin:{}", pair.iin) } else { format!("ref:{}", pair.acted) }
}

/// What a command has in hand when it acts.
struct Office {
    context: Context,
    rulebook: dsr::policy::Rulebook,
    places: dsr::policy::places::Places,
    calendar: dsr::calendar::Calendar,
    key: KeyFile,
}

impl Office {
    fn open(world: &World) -> Result<Self> {
        let library = Library::embedded();
        let now = Moment::parse(common::NOW).map_err(dsr::domain::Error::usage)?;
        let actor = Actor::new("test", 0).map_err(dsr::domain::Error::usage)?;
        let controller = Some("mycar".to_owned());
        Ok(Self {
            context: Context { now, clock: Clock::Drill, actor, controller, files: Files::default() },
            rulebook: library.rulebook("mycar")?,
            places: dsr::policy::places::Places::new(),
            calendar: calendar(&library)?,
            key: KeyFile::load(&KeyFile::default_path(&world.store()))?,
        })
    }

    /// What a command does between its question and its commit.
    fn act(&self, tx: &Tx<'_>, nth: usize, pair: &Pair) -> Result<()> {
        let who = Selector::parse(&selector(nth, pair))?;
        for order in orders(nth) {
            let rules = act::Rules {
                rulebook: &self.rulebook,
                calendar: &self.calendar,
                places: &self.places,
                second: &[],
                key: Some(&self.key),
            };
            let receipt = Receipt { identity: Some(IdentityMethod::Document), ..Receipt::default() };
            let request = Request { order: &order, who: &who, receipt: &receipt, defers: true };
            let decided = act::decide(tx, &self.context, rules, &request)?;
            apply::apply(tx, &self.context, rules, &request, decided)?;
        }
        Ok(())
    }
}

/// The rights in turn; a check that ends with *unlawful* is two.
fn orders(nth: usize) -> Vec<Order> {
    let value = format!("new{nth}@twins.example");
    let change = NewValue { category: "contact".into(), field: "email".into(), value };
    match nth % 6 {
        0 => vec![Order::Erase { categories: Vec::new() }],
        1 => vec![Order::Revoke { purposes: Vec::new(), scopes: Vec::new() }],
        2 => vec![Order::Object { purposes: Vec::new(), lift: false }],
        3 => vec![Order::Rectify { changes: vec![change], document: Some("d".into()) }],
        4 => vec![Order::Erase { categories: vec!["shopping".into()] }],
        _ => {
            let lift = Order::Lift { finding: "unlawful".into(), case: None, cases: Vec::new() };
            vec![Order::Restrict { categories: Vec::new(), reason: "r".into() }, lift]
        }
    }
}
