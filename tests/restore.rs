//! Backups, and the way back: what was destroyed, stopped or held since stays so.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use common::{Run, World};
use rusqlite::Connection;
use serde_json::Value;

/// MyCar's people, and a backup of them in a directory of its own.
fn backed_up() -> (World, PathBuf) {
    let world = World::with_fixtures();
    fs::create_dir(world.path().join("bk")).unwrap();
    let _ = world.dsr(["backup", "bk/a.sqlite"]).ok();
    let backup = world.path().join("bk/a.sqlite");
    (world, backup)
}

fn act(world: &World, command: &str) {
    let _ = world.dsr(command.split(' ').chain(["--identity", "document", "--yes"])).ok();
}

fn restore(world: &World, more: &[&str]) -> Run {
    world.dsr([["restore", "bk/a.sqlite", "--yes"].as_slice(), more].concat())
}

fn export(world: &World, subject: &str) -> Value {
    world.dsr(["export", "--subject", subject, "--format", "json"]).ok().json()
}

fn acts(world: &World) -> Vec<Value> {
    world.dsr(["report", "destruction", "--format", "json"]).ok().json()["acts"].as_array().unwrap().clone()
}

fn records(world: &World, subject: &str) -> usize {
    export(world, subject)["records"].as_array().map_or(0, Vec::len)
}

