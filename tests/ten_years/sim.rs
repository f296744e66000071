//! The days and nights, and what is asserted after each.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, Months, NaiveDate as Day};
use dsr::{
    audit::Clock,
    domain::{Action, CaseNumber, SubjectId},
    execute::{
        context::went_back,
        order::Order,
        purge::{Settings, Status, Stop, Tonight},
    },
    store::CaseFile,
};

use super::{
    life::Event,
    model::{Company, Due, Person},
    world::{Acted, Dice, World, at},
};

/// A request as the office remembers it.
struct Ticket {
    due: Option<Day>,
    ended: Option<Day>,
}

pub struct Sim {
    world: World,
    dice: Dice,
    people: Vec<Person>,
    wakes: Vec<Option<Day>>,
    agenda: BTreeMap<Day, Vec<Event>>,
    lines: [String; 2],
    tickets: BTreeMap<CaseNumber, Ticket>,
    whose: BTreeMap<CaseNumber, (usize, Order)>,
    /// Records that should be there, that were ever made, and that acts say are destroyed.
    held: u64,
    made: u64,
    acted: u64,
    /// Numbers of a run that was killed.
    unfinished: u64,
    /// Cron sleeps until this day.
    sleeps: Option<Day>,
    last_night: Day,
    gone_phones: Vec<String>,
    /// How often the rarer things happened: a test that never saw them would prove nothing.
    seen: BTreeMap<&'static str, u64>,
}

fn settings() -> Settings {
    Settings {
        enable: false,
        dry_run: false,
        max_share: 100.0,
        max_count: None,
        batch: 5_000,
        accept_clock: None,
        defer_destruction: true,
    }
}

/// What the model expects of a night.
#[derive(Default)]
struct Expected {
    destroyed: Vec<(usize, String)>,
    archived: Vec<(usize, String, Day)>,
    held: u64,
}

impl Sim {
    pub fn new(first: Day, days: u64, people: u64, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut agenda = BTreeMap::<Day, Vec<Event>>::new();
        for _ in 0..people {
            agenda.entry(first + Days::new(dice.roll(days * 9 / 10))).or_default().push(Event::Arrive);
        }
        Self {
            world: World::new(first, seed),
            dice,
            people: Vec::new(),
            wakes: Vec::new(),
            agenda,
            lines: Default::default(),
            tickets: BTreeMap::new(),
            whose: BTreeMap::new(),
            held: 0,
            made: 0,
            acted: 0,
            unfinished: 0,
            sleeps: None,
            last_night: first,
            gone_phones: Vec::new(),
            seen: BTreeMap::new(),
        }
    }

