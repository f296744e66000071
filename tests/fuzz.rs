//! Mutated input to everything that reads what others wrote: policies, imports, selectors, proofs, restored files.
//!
//! It must end, without a panic, and with an error of its own or a value that makes sense. Each target takes
//! `DSR_FUZZ` inputs (a few hundred by default; `DSR_FUZZ=1000000 cargo test --release --test fuzz` is the long form),
//! from the fixtures and from `fixtures/fuzz/<target>/`, where whatever once failed is kept. `DSR_FUZZ_SEED` starts it
//! elsewhere. No engine with coverage: this runs on a stable compiler and finds what a hand that slips finds.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "fuzz/mutate.rs"]
mod mutate;
#[path = "fuzz/targets.rs"]
mod targets;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::{Duration, Instant},
};

use mutate::Mutator;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The inputs that are kept for a target, its seeds first.
fn corpus(target: &str, mut seeds: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(kept).into_iter().flatten().map(|file| file.unwrap().path()).collect();
    files.sort();
    seeds.extend(files.iter().map(|file| std::fs::read(file).unwrap()));
    assert!(!seeds.is_empty());
    seeds
}

/// Feeds a target: first its corpus as it is, then mutations of it.
fn feed(target: &str, usual: u64, seeds: Vec<Vec<u8>>, mut eat: impl FnMut(&[u8])) {
    let corpus = corpus(target, seeds);
    let (seed, many) = (setting("DSR_FUZZ_SEED", 1), setting("DSR_FUZZ", usual));
    let mut mutator = Mutator::new(seed, &corpus);
    let mut slowest = Duration::ZERO;
    for nth in 0..many.max(corpus.len() as u64) {
        let input = match corpus.get(usize::try_from(nth).unwrap()) {
            Some(kept) => kept.clone(),
            None => mutator.next(),
        };
        let begun = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| eat(&input))).is_err() {
            let place = std::env::temp_dir().join(format!("dsr-fuzz-{target}-{seed}-{nth}"));
            std::fs::write(&place, &input).unwrap();
            panic!("{target}: input {nth} of seed {seed} fails; it is kept in {}", place.display());
        }
        slowest = slowest.max(begun.elapsed());
    }
    common::tell(&format!("{target}: {many} inputs, the slowest {} ms", slowest.as_millis()));
}

/// What is kept is fed: a directory of another name would stand there for nothing.
#[test]
fn every_kept_input_has_a_target() {
    let targets =
        ["policy", "statute", "officer", "line", "import", "selector", "proof", "restored", "beside"];
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let found: Vec<String> = std::fs::read_dir(&kept).unwrap().map(name).collect();
    assert!(found.iter().all(|name| targets.contains(&name.as_str())), "{found:?}");
    for target in targets {
        let known = corpus(target, Vec::new());
        let bytes: usize = known.iter().map(Vec::len).sum();
        assert!(bytes < 40_000, "{target}: {bytes} bytes are no small corpus");
    }
}

fn fixtures(names: &[&str]) -> Vec<Vec<u8>> {
    names.iter().map(|name| std::fs::read(common::fixture(name)).unwrap()).collect()
}

/// The lines of a file, each a seed of its own.
fn lines(name: &str) -> Vec<Vec<u8>> {
    let text = std::fs::read(common::fixture(name)).unwrap();
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

#[test]
fn policies() {
    feed("policy", 150, fixtures(&["other-laws/garage.yaml", "other-laws/shop.yaml"]), targets::policy);
}

#[test]
fn statutes_and_cases() {
    let seeds =
        fixtures(&["other-laws/gdpr.yaml", "other-laws/california.yaml", "other-laws/garage.cases.yaml"]);
    feed("statute", 150, seeds, targets::statute);
}

#[test]
fn officers_files() {
    let seeds = vec![dsr::policy::officer::TEMPLATE.into(), include_bytes!("letters/dsr.yaml").to_vec()];
    feed("officer", 300, seeds, targets::officer);
}

#[test]
fn lines_of_an_import() {
    feed("line", 2_000, lines("mycar.ndjson"), targets::line);
}

#[test]
fn whole_imports() {
    let mut bench = targets::Bench::new();
    let seeds = [fixtures(&["mycar-later.ndjson"]), sheets()].concat();
    feed("import", 200, seeds, |input| bench.import(input));
}

fn sheets() -> Vec<Vec<u8>> {
    let kinds = ["subject", "record", "consent", "obligation"];
    let sheet = |kind: &str| {
        let text = std::fs::read_to_string(common::fixture(&format!("csv/comma/{kind}.csv"))).unwrap();
        let lines = text.trim_start_matches('\u{feff}').lines();
        let with = |(nth, line): (usize, &str)| {
            if nth == 0 { format!("kind,{line}\n") } else { format!("{kind},{line}\n") }
        };
        lines.enumerate().map(with).collect::<String>().into_bytes()
    };
    kinds.map(sheet).to_vec()
}

#[test]
fn selectors_and_dates() {
    let words = [
        "iin:900101399998",
        "phone:8 (701) 000-00-01",
        "email:a@b.example",
        "vin:LGWEF4A5000000001",
        "name:Ёлкин",
        "id:0123456789abcdef0123456789abcdef",
        "ref:C-1",
        "plate:001ABC02",
        "account:MC-1",
        "+7 701 000 00 01",
        "2026-11-22T10:00:00+05:00",
        "2024-02-29 23:30",
        "29.02.2024",
        "01.03.2024 00:30:00",
    ];
    feed("selector", 5_000, words.map(|word| word.as_bytes().to_vec()).to_vec(), targets::selector);
}

#[test]
fn proofs_and_heads() {
    let sound = targets::Sound::new();
    let seeds = sound.seeds();
    feed("proof", 1_500, seeds, |input| sound.check(input));
}

#[test]
fn restored_files() {
    let place = targets::Place::new();
    let seeds = place.seeds();
    feed("restored", 150, seeds, |input| place.open(input));
}

#[test]
fn ledgers_manifests_and_plans() {
    let place = targets::Place::new();
    let seeds = place.beside();
    feed("beside", 600, seeds, |input| place.read_beside(input));
}
