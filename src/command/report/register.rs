//! `dsr report register`: the journal of requests.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Span, books::Books, written};
use crate::{
    command::{Outcome, world::World},
    decide::journal::{self, Timing},
    domain::{CaseEvent, Moment, Result, Right},
    render::{Cell, Head},
    store::{CaseEntry, CaseFile, JournalLine, Mode},
};

const COLUMNS: &[&str] = &[
    "number",
    "controller",
    "right",
    "received",
    "recorded",
    "channel",
    "tracking",
    "subject",
    "representative",
    "authority",
    "identity",
    "due",
    "due_at",
    "target",
    "provisional",
    "state",
    "ended",
    "overdue",
    "overdue_reason",
    "scope",
    "rules",
    "edition",
    "start_event",
    "calendar",
    "blocked_from",
    "blocked_to",
    "decision",
    "refusal",
    "refusal_basis",
    "actions",
    "acts",
    "answered",
    "answer_number",
    "answer_channel",
    "executor",
];

/// Print the journal of requests
///
/// What an auditor asks of each request: when it came and how, who asked, by which rules and from which
/// event it is timed, what was decided and done, when and how it was answered, and why it is late.
/// Representatives are flags here: names of third persons do not belong into a report.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report register --from 2026-01-01 --format csv > register.csv\n")]
pub struct Register {
    #[command(flatten)]
    span: Span,
}

impl Register {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let now = world.now();
        let mut rules = Rules { books: Books::read(world)?, known: HashMap::new() };
        let head = Head {
            schema: "dsr/report-register/v1",
            list: "cases",
            title: "Register of requests".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        written(world, &mut store, head, |store, rows| {
            store.read(|view| {
                view.for_each_journal_line(&period, |line| {
                    let file = rules.books.present(view, line.file, now)?;
                    rows.row(&cells(JournalLine { file, ..line }, now, &mut rules)?)
                })
            })
        })
    }
}

/// What the rules say of the days that came up: as many as there are days, not cases.
struct Rules {
    books: Books,
    known: HashMap<(String, Right, NaiveDate), Timing>,
}

impl Rules {
    /// Nothing where the controller's policy is not here any more.
    fn timing(&mut self, case: &CaseFile) -> Result<Timing> {
        let key = (case.controller.clone(), case.right, case.received.day());
        let Some(book) = self.books.of(&case.controller) else { return Ok(Timing::default()) };
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let timing = journal::timing(key.1, key.2, book, &self.books.calendar)?;
        self.known.insert(key, timing.clone());
        Ok(timing)
    }

    /// The article behind a ground of refusal.
    fn basis(&self, case: &CaseFile, ground: &str) -> Option<String> {
        self.books.of(&case.controller)?.rule(ground)?.article.clone()
    }
}

fn cells(line: JournalLine, now: Moment, rules: &mut Rules) -> Result<Vec<Cell>> {
    let timing = rules.timing(&line.file)?;
    let done = Done::of(&line.history);
    let basis = done.ground.and_then(|ground| rules.basis(&line.file, ground));
    let late =
        line.file.is_late(now).then(|| journal::lateness(line.file.state, line.file.answered.is_some()));
    let mut cells = own(&line.file, now);
    cells.extend([
        late.map_or(Cell::Nothing, Cell::Word),
        done.scope.map_or(Cell::Nothing, Cell::Words),
        Cell::Words(timing.rules),
        Cell::option(timing.edition),
        timing.start.map_or(Cell::Nothing, |start| Cell::Word(start.as_str())),
        Cell::text(rules.books.calendar.version()),
        at(line.blocked_from),
        at(line.blocked_to),
        done.decision.map_or(Cell::Nothing, Cell::Word),
        Cell::option(done.ground),
        Cell::option(basis),
        Cell::Words(done.actions),
        Cell::Words(line.acts),
        at(line.file.answered),
        Cell::option(done.letter),
        done.channel.map_or(Cell::Nothing, Cell::Word),
        Cell::option(done.executor),
    ]);
    Ok(cells)
}

/// What stands in the case itself.
fn own(case: &CaseFile, now: Moment) -> Vec<Cell> {
    vec![
        Cell::text(&case.number),
        Cell::text(&case.controller),
        Cell::Word(case.right.as_str()),
        at(Some(case.received)),
        at(Some(case.recorded)),
        Cell::Word(case.channel.as_str()),
        Cell::option(case.tracking.as_ref()),
        Cell::option(case.subject),
        Cell::Flag(case.representative.is_some()),
        Cell::Flag(case.authority.is_some()),
        case.identity.map_or(Cell::Nothing, |method| Cell::Word(method.as_str())),
        Cell::option(case.due),
        at(case.due_at),
        Cell::option(case.target),
        Cell::Flag(case.provisional),
        Cell::Word(case.state.as_str()),
        at(case.ended),
        Cell::Flag(case.is_late(now)),
    ]
}

fn at(moment: Option<Moment>) -> Cell {
    Cell::moment(moment)
}

/// What the history says was done; of what happened twice the last.
#[derive(Default)]
struct Done<'a> {
    scope: Option<Vec<String>>,
    decision: Option<&'static str>,
    ground: Option<&'a str>,
    actions: Vec<String>,
    letter: Option<&'a str>,
    channel: Option<&'static str>,
    executor: Option<&'a str>,
}

impl<'a> Done<'a> {
    fn of(history: &'a [CaseEntry]) -> Self {
        let mut done = Self::default();
        history.iter().for_each(|entry| done.add(entry));
        done
    }

    fn add(&mut self, entry: &'a CaseEntry) {
        match &entry.event {
            CaseEvent::Executed { command, ask, outcome, .. } => {
                self.scope = Some(journal::scope(ask.as_deref()));
                self.decision = outcome.as_ref().map(|outcome| outcome.decision.as_str());
                self.actions.push(command.clone());
            }
            CaseEvent::Refused { ground, .. } => {
                self.decision = Some("refuse");
                self.ground = Some(ground);
            }
            CaseEvent::Answered { channel, number, .. } => {
                self.letter = number.as_deref();
                self.channel = channel.map(|channel| channel.as_str());
                // Whoever sends a refusal did not decide it.
                if self.ground.is_some() {
                    return;
                }
            }
            _ => return,
        }
        self.executor = Some(&entry.actor);
    }
}
