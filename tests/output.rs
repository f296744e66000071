//! `docs/output.md` is a promise: every schema the program can write stands there, and every list has
//! exactly the columns and members that it says.
#![expect(clippy::panic, reason = "a test may panic")]

mod common;
#[path = "tidy/source.rs"]
#[expect(dead_code, reason = "the house rules use the rest")]
mod source;

use std::{collections::BTreeSet, path::Path};

use common::World;
use source::{Source, literals};

const DOCUMENT: &str = include_str!("../docs/output.md");

/// Every list and a command that writes it.
const LISTS: &[(&str, &str)] = &[
    ("find", "find ref:C-1"),
    ("subject", "subject show ref:C-1"),
    ("requests", "request list --all"),
    ("report-register", "report register"),
    ("report-deadlines", "report deadlines"),
    ("report-inventory", "report inventory"),
    ("report-retention", "report retention"),
    ("report-forecast", "report retention --forecast"),
    ("report-destruction", "report destruction"),
    ("report-disclosures", "report disclosures"),
    ("report-consents", "report consents"),
    ("report-suppression", "report suppression"),
    ("report-compliance", "report compliance"),
    ("audit-verify", "audit verify"),
    ("audit-list", "audit list"),
    ("audit-head", "audit head"),
    ("audit-keys", "audit key show"),
    ("audit-prove", "audit prove 1"),
    ("audit-proof", "audit verify --proof receipt.tlog-proof"),
    ("holds", "hold list"),
    ("consents", "consent list"),
    ("suppressions", "suppress list"),
    ("sanitize", "sanitize"),
    ("doctor", "doctor"),
    ("policy-coverage", "policy coverage --controller mycar"),
    ("policy-check", "policy check"),
    ("map-check", "map check --config notes-systems.yaml"),
    ("policy-explain", "policy explain KZ-8.7 --controller mycar"),
    ("policy-diff", "policy diff mycar automaster"),
    ("policy-versions", "policy versions --controller mycar"),
    ("policy-show", "policy show --controller mycar"),
    ("policy-test", "policy test"),
    ("version", "version"),
];

/// Every other answer and a command that writes it.
const ANSWERS: &[(&str, &str)] = &[
    ("access", "access --subject ref:C-1"),
    ("export", "export --subject ref:C-1"),
    ("disclosure", "export --subject ref:C-1 --for third-party --recipient Insurer --purpose service"),
    ("deadline", "deadline --right revoke --received 2026-03-20"),
    ("request", "request show 2026-000001"),
    ("act", "report destruction --act A-2026-000001"),
    ("status", "status"),
    ("letter", "request letter 2026-000002"),
    ("plan", "revoke --subject ref:C-1 --identity document --dry-run"),
    ("purge-expired", "purge-expired --dry-run"),
];

/// A folder of CSV files with nothing to mend in it but a guess.
const NOTES: &str =
    "controllers: {mycar: {systems: {notes: {kind: csv, owner: IT, file: ., map: notes.yaml}}}}";
const NOTES_MAP: &str = "dataset: [{fides_key: notes, collections: [{name: notes, fields: [
    {name: id, fides_meta: {primary_key: true}}, {name: email, fides_meta: {identity: phone_number}},
    {name: mood, dsr_meta: {not_personal: true}}]}]}]";

fn world() -> World {
    let world = World::with_fixtures();
    let _ = world.dsr(["request", "open", "--right", "access", "--subject", "ref:C-1"]).ok();
    let _ = world.dsr(["object", "--subject", "ref:C-5", "--purpose", "promotion", "--yes"]).ok();
    let _ = world.dsr(["erase", "--subject", "ref:C-7", "--identity", "document", "--yes"]).ok();
    let _ = world.dsr(["hold", "add", "--subject", "ref:C-17", "--basis", "order 2-1234"]).ok();
    let _ = world.dsr(["audit", "prove", "2", "--out", "receipt.tlog-proof"]).ok();
    let _ = world.write("notes.csv", "id,email,mood\n1,a@b.example,good\n");
    let _ = world.write("notes.yaml", NOTES_MAP);
    let _ = world.write("notes-systems.yaml", NOTES);
    world
}

fn run(world: &World, command: &str, format: &str) -> String {
    world.dsr(command.split(' ').chain(["--format", format])).ok().stdout
}

