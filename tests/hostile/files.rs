//! Files that are not what they should be: links where an answer is to go, foreign and damaged databases.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    process::Stdio,
};

use crate::{
    common::{Run, World, fixture},
    whole,
};

#[test]
fn no_answer_goes_through_a_link_or_over_a_file() {
    let world = World::with_fixtures();
    let target = world.write("target.txt", "as it was");
    let link = world.path().join("link.json");
    symlink(&target, &link).unwrap();
    symlink(world.path().join("nowhere"), world.path().join("dangling.json")).unwrap();
    fs::hard_link(&target, world.path().join("hard.json")).unwrap();
    for output in ["link.json", "dangling.json", "hard.json", "target.txt", "missing/copy.json", "./"] {
        for command in ["export --subject ref:C-1 --output", "audit head --out", "backup"] {
            let run = world.dsr(command.split(' ').chain([output]));
            let made = output == "missing/copy.json" && command == "backup";
            assert!(run.code != 0 || made || output == "./", "{command} {output}: {}", run.stderr);
            assert_eq!(fs::read_to_string(&target).unwrap(), "as it was", "{command} {output}");
        }
    }
    assert!(!world.path().join("nowhere").exists());
}

#[test]
fn no_name_of_a_file_comes_from_the_data() {
    let world = World::with_fixtures();
    let line = r#"{"kind":"subject","ref":"../../etc/x\u0000","identifiers":[{"type":"account","value":"../../../tmp/y"}]}"#;
    let _ = world.write("p.ndjson", line);
    let _ = world.dsr(["import", "p.ndjson"]);
    let before: Vec<_> = names(&world);
    for selector in ["account:../../../tmp/y", "ref:../../etc/x"] {
        let _ = world.dsr(["export", "--subject", selector, "--format", "json"]);
        let _ = world.dsr(["erase", "--subject", selector, "--identity", "document", "--yes"]);
    }
    assert_eq!(names(&world), before);
}

fn names(world: &World) -> Vec<String> {
    let mut all: Vec<String> = fs::read_dir(world.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("store.sqlite"))
        .collect();
    all.sort();
    all
}

/// Another program's database, and ours with something in it that is not ours: recognised, and left as it is.
#[test]
fn what_is_not_ours_is_left_byte_for_byte() {
    for (about, sql) in [
        ("a view", "CREATE VIEW subject_all AS SELECT * FROM subject"),
        (
            "a trigger that copies",
            "CREATE TABLE copies (data); CREATE TRIGGER t AFTER DELETE ON record BEGIN INSERT INTO copies VALUES (old.data); END",
        ),
        ("a table that copies", "CREATE TABLE staging AS SELECT * FROM record"),
        ("a full-text table", "CREATE VIRTUAL TABLE words USING fts5(data)"),
        ("statistics", "ANALYZE"),
        ("an index on an expression", "CREATE INDEX hidden ON record (lower(data))"),
        ("a column more", "ALTER TABLE subject ADD COLUMN more TEXT"),
        ("a table less", "DROP TABLE annotation"),
        (
            "a schema written by hand",
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' ' WHERE name = 'record'",
        ),
        ("another application", "PRAGMA application_id = 1"),
        ("write-ahead mode and a foreign table", "PRAGMA journal_mode = WAL; CREATE TABLE x (y)"),
    ] {
        let world = World::with_fixtures();
        rusqlite::Connection::open(world.store()).unwrap().execute_batch(sql).unwrap();
        let before = world.bytes();
        for command in [
            "erase --subject ref:C-23 --identity document --yes",
            "purge-expired --enable",
            "sanitize",
            "import x.ndjson",
            "revoke --subject ref:C-1 --identity document --yes",
        ] {
            // Statistics alone have a way out, and every refusal names it.
            if (about, command) == ("statistics", "sanitize") {
                continue;
            }
            let _ = world.write("x.ndjson", "{\"kind\":\"subject\",\"ref\":\"X\",\"identifiers\":[]}\n");
            let run = world.dsr(command.split(' '));
            assert_eq!(run.code, 9, "{about}: {command}: {}", run.stderr);
            assert!(world.bytes() == before, "{about}: {command} changed the file");
        }
    }
}

