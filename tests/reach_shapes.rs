//! Tables as others have them: two that are one to one, one without a key, an address in parts.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    World,
    plan::{list, steps, text},
};
use rusqlite::Connection;
use serde_json::Value;

const ASSEL: &str = "iin:900101499994";
const DANIYAR: &str = "iin:900101399998";

const SYSTEMS: &str = "
controllers:
  mycar:
    systems:
      shop: { kind: sqlite, owner: Web team, file: shop.db, map: shop.yaml }
";

fn office(collections: &[&str], tables: &str) -> World {
    office_of("mycar", collections, tables)
}

fn office_of(controller: &str, collections: &[&str], tables: &str) -> World {
    let world = World::with_store(controller);
    let map = format!("dataset:\n  - fides_key: shop\n    collections:\n{}", collections.concat());
    let _ = (world.write("shop.yaml", map), world.write("dsr.yaml", SYSTEMS.replace("mycar", controller)));
    Connection::open(world.path().join("shop.db")).unwrap().execute_batch(tables).unwrap();
    let _ = world.dsr(["map", "check"]).ok();
    world
}

/// What a query finds, one text a row.
fn rows(world: &World, query: &str) -> Vec<String> {
    let conn = Connection::open(world.path().join("shop.db")).unwrap();
    let mut query = conn.prepare(query).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// What a plan leaves to people, in its words.
fn by_hand(plan: &Value) -> Vec<String> {
    let tasks = list(&plan["steps"]).iter().filter(|step| step["action"] == "manual");
    tasks.flat_map(|step| list(&step["about"])).map(|about| text(about).to_owned()).collect()
}

const PROFILE: &str = "
      - name: profile
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: shopping, purposes: [promotion], collected_at: at }
        fields:
          - name: customer
            fides_meta: { primary_key: true, references: [{ dataset: shop, field: customer.id, direction: from }] }
          - { name: hobby, dsr_meta: { category: shopping } }
          - { name: at, data_categories: [system.operations] }
";

/// The customer is kept where a contract is.
const CUSTOMER: &str = "
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: contact, purposes: [service], collected_at: at, document_at: signed }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin } }
          - { name: name, data_categories: [user.name] }
          - { name: signed, dsr_meta: { category: contract } }
          - { name: at, data_categories: [system.operations] }
";

const ONE_TO_ONE: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, name TEXT, signed TEXT, at TEXT NOT NULL);
    CREATE TABLE profile (customer INTEGER PRIMARY KEY REFERENCES customer (id), hobby TEXT NOT NULL, at TEXT NOT NULL);
    INSERT INTO customer VALUES (1, '900101499994', 'Assel', SIGNED, '2024-05-01'), (2, '900101399998', 'Daniyar', NULL, '2024-05-01');
    INSERT INTO profile VALUES (1, 'chess', '2024-05-01'), (2, 'golf', '2024-05-01');";

/// The same tie, drawn from the other table.
fn drawn_from_customer() -> [String; 2] {
    let reference = ", references: [{ dataset: shop, field: customer.id, direction: from }]";
    let other = "fides_meta: { primary_key: true, references: [{ dataset: shop, field: profile.customer, direction: to }] }";
    [PROFILE.replace(reference, ""), CUSTOMER.replace("fides_meta: { primary_key: true }", other)]
}

#[test]
fn of_two_tables_that_are_one_to_one_the_one_that_refers_goes_first() {
    let [profile, customer] = drawn_from_customer();
    for map in [[PROFILE, CUSTOMER], [CUSTOMER, PROFILE], [&profile, &customer], [&customer, &profile]] {
        let tables = ONE_TO_ONE.replace("SIGNED", "NULL").replace("hobby TEXT NOT NULL", "hobby TEXT");
        let world = office(&map, &tables);
        let _ = world.does(&format!("erase --subject {ASSEL}")).ok();
        assert_eq!(rows(&world, "SELECT name FROM customer"), ["Daniyar"], "{map:?}");
        assert_eq!(rows(&world, "SELECT hobby FROM profile"), ["golf"], "{map:?}");
    }
}

