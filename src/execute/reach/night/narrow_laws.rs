//! Whoever is read only as far as may be due gets the verdict that they get read whole; and no more is due than was
//! counted. Maps, rows and people by dice.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
    time::Duration,
};

use chrono::{Days, NaiveDate};
use rusqlite::Connection;

use super::{ceiling::Candidates, joint::PutOff, judge::judge, met::Met, *};
use crate::{
    audit::{Actor, Clock, Files},
    decide::nightly::Protector,
    domain::{IdentifierType, Moment, SubjectId},
    execute::{
        context::Context,
        import::{Dates, Encoding, Input, Options, Vocabulary, import},
    },
    policy::{Library, Rulebook, places::PlaceKind},
    store::{CreateOptions, remote::archive_mark},
    system::{
        engine::sqlite::Sqlite,
        map::{
            Address, Collection, ColumnOrWord, ConsentSource, Direction, Field, Flag, Map, Meaning,
            ObligationSource, Ownership, Reference, Strategy,
        },
        traverse::{Connected, graph::Graph},
    },
};

/// Invented people: the serials begin with 99.
const PEOPLE: [&str; 6] =
    ["900101399998", "900101499994", "850615399990", "120315599990", "700707399990", "010203599999"];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 8).unwrap() % sides
    }

    /// One time in `n`.
    fn rarely(&mut self, n: usize) -> bool {
        self.roll(n) == 0
    }

    fn maybe(&mut self, n: usize, column: &str) -> Option<String> {
        self.rarely(n).then(|| column.to_owned())
    }

    fn day(&mut self) -> NaiveDate {
        NaiveDate::from_ymd_opt(2014, 1, 1).unwrap() + Days::new(self.roll(4_600) as u64)
    }

    /// What stands in a column of times: mostly one.
    fn time(&mut self) -> String {
        match self.roll(12) {
            0 => "NULL".into(),
            1 => "'soon'".into(),
            _ => format!("'{} 10:00:00'", self.day()),
        }
    }
}

fn plain(name: &str) -> Field {
    Field { name: name.into(), column: name.into(), primary_key: name == "id", ..Field::default() }
}

fn held(name: &str, category: &Category) -> Field {
    Field { category: Some(category.clone()), ..plain(name) }
}

fn refers(name: &str, to: &str, direction: Direction, ownership: Ownership) -> Field {
    let to = Address { dataset: "s".into(), collection: to.into(), field: "id".into() };
    let reference = Reference { to, direction, ownership, blank: Vec::new() };
    Field { references: vec![reference], ..plain(name) }
}

fn meaning(dice: &mut Dice) -> Meaning {
    let word = |text: &str| ColumnOrWord::Word(text.into());
    Meaning {
        collected_at: (!dice.rarely(8)).then(|| "t0".into()),
        document_at: dice.maybe(4, "t1"),
        purpose_reached_at: dice.maybe(4, "t2"),
        last_contact_at: dice.maybe(12, "t1"),
        activity_at: dice.maybe(12, "t2"),
        given_by: dice.maybe(14, "by"),
        purposes: if dice.rarely(2) { vec!["service".into()] } else { Vec::new() },
        restriction: dice.rarely(6).then(|| Flag {
            column: "flag".into(),
            blocked: "yes".into(),
            free: None,
        }),
        obligation: dice.rarely(8).then(|| ObligationSource {
            kind: word("purchase"),
            opened_at: "t0".into(),
            closed_at: Some("t1".into()),
        }),
        consent: dice.rarely(8).then(|| ConsentSource {
            scope: word("processing"),
            given_at: "t0".into(),
            withdrawn_at: Some("t1".into()),
            expires_at: Some("t2".into()),
        }),
        belongs_to_obligation: dice.maybe(8, "up"),
        ..Meaning::default()
    }
}