    fn mark(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn later(&mut self, today: Day, least: u64, most: u64, event: Event) {
        let day = today + Days::new(least + self.dice.roll(most - least + 1));
        self.agenda.entry(day).or_default().push(event);
    }

    // ---- nights

    pub fn night(&mut self, today: Day) {
        if self.sleeps.is_some_and(|until| today < until) {
            return self.mark("nights without cron");
        }
        if self.dice.chance(2) {
            self.sleeps = Some(today + Days::new(1 + self.dice.roll(7)));
            return self.mark("nights without cron");
        }
        match self.dice.roll(60) {
            0 => self.jumps(today),
            1 => self.rehearses(today),
            2 => self.falls_back(today),
            _ => {}
        }
        let expected = self.expected(today);
        let many = expected.destroyed.len() + expected.archived.len();
        if many >= 4 && self.dice.chance(20) {
            return self.is_killed(today, &expected);
        }
        let sanitise = self.dice.roll(250) == 0;
        let enable = !self.seen.contains_key("nights");
        let settings = Settings { enable, defer_destruction: !sanitise, ..settings() };
        let tonight = self.world.night(at(today, "02:00"), settings, None).unwrap();
        assert!(tonight.stop.is_none(), "{today}: {:?}", tonight.stop);
        self.check(today, &expected, &tonight);
        if sanitise {
            assert_eq!(tonight.status, Status::Destroyed, "{today}: {:?}", tonight.failed);
            self.mark("destructions of bytes");
        }
        if self.dice.roll(20) == 0 {
            self.again(today);
        }
        self.last_night = today;
        self.mark("nights");
        if self.seen["nights"].is_multiple_of(7) {
            self.look_around(today);
        }
    }

    /// What should happen, in the eyes of the model.
    fn expected(&self, today: Day) -> Expected {
        let mut expected = Expected::default();
        for (n, person) in self.people.iter().enumerate() {
            if self.wakes[n].is_none_or(|day| day > today) {
                continue;
            }
            for rec in &person.records {
                match person.due(rec, today) {
                    Due::Destroy => expected.destroyed.push((n, rec.reference.clone())),
                    Due::Archive(until) => expected.archived.push((n, rec.reference.clone(), until)),
                    Due::Held => expected.held += 1,
                    Due::Stays => {}
                }
            }
        }
        expected
    }

    fn is_there(&self, reference: &str) -> Option<Option<Day>> {
        let sql = "SELECT archived_until FROM record WHERE ref = ?1";
        let mut query = self.world.eyes.prepare_cached(sql).unwrap();
        let mut rows = query.query([reference]).unwrap();
        let row = rows.next().unwrap()?;
        Some(row.get::<_, Option<String>>(0).unwrap().map(|day| day.parse().unwrap()))
    }

    fn check(&mut self, today: Day, expected: &Expected, tonight: &Tonight) {
        for (n, reference) in &expected.destroyed {
            assert!(
                self.is_there(reference).is_none(),
                "{today}: {reference} is past its date\n{:#?}",
                self.people[*n]
            );
            self.drop_record(*n, reference);
        }
        for (n, reference, until) in &expected.archived {
            assert_eq!(
                self.is_there(reference),
                Some(Some(*until)),
                "{today}: {reference}\n{:#?}",
                self.people[*n]
            );
            let rec = self.people[*n].records.iter_mut().find(|rec| rec.reference == *reference).unwrap();
            rec.archived = Some(*until);
        }
        self.nothing_else_is_gone(today);
        let sum = |counts: BTreeMap<String, u64>| -> u64 {
            counts.iter().filter(|(word, _)| !word.starts_with("register.")).map(|(_, n)| n).sum()
        };
        let destroyed = sum(tonight.sum(|tally| &tally.destroyed));
        let due = expected.destroyed.len() as u64 + std::mem::take(&mut self.unfinished);
        assert_eq!(destroyed, due, "{today}: the numbers of the run");
        assert_eq!(sum(tonight.sum(|tally| &tally.archived)), expected.archived.len() as u64, "{today}");
        assert_eq!(sum(tonight.sum(|tally| &tally.held)), expected.held, "{today}: held");
        let run = tonight.run.unwrap();
        let acts = self.world.store.read(|view| view.acts_of_run(run)).unwrap();
        let in_acts: u64 = acts.into_iter().map(|act| sum(act.counts)).sum();
        assert_eq!(in_acts, due, "{today}: the acts of the run");
        self.acted += in_acts;
        self.after_the_night(today, expected, tonight);
    }

    fn after_the_night(&mut self, today: Day, expected: &Expected, tonight: &Tonight) {
        let touched: BTreeSet<usize> = expected.destroyed.iter().map(|(n, _)| *n).collect();
        touched.into_iter().for_each(|n| self.may_be_gone(n));
        for n in 0..self.people.len() {
            if self.wakes[n].is_some_and(|day| day <= today) {
                self.wakes[n] = self.people[n].wakes(today);
            }
        }
        self.reopens(today, tonight);
    }

    fn reopens(&mut self, today: Day, tonight: &Tonight) {
        for number in &tonight.reopened {
            let Some((n, order)) = self.whose.get(number).cloned() else { continue };
            let resume = Event::Resume(n, number.clone(), order.kept().unwrap());
            let agenda = self.agenda.entry(today).or_default();
            let known = |event: &Event| matches!(event, Event::Resume(_, other, _) if other == number);
            if !agenda.iter().any(known) {
                agenda.push(resume);
            }
            self.update_ticket(number);
        }
    }

    /// What the model expects is not there any more; whatever else is missing went too early.
    fn nothing_else_is_gone(&self, today: Day) {
        let there = self.world.count("SELECT count(*) FROM record");
        if there == self.held {
            return;
        }
        for person in &self.people {
            for rec in &person.records {
                assert!(
                    self.is_there(&rec.reference).is_some(),
                    "{today}: {} went too early: {:?}\n{person:#?}",
                    rec.reference,
                    person.due(rec, today)
                );
            }
        }
        panic!("{today}: {there} records are there, and {} should be", self.held);
    }

    fn drop_record(&mut self, n: usize, reference: &str) {
        let person = &mut self.people[n];
        let before = person.records.len();
        person.records.retain(|rec| rec.reference != reference);
        assert_eq!(before - 1, person.records.len(), "{reference} twice");
        self.held -= 1;
    }

    fn may_be_gone(&mut self, n: usize) {
        let person = &mut self.people[n];
        if person.records.is_empty() && !person.is_needed() && !person.gone {
            person.gone = true;
            self.gone_phones.push(person.phone[1..].to_owned());
        }
    }

    /// Killed in the middle: only what was due may be missing, and the next night goes on.
    fn is_killed(&mut self, today: Day, expected: &Expected) {
        let settings = Settings { batch: 2, ..settings() };
        let killed = self.world.night(at(today, "02:00"), settings, Some(1)).is_none();
        assert!(killed, "{today}: there was more than one batch to do");
        self.took_part_of(today, expected);
        self.mark("kills");
    }

    /// Whatever went or was archived, was due.
    fn took_part_of(&mut self, today: Day, expected: &Expected) {
        for (n, reference) in &expected.destroyed {
            if self.is_there(reference).is_none() {
                self.drop_record(*n, reference);
                self.unfinished += 1;
                self.may_be_gone(*n);
            }
        }
        for (n, reference, _) in &expected.archived {
            let archived = self.is_there(reference).unwrap();
            let rec = self.people[*n].records.iter_mut().find(|rec| rec.reference == *reference).unwrap();
            rec.archived = archived;
        }
        self.nothing_else_is_gone(today);
    }

    /// Twice in a row is the same as once.
    fn again(&mut self, today: Day) {
        let tonight = self.world.night(at(today, "02:05"), settings(), None).unwrap();
        let sums = [tonight.sum(|tally| &tally.destroyed), tonight.sum(|tally| &tally.archived)];
        assert!(sums.iter().all(BTreeMap::is_empty), "{today}: {sums:?}");
        self.nothing_else_is_gone(today);
        self.mark("nights run twice");
    }

    /// A clock forty days ahead stops the run; one three days behind destroys nothing more.
    fn jumps(&mut self, today: Day) {
        let ahead = self
            .world
            .night(at(today + Days::new(40), "02:00"), settings(), None)
            .and_then(|night| night.stop);
        let stopped = matches!(ahead, Some(Stop::Clock { .. } | Stop::NotEnabled));
        assert!(stopped || !self.seen.contains_key("nights"), "{today}: {ahead:?}");
        self.nothing_else_is_gone(today);
        self.mark("clocks ahead");
    }

    /// A clock days behind: what goes was due by the right clock too, the entries are marked and go on in their
    /// order, and the night that follows makes good what was left.
    fn falls_back(&mut self, today: Day) {
        let (expected, behind) = (self.expected(today), today - Days::new(2 + self.dice.roll(20)));
        let size = self.world.store.read(|view| view.audit_head()).unwrap().size;
        let before = self.world.entry(size);
        let tonight = self.world.night(at(behind, "02:00"), settings(), None).unwrap();
        if tonight.stop.is_some() {
            return self.nothing_else_is_gone(today);
        }
        self.took_part_of(today, &expected);
        self.reopens(today, &tonight);
        let next = self.world.entry(before.seq + 1);
        let marked = next.act.clock == Clock::Regressed;
        assert_eq!(
            marked,
            went_back(before.act.at, at(behind, "02:00")),
            "{today}: after {}",
            before.act.at.utc()
        );
        self.unfinished = 0;
        for act in self.world.store.read(|view| view.acts_of_run(tonight.run.unwrap())).unwrap() {
            self.acted += act.records();
        }
        self.mark("clocks behind");
    }

    fn rehearses(&mut self, today: Day) {
        let expected = self.expected(today);
        let rehearsal = Settings { dry_run: true, ..settings() };
        let tonight = self.world.night(at(today, "01:50"), rehearsal, None).unwrap();
        let total = |counts: BTreeMap<String, u64>| counts.values().sum::<u64>();
        assert_eq!(total(tonight.sum(|tally| &tally.destroyed)), expected.destroyed.len() as u64, "{today}");
        self.nothing_else_is_gone(today);
        self.mark("rehearsals");
    }

    /// Once a week: people, names and requests.
    fn look_around(&mut self, today: Day) {
        let left = self.people.iter().filter(|person| !person.gone).count() as u64;
        let held = self.world.count("SELECT count(*) FROM subject WHERE ref IS NOT NULL");
        assert_eq!(held, left, "{today}: people who still have a name");
        let nameless =
            "SELECT count(*) FROM identifier i JOIN subject s ON s.id = i.subject WHERE s.ref IS NULL";
        assert_eq!(self.world.count(nameless), 0, "{today}");
        let over = |ended: Day| ended + Months::new(60) <= today;
        self.tickets.retain(|_, ticket| !ticket.ended.is_some_and(over));
        let mut late = 0;
        let mut known = 0;
        let tickets = &self.tickets;
        self.world
            .store
            .read(|view| {
                view.for_each_case(&dsr::store::Period::default(), |case| {
                    known += 1;
                    let ticket =
                        tickets.get(&case.number).unwrap_or_else(|| panic!("{today}: {}", case.number));
                    let missed = ticket.due.is_some_and(|due| ticket.ended.unwrap_or(today) > due);
                    assert_eq!(
                        case.is_late(dsr::domain::Moment::start_of(today)),
                        missed,
                        "{today}: {}",
                        case.number
                    );
                    assert_eq!(case.is_open(), ticket.ended.is_none(), "{today}: {}", case.number);
                    late += u64::from(missed);
                    Ok(())
                })
            })
            .unwrap();
        assert_eq!(known, self.tickets.len(), "{today}: requests of the last five years");
        if late > 0 {
            self.mark("weeks with a late request");
        }
    }

    // ---- days

    pub fn day(&mut self, today: Day) {
        for event in self.agenda.remove(&today).unwrap_or_default() {
            self.happens(event, today);
        }
        self.import(today);
    }

    fn import(&mut self, today: Day) {
        for company in Company::ALL {
            let lines = std::mem::take(&mut self.lines[company as usize]);
            if !lines.is_empty() {
                self.world.import(company, at(today, "18:00"), lines);
            }
        }
    }

    fn tell(&mut self, n: usize, line: &str) {
        self.lines[self.people[n].company as usize].push_str(line);
    }

    fn happens(&mut self, event: Event, today: Day) {
        let n = match &event {
            Event::Arrive => return self.arrives(today),
            Event::Contact(n) | Event::Leave(n, _) | Event::Order(n) | Event::Close(n, _) => *n,
            Event::Reach(n, _) | Event::Withdraw(n, _) | Event::Renew(n) | Event::Ask(n, _) => *n,
            Event::Answer(n, _) | Event::Resume(n, ..) | Event::Lift(n) | Event::Hold(n) => *n,
            Event::Release(n, _) => *n,
        };
        if !matches!(event, Event::Contact(_) | Event::Leave(..) | Event::Order(_) | Event::Reach(..)) {
            // The office sees what the day has brought so far.
            self.import(today);
        }
        if let Event::Answer(_, number) = &event {
            self.answers(n, number, today);
        } else if !self.people[n].gone {
            self.lives(n, event, today);
        }
        self.wakes[n] = Some(today);
    }

    fn arrives(&mut self, today: Day) {
        let n = self.people.len();
        let person = Person::arrives(n, today, &mut self.dice);
        let line = person.line();
        self.people.push(person);
        self.wakes.push(Some(today));
        self.tell(n, &line);
        let child = self.people[n].born.is_some_and(|born| born + Months::new(216) > today);
        for scope in ["processing", "cookie"] {
            if scope == "cookie" || self.dice.chance(70) {
                let parent = child && self.dice.chance(30);
                let line = self.people[n].consent(scope, today, parent);
                self.tell(n, &line);
                if self.dice.chance(20) {
                    let at = self.people[n].consents.len() - 1;
                    self.later(today, 1, 900, Event::Withdraw(n, at));
                }
            }
        }
        for category in ["contact", "technical", "usage", "cookie", "account", "correspondence", "vehicle"] {
            if category == "contact" || self.dice.chance(35) {
                self.leaves(n, category, today);
            }
        }
        for _ in 0..self.dice.roll(4) {
            let more =
                self.dice.one(&["technical", "usage", "cookie", "vehicle", "correspondence", "contact"]);
            self.later(today, 1, 1_500, Event::Leave(n, more));
        }
        for _ in 0..self.dice.roll(3) {
            self.later(today, 1, 1_800, Event::Contact(n));
            self.later(today, 1, 1_500, Event::Order(n));
        }
        if self.dice.chance(40) {
            self.later(today, 200, 420, Event::Renew(n));
        }
        if self.dice.chance(35) {
            let kind = self.dice.roll(100);
            self.later(today, 1, 1_500, Event::Ask(n, kind));
        }
        if self.dice.chance(6) {
            self.later(today, 1, 1_200, Event::Hold(n));
        }
    }

    fn leaves(&mut self, n: usize, category: &'static str, today: Day) {
        self.leaves_for(n, category, today, None);
    }

    fn leaves_for(&mut self, n: usize, category: &'static str, today: Day, deal: Option<usize>) {
        self.made += 1;
        self.held += 1;
        let (told, partner) = (self.dice.chance(15), self.dice.chance(10));
        let nth = self.made;
        let rec = self.people[n].record(nth, category, today, deal);
        rec.contact = told.then_some(today);
        rec.by_self = !partner;
        let reference = rec.reference.clone();
        if told {
            self.people[n].saw(today);
        }
        let line = self.people[n].record_line(self.people[n].records.last().unwrap());
        self.tell(n, &line);
        let ends =
            self.people[n].company == Company::MyCar || matches!(category, "account" | "correspondence");
        if ends && self.dice.chance(85) {
            self.later(today, 1, 1_400, Event::Reach(n, reference));
        }
    }

    fn lives(&mut self, n: usize, event: Event, today: Day) {
        match event {
            Event::Contact(_) => {
                let nth = self.dice.roll(u64::MAX);
                let person = &mut self.people[n];
                person.saw(today);
                let line = format!(
                    "{{\"kind\":\"contact\",\"ref\":\"T-{nth}\",\"subject\":\"{}\",\"at\":\"{today}T12:00\",\"direction\":\"in\"}}\n",
                    person.reference
                );
                self.tell(n, &line);
            }
            Event::Leave(_, category) => self.leaves(n, category, today),
            Event::Order(_) => self.orders(n, today),
            Event::Close(_, deal) => {
                self.people[n].deals[deal].closed = Some(today);
                let line = self.people[n].deal_line(deal);
                self.tell(n, &line);
                self.agenda.entry(today + Days::new(1)).or_default();
                self.closed(n);
            }
            Event::Reach(_, reference) => {
                let Some(at) = self.people[n].records.iter().position(|rec| rec.reference == reference)
                else {
                    return;
                };
                self.people[n].records[at].reached = Some(today);
                let line = self.people[n].record_line(&self.people[n].records[at]);
                self.tell(n, &line);
            }
            Event::Withdraw(_, at) if self.people[n].consents[at].withdrawn.is_none() => {
                self.people[n].consents[at].withdrawn = Some(today);
                let line = self.people[n].consent_line(at);
                self.tell(n, &line);
            }
            Event::Renew(_) => {
                let line = self.people[n].consent("cookie", today, false);
                self.tell(n, &line);
            }
            Event::Ask(_, kind) => self.asks(n, kind, today),
            Event::Resume(_, number, order) => self.resumes(n, &number, &order, today),
            Event::Lift(_) => self.lifts(n, today),
            Event::Hold(_) => {
                let category = Some("contact").filter(|_| self.dice.chance(50));
                let (company, who) = (self.people[n].company, self.id(n));
                let number = self.world.hold(company, who, category, at(today, "13:00"));
                self.later(today, 10, 900, Event::Release(n, number));
                self.sync(n, today, None);
                self.mark("holds");
            }
            Event::Release(_, number) => {
                self.world.release(self.people[n].company, &number, at(today, "13:00"));
                self.sync(n, today, None);
                self.closed(n);
            }
            Event::Withdraw(..) | Event::Arrive | Event::Answer(..) => {}
        }
    }

    /// The last thing that kept a person with no record: the next night empties the row.
    fn closed(&mut self, n: usize) {
        self.may_be_gone(n);
    }

    fn orders(&mut self, n: usize, today: Day) {
        let kind = self.dice.one(&["purchase", "work_order", "work_order", "credit", "claim", "warranty"]);
        let kind = ["purchase", "work_order", "credit", "claim", "warranty"].into_iter().find(|k| *k == kind);
        let person = &mut self.people[n];
        let deal = person.deals.len();
        let reference = format!("O-{}-{deal}", person.reference);
        person.deals.push(super::model::Deal { reference, kind: kind.unwrap(), opened: today, closed: None });
        person.saw(today);
        let line = self.people[n].deal_line(deal);
        self.tell(n, &line);
        let papers: &[&'static str] = match self.people[n].company {
            Company::MyCar => &["contract", "payment", "identity", "vehicle", "service", "contact"],
            Company::AutoMaster => &["service", "vehicle"],
        };
        for category in papers {
            if self.dice.chance(60) {
                self.leaves_for(n, category, today, Some(deal));
            }
        }
        self.later(today, 1, 400, Event::Close(n, deal));
    }

    // ---- requests

    fn id(&mut self, n: usize) -> SubjectId {
        let (company, reference) = (self.people[n].company, self.people[n].reference.clone());
        let found = self.world.store.read(|view| view.by_ref(company.id(), &reference)).unwrap();
        found.unwrap_or_else(|| panic!("{reference} is held\n{:#?}", self.people[n]))
    }

    fn asks(&mut self, n: usize, kind: u64, today: Day) {
        let nothing = Vec::new;
        let order = match kind {
            0..40 => {
                let (company, who) = (self.people[n].company, self.id(n));
                let case = self.world.show(company, who, at(today, "14:00"));
                self.opened(n, &case, today);
                return self.sync(n, today, None);
            }
            40..58 => Order::Revoke { purposes: nothing(), scopes: nothing() },
            58..74 => Order::Erase { categories: nothing() },
            74..88 => Order::Restrict { categories: nothing(), reason: "wrong year".into() },
            _ => Order::Object { purposes: vec!["promotion".into()], lift: false },
        };
        self.acts(n, &order, None, today);
    }

    fn acts(&mut self, n: usize, order: &Order, case: Option<CaseNumber>, today: Day) {
        let (company, who) = (self.people[n].company, self.id(n));
        let (acted, facts) = self.world.ask(company, who, order, at(today, "14:00"), case);
        self.whose.insert(acted.case.number.clone(), (n, order.clone()));
        let act = acted.act.as_ref().map(|act| self.world.store.read(|view| view.destruction(act)).unwrap());
        let in_act = act.map_or(0, |act| act.counts.values().sum::<u64>());
        let before = self.held;
        self.acted += in_act;
        self.opened(n, &acted.case, today);
        self.sync(n, today, Some((&acted, &facts, matches!(order, Order::Lift { .. }))));
        assert_eq!(before - self.held, in_act, "{today}: the act of {order:?}\n{:#?}", acted.plan);
        if matches!(order, Order::Restrict { .. }) {
            self.later(today, 3, 60, Event::Lift(n));
        }
        self.mark("orders carried out");
    }

    /// Some are answered in time, some late, and some have to wait for a deal to end.
    fn opened(&mut self, n: usize, case: &CaseFile, today: Day) {
        // One that waited has a new term from the day on which the wait ended.
        if let Some(due) = case.due.filter(|_| !self.tickets.contains_key(&case.number)) {
            assert!(due >= case.received.day() && due <= case.received.day() + Days::new(45), "{case:?}");
        }
        let ended = case.ended.map(|at| at.day());
        self.tickets.insert(case.number.clone(), Ticket { due: case.due, ended });
        let (least, most) = if self.dice.chance(80) { (0, 1) } else { (20, 60) };
        self.later(today + Days::new(1), least, most, Event::Answer(n, case.number.clone()));
    }

    fn answers(&mut self, n: usize, number: &CaseNumber, today: Day) {
        if self.world.answer(number, at(today, "15:30")) {
            self.tickets.get_mut(number).unwrap().ended = Some(today);
            if !self.people[n].gone {
                self.sync(n, today, None);
            }
            self.mark("answers");
        }
    }

    fn update_ticket(&mut self, number: &CaseNumber) {
        let case = self.world.store.read(|view| view.case(number)).unwrap();
        self.tickets.get_mut(number).unwrap().due = case.due;
    }

    fn resumes(&mut self, n: usize, number: &CaseNumber, order: &str, today: Day) {
        let order: Order = serde_json::from_str(order).unwrap();
        self.acts(n, &order, Some(number.clone()), today);
        self.mark("requests that waited");
    }

    fn lifts(&mut self, n: usize, today: Day) {
        let finding = self.dice.one(&["accurate", "accurate", "unlawful"]).to_owned();
        if !self.people[n].shields.is_empty() {
            self.acts(n, &Order::Lift { finding, case: None, cases: Vec::new() }, None, today);
            self.closed(n);
        }
    }

    /// What a command did to a person, seen in the store; what it destroyed must have been free to go.
    fn sync(&mut self, n: usize, today: Day, acted: Option<(&Acted, &dsr::domain::SubjectFacts, bool)>) {
        let (company, reference) = (self.people[n].company, self.people[n].reference.clone());
        let id = self.world.store.read(|view| view.by_ref(company.id(), &reference)).unwrap();
        let facts = id.map(|id| self.world.store.read(|view| view.facts(company.id(), id)).unwrap());
        let there = |reference: &str| {
            let records = facts.iter().flat_map(|facts| &facts.records);
            records
                .into_iter()
                .find(|record| record.reference == reference)
                .map(|record| record.archived_until)
        };
        let person = self.people[n].clone();
        for rec in &person.records {
            match there(&rec.reference) {
                None => {
                    let (acted, before, lift) = acted.expect("only an order takes records away");
                    let key = before.records.iter().find(|r| r.reference == rec.reference).unwrap().key;
                    let planned = acted.plan.steps.iter().any(|step| {
                        step.action == Action::Destroy && step.keys.iter().any(|k| k.id == key.id)
                    });
                    assert!(planned, "{today}: {} is in no plan", rec.reference);
                    assert!(lift || !person.is_guarded(rec), "{today}: {} was protected", rec.reference);
                    let law = person.law_until(rec).filter(|last| *last >= today);
                    assert!(law.is_none(), "{today}: the law keeps {} until {law:?}", rec.reference);
                    self.drop_record(n, &rec.reference);
                }
                Some(archived) => {
                    let rec =
                        self.people[n].records.iter_mut().find(|r| r.reference == rec.reference).unwrap();
                    rec.archived = archived;
                }
            }
        }
        let Some(facts) = facts else {
            let held = acted.is_some_and(|(_, before, _)| !before.holds.is_empty());
            self.people[n].shields.clear();
            let person = &self.people[n];
            assert!(
                !held && person.records.is_empty() && !person.is_needed(),
                "{today}: emptied\n{person:#?}"
            );
            return self.may_be_gone(n);
        };
        let person = &mut self.people[n];
        let blocks = facts.blocks.iter().map(|block| block.category.as_ref().map(ToString::to_string));
        let holds = facts.holds.iter().map(|hold| hold.category.as_ref().map(ToString::to_string));
        person.shields = blocks.chain(holds).collect();
        person.asking = facts.cases.iter().filter(|case| case.open).count();
        for consent in &facts.consents {
            let known =
                person.consents.iter_mut().find(|known| known.reference == consent.reference).unwrap();
            known.withdrawn = consent.withdrawn_at.map(|at| at.day());
        }
        self.wakes[n] = Some(today);
    }

    // ---- the end

    pub fn ends(&mut self, today: Day) {
        self.sleeps = None;
        let settings = Settings { defer_destruction: false, ..settings() };
        let expected = self.expected(today);
        let tonight = self.world.night(at(today, "02:00"), settings, None).unwrap();
        self.check(today, &expected, &tonight);
        assert_eq!(tonight.status, Status::Destroyed, "{:?}", tonight.failed);
        self.look_around(today);
        assert_eq!(self.made - self.held, self.acted, "the acts add up to what is missing");
        self.world.verify();
        let bytes = String::from_utf8_lossy(&self.world.bytes()).into_owned();
        let found = |phone: &str| bytes.contains(phone);
        let has_phone = |person: &&Person| person.records.iter().any(|rec| rec.category == "contact");
        let alive = self.people.iter().find(has_phone);
        assert!(alive.is_none_or(|person| found(&person.phone[1..])), "nothing would be found");
        for phone in self.gone_phones.iter().take(25) {
            assert!(!found(phone), "bytes of somebody who is gone are still there");
        }
        eprintln!("{} records made, {} held; {:?}", self.made, self.held, self.seen);
        for rare in
            ["kills", "clocks ahead", "clocks behind", "nights run twice", "nights without cron", "answers"]
        {
            assert!(self.people.len() < 200 || self.seen.contains_key(rare), "{rare} never happened");
        }
    }
}