#[test]
fn of_two_tables_that_are_one_to_one_the_one_that_refers_goes_alone() {
    let bare = ONE_TO_ONE.replace(" REFERENCES customer (id)", "");
    for (map, tables) in [
        ([PROFILE, CUSTOMER], ONE_TO_ONE),
        ([CUSTOMER, PROFILE], ONE_TO_ONE),
        ([PROFILE, CUSTOMER], &bare),
        ([CUSTOMER, PROFILE], &bare),
    ] {
        let world = office(&map, &tables.replace("SIGNED", "'2026-05-01'"));
        let _ = world.does(&format!("erase --subject {ASSEL}")).ok();
        assert_eq!(
            rows(&world, "SELECT signed FROM customer WHERE id = 1"),
            ["2026-05-01"],
            "a law keeps it"
        );
        assert_eq!(rows(&world, "SELECT hobby FROM profile"), ["golf"], "{map:?}");
    }
}

const ADDRESS: &str = "
      - name: customer
        dsr_meta: { category: contact, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin } }
          - { name: patronymic, data_categories: [user.name], dsr_meta: { field: patronymic } }
          - name: address
            fields:
              - { name: city, data_categories: [user.contact.address.city] }
              - { name: street, data_categories: [user.contact.address.street] }
          - { name: at, data_categories: [system.operations] }
      - name: letter
        dsr_meta: { category: contact, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: mail, data_categories: [user.contact.email], dsr_meta: { field: email } }
          - { name: at, data_categories: [system.operations] }
";

const HERE: &str = r#"{"kind":"subject","ref":"P-1","identifiers":[{"type":"iin","value":"900101499994"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"patronymic":"A","address":"Almaty, Old street, 1"}}
"#;

#[test]
fn a_value_that_another_system_holds_in_parts_is_put_to_people() {
    let world = office(
        &[ADDRESS],
        r#"CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, patronymic TEXT, address TEXT, at TEXT);
           CREATE TABLE letter (id INTEGER PRIMARY KEY, iin TEXT, mail TEXT, at TEXT);
           INSERT INTO customer VALUES (1, '900101499994', NULL, '{"city":"Almaty","street":"Old street, 1"}', '2026-05-01');
           INSERT INTO letter VALUES (1, '900101499994', 'assel@omarova.example', '2026-05-01');"#,
    );
    let file = world.write("here.ndjson", HERE);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    let set = |set: &str| -> Value {
        let mut words: Vec<&str> =
            "rectify --document passport --identity document --yes --format json".split(' ').collect();
        words.extend(["--subject", ASSEL, "--set", set]);
        world.dsr(words).ok().json()
    };
    let words = "--set contact.address=New --identity document --dry-run".split(' ');
    let plan = world.dsr(["rectify", "--subject", ASSEL].into_iter().chain(words));
    assert!(plan.stdout.contains("shop: Contact"), "what stays is said by its system: {}", plan.stdout);
    let done = set("contact.address=New street, 2");
    let task = "rectify: contact in customer: no column of the map takes the new value";
    assert_eq!(by_hand(&done), [task], "what holds a mail alone holds no address: {:#?}", steps(&done));
    // The map says where a patronymic would stand: nobody has to look, and it is not written where it was not held.
    let done = set("contact.patronymic=B");
    assert_eq!(by_hand(&done), Vec::<String>::new());
    assert_eq!(rows(&world, "SELECT coalesce(patronymic, '-') FROM customer"), ["-"]);
}

const KEYLESS: &str = "
      - name: purchase
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: usage, collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin } }
          - { name: note, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
      - name: item
        dsr_meta: { category: usage, collected_at: at }
        fields:
          - { name: purchase, fides_meta: { references: [{ dataset: shop, field: purchase.id, direction: from }] } }
          - { name: thing, dsr_meta: { category: usage } }
          - { name: product, fides_meta: { references: [{ dataset: shop, field: product.id, direction: to }] } }
          - { name: at, data_categories: [system.operations] }
      - name: product
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: title, dsr_meta: { not_personal: true } }
";