/// `c0` has people; the others are theirs, or another's, and may hang on one another.
fn collections(categories: &[Category], dice: &mut Dice) -> Vec<Collection> {
    let count = 3 + dice.roll(3);
    let mut all = Vec::new();
    for nth in 0..count {
        let mut fields = vec![plain("id")];
        // Every other one is dated by itself.
        let dated = categories.iter().find(|id| id.as_str() == "technical").unwrap();
        let mut draw = || if dice.rarely(2) { dated } else { &categories[dice.roll(categories.len())] };
        let [one, other] = [draw(), draw()];
        fields.push(held("note", one));
        if dice.rarely(3) {
            fields.push(held("more", other));
        }
        if nth == 0 {
            let who = held("who", one);
            fields.push(Field { identity: Some(IdentifierType::Iin), exact: dice.rarely(2), ..who });
        } else {
            let role = if dice.rarely(6) { Ownership::Accessor } else { Ownership::Owner };
            let owner = refers("owner", "c0", Direction::From, role);
            let category = dice.rarely(3).then(|| one.clone());
            fields.push(Field { category, ..owner });
            if dice.rarely(3) {
                let direction = [Direction::From, Direction::To, Direction::Both][dice.roll(3)];
                let to = format!("c{}", dice.roll(count));
                fields.push(refers("up", &to, direction, Ownership::Owner));
            }
        }
        for name in ["t0", "t1", "t2", "by", "flag", "up"] {
            if !fields.iter().any(|field| field.name == name) {
                fields.push(plain(name));
            }
        }
        let erase = (!dice.rarely(4)).then_some(Strategy::Delete);
        all.push(Collection {
            name: format!("c{nth}"),
            fields,
            after: Vec::new(),
            erase_after: Vec::new(),
            skip: false,
            erase,
            meaning: meaning(dice),
        });
    }
    all
}

fn rows(path: &std::path::Path, maps: &[Collection], dice: &mut Dice) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY").unwrap();
    for (nth, map) in maps.iter().enumerate() {
        conn.execute_batch(&format!(
            "CREATE TABLE {} (id INTEGER PRIMARY KEY, who TEXT, owner INTEGER, up INTEGER, note TEXT, more TEXT,
               t0 TEXT, t1 TEXT, t2 TEXT, by TEXT, flag TEXT)",
            map.name
        ))
        .unwrap();
        for id in 1..=(if nth == 0 { 7 } else { 14 }) {
            let who = PEOPLE[dice.roll(PEOPLE.len())];
            let (owner, up) = (1 + dice.roll(8), 1 + dice.roll(14));
            let [t0, t1, t2] = [0; 3].map(|_| dice.time());
            let by = ["NULL", "'self'", "'partner'"][dice.roll(3)];
            let flag = if dice.rarely(9) { "'yes'" } else { "NULL" };
            let more = if dice.rarely(2) { "'more'" } else { "NULL" };
            let sql = format!(
                "INSERT INTO {} VALUES ({id}, '{who}', {owner}, {up}, 'note', {more}, {t0}, {t1}, {t2}, {by}, {flag})",
                map.name
            );
            conn.execute_batch(&sql).unwrap();
        }
    }
}

