//! `dsr report destruction`: acts of destruction, by category and count; one of them whole.

use std::path::PathBuf;

use super::{Span, books::Books, output, written};
use crate::{
    command::{Outcome, reach::elsewhere, world::World},
    decide::by_place::deeds,
    domain::{Duty, Error, Reason, Result, Right, SubjectId},
    execute::halts,
    policy::{places::Place, vocabulary::Sensitivity},
    render::{
        self, Cell, Head,
        answer::{
            act::{ActAnswer, not_reached},
            plan::Part,
        },
    },
    store::{
        Mode, Seal, View,
        destroy::Destruction as Act,
        remote::{NightDone, RemoteStep},
    },
};

const COLUMNS: &[&str] = &[
    "number",
    "controller",
    "case",
    "started",
    "finished",
    "state",
    "categories",
    "rules",
    "kept",
    "method",
    "level",
    "scanned_files",
    "scanned_bytes",
    "residue",
    "not_reached",
    "records",
    "run",
    "audit_effects",
    "audit_destroyed",
    "cause",
];

const EXAMPLES: &str = "\
Examples:
  dsr report destruction --from 2026-01-01 --format csv
  dsr report destruction --act A-2026-000001 --lang ru --output act.html
";

/// List acts of destruction, or draw one up to be signed
///
/// Categories and counts, never values; and what no method reaches that works on the files of the store.
/// With --act the whole act: basis with clause and article, biometric line, what was kept and why, method,
/// scan, entries of the log, lines for the commission to sign. Its HTML form prints on A4.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Destruction {
    #[command(flatten)]
    span: Span,
    /// One act, whole
    #[arg(long, value_name = "NO", conflicts_with_all = ["from", "to"])]
    act: Option<String>,
    /// Write the act to a new file (mode 0600); .html, .csv and .json choose the format
    #[arg(long, short, value_name = "PATH", requires = "act")]
    output: Option<PathBuf>,
}

impl Destruction {
    /// Whether one act is asked for, not the list.
    pub(super) fn is_one_act(&self) -> bool {
        self.act.is_some()
    }

    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match &self.act {
            Some(number) => output(world, self.output.as_deref(), |world| one(world, number)),
            None => self.list(world),
        }
    }

    fn list(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let books = Books::read(world)?;
        let head = Head {
            schema: "dsr/report-destruction/v1",
            list: "acts",
            title: "Acts of destruction".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        written(world, &mut store, head, |store, rows| {
            store.read(|view| {
                view.for_each_destruction(&period, |act| {
                    // Of what only people did this program claims no method, no level and no scan.
                    let by_hand = act.is_by_hand(&view.duties_of_act(&act)?);
                    let beyond = match by_hand {
                        true => Vec::new(),
                        false => not_reached(&books.beyond(&act)?, &view.unconfirmed(&act.number)?),
                    };
                    rows.row(&cells(&act, beyond, by_hand))
                })
            })
        })
    }
}

fn cells(act: &Act, beyond: Vec<String>, by_hand: bool) -> [Cell; 20] {
    let scan = act.scan.as_ref().filter(|_| !by_hand);
    let kept = act.kept.iter().map(|line| {
        let until = line.until.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
        format!("{} {} ({}){until}", line.category, line.count, line.rule)
    });
    let entry = |seq: Option<u64>| seq.map_or(Cell::Nothing, Cell::count);
    [
        Cell::text(&act.number),
        Cell::text(&act.controller),
        Cell::option(act.case.as_ref()),
        Cell::Moment(act.started),
        Cell::moment(act.finished),
        Cell::text(if act.finished.is_some() { "destroyed" } else { "pending" }),
        Cell::Words(act.counts.iter().map(|(category, n)| format!("{category} {n}")).collect()),
        Cell::Words(act.rules.clone()),
        Cell::Words(kept.collect()),
        Cell::option(Some(&act.method).filter(|_| !by_hand)),
        Cell::option(act.reached().filter(|_| !by_hand)),
        scan.map_or(Cell::Nothing, |scan| Cell::count(scan.files)),
        scan.map_or(Cell::Nothing, |scan| Cell::count(scan.bytes)),
        scan.map_or(Cell::Nothing, |scan| Cell::count(scan.residue + scan.structural_nonzero)),
        Cell::Words(beyond),
        Cell::count(act.records()),
        Cell::option(act.run),
        entry(act.seq),
        entry(act.done_seq),
        Cell::Word(act.cause()),
    ]
}

