//! The least rights that a map needs, as statements for the owner of the database.

use std::{collections::BTreeSet, fmt::Write};

use super::{
    map::{Collection, Strategy},
    set::System,
};
use crate::policy::places::PlaceKind;

/// Statements, or what to do where a kind has none.
pub fn grants(system: &System, role: &str) -> String {
    let quote: fn(&str) -> String = match system.place.kind {
        PlaceKind::Postgres => |name| format!("\"{}\"", name.replace('"', "\"\"")),
        PlaceKind::Mysql => |name| format!("`{}`", name.replace('`', "``")),
        _ => return files(system),
    };
    let head = match system.place.kind {
        PlaceKind::Postgres => postgres(system, &quote(role), quote),
        _ => mysql(&role.replace('\'', "")),
    };
    let to = match system.place.kind {
        PlaceKind::Postgres => quote(role),
        _ => format!("'{}'@'localhost'", role.replace('\'', "")),
    };
    let mut text = head;
    for collection in system.map.collections.iter().filter(|one| !one.skip) {
        table(&mut text, collection, system.place.kind, &to, quote);
    }
    text
}

fn files(system: &System) -> String {
    let file = system.place.file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let name = &system.name;
    format!(
        "-- {name}: a {} has no rights of its own. The user who runs dsr has to be able to read and write\n\
         -- {file} and its directory, and nobody else needs to.\n",
        if system.place.kind == PlaceKind::Csv { "folder of CSV files" } else { "SQLite file" }
    )
}

fn postgres(system: &System, role: &str, quote: fn(&str) -> String) -> String {
    let schemas: BTreeSet<&str> = system
        .map
        .collections
        .iter()
        .map(|one| one.name.rsplit_once('.').map_or("public", |(schema, _)| schema))
        .collect();
    let mut text = format!(
        "-- What dsr needs in `{}`, and nothing else. Run it in that database, as its owner.\n\
         CREATE ROLE {role} LOGIN;  -- then \\password {role}, and the URL goes where dsr.yaml says\n",
        system.name
    );
    for schema in schemas {
        let _ = writeln!(text, "GRANT USAGE ON SCHEMA {} TO {role};", quote(schema));
    }
    text
}

fn mysql(role: &str) -> String {
    format!(
        "-- What dsr needs, and nothing else. Run it in that database, as its owner.\n\
         CREATE USER '{role}'@'localhost' IDENTIFIED BY 'a long random password';\n"
    )
}

fn table(text: &mut String, collection: &Collection, kind: PlaceKind, to: &str, quote: fn(&str) -> String) {
    let name = collection.name.split('.').map(quote).collect::<Vec<_>>().join(".");
    let list = |columns: BTreeSet<&str>| columns.into_iter().map(quote).collect::<Vec<_>>().join(", ");
    // MySQL shows a column to those alone who have a right to it: a new one has to be seen to be missed.
    let select = match kind {
        PlaceKind::Postgres => format!(" ({})", list(read(collection))),
        _ => String::new(),
    };
    let _ = writeln!(text, "GRANT SELECT{select} ON {name} TO {to};");
    let mut written = written(collection);
    let deletes = collection.erase == Some(Strategy::Delete);
    if deletes {
        let _ = writeln!(text, "GRANT DELETE ON {name} TO {to};");
    }
    let mut why = "";
    if deletes && written.is_empty() && kind == PlaceKind::Postgres {
        // PostgreSQL locks a row for those alone who may write a column of it.
        written.extend(collection.key().first().copied());
        why = "  -- to lock rows; nothing is written here";
    }
    if !written.is_empty() {
        let _ = writeln!(text, "GRANT UPDATE ({}) ON {name} TO {to};{why}", list(written));
    }
}

fn read(collection: &Collection) -> BTreeSet<&str> {
    let used = collection
        .fields
        .iter()
        .filter(|field| !field.not_personal || collection.meaning.columns().contains(&field.name.as_str()));
    used.map(|field| field.column.as_str()).collect()
}

/// Masked, corrected, flagged, blanked.
fn written(collection: &Collection) -> BTreeSet<&str> {
    let data = collection.fields.iter().filter(|field| {
        let is_kept = field.read_only || field.generated || field.primary_key;
        field.category.is_some() && !is_kept && field.references.is_empty()
    });
    let links = collection.fields.iter().flat_map(|field| &field.references);
    let mut columns: BTreeSet<&str> = data.map(|field| field.column.as_str()).collect();
    columns.extend(links.flat_map(|link| &link.blank).map(String::as_str));
    columns.extend(collection.meaning.restriction.iter().map(|flag| flag.column.as_str()));
    columns.extend(collection.meaning.consent.iter().filter_map(|consent| consent.withdrawn_at.as_deref()));
    columns
}
