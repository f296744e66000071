//! Who may do what where roles are named, and what needs two people. The program is called here as `main` calls it,
//! with a user id of our own: nobody can be somebody else from inside a test.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    ffi::OsString,
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicU64, Ordering},
};

use common::World;
use dsr::{
    command::{self, Env},
    domain::Moment,
};
use serde_json::Value;

const ROLES: &str = "roles: {officer: [1, 5], approver: [2, 5], auditor: [3], cron: [4]}\ncontrollers: {}\n";

/// Numbers drawn so far: no two runs draw the same.
static DRAWN: AtomicU64 = AtomicU64::new(1);

/// What a user got: exit code, both streams.
struct Said(u8, String, String);

fn as_user(user: u32, world: &World, line: &str) -> Said {
    as_user_at(user, &world.store(), line)
}

fn as_user_at(user: u32, store: &std::path::Path, line: &str) -> Said {
    as_user_while(user, store, line, &|| ())
}

/// With something happening whenever a number is drawn.
fn as_user_while(user: u32, store: &std::path::Path, line: &str, meanwhile: &dyn Fn()) -> Said {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env {
        now: Moment::parse(common::NOW).unwrap(),
        variables: [("DSR_NOW".into(), common::NOW.into())].into(),
        stdin: &mut std::io::empty(),
        stdin_stream: &|| Box::new(std::io::empty()),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        columns: None,
        stderr_is_terminal: false,
        random: &mut || {
            meanwhile();
            let drawn = u128::from(DRAWN.fetch_add(1, Ordering::Relaxed));
            (drawn * 0x9e37_79b9).to_be_bytes()
        },
        user,
    };
    let args = ["dsr", "--store", store.to_str().unwrap()].into_iter().chain(line.split_whitespace());
    let args: Vec<OsString> = args.map(Into::into).collect();
    let code = command::run(args, &mut env);
    Said(code, String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[track_caller]
fn json(user: u32, world: &World, line: &str, code: u8) -> Value {
    let Said(found, stdout, stderr) = as_user(user, world, &format!("{line} --format json"));
    assert_eq!(found, code, "{stdout}\n{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// Whoever is let in by a set-user-id copy brings no roles of their own by a link to the store.
#[test]
fn a_link_to_the_store_has_the_roles_of_the_store() {
    let world = world();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("dsr.yaml"), "roles: {officer: [3]}\ncontrollers: {}\n").unwrap();
    let link = elsewhere.path().join("s.sqlite");
    std::os::unix::fs::symlink(world.store(), &link).unwrap();
    let Said(code, _, said) = as_user_at(3, &link, "find ref:C-1");
    assert_eq!(code, 4, "{said}");
}

fn world() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", ROLES);
    world
}

#[test]
fn each_role_runs_what_it_is_there_for() {
    let world = world();
    for (line, may) in [
        ("status", [true, true, true, true, false]),
        ("report register", [true, true, true, true, false]),
        ("audit verify", [true, true, true, true, false]),
        ("request list", [true, true, true, true, false]),
        ("find ref:C-1", [true, false, false, false, false]),
        ("subject show ref:C-1", [true, false, false, false, false]),
        ("export --subject ref:C-1", [true, false, false, false, false]),
        ("erase --subject ref:C-26 --dry-run", [true, false, false, false, false]),
        ("sanitize", [true, false, false, true, false]),
        ("sanitize --gone /mnt/stick", [true, false, false, false, false]),
        ("request approve 2026-000099", [false, true, false, false, false]),
        ("deadline --right access --received 2026-11-20", [true, true, true, true, true]),
    ] {
        for (user, may) in [1, 2, 3, 4, 9].into_iter().zip(may) {
            let Said(_, _, stderr) = as_user(user, &world, line);
            let denied = stderr.contains("is not for user") || stderr.contains("has no role here");
            assert_eq!(denied, !may, "user {user}: {line}: {stderr}");
        }
    }
}

#[test]
fn what_was_denied_stands_in_the_log_and_nothing_else_happened() {
    let world = world();
    let Said(code, stdout, stderr) = as_user(3, &world, "erase --subject ref:C-26 --identity document --yes");
    assert_eq!((code, stdout.as_str()), (4, ""), "{stderr}");
    let log = as_user(3, &world, "audit list --format json").1;
    assert!(log.contains("\"denied\"") && log.contains("\"erase\""), "{log}");
    // Another file is no way round the one beside the store.
    let other = world.write("other.yaml", "controllers: {}\n");
    let line = format!("find ref:C-1 --config {}", other.display());
    assert_eq!(as_user(3, &world, &line).0, 4);
    world.write("dsr.yaml", "roles: {officer: [x]}\ncontrollers: {}\n");
    assert_eq!(as_user(1, &world, "find ref:C-1").0, 6, "what cannot be read lets nobody in");
}

/// Whatever works on data or keys is denied to each who is not there for it, before anything else is looked at, and each time
/// the log has it; what needs no store asks nobody.
#[test]
fn each_denied_command_is_told() {
    let world = world();
    let works = [
        "init",
        "import x.ndjson",
        "find ref:C-1",
        "access --subject ref:C-1",
        "export --subject ref:C-1",
        "rectify --subject ref:C-1 --set contact.phone=87010000001 --document D",
        "erase --subject ref:C-1 --yes",
        "restrict --subject ref:C-1 --reason R --yes",
        "object --subject ref:C-1 --yes",
        "revoke --subject ref:C-1 --yes",
        "request open --right access --subject ref:C-1",
        "request note 2026-000001 TEXT",
        "request resume 2026-000001 --yes",
        "hold add --subject ref:C-1 --basis B",
        "consent add --subject ref:C-1 --scope promotion --method paper",
        "suppress scrub x.csv --column phone",
        "subject link ref:C-1 ref:C-2",
        "subject show ref:C-1",
        "policy publish --effective 2026-12-01",
        "map check",
        "audit key rotate",
        "apply plan.json --yes",
        "restore b.sqlite --yes",
        "sanitize --gone /mnt/stick",
    ];
    let denied = |user: u32| {
        let log = json(user, &world, "audit list", 0);
        log["entries"].as_array().unwrap().iter().filter(|entry| entry["state"] == "denied").count()
    };
    let held = || as_user(1, &world, "report inventory --format csv").1;
    let before = held();
    let mut count = denied(3);
    for line in works {
        for user in [2, 3, 4, 9] {
            let Said(code, stdout, stderr) = as_user(user, &world, line);
            assert_eq!((code, stdout.as_str()), (4, ""), "user {user}: {line}: {stderr}");
            count += 1;
        }
    }
    for (user, line) in [
        (1, "request approve 2026-000001"),
        (2, "purge-expired"),
        (4, "purge-expired --enable"),
        (3, "backup b"),
        (3, "sanitize"),
    ] {
        assert_eq!(as_user(user, &world, line).0, 4, "user {user}: {line}");
        count += 1;
    }
    assert_eq!(denied(3), count);
    assert_eq!(held(), before);
}

#[test]
fn an_erasure_of_contract_data_needs_two_people() {
    let world = world();
    let erase = "erase --subject ref:C-1 --identity document --yes";
    let plan = json(1, &world, erase, 4);
    assert_eq!((&plan["decision"], &plan["refusal"]["ground"]), (&"refuse".into(), &"second-person".into()));
    let number = "2026-000001";
    let show = |user| json(user, &world, &format!("request show {number}"), 0);
    assert_eq!(show(1)["next"], format!("dsr request approve {number}"));
    assert_eq!(as_user(1, &world, &format!("request resume {number} --yes")).0, 4, "nobody agreed yet");
    let look = json(2, &world, &format!("request approve {number} --dry-run"), 0);
    let goes = look["steps"].as_array().unwrap().iter().filter(|step| step["action"] == "archive");
    assert!(
        goes.clone().any(|step| step["category"] == "contract" || step["category"] == "payment"),
        "{look}"
    );
    assert_eq!(as_user(2, &world, &format!("request approve {number} --actor A")).0, 0);
    assert_eq!(show(3)["next"], format!("dsr request resume {number}"));
    assert_eq!(as_user(1, &world, &format!("request resume {number} --yes")).0, 0);
    let events = show(3)["events"].to_string();
    assert!(
        events.contains("\"proposed\"") && events.contains("\"approved\"") && events.contains("executed")
    );
    let log = as_user(3, &world, "audit list --format json").1;
    assert!(log.contains("\"approved\""), "{log}");
}

#[test]
fn what_was_proposed_is_not_carried_away_by_another_ask() {
    let world = world();
    let erase = |what: &str| format!("erase --subject ref:C-1 --category {what} --identity document --yes");
    let _ = json(1, &world, &erase("contract"), 4);
    let other = json(1, &world, &erase("technical"), 0);
    assert_eq!(other["outcome"]["case"], "2026-000002", "{other}");
    let next = |user| json(user, &world, "request show 2026-000001", 0)["next"].clone();
    assert_eq!(next(1), "dsr request approve 2026-000001");
    // The same again is no other ask; what was agreed to is not carried away either.
    let _ = json(1, &world, &erase("contract"), 4);
    assert_eq!(as_user(2, &world, "request approve 2026-000001").0, 0);
    let _ = json(1, &world, &erase("usage"), 0);
    assert_eq!(next(1), "dsr request resume 2026-000001");
    let Said(code, _, stderr) = as_user(1, &world, &format!("{} --request 2026-000001", erase("technical")));
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn nobody_is_two_people_and_an_agreement_is_to_one_plan() {
    let world = world();
    let erase = "erase --subject ref:C-1 --identity document --yes";
    let _ = json(5, &world, erase, 4);
    let Said(code, _, stderr) = as_user(5, &world, "request approve 2026-000001 --actor Another");
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("the same user"), "{stderr}");
    assert_eq!(as_user(2, &world, "request approve 2026-000001").0, 0);
    // The records change after they were agreed to.
    let sql =
        "UPDATE record SET version = version + 1 WHERE subject IN (SELECT id FROM subject WHERE ref = 'C-1')";
    rusqlite::Connection::open(world.store()).unwrap().execute(sql, []).unwrap();
    assert_eq!(as_user(1, &world, "request resume 2026-000001 --yes").0, 4);
    assert_eq!(json(1, &world, "request show 2026-000001", 0)["next"], "dsr request approve 2026-000001");
}

#[test]
fn without_roles_one_person_does_it_all() {
    let world = World::with_fixtures();
    assert_eq!(as_user(9, &world, "erase --subject ref:C-1 --identity document --yes").0, 0);
    let Said(code, _, stderr) = as_user(9, &world, "request approve 2026-000001");
    assert_eq!(code, 2, "{stderr}");
    // Other data goes without a second person also where roles are named.
    world.write("dsr.yaml", ROLES);
    assert_eq!(
        as_user(1, &world, "erase --subject ref:C-5 --category contact --identity document --yes").0,
        0
    );
}

/// The second person sees what the officer saw: also the rows of other systems.
#[test]
fn an_erasure_of_contract_data_elsewhere_needs_two_people() {
    let world = World::with_store("mycar");
    let source =
        |name: &str| std::fs::read_to_string(format!("{}/tests/reach/{name}", env!("CARGO_MANIFEST_DIR")));
    for name in ["crm", "site"] {
        world.write(&format!("{name}.yaml"), source(&format!("{name}.yaml")).unwrap());
        let there = rusqlite::Connection::open(world.path().join(format!("{name}.db"))).unwrap();
        there.execute_batch(&source(&format!("{name}.sql")).unwrap()).unwrap();
    }
    let roles = ROLES.replace("controllers: {}\n", "");
    world.write("dsr.yaml", roles + &source("dsr.yaml").unwrap());
    let erase = "erase --subject iin:900101499994 --identity document --yes";
    let plan = json(1, &world, erase, 4);
    assert_eq!(plan["refusal"]["ground"], "second-person", "{plan}");
    let agree = "request approve 2026-000001";
    let look = json(2, &world, &format!("{agree} --dry-run"), 0);
    let goes = look["steps"].as_array().unwrap().iter();
    assert!(goes.clone().any(|step| step["system"] == "crm" && step["category"] == "contract"), "{look}");
    // What somebody else changed there since is not what was proposed.
    let there = rusqlite::Connection::open(world.path().join("crm.db")).unwrap();
    let sign = |day: &str| there.execute("UPDATE deal SET signed_on = ?1 WHERE id = 10", [day]).unwrap();
    sign("2024-04-03");
    assert_eq!(as_user(2, &world, agree).0, 5);
    sign("2024-04-02");
    let Said(code, _, stderr) = as_user(2, &world, agree);
    assert_eq!(code, 0, "{stderr}");
    let _ = json(1, &world, "request resume 2026-000001 --yes", 0);
}

/// A file that cannot be read lets nobody look: only `doctor` says what is wrong with it.
#[test]
fn a_broken_file_of_roles_shows_nothing() {
    let world = world();
    world.write("dsr.yaml", "roles: {officer: [1]");
    for line in ["audit list", "consent list", "hold list", "suppress list", "request list", "status"] {
        let Said(code, stdout, _) = as_user(9, &world, line);
        assert_eq!((code, stdout.as_str()), (6, ""), "{line}");
    }
    let Said(code, stdout, stderr) = as_user(9, &world, "doctor");
    assert!(code == 6 && stdout.contains("dsr.yaml"), "{stdout}{stderr}");
}

/// Who may not work in a store does not bring it to another version either.
#[test]
fn a_denied_command_upgrades_nothing() {
    let world = World::empty();
    let store = rusqlite::Connection::open(world.store()).unwrap();
    store.execute_batch("PRAGMA journal_mode = TRUNCATE").unwrap();
    store.execute_batch(&std::fs::read_to_string(common::fixture("old/v1.sql")).unwrap()).unwrap();
    let drill = "INSERT INTO meta SELECT 'drill_since', value FROM meta WHERE key = 'created_at'";
    store.execute(drill, []).unwrap();
    drop(store);
    std::fs::set_permissions(world.store(), std::fs::Permissions::from_mode(0o600)).unwrap();
    world.write("dsr.yaml", ROLES);
    let before = (world.bytes(), world.files().len());
    let Said(code, _, said) = as_user(9, &world, "find ref:C-1");
    assert!(code == 4 && !said.contains("the log has kept"), "{said}");
    assert!((world.bytes(), world.files().len()) == before, "{:?}", world.files());
}

/// One command goes by one state of the file, also where somebody writes another meanwhile.
#[test]
fn roles_are_read_once_a_command() {
    let world = world();
    let spoil = || drop(world.write("dsr.yaml", "roles: {officer: [1]"));
    let erase = "erase --subject ref:C-27 --identity document --yes";
    let Said(code, stdout, said) = as_user_while(1, &world.store(), erase, &spoil);
    assert!(code == 4 && stdout.contains("second-person"), "{stdout}{said}");
}

/// A due date needs no store, nor what lies beside one.
#[test]
fn a_due_date_asks_for_no_roles() {
    let world = world();
    world.write("dsr.yaml", "roles: {officer: [1]");
    world.write("own.yaml", "controllers: {}\n");
    let config = world.path().join("own.yaml");
    let line = "deadline --right access --received 2026-03-20 --controller mycar --config";
    let Said(code, _, said) = as_user(9, &world, &format!("{line} {}", config.display()));
    assert_eq!(code, 0, "{said}");
}

/// Whoever may write the file could give themselves any role.
#[test]
fn a_file_of_roles_that_others_may_write_is_refused() {
    let world = world();
    std::fs::set_permissions(world.path().join("dsr.yaml"), std::fs::Permissions::from_mode(0o664)).unwrap();
    for line in ["status", "export --subject ref:C-1", "doctor"] {
        let Said(code, out, said) = as_user(1, &world, line);
        assert!(code == 6 && (said + &out).contains("others may change"), "{line}");
    }
}

/// As `docs/roles.md` sets it up: a set-user-id copy, a directory of its owner, somebody else who runs it.
#[test]
fn a_set_user_id_copy_works_as_its_owner() {
    use std::os::unix::{fs::chown, process::CommandExt};
    if !rustix::process::geteuid().is_root() {
        // Nobody else can make a file of somebody else's.
        assert!(std::env::var_os("DSR_TEST_REQUIRE").is_none(), "it takes root");
        return;
    }
    let (owner, officer) = (4001, 1);
    let world = World::with_store("mycar");
    world.write("dsr.yaml", ROLES);
    let copy = world.path().join("dsr");
    std::fs::copy(env!("CARGO_BIN_EXE_dsr"), &copy).unwrap();
    for path in world.files().into_iter().chain([world.path().to_owned()]) {
        chown(path, Some(owner), Some(owner)).unwrap();
    }
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o4755)).unwrap();
    std::fs::set_permissions(world.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    let lines = std::fs::read(common::fixture("mycar.ndjson")).unwrap();
    let run = |args: &[&str], input: &[u8]| {
        let mut command = std::process::Command::new(&copy);
        command
            .args(args)
            .current_dir("/")
            .env_clear()
            .env("DSR_NOW", common::NOW)
            .env("DSR_STORE", world.store());
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child =
            command.stderr(std::process::Stdio::piped()).uid(officer).gid(officer).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        common::Run::of(&child.wait_with_output().unwrap())
    };
    let _ = run(&["import", "-"], &lines).ok();
    let _ = run(&["find", "ref:C-1"], b"").ok();
    let log = run(&["audit", "list", "--format", "json"], b"").ok().json();
    let last = log["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["command"], &last["uid"]), (&"find".into(), &1.into()), "{last}");
}
