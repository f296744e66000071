//! Two SQLite files for tests: a dealership's customers and a site's accounts.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashSet;

use rusqlite::Connection;

use super::*;
use crate::{
    domain::IdentifierType,
    system::{
        engine::sqlite::Sqlite,
        map::{Address, Collection, Direction, Field, Meaning, Reference},
    },
};

/// What erasure leaves here: nothing.
pub fn emptied(_: usize, cells: &Row, place: usize) -> Trace {
    if cells[place].0.is_some() { Trace::Stands } else { Trace::Gone }
}

/// One person's walk.
pub fn walk(
    systems: &mut [Connected],
    graph: &graph::Graph,
    names: &[Identifier],
    whose: &mut Ask<'_>,
) -> Result<Reached> {
    let sight = Sight { trace: &emptied, over: &HashSet::new(), hanging: false };
    let mut all = walk_all(systems, graph, &[names.to_vec()], &mut |_, name| whose(name), &sight)?;
    Ok(all.pop().unwrap_or_default())
}

const CRM: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, phone TEXT, email TEXT, account TEXT);
    CREATE TABLE deal (id INTEGER PRIMARY KEY, buyer INTEGER, payer INTEGER, payer_name TEXT, car INTEGER);
    CREATE TABLE line (id INTEGER PRIMARY KEY, deal INTEGER, what TEXT);
    CREATE TABLE car (id INTEGER PRIMARY KEY, vin TEXT);
    CREATE TABLE keeping (id INTEGER PRIMARY KEY, customer INTEGER, car INTEGER);
    CREATE TABLE service (id INTEGER PRIMARY KEY, car INTEGER, what TEXT);
    INSERT INTO customer VALUES (1, '900101399998', '8 (701) 000-00-01', 'a@x.example', 'A-1'),
      (2, '900101499994', '+77010000002', 'b@x.example', NULL), (3, NULL, '77010000001', 'a@x.example', 'A-9');
    INSERT INTO deal VALUES (10, 1, 2, 'Second', 100), (11, 2, 1, 'First', 101), (12, 2, 2, NULL, 102);
    INSERT INTO line VALUES (1, 10, 'mats'), (2, 11, 'radio'), (3, 12, 'hook');
    INSERT INTO car VALUES (100, 'LGWEF4A5XHB000017'), (101, 'LGWEF4A5XHB000025'), (102, 'LGWEF4A5XHB000033');
    INSERT INTO keeping VALUES (1, 1, 102), (2, 2, 102), (3, 1, 100);
    INSERT INTO service VALUES (1, 100, 'oil'), (2, 102, 'brakes');";

const SITE: &str = "
    CREATE TABLE user (login TEXT PRIMARY KEY, email TEXT);
    CREATE TABLE visit (id INTEGER PRIMARY KEY, login TEXT, page TEXT);
    CREATE TABLE letter (id INTEGER PRIMARY KEY, email TEXT, text TEXT);
    INSERT INTO user VALUES ('A-1', 'a@x.example'), ('B-2', 'b@x.example');
    INSERT INTO visit VALUES (1, 'A-1', '/'), (2, 'B-2', '/'), (3, 'A-1', '/new');
    INSERT INTO letter VALUES (1, 'a@x.example', 'hello'), (2, 'b@x.example', 'hi');";

pub(super) fn field(name: &str) -> Field {
    Field {
        name: name.into(),
        column: name.into(),
        data_categories: Vec::new(),
        category: Some("contact".into()),
        field: None,
        kind: None,
        length: None,
        identity: None,
        exact: false,
        primary_key: name == "id" || name == "login",
        read_only: false,
        references: Vec::new(),
        masking: None,
        third_party: false,
        free_text: false,
        not_personal: false,
        learnt: false,
        generated: false,
        declared: None,
    }
}

pub(super) fn identity(name: &str, kind: IdentifierType) -> Field {
    Field { identity: Some(kind), ..field(name) }
}

pub(super) fn refers(
    name: &str,
    to: &str,
    direction: Direction,
    ownership: Ownership,
    blank: &[&str],
) -> Field {
    let parts: Vec<String> = to.split('.').map(str::to_owned).collect();
    let to = Address { dataset: parts[0].clone(), collection: parts[1].clone(), field: parts[2].clone() };
    let blank = blank.iter().map(|&name| name.to_owned()).collect();
    Field {
        references: vec![Reference { to, direction, ownership, blank }],
        primary_key: false,
        ..field(name)
    }
}

pub(super) fn collection(name: &str, fields: Vec<Field>) -> Collection {
    let meaning = Meaning::default();
    Collection {
        name: name.into(),
        fields,
        after: Vec::new(),
        erase_after: Vec::new(),
        skip: false,
        erase: None,
        meaning,
    }
}

fn crm() -> Vec<Collection> {
    use Direction::{Both, From, To};
    use IdentifierType::{Account, Email, Iin, Phone, Vin};
    use Ownership::{Accessor, Owner};
    let customer = vec![
        field("id"),
        identity("iin", Iin),
        identity("phone", Phone),
        identity("email", Email),
        identity("account", Account),
    ];
    let deal = vec![
        field("id"),
        refers("buyer", "crm.customer.id", From, Owner, &[]),
        refers("payer", "crm.customer.id", From, Accessor, &["payer_name"]),
        field("payer_name"),
        refers("car", "crm.car.id", To, Owner, &[]),
    ];
    vec![
        collection("customer", customer),
        collection("deal", deal),
        collection("line", vec![field("id"), refers("deal", "crm.deal.id", From, Owner, &[]), field("what")]),
        collection("car", vec![field("id"), identity("vin", Vin)]),
        collection(
            "keeping",
            vec![
                field("id"),
                refers("customer", "crm.customer.id", From, Owner, &[]),
                refers("car", "crm.car.id", Both, Owner, &[]),
            ],
        ),
        collection(
            "service",
            vec![field("id"), refers("car", "crm.car.id", From, Owner, &[]), field("what")],
        ),
    ]
}

fn site() -> Vec<Collection> {
    use Direction::From;
    use Ownership::Owner;
    let login = identity("login", IdentifierType::Account);
    let by_mail = refers("email", "crm.customer.email", From, Owner, &[]);
    vec![
        collection("user", vec![login, field("email")]),
        collection(
            "visit",
            vec![field("id"), refers("login", "site.user.login", From, Owner, &[]), field("page")],
        ),
        collection("letter", vec![field("id"), by_mail, field("text")]),
    ]
}

pub(crate) struct World {
    dir: tempfile::TempDir,
    pub systems: Vec<Connected>,
}

impl World {
    /// Runs SQL in one of the files.
    pub fn sql(&self, system: &str, sql: &str) {
        Connection::open(self.dir.path().join(system)).unwrap().execute_batch(sql).unwrap();
    }
}

pub(crate) fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let mut systems = Vec::new();
    for (name, sql, collections) in [("crm", CRM, crm()), ("site", SITE, site())] {
        let path = dir.path().join(name);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let engine = Box::new(Sqlite::open(name, &path).unwrap());
        systems.push(Connected { name: name.into(), map: Map { key: name.into(), collections }, engine });
    }
    World { dir, systems }
}
