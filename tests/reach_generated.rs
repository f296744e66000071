//! Other systems by dice: a rehearsal tells what the night does, a night leaves nothing for a second one, and whoever
//! leaves changes nothing of what anybody else is shown.
//!
//! `DSR_REACH=all` walks a thousand worlds, `DSR_REACH=17` the one of that number, `DSR_REACH=30..60` some.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "reach_generated/dice.rs"]
mod dice;
#[path = "reach_generated/office.rs"]
mod office;
#[path = "reach_generated/shape.rs"]
mod shape;
#[path = "reach_generated/things.rs"]
mod things;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::Stdio,
    time::{Duration, Instant},
};

use common::{plan::list, tell};
use dice::Dice;
use office::{Office, difference, office};
use serde_json::Value;
use shape::PEOPLE;

/// Worlds of the short form.
const FEW: u64 = 24;
const MANY: u64 = 1_000;

fn worlds() -> Vec<u64> {
    match std::env::var("DSR_REACH").as_deref() {
        Ok("all") => (0..MANY).collect(),
        Ok(span) if span.contains("..") => {
            let (from, to) = span.split_once("..").unwrap();
            (from.parse().unwrap()..to.parse().unwrap()).collect()
        }
        Ok(one) => vec![one.parse().unwrap()],
        Err(_) => (0..FEW).collect(),
    }
}

/// Runs every world, or one of so many; all that fail are told.
fn each(what: &str, of: usize, story: impl Fn(u64)) {
    let worlds: Vec<u64> = worlds().into_iter().step_by(of).collect();
    let failed: Vec<u64> = worlds
        .iter()
        .copied()
        .filter(|seed| catch_unwind(AssertUnwindSafe(|| story(*seed))).is_err())
        .collect();
    tell(&format!("{what}: {} worlds, {} failed", worlds.len(), failed.len()));
    assert!(failed.is_empty(), "{what}: {failed:?}");
}

/// What a night says of other systems.
fn told(answer: &Value) -> String {
    let line = |one: &Value| {
        let words = ["system", "collection", "category", "action", "rule", "until", "count"];
        words.map(|word| format!("{} ", one[word])).concat()
    };
    let mut lines: Vec<String> = list(&answer["systems"]).iter().map(line).collect();
    lines.sort();
    let parts = ["held", "held_by", "gaps", "unowned", "destroyed", "archived"];
    lines.extend(parts.map(|part| format!("{part}: {}", answer[part])));
    lines.join("\n") + "\n"
}

/// A rehearsal, the night, and a second one at the same moment.
fn converges(office: &Office, when: &str) {
    let before = office.dump();
    let planned = told(&office.night(&["--dry-run"]));
    assert!(office.dump() == before, "{}", office.about("a rehearsal changed rows"));
    let done = told(&office.night(&["--enable"]));
    let after = office.dump();
    let rows = difference(&before, &after);
    assert!(planned == done, "{}", office.about(&format!("{when}: rehearsed\n{planned}done\n{done}{rows}")));
    let again = office.night(&[]);
    let more = difference(&after, &office.dump());
    let told = told(&again);
    assert!(more.is_empty(), "{}", office.about(&format!("{when}: first\n{rows}{done}second\n{more}{told}")));
}

/// Somebody leaves. What the rehearsal planned is done, and nobody else is shown anything else.
fn departs(office: &Office, dice: &mut Dice) {
    let leaver = 1 + dice.roll(PEOPLE);
    let right = dice.pick(&["erase", "erase", "revoke"]);
    let others: Vec<usize> = (1..=PEOPLE).filter(|n| *n != leaver).collect();
    let copies: Vec<Vec<String>> = others.iter().map(|n| office.copy(*n)).collect();
    let before = office.dump();
    let asked = format!("{right} --subject account:Z-{leaver} --defer-destruction");
    let planned = office.said(office.world.does(&format!("{asked} --dry-run")), &[0, 3, 4]);
    let done = office.said(office.world.does(&asked), &[0, 3, 4]);
    let rows = difference(&before, &office.dump());
    let about =
        |what: &str| office.about(&format!("{asked}: {what}\n{rows}{}\n{}", done.stdout, done.stderr));
    if planned.code != 3 {
        let (planned, done) = (planned.json(), done.json());
        for part in ["steps", "kept"] {
            assert!(planned[part] == done[part], "{}", about(&format!("planned {}", planned[part])));
        }
    }
    for (n, copy) in others.iter().zip(&copies) {
        let now =
            office.copy(*n).into_iter().filter(|line| copy.contains(line) || !office.is_new_of(*n, line));
        let changed = difference(copy, &now.collect::<Vec<_>>());
        assert!(changed.is_empty(), "{}", about(&format!("the copy of {n} changed\n{changed}")));
    }
}

#[test]
fn whoever_leaves_changes_nothing_for_others() {
    each("departures", 1, |seed| {
        let (office, mut dice) = office(seed);
        for _ in 0..1 + dice.roll(2) {
            departs(&office, &mut dice);
        }
        converges(&office, "after departures");
    });
}

/// Runs a command, and kills it after so long.
fn killed(office: &Office, words: &str, after: Duration) {
    let mut command = office.world.command(words.split(' '));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let _ = child.kill();
    let _ = child.wait().unwrap();
}

/// The worlds of a number, one of them disturbed, end alike.
fn survives(seed: u64) {
    let ((calm, mut dice), (office, _)) = (office(seed), office(seed));
    let asked = format!(
        "erase --subject account:Z-{} --defer-destruction --identity document --yes",
        1 + dice.roll(PEOPLE)
    );
    let night = format!("purge-expired --max-share 100 --enable --batch {}", office.batch);
    let mut share = || f64::from(u32::try_from(dice.roll(1_000)).unwrap()) / 800.0;
    for (words, codes, share) in [(&asked, &[0, 3, 4][..], share()), (&night, &[0][..], share())] {
        let (begun, before) = (Instant::now(), office.cases());
        let _ = calm.said(calm.world.dsr(words.split(' ')), codes);
        killed(&office, words, begun.elapsed().mul_f64(share));
        match office.cases().into_iter().find(|number| !before.contains(number)) {
            // Where it was not killed in time nothing is left to go on with.
            Some(number) => {
                let resumed = office.world.dsr(["request", "resume", &number, "--yes"]);
                let whole = resumed.code == 2 && resumed.stderr.contains("nothing that can be resumed");
                let _ = whole || office.said(resumed, &[0, 4]).code == 0;
            }
            None => drop(office.said(office.world.dsr(words.split(' ')), codes)),
        }
        let (calm, rows) = (calm.dump(), office.dump());
        let other = difference(&calm, &rows);
        assert!(other.is_empty(), "{}", office.about(&format!("{words}, killed after {share}: {other}")));
    }
}

#[test]
fn whatever_is_killed_ends_as_if_it_were_not() {
    each("kills", 3, survives);
}

#[test]
fn a_night_ends_what_it_rehearsed() {
    each("nights", 1, |seed| converges(&office(seed).0, "at first"));
}
