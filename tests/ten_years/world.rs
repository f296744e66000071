//! The program as the test drives it: its library, a drill store in memory, and a second pair of eyes.

use std::{
    collections::BTreeMap,
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::Duration,
};

use chrono::NaiveDate as Day;
use dsr::{
    audit::{Actor, Clock, Entry, Files, State},
    calendar::Calendar,
    domain::{CaseEvent, CaseNumber, CaseState, IdentityMethod, Moment, Plan, Right, Selector, SubjectId},
    execute::{
        act::{self, Request, Rules},
        cases::{self, Receipt},
        context::{Context, Said},
        disclose::{Ask, disclose},
        import::{Dates, Encoding, Input, Options, Vocabulary, import},
        order::Order,
        purge::{self, Company as Controller, Hands, Night, Settings, Tonight},
        verify, vocabulary,
    },
    policy::{Library, Rulebook, yaml},
    store::{CaseFile, CreateOptions, KeyFile, Mode, Store},
};

use super::model::Company;

/// Numbers that look random and are the same every time.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    /// So many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    pub fn one<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.roll(words.len() as u64) as usize]
    }

    fn bytes(&mut self) -> [u8; 16] {
        std::array::from_fn(|_| self.roll(256) as u8)
    }
}

pub struct World {
    directory: tempfile::TempDir,
    pub store: Store,
    key: KeyFile,
    books: [Rulebook; 2],
    words: [Vocabulary; 2],
    calendar: Calendar,
    dice: Dice,
    /// Looks at the file beside the program.
    pub eyes: rusqlite::Connection,
}

/// What an order did.
pub struct Acted {
    pub plan: Plan,
    pub case: CaseFile,
    /// The records that it destroyed, by their rows.
    pub act: Option<String>,
}

pub fn at(day: Day, clock: &str) -> Moment {
    Moment::parse(&format!("{day}T{clock}")).unwrap()
}

impl World {
    pub fn new(first: Day, seed: u64) -> Self {
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = directory.path().join("store.db");
        let now = at(first, "01:00");
        let options = CreateOptions { controller: None, drill_since: Some(now), store_id: [9; 16], now };
        Store::create(&path, &options).unwrap().leave();
        let key = KeyFile::create(&KeyFile::default_path(&path), [7; 32]).unwrap();
        let library = Library::embedded();
        let books = Company::ALL.map(|company| library.rulebook(company.id()).unwrap());
        let (shown, text) = library.calendar_file().unwrap();
        let calendar = Calendar::from_raw(yaml::read(shown, text).unwrap(), "00".repeat(32)).unwrap();
        let words = books.each_ref().map(vocabulary::of);
        let store = Store::open(&path, Mode::ReadWrite, Duration::from_secs(5)).unwrap();
        let eyes = rusqlite::Connection::open(&path).unwrap();
        Self { directory, store, key, books, words, calendar, dice: Dice(seed ^ 0xabcd), eyes }
    }

    fn context(company: Option<Company>, now: Moment) -> Context {
        Context {
            now,
            clock: Clock::Drill,
            actor: Actor::new("officer", 1000).unwrap(),
            controller: company.map(|company| company.id().to_owned()),
            files: Files::default(),
        }
    }

    /// Imports lines; every one of them must be taken.
    pub fn import(&mut self, company: Company, now: Moment, lines: String) {
        let options = Options {
            controller: company.id().into(),
            encoding: Encoding::Utf8,
            dates: Dates::Iso,
            keep_going: false,
            dry_run: false,
            now,
        };
        let Self { store, key, books, words, calendar, dice, .. } = self;
        let context = Self::context(Some(company), now);
        let report = import(
            Input::stream("lines", Cursor::new(lines.clone().into_bytes())),
            &options,
            &words[company as usize],
            (store, Some(key)),
            &mut || SubjectId::from_bytes(dice.bytes()),
            &mut |_| (),
            |tx, _| {
                cases::reopen(tx, &context, (&books[company as usize], calendar))?;
                context.log(tx, "import", State::Imported, Said::default()).map(drop)
            },
        );
        let report = report.unwrap_or_else(|error| panic!("{error}\n{lines}"));
        assert_eq!(report.left_out.total(), 0, "{:?}\n{lines}", report.left_out.shown().first());
    }

