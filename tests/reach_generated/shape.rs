//! One or two databases as other companies build them, by dice: tables, their map, and what stands in them.

use std::fmt::Write;

use super::{
    dice::Dice,
    things::{cars, deals, mails, site},
};

/// So many people have numbers `Z-1`, `Z-2` and so on.
pub const PEOPLE: usize = 5;

/// What may stand in a column of a table.
pub const CATEGORIES: &[&str] = &["usage", "contact", "usage", "technical", "service", "vehicle", "account"];

/// A database: its statements and its map.
pub struct Shape {
    pub name: &'static str,
    pub sql: String,
    pub map: String,
}

impl Shape {
    pub fn new(name: &'static str) -> Self {
        let map = format!("dataset:\n  - fides_key: {name}\n    collections:\n");
        Self { name, sql: String::new(), map }
    }

    /// A collection: its words, and its fields one a line.
    pub fn collection(&mut self, name: &str, deleted: bool, words: &str, fields: &[String]) {
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

    pub fn row(&mut self, table: &str, values: &[String]) {
        let _ = writeln!(self.sql, "INSERT INTO {table} VALUES ({});", values.join(", "));
    }
}

pub fn held(name: &str, category: &str) -> String {
    format!("name: {name}, dsr_meta: {{ category: {category} }}")
}

/// The same, mostly emptied when it is over, sometimes overwritten or left.
pub fn masked(name: &str, category: &str, dice: &mut Dice) -> String {
    let way = match dice.roll(8) {
        0 => "strategy: string_rewrite, configuration: { rewrite_value: gone }",
        1 => "strategy: preserve",
        _ => return held(name, category),
    };
    format!("{}, fides_meta: {{ masking_strategy_override: {{ {way} }} }}", held(name, category))
}

pub fn refers(name: &str, to: &str, direction: &str, more: &str) -> String {
    let meta = if more.is_empty() { String::new() } else { format!(", dsr_meta: {{ {more} }}") };
    let direction = if direction.is_empty() { String::new() } else { format!(", direction: {direction}") };
    format!("name: {name}, fides_meta: {{ references: [{{ dataset: crm, field: {to}{direction} }}] }}{meta}")
}

pub const AT: &str = "name: at, data_categories: [system.operations]";

/// Which day a row's age counts from.
pub fn dated(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "collected_at: at",
        "collected_at: at, last_contact_at: at",
        "collected_at: at, activity_at: at",
    ])
}

/// The word for a reference from its own end; none: it is walked both ways.
pub fn from(dice: &mut Dice) -> &'static str {
    dice.pick(&["from", "from", ""])
}

/// A text, or nothing.
pub fn some(dice: &mut Dice, text: String) -> String {
    if dice.one_in(6) { "NULL".into() } else { format!("'{text}'") }
}

pub fn quoted(text: String) -> String {
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
        remarks(&mut crm, dice);
    }
    if dice.one_in(3) {
        deals(&mut crm, dice);
    }
    if dice.one_in(4) {
        consents(&mut crm, dice);
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
        masked("more", dice.pick(CATEGORIES), dice),
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

/// Rows that hang on what hangs on a client.
fn remarks(crm: &mut Shape, dice: &mut Dice) {
    let fields = [refers("visit", "visit0.id", "from", ""), held("text", dice.pick(CATEGORIES)), AT.into()];
    crm.collection("remark", !dice.one_in(4), dated(dice), &fields);
    crm.sql += "CREATE TABLE remark (id INTEGER PRIMARY KEY, visit INTEGER REFERENCES visit0 (id), text TEXT, at TEXT);\n";
    let visits = crm.sql.matches("INSERT INTO visit0 ").count();
    for n in 1..=if visits == 0 { 0 } else { dice.roll(6) } {
        let visit = (1 + dice.roll(visits)).to_string();
        crm.row("remark", &[n.to_string(), visit, some(dice, format!("remark {n}")), quoted(dice.day())]);
    }
}

fn consents(crm: &mut Shape, dice: &mut Dice) {
    let fields = [
        refers("customer", "customer.id", "from", ""),
        "name: given, data_categories: [system.operations]".into(),
        "name: ended, data_categories: [system.operations]".into(),
    ];
    let words = "consent: { scope: { word: processing }, given_at: given, withdrawn_at: ended }";
    crm.collection("consent", false, words, &fields);
    crm.sql += "CREATE TABLE consent (id INTEGER PRIMARY KEY, customer INTEGER, given TEXT, ended TEXT);\n";
    for n in 1..=dice.roll(5) {
        let customer = (1 + dice.roll(PEOPLE)).to_string();
        let ended = if dice.one_in(3) { quoted("2026-09-01".into()) } else { "NULL".into() };
        crm.row("consent", &[n.to_string(), customer, quoted(dice.day()), ended]);
    }
}
