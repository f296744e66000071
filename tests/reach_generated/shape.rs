//! One or two databases as other companies build them, by dice: tables, their map, and what stands in them.

use std::fmt::Write;

use super::dice::Dice;

/// Whether link tables carry real foreign keys to what they link.
const LINKS_BY_KEY: bool = false;

/// So many people have numbers `Z-1`, `Z-2` and so on.
pub const PEOPLE: usize = 5;

/// What may stand in a column of a table.
const CATEGORIES: &[&str] = &["usage", "contact", "usage", "technical", "service", "vehicle", "account"];

/// A database: its statements and its map.
pub struct Shape {
    pub name: &'static str,
    pub sql: String,
    pub map: String,
}

impl Shape {
    fn new(name: &'static str) -> Self {
        let map = format!("dataset:\n  - fides_key: {name}\n    collections:\n");
        Self { name, sql: String::new(), map }
    }

    /// A collection: its words, and its fields one a line.
    fn collection(&mut self, name: &str, deleted: bool, words: &str, fields: &[String]) {
        let delete = "        fides_meta: { masking_strategy_override: { strategy: delete } }\n";
        let _ = writeln!(self.map, "      - name: {name}");
        self.map += if deleted { delete } else { "" };
        if !words.is_empty() {
            let _ = writeln!(self.map, "        dsr_meta: {{ {words} }}");
        }
        self.map += "        fields:\n          - { name: id, fides_meta: { primary_key: true } }\n";
        for field in fields {
            let _ = writeln!(self.map, "          - {{ {field} }}");
        }
    }

    fn row(&mut self, table: &str, values: &[String]) {
        let _ = writeln!(self.sql, "INSERT INTO {table} VALUES ({});", values.join(", "));
    }
}

fn held(name: &str, category: &str) -> String {
    format!("name: {name}, dsr_meta: {{ category: {category} }}")
}

fn refers(name: &str, to: &str, direction: &str, more: &str) -> String {
    let meta = if more.is_empty() { String::new() } else { format!(", dsr_meta: {{ {more} }}") };
    let direction =
        if direction.is_empty() { String::new() } else { format!(", direction: {direction}") };
    format!("name: {name}, fides_meta: {{ references: [{{ dataset: crm, field: {to}{direction} }}] }}{meta}")
}

const AT: &str = "name: at, data_categories: [system.operations]";

/// Which day a row's age counts from.
fn dated(dice: &mut Dice) -> &'static str {
    dice.pick(&["collected_at: at", "collected_at: at, last_contact_at: at", "collected_at: at, activity_at: at"])
}

/// The word for a reference from its own end; none: it is walked both ways.
fn from(dice: &mut Dice) -> &'static str {
    dice.pick(&["from", "from", ""])
}

/// A text, or nothing.
fn some(dice: &mut Dice, text: String) -> String {
    if dice.one_in(6) { "NULL".into() } else { format!("'{text}'") }
}

fn quoted(text: String) -> String {
    format!("'{text}'")
}

/// The databases of a world.
pub fn shapes(dice: &mut Dice) -> Vec<Shape> {
    let mut crm = Shape::new("crm");
    clients(&mut crm, dice);
    for n in 0..1 + dice.roll(2) {
        hanging(&mut crm, &format!("visit{n}"), dice);
    }
    if !dice.one_in(4) {
        cars(&mut crm, dice);
    }
    if dice.one_in(3) {
        deals(&mut crm, dice);
    }
    if dice.one_in(3) {
        mails(&mut crm, dice);
    }
    let mut all = vec![crm];
    if dice.one_in(3) {
        all.push(site(dice));
    }
    all
}

