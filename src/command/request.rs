//! `dsr request`: the register of requests.

use clap::Subcommand;

use super::{
    Exit, Outcome,
    acting::{self, GoOn},
    intake::{self, Arrival},
    world::{World, known},
};
use crate::{
    audit::State,
    domain::{
        CaseEvent, CaseNumber, Channel, Error, IdentityMethod, Kind, Result, Right, Selector, SubjectId,
    },
    execute::{
        cases::{self, Receipt},
        context::Said,
        resolve,
    },
    render::{Cell, Head, Rows, answer::case::CaseAnswer},
    store::{CaseFile, Mode, Period, Tx, View},
};

const EXAMPLES: &str = "\
Examples:
  dsr request open --right access --subject ref:C-1 --channel email
  dsr request list
  dsr request show 2026-000001
";

const OPEN: &str = "\
Examples:
  dsr request open --right access --subject iin:900101499994 \\
      --received 2026-11-20 --channel registered_letter --tracking RR1
  dsr request open --right complaint --channel phone
";

/// Keep the register of requests
///
/// A request is registered when it comes, whatever the channel; its due date runs from the receipt. Its
/// state follows from what happened to it and is never set by hand.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Request {
    Open(Open),
    List(List),
    Show(Show),
    Verify(Verify),
    Answer(AnswerSent),
    Refuse(Refuse),
    Resume(Resume),
    Cancel(Cancel),
}

/// Register a request
///
/// The clock runs from the receipt, not from the registration. Past the end of the calendar the due date
/// is provisional and says so: the intake of a request never stops.
#[derive(clap::Args)]
#[command(before_help = OPEN)]
pub struct Open {
    /// access, export, rectify, erase, restrict, unblock, object, revoke, opt_out, complaint, minor, breach
    #[arg(long, value_name = "R")]
    right: Right,
    /// Whom it is about, where that is known: iin:, account:, ref:, id:
    #[arg(long, value_name = "SEL")]
    subject: Option<String>,
    #[command(flatten)]
    arrival: Arrival,
}

/// List requests, those due first
///
/// Open ones, or all with --all. No name and no identifier is shown.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr request list\n  dsr request list --all --format csv\n")]
pub struct List {
    /// Ended ones too
    #[arg(long)]
    all: bool,
}

/// Show one request and everything that happened to it
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request show 2026-000001\n")]
pub struct Show {
    /// The case number, or the tracking number of the letter
    number: String,
}

/// Confirm the identity of the person
///
/// The method is kept, never a copy of a document.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request verify 2026-000001 --identity document\n")]
pub struct Verify {
    /// The case number
    number: CaseNumber,
    /// document, in_person, known_contact, e_signature, power_of_attorney, court
    #[arg(long, value_name = "METHOD")]
    identity: IdentityMethod,
}

/// Record that the answer was sent
///
/// The request ends with it.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request answer 2026-000001 --channel email --number 01-17\n")]
pub struct AnswerSent {
    /// The case number
    case: CaseNumber,
    /// By which way it was sent
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<Channel>,
    /// Outgoing number of the letter
    #[arg(long, value_name = "NO")]
    number: Option<String>,
}

/// Record a reasoned refusal
///
/// The ground is a code of the statute's layer; cost, effort and repetition are none.
#[derive(clap::Args)]
#[command(
    before_help = "Example:\n  dsr request refuse 2026-000001 --ground RF-ID --signed-by 'A. Officer'\n"
)]
pub struct Refuse {
    /// The case number
    number: CaseNumber,
    /// A ground the law knows, such as RF-ID
    #[arg(long, value_name = "CODE")]
    ground: String,
    /// Who signs: only a person can refuse
    #[arg(long, value_name = "NAME")]
    signed_by: String,
}

/// Go on with a request whose obligation or block has ended
///
/// Asks again what the request asked, decides it on the facts of today, shows the plan and asks.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request resume 2026-000001 --yes\n")]
pub struct Resume {
    /// The case number
    number: CaseNumber,
    #[command(flatten)]
    go_on: GoOn,
}

/// Close a request that was withdrawn or registered by mistake
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request cancel 2026-000001\n")]
pub struct Cancel {
    /// The case number
    number: CaseNumber,
}