const ITEMS: &str = "
    CREATE TABLE purchase (id INTEGER PRIMARY KEY, iin TEXT, note TEXT, at TEXT);
    CREATE TABLE product (id INTEGER PRIMARY KEY, title TEXT);
    CREATE TABLE item (purchase INTEGER REFERENCES purchase (id), thing TEXT, product INTEGER, at TEXT);
    INSERT INTO product VALUES (7, 'mat');
    INSERT INTO purchase VALUES (1, '900101499994', 'gift', '2020-05-01'), (2, '900101399998', 'mine', '2026-05-01');
    INSERT INTO item VALUES (1, 'red mat', 7, '2020-05-01'), (1, 'blue mat', 7, '2020-05-01'), (2, 'mat', 7, '2026-05-01');";

#[test]
fn rows_without_a_key_are_shown_and_changed_by_people() {
    let world = office_of("automaster", &[KEYLESS], ITEMS);
    let _ = world.dsr(["map", "check"]).ok().says("it has no key: its rows are shown");
    let night = ["purge-expired", "--max-share", "100", "--format", "json"];
    let due = world.dsr(night.into_iter().chain(["--dry-run"])).ok().json();
    assert_eq!(due["gaps"]["usage"], 2, "{due:#}");
    let copy = |who: &str| -> Vec<String> {
        let copy = world.dsr(["export", "--subject", who, "--format", "json"]).ok().json();
        list(&copy["records"]).iter().map(|record| format!("{} {}", record["id"], record["data"])).collect()
    };
    let (hers, his) = (copy(ASSEL), copy(DANIYAR));
    for thing in ["red mat", "blue mat"] {
        assert_eq!(hers.iter().filter(|line| line.contains(thing)).count(), 1, "{hers:#?}");
    }
    assert_eq!(copy(ASSEL), hers);
    let erased = world.does(&format!("erase --subject {ASSEL}")).ok().json();
    let task = "destroy: usage in item: its rows have no key: have people find them by purchase = purchase.id and do it";
    assert_eq!(by_hand(&erased), [task]);
    assert_eq!(rows(&world, "SELECT thing FROM item"), ["red mat", "blue mat", "mat"]);
    let purchases = "SELECT coalesce(iin, '-') || ' ' || coalesce(note, '-') FROM purchase ORDER BY id";
    assert_eq!(
        rows(&world, purchases),
        ["900101499994 -", "900101399998 mine"],
        "what they hang on stays, and whose it is"
    );
    let stays = list(&erased["kept"]).iter().map(|kept| text(&kept["reason"])).collect::<Vec<_>>();
    assert_eq!(stays, ["data that stays is found by it alone: it goes with that data"]);
    assert_eq!(copy(DANIYAR), his);
    let again = world.does(&format!("erase --subject {ASSEL}")).ok().json();
    assert_eq!(by_hand(&again), [task], "they are still found, and asked for");

    // People have done it.
    Connection::open(world.path().join("shop.db"))
        .unwrap()
        .execute_batch("DELETE FROM item WHERE purchase = 1")
        .unwrap();
    let case = text(&erased["outcome"]["case"]);
    let gone = world.dsr(["request", "resume", case, "--yes", "--format", "json"]).ok().json();
    assert_eq!(by_hand(&gone), Vec::<String>::new());
    assert_eq!(rows(&world, purchases), ["900101399998 mine"], "nothing hangs on it any more");
}

#[test]
fn a_night_takes_no_way_to_rows_without_a_key() {
    let world = office_of("automaster", &[KEYLESS], ITEMS);
    let night = || {
        let args = ["purge-expired", "--enable", "--max-share", "100", "--format", "json"];
        world.dsr(args).ok().json()
    };
    let told = night();
    assert_eq!(told["gaps"]["usage"], 2, "{told:#}");
    let purchases = "SELECT coalesce(iin, '-') || ' ' || coalesce(note, '-') FROM purchase ORDER BY id";
    assert_eq!(rows(&world, purchases)[0], "900101499994 -", "whose they are is still known");
    let again = night();
    assert_eq!(again["gaps"]["usage"], 2, "they are told until people have done them: {again:#}");
    Connection::open(world.path().join("shop.db"))
        .unwrap()
        .execute_batch("DELETE FROM item WHERE purchase = 1")
        .unwrap();
    let _ = night();
    assert_eq!(rows(&world, purchases), ["900101399998 mine"]);
}
