//! What the database does with rows that no step reaches: copies, history, triggers, and no transactions at all.

use super::Finding;
use crate::system::{
    engine::{Beside, Table},
    map::Collection,
};

/// One finding each, for a collection in which rows are changed or deleted.
pub fn check(collection: &Collection, table: &Table) -> Vec<Finding> {
    if !collection.is_personal() {
        return Vec::new();
    }
    table.besides.iter().map(|beside| one(&collection.name, beside)).collect()
}

fn one(name: &str, beside: &Beside) -> Finding {
    match beside {
        Beside::Trigger(trigger) => Finding::warning(
            "trigger",
            name,
            None,
            format!("the trigger `{trigger}` runs when a row of it is changed or deleted"),
            "see what it writes: an old row that it keeps is a copy, and no identifier leads to it once the step is done",
        ),
        Beside::History => Finding::warning(
            "history",
            name,
            None,
            "the database keeps every old row of it as history",
            "have its owner run `DELETE HISTORY FROM` it after each destruction: no step reaches these rows",
        ),
        Beside::Copy(view) => Finding::warning(
            "copy",
            name,
            None,
            format!("the materialized view `{view}` shows its rows as they were when it was refreshed"),
            "have its owner run `REFRESH MATERIALIZED VIEW` after each destruction: no step reaches the view",
        ),
        Beside::Loose(engine) => Finding::error(
            "no-transactions",
            name,
            None,
            format!("the storage engine `{engine}` keeps it, which has no transactions"),
            "have its owner run `ALTER TABLE … ENGINE = InnoDB`: a step that breaks off would leave half of itself",
        ),
    }
}
