//! `dsr request list`: the register at a glance.

use chrono::NaiveDate;

use crate::{
    command::{Exit, Outcome, report::Books, world::World},
    domain::{Moment, Right},
    render::{Cell, Head, Rows, Words},
    store::{CaseFile, Mode, Period},
};

/// List requests, those due first
///
/// Open ones, or all with --all or of one day of receipt. No name and no identifier is shown.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr request list\n  dsr request list --all --format csv\n  dsr request list --received 2026-11-20\n"
)]
pub struct List {
    /// Ended ones too
    #[arg(long)]
    all: bool,
    /// Of this right only; `--right breach --all` is the register of breaches
    #[arg(long, value_name = "R")]
    right: Option<Right>,
    /// Received on this day: for a letter whose number nobody knows
    #[arg(long, value_name = "DAY")]
    received: Option<NaiveDate>,
}

impl List {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let today = world.now().day();
        let controller = world.named_controller()?;
        let period = self.period(controller.as_deref());
        let head = Head {
            schema: "dsr/requests/v1",
            list: "cases",
            title: "Requests".into(),
            columns: COLUMNS,
            members: vec![("as_of", today.to_string().into())],
        };
        let style = world.style();
        // The rules are needed only where a clock stands.
        let asked = store.read(|view| view.is_anybody_asked())?;
        let (books, now) = (asked.then(|| Books::read(world)).transpose()?, world.now());
        let words = world.spoken();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        store.read(|view| {
            let mut each = |file: CaseFile| match self.right {
                Some(right) if file.right != right => Ok(()),
                _ => {
                    let file = match &books {
                        Some(books) => books.present(view, file, now)?,
                        None => file,
                    };
                    rows.row(&cells(&file, today, &words))
                }
            };
            if self.all || self.received.is_some() {
                view.for_each_case(&period, each)
            } else {
                view.for_each_open_case(&period, &mut each)
            }
        })?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }

    fn period<'c>(&self, controller: Option<&'c str>) -> Period<'c> {
        let from = self.received.map(Moment::start_of);
        let to = self.received.and_then(|day| day.succ_opt()).map(Moment::start_of);
        Period { controller, from, to }
    }
}

/// The columns of a case in a list.
pub const COLUMNS: &[&str] = &[
    "number",
    "controller",
    "right",
    "received",
    "channel",
    "state",
    "identity",
    "due",
    "target",
    "days_left",
    "subject",
];

/// A case as a row of a list; machines read the hour of a term in hours in `request show`.
pub fn cells(file: &CaseFile, today: NaiveDate, words: &Words) -> [Cell; 11] {
    let due = |day: NaiveDate| Cell::Said(day.to_string(), words.due(day, file.due_at));
    let left = file.owed_by().map(|due| (due - today).num_days());
    [
        Cell::text(&file.number),
        Cell::text(&file.controller),
        Cell::text(file.right),
        Cell::Moment(file.received),
        Cell::text(file.channel),
        Cell::text(file.state),
        Cell::option(file.identity),
        file.due.map_or(Cell::Nothing, due),
        Cell::option(file.target),
        left.map_or(Cell::Nothing, Cell::Int),
        Cell::option(file.subject),
    ]
}