fn one<T: rusqlite::types::FromSql>(world: &World, sql: &str) -> T {
    Connection::open(world.store()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Whether any file beside the store (not the backup) holds these bytes.
fn lies_somewhere(world: &World, needle: &str) -> bool {
    let holds =
        |path: &Path| fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle.as_bytes());
    world.files().iter().any(|path| holds(path))
}

fn phone_of(world: &World, reference: &str) -> String {
    one(
        world,
        &format!(
            "SELECT key FROM identifier WHERE type = 3 AND subject = (SELECT id FROM subject WHERE ref = '{reference}' AND controller = 1)"
        ),
    )
}

#[test]
fn a_backup_is_private_verified_and_vouched_for_under_any_name() {
    let (world, backup) = backed_up();
    for file in [backup.clone(), world.path().join("bk/a.sqlite.manifest")] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let _ = world.dsr(["backup", "bk/a.sqlite"]).exits(2).says("is not replaced");
    fs::rename(&backup, world.path().join("bk/friday")).unwrap();
    fs::rename(world.path().join("bk/a.sqlite.manifest"), world.path().join("bk/x.manifest")).unwrap();
    let plan = world.dsr(["restore", "bk/friday", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!((&plan["way"], &plan["backups"][0]["entries"]), (&"data".into(), &3.into()));
    let list = world.dsr(["audit", "list", "--after", "3", "--format", "json"]).ok().json();
    assert_eq!(
        (&list["entries"][0]["command"], &list["entries"][0]["state"]),
        (&"backup".into(), &"backed_up".into())
    );
    assert!(
        !fs::read_dir(world.path().join("bk"))
            .unwrap()
            .any(|file| { file.unwrap().file_name().to_string_lossy().ends_with(".part") })
    );
}

#[test]
fn who_was_erased_after_the_backup_is_gone_again_and_their_bytes_too() {
    let (world, _) = backed_up();
    let phone = phone_of(&world, "C-7");
    let digits = phone.trim_start_matches('+').to_owned();
    act(&world, "erase --subject ref:C-7");
    assert!(!lies_somewhere(&world, &digits));
    let destroyed = acts(&world)[0]["records"].clone();
    let _ = restore(&world, &[]).ok().says("1 people destroyed");
    let _ = world.dsr(["subject", "show", "ref:C-7"]).exits(3);
    assert!(!lies_somewhere(&world, &digits), "not in the store, not in what lies beside it");
    let all = acts(&world);
    let again = all.last().unwrap();
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_eq!((&again["records"], &again["state"]), (&destroyed, &"destroyed".into()));
    assert_eq!((&again["case"], &again["run"]), (&Value::Null, &Value::Null));
    assert_eq!((&all[0]["cause"], &again["cause"]), (&"request".into(), &"restore".into()));
    let number = again["number"].as_str().unwrap();
    let one =
        |format: &str| world.dsr(["report", "destruction", "--act", number, "--format", format]).ok().stdout;
    assert!(one("json").contains("\"cause\": \"restore\"") && one("csv").contains("\"restore\""));
    for (lang, word) in [("ru", "восстановление из копии"), ("kk", "көшірмеден қалпына келтіру")]
    {
        let list = world.dsr(["report", "destruction", "--lang", lang]).ok().stdout;
        assert!(list.contains(word), "{list}");
    }
    assert_eq!(again["level"], "NIST SP 800-88 Clear");
    assert!(again["not_reached"].to_string().contains("backups"), "{again}");
    let sum = world.dsr(["report", "compliance", "--format", "json"]).ok().json();
    let sum: u64 =
        sum["months"].as_array().unwrap().iter().filter_map(|month| month["destroyed"].as_u64()).sum();
    assert_eq!(Some(sum), destroyed.as_u64(), "counted once");
    assert_eq!(records(&world, "ref:C-7"), 0);
    let _ = world.dsr(["audit", "verify"]).ok();
    let _ = world.dsr(["doctor"]).ok();
}

#[test]
fn rights_exercised_after_the_backup_stay_exercised() {
    let (world, _) = backed_up();
    let whole = |world: &World| -> String {
        let tables = [
            "record",
            "identifier",
            "suppression",
            "hold",
            "block",
            "consent",
            "case_file",
            "tombstone",
            "rectified",
        ];
        let conn = Connection::open(world.store()).unwrap();
        let mut all = String::new();
        for table in tables {
            let columns = match table {
                "record" => "id, subject, category, collected_at, ref, archived_until, data",
                "identifier" => "subject, type, key, hint, value, record",
                _ => "*",
            };
            let mut query = conn.prepare(&format!("SELECT {columns} FROM {table} ORDER BY 1, 2, 3")).unwrap();
            let width = query.column_count();
            let mut rows = query.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                (0..width).for_each(|at| all += &format!("{:?}|", row.get_ref(at).unwrap()));
                all += &format!("{table}\n");
            }
        }
        all
    };
    act(&world, "revoke --subject ref:C-1");
    act(&world, "object --subject ref:C-5 --purpose promotion");
    act(&world, "rectify --subject ref:C-2 --set contact.phone=87019998877 --document letter");
    let _ = world.dsr(["hold", "add", "--subject", "ref:C-17", "--basis", "order 2-1"]).ok();
    let _ = world.dsr(["restrict", "--subject", "ref:C-9", "--reason", "inaccurate", "--yes"]).ok();
    let before = whole(&world);
    let _ = restore(&world, &[]).ok();
    let (after, before): (Vec<_>, Vec<_>) =
        (whole(&world).lines().map(str::to_owned).collect(), before.lines().map(str::to_owned).collect());
    let missing: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(before.len(), after.len());
    let found = world.dsr(["find", "phone:87019998877", "--format", "json"]).ok().json();
    assert_eq!(found["candidates"].as_array().unwrap().len(), 1, "found by the corrected number");
}

#[test]
fn what_a_hand_took_away_comes_back_and_what_came_later_is_named() {
    let (world, _) = backed_up();
    let before = records(&world, "ref:C-2");
    assert!(before > 0);
    let late = r#"{"kind":"subject","ref":"C-900","identifiers":[{"type":"phone","value":"87017770077"}]}
{"kind":"record","ref":"R-900","subject":"C-900","category":"contact","collected_at":"2026-11-01","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"Late","phone":"87017770077"}}
{"kind":"disclosure","ref":"D-900","subject":"C-900","recipient":"Bank","country":"KZ","categories":["contact"],"purpose":"service","basis":"contract","at":"2026-11-02"}
"#;
    let file = world.write("late.ndjson", late);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    Connection::open(world.store())
        .unwrap()
        .execute_batch("PRAGMA foreign_keys = ON; DELETE FROM record WHERE subject = (SELECT id FROM subject WHERE ref = 'C-2' AND controller = 1)")
        .unwrap();
    assert_eq!(records(&world, "ref:C-2"), 0);
    let _ = restore(&world, &[]).ok().says("records that came after the backup: 1");
    assert_eq!(records(&world, "ref:C-2"), before);
    assert!(!lies_somewhere(&world, "7017770077") || file.exists());
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    assert_eq!(records(&world, "ref:C-900"), 1, "imported again");
}

/// The store is lost, or an older copy was put in its place: the backup alone, with what lies beside it.
#[test]
fn where_only_the_backup_is_left_the_log_names_the_gap_for_ever() {
    for (about, ruin) in [
        ("lost", (|world: &World| fs::remove_file(world.store()).unwrap()) as fn(&World)),
        ("garbage", |world| fs::write(world.store(), "garbage").unwrap()),
        ("older", |world| fs::copy(world.path().join("bk/a.sqlite"), world.store()).map(drop).unwrap()),
    ] {
        let (world, _) = backed_up();
        let phone = phone_of(&world, "C-7").trim_start_matches('+').to_owned();
        act(&world, "erase --subject ref:C-7");
        act(&world, "revoke --subject ref:C-1");
        let withdrawn: i64 = one(&world, "SELECT count(*) FROM consent WHERE withdrawn_at IS NOT NULL");
        let _ = world.dsr(["audit", "head", "--out", "before.note"]).ok();
        let size = world.dsr(["audit", "head", "--format", "json"]).ok().json()["size"].as_u64().unwrap();
        ruin(&world);
        assert_ne!(world.dsr(["status"]).code, 0, "{about}");
        let _ = restore(&world, &[]).ok();
        let _ = world.dsr(["subject", "show", "ref:C-7"]).exits(3);
        if about != "older" {
            assert!(!lies_somewhere(&world, &phone), "{about}");
        }
        let again: i64 = one(&world, "SELECT count(*) FROM consent WHERE withdrawn_at IS NOT NULL");
        assert_eq!(again, withdrawn, "{about}: withdrawn again");
        for _ in 0..2 {
            let verdict = world.dsr(["audit", "verify", "--format", "json"]).ok().says("entries 4 to");
            let gap = &verdict.json()["gaps"][0];
            assert_eq!(
                (&gap["entry"], &gap["from"], &gap["to"]),
                (&4.into(), &4.into(), &size.into()),
                "{about}"
            );
            let _ = world.dsr(["find", "ref:C-2"]).ok();
        }
        let _ = world.dsr(["audit", "verify", "--head", "before.note"]).exits(9).says("names the gap");
        // The store that was replaced is a copy that no destruction reaches: the doctor names it.
        let _ = world.dsr(["doctor"]).exits(if about == "lost" { 0 } else { 6 });
        let _ = restore(&world, &[]).ok().says("1 people destroyed");
        let _ = world.dsr(["subject", "show", "ref:C-7"]).exits(3);
        let kept = world.files().iter().any(|file| file.to_string_lossy().contains(".replaced-"));
        assert_eq!(kept, about != "lost", "what was there is kept");
    }
}

#[test]
fn what_cannot_be_trusted_is_not_brought_back() {
    let (world, backup) = backed_up();
    act(&world, "erase --subject ref:C-7");
    let before = world.bytes();
    let whole = fs::read(&backup).unwrap();
    let ledger = PathBuf::from(format!("{}.ledger", world.store().display()));
    let mut changed = whole.clone();
    changed[5000] ^= 1;
    fs::write(&backup, changed).unwrap();
    let _ = restore(&world, &[]).exits(9).says("no manifest vouches");
    fs::write(&backup, &whole).unwrap();
    fs::set_permissions(&backup, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(&backup, fs::Permissions::from_mode(0o600)).unwrap();
    let other = World::with_fixtures();
    fs::create_dir(other.path().join("bk")).unwrap();
    for name in ["a.sqlite", "a.sqlite.manifest"] {
        fs::copy(world.path().join("bk").join(name), other.path().join("bk").join(name)).unwrap();
    }
    let _ = restore(&other, &[]).exits(9).says("of another store");
    let kept = fs::read(&ledger).unwrap();
    fs::remove_file(&ledger).unwrap();
    let _ = restore(&world, &[]).exits(9).says("--without-ledger");
    fs::write(&ledger, "dsr ledger 1 from 99\n").unwrap();
    fs::set_permissions(&ledger, fs::Permissions::from_mode(0o600)).unwrap();
    let _ = restore(&world, &[]).exits(9).says("since entry 99 only");
    let torn = String::from_utf8(kept.clone()).unwrap().replace("\n. ", "\n");
    fs::write(&ledger, torn).unwrap();
    let _ = restore(&world, &[]).exits(9).says("damaged");
    fs::set_permissions(world.store(), fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&ledger, &kept).unwrap();
    let _ = restore(&world, &[]).exits(6).says("chmod 600");
    fs::set_permissions(world.store(), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&ledger, &kept).unwrap();
    let _ = world.dsr(["restore", "bk/a.sqlite"]).exits(2).says("--yes");
    let _ = world.dsr(["restore", "missing"]).exits(2);
    assert!(world.bytes() == before, "nothing of it changed the store");
}

#[test]
fn the_ledger_forgets_when_no_backup_can_hold_the_person() {
    let (mut world, _) = backed_up();
    act(&world, "erase --subject ref:C-7");
    let ledger = PathBuf::from(format!("{}.ledger", world.store().display()));
    let groups = |path: &Path| fs::read_to_string(path).unwrap().matches("\n@ ").count();
    let _ = world.dsr(["backup", "bk/b.sqlite", "--keep", "3"]).ok();
    assert_eq!(groups(&ledger), 1, "the first backup still holds them");
    world.at("2026-12-25T10:00:00+05:00");
    let _ = world.dsr(["backup", "bk/c.sqlite"]).ok();
    assert_eq!(groups(&ledger), 0, "both terms are over");
    let _ = restore(&world, &[]).exits(9).says("past its term").says("--without-ledger");
    let _ = world.dsr(["restore", "bk/c.sqlite", "--yes"]).ok();
    let _ = world.dsr(["subject", "show", "ref:C-7"]).exits(3);
}

/// The backup as the first version of the store would have made it: its tables, its columns, its number.
fn made_older(backup: &Path) {
    let mut old = backup.to_owned();
    old.set_extension("old");
    let conn = Connection::open(&old).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(include_str!("../src/store/migrations/001_init.sql")).unwrap();
    conn.execute("ATTACH ?1 AS new", [backup.to_str().unwrap()]).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut query = conn.prepare(sql).unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(|row| row.unwrap()).collect()
    };
    for table in names("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    {
        let columns = names(&format!(
            "SELECT o.name FROM pragma_table_info('{table}', 'main') o JOIN pragma_table_info('{table}', 'new') n USING (name)"
        ))
        .join(", ");
        let which = if table == "migration" { "WHERE version = 1" } else { "" };
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table} {which}");
        conn.execute(&copy, []).unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    conn.execute_batch("PRAGMA application_id = 0x64737231; PRAGMA user_version = 1; DETACH new").unwrap();
    drop(conn);
    let said: Value = serde_json::from_slice(&fs::read(manifest(backup)).unwrap()).unwrap();
    fs::rename(&old, backup).unwrap();
    fs::set_permissions(backup, fs::Permissions::from_mode(0o600)).unwrap();
    fs::remove_file(manifest(backup)).unwrap();
    let text = |key: &str| said[key].as_str().unwrap().to_owned();
    let made = dsr::store::backup::Manifest::of(backup, text("taken_at"), text("keep_until"), text("head"));
    made.unwrap().write(backup).unwrap();
}

fn manifest(backup: &Path) -> PathBuf {
    PathBuf::from(format!("{}.manifest", backup.display()))
}

#[test]
fn a_backup_of_an_older_version_is_brought_back_too() {
    for lost in [false, true] {
        let (world, backup) = backed_up();
        made_older(&backup);
        let before = (records(&world, "ref:C-1"), records(&world, "ref:C-27"));
        act(&world, "erase --subject ref:C-7");
        if lost {
            fs::remove_file(world.store()).unwrap();
        }
        let bytes = fs::read(&backup).unwrap();
        let _ = restore(&world, &[]).ok().says("1 people destroyed");
        assert!(fs::read(&backup).unwrap() == bytes, "the backup stays as it was");
        assert_eq!((records(&world, "ref:C-1"), records(&world, "ref:C-27")), before);
        let _ = world.dsr(["subject", "show", "ref:C-7"]).exits(3);
        let _ = world.dsr(["audit", "verify"]).ok();
        let _ = world.dsr(["doctor"]).ok();
    }
}

/// A kill leaves a draft with people's data beside the store: it is named, keeps no act pending for ever, and goes.
#[test]
fn a_draft_that_a_kill_left_is_taken_away_and_the_log_says_so() {
    let (world, backup) = backed_up();
    let draft = world.path().join(".dsr-00112233445566778899aabbccddeeff.part");
    fs::copy(&backup, &draft).unwrap();
    fs::write(draft.with_extension("part-journal"), "").unwrap();
    let said = world.dsr(["doctor"]).exits(6).stdout;
    assert!(said.contains("dsr sanitize takes them away") && !said.contains("rm "), "{said}");
    let day = world.dsr(["status", "--lang", "en"]).ok().stdout;
    assert!(day.contains("eeff.part"), "{day}");
    let args = ["erase", "--subject", "ref:C-7", "--identity", "document", "--yes"];
    let _ = world.dsr(args).exits(8).says("destroyed bytes remain");
    let _ = world.dsr(["sanitize"]).ok().says("taken away: 1");
    assert!(!draft.exists() && !draft.with_extension("part-journal").exists());
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("drafts 1"), "{log}");
    let _ = world.dsr(["doctor"]).ok();
}

#[test]
fn what_was_lost_with_the_store_is_said_in_the_log() {
    let (world, _) = backed_up();
    let _ = world.dsr(["hold", "add", "--subject", "ref:C-17", "--basis", "court"]).ok();
    fs::remove_file(world.store()).unwrap();
    let _ = restore(&world, &[]).ok().says("enter it again");
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("lost_register 1") && log.contains("lost_from"), "{log}");
    let _ = world.dsr(["audit", "verify"]).ok().says("and what they had entered");
}

/// Numbers on papers: of a case, an act, a hold, and a letter of the case that the backup knows.
fn given_out(world: &World, leaver: &str) -> [String; 4] {
    for command in [
        "request open --right access --subject ref:C-2 --channel email",
        &format!("erase --subject {leaver} --identity document --yes"),
        "hold add --subject ref:C-17 --basis court",
        "request letter 2026-000001",
    ] {
        let _ = world.dsr(command.split(' ')).ok();
    }
    [
        "SELECT number FROM case_file WHERE asked = 'access' ORDER BY id DESC LIMIT 1",
        "SELECT number FROM destruction ORDER BY id DESC LIMIT 1",
        "SELECT 'H-' || max(id) FROM hold",
        "SELECT payload ->> '$.number' FROM case_event WHERE kind = 'lettered' ORDER BY id DESC LIMIT 1",
    ]
    .map(|sql| one(world, sql))
}

/// A number that was given after the backup leads nobody to somebody else's case, act, hold or letter.
#[test]
fn numbers_that_a_lost_store_gave_out_are_not_given_again() {
    let (mut world, _) = backed_up();
    let _ =
        world.dsr(["access", "--subject", "ref:C-1", "--identity", "document", "--channel", "email"]).ok();
    let _ = world.dsr(["backup", "bk/b.sqlite"]).ok();
    let back = |world: &World| world.dsr(["restore", "bk/b.sqlite", "--yes"]).ok();
    let mut seen = std::collections::BTreeSet::new();
    for (life, leaver) in ["ref:C-7", "ref:C-8", "ref:C-10"].into_iter().enumerate() {
        for number in given_out(&world, leaver) {
            assert!(seen.insert(number.clone()), "{life}: {number} again: {seen:?}");
        }
        fs::remove_file(world.store()).unwrap();
        world.at(["2026-11-22T10:01", "2026-11-22T10:20", "2026-11-22T10:40"][life]);
        let _ = back(&world).says("numbers of cases, acts, holds and letters go on after 46");
    }
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("numbers_passed 468640"), "{log}");
    let quiet = back(&world);
    assert!(!quiet.stderr.contains("go on after"), "nothing was lost: {}", quiet.stderr);
    world.at("2027-01-04T10:00");
    assert_eq!(given_out(&world, "ref:C-23")[0], "2027-000001");
}

