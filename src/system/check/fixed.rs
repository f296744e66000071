//! Whether a column can hold a text that a map says: what a server would refuse later is refused before.

use super::{
    Finding,
    kind::{Live, is_chosen, live},
};
use crate::system::{
    engine::{Column, Table, instant},
    map::{Collection, Strategy, misfit},
};

/// Why the column cannot be given this text; `None` = it can.
pub fn refuses(column: &Column, text: &str) -> Option<String> {
    match live(&column.kind) {
        Live::Choice => {
            (!is_chosen(&column.kind, text)).then(|| "the text is no member of the column's list".into())
        }
        Live::Time => (!is_time(&column.kind, text)).then(|| "the text is no date".into()),
        other => misfit(&Strategy::Fixed(text.into()), Some(other.data_type()), column.length),
    }
}

/// A number of seconds is read as a time, but a column of times takes none.
fn is_time(kind: &str, text: &str) -> bool {
    if kind.to_lowercase().starts_with("year") {
        return text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    }
    text.contains('-') && instant(text).is_some()
}

/// What a block and its end write stands in the column that the map names for it.
pub fn flags(collection: &Collection, table: &Table) -> Vec<Finding> {
    let Some(flag) = &collection.meaning.restriction else { return Vec::new() };
    let Some(column) = table.columns.iter().find(|column| column.name == flag.column) else {
        return Vec::new();
    };
    let (name, kind) = (&column.name, &column.kind);
    let blocked = unflaggable(table, column, Some(&flag.blocked))
        .map(|why| format!("a block cannot write into `{name}` ({kind}): {why}"));
    let free = unflaggable(table, column, flag.free.as_deref())
        .map(|why| format!("the end of a block cannot write into `{name}` ({kind}): {why}"));
    let finding = |message| {
        let hint = "say values in `restriction` that the column takes, or name another column";
        Finding::error("restriction", &collection.name, Some(name), message, hint)
    };
    blocked.into_iter().chain(free).map(finding).collect()
}

/// Of forms of its own the database alone knows what they take.
fn unflaggable(table: &Table, column: &Column, text: Option<&str>) -> Option<String> {
    if column.generated {
        return Some("the database computes it".into());
    }
    if table.key.contains(&column.name) {
        return Some("it is part of the key of the table".into());
    }
    let Some(text) = text else {
        return (!column.nullable).then(|| "it must not be empty".into());
    };
    match live(&column.kind) {
        Live::Other => None,
        Live::Object => {
            let is_json = serde_json::from_str::<serde_json::Value>(text).is_ok();
            (!is_json).then(|| "the text is no JSON".into())
        }
        _ => refuses(column, text),
    }
}