fn clients(crm: &mut Shape, dice: &mut Dice) {
    let flag = ", restriction: { column: stopped, blocked: '1', free: '0' }";
    let words = format!("{}{}", dated(dice), if dice.one_in(3) { flag } else { "" });
    let category = dice.pick(&["contact", "contact", "account"]);
    let fields = [
        format!("name: login, dsr_meta: {{ identity: account, category: {category} }}"),
        format!("name: email, dsr_meta: {{ identity: email, category: {category} }}"),
        held("name", dice.pick(&["contact", "contact", "usage"])),
        "name: stopped, dsr_meta: { not_personal: true }".into(),
        AT.into(),
    ];
    crm.collection("customer", !dice.one_in(4), &words, &fields);
    crm.sql += "CREATE TABLE customer (id INTEGER PRIMARY KEY, login TEXT, email TEXT, name TEXT, stopped INTEGER, at TEXT);\n";
    for n in 1..=PEOPLE {
        // A mail address belongs to one or two of them.
        let (mail, stopped) = (if dice.one_in(4) { 1 } else { n }, i32::from(dice.one_in(8)));
        let (mail, name) = (some(dice, format!("m{mail}@x.example")), some(dice, format!("Name {n}")));
        let values =
            [n.to_string(), quoted(format!("Z-{n}")), mail, name, stopped.to_string(), quoted(dice.day())];
        crm.row("customer", &values);
    }
}

/// Rows that hang on a client.
fn hanging(crm: &mut Shape, table: &str, dice: &mut Dice) {
    let fields = [
        refers("customer", "customer.id", from(dice), ""),
        held("page", dice.pick(CATEGORIES)),
        held("more", dice.pick(CATEGORIES)),
        if dice.one_in(3) {
            "name: guest, dsr_meta: { category: usage, third_party: true }".into()
        } else {
            held("guest", "usage")
        },
        AT.into(),
        "name: papers, data_categories: [system.operations]".into(),
    ];
    let paper = if dice.one_in(3) { ", document_at: papers" } else { "" };
    crm.collection(table, !dice.one_in(4), &format!("{}{paper}", dated(dice)), &fields);
    let key = if dice.one_in(2) { "REFERENCES customer (id)" } else { "" };
    let _ = writeln!(
        crm.sql,
        "CREATE TABLE {table} (id INTEGER PRIMARY KEY, customer INTEGER {key}, page TEXT, more TEXT, guest TEXT, at TEXT, papers TEXT);"
    );
    for n in 1..=dice.roll(9) {
        let customer = (1 + dice.roll(PEOPLE)).to_string();
        let papers = if dice.one_in(2) { "NULL".into() } else { quoted(dice.day()) };
        let texts = [format!("/{n}"), format!("more {n}"), format!("Guest {n}")];
        let [page, more, guest] = texts.map(|text| some(dice, text));
        crm.row(table, &[n.to_string(), customer, page, more, guest, quoted(dice.day()), papers]);
    }
}

/// Cars that several own or only drive, and what hangs on the cars.
fn cars(crm: &mut Shape, dice: &mut Dice) {
    let both = dice.one_in(3);
    let (near, far) = if both { ("", "") } else { ("from", "to") };
    let (own, says) = (dice.one_in(2), dice.one_in(2));
    let accessor = if dice.one_in(3) { "ownership: accessor" } else { "" };
    let mut fields = vec![refers("customer", "customer.id", near, ""), refers("car", "car.id", far, accessor)];
    fields.push(if says { held("note", dice.pick(CATEGORIES)) } else { "name: note, dsr_meta: { not_personal: true }".into() });
    fields.push(AT.into());
    crm.collection("keeping", says && own, if says { dated(dice) } else { "" }, &fields);
    let fields = [held("plate", dice.pick(CATEGORIES)), held("colour", dice.pick(CATEGORIES)), AT.into()];
    crm.collection("car", !dice.one_in(4), dated(dice), &fields);
    let key = if LINKS_BY_KEY && dice.one_in(2) { "REFERENCES car (id)" } else { "" };
    let _ = writeln!(
        crm.sql,
        "CREATE TABLE car (id INTEGER PRIMARY KEY, plate TEXT, colour TEXT, at TEXT);
         CREATE TABLE keeping (id INTEGER PRIMARY KEY, customer INTEGER, car INTEGER {key}, note TEXT, at TEXT);"
    );
    let count = 1 + dice.roll(4);
    for n in 1..=count {
        let texts = [format!("P {n}"), format!("colour {n}")];
        let [plate, colour] = texts.map(|text| some(dice, text));
        crm.row("car", &[n.to_string(), plate, colour, quoted(dice.day())]);
    }
    for n in 1..=1 + dice.roll(8) {
        let (customer, car) = ((1 + dice.roll(PEOPLE)).to_string(), (1 + dice.roll(count)).to_string());
        crm.row("keeping", &[n.to_string(), customer, car, some(dice, format!("note {n}")), quoted(dice.day())]);
    }
    if dice.one_in(2) {
        trips(crm, count, dice);
    }
}