fn keys(value: &serde_json::Value) -> BTreeSet<String> {
    value.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The row of a list: its list, columns and members.
fn row(schema: &str) -> (String, Vec<String>, Vec<String>) {
    let start = format!("| `dsr/{schema}/v1` |");
    let line = DOCUMENT.lines().find(|line| line.starts_with(&start));
    let Some(line) = line else { panic!("docs/output.md has no row for {schema}") };
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let columns = match cells[3].strip_prefix("as `dsr/") {
        Some(other) => row(other.split('/').next().unwrap_or_default()).1,
        None => without_brackets(cells[3]),
    };
    (quoted(cells[2]).concat(), columns, quoted(cells[4]))
}

/// The names, without the words that a bracket lists for one of them.
fn without_brackets(cell: &str) -> Vec<String> {
    let outside = cell.split('(').enumerate().map(|(n, part)| match n {
        0 => part,
        _ => part.split_once(')').map_or("", |(_, rest)| rest),
    });
    quoted(&outside.collect::<String>())
}

#[test]
fn every_schema_in_the_source_is_documented_and_tried() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for file in Source::under(&src) {
        let texts = literals(&file.text, &file.code);
        found.extend(
            texts
                .iter()
                .filter(|(_, text)| text.starts_with("dsr/") && text.ends_with("/v1"))
                .map(|(_, text)| text.to_string()),
        );
    }
    assert!(found.len() > 25, "{found:?}");
    for schema in &found {
        assert!(DOCUMENT.contains(&format!("`{schema}`")), "docs/output.md lacks {schema}");
    }
    let tried = LISTS.iter().chain(ANSWERS).map(|(name, _)| format!("dsr/{name}/v1"));
    let elsewhere = [
        "audit-prove-record",
        "backup",
        "backup-made",
        "elsewhere",
        "error",
        "import",
        "plan-file",
        "purge-plan",
        "restore",
        "scrub",
    ]
    .map(|name| format!("dsr/{name}/v1"));
    assert_eq!(found, tried.chain(elsewhere).collect());
}

#[test]
fn every_list_has_the_columns_and_members_it_promises() {
    let world = world();
    for (schema, command) in LISTS {
        let (list, columns, members) = row(schema);
        let json: serde_json::Value = serde_json::from_str(&run(&world, command, "json")).unwrap_or_default();
        let mut expected: BTreeSet<String> =
            members.into_iter().chain([list.clone(), "schema".into()]).collect();
        expected.extend(json.get("drill").map(|_| "drill".to_owned()));
        assert_eq!(keys(&json), expected, "{command}");
        let items = json[&list].as_array().cloned().unwrap_or_default();
        let csv = run(&world, command, "csv");
        let header: Vec<String> =
            csv.lines().next().unwrap_or_default().split(',').map(|cell| cell.replace('"', "")).collect();
        assert_eq!(header, columns, "{command}");
        assert_eq!(csv.lines().count(), items.len() + 1, "{command}");
        for item in items {
            assert_eq!(keys(&item), columns.iter().cloned().collect(), "{command}");
        }
    }
}

#[test]
fn every_key_of_an_answer_is_explained() {
    let world = world();
    for (schema, command) in ANSWERS {
        let title = DOCUMENT
            .lines()
            .position(|line| line.starts_with("## ") && line.contains(&format!("`dsr/{schema}/v1`")));
        let Some(title) = title else { panic!("docs/output.md has no section for {schema}") };
        let section = DOCUMENT.lines().skip(title + 1).take_while(|line| !line.starts_with("## "));
        let words = quoted(&section.collect::<Vec<_>>().join("\n"));
        let names = |word: &String| word.split(['.', '[', '{']).next().unwrap_or_default().to_owned();
        let named: BTreeSet<String> = words.iter().map(names).collect();
        let json: serde_json::Value = serde_json::from_str(&run(&world, command, "json")).unwrap_or_default();
        let open = keys(&json).into_iter().filter(|key| key != "schema" && key != "drill");
        let missing: Vec<String> = open.filter(|key| !named.contains(key)).collect();
        assert!(missing.is_empty(), "{command}: docs/output.md does not explain {missing:?}");
        let records = json["records"].as_array().cloned().unwrap_or_default();
        for key in records.iter().flat_map(keys) {
            assert!(named.contains(&key), "{command}: docs/output.md does not explain `records[].{key}`");
        }
    }
}
