//! What a restore must not bring back, lose or confuse, whatever lies beside the store and however often it is done.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use common::{
    World,
    kept::{act, back_up, backed_up, beside, restore},
};
use dsr::store::{Mode, Store, backup::Draft};
use rusqlite::Connection;

fn import(world: &World, lines: &str) {
    let file = world.write("more.ndjson", lines);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
}

fn private(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn one<T: rusqlite::types::FromSql>(world: &World, sql: &str) -> T {
    Connection::open(world.store()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Somebody who comes after the backup.
const LATE: &str = r#"{"kind":"subject","ref":"C-900","identifiers":[{"type":"phone","value":"87017770077"}]}
{"kind":"record","ref":"R-900","subject":"C-900","category":"contact","collected_at":"2026-11-01","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"Late","phone":"87017770077"}}
"#;

/// What the lost log destroyed names rows that the restored one gave to others since: a second restore leaves those alone.
#[test]
fn a_second_restore_destroys_nobody_of_the_log_that_goes_on() {
    let world = backed_up();
    import(&world, LATE);
    for who in ["C-17", "C-16", "C-15", "C-1", "C-3", "C-4"] {
        let _ = world.dsr(["hold", "add", "--subject", &format!("ref:{who}"), "--basis", "court"]).ok();
    }
    act(&world, "erase --subject ref:C-900");
    fs::write(world.store(), "damaged").unwrap();
    let _ = restore(&world, "a").ok();
    let other = LATE.replace("C-900", "C-9901").replace("R-900", "R-9901").replace("0077", "0078");
    import(&world, &other);
    let rows = "SELECT group_concat(id || ' ' || subject) FROM record WHERE ref = 'R-9901'";
    let there: String = one(&world, rows);
    let _ = world.dsr(["backup", "bk/c"]).ok();
    fs::write(world.store(), "damaged").unwrap();
    let _ = restore(&world, "c").ok().says("again: 0 records");
    assert_eq!(one::<String>(&world, rows), there, "somebody else's record");
    // A backup of the log that was left behind would bring back whom the other one destroyed.
    let _ = world.dsr(["audit", "verify"]).ok();
}

/// Heads were given out of every log that a restore left behind; what named the first gap is lost with the second.
#[test]
fn heads_of_logs_that_were_lost_one_after_another_convict_nobody() {
    let world = backed_up();
    for holds in [6, 3, 1] {
        for who in ["C-17", "C-16", "C-15", "C-1", "C-3", "C-4"].into_iter().take(holds) {
            let _ = world.dsr(["hold", "add", "--subject", &format!("ref:{who}"), "--basis", "court"]).ok();
        }
        let _ = world.dsr(["audit", "head", "--out", &format!("after-{holds}.head")]).ok();
        fs::write(world.store(), "damaged").unwrap();
        let _ = restore(&world, "a").ok();
        let _ = world.dsr(["audit", "verify"]).ok();
    }
    act(&world, "erase --subject ref:C-10");
    let _ = world.dsr(["audit", "verify"]).ok();
}

/// A restore that nothing can be set aside for leaves the store that is there as usable as it was.
#[test]
fn a_restore_that_replaced_nothing_hinders_nobody() {
    let world = backed_up();
    let _ = world.dsr(["hold", "add", "--subject", "ref:C-17", "--basis", "court"]).ok();
    act(&world, "erase --subject ref:C-8");
    let conn = Connection::open(world.store()).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; UPDATE hold SET subject = 9999").unwrap();
    drop(conn);
    let _ = world.dsr(["status"]).ok();
    let now = chrono::DateTime::parse_from_rfc3339("2026-11-22T10:00:00+05:00").unwrap().timestamp();
    let name = format!("{}.replaced-{now}", world.store().file_name().unwrap().to_string_lossy());
    fs::create_dir(world.store().with_file_name(&name)).unwrap();
    let _ = restore(&world, "a").exits(1);
    for command in ["status", "find ref:C-1", "hold add --subject ref:C-9 --basis court", "audit verify"] {
        let _ = world.dsr(command.split(' ')).ok();
    }
    fs::remove_dir(world.store().with_file_name(&name)).unwrap();
    let _ = restore(&world, "a").ok();
    let _ = world.dsr(["subject", "show", "ref:C-8"]).exits(3);
}

/// A ledger that lacks a group is as good as none, be it an older copy, one with a part cut out, or another store's.
#[test]
fn a_ledger_that_is_not_whole_brings_nobody_back() {
    let world = backed_up();
    let ledger = beside(&world, "ledger");
    act(&world, "erase --subject ref:C-8");
    let older = fs::read_to_string(&ledger).unwrap();
    act(&world, "erase --subject ref:C-7");
    let whole = fs::read_to_string(&ledger).unwrap();
    let stranger = World::with_fixtures();
    let _ = stranger.dsr(["backup", "b"]).ok();
    act(&stranger, "erase --subject ref:C-10");
    let theirs = fs::read_to_string(beside(&stranger, "ledger")).unwrap();
    let first = whole.find("\n@ ").unwrap();
    let second = first + 3 + whole[first + 3..].find("\n@ ").unwrap();
    for (about, text, says) in [
        ("older", older, "the ledger lacks what entry"),
        ("one taken out", format!("{}{}", &whole[..first], &whole[second..]), "the ledger lacks what entry"),
        ("another store's", theirs, "of another store"),
    ] {
        private(&ledger, &text);
        let _ = world.dsr(["restore", "bk/a", "--dry-run"]).exits(9).says(says);
        let _ = restore(&world, "a").exits(9).says(says).says("--without-ledger");
        let _ = world.dsr(["doctor"]).exits(6);
        let _ = world.dsr(["subject", "show", "ref:C-7"]).exits(3);
        let about_it = world.dsr(["doctor"]).stdout;
        assert!(about_it.contains(says), "{about}: {about_it}");
    }
    let _ = world.dsr(["erase", "--subject", "ref:C-10", "--identity", "document", "--yes"]).exits(9);
    private(&ledger, &whole);
    let _ = world.dsr(["doctor"]).ok();
    let _ = restore(&world, "a").ok().says("2 people destroyed");
    private(&ledger, &whole[..first]);
    let _ = world.dsr(["restore", "bk/a", "--yes", "--without-ledger"]).ok();
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("without_ledger 1"), "{log}");
}

/// A ledger of an earlier version names no log and no groups before.
#[test]
fn a_ledger_of_an_earlier_version_is_read() {
    let world = backed_up();
    act(&world, "erase --subject ref:C-7");
    let ledger = beside(&world, "ledger");
    let text = fs::read_to_string(&ledger).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let from = lines[0].split(' ').nth(4).unwrap().to_owned();
    lines[0] = format!("dsr ledger 1 from {from}");
    private(&ledger, &(lines.join("\n") + "\n"));
    let _ = restore(&world, "a").exits(9).says("was changed, or cut");
    let conn = Connection::open(world.store()).unwrap();
    conn.execute("DELETE FROM meta WHERE key = 'ledger_is'", []).unwrap();
    let _ = restore(&world, "a").ok().says("1 people destroyed");
    let _ = world.dsr(["doctor"]).ok();
}

/// One digit of the first group: another record would be destroyed again, and the one that was comes back.
#[test]
fn a_changed_byte_of_the_ledger_stops_what_destroys_and_what_brings_back() {
    let world = backed_up();
    let ledger = beside(&world, "ledger");
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-7");
    let whole = fs::read_to_string(&ledger).unwrap();
    let at = whole.find("\nr ").unwrap() + 3;
    let digit = if whole[at..].starts_with('1') { "2" } else { "1" };
    private(&ledger, &format!("{}{digit}{}", &whole[..at], &whole[at + 1..]));
    let before = world.bytes();
    let says = "was changed, or cut, since dsr wrote it last";
    for command in ["erase --subject ref:C-10 --identity document --yes", "restore bk/a --yes", "backup bk/b"]
    {
        let run = world.dsr(command.split(' ')).exits(9).says(says).says("--without-ledger");
        assert!(world.bytes() == before, "{command}: {}", run.stderr);
    }
    assert!(world.dsr(["doctor"]).exits(6).stdout.contains(says));
    let _ = world.dsr(["restore", "bk/a", "--yes", "--without-ledger"]).ok();
    let _ = world.dsr(["subject", "show", "ref:C-8"]).ok();
    private(&ledger, &whole);
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-10");
    private(&ledger, &whole);
    let _ = world.dsr(["restore", "bk/a", "--yes", "--without-ledger"]).ok();
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("without_ledger 1"), "{log}");
    let verified = world.dsr(["audit", "verify", "--format", "json"]).ok().says("without the ledger");
    assert_eq!(verified.json()["without_ledger"].as_array().unwrap().len(), 2);
}

/// The store is lost, and a ledger of which a digit is another is left: nobody is destroyed by it, and it is kept apart.
#[test]
fn alone_without_the_ledger_nobody_is_destroyed_by_it() {
    let world = backed_up();
    let ledger = beside(&world, "ledger");
    act(&world, "erase --subject ref:C-8");
    let whole = fs::read_to_string(&ledger).unwrap();
    fs::remove_file(world.store()).unwrap();
    let before = rows(&world, "bk/a");
    let _ = world.dsr(["restore", "bk/a", "--yes", "--without-ledger"]).ok();
    assert_eq!(rows(&world, world.store().to_str().unwrap()), before);
    let _ = world.dsr(["audit", "verify"]).ok().says("without the ledger");
    assert_ne!(fs::read_to_string(&ledger).unwrap(), whole, "begun anew");
    let kept = fs::read_dir(world.store().parent().unwrap()).unwrap().map(|file| file.unwrap().path());
    let kept: Vec<_> = kept.filter(|file| file.to_string_lossy().contains(".replaced-")).collect();
    assert!(kept.iter().any(|file| fs::read_to_string(file).is_ok_and(|text| text == whole)), "{kept:?}");
    act(&world, "erase --subject ref:C-8");
}

fn rows(world: &World, store: &str) -> i64 {
    let conn = Connection::open(world.path().join(store)).unwrap();
    conn.query_row("SELECT count(*) FROM record", [], |row| row.get(0)).unwrap()
}

/// The backup is within its term; the ledger is not the one that knew of it.
#[test]
fn a_ledger_that_was_begun_anew_names_the_way_to_an_older_backup() {
    let world = backed_up();
    act(&world, "erase --subject ref:C-8");
    fs::remove_file(beside(&world, "ledger")).unwrap();
    back_up(&world, "b");
    let _ = restore(&world, "a").exits(9).says("begun anew").says("--without-ledger");
    let _ = world.dsr(["restore", "bk/a", "--yes", "--without-ledger"]).ok();
}

/// Imported again, somebody has another number and another row; the ledger names those, and a backup the first ones.
#[test]
fn a_backup_from_before_another_restore_brings_nobody_back_whole() {
    let world = backed_up();
    import(&world, LATE);
    back_up(&world, "b");
    let _ = restore(&world, "a").ok();
    let _ = world.dsr(["restore", "bk/b", "--dry-run"]).ok();
    import(&world, LATE);
    let _ = world.dsr(["restore", "bk/b", "--dry-run"]).ok();
    act(&world, "erase --subject ref:C-900");
    let way = "bring back the older one again (of 3 entries), or one that was made after entry";
    let _ = restore(&world, "b").exits(9).says("an older backup was brought back").says(way);
    let _ = world.dsr(["subject", "show", "ref:C-900"]).exits(3);
    let _ = restore(&world, "a").ok();
    let _ = world.dsr(["subject", "show", "ref:C-900"]).exits(3);
}

/// The case of somebody who was imported after the backup is still theirs when they are imported again.
#[test]
fn an_open_case_keeps_its_person() {
    let world = backed_up();
    import(&world, LATE);
    let id = world.id("mycar", "ref:C-900");
    let _ = world.dsr(["request", "open", "--right", "erase", "--subject", "ref:C-900"]).ok();
    let number: String = one(&world, "SELECT number FROM case_file ORDER BY id DESC LIMIT 1");
    let _ = world.dsr(["request", "verify", &number, "--identity", "document"]).ok();
    let _ = restore(&world, "a").ok();
    import(&world, LATE);
    assert_eq!(world.id("mycar", "ref:C-900"), id);
    let _ = world.dsr(["erase", "--subject", &id, "--request", &number, "--yes"]).ok();
    let _ = world.dsr(["subject", "show", "ref:C-900"]).exits(3);
}

fn contact_of(day: &str, phone: &str) -> String {
    format!(
        r#"{{"kind":"record","ref":"R-101","subject":"C-1","category":"contact","collected_at":"{day}","consent":"K-101","source":"web_form","given_by":"self","purposes":["service"],"data":{{"given_name":"Асель","family_name":"Омарова","phone":"{phone}"}}}}"#
    )
}

/// A record is the one of its ref, though an import gave it another day.
#[test]
fn a_correction_of_a_record_with_another_day_stays() {
    let world = backed_up();
    let newer = contact_of("2026-10-01", "87010000001");
    import(&world, &newer);
    act(&world, "rectify --subject ref:C-1 --set contact.phone=87019998877 --document letter");
    let _ = restore(&world, "a").ok().says("1 payloads rectified");
    import(&world, &newer);
    let found = world.dsr(["find", "phone:87019998877", "--format", "json"]).ok().json();
    assert_eq!(found["candidates"].as_array().unwrap().len(), 1);
    // One of a record that came later goes with it, and that is said.
    import(&world, LATE);
    act(&world, "rectify --subject ref:C-900 --set contact.phone=87019998866 --document letter");
    let _ = restore(&world, "a").ok().says("after the backup: 1; make them again");
}

/// The row of a deal that went is given to another: what came later is nobody else's.
#[test]
fn a_deal_in_a_row_that_was_used_before_stays() {
    let world = World::with_fixtures();
    fs::create_dir(world.path().join("bk")).unwrap();
    let deal = |reference: &str, subject: &str, closed: &str| {
        format!(
            "{{\"kind\":\"obligation\",\"ref\":\"{reference}\",\"subject\":\"{subject}\",\"type\":\"purchase\",\"opened_at\":\"2026-10-01\",\"closed_at\":{closed}}}\n"
        )
    };
    let call = r#"{"kind":"contact","ref":"T-900","subject":"C-900","at":"2026-11-02","direction":"in"}"#;
    import(&world, &format!("{LATE}{}{call}\n", deal("O-900", "C-900", "\"2026-10-02\"")));
    back_up(&world, "a");
    act(&world, "erase --subject ref:C-900");
    let call = call.replace("T-900", "T-901").replace("C-900", "C-8");
    import(&world, &format!("{}{call}\n", deal("O-901", "C-8", "null")));
    let row = |world: &World| -> i64 { one(world, "SELECT id FROM obligation WHERE ref = 'O-901'") };
    let before = row(&world);
    let _ = restore(&world, "a").ok();
    assert_eq!(row(&world), before, "a waiting case points at it by its row");
    assert_eq!(one::<i64>(&world, "SELECT count(*) FROM contact WHERE ref = 'T-901'"), 1);
    assert_eq!(one::<i64>(&world, "SELECT count(*) FROM obligation WHERE ref = 'O-900'"), 0, "gone again");
    let later = LATE.replace("C-900", "C-950").replace("R-900", "R-950").replace("7770077", "7770078");
    import(&world, &format!("{later}{}", deal("O-950", "C-950", "null")));
    let _ = restore(&world, "a").ok().says("with their people: 1");
}

/// A copy that was killed lies where the backup should have come, whole, with everybody in it.
#[test]
fn a_draft_of_a_killed_backup_goes_with_the_next() {
    let world = backed_up();
    let draft = world.path().join("bk/.dsr-00112233445566778899aabbccddeeff.part");
    fs::copy(world.path().join("bk/a"), &draft).unwrap();
    let said = world.dsr(["doctor"]).exits(6).stdout;
    assert!(said.contains("eeff.part"), "{said}");
    let _ = world.dsr(["backup", "bk/b"]).ok().says("taken away: 1");
    assert!(!draft.exists());
    let _ = world.dsr(["doctor"]).ok();
}

/// Killed while the ledger was shortened, or before a draft was filled: no copy of anybody, and it is not called one.
#[test]
fn a_draft_of_the_ledger_is_no_copy_of_the_store() {
    let world = backed_up();
    let own = world.store().file_name().unwrap().to_string_lossy().into_owned();
    for (name, content) in [(format!("{own}.ledger.new-123"), "dsr ledger 2"), ("00ff".into(), "")] {
        let draft = world.store().with_file_name(format!(".dsr-{name}.part"));
        fs::write(&draft, content).unwrap();
        let said = world.dsr(["doctor", "--format", "csv"]).exits(6).stdout;
        assert!(said.contains("drafts of the ledger or of another small file"), "{said}");
        assert!(said.contains(&name) && said.contains("dsr sanitize takes them away"), "{said}");
        assert!(!said.contains("whole copies"), "{said}");
        let day = world.dsr(["status", "--lang", "en"]).ok().stdout;
        assert!(!day.contains("a copy of the whole store"), "{day}");
        let _ = world.dsr(["sanitize"]).ok().says("taken away: 1");
        assert!(!draft.exists());
        let _ = world.dsr(["doctor"]).ok();
    }
}

/// Earlier versions left a manifest under a name that was no draft's; whoever else's file has that name keeps it.
#[test]
fn a_manifest_that_was_about_to_be_goes_too() {
    let world = backed_up();
    let left = world.path().join("bk/c.manifest.new");
    let foreign = world.path().join("bk/notes.manifest.new");
    private(&foreign, "mine");
    for way in ["sanitize", "backup bk/b"] {
        fs::copy(world.path().join("bk/a.manifest"), &left).unwrap();
        let said = world.dsr(["doctor", "--format", "csv"]).exits(6).stdout;
        assert!(said.contains("c.manifest.new") && said.contains("no copies of the store"), "{said}");
        assert!(!said.contains("notes"), "{said}");
        let _ = world.dsr(way.split(' ')).ok().says("taken away: 1");
        assert!(!left.exists() && foreign.exists());
        let _ = world.dsr(["doctor"]).ok();
    }
}

/// A first backup, where none was finished: whoever took its draft away left what stood beside it, pages of everybody.
#[test]
fn what_stood_beside_a_first_draft_that_is_gone_goes_too() {
    let world = World::with_fixtures();
    let first = world.path().join("first");
    fs::create_dir(&first).unwrap();
    let mut store = Store::open(&world.store(), Mode::ReadWrite, Duration::ZERO).unwrap();
    let draft = Draft::begin(&first.join("a"), [7; 16]).unwrap();
    store.transact(|tx| tx.begins_backup(&world.store(), &draft)).unwrap();
    drop(store);
    let beside = |ending: &str| format!("{}{ending}", draft.path().display());
    let left = ["-journal", ".head"].map(beside);
    drop(draft);
    for path in &left {
        fs::write(path, "x").unwrap();
    }
    let said = world.dsr(["doctor"]).exits(6).stdout;
    assert!(said.contains(".part-journal") && said.contains(".part.head"), "{said}");
    let _ = world.dsr(["sanitize"]).ok().says("taken away: 2");
    assert!(left.iter().all(|path| !Path::new(path).exists()));
    let rows: i64 = one(&world, "SELECT count(*) FROM meta WHERE key LIKE 'backup_begun%'");
    assert_eq!(rows, 0, "it is missed no more");
    let _ = world.dsr(["doctor"]).ok();
}

/// Where a backup was begun and its disk was taken away before it ended: that is said, and taken up once it is back.
#[test]
fn a_backup_that_was_cut_off_on_a_disk_that_is_away_is_remembered() {
    let world = backed_up();
    let stick = world.path().join("stick");
    fs::create_dir(&stick).unwrap();
    let mut store = Store::open(&world.store(), Mode::ReadWrite, Duration::ZERO).unwrap();
    let draft = Draft::begin(&stick.join("a"), [7; 16]).unwrap();
    store.transact(|tx| tx.begins_backup(&world.store(), &draft)).unwrap();
    store.copy_into(&draft).unwrap();
    let copies = |world: &World| world.dsr(["doctor", "--format", "json"]).stdout;
    // While it is written it is nobody's business.
    let day = |world: &World| world.dsr(["status", "--format", "json"]).ok().stdout;
    assert!(!day(&world).contains("\"copy\""), "{}", day(&world));
    // Of the copy itself nothing says that it was cut off.
    let rows: i64 = Connection::open(draft.path())
        .unwrap()
        .query_row("SELECT count(*) FROM meta WHERE key LIKE 'backup_begun%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
    let (path, kept) = (draft.path().to_owned(), world.path().join("kept"));
    fs::copy(&path, &kept).unwrap();
    drop(draft);
    drop(store);
    assert!(!day(&world).contains("\"copy\""), "it took its draft away");
    fs::rename(&kept, &path).unwrap();
    assert!(day(&world).contains("dsr sanitize"), "{}", day(&world));
    assert!(copies(&world).contains("dsr sanitize takes them away"), "{}", copies(&world));
    // The stick is pulled out.
    fs::rename(&stick, world.path().join("elsewhere")).unwrap();
    assert!(day(&world).contains("dsr doctor"), "{}", day(&world));
    assert!(copies(&world).contains("once it is back, run dsr sanitize"), "{}", copies(&world));
    let _ = world.dsr(["sanitize"]).ok();
    assert!(day(&world).contains("dsr doctor"), "nobody forgets it meanwhile");
    fs::rename(world.path().join("elsewhere"), &stick).unwrap();
    let _ = world.dsr(["sanitize"]).ok().says("taken away: 1");
    assert!(!path.exists());
    assert!(!day(&world).contains("\"copy\""), "{}", day(&world));
    let _ = world.dsr(["doctor"]).ok();
}

/// What is gone for good is missed until somebody says so, and nobody says so of what is there.
#[test]
fn a_directory_that_is_gone_for_good_is_missed_no_more() {
    let world = backed_up();
    let stick = world.path().join("stick");
    fs::create_dir(&stick).unwrap();
    let mut store = Store::open(&world.store(), Mode::ReadWrite, Duration::ZERO).unwrap();
    let draft = Draft::begin(&stick.join("a"), [7; 16]).unwrap();
    store.transact(|tx| tx.begins_backup(&world.store(), &draft)).unwrap();
    drop(store);
    drop(draft);
    fs::write(stick.join(".dsr-07070707070707070707070707070707.part"), "x").unwrap();
    let gone = |world: &World| world.dsr(["sanitize", "--gone", stick.to_str().unwrap()]);
    let _ = gone(&world).exits(2).says("no backup that was cut off is missed");
    fs::remove_dir_all(&stick).unwrap();
    let away = || world.dsr(["doctor", "--format", "json"]).ok().stdout.contains("sanitize --gone ");
    assert!(away());
    let _ = gone(&world).ok().says("given up: 1");
    assert!(!away());
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("given_up 1"), "{log}");
}

/// A draft that was taken away by hand leaves its journal, with pages of everybody in it.
#[test]
fn what_stood_beside_a_draft_goes_too() {
    let world = backed_up();
    for place in ["", "bk/"] {
        let journal = world.path().join(format!("{place}.dsr-0011.part-journal"));
        fs::write(&journal, "x").unwrap();
        let said = world.dsr(["doctor"]).exits(6).stdout;
        assert!(said.contains("0011.part-journal") && said.contains("dsr sanitize"), "{said}");
        let day = world.dsr(["status", "--lang", "en"]).ok().stdout;
        assert!(day.contains("0011.part-journal"), "{day}");
        let _ = world.dsr(["sanitize"]).ok().says("taken away: 1");
        assert!(!journal.exists());
        let _ = world.dsr(["doctor"]).ok();
    }
}
