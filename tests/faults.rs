//! Whatever breaks: every command that writes, struck at its writes, its log of calls played as power cuts, and the
//! store reopened. Nothing is lost, nothing is half-applied, nothing acknowledged is undone, no act says *destroyed*
//! while bytes are left, and no exit code says that something is done that is not.
//!
//! The short form takes a sample of the places, another one with each `DSR_FAULTS_SEED`; `DSR_FAULTS=all` takes them
//! all, many times over. A shim between
//! the program and the C library (`tests/faults/shim.c`) counts the calls, fails them and keeps their log.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "faults/power.rs"]
mod power;
#[path = "faults/prepared.rs"]
mod prepared;
#[path = "faults/scenes.rs"]
mod scenes;
#[path = "faults/shim.rs"]
mod shim;
#[path = "faults/state.rs"]
mod state;

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use clap::CommandFactory;
use common::World;
use dsr::command::cli::Cli;
use power::{Dice, Disk, Survives};
use prepared::Prepared;
use scenes::{READERS, SAULE, SCENES, Start, TOURS};
use shim::{FAULTS, Fault, Op, shim, under};
use state::{NOTHING, State, reopen, residue, tree};

/// Whether every place is taken.
fn whole() -> bool {
    std::env::var("DSR_FAULTS").as_deref() == Ok("all")
}

/// Numbers from 1 to `last`: all of them, or about so many, another choice for each seed.
fn sample(last: usize, many: usize, seed: u64) -> Vec<usize> {
    // `DSR_FAULTS_AT` takes one place alone, to look into it.
    if let Some(at) = std::env::var("DSR_FAULTS_AT").ok().and_then(|text| text.parse::<usize>().ok()) {
        return (1..=last).filter(|one| *one == at).collect();
    }
    if whole() || last <= many {
        return (1..=last).collect();
    }
    let other = std::env::var("DSR_FAULTS_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0_u64);
    let mut dice = Dice(seed.wrapping_add(other.wrapping_mul(1_000_003)));
    let step = last as u64 / many as u64;
    (0..many as u64).map(|n| usize::try_from(n * step + dice.roll(step)).unwrap() + 1).collect()
}

/// A new command cannot be forgotten: it has a scene here, or is said to write nothing.
#[test]
fn every_command_is_struck_or_only_reads() {
    let mut all = Vec::new();
    leaves(&Cli::command(), "", &mut all);
    let struck = |command: &String| SCENES.iter().any(|scene| is_of(scene.command, command));
    let said = |command: &str| [READERS, TOURS].iter().filter(|list| list.contains(&command)).count();
    let faults: Vec<_> = all
        .iter()
        .map(|command| (command, usize::from(struck(command)) + said(command)))
        .filter(|(_, lists)| *lists != 1)
        .map(|(command, lists)| format!("{command} is in {lists} of the lists"))
        .collect();
    assert_eq!(faults, Vec::<String>::new());
    let named = READERS.iter().chain(TOURS);
    let unknown: Vec<_> = named.filter(|reader| !all.iter().any(|command| command == *reader)).collect();
    assert!(unknown.is_empty(), "no such command: {unknown:?}");
}

/// A tour writes nowhere but in its own directory, and one that was cut off is in nobody's way.
#[test]
fn a_tour_touches_nothing_that_is_there() {
    let world = World::with_fixtures();
    let before = tree(world.path());
    for (tour, directory) in TOURS.iter().zip(["dsr-demo"]) {
        std::fs::create_dir(world.path().join(directory)).unwrap();
        std::fs::write(world.path().join(directory).join("store.sqlite-journal"), "cut off").unwrap();
        let _ = world.dsr([*tour, "--quiet"]).ok();
        let mut after = tree(world.path());
        assert!(after.contains_key(&format!("{directory}-2/store.sqlite")));
        assert_eq!(after.remove(&format!("{directory}/store.sqlite-journal")).unwrap(), b"cut off");
        after.retain(|name, _| !name.starts_with(&format!("{directory}-2/")));
        assert!(after == before, "{:?}", after.keys());
    }
}

/// Commands that have no further ones below them, as they are typed.
fn leaves(command: &clap::Command, above: &str, all: &mut Vec<String>) {
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        let path = format!("{above} {}", below.get_name()).trim_start().to_owned();
        if below.has_subcommands() { leaves(below, &path, all) } else { all.push(path) }
    }
}