impl Request {
    /// Runs one of them.
    ///
    /// # Errors
    /// Not found (exit 3) for an unknown case; usage (exit 2) for a move its state does not allow.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Open(command) => command.run(world),
            Self::List(command) => command.run(world),
            Self::Show(command) => command.run(world),
            Self::Verify(Verify { number, identity }) => {
                let event = CaseEvent::Verified { method: *identity };
                moved(world, number, "request.verify", State::Verified, &event, &[])
            }
            Self::Answer(AnswerSent { case, channel, number }) => {
                let event = CaseEvent::Answered { channel: *channel, number: number.clone() };
                moved(world, case, "request.answer", State::Answered, &event, &[])
            }
            Self::Refuse(command) => command.run(world),
            Self::Resume(command) => command.run(world),
            Self::Cancel(Cancel { number }) => {
                moved(world, number, "request.cancel", State::Cancelled, &CaseEvent::Cancelled, &[])
            }
        }
    }
}

impl Open {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let receipt = self.arrival.receipt(world)?;
        let who = self.subject.as_deref().map(|typed| intake::subject(typed, world.env)).transpose()?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let rules = world.rules(&library, &controller)?;
        let context = world.context(&controller, &rules)?;
        let case = store.transact(|tx| {
            let subject = who.as_ref().map(|who| resolve::for_change(tx, &controller, who)).transpose()?;
            let facts = subject.map(|id| tx.facts(&controller, id)).transpose()?;
            let pair = (&rules.rulebook, &rules.calendar);
            let file = cases::open_or_join(tx, &context, pair, self.right, &receipt, facts.as_ref(), None)?;
            context.log(tx, "request.open", State::Opened, said(&file))?;
            Ok(file)
        })?;
        show(world, &mut store, case)
    }
}

impl List {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let today = world.now().day();
        let controller = controller_filter(world)?;
        let period = Period { controller: controller.as_deref(), ..Period::default() };
        let head = Head {
            schema: "dsr/requests/v1",
            list: "cases",
            title: "Requests".into(),
            columns: COLUMNS,
            members: vec![("as_of", today.to_string().into())],
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        store.read(|view| {
            let mut each = |file: CaseFile| rows.row(&cells(&file, today));
            if self.all {
                view.for_each_case(&period, each)
            } else {
                view.for_each_open_case(&period, &mut each)
            }
        })?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
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

/// A case as a row of a list.
pub fn cells(file: &CaseFile, today: chrono::NaiveDate) -> [Cell; 11] {
    let left = file.due.filter(|_| file.is_open()).map(|due| (due - today).num_days());
    [
        Cell::text(&file.number),
        Cell::text(&file.controller),
        Cell::text(file.right),
        Cell::text(file.received.rfc3339()),
        Cell::text(file.channel),
        Cell::text(file.state),
        Cell::option(file.identity),
        Cell::option(file.due),
        Cell::option(file.target),
        left.map_or(Cell::Nothing, Cell::Int),
        Cell::option(file.subject),
    ]
}

impl Show {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let chosen = controller_filter(world)?;
        let case = store.read(|view| match self.number.parse::<CaseNumber>() {
            Ok(number) => chosen_one(view.case(&number)?, chosen.as_deref()),
            Err(_) => tracked(view, &self.number, chosen.as_deref()),
        })?;
        show(world, &mut store, case)
    }
}

impl Resume {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let (case, history) =
            store.read(|view| Ok((view.case(&self.number)?, view.case_history(&self.number)?)))?;
        drop(store);
        let asked = cases::last_ask(&history);
        let order = asked.and_then(|ask| serde_json::from_str(&ask).ok()).ok_or_else(|| {
            Error::usage(format!("case {} holds nothing that can be resumed", self.number))
                .hint("run the command of the right again with --request")
        })?;
        let subject = case.subject.ok_or_else(|| {
            Error::new(crate::domain::Kind::NotFound, format!("case {} names nobody", self.number))
        })?;
        world.global.controller = Some(case.controller);
        let receipt = Receipt { case: Some(self.number.clone()), ..Receipt::default() };
        acting::perform(&Selector::Id(subject), receipt, &order, &self.go_on, None, world)
    }
}

/// The one case of a tracking number; an envelope may hold several requests.
fn tracked(view: &View<'_>, tracking: &str, chosen: Option<&str>) -> Result<CaseFile> {
    let mut found = Vec::new();
    for controller in view.controllers()? {
        if chosen.is_none_or(|chosen| chosen == controller) {
            found.extend(view.cases_by_tracking(&controller, tracking)?);
        }
    }
    let numbers: Vec<_> = found.iter().map(|case| case.number.to_string()).collect();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Error::new(Kind::Ambiguous, "several cases have this tracking number")
            .hint(format!("name one: {}", numbers.join(", ")))),
        (None, _) => Err(Error::new(Kind::NotFound, "no case has this number or tracking number")
            .hint("see them all: dsr request list --all")),
    }
}