/// What hangs on a car, whosever it is.
fn trips(crm: &mut Shape, cars: usize, dice: &mut Dice) {
    let fields = [refers("car", "car.id", "from", ""), held("place", dice.pick(CATEGORIES)), AT.into()];
    crm.collection("trip", !dice.one_in(4), dated(dice), &fields);
    crm.sql += "CREATE TABLE trip (id INTEGER PRIMARY KEY, car INTEGER REFERENCES car (id), place TEXT, at TEXT);\n";
    for n in 1..=dice.roll(6) {
        let car = (1 + dice.roll(cars)).to_string();
        crm.row("trip", &[n.to_string(), car, some(dice, format!("place {n}")), quoted(dice.day())]);
    }
}

/// Deals, some of them open, some of which somebody else pays.
fn deals(crm: &mut Shape, dice: &mut Dice) {
    let fields = [
        refers("buyer", "customer.id", "from", ""),
        refers("payer", "customer.id", "from", "ownership: accessor, blank: [payer_name]"),
        held("payer_name", "service"),
        held("number", "service"),
        AT.into(),
        "name: closed, data_categories: [system.operations]".into(),
    ];
    let words = "collected_at: at, document_at: at, obligation: { kind: { word: work_order }, opened_at: at, closed_at: closed }";
    crm.collection("deal", true, words, &fields);
    crm.sql += "CREATE TABLE deal (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES customer (id), payer INTEGER, payer_name TEXT, number TEXT, at TEXT, closed TEXT);\n";
    for n in 1..=dice.roll(5) {
        let buyer = (1 + dice.roll(PEOPLE)).to_string();
        let payer = 1 + dice.roll(PEOPLE);
        let (payer, name) = if dice.one_in(2) {
            ("NULL".into(), "NULL".into())
        } else {
            (payer.to_string(), format!("'Name {payer}'"))
        };
        let closed = if dice.one_in(4) { "NULL".into() } else { "'2026-10-30'".into() };
        crm.row("deal", &[n.to_string(), buyer, payer, name, format!("'D-{n}'"), quoted(dice.day()), closed]);
    }
}

/// Rows that know people by their mail address alone.
fn mails(crm: &mut Shape, dice: &mut Dice) {
    let fields = [
        "name: email, dsr_meta: { identity: email, category: contact }".into(),
        held("subject", dice.pick(CATEGORIES)),
        AT.into(),
    ];
    crm.collection("mail", !dice.one_in(4), dated(dice), &fields);
    crm.sql += "CREATE TABLE mail (id INTEGER PRIMARY KEY, email TEXT, subject TEXT, at TEXT);\n";
    for n in 1..=dice.roll(6) {
        let mail = quoted(format!("m{}@x.example", 1 + dice.roll(PEOPLE)));
        crm.row("mail", &[n.to_string(), mail, some(dice, format!("subject {n}")), quoted(dice.day())]);
    }
}

/// The members of a site, by the numbers of the clients.
fn site(dice: &mut Dice) -> Shape {
    let mut site = Shape::new("site");
    let fields = [
        "name: login, dsr_meta: { identity: account, category: account }".into(),
        held("nick", dice.pick(CATEGORIES)),
        AT.into(),
    ];
    site.collection("member", !dice.one_in(3), dated(dice), &fields);
    let fields = [
        refers("member", "member.id", from(dice), "").replace("dataset: crm", "dataset: site"),
        held("page", dice.pick(CATEGORIES)),
        AT.into(),
    ];
    site.collection("click", !dice.one_in(4), dated(dice), &fields);
    site.sql += "CREATE TABLE member (id INTEGER PRIMARY KEY, login TEXT, nick TEXT, at TEXT);
        CREATE TABLE click (id INTEGER PRIMARY KEY, member INTEGER REFERENCES member (id), page TEXT, at TEXT);\n";
    for n in 1..=PEOPLE {
        site.row("member", &[n.to_string(), quoted(format!("Z-{n}")), some(dice, format!("nick {n}")), quoted(dice.day())]);
    }
    for n in 1..=dice.roll(8) {
        let member = (1 + dice.roll(PEOPLE)).to_string();
        site.row("click", &[n.to_string(), member, some(dice, format!("/{n}")), quoted(dice.day())]);
    }
    site
}
