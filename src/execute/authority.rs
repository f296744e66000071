//! Who asks through somebody else is recognised only once that somebody's authority was checked.

use super::cases::Receipt;
use crate::{
    decide::authority::{Authority, is_alone, standing},
    domain::{IdentityMethod, Moment, Result},
    store::{CaseFile, View},
};

/// The case as an answer may take it: without its identity where a representative's authority was not checked, or has
/// ended, and without the representative where the person goes on alone. `named`: one is named beside the case.
///
/// # Errors
/// As any read.
pub fn seen(view: &View<'_>, case: CaseFile, named: bool, now: Moment) -> Result<CaseFile> {
    if case.identity.is_none() {
        return Ok(case);
    }
    let history = view.case_history(&case.number)?;
    let events = || history.iter().map(|entry| &entry.event);
    let checked = match standing(events(), now.day()) {
        Authority::InForce => true,
        Authority::Ended(_) => false,
        Authority::Unchecked => !named && case.representative.is_none(),
    };
    let representative = case.representative.filter(|_| !is_alone(events()));
    Ok(CaseFile { identity: case.identity.filter(|_| checked), representative, ..case })
}

/// How a request that acts was confirmed, in its case or with the command.
///
/// # Errors
/// As any read.
pub fn identity(
    view: &View<'_>,
    receipt: &Receipt,
    case: Option<&CaseFile>,
    now: Moment,
) -> Result<Option<IdentityMethod>> {
    let named = receipt.representative.is_some();
    let Some(case) = case else { return Ok(receipt.identity.filter(|_| !named)) };
    let confirmed = CaseFile { identity: receipt.identity.or(case.identity), ..case.clone() };
    Ok(seen(view, confirmed, named, now)?.identity)
}
