//! The walk over two systems.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::HashSet, sync::atomic::Ordering};

use super::{
    cast::{World, emptied, walk, world},
    counted::{Counted, Statements},
    *,
};
use crate::domain::IdentifierType;

fn name(kind: IdentifierType, text: &str) -> Identifier {
    Identifier::parse(kind, text).unwrap()
}

/// `crm.customer 1` of every row; `~` only appears in it, `*` shared.
fn lines(world: &mut World, names: &[Identifier], others: &[Identifier]) -> (Vec<String>, Vec<String>) {
    let graph = graph::Graph::of(&world.systems).unwrap();
    let mut whose =
        |name: &Identifier| Ok(if others.contains(name) { Whose::Another } else { Whose::Nobody });
    let reached = walk(&mut world.systems, &graph, names, &mut whose).unwrap();
    let line = |found: &Found| {
        let node = &graph.nodes[found.node];
        let accessor = if found.ownership == Ownership::Accessor { "~" } else { "" };
        let shared = if found.shared { "*" } else { "" };
        format!("{accessor}{} {}{shared}", node.collection.name, found.key.join(" "))
    };
    (reached.rows.iter().map(line).collect(), reached.left_out.iter().map(LeftOut::says).collect())
}

#[test]
fn one_person_over_two_systems() {
    let mut world = world();
    let (rows, left_out) = lines(&mut world, &[name(IdentifierType::Iin, "900101399998")], &[]);
    assert_eq!(
        rows,
        [
            "customer 1",
            "deal 10*",
            "~deal 11*",
            "line 1",
            "car 100",
            "car 102*",
            "keeping 1",
            "keeping 3",
            "service 1",
            "user A-1",
            "visit 1",
            "visit 3"
        ],
        "nothing is followed out of the deal they only paid for, nor out of the car that two keep"
    );
    assert_eq!(
        left_out,
        [
            "site: 1 row of letter are tied by a phone, an e-mail or a VIN that several people have: assign by hand"
        ]
    );
}

#[test]
fn the_other_person_and_nobody() {
    let mut world = world();
    let (rows, _) = lines(&mut world, &[name(IdentifierType::Account, "B-2")], &[]);
    assert_eq!(rows, ["user B-2", "visit 2"], "an e-mail of the site alone leads nowhere");
    let (rows, left_out) = lines(&mut world, &[name(IdentifierType::Iin, "900101499994")], &[]);
    assert_eq!(
        rows,
        [
            "customer 2",
            "~deal 10*",
            "deal 11*",
            "deal 12",
            "line 2",
            "line 3",
            "car 101",
            "car 102*",
            "keeping 2",
            "letter 2"
        ]
    );
    assert_eq!(left_out, Vec::<String>::new());
    let (rows, left_out) = lines(&mut world, &[name(IdentifierType::Account, "Z-9")], &[]);
    assert!(rows.is_empty() && left_out.is_empty());
}

#[test]
fn a_number_that_only_searches_never_takes_a_row_of_somebody_else() {
    use IdentifierType::{Account, Iin, Phone};
    let names = [name(Iin, "900101399998"), name(Phone, "87010000001")];
    let (rows, left_out) = lines(&mut world(), &names, &[name(Account, "A-9")]);
    assert!(!rows.iter().any(|row| row == "customer 3"), "{rows:?}");
    assert!(
        left_out.contains(&"crm: 1 row of customer carry another person's number: assign by hand".into())
    );
    let names = [name(Account, "A-1"), name(Phone, "87010000001")];
    let (rows, _) = lines(&mut world(), &names, &[]);
    assert!(!rows.iter().any(|row| row == "customer 3"), "another account than the one they have: {rows:?}");
}

