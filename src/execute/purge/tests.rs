//! The night against a full judgement: what index and chunk find is what every record by itself would get.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fmt::Write, io::Cursor, time::Duration};

use chrono::{Datelike, Days, NaiveDate};

use super::{
    Company,
    judge::{self, OfCompany},
};
use crate::{
    audit::{Actor, Clock, Files},
    calendar::Calendar,
    decide::nightly::{Fate, Protector, fate},
    domain::{CaseEvent, Category, Identifier, IdentifierType, Moment, Purpose, Result, Right, SubjectId},
    execute::{
        cases::{self, Receipt},
        context::Context,
        import::{Dates, Encoding, FieldKind, Fields, Input, Options, Vocabulary, import},
    },
    policy::{Library, Rulebook, yaml},
    store::{CreateOptions, Mode, Store, Tx, View, effect::Person},
};

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn one<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.roll(words.len() as u64) as usize]
    }

    /// One time in `n`.
    fn rarely(&mut self, n: u64) -> bool {
        self.roll(n) == 0
    }

    /// A day between 2014 and 2026, in quotation marks.
    fn day(&mut self) -> String {
        format!("\"{}\"", NaiveDate::from_ymd_opt(2014, 1, 1).unwrap() + Days::new(self.roll(4_600)))
    }

    fn maybe(&mut self, n: u64) -> String {
        if self.rarely(n) { self.day() } else { "null".into() }
    }
}

const SCOPES: [&str; 4] = ["processing", "cookie", "promotion", "biometric"];
const DEALS: [&str; 5] = ["purchase", "work_order", "credit", "claim", "warranty"];
const PEOPLE: u64 = 300;