/// Of some the own store knows more: consents, deals, holds, rows kept for a law.
fn known(store: &mut Store, key: &KeyFile, company: &Company<'_>, dice: &mut Dice) {
    let controller = company.controller.as_str();
    let mut text = String::new();
    for (n, iin) in PEOPLE.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        text += &format!(
            "{{\"kind\":\"subject\",\"ref\":\"C-{n}\",\"born\":null,\"identifiers\":[{{\"type\":\"iin\",\"value\":\"{iin}\"}}]}}\n"
        );
        if dice.rarely(3) {
            let withdrawn = if dice.rarely(2) { format!("\"{}\"", dice.day()) } else { "null".into() };
            text += &format!(
                "{{\"kind\":\"consent\",\"ref\":\"K-{n}\",\"subject\":\"C-{n}\",\"scope\":\"processing\",\"given_at\":\"2014-01-01\",\
                 \"given_by\":\"self\",\"expires_at\":null,\"withdrawn_at\":{withdrawn}}}\n"
            );
        }
        if dice.rarely(4) {
            text += &format!(
                "{{\"kind\":\"obligation\",\"ref\":\"O-{n}\",\"subject\":\"C-{n}\",\"type\":\"purchase\",\"opened_at\":\"{}\",\"closed_at\":null}}\n",
                dice.day()
            );
        }
    }
    let options = Options {
        controller: controller.into(),
        encoding: Encoding::Utf8,
        dates: Dates::Iso,
        keep_going: false,
        dry_run: false,
        now: company.context.now,
    };
    let words = Vocabulary {
        categories: BTreeMap::new().into_iter().collect(),
        purposes: Vec::new(),
        obligations: Vocabulary::OBLIGATIONS.map(str::to_owned).to_vec(),
        grounds: Vec::new(),
    };
    let input = Input::stream("lines", Cursor::new(text.into_bytes()));
    let mut drawn = || SubjectId::from_bytes(std::array::from_fn(|_| u8::try_from(dice.roll(256)).unwrap()));
    import(input, &options, &words, (store, None), &mut drawn, &mut |_| (), |_, _| Ok(())).unwrap();
    store
        .transact(|tx| {
            for n in [0, 2, 4] {
                let id = tx.by_ref(controller, &format!("C-{n}"))?.unwrap();
                let who = tx.person(controller, id)?;
                if dice.rarely(5) {
                    tx.add_hold(&who, None, company.context.now, "court order 9")?;
                }
                if dice.rarely(4) {
                    tx.bind_key(key)?;
                    let row = format!("s c1 {}", 1 + dice.roll(14));
                    let category = company.rulebook.categories()[0].id.clone();
                    let mark = archive_mark(key, controller, &[&row, category.as_str()]);
                    tx.archive_elsewhere(&who, mark, dice.day(), "KZ-TAX-206.3")?;
                }
            }
            Ok(())
        })
        .unwrap();
}

/// Collection, key, category, columns, what and by which rule.
type Done = (String, Vec<String>, String, Vec<String>, String, String);

/// What is done to which rows, and what is told.
#[derive(Debug, Default, PartialEq)]
struct Found {
    done: BTreeSet<Done>,
    held: BTreeMap<Category, u64>,
    held_by: BTreeMap<Protector, u64>,
    kept: BTreeMap<(Category, String), u64>,
    gaps: BTreeMap<String, u64>,
}

fn found(planned: &[Planned], told: Elsewhere) -> Found {
    let mut done = BTreeSet::new();
    for (one, step) in planned.iter().flat_map(|one| one.plan.steps.iter().map(move |step| (one, step))) {
        for key in &step.keys {
            let rows = &one.remote.facts.rows;
            let (nth, category) = rows.of_record(*key).unwrap();
            let row = rows.rows[nth].found.key.clone();
            let what = format!("{} {:?}", step.action, step.until);
            let (place, rule) = (step.collection.clone(), step.why.rule.clone());
            done.insert((place, row, category.to_string(), step.fields.clone(), what, rule));
        }
    }
    let Elsewhere { held, held_by, kept, gaps, .. } = told;
    Found { done, held, held_by, kept, gaps }
}

/// How often each thing happened, so that the law is seen to say something.
#[derive(Debug, Default)]
struct Seen {
    narrow: usize,
    due_in_narrow: usize,
    due: usize,
}

