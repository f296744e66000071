//! `docs/threats.md` is a promise: every threat of the model has a row, and every test that a row names is there.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, path::Path};

const DOCUMENT: &str = include_str!("../docs/threats.md");

/// Threats of the model, by number.
const THREATS: u32 = 65;

fn rows() -> Vec<Vec<&'static str>> {
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| ")).map(|line| line.split(" | ").collect());
    rows.filter(|row: &Vec<_>| row[0].trim_start_matches("| ").parse::<u32>().is_ok()).collect()
}

#[test]
fn every_threat_has_a_row() {
    let numbers: BTreeSet<u32> =
        rows().iter().map(|row| row[0].trim_start_matches("| ").parse().unwrap()).collect();
    assert_eq!(numbers, (1..=THREATS).collect());
    assert_eq!(rows().len(), numbers.len(), "and one only");
}

#[test]
fn every_test_that_a_row_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_there = |name: &str| {
        let module = name.replace("::", "/");
        let places = [
            format!("tests/{name}.rs"),
            format!("tests/{name}"),
            format!("src/{module}.rs"),
            format!("src/{module}/mod.rs"),
        ];
        places.iter().any(|place| root.join(place).exists())
    };
    let mut named = 0;
    for row in rows() {
        let (what, shown) = (row[2], row[3]);
        let names = shown
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| word.len() > 2 && word.chars().all(is_of_a_name));
        let names: Vec<&str> = names.filter(|word| *word != "LD_PRELOAD").collect();
        let lost: Vec<&&str> = names.iter().filter(|name| !is_there(name)).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", row[0]);
        let silent = what.contains("Not handled") || what.contains("no archive");
        assert!(!names.is_empty() || silent, "{}: neither a test nor a reason", row[0]);
        named += names.len();
    }
    assert!(named > 80);
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_lowercase() || matches!(c, '_' | ':' | '.')
}
