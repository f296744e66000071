//! Acting on a person's data: decide, show, ask, then decide again and do it in one transaction.
//!
//! The plan that was shown and the plan that is carried out have one digest, or nothing is done (exit 5).
//! Effects, case and audit entry commit together; the bytes are destroyed and proved after that.

use super::{apply, cases::Receipt, context::Context, order::Order, reach::Remote};
pub use super::{
    decided::{Decided, Second},
    judge::{decide, decide_everywhere},
};
use crate::{
    calendar::Calendar,
    domain::{Action, CaseNumber, Category, Error, Kind, Result, Selector, Step},
    policy::{Rulebook, places::Places},
    store::{
        CaseFile, KeyFile, Store,
        destroy::{Needles, Sanitised},
    },
};

/// One request to act.
pub struct Request<'a> {
    /// What is asked.
    pub order: &'a Order,
    /// Whom it is about.
    pub who: &'a Selector,
    /// How it came.
    pub receipt: &'a Receipt,
    /// Whether the byte work is left to another command.
    pub defers: bool,
}

/// The rules a decision needs.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Policy and law.
    pub rulebook: &'a Rulebook,
    /// The calendar.
    pub calendar: &'a Calendar,
    /// Systems that people keep.
    pub places: &'a Places,
    /// Categories whose erasure needs a second person.
    pub second: &'a [Category],
    /// The key file; its absence is an error only where a mark has to be made.
    pub key: Option<&'a KeyFile>,
}

/// What was done.
pub struct Done {
    /// The decision that was carried out.
    pub decided: Decided,
    /// The case as it now stands.
    pub case: CaseFile,
    /// Number of the act of destruction, where something was destroyed.
    pub act: Option<String>,
    /// What was destroyed, to be looked for.
    pub needles: Needles,
    /// Cases that this opened again.
    pub reopened: Vec<CaseNumber>,
    /// Whether steps in other systems were written down, to be tried now.
    pub elsewhere: bool,
}

/// Carries out what was shown: decides again under the lock, and does nothing if it came out otherwise.
///
/// # Errors
/// Stale (exit 5); the kinds of the store; nothing is half-done.
pub fn carry_out(
    store: &mut Store,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    shown: [u8; 32],
) -> Result<Done> {
    carry_out_everywhere(store, context, rules, request, None, shown)
}

/// The same with what other systems were found to hold since it was shown; what is done there is written down
/// and not yet tried.
///
/// # Errors
/// As [`carry_out`].
pub fn carry_out_everywhere(
    store: &mut Store,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    remote: Option<&Remote>,
    shown: [u8; 32],
) -> Result<Done> {
    store.transact(|tx| {
        let decided = decide_everywhere(tx, context, rules, request, remote)?;
        if decided.digest != shown {
            return Err(stale());
        }
        // A damaged index hides people too: nobody is told that nothing is held before it was read.
        let ends = |step: &Step| matches!(step.action, Action::Destroy | Action::Rectify);
        match &decided.facts {
            None => tx.sound()?,
            Some(_) if !decided.plan.steps.iter().any(ends) => {}
            Some(_) if request.defers => tx.sound_if_small()?,
            Some(facts) => tx.sound_for(facts.subject)?,
        }
        // Also where only other systems hold something: what is destroyed there ends in a mark here.
        if decided.plan.steps.iter().any(ends) {
            tx.ledger_stands()?;
        }
        apply::everywhere(tx, context, rules, request, remote, decided)
    })
}

/// The answer to a plan that does not fit any more.
pub fn stale() -> Error {
    Error::new(Kind::Ambiguous, "the plan went stale: the data or the policy changed since it was shown")
        .hint("nothing was done; look at the plan again with --dry-run")
}

/// Destroys the bytes of what was deleted, proves it, and writes the entry that says so.
///
/// # Errors
/// Exit 8 where bytes may remain; the act stays pending and `dsr sanitize` finishes it.
pub fn destroy(store: &mut Store, context: &Context, needles: Option<&Needles>) -> Result<Sanitised> {
    store.sanitise(needles, context.now, |tx, report, acts| apply::destroyed(tx, context, report, acts))
}