fn world(seed: u64, rulebook: &Rulebook, seen: &mut Seen) {
    let mut dice = Dice(seed);
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("store.db"), dir.path().join("s.db"));
    let today = dice.day() + Days::new(1_500);
    let now = Moment::parse(&format!("{today}T10:00")).unwrap();
    let options = CreateOptions { controller: None, drill_since: Some(now), store_id: [1; 16], now };
    Store::create(&path, &options).unwrap().leave();
    let mut store = Store::open(&path, crate::store::Mode::ReadWrite, Duration::ZERO).unwrap();
    let key = KeyFile::create(&KeyFile::default_path(store.path()), [7; 32]).unwrap();
    let controller = rulebook.policy.id.clone();
    let actor = Actor::new("cron", 1000).unwrap();
    let (clock, files) = (Clock::Drill, Files::default());
    let context = Context { now, clock, actor, controller: Some(controller.clone()), files };
    let company = Company { controller: controller.clone(), rulebook, context };
    known(&mut store, &key, &company, &mut dice);
    let categories: Vec<Category> = rulebook.categories().iter().map(|def| def.id.clone()).collect();
    let maps = collections(&categories, &mut dice);
    rows(&other, &maps, &mut dice);
    let map = Map { key: "s".into(), collections: maps };
    let systems =
        vec![Connected { name: "s".into(), map, engine: Box::new(Sqlite::open("s", &other).unwrap()) }];
    let graph = std::sync::Arc::new(Graph::of(&systems).unwrap());
    let kinds = vec![PlaceKind::Sqlite];
    let mut reach = Reach { systems, kinds, graph, ..Reach::none() };
    let candidates = Candidates::count(&mut store, &mut reach, &company).unwrap();
    let readings = candidates.readings(&reach.graph);
    let is_narrow = |collection: &str| {
        !readings
            .is_whole(reach.graph.nodes.iter().position(|one| one.collection.name == collection).unwrap())
    };
    seen.narrow += reach.graph.nodes.iter().filter(|node| is_narrow(&node.collection.name)).count();
    let narrow: BTreeSet<String> = reach
        .graph
        .nodes
        .iter()
        .map(|node| node.collection.name.clone())
        .filter(|name| is_narrow(name))
        .collect();
    let people: Vec<Identifier> =
        PEOPLE.iter().map(|iin| Identifier::parse(IdentifierType::Iin, iin).unwrap()).collect();
    let mut both = Vec::new();
    for readings in [&Readings::default(), &readings] {
        let mut next = 0_u8;
        let mut random = || {
            next += 1;
            [next; 16]
        };
        let mut terms = Terms {
            key: &key,
            dry_run: true,
            page: 100,
            batch: 100,
            max_rate: None,
            max_count: None,
            max_share: 100.0,
            run: None,
            random: &mut random,
            pause: &|_| (),
        };
        let mut told = Elsewhere::default();
        let met = Met::default();
        let mut put_off = PutOff::default();
        let (by, off) = ((&company, readings), Some(&mut put_off));
        let (mut planned, _) =
            judge(&mut store, &mut reach, by, &mut terms, (&people, &met), (&mut told, off)).unwrap();
        for people in put_off.pages(100) {
            let by = (&company, &Readings::default());
            let (some, _) =
                judge(&mut store, &mut reach, by, &mut terms, (&people, &met), (&mut told, None)).unwrap();
            planned.extend(some);
        }
        both.push(found(&planned, told));
    }
    let (narrowed, whole) = (both.pop().unwrap(), both.pop().unwrap());
    let about = format!("seed {seed}, {controller}, {today}, narrow: {narrow:?}");
    assert_eq!(narrowed, whole, "{about}");
    for (node, count) in reach.graph.nodes.iter().zip(&candidates.counts) {
        let due = whole.done.iter().filter(|(place, ..)| *place == node.collection.name).count();
        assert!(due as u64 <= count.most, "{about}: {due} of {} in {}", count.most, node.collection.name);
    }
    seen.due += whole.done.len();
    seen.due_in_narrow += whole.done.iter().filter(|(place, ..)| narrow.contains(place)).count();
}

#[test]
fn what_is_left_unread_changes_no_verdict() {
    let library = Library::embedded();
    let books = ["mycar", "automaster"].map(|id| library.rulebook(id).unwrap());
    let mut seen = Seen::default();
    for seed in 0..60 {
        world(seed, &books[usize::try_from(seed).unwrap() % 2], &mut seen);
    }
    assert!(seen.narrow > 15 && seen.due_in_narrow > 50 && seen.due > 200, "{seen:?}");
}
