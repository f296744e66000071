//! `dsr revoke`: withdrawal of consent.

use super::{
    Outcome,
    acting::{self, Acting},
    world::World,
};
use crate::{domain::Scope, execute::order::Order};

const EXAMPLES: &str = "\
Examples:
  dsr revoke --subject iin:900101499994 --identity document --dry-run
  dsr revoke --subject ref:C-2 --channel courier --identity document --yes
  dsr revoke --subject ref:A-10 --controller automaster --scope promotion
";

/// Withdraw consent
///
/// What rests on consent ends at once; what an open deal needs waits for its end and is named; what a law
/// demands is archived to its day. Without --purpose or --scope everything is withdrawn. The case opens again
/// by itself when an obligation it waits for is closed.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Revoke {
    /// Only this purpose, with everything under it; may be repeated
    #[arg(long, value_name = "P")]
    purpose: Vec<String>,
    /// Only this scope: processing, promotion, cookie, biometric, third_party, cross_border, publication
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<Scope>,
    #[command(flatten)]
    acting: Acting,
}

impl Revoke {
    /// Runs the withdrawal.
    ///
    /// # Errors
    /// As [`acting::run`].
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let scopes = self.scope.iter().map(|scope| scope.as_str().to_owned()).collect();
        let order = Order::Revoke { purposes: self.purpose.clone(), scopes };
        acting::run(&self.acting, &order, world)
    }
}