fn is_of(typed: &str, command: &str) -> bool {
    typed.strip_prefix(command).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[test]
fn every_call_that_writes_may_fail_or_be_the_last() {
    let Some(shim) = shim() else { return };
    let ready = prepared::all(shim);
    let halves = std::thread::scope(|scope| {
        let half = |half: usize| scope.spawn(move || strike(shim, ready, half));
        [half(0), half(1)].map(|half| half.join().unwrap())
    });
    let mut faults = Vec::new();
    for (count, more) in halves {
        common::tell(&format!(
            "struck calls (of them not exit 0) over {} commands: {count:?}",
            ready.len() / 2
        ));
        faults.extend(more);
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// How many calls were struck, and how many of those runs did not end with exit 0.
type Count = BTreeMap<Fault, (u32, u32)>;

/// Every other scene.
fn strike(shim: &Path, all: &[Prepared], half: usize) -> (Count, Vec<String>) {
    let (mut count, mut faults) = (Count::new(), Vec::new());
    // `DSR_FAULTS_SCENE` takes one scene alone, to look into it.
    let only = std::env::var("DSR_FAULTS_SCENE").ok();
    let is_wanted = |ready: &Prepared| only.as_ref().is_none_or(|name| *name == ready.scene.name);
    for (nth, ready) in (0..).zip(all).filter(|(nth, ready)| nth % 2 == half && is_wanted(ready)) {
        assert!(!ready.ops.is_empty(), "{}: no call that writes", ready.scene.name);
        for (fault, seed) in FAULTS.into_iter().zip(0..) {
            for at in sample(ready.ops.len(), 4, nth as u64 * 10 + seed) {
                let (world, run) = struck(shim, ready, at, fault);
                let known = count.entry(fault).or_default();
                known.0 += 1;
                known.1 += u32::from(!run.status.success());
                // What cannot be taken away stays: the doctor names a draft, and `sanitize` takes it away.
                let stuck = matches!(fault, Fault::Eio | Fault::EioForEver);
                if let Err(what) = judge(ready, &world, Some((&run, stuck))) {
                    faults.push(told(ready, &format!("{fault:?} at call {at}"), &run, &what));
                }
            }
        }
    }
    (count, faults)
}

fn struck(shim: &Path, ready: &Prepared, at: usize, fault: Fault) -> (World, Output) {
    let world = ready.world();
    let mut command = under(shim, &world, &ready.words);
    let (word, always) = match fault {
        Fault::Kill => ("kill", false),
        Fault::Torn => ("torn", false),
        Fault::Eio | Fault::EioForEver => ("eio", fault == Fault::EioForEver),
        Fault::Enospc | Fault::EnospcForEver => ("enospc", fault == Fault::EnospcForEver),
    };
    command.env("DSR_SHIM_AT", at.to_string()).env("DSR_SHIM_DO", word);
    if always {
        command.env("DSR_SHIM_ALWAYS", "1");
    }
    let run = command.output().unwrap();
    assert!(run.status.code().is_some() || fault.kills(), "{}: {:?}", ready.scene.name, run.status);
    (world, run)
}

fn told(ready: &Prepared, where_: &str, run: &Output, what: &str) -> String {
    let said = String::from_utf8_lossy(&run.stderr);
    let last = said.lines().rev().take(2).collect::<Vec<_>>().join(" / ");
    format!("{}: {where_}: {what} (exit {:?}: {last})", ready.scene.name, run.status.code())
}

/// What must hold after any fault. `run`: how the command ended, and whether it could take anything away then; none
/// after a power cut.
fn judge(ready: &Prepared, world: &World, run: Option<(&Output, bool)>) -> Result<State, String> {
    let left = tree(world.path());
    let state = reopen(world.path())?;
    let (_, done) = ready.ends();
    // Where one of several systems fails the others are served all the same: not done, and the exit code says so.
    let partly = run.is_some_and(|(run, _)| run.status.code().is_some_and(|code| code != 0))
        && ready.scene.start == Start::Office;
    if !partly && !ready.states.contains(&state) {
        return Err(format!("half-applied: {state:?} is none of {:?}", ready.states));
    }
    if let Some((run, stuck)) = run {
        if run.status.success() && state != done {
            return Err("exit 0, and it is not done".into());
        }
        let whole = [ready.ends().0, done].map(|state| state.effects).contains(&state.effects);
        if run.status.code() == Some(1) && !whole {
            return Err("exit 1, and it is half-done".into());
        }
        if run.status.code() == Some(8) && state == ready.ends().0 && state.pending == 0 {
            return Err("exit 8, and nothing is done".into());
        }
        let shown =
            ready.scene.shows.is_some_and(|value| String::from_utf8_lossy(&run.stdout).contains(value));
        if shown && state != done {
            return Err("a value was shown and its entry is not in the log".into());
        }
        files(ready, &left, run, stuck)?;
        if run.status.signal().is_some() {
            swept(ready, world, &left)?;
        }
    }
    let signs = |tree: &state::Tree| {
        tree.get("store.sqlite.signing").is_some_and(|key| key.starts_with(b"dsr signing key"))
    };
    if signs(&ready.base) && !signs(&left) {
        return Err("the signing key is lost".into());
    }
    if state.pending == 0
        && state.destroyed > 0
        && let Some(place) = residue(&left, ready.scene.gone)
    {
        return Err(format!("a false certificate: {place}"));
    }
    Ok(state)
}

fn is_journal_of_a_system(ready: &Prepared, name: &str) -> bool {
    name.strip_suffix("-journal").is_some_and(|system| ready.base.contains_key(system))
}

/// Files that the command makes beside the store: whole or not there; and what it began is taken away, except by a
/// kill.
fn files(ready: &Prepared, left: &state::Tree, run: &Output, stuck: bool) -> Result<(), String> {
    for (name, bytes) in left {
        let own = name.starts_with("store.sqlite") || ready.base.contains_key(name);
        match ready.done.get(name) {
            _ if own => {}
            Some(whole) if whole == bytes => {}
            Some(_) => return Err(format!("half of {name}")),
            None if run.status.signal().is_some() || stuck => {}
            // A disk that stays full lets SQLite not roll back: whoever opens that system next does.
            None if is_journal_of_a_system(ready, name) && !run.status.success() => {}
            None => return Err(format!("{name} is left behind")),
        }
    }
    // A head that could not be kept beside the store is a warning of this run or of the doctor, not a failure.
    // An empty journal that is gone says what an empty one says.
    let spared = |name: &String| [".heads", ".head", "-journal"].iter().any(|end| name.ends_with(end));
    let missing = ready.done.keys().find(|name| !left.contains_key(*name) && !spared(name));
    match missing.filter(|_| run.status.success()) {
        Some(name) => Err(format!("exit 0, and {name} is not there")),
        None => Ok(()),
    }
}

/// What a kill leaves is a draft, and `sanitize` takes it away; where there is no store yet, or one whose restore was cut off,
/// once the command that was to bring it back has done so.
fn swept(ready: &Prepared, world: &World, left: &state::Tree) -> Result<(), String> {
    let is_draft = |name: &&String| name.starts_with(".dsr-") && name.contains(".part");
    if !left.keys().any(|name| is_draft(&name)) {
        return Ok(());
    }
    if !world.store().exists() || reopen(world.path())? == state::REFUSED {
        let _ = world.dsr(&ready.words).ok();
    }
    let run = world.dsr(["sanitize", "--quiet"]);
    let after = tree(world.path());
    let name = after.keys().find(is_draft);
    name.map_or(Ok(()), |name| Err(format!("{name} outlives sanitize (exit {}): {}", run.code, run.stderr)))
}

#[test]
fn the_power_may_go_at_any_call() {
    let Some(shim) = shim() else { return };
    let many = if whole() { 40 } else { 2 };
    let (mut cuts, mut faults) = (0, Vec::new());
    for (nth, ready) in prepared::all(shim).iter().enumerate() {
        let places = sample(ready.ops.len(), 8, nth as u64);
        faults.extend(played(ready, &ready.ops, &places, many, &mut cuts));
    }
    common::tell(&format!("power cuts: {cuts} states reopened"));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The faults that power cuts at these places show, each place with nothing, everything and `many` parts of what was
/// not synchronised.
fn played(ready: &Prepared, ops: &[Op], places: &[usize], many: u64, cuts: &mut u32) -> Vec<String> {
    let mut disk = Disk::new(&ready.base);
    let (mut faults, (_, done)) = (Vec::new(), ready.ends());
    let shown = ready.scene.shows.and_then(|_| ops.iter().position(|op| op.kind == 'o'));
    for (nth, op) in (1..).zip(ops) {
        disk.write(op);
        let last = nth == ops.len();
        if !last && !places.contains(&nth) {
            continue;
        }
        let acknowledged = last || shown.is_some_and(|first| nth > first);
        let seeds = (0..many).map(|seed| Survives::Some(seed * 7919 + nth as u64));
        for survives in [Survives::Nothing, Survives::All].into_iter().chain(seeds) {
            *cuts += 1;
            let fault = match ready.replay(&disk.cut(survives), |world| judge(ready, world, None)) {
                Ok(state) if acknowledged && state != done => Some("acknowledged and undone".into()),
                Ok(_) => None,
                Err(what) => Some(what),
            };
            faults.extend(fault.map(|what| {
                format!("{}: power cut after call {nth} ({survives:?}): {what}", ready.scene.name)
            }));
        }
    }
    faults
}

/// A harness that finds nothing proves nothing: the same power cuts on the same log, as it would be with less
/// synchronising.
#[test]
fn with_less_synchronising_the_power_cuts_show_it() {
    let Some(shim) = shim() else { return };
    let ready =
        prepared::all(shim).iter().find(|ready| ready.scene.name == "erase, destroyed later").unwrap();
    let all: Vec<usize> = (1..=ready.ops.len()).filter(|nth| whole() || nth % 4 == 0).collect();
    let mut cuts = 0;
    let mut faults = |ops: &[Op]| played(ready, ops, &all, 3, &mut cuts);
    assert_eq!(faults(&ready.ops), Vec::<String>::new());

    let without = |skip: &dyn Fn(&[Op], usize) -> bool| -> Vec<Op> {
        let kept = (0..ready.ops.len()).filter(|nth| ready.ops[*nth].kind != 's' || !skip(&ready.ops, *nth));
        kept.map(|nth| ready.ops[nth].clone()).collect()
    };
    // NORMAL does not wait for the journal's end.
    let normal =
        faults(&without(&|ops, nth| ops[nth - 1].kind == 't' && ops[nth].path.ends_with("-journal")));
    assert!(normal.iter().any(|what| what.contains("undone")), "{normal:#?}");
    let off = faults(&without(&|_, _| true));
    assert!(off.iter().any(|what| what.contains("half-applied") || what.contains("corrupt")), "{off:#?}");
    common::tell(&format!(
        "the harness bites: {} faults with NORMAL, {} with OFF, of {cuts} cuts",
        normal.len(),
        off.len()
    ));
}

/// Calls that the shim cannot see, because they do not go through the C library: an answer gets its name by them.
#[test]
fn a_file_that_cannot_be_named_is_a_failure_and_leaves_nothing() {
    let Some(shim) = shim() else { return };
    if !strace() {
        return;
    }
    let mut count = 0;
    for ready in prepared::all(shim).iter().filter(|ready| ready.done.len() > ready.base.len()) {
        for inject in ["linkat:error=EIO", "linkat:error=ENOSPC", "renameat2:error=EIO", "linkat:signal=KILL"]
        {
            let world = ready.world();
            let plain = under(shim, &world, &ready.words);
            let mut command = Command::new("strace");
            command.args(["-f", "-qqq", "-o", "/dev/null", "-e", "trace=linkat,renameat2", "-e"]);
            command.arg(format!("inject={inject}")).arg(plain.get_program()).args(plain.get_args());
            command.current_dir(world.path()).env_clear();
            command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let run = command.env_remove("LD_PRELOAD").stdin(Stdio::null()).output().unwrap();
            count += u32::from(!run.status.success());
            let state = reopen(world.path()).unwrap();
            let left = tree(world.path());
            let named = ready.done.keys().all(|name| left.contains_key(name));
            assert!(named || !run.status.success(), "{}: {inject}: exit 0", ready.scene.name);
            let plaintext =
                left.iter().filter(|(name, _)| !ready.base.contains_key(*name)).find(|(_, bytes)| {
                    ready.scene.name.starts_with("export")
                        && bytes.windows(8).any(|place| place == b"@omarova")
                });
            assert!(
                named || plaintext.is_none(),
                "{}: {inject}: {:?}",
                ready.scene.name,
                plaintext.unwrap().0
            );
            assert!(state != NOTHING || ready.scene.start == Start::Nothing || ready.states[0] == NOTHING);
        }
    }
    common::tell(&format!("names that could not be given: {count}"));
    assert!(count > 0);
}

fn strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok_and(|run| run.status.success());
    if !there {
        assert_ne!(std::env::var("DSR_TEST_REQUIRE").as_deref(), Ok("all"), "`strace` is not installed");
        common::tell("skipped: `strace` is not installed");
    }
    there
}

#[test]
fn killed_at_any_instant() {
    let Some(shim) = shim() else { return };
    let (rounds, mut killed, mut whole_runs) = (if whole() { 200 } else { 2 }, 0, 0);
    let mut faults = Vec::new();
    for (nth, ready) in prepared::all(shim).iter().enumerate() {
        let mut dice = Dice(nth as u64);
        for round in 0..rounds {
            let world = ready.world();
            let mut command = under(shim, &world, &ready.words);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            std::thread::sleep(Duration::from_micros(dice.roll(60_000)));
            let _ = child.kill();
            let run = child.wait_with_output().unwrap();
            killed += u32::from(run.status.signal().is_some());
            whole_runs += u32::from(run.status.success());
            if let Err(what) = judge(ready, &world, Some((&run, false))) {
                faults.push(told(ready, &format!("kill {round}"), &run, &what));
            }
        }
    }
    common::tell(&format!("killed at random: {killed}, over before: {whole_runs}"));
    assert!(killed > 0, "every run was over before its kill");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What a fault left pending is finished by the next command, and then no byte is left.
#[test]
fn what_is_pending_ends_in_destroyed() {
    let Some(shim) = shim() else { return };
    let mut finished = 0;
    for (nth, ready) in (0..).zip(prepared::all(shim)).filter(|(_, ready)| !ready.scene.gone.is_empty()) {
        for at in sample(ready.ops.len(), 6, nth) {
            let fault = FAULTS[at % FAULTS.len()];
            let (world, _) = struck(shim, ready, at, fault);
            let before = reopen(world.path()).unwrap();
            // An act that waits for people waited before, and goes on waiting.
            if before.pending == 0 || before == ready.states[0] {
                continue;
            }
            finished += 1;
            let said = world.dsr(["sanitize"]).ok();
            let after = reopen(world.path()).unwrap();
            let (is, was) = ((after.pending, after.destroyed), before.pending + before.destroyed);
            let (name, out, err) = (ready.scene.name, &said.stdout, &said.stderr);
            assert_eq!(is, (0, was), "{name}: {fault:?} at call {at}: {out}{err}");
            // A night that was struck between two batches has the others still before it.
            if ready.scene.name.starts_with("purge-expired") {
                let _ = world.dsr(["purge-expired", "--enable", "--max-share", "100"]).ok();
            }
            let place = residue(&tree(world.path()), ready.scene.gone);
            assert_eq!(place, None, "{}: {fault:?} at call {at}", ready.scene.name);
        }
    }
    common::tell(&format!("left pending and finished: {finished}"));
    assert!(finished > 0);
}

/// What a restore brings back and destroys again is pending from its commit on: killed before the bytes are proved to be
/// gone, `sanitize` finishes it.
#[test]
fn what_a_killed_restore_brought_back_is_finished() {
    let Some(shim) = shim() else { return };
    let ready = prepared::all(shim).iter().find(|ready| ready.scene.name == "restore").unwrap();
    let (before, done) = ready.ends();
    let mut finished = 0;
    for at in sample(ready.ops.len(), 40, 9) {
        let (world, _) = struck(shim, ready, at, Fault::Kill);
        let state = reopen(world.path()).unwrap();
        if state == before {
            continue;
        }
        assert!(state.pending > 0 || state.destroyed == done.destroyed, "killed at call {at}: {state:?}");
        finished += u32::from(state.pending > 0);
        let _ = world.dsr(["sanitize"]).ok();
        let after = reopen(world.path()).unwrap();
        assert_eq!((after.pending, after.destroyed), (0, done.destroyed), "killed at call {at}");
        assert_eq!(residue(&tree(world.path()), SAULE), None, "killed at call {at}");
    }
    common::tell(&format!("restores that were killed and finished: {finished}"));
    assert!(finished > 0);
}

/// Killed between the name of a restored store and its head, and whatever looks says which it was; typed again it ends.
#[test]
fn a_restore_killed_before_its_head_is_told_as_that() {
    let Some(shim) = shim() else { return };
    let ready = prepared::all(shim).iter().find(|ready| ready.scene.name == "restore over nothing").unwrap();
    let mut told = 0;
    for at in ready.ops.len().saturating_sub(16)..=ready.ops.len() {
        let (world, _) = struck(shim, ready, at, Fault::Kill);
        let run = world.dsr(["audit", "verify"]);
        // Before the store is placed, one was here and is gone.
        if run.code != 9 || !world.store().exists() {
            continue;
        }
        let _ = run.says("a restore was cut off").says("dsr restore BACKUP --yes");
        let _ = world.dsr(["status"]).exits(9).says("a restore was cut off");
        let _ = world.dsr(["restore", "friday.sqlite", "--yes"]).ok();
        let _ = world.dsr(["audit", "verify"]).ok();
        told += 1;
    }
    common::tell(&format!("restores that were killed before their head: {told}"));
    assert!(told > 0);
}

/// Over several systems a fault may leave some of them behind: then the exit code says so, and the case can be
/// resumed until all of them are as they would have been.
#[test]
fn what_a_fault_left_in_another_system_is_resumed() {
    let Some(shim) = shim() else { return };
    let ready = prepared::all(shim).iter().find(|ready| ready.scene.name == "erase over systems").unwrap();
    let (_, done) = ready.ends();
    let (mut resumed, mut before) = (0, 0);
    for at in sample(ready.ops.len(), 24, 5) {
        let fault = FAULTS[at % FAULTS.len()];
        let (world, run) = struck(shim, ready, at, fault);
        let state = reopen(world.path()).unwrap();
        if state == ready.states[0] {
            before += 1;
            continue;
        }
        if state != done {
            assert!(!run.status.success(), "{fault:?} at call {at}: exit 0");
            resumed += 1;
            let again = world.dsr(["request", "resume", "2026-000001"]);
            let said = format!("{}{}", again.stdout, again.stderr);
            assert!([0, 2, 4].contains(&again.code), "{fault:?} at call {at}: {said}");
            let _ = world.dsr(["sanitize"]).ok();
        }
        let after = reopen(world.path()).unwrap();
        assert!(after.pending == 0 && after.destroyed > 0, "{fault:?} at call {at}: {after:?}");
        assert_eq!(others(world.path()), others_of(ready), "{fault:?} at call {at}");
    }
    common::tell(&format!("over systems: {resumed} resumed, {before} had not begun"));
    assert!(resumed > 0);
}

/// What the CRM and the site hold.
fn others(home: &Path) -> Vec<u64> {
    ["crm.db", "site.db"].map(|name| state::rows(&home.join(name)).unwrap()).to_vec()
}

fn others_of(ready: &Prepared) -> Vec<u64> {
    ready.replay(&ready.done, |world| others(world.path()))
}

/// A first backup into a directory of its own, killed at any of its writes: what it left there is known, and taken away.
#[test]
fn what_a_killed_first_backup_left_is_known() {
    let Some(shim) = shim() else { return };
    let ready = prepared::all(shim).iter().find(|ready| ready.scene.name == "backup").unwrap();
    let words = ["backup", "away/friday.sqlite"];
    let begun = || {
        let world = ready.world();
        std::fs::create_dir(world.path().join("away")).unwrap();
        world
    };
    let world = begun();
    let file = world.path().with_extension("log");
    assert!(under(shim, &world, words).env("DSR_SHIM_LOG", &file).output().unwrap().status.success());
    let calls = shim::log(&file, world.path()).len();
    std::fs::remove_file(file).unwrap();
    let mut left = 0;
    for at in sample(calls, 24, 3) {
        let world = begun();
        let mut command = under(shim, &world, words);
        command.env("DSR_SHIM_AT", at.to_string()).env("DSR_SHIM_DO", "kill");
        let _ = command.output().unwrap();
        let drafts = || -> Vec<String> {
            let away = std::fs::read_dir(world.path().join("away")).unwrap().map(|file| file.unwrap());
            let full = away.filter(|file| file.metadata().unwrap().len() > 0);
            full.map(|file| file.file_name().to_string_lossy().into_owned())
                .filter(|name| name.ends_with(".part"))
                .collect()
        };
        let Some(draft) = drafts().pop() else { continue };
        left += 1;
        let said = world.dsr(["doctor"]).exits(6).stdout;
        assert!(said.contains(&draft), "killed at call {at}: {said}");
        let day = world.dsr(["status", "--format", "json"]).ok().json();
        let line = day["lines"].as_array().unwrap().iter().find(|line| line["kind"] == "copy").unwrap();
        assert!(line["about"].as_str().unwrap().contains(&draft), "killed at call {at}: {line}");
        // That of the manifest may lie beside it.
        let _ = world.dsr(["sanitize"]).ok().says("drafts that a kill had left");
        assert_eq!(drafts(), [""; 0], "killed at call {at}");
        let away =
            std::fs::read_dir(world.path().join("away")).unwrap().map(|file| file.unwrap().file_name());
        let names: Vec<String> = away.map(|name| name.to_string_lossy().into_owned()).collect();
        let known = |name: &String| ["friday.sqlite", "friday.sqlite.manifest"].contains(&name.as_str());
        assert!(names.iter().all(known), "killed at call {at}: {names:?}");
        let day = world.dsr(["status", "--format", "json"]).ok().stdout;
        assert!(!day.contains("cut off"), "killed at call {at}: {day}");
    }
    common::tell(&format!("first backups that were killed and left a copy: {left}"));
    assert!(left > 2, "{left}");
}
