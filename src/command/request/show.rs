//! `dsr request show`: one request, its history, and the command to type next.

use super::{of_the_chosen, show};
use crate::{
    command::{Outcome, world::World},
    domain::{CaseNumber, CaseState, Error, Kind, Result, Right},
    store::{CaseFile, Mode, View},
};

/// Show one request and everything that happened to it
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request show 2026-000001\n")]
pub struct Show {
    /// The case number, or the tracking number of the letter
    number: String,
}

impl Show {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let chosen = world.named_controller()?;
        let case = store.read(|view| match self.number.parse::<CaseNumber>() {
            Ok(number) => of_the_chosen(view.case(&number)?, chosen.as_deref()),
            Err(_) => tracked(view, &self.number, chosen.as_deref()),
        })?;
        show(world, &mut store, case)
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

/// The command worth typing next for a case; `resumes`: it was carried out in part before.
pub fn next(case: &CaseFile, resumes: bool) -> Option<String> {
    use CaseState as S;
    let number = &case.number;
    let who = case.subject.map_or_else(|| "SEL".into(), |id| format!("id:{id}"));
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