#[test]
fn a_system_that_cannot_be_read_is_named() {
    let mut world = world();
    world.systems[1].map.collections[1].name = "gone".into();
    let graph = graph::Graph::of(&world.systems).unwrap();
    let names = [name(IdentifierType::Iin, "900101399998")];
    let failed = walk(&mut world.systems, &graph, &names, &mut |_| Ok(Whose::Nobody));
    assert!(failed.is_err_and(|error| error.message().starts_with("system `site`:")));
}

/// However a number is written, and with whomever it was asked: whoever is walked with others is reached as alone.
#[test]
fn several_at_once_are_each_alone() {
    use IdentifierType::{Account, Iin, Phone};
    let people = [
        vec![name(Account, "a-1")],
        vec![name(Iin, "900101399998"), name(Phone, "+77010000001")],
        vec![name(Iin, "900101499994")],
        vec![name(Account, "A-1")],
        vec![name(Account, "B-2")],
        vec![name(Account, "Z-0")],
        vec![name(Iin, "900101399998")],
    ];
    let mut world = world();
    let graph = graph::Graph::of(&world.systems).unwrap();
    let others = |nth: usize, name: &Identifier| nth == 3 && name.kind() == Iin;
    let said = |nth, name: &Identifier| Ok(if others(nth, name) { Whose::Another } else { Whose::Nobody });
    let shown = |reached: Reached| {
        let row = |found: Found| (found.node, found.key, found.via, found.shared, found.joint, found.named);
        let left: Vec<String> = reached.left_out.iter().map(LeftOut::says).collect();
        (
            reached.rows.into_iter().map(row).collect::<Vec<_>>(),
            left,
            reached.names.len(),
            reached.others.len(),
        )
    };
    let trace = emptied;
    let sight = Sight { trace: &trace, over: &HashSet::new(), hanging: false };
    // The one beside `A-1` could be taken for them: then each asks alone.
    for people in [&people[..], &people[1..]] {
        let said = |nth: usize, name: &Identifier| said(nth + usize::from(people.len() < 7), name);
        let together = walk_all(&mut world.systems, &graph, people, &mut { said }, &sight).unwrap();
        for ((nth, names), found) in people.iter().enumerate().zip(together) {
            let alone = walk(&mut world.systems, &graph, names, &mut |name| said(nth, name)).unwrap();
            assert_eq!(shown(found), shown(alone), "{nth}");
        }
    }
}

/// A page of people with deals, a login and visits, of whom accounts and phones are mapped as exact; how many questions
/// it takes.
fn asked(accounts: &[String]) -> usize {
    let mut world = world();
    let (mut crm, mut site) = ("BEGIN;".to_owned(), "BEGIN;".to_owned());
    for (nth, account) in (1000..).zip(accounts) {
        crm += &format!(
            "INSERT INTO customer VALUES ({nth}, NULL, '+7701000{nth:04}', 'c{nth}@x.example', '{account}');
             INSERT INTO deal VALUES ({nth}, {nth}, NULL, NULL, {nth}); INSERT INTO car VALUES ({nth}, NULL);"
        );
        site += &format!(
            "INSERT INTO user VALUES ('{account}', 'c{nth}@x.example');
             INSERT INTO visit VALUES ({nth}, '{account}', '/'), (1{nth}, '{account}', '/new');"
        );
    }
    world.sql("crm", &format!("{crm} COMMIT;"));
    world.sql("site", &format!("{site} COMMIT;"));
    let statements = Statements::default();
    let mut systems: Vec<Connected> = world.systems.drain(..).map(|one| counted(one, &statements)).collect();
    let graph = graph::Graph::of(&systems).unwrap();
    let people: Vec<Vec<Identifier>> = accounts
        .iter()
        .enumerate()
        .map(|(nth, text)| vec![name(IdentifierType::Account, text), phone(nth)])
        .collect();
    let trace = emptied;
    let sight = Sight { trace: &trace, over: &HashSet::new(), hanging: false };
    let found = walk_all(&mut systems, &graph, &people, &mut |_, _| Ok(Whose::Theirs), &sight).unwrap();
    for (account, one) in accounts.iter().zip(found) {
        assert_eq!(one.rows.len(), 6, "customer, deal, car, user and two visits of {account}");
    }
    statements.load(Ordering::Relaxed)
}

