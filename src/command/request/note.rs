//! `dsr request note` and `reopen`: what is filed, who goes on, what begins again.

use chrono::NaiveDate;

use super::moves::{Move, chosen, happened};
use crate::{
    audit::{Actor, State},
    command::{Outcome, world::World},
    domain::{CaseEvent, CaseNumber, Error, Pause, Remark, Result},
    render::Lang,
    store::{CaseFile, Mode},
};

const EXAMPLES: &str = "\
Examples:
  dsr request note 2026-000001 'asked for the order number by phone'
  dsr request note 2026-000001 --document 'birth record 12' --at 2026-11-20
  dsr request note 2026-000001 --ask documents
  dsr request note 2026-000001 --language kk
  dsr request note 2026-000001 --hand-to 'B. Deputy' --until 2026-12-05
";

/// File a remark, a document that came, the language of the answer, or a hand-over
///
/// Documents start the term of a correction (art. 25(2)(8)). With --until the other goes on as a deputy.
/// What is filed outlives the person, so it may name nobody but officers.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Note {
    /// The case number
    number: CaseNumber,
    /// The remark
    #[arg(required_unless_present_any = ["document", "hand_to", "ask", "clarified", "language"])]
    text: Option<Remark>,
    /// A document came: its name, number and date
    #[arg(long, value_name = "TEXT")]
    document: Option<Remark>,
    /// When it came [default: now]
    #[arg(long, value_name = "T", requires = "document")]
    at: Option<String>,
    /// The person was asked for it: identity, clarification, documents
    #[arg(long, value_name = "WHAT")]
    ask: Option<Pause>,
    /// The person said what is meant
    #[arg(long)]
    clarified: bool,
    /// The person writes in it, whatever was registered, and is answered in it: en, ru, kk
    #[arg(long, value_name = "LANG", hide_possible_values = true)]
    language: Option<Lang>,
    /// Who goes on with the case
    #[arg(long, value_name = "NAME")]
    hand_to: Option<String>,
    /// The deputy's last day
    #[arg(long, value_name = "DAY", requires = "hand_to")]
    until: Option<NaiveDate>,
}

/// Open a request again
///
/// What ended or waited is due anew, from now.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request reopen 2026-000001 --reason 'the document came'\n")]
pub struct Reopen {
    /// The case number
    number: CaseNumber,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<Remark>,
}

impl Note {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let (case, _) = chosen(&self.number, world, &mut store)?;
        drop(store);
        let events = self.events(&case, world)?;
        Move::of(&self.number, "request.note", State::Noted, events).run(world)
    }

    fn events(&self, case: &CaseFile, world: &World<'_, '_>) -> Result<Vec<CaseEvent>> {
        let at = happened("--at", self.at.as_deref(), (case, None), world.now())?.unwrap_or(world.now());
        let document = self.document.clone().map(|what| CaseEvent::Documented { what, at });
        let asked = self.ask.map(|what| CaseEvent::Asked { what });
        let clarified = self.clarified.then_some(CaseEvent::Clarified);
        let language = self.language.map(|lang| CaseEvent::Language { tag: lang.tag().to_owned() });
        let note = self.text.clone().map(|text| CaseEvent::Noted { text: Some(text) });
        let handed = self.hand_to.as_deref().map(|name| self.handed(name, world)).transpose()?;
        Ok([document, clarified, language, asked, handed, note].into_iter().flatten().collect())
    }

    /// An officer's name, by the same rule as in the log.
    fn handed(&self, name: &str, world: &World<'_, '_>) -> Result<CaseEvent> {
        let to = Actor::new(name, world.env.user)
            .map_err(|message| Error::usage(format!("--hand-to: {message}")))?;
        if self.until.is_some_and(|until| until < world.now().day()) {
            return Err(Error::usage("--until lies in the past").hint("the deputy's last day is to come"));
        }
        Ok(CaseEvent::HandedOver { to: to.name().to_owned(), until: self.until })
    }
}

impl Reopen {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let event = CaseEvent::Reopened { since: Some(world.now()), why: self.reason.clone() };
        Move::of(&self.number, "request.reopen", State::Reopened, [event]).run(world)
    }
}