/// Whoever can write a backup can write its manifest. What is wrong with it is said of it, and not of the store.
#[test]
fn a_hostile_backup_changes_nothing_and_is_named() {
    let world = World::with_fixtures();
    let _ = world.dsr(["backup", "good"]).ok();
    let before = world.bytes();
    let manifest = fs::read_to_string(world.path().join("good.manifest")).unwrap();
    for (about, sql, code, says) in [
        (
            "a trigger",
            "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record; END",
            9,
            "the backup is damaged",
        ),
        ("a table", "CREATE TABLE copies AS SELECT * FROM record", 9, "the backup is damaged"),
        ("statistics", "ANALYZE", 9, "the backup is damaged"),
        ("another application", "PRAGMA application_id = 1", 9, "the backup is damaged"),
        ("a log without its end", "DELETE FROM audit_entry WHERE seq = 2", 9, "the backup is damaged"),
        ("a newer version", "PRAGMA user_version = 99", 6, "/bad` has version 99"),
    ] {
        let bad = world.path().join("bad");
        fs::copy(world.path().join("good"), &bad).unwrap();
        rusqlite::Connection::open(&bad).unwrap().execute_batch(sql).unwrap();
        let bytes = fs::read(&bad).unwrap();
        let mut forged: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        forged["bytes"] = bytes.len().into();
        forged["sha256"] = sha256(&bytes).into();
        let path = world.write("bad.manifest", forged.to_string());
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        let run = world.dsr(["restore", bad.to_str().unwrap(), "--yes"]);
        assert_eq!(run.code, code, "{about}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{about}: {}", run.stderr);
        assert!(!run.stderr.contains(".part") && !run.stderr.contains("sanitize"), "{about}: {}", run.stderr);
        assert!(world.bytes() == before, "{about}: the store was changed");
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A pipe, a device or a directory where a file is looked for: nobody waits for it, and it is read without end nowhere.
#[test]
fn nobody_waits_for_a_pipe() {
    let make = |path: &std::path::Path, kind: &str| match kind {
        "pipe" => {
            let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
            rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
        }
        "device" => symlink("/dev/zero", path).unwrap(),
        _ => fs::create_dir(path).unwrap(),
    };
    for kind in ["pipe", "device", "directory"] {
        let world = World::with_fixtures();
        let odd = world.path().join("odd");
        make(&odd, kind);
        for line in
            ["restore odd --yes", "policy check --source odd --controller mycar", "audit verify --head odd"]
        {
            let run = in_time(&world, line);
            assert!(run.code != 0, "{kind}: {line}: {}", run.stdout);
        }
        for ending in ["key", "signing", "vkeys", "head", "heads", "ledger", "purge-lock"] {
            let path = world.path().join(format!("store.sqlite.{ending}"));
            let before = fs::rename(&path, world.path().join("away")).is_ok();
            make(&path, kind);
            for line in [
                "find ref:C-1",
                "doctor",
                "audit verify",
                "erase --subject ref:C-2 --identity document --yes",
                "purge-expired --enable",
                "backup odd-backup",
            ] {
                let run = in_time(&world, line);
                assert!(
                    run.code != 1 || run.stderr.contains(ending),
                    "{ending} is a {kind}: {line}: {}",
                    run.stderr
                );
            }
            if kind == "directory" { fs::remove_dir(&path) } else { fs::remove_file(&path) }.unwrap();
            if before {
                fs::rename(world.path().join("away"), &path).unwrap();
            }
        }
    }
}

/// What a command that waits for nobody said.
fn in_time(world: &World, line: &str) -> Run {
    let mut command = world.command(line.split(' '));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..1_200 {
        if child.try_wait().unwrap().is_some() {
            return Run::of(&child.wait_with_output().unwrap());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    Run::of(&child.wait_with_output().unwrap()).says(&format!("an end of {line}"))
}

/// The root of a table or an index says to be another kind of page: of an empty one the engine's own check passes over that.
#[test]
fn a_root_of_another_kind_is_found_before_anything_goes() {
    let world = World::with_fixtures();
    let good = world.bytes();
    let roots: Vec<(String, i64)> = {
        let conn = rusqlite::Connection::open(world.store()).unwrap();
        let mut query = conn.prepare("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0").unwrap();
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    assert!(roots.len() > 40, "{roots:?}");
    for (name, root) in roots {
        let (mut bytes, at) = (good.clone(), usize::try_from(root - 1).unwrap() * 4096);
        // A leaf becomes an inner page, and the other way round.
        bytes[at] ^= 8;
        fs::write(world.store(), &bytes).unwrap();
        let run = world.dsr(["erase", "--subject", "ref:C-23", "--identity", "document", "--yes"]);
        assert_eq!(run.code, 9, "{name}: {}", run.stderr);
        assert!(world.bytes() == bytes, "{name}: left as it is");
    }
}

/// An act that waits is read again when it is closed, after the bytes are gone. What the engine takes for sound and nobody can
/// read is found before anything goes; and a restore does not keep it.
#[test]
fn an_act_that_nobody_can_read_is_found_before_anything_goes() {
    let world = World::with_fixtures();
    let _ = world.dsr(["backup", "a"]).ok();
    let erase = "erase --subject ref:C-23 --identity document --yes";
    let line = "erase --subject ref:C-8 --identity document --yes --defer-destruction";
    let _ = world.dsr(line.split(' ')).ok();
    let good = world.bytes();
    for damage in [
        "UPDATE destruction SET counts = '{'",
        "UPDATE destruction SET kept = '[7]'",
        "UPDATE destruction SET number = CAST(x'ff' AS TEXT)",
        "UPDATE case_event SET payload = '{}'",
        "UPDATE case_file SET number = CAST(x'ff' AS TEXT)",
    ] {
        let _ = rusqlite::Connection::open(world.store()).unwrap().execute(damage, []).unwrap();
        let bytes = world.bytes();
        for command in
            [erase, "purge-expired --enable", "erase --subject ref:NOBODY --identity document --yes"]
        {
            let run = world.dsr(command.split(' '));
            assert_eq!(run.code, 9, "{damage}: {command}: {}{}", run.stdout, run.stderr);
            assert!(world.bytes() == bytes, "{damage}: {command} changed the file");
        }
        fs::write(world.store(), &good).unwrap();
    }
    let damage = "UPDATE destruction SET counts = '{'";
    let _ = rusqlite::Connection::open(world.store()).unwrap().execute(damage, []).unwrap();
    let _ = world.dsr(["restore", "a", "--yes"]).ok();
    let _ = world.dsr(erase.split(' ')).ok();
}

/// What nobody can read in the register, or what points at nothing there, would stay for good if a restore kept it: the doctor
/// names it, and after the restore everything goes on. What is damaged in the data comes from the backup, and the register stays.
#[test]
fn a_register_that_nobody_can_read_is_not_kept_by_a_restore() {
    let world = World::with_fixtures();
    let _ = world.dsr(["backup", "a"]).ok();
    for line in [
        "erase --subject ref:C-8 --identity document --yes --defer-destruction",
        "hold add --subject ref:C-17 --basis court",
        "object --subject ref:C-1 --purpose promotion --yes",
    ] {
        let _ = world.dsr(line.split(' ')).ok();
    }
    let beside: Vec<_> =
        world.files().into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect();
    for (damage, keeps) in [
        ("UPDATE destruction SET case_id = 999", false),
        ("UPDATE destruction SET counts = '{'", false),
        ("UPDATE hold SET subject = 9999", false),
        ("UPDATE case_event SET case_id = 999 WHERE id = (SELECT max(id) FROM case_event)", false),
        ("UPDATE suppression SET subject = 9999", false),
        ("UPDATE case_event SET kind = 'zz' WHERE id = 1", false),
        ("UPDATE case_file SET state = 'zz' WHERE id = 1", false),
        ("UPDATE record SET subject = 9999 WHERE id = (SELECT max(id) FROM record)", true),
    ] {
        let conn = rusqlite::Connection::open(world.store()).unwrap();
        conn.execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF").unwrap();
        assert!(conn.execute(damage, []).unwrap() > 0, "{damage}");
        drop(conn);
        assert_eq!(world.dsr(["doctor"]).code, 9, "{damage}");
        let plan = world.dsr(["restore", "a", "--dry-run", "--format", "json"]).ok().json();
        assert_eq!(plan["way"], if keeps { "data" } else { "alone" }, "{damage}");
        let _ = world.dsr(["restore", "a", "--yes"]).ok();
        assert_ne!(world.dsr(["doctor"]).code, 9, "{damage}");
        for line in
            ["backup b", "erase --subject ref:C-23 --identity document --yes", "status", "audit verify"]
        {
            let run = world.dsr(line.split(' '));
            assert_eq!(run.code, 0, "{damage}: {line}: {}", run.stderr);
        }
        world.files().into_iter().for_each(|file| fs::remove_file(file).unwrap());
        beside.iter().for_each(|(file, bytes)| fs::write(file, bytes).unwrap());
        beside
            .iter()
            .for_each(|(file, _)| fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap());
    }
}

/// Bits flipped anywhere in the file. Whatever is refused was not touched; what goes on ends well or says that bytes
/// may remain, and never with a certificate over a damaged file.
#[test]
fn a_damaged_store_is_recognised_or_carries_on() {
    let world = World::with_fixtures();
    let good = world.bytes();
    let flips = if whole() { 10_000_u64 } else { 251 };
    let (mut refused, mut went_on, mut dice) = (0, 0, 7_u64);
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % sides
    };
    for nth in 0..flips {
        let mut bytes = good.clone();
        for _ in 0..=roll(3) {
            // Half of them where the structure is dense: the heads of pages.
            let page = roll(bytes.len() / 4096) * 4096;
            let at = if roll(2) == 0 { page + roll(100) } else { roll(bytes.len()) };
            bytes[at] ^= 1 << roll(8);
        }
        // The last of the short form once hid a person behind a damaged index.
        if !whole() && (60..250).contains(&nth) {
            continue;
        }
        let damaged = World::empty_in_memory();
        for file in world.files() {
            fs::copy(&file, damaged.path().join(file.file_name().unwrap())).unwrap();
        }
        fs::write(damaged.store(), &bytes).unwrap();
        fs::set_permissions(damaged.store(), fs::Permissions::from_mode(0o600)).unwrap();
        let run = damaged.dsr(["erase", "--subject", "ref:C-23", "--identity", "document", "--yes"]);
        match run.code {
            0 => {
                went_on += 1;
                // An edited entry is the auditor's to find: no destruction reads the whole log.
                let check = damaged.dsr(["doctor", "--format", "csv"]).stdout;
                let mut rows = check.lines().filter(|row| !row.starts_with("\"audit log\","));
                assert!(
                    rows.all(|row| !row.contains("dsr restore")),
                    "flip {nth}: done on a damaged file: {check}"
                );
            }
            code => {
                refused += 1;
                assert!([1, 2, 3, 4, 5, 6, 8, 9].contains(&code), "flip {nth}: {code}: {}", run.stderr);
                assert!(
                    code == 8 || damaged.bytes() == bytes,
                    "flip {nth}: exit {code}, and changed: {}",
                    run.stderr
                );
                assert_ne!(code, 8, "flip {nth}: begun on a damaged file: {}", run.stderr);
            }
        }
    }
    crate::common::tell(&format!("damaged stores: {refused} refused, {went_on} went on"));
    assert!(refused > 0 && went_on > 0);
}

/// Larger than is read row by row: a page that no step would touch is damaged, and nothing is begun all the same.
#[test]
fn a_large_damaged_store_is_left_as_it_is() {
    let world = World::in_memory("mycar");
    let file = fixture("mycar.ndjson");
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    let large = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO record (subject, controller, category, collected_at, source, given_by, purposes, data)
        SELECT (SELECT id FROM subject WHERE ref = 'C-2'), 1, 1, 1770000000, 'web_form', 'self', 'service',
               json_object('given_name', printf('%.*c', 60000, 'x')) FROM n";
    let conn = rusqlite::Connection::open(world.store()).unwrap();
    conn.execute_batch(&format!("PRAGMA journal_mode = TRUNCATE; {large}")).unwrap();
    drop(conn);
    let erase = "erase --subject ref:C-23 --identity document --yes";
    let sound = world.bytes();
    let mut bytes = sound.clone();
    assert!(bytes.len() > 64 << 20);
    // An overflow page of somebody else's record, led astray.
    let page = 40 << 20;
    bytes[page..page + 4].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
    fs::write(world.store(), &bytes).unwrap();
    for command in [
        erase,
        "rectify --subject ref:C-23 --set contact.phone=87019998877 --document letter --identity document --yes",
        "purge-expired --enable",
        "erase --subject ref:NOBODY --identity document --yes",
    ] {
        let run = world.dsr(command.split(' '));
        assert_eq!(run.code, 9, "{command}: {}{}", run.stdout, run.stderr);
        assert!(world.bytes() == bytes, "{command} changed the file");
    }
    // Every page is sound, and one of the person's records stands under somebody else in the index of persons.
    let hidden = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, 'activity_at)', 'activity_at) WHERE 0') WHERE name = 'record_subject'";
    let back = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, ' WHERE 0', '') WHERE name = 'record_subject'";
    let moved = "UPDATE record SET subject = (SELECT id FROM subject WHERE ref = 'C-23')
        WHERE id = (SELECT max(id) FROM record)";
    fs::write(world.store(), &sound).unwrap();
    for sql in [hidden, moved, back] {
        rusqlite::Connection::open(world.store()).unwrap().execute_batch(sql).unwrap();
    }
    let with_hidden = world.bytes();
    let _ = world.dsr(["status"]).ok();
    let _ = world.dsr(erase.split(' ')).exits(9).says("the store is corrupt");
    assert!(world.bytes() == with_hidden, "begun on records that an index hides");
    fs::write(world.store(), &bytes).unwrap();
    // Left to another command, what it touches is sound: it is deleted, and never said to be destroyed.
    let _ = world.dsr(erase.split(' ').chain(["--defer-destruction"])).ok();
    let run = world.dsr(["sanitize"]);
    assert!([8, 9].contains(&run.code), "{}{}", run.stdout, run.stderr);
    let acts = world.dsr(["report", "destruction", "--format", "json"]).ok().json();
    assert_eq!(acts["acts"][0]["state"], "pending");
}
