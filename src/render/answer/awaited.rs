//! What a case waits for, as a row.

use serde::Serialize;

use crate::render::{Sheet, Words};

/// One thing that a case waits for.
#[derive(Clone, Serialize)]
pub struct Awaited {
    /// `obligation`, `block`, `document`, `correction`, `answer`, `hold`, `system`.
    pub on: String,
    /// Its reference, number or name.
    pub name: Option<String>,
    /// The day by which it should end, where that is known, as an ISO day.
    pub until: Option<String>,
    /// The last day the law leaves, whatever it waits for.
    pub statutory: Option<String>,
    /// The command that goes on once it has ended.
    pub next: String,
}

/// The rows in words.
pub(super) fn sheet(all: &[Awaited], words: &Words) -> Sheet {
    let titles = ["waits-for", "column-until", "waits-statutory", "column-next"].map(|key| words.say(key));
    let mut sheet = Sheet::new(titles);
    for one in all {
        let name = one.name.clone().unwrap_or_default();
        let on = words.say_with(&format!("wait-{}", one.on), &[("name", name.into())]);
        let until = one.until.as_ref().map(|day| words.iso(day)).unwrap_or_default();
        let statutory = one.statutory.as_ref().map(|day| words.iso(day)).unwrap_or_default();
        sheet.push([on, until, statutory, one.next.clone()]);
    }
    sheet
}
