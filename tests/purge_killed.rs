//! The nightly run killed by the system at any instant: what it committed stays, and the next run finishes it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    fmt::Write,
    io::Read,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    time::Duration,
};

use common::{Run, World};
use serde_json::Value;

const DUE: u64 = 3_000;
const KILLS: u32 = 10;

fn world() -> World {
    let world = World::in_memory("automaster");
    let mut lines = String::new();
    for n in 0..DUE {
        let (person, page) = (n / 3, n % 3);
        if page == 0 {
            writeln!(lines, r#"{{"kind":"subject","ref":"C-{person}","identifiers":[]}}"#).unwrap();
        }
        writeln!(
            lines,
            r#"{{"kind":"record","ref":"R-{n}","subject":"C-{person}","category":"usage","collected_at":"2024-01-01","source":"site","given_by":"self","purposes":["analytics"],"data":{{"page":"/secret-page-{n:05}"}}}}"#
        )
        .unwrap();
    }
    let file = world.write("due.ndjson", lines);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    std::fs::remove_file(file).unwrap();
    world
}

fn purge(world: &World, more: &[&str]) -> Command {
    let usual = ["purge-expired", "--max-share", "100", "--batch", "50", "--format", "json"];
    world.command(usual.iter().chain(more))
}

fn listed(run: &Run, list: &str) -> Vec<Value> {
    run.json()[list].as_array().cloned().unwrap_or_default()
}

#[test]
fn killed_at_any_instant_and_finished_by_the_next() {
    let world = world();
    // Long enough to begin, short enough not to end: the instants spread over the batches of this machine.
    let (mut moment, mut killed) = (20, 0);
    for n in 0..KILLS {
        let mut child =
            purge(&world, &["--enable"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().unwrap();
        let mut said = String::new();
        let status = child.wait().unwrap();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(status.signal() == Some(9) || status.success(), "{status}: {said}");
        killed += u32::from(!status.success());
        moment += 37 + u64::from(n) * 11;
        let log = world.dsr(["audit", "verify", "--format", "json"]).ok();
        assert_eq!(log.json()["intact"], true, "after kill {n}");
    }
    assert!(killed > 0, "every run was over before its kill");
    let done = Run::of(&purge(&world, &["--enable"]).output().unwrap()).ok();
    let acts = world.dsr(["report", "destruction", "--format", "json"]).ok();
    let acts = listed(&acts, "acts");
    assert_eq!(acts.len(), 1, "one act covers every run that was killed: {acts:#?}\n{}", done.stdout);
    assert_eq!(acts[0]["records"], DUE, "{acts:#?}");
    assert_eq!(acts[0]["state"], "destroyed");
    let again = Run::of(&purge(&world, &[]).output().unwrap()).ok().json();
    assert_eq!(again["destroyed"], serde_json::json!({}), "nothing due is left");
    assert_eq!(again["status"], "destroyed");
    assert_eq!(world.dsr(["audit", "verify", "--format", "json"]).ok().json()["intact"], true);
    for file in world.files() {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("/secret-page-"), "{}", file.display());
    }
}