/// A case of the controller that was chosen, where one was: two controllers are strangers.
fn chosen_one(case: CaseFile, chosen: Option<&str>) -> Result<CaseFile> {
    if chosen.is_none_or(|chosen| chosen == case.controller) {
        return Ok(case);
    }
    Err(Error::usage(format!("case {} belongs to `{}`", case.number, case.controller))
        .hint(format!("add --controller {}", case.controller)))
}

impl Refuse {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let library = world.library()?;
        let first = library.controllers().into_iter().next().unwrap_or_default();
        let statute = library.rulebook(&first)?.statute;
        let grounds: Vec<String> =
            statute.rules.into_iter().map(|rule| rule.id).filter(|id| id.starts_with("RF-")).collect();
        if !grounds.contains(&self.ground) {
            let near = crate::domain::suggest::nearest(&self.ground, grounds.iter().map(String::as_str));
            let hint = near.map_or_else(|| grounds.join(", "), |near| format!("did you mean `{near}`?"));
            return Err(
                Error::usage(format!("`{}` is no ground of refusal in the law", self.ground)).hint(hint)
            );
        }
        if self.signed_by.trim().is_empty() {
            return Err(Error::usage("--signed-by is empty").hint("only a person can refuse"));
        }
        let event = CaseEvent::Refused { ground: self.ground.clone() };
        let rules = std::slice::from_ref(&self.ground);
        moved(world, &self.number, "request.refuse", State::Refused, &event, rules)
    }
}

fn moved(
    world: &mut World<'_, '_>,
    number: &CaseNumber,
    command: &str,
    state: State,
    event: &CaseEvent,
    rules: &[String],
) -> Outcome {
    let mut store = world.open(Mode::ReadWrite)?;
    let chosen = controller_filter(world)?;
    let mut context = world.plain_context(None)?;
    let case = store.transact(|tx: &Tx<'_>| {
        context.controller = Some(chosen_one(tx.case(number)?, chosen.as_deref())?.controller);
        let file = tx.move_case(number, event, context.now, context.actor.name())?;
        context.log(tx, command, state, Said { rules: rules.to_vec(), ..said(&file) })?;
        Ok(file)
    })?;
    show(world, &mut store, case)
}

fn said(file: &CaseFile) -> Said {
    Said { case: Some(file.number.clone()), subject: file.subject, ..Said::default() }
}

fn show(world: &mut World<'_, '_>, store: &mut crate::store::Store, case: CaseFile) -> Outcome {
    let history = store.read(|view| view.case_history(&case.number))?;
    let resumes = history.iter().any(|entry| matches!(entry.event, CaseEvent::Reopened));
    let next = next(&case, resumes);
    let today = world.now().day();
    world.answer(&CaseAnswer { case, history, next, today })?;
    Ok(Exit::Done)
}

/// The command worth typing next for a case; `resumes`: it was carried out in part before.
pub fn next(case: &CaseFile, resumes: bool) -> Option<String> {
    use crate::domain::CaseState as S;
    let number = &case.number;
    let who = case.subject.map(|id: SubjectId| format!("id:{id}")).unwrap_or_else(|| "SEL".into());
    let verify = format!("dsr request verify {number} --identity METHOD");
    let draft = case.identity.is_none() && matches!(case.right, Right::Access | Right::Export);
    let command = match case.right {
        Right::Access => format!("dsr access --subject {who} --request {number}"),
        Right::Export => format!("dsr export --subject {who} --request {number}"),
        Right::Erase => format!("dsr erase --subject {who} --request {number}"),
        Right::Revoke => format!("dsr revoke --subject {who} --request {number}"),
        Right::Object => format!("dsr object --subject {who} --request {number}"),
        Right::Rectify => format!("dsr rectify --subject {who} --request {number} --set …"),
        Right::Restrict => format!("dsr restrict --subject {who} --request {number} --reason …"),
        _ => format!("dsr request show {number}"),
    };
    let command = if resumes { format!("dsr request resume {number}") } else { command };
    match case.state {
        S::Received => Some(verify),
        S::Executed if draft => Some(verify),
        S::Waiting => None,
        S::Verified => Some(command),
        S::Executed => Some(format!("dsr request answer {number} --channel CHANNEL --number NO")),
        S::Answered | S::Refused | S::Cancelled => None,
    }
}

/// Whether a controller is named by option; reports take all where it is not.
pub fn controller_filter(world: &World<'_, '_>) -> Result<Option<String>> {
    match &world.global.controller {
        Some(id) => known(&world.library()?, id).map(|()| Some(id.clone())),
        None => Ok(None),
    }
}