/// The lines of one person, whatever a dealership could know of them.
fn person(n: u64, words: &[String], dice: &mut Dice) -> String {
    let mut text = String::new();
    let born = NaiveDate::from_ymd_opt(1980, 1, 1).unwrap() + Days::new(dice.roll(14_000));
    let stated = if dice.rarely(2) { format!("\"{born}\"") } else { "null".into() };
    let iin = if dice.rarely(2) { iin(born, n) } else { String::new() };
    writeln!(text, r#"{{"kind":"subject","ref":"C-{n}","born":{stated},"identifiers":[{iin}]}}"#).unwrap();
    let mut deals = Vec::new();
    for k in 0..2 {
        let mut days = [dice.day(), dice.day()];
        days.sort();
        let [from, to] = days;
        if dice.rarely(3) {
            let (kind, closed) = (dice.one(&DEALS), if dice.rarely(4) { "null" } else { &to });
            writeln!(text, r#"{{"kind":"obligation","ref":"O-{n}-{k}","subject":"C-{n}","type":"{kind}","opened_at":{from},"closed_at":{closed}}}"#).unwrap();
            deals.push(k);
        }
        let (scope, by) = (dice.one(&SCOPES), dice.one(&["self", "self", "parent"]));
        let withdrawn = if dice.rarely(3) { &to } else { "null" };
        let expires = if dice.rarely(3) { &to } else { "null" };
        writeln!(text, r#"{{"kind":"consent","ref":"K-{n}-{k}","subject":"C-{n}","scope":"{scope}","given_at":{from},"given_by":"{by}","expires_at":{expires},"withdrawn_at":{withdrawn}}}"#).unwrap();
    }
    if dice.rarely(3) {
        let (at, way) = (dice.day(), dice.one(&["in", "out"]));
        writeln!(
            text,
            r#"{{"kind":"contact","ref":"T-{n}","subject":"C-{n}","at":{at},"direction":"{way}"}}"#
        )
        .unwrap();
    }
    for k in 0..dice.roll(7) {
        text += &record(n, k, words, &deals, dice);
    }
    text
}

fn record(n: u64, k: u64, words: &[String], deals: &[u64], dice: &mut Dice) -> String {
    let category = &words[dice.roll(words.len() as u64) as usize];
    let (collected, contact, document) = (dice.day(), dice.maybe(3), dice.maybe(3));
    let (reached, given_by) = (dice.maybe(2), dice.one(&["self", "self", "partner", "parent"]));
    let (consent, visit) = (dice.roll(4), dice.maybe(4));
    let consent = if consent < 2 { format!("\"K-{n}-{consent}\"") } else { "null".into() };
    let deal = deals.first().filter(|_| dice.rarely(2));
    let deal = deal.map_or("null".to_owned(), |deal| format!("\"O-{n}-{deal}\""));
    let purpose = dice.one(&["service", "promotion"]);
    let mut text = String::new();
    write!(text, r#"{{"kind":"record","ref":"R-{n}-{k}","subject":"C-{n}","category":"{category}","collected_at":{collected},"#).unwrap();
    write!(text, r#""last_contact_at":{contact},"document_at":{document},"purpose_reached_at":{reached},"#)
        .unwrap();
    write!(text, r#""obligation":{deal},"consent":{consent},"source":"form","given_by":"{given_by}","#)
        .unwrap();
    writeln!(text, r#""purposes":["{purpose}"],"data":{{"note":"x","visit":{visit}}}}}"#).unwrap();
    text
}

/// An invented number of somebody born on a day, as an identifier; a few days have none.
fn iin(born: NaiveDate, n: u64) -> String {
    let century = if born.year() < 2000 { 3 } else { 5 };
    let mut all = (0..10).map(|check| format!("{}{century}99{:02}{check}", born.format("%y%m%d"), n % 100));
    let valid = all.rfind(|digits| Identifier::parse(IdentifierType::Iin, digits).is_ok());
    valid.map_or(String::new(), |digits| format!(r#"{{"type":"iin","value":"{digits}"}}"#))
}

/// Every category of the policy and one that it has forgotten, each with the same two fields.
fn vocabulary(rulebook: &Rulebook) -> Vocabulary {
    let fields = Fields {
        kinds: vec![("note".into(), FieldKind::Text), ("visit".into(), FieldKind::Date)],
        document: None,
        activity: Some("visit".into()),
        open: false,
    };
    let known = rulebook.categories().iter().map(|def| def.id.clone());
    Vocabulary {
        categories: known.chain([Category::from("forgotten")]).map(|id| (id, fields.clone())).collect(),
        purposes: vec![Purpose::from("service"), Purpose::from("promotion")],
        obligations: Vocabulary::OBLIGATIONS.map(str::to_owned).to_vec(),
        grounds: Vec::new(),
    }
}

fn context(controller: &str) -> Context {
    Context {
        now: Moment::parse("2026-11-22T10:00").unwrap(),
        clock: Clock::Drill,
        actor: Actor::new("cron", 1000).unwrap(),
        controller: Some(controller.into()),
        files: Files::default(),
    }
}

/// Fills one company of a store: the import, then what only commands make.
fn fill(store: &mut Store, rulebook: &Rulebook, calendar: &Calendar, dice: &mut Dice) {
    let controller = rulebook.policy.id.as_str();
    let context = context(controller);
    let words = vocabulary(rulebook);
    let names: Vec<String> = words.categories.keys().map(ToString::to_string).collect();
    let text: String = (0..PEOPLE).map(|n| person(n, &names, dice)).collect();
    let options = Options {
        controller: controller.into(),
        encoding: Encoding::Utf8,
        dates: Dates::Iso,
        keep_going: false,
        dry_run: false,
        now: context.now,
    };
    let input = Input::stream("lines", Cursor::new(text.into_bytes()));
    let mut drawn = || SubjectId::from_bytes(std::array::from_fn(|_| dice.roll(256) as u8));
    import(input, &options, &words, (store, None), &mut drawn, &mut |_| (), |_, _| Ok(())).unwrap();
    let id = |tx: &Tx<'_>, n: u64| tx.by_ref(controller, &format!("C-{n}")).unwrap().unwrap();
    store
        .transact(|tx| {
            for n in (0..PEOPLE).filter(|n| n % 5 == 0) {
                // Two numbers that differ are two people, and are not linked.
                let _ = tx.link(controller, id(tx, n), id(tx, n + 1));
                if n % 15 == 0 {
                    let _ = tx.link(controller, id(tx, n + 2), id(tx, n));
                }
            }
            for n in 0..PEOPLE {
                let who = tx.person(controller, id(tx, n))?;
                protect(tx, &context, (rulebook, calendar), &who, &names, dice)?;
            }
            Ok(())
        })
        .unwrap();
}

/// Some are held, blocked, in the middle of a request, or archived already.
fn protect(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    who: &Person,
    names: &[String],
    dice: &mut Dice,
) -> Result<()> {
    let category = Category::new(&names[dice.roll(names.len() as u64) as usize]);
    let category = Some(&category).filter(|_| dice.rarely(2));
    if dice.rarely(12) {
        let hold = tx.add_hold(who, category, context.now, "court order 9")?;
        if dice.rarely(3) {
            tx.release_hold(who.controller(), &hold.number, context.now)?;
        }
    }
    let ask = |right, day: &str| {
        let received = Moment::parse(day.trim_matches('"')).ok();
        let late = "found in the post".parse().ok();
        let receipt = Receipt { received, late, ..Receipt::default() };
        cases::open(tx, context, rules, right, &receipt, Some(who.id()))
    };
    if dice.rarely(12) {
        let case = ask(Right::Restrict, &dice.day())?;
        let block = tx.block(who, category, &case, context.now)?;
        if dice.rarely(3) {
            tx.lift_blocks(who, &[block], "accurate", context.now)?;
        }
        if dice.rarely(2) {
            tx.move_case(&case, &CaseEvent::Cancelled { why: None }, context.now, "officer")?;
        }
    }
    if dice.rarely(12) {
        ask(Right::Access, &dice.day())?;
        ask(Right::Erase, &dice.day())?;
    }
    for record in tx.facts(who.controller(), who.id())?.records {
        if dice.rarely(12) && record.archived_until.is_none() {
            let until = NaiveDate::from_ymd_opt(2024 + dice.roll(6) as i32, 12, 31).unwrap();
            tx.archive_records(who, &[record.key], until, "KZ-TAX-206.3")?;
        }
    }
    Ok(())
}

/// What happens to every record, and what is told.
#[derive(Debug, Default, PartialEq)]
struct Found {
    done: BTreeMap<i64, (String, String, Option<NaiveDate>)>,
    held: BTreeMap<(Category, String), u64>,
    held_by: BTreeMap<Protector, u64>,
    gaps: BTreeMap<Category, u64>,
}

/// Every person by all that is known of them, every record by itself.
fn in_full(view: &View<'_>, rulebook: &Rulebook, today: NaiveDate) -> Result<Found> {
    let controller = rulebook.policy.id.as_str();
    let (mut people, mut found) = (Vec::new(), Found::default());
    view.for_each_subject(controller, |id| {
        people.push(id);
        Ok(())
    })?;
    for id in people {
        let facts = view.facts(controller, id)?;
        for record in &facts.records {
            let category = record.category.clone();
            match fate(record, &facts, rulebook, today) {
                Fate::Destroy(why) => {
                    found.done.insert(record.key.id, (category.to_string(), why.rule, None));
                }
                Fate::Archive(until, why) => {
                    found.done.insert(record.key.id, (category.to_string(), why.rule, Some(until)));
                }
                Fate::Held(by, why) => {
                    *found.held.entry((category, why.rule)).or_default() += 1;
                    *found.held_by.entry(by).or_default() += 1;
                }
                Fate::Gap(_) => *found.gaps.entry(category).or_default() += 1,
                Fate::Stays => {}
            }
        }
    }
    Ok(found)
}

fn by_index(judged: &OfCompany) -> Found {
    let kind = |n: u16| &judged.kinds.list[usize::from(n)];
    let done = |(record, n): &(u32, u16)| {
        let kind = kind(*n);
        (i64::from(*record), (kind.category.to_string(), kind.rule.clone(), kind.until))
    };
    let told = judged.told.clone();
    Found {
        done: judged.due.iter().map(done).collect(),
        held: told.kept,
        held_by: told.held_by,
        gaps: told.gaps,
    }
}

#[test]
fn the_night_finds_what_a_full_judgement_finds() {
    let library = Library::embedded();
    let (shown, text) = library.calendar_file().unwrap();
    let calendar = Calendar::from_raw(yaml::read(shown, text).unwrap(), String::new()).unwrap();
    let books = ["mycar", "automaster"].map(|id| library.rulebook(id).unwrap());
    for seed in 0..3 {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        let now = context("mycar").now;
        let options = CreateOptions { controller: None, drill_since: Some(now), store_id: [1; 16], now };
        Store::create(&path, &options).unwrap().leave();
        let mut store = Store::open(&path, Mode::ReadWrite, Duration::ZERO).unwrap();
        let mut dice = Dice(seed);
        books.iter().for_each(|book| fill(&mut store, book, &calendar, &mut dice));
        let companies = books.each_ref().map(|book| {
            let controller = book.policy.id.clone();
            Company { context: context(&controller), controller, rulebook: book }
        });
        for today in ["2019-03-01", "2024-02-29", "2026-11-22", "2027-01-01", "2029-06-30"] {
            let today: NaiveDate = today.parse().unwrap();
            let judged = judge::everybody(&mut store, &companies, today).unwrap();
            for (company, judged) in companies.iter().zip(&judged.companies) {
                let full = store.read(|view| in_full(view, company.rulebook, today)).unwrap();
                let counted =
                    |view: &View<'_>| judge::due_tonight(view, &company.controller, company.rulebook, today);
                assert_eq!(store.read(counted).unwrap(), judged.due.len() as u64, "as `status` counts it");
                let about = format!("seed {seed}, {}, {today}", company.controller);
                assert!(full.done.len() > 20, "{about}: {}", full.done.len());
                let found = by_index(judged);
                let differs = |(record, _): &(&i64, _)| found.done.get(record) != full.done.get(record);
                let both = found.done.iter().chain(&full.done).filter(differs);
                assert_eq!(both.collect::<BTreeMap<_, _>>(), BTreeMap::new(), "{about}");
                assert_eq!(found, full, "{about}");
            }
        }
    }
}
