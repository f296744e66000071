//! `dsr request verify`: who asks, and whether they may.

use chrono::{Months, NaiveDate};

use super::moves::Move;
use crate::{
    audit::State,
    command::{Outcome, world::World},
    domain::{CaseEvent, CaseNumber, Error, IdentityMethod, Kind, Remark, Result, case::AuthorityKind},
    store::{CaseFile, Mode, View},
};

const EXAMPLES: &str = "\
Examples:
  dsr request verify 2026-000001 --identity document
  dsr request verify 2026-000001 --identity document --failed 'expired'
  dsr request verify 2026-000001 --acting-as parent --expires 2027-03-01
  dsr request verify 2026-000001 --identity known_contact --acting-as self
";

/// Confirm the identity of the person, or the authority of whoever acts for them
///
/// Method, level and result are kept, never a copy of a document. A power of attorney has a last day; past
/// it nobody is represented. That of a parent is the day before the child comes of age. Where no new one
/// comes, the person goes on alone (`self`), once confirmed.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Verify {
    /// The case number
    number: CaseNumber,
    /// document, in_person, known_contact, e_signature, power_of_attorney, court
    #[arg(long, value_name = "METHOD", required_unless_present = "acting_as")]
    identity: Option<IdentityMethod>,
    /// Somebody acts for the person: representative, power_of_attorney, parent; or nobody any more: self
    #[arg(long, value_name = "KIND", requires_if("self", "identity"))]
    acting_as: Option<AuthorityKind>,
    /// Last day of the power of attorney
    #[arg(long, value_name = "DAY", requires = "acting_as")]
    expires: Option<NaiveDate>,
    /// The check failed: what was wrong
    #[arg(long, value_name = "TEXT")]
    failed: Option<Remark>,
}

impl Verify {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let today = world.now().day();
        let events = self.identity.map(|method| self.identity(method)).into_iter();
        let last = self.last_of_parent(world)?;
        let authority = self.acting_as.map(|kind| self.authority(kind, (today, last))).transpose()?;
        let state = if self.failed.is_some() { State::Denied } else { State::Verified };
        Move::of(&self.number, "request.verify", state, events.chain(authority))
            .checked(|view, case, _| self.check_parent(view, case, today))
            .run(world)
    }

    /// The last day on which a parent acts: that before the child is of age, where its birth is known.
    fn last_of_parent(&self, world: &mut World<'_, '_>) -> Result<Option<NaiveDate>> {
        if self.acting_as != Some(AuthorityKind::Parent) {
            return Ok(None);
        }
        let mut store = world.open(Mode::ReadOnly)?;
        let of_age = store.read(|view| of_age(view, &view.case(&self.number)?))?;
        Ok(of_age.and_then(|day| day.pred_opt()))
    }

    /// A parent acts for a child; an adult acts alone, or by a power of attorney.
    fn check_parent(&self, view: &View<'_>, case: &CaseFile, today: NaiveDate) -> Result<()> {
        if self.acting_as != Some(AuthorityKind::Parent) || self.failed.is_some() {
            return Ok(());
        }
        if of_age(view, case)?.is_some_and(|day| day <= today) {
            return Err(Error::new(Kind::Refused, "the person is of age: no parent acts for them")
                .hint("use --acting-as power_of_attorney --expires DAY"));
        }
        Ok(())
    }

    fn identity(&self, method: IdentityMethod) -> CaseEvent {
        match self.failed.clone() {
            Some(why) => CaseEvent::Unverified { method, why },
            None => CaseEvent::Verified { method },
        }
    }

    fn authority(
        &self,
        kind: AuthorityKind,
        (today, last): (NaiveDate, Option<NaiveDate>),
    ) -> Result<CaseEvent> {
        if let Some(why) = self.failed.clone() {
            return Ok(CaseEvent::Unauthorised { kind, why });
        }
        match (kind, self.expires) {
            (AuthorityKind::Itself, Some(_)) => {
                Err(Error::usage("nobody's own right has a last day").hint("leave --expires out"))
            }
            (AuthorityKind::PowerOfAttorney, None) => {
                Err(Error::usage("a power of attorney has a last day").hint("add --expires DAY"))
            }
            (_, Some(until)) if until < today => {
                let sentence = format!("the authority ended on {until}");
                Err(Error::new(Kind::Refused, sentence)
                    .hint("ask for one in force, or record it: --failed TEXT"))
            }
            (kind, until) => {
                Ok(CaseEvent::Authorised { kind, until: [until, last].into_iter().flatten().min() })
            }
        }
    }
}

/// The day the person of a case comes of age, where their birth is known.
fn of_age(view: &View<'_>, case: &CaseFile) -> Result<Option<NaiveDate>> {
    let Some(subject) = case.subject else { return Ok(None) };
    let born = match view.facts(&case.controller, subject) {
        Ok(facts) => facts.birth_date(),
        Err(error) if error.kind() == Kind::NotFound => None,
        Err(error) => return Err(error),
    };
    Ok(born.and_then(|born| born.checked_add_months(Months::new(18 * 12))))
}