#[test]
fn an_old_signing_key_is_told_of() {
    let mut world = World::with_store("mycar");
    assert!(world.dsr(["doctor"]).ok().stdout.contains("signing key"));
    world.at("2028-11-23T10:00:00+05:00");
    let said = world.dsr(["doctor"]).exits(6).stdout;
    assert!(said.contains("audit key rotate"), "{said}");
    let _ = world.dsr(["audit", "key", "rotate"]).ok();
    assert!(!world.dsr(["doctor"]).stdout.contains("longer than two years"));
}

/// Every page of it may be sound and its manifest vouch for it: what it points at has to be there, too.
#[test]
fn a_backup_whose_references_are_broken_is_damaged() {
    let (world, backup) = backed_up();
    let before = world.bytes();
    let break_one = |path: &Path| {
        let conn = Connection::open(path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; UPDATE record SET subject = 999999 WHERE id = 1")
            .unwrap();
    };
    break_one(&backup);
    let said: Value = serde_json::from_slice(&fs::read(manifest(&backup)).unwrap()).unwrap();
    fs::remove_file(manifest(&backup)).unwrap();
    let text = |key: &str| said[key].as_str().unwrap().to_owned();
    let made = dsr::store::backup::Manifest::of(&backup, text("taken_at"), text("keep_until"), text("head"));
    made.unwrap().write(&backup).unwrap();
    for more in [&["--dry-run"][..], &[]] {
        let _ = restore(&world, more).exits(9).says("the backup is damaged").says("name another backup");
    }
    assert_eq!(world.bytes(), before);
    break_one(&world.store());
    let _ = world.dsr(["backup", "bk/b.sqlite"]).exits(9).says("points at one that is not there");
    let found = world.dsr(["doctor", "--format", "csv"]);
    assert!(found.stdout.contains("points at one that is not there: dsr restore BACKUP"), "{}", found.stdout);
}
