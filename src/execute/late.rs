//! Requests that are entered when it is too late already.

use super::cases::Receipt;
use crate::domain::{Deadline, Error, Moment, Result};

/// A request whose term has passed on the day it is entered needs its reason, however short the term was. What is due at
/// the instant of its receipt, a block, is late by nature, and its answer has a term of its own.
///
/// # Errors
/// Usage (exit 2).
pub fn in_time(due: &Deadline, receipt: &Receipt, now: Moment) -> Result<()> {
    let passed = due.due.filter(|day| due.due_at.is_none() && *day < now.day());
    match passed.filter(|_| receipt.received.is_some() && receipt.late.is_none()) {
        Some(day) => {
            Err(Error::usage(format!("the term of this request passed on {day}, before it is entered"))
                .hint("say why it is registered only now: --late-reason TEXT"))
        }
        None => Ok(()),
    }
}
