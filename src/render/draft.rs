//! A drafted map as YAML with remarks: for a person to go through.

use std::fmt::Write;

use crate::{
    domain::IdentifierType,
    system::scan::{Drafted, DraftedColumn},
};

/// The whole file.
pub fn yaml(system: &str, controller: &str, tables: &[Drafted]) -> String {
    let key = word(&system.replace('-', "_"));
    let mut text = format!(
        "# Drafted from the database of `{system}` as it stands. Before it is used, somebody who knows the data goes through it:\n\
         # every column has a category or `dsr_meta: {{ not_personal: true }}`; `look` marks what could not be guessed;\n\
         # each collection says under dsr_meta which of {controller}'s categories it is and which column its age counts from.\n\
         # Then: dsr map check {system}\n\
         dataset:\n  - fides_key: {key}\n    name: {}\n    collections:\n",
        word(system)
    );
    for table in tables {
        one(&mut text, &key, table);
    }
    text
}

fn one(text: &mut String, dataset: &str, table: &Drafted) {
    let _ = writeln!(text, "      - name: {}", word(&table.name));
    if table.unread {
        text.push_str("        # its rows may not be read by this user: guessed by names alone\n");
    }
    if let Some(start) = table.columns.iter().find(|column| column.is_start) {
        let _ = writeln!(text, "        dsr_meta: {{ collected_at: {} }}", word(&start.name));
    }
    text.push_str("        fields:\n");
    for column in &table.columns {
        field(text, dataset, column);
    }
    text.push('\n');
}

fn field(text: &mut String, dataset: &str, column: &DraftedColumn) {
    let mut parts = vec![format!("name: {}", word(&column.name))];
    if let Some(guess) = column.guess.as_ref().filter(|_| column.reference.is_none()) {
        parts.push(format!("data_categories: [{}]", guess.category));
    }
    let meta = meta(dataset, column);
    if !meta.is_empty() {
        parts.push(format!("fides_meta: {{ {} }}", meta.join(", ")));
    }
    if let Some(kind) = column.identity().filter(|kind| fides_identity(*kind).is_none()) {
        parts.push(format!("dsr_meta: {{ identity: {kind} }}"));
    }
    let _ = writeln!(text, "          - {{ {} }}{}", parts.join(", "), remark(column));
}

fn meta(dataset: &str, column: &DraftedColumn) -> Vec<String> {
    let mut meta = Vec::new();
    if column.key {
        meta.push("primary_key: true".to_owned());
    }
    if column.generated {
        meta.push("read_only: true".to_owned());
    }
    if let Some((table, other)) = &column.reference {
        let field = word(&format!("{table}.{other}"));
        meta.push(format!("references: [{{ dataset: {dataset}, field: {field}, direction: from }}]"));
    }
    meta.extend(column.identity().and_then(fides_identity).map(|word| format!("identity: {word}")));
    meta.extend(column.data_type.map(|word| format!("data_type: {word}")));
    meta.extend(column.length.map(|length| format!("length: {length}")));
    meta
}

/// The identities that other programs know too.
fn fides_identity(kind: IdentifierType) -> Option<&'static str> {
    match kind {
        IdentifierType::Email => Some("email"),
        IdentifierType::Phone => Some("phone_number"),
        _ => None,
    }
}

fn remark(column: &DraftedColumn) -> String {
    if let Some(why) = &column.doubt {
        return format!("  # look: {}", guarded(why));
    }
    match &column.guess {
        Some(guess) if column.reference.is_none() => format!("  # {}", guess.because),
        _ if column.is_open() => format!("  # look: {}", guarded(&column.kind)),
        _ => String::new(),
    }
}

/// A type's word comes from the database: one line, and nothing that ends a remark.
fn guarded(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Quoted where YAML would read something else.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let sound = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(plain)
        && !reserved.contains(&text.to_lowercase().as_str());
    if sound { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
