//! What several people share, and what knows them by a number alone: cars, deals, mail, and the members of a site.

use std::fmt::Write;

use super::{
    dice::Dice,
    shape::{AT, CATEGORIES, PEOPLE, Shape, dated, from, held, masked, quoted, refers, some},
};

/// Whether link tables carry real foreign keys to what they link.
const LINKS_BY_KEY: bool = true;

/// Cars that several own or only drive, and what hangs on the cars.
pub fn cars(crm: &mut Shape, dice: &mut Dice) {
    let both = dice.one_in(3);
    let (near, far) = if both { ("", "") } else { ("from", "to") };
    let (own, says) = (dice.one_in(2), dice.one_in(2));
    let accessor = if dice.one_in(3) { "ownership: accessor" } else { "" };
    let mut fields =
        vec![refers("customer", "customer.id", near, ""), refers("car", "car.id", far, accessor)];
    fields.push(if says {
        held("note", dice.pick(CATEGORIES))
    } else {
        "name: note, dsr_meta: { not_personal: true }".into()
    });
    fields.push(AT.into());
    crm.collection("keeping", says && own, if says { dated(dice) } else { "" }, &fields);
    let fields =
        [held("plate", dice.pick(CATEGORIES)), masked("colour", dice.pick(CATEGORIES), dice), AT.into()];
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
        crm.row(
            "keeping",
            &[n.to_string(), customer, car, some(dice, format!("note {n}")), quoted(dice.day())],
        );
    }
    if dice.one_in(2) {
        trips(crm, count, dice);
    }
}

/// What hangs on a car, whosever it is.
fn trips(crm: &mut Shape, cars: usize, dice: &mut Dice) {
    let fields = [refers("car", "car.id", "from", ""), held("place", dice.pick(CATEGORIES)), AT.into()];
    crm.collection("trip", !dice.one_in(4), dated(dice), &fields);
    crm.sql +=
        "CREATE TABLE trip (id INTEGER PRIMARY KEY, car INTEGER REFERENCES car (id), place TEXT, at TEXT);\n";
    for n in 1..=dice.roll(6) {
        let car = (1 + dice.roll(cars)).to_string();
        crm.row("trip", &[n.to_string(), car, some(dice, format!("place {n}")), quoted(dice.day())]);
    }
}

/// Deals, some of them open, some of which somebody else pays.
pub fn deals(crm: &mut Shape, dice: &mut Dice) {
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
pub fn mails(crm: &mut Shape, dice: &mut Dice) {
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
pub fn site(dice: &mut Dice) -> Shape {
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
        site.row(
            "member",
            &[n.to_string(), quoted(format!("Z-{n}")), some(dice, format!("nick {n}")), quoted(dice.day())],
        );
    }
    for n in 1..=dice.roll(8) {
        let member = (1 + dice.roll(PEOPLE)).to_string();
        site.row("click", &[n.to_string(), member, some(dice, format!("/{n}")), quoted(dice.day())]);
    }
    site
}