/// The bytes of one act.
fn one(world: &mut World<'_, '_>, number: &str) -> Result<Vec<u8>> {
    let mut store = world.open(Mode::ReadOnly)?;
    let books = Books::read(world)?;
    let chosen = world.named_controller()?;
    let (act, case, unconfirmed) = store.read(|view| {
        let act = of_the_chosen(view.destruction(number)?, chosen.as_deref())?;
        let case = OfCase::read(view, &act)?;
        Ok((act, case, view.unconfirmed(number)?))
    })?;
    let style = world.style();
    let seal = Seal::of(&mut store)?;
    let beyond = books.beyond(&act)?;
    let answer = answer(act, case, &books, (style.drill, seal));
    render::bytes(&ActAnswer { beyond, unconfirmed, ..answer }, style)
}

/// An act of the controller that was chosen, where one was: two controllers are strangers.
fn of_the_chosen(act: Act, chosen: Option<&str>) -> Result<Act> {
    if chosen.is_none_or(|chosen| chosen == act.controller) {
        return Ok(act);
    }
    Err(Error::usage(format!("act {} belongs to `{}`", act.number, act.controller))
        .hint(format!("add --controller {}", act.controller)))
}

/// What the register says of the request behind an act; of a nightly run, what it did in other systems.
#[derive(Default)]
struct OfCase {
    subject: Option<SubjectId>,
    right: Option<Right>,
    duties: Vec<Duty>,
    elsewhere: Vec<Did>,
}

/// What an act did in another system: of a request, or of a night.
enum Did {
    Step(RemoteStep),
    Night(NightDone),
}

impl Did {
    fn system(&self) -> &str {
        match self {
            Self::Step(step) => &step.system,
            Self::Night(done) => &done.system,
        }
    }

    fn part(&self, place: Option<&Place>) -> Part {
        match self {
            Self::Step(step) => elsewhere::of_step(step, place),
            Self::Night(done) => elsewhere::of_night(done, place),
        }
    }
}

impl OfCase {
    fn read(view: &View<'_>, act: &Act) -> Result<Self> {
        let Some(number) = &act.case else {
            let elsewhere = view.night_done(&act.number)?.into_iter().map(Did::Night).collect();
            return Ok(Self { elsewhere, ..Self::default() });
        };
        let case = view.case(number)?;
        let duties = halts::shown(view, &case, view.duties_of_act(act)?)?;
        let steps = view.remote_steps_of_act(act)?;
        let elsewhere = steps.into_iter().map(Did::Step).collect();
        Ok(Self { subject: case.subject, right: Some(case.right), duties, elsewhere })
    }
}

fn answer(act: Act, case: OfCase, books: &Books, (drill, seal): (bool, Seal)) -> ActAnswer {
    let id = act.controller.as_str();
    let book = books.of(id);
    let is_biometric = |category: &String| {
        let def = book.and_then(|book| book.category(&category.as_str().into()));
        def.is_some_and(|def| def.sensitivity == Sensitivity::Biometric)
    };
    let known = |rule: &String| book.and_then(|book| Some(book.reason(book.rule(rule)?)));
    let place = |did: &Did| books.filled(id)?.systems.get(did.system());
    // A rule that the policy does not know any more is still named.
    let bare = |rule: &String| Reason { rule: rule.clone(), clause: None, law: None, says: String::new() };
    // What people destroyed has no count; its categories stand in the words of its step.
    let named = case
        .duties
        .iter()
        .filter(|duty| !duty.recalled)
        .flat_map(deeds::of)
        .map(|deed| deed.category.to_owned());
    let biometric = act.counts.keys().cloned().chain(named).filter(is_biometric).collect();
    ActAnswer {
        name: books.name(id).to_owned(),
        bin: books.bin(id).map(str::to_owned),
        responsible: books.filled(id).and_then(|filled| Some(filled.responsible.as_ref()?.name.clone())),
        subject: case.subject,
        right: case.right,
        duties: case.duties,
        elsewhere: case.elsewhere.iter().map(|did| did.part(place(did))).collect(),
        basis: act.rules.iter().map(|rule| known(rule).unwrap_or_else(|| bare(rule))).collect(),
        keeping: act.kept.iter().filter_map(|line| known(&line.rule)).collect(),
        biometric,
        drill,
        seal,
        beyond: Vec::new(),
        unconfirmed: Vec::new(),
        act,
    }
}
