//! `dsr restrict`: a block for a check, and its end.

use super::{
    Outcome,
    acting::{self, Acting},
    world::World,
};
use crate::{
    decide::lift::Finding,
    domain::{CaseNumber, Error},
    execute::order::Order,
};

const EXAMPLES: &str = "\
Examples:
  dsr restrict --subject ref:C-1 --reason 'the phone is not hers' --yes
  dsr restrict --subject ref:C-1 --lift --finding accurate --yes
";

/// Block data for a check, or end the check
///
/// A block stops use, mailing, disclosure to others, purge and destruction; never the person's own access. It
/// needs no identity. --lift takes the finding: accurate unblocks, inaccurate asks for a rectification first,
/// unlawful destroys; each is due within one working day.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Restrict {
    /// Only this category; may be repeated
    #[arg(long, value_name = "C", conflicts_with = "lift")]
    category: Vec<String>,
    /// What is disputed; without values, since it is shown to the officer only
    #[arg(long, value_name = "TEXT", required_unless_present = "lift")]
    reason: Option<String>,
    /// End the check
    #[arg(long, requires = "finding")]
    lift: bool,
    /// What the check found: accurate, inaccurate, unlawful
    #[arg(long, value_name = "FINDING", requires = "lift")]
    finding: Option<Finding>,
    /// The case that blocks [default: every block of the person]
    #[arg(long, value_name = "NO", requires = "lift")]
    case: Option<CaseNumber>,
    #[command(flatten)]
    acting: Acting,
}

impl Restrict {
    /// Runs the block or its end.
    ///
    /// # Errors
    /// As [`acting::run`].
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        if self.reason.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err(Error::usage("--reason is empty").hint("say what is disputed"));
        }
        acting::run(&self.acting, &self.order(), world)
    }

    fn order(&self) -> Order {
        match self.finding {
            Some(finding) => Order::Lift {
                finding: finding.as_str().to_owned(),
                case: self.case.as_ref().map(ToString::to_string),
                cases: Vec::new(),
            },
            None => Order::Restrict {
                categories: self.category.clone(),
                reason: self.reason.as_deref().unwrap_or_default().trim().to_owned(),
            },
        }
    }
}