fn counted(mut system: Connected, statements: &Statements) -> Connected {
    let fields = system.map.collections.iter_mut().flat_map(|one| &mut one.fields);
    fields.for_each(|field| field.exact = true);
    Connected { engine: Counted::over(system.engine, statements), ..system }
}

fn phone(nth: usize) -> Identifier {
    name(IdentifierType::Phone, &format!("+7701000{:04}", nth + 1000))
}

#[test]
fn questions_do_not_grow_with_people() {
    let accounts = |count: usize| (0..count).map(|nth| format!("k-{nth}")).collect::<Vec<String>>();
    let few = asked(&accounts(10));
    assert_eq!(asked(&accounts(100)), few);
    for odd in [&["ж-1"][..], &["12345e67"], &["k50"], &["k 50"], &["k-050", "k70"]] {
        let mut all = accounts(100);
        all.splice(0..odd.len(), odd.iter().map(|&text| text.to_owned()));
        // One that could be meant by others halves the page some seven times, in each part where it stands.
        let most = few + 20 * odd.len();
        let asked = asked(&all);
        assert!((few..most).contains(&asked), "{odd:?}: {asked} questions, {few} without");
    }
}

/// Where a database holds two writings for one, a row of another writing counts for each whom it would count for alone.
#[test]
fn another_writing_is_missed_in_no_page() {
    let mut world = world();
    world.sql(
        "crm",
        "DROP TABLE car; DROP TABLE keeping; DROP TABLE deal; DROP TABLE customer;
         CREATE TABLE customer (id TEXT PRIMARY KEY COLLATE NOCASE, iin TEXT, phone TEXT, email TEXT, account TEXT);
         CREATE TABLE deal (id INTEGER PRIMARY KEY, buyer TEXT COLLATE NOCASE, payer TEXT COLLATE NOCASE, payer_name TEXT, car TEXT);
         CREATE TABLE car (id TEXT PRIMARY KEY COLLATE NOCASE, vin TEXT);
         CREATE TABLE keeping (id INTEGER PRIMARY KEY, customer TEXT, car TEXT COLLATE NOCASE);
         INSERT INTO customer VALUES ('P-1', NULL, NULL, NULL, 'K-1'), ('Q-1', NULL, NULL, NULL, 'K-2'), ('R-1', NULL, NULL, NULL, 'K-3');
         INSERT INTO deal VALUES (20, 'P-1', 'q-1', 'Second', NULL);
         INSERT INTO car VALUES ('X-1', NULL), ('Y-1', NULL);
         INSERT INTO keeping VALUES (1, 'P-1', 'X-1'), (2, 'R-1', 'x-1'), (3, 'Q-1', 'Y-1');",
    );
    let graph = graph::Graph::of(&world.systems).unwrap();
    let people = ["K-1", "K-2"].map(|text| vec![name(IdentifierType::Account, text)]);
    let trace = emptied;
    let sight = Sight { trace: &trace, over: &HashSet::new(), hanging: false };
    let page = walk_all(&mut world.systems, &graph, &people, &mut |_, _| Ok(Whose::Nobody), &sight).unwrap();
    let line = |found: &Found| {
        format!(
            "{} {}{}",
            graph.nodes[found.node].collection.name,
            found.key[0],
            if found.shared { "*" } else { "" }
        )
    };
    let rows: Vec<Vec<String>> = page.iter().map(|one| one.rows.iter().map(line).collect()).collect();
    assert_eq!(rows[0], ["customer P-1", "deal 20*", "car X-1*", "keeping 1"], "another keeps the car");
    assert_eq!(rows[1], ["customer Q-1", "deal 20*", "car Y-1", "keeping 3"], "they paid for it");
}