    /// One night. `kill` ends the process, so to say, after so many batches: then there is no answer.
    pub fn night(&mut self, now: Moment, settings: Settings, kill: Option<u64>) -> Option<Tonight> {
        let Self { store, key, books, calendar, dice, .. } = self;
        let plain = Self::context(None, now);
        let companies = Company::ALL.map(|company| Controller {
            controller: company.id().into(),
            rulebook: &books[company as usize],
            context: Self::context(Some(company), now),
        });
        let known = store.read(|view| view.controllers()).unwrap();
        let companies: Vec<_> = companies.into_iter().filter(|one| known.contains(&one.controller)).collect();
        let night = Night {
            companies: &companies,
            calendar,
            key,
            settings,
            plain: &plain,
            expected: None,
            holder: "cron".into(),
        };
        let mut batches = 0;
        let mut progress = |_, _| {
            batches += 1;
            if kill == Some(batches) {
                resume_unwind(Box::new("killed"));
            }
        };
        let mut hands = Hands { random: &mut || dice.bytes(), progress: &mut progress };
        let ran = catch_unwind(AssertUnwindSafe(|| purge::run(store, &night, &mut hands)));
        ran.ok().map(|tonight| tonight.unwrap_or_else(|error| panic!("{now:?}: {error}")))
    }

    /// Decides and carries out what a person asked.
    pub fn ask(
        &mut self,
        company: Company,
        who: SubjectId,
        order: &Order,
        now: Moment,
        case: Option<CaseNumber>,
    ) -> (Acted, dsr::domain::SubjectFacts) {
        let Self { store, key, books, calendar, .. } = self;
        let context = Self::context(Some(company), now);
        let rules = Rules {
            rulebook: &books[company as usize],
            calendar,
            key: Some(key),
            places: &BTreeMap::new(),
            second: &[],
        };
        let identity = Some(IdentityMethod::Document);
        let receipt = Receipt { identity, case, ..Receipt::default() };
        let request = Request { order, who: &Selector::Id(who), receipt: &receipt, defers: true };
        let decided = store.read(|view| act::decide(view, &context, rules, &request)).unwrap();
        let (shown, facts) = (decided.digest, decided.facts.expect("somebody is held"));
        let done = act::carry_out(store, &context, rules, &request, shown).unwrap();
        (Acted { plan: done.decided.plan, case: done.case, act: done.act }, facts)
    }

    /// Shows a person what is held about them.
    pub fn show(&mut self, company: Company, who: SubjectId, now: Moment) -> CaseFile {
        let Self { store, books, calendar, .. } = self;
        let context = Self::context(Some(company), now);
        let receipt = Receipt { identity: Some(IdentityMethod::Document), ..Receipt::default() };
        let ask = Ask { right: Right::Access, who: &Selector::Id(who), receipt };
        let mut case = None;
        disclose(store, &context, (&books[company as usize], calendar), &BTreeMap::new(), &ask, |material| {
            case = Some(material.case);
            Ok(vec![1])
        })
        .unwrap();
        case.unwrap()
    }

    /// The answer goes out; `false`: the case ended before, waits, or is open again.
    pub fn answer(&mut self, number: &CaseNumber, now: Moment) -> bool {
        let context = Self::context(None, now);
        self.store
            .transact(|tx| {
                if tx.case(number)?.state != CaseState::Executed {
                    return Ok(false);
                }
                let event = CaseEvent::Answered {
                    channel: None,
                    number: None,
                    although: None,
                    at: None,
                    waits: Vec::new(),
                };
                tx.move_case(number, &event, now, "officer")?;
                let said = Said { case: Some(number.clone()), ..Said::default() };
                context.log(tx, "request.answer", State::Answered, said).map(|_| true)
            })
            .unwrap()
    }

    /// Places a hold; gives its number.
    pub fn hold(&mut self, company: Company, who: SubjectId, category: Option<&str>, now: Moment) -> String {
        let category = category.map(dsr::domain::Category::new);
        let context = Self::context(Some(company), now);
        self.store
            .transact(|tx| {
                let person = tx.person(company.id(), who)?;
                let hold = tx.add_hold(&person, category.as_ref(), now, "court order 9")?;
                context.log(tx, "hold.add", State::Held, Said::default())?;
                Ok(hold.number)
            })
            .unwrap()
    }

    pub fn release(&mut self, company: Company, number: &str, now: Moment) {
        let context = Self::context(Some(company), now);
        self.store
            .transact(|tx| {
                tx.release_hold(company.id(), number, now)?;
                context.log(tx, "hold.release", State::Released, Said::default()).map(drop)
            })
            .unwrap();
    }

    /// The number that the eyes count.
    pub fn count(&self, sql: &str) -> u64 {
        let count: i64 = self.eyes.query_row(sql, [], |row| row.get(0)).unwrap();
        count.unsigned_abs()
    }

    /// The entry of this number.
    pub fn entry(&mut self, seq: u64) -> Entry {
        Entry::parse(&self.store.read(|view| view.audit_entries(seq - 1, 1)).unwrap()[0].1).unwrap()
    }

    /// Every entry and head of the log, from the first.
    pub fn verify(&mut self) {
        let verdict = verify::verify(&mut self.store, Vec::new()).unwrap().verdict;
        assert!(verdict.first_bad.is_none(), "{:?}", verdict.first_bad);
    }

    /// The bytes of every file of the store but the key.
    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.directory.path().join("store.db")).unwrap()
    }
}
