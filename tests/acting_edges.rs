//! Edges of acting on data: two asks in one day, plans edited by hand, numbers that are another person's.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{World, fixture};

const SURE: &[&str] = &["--identity", "document", "--yes"];

fn act<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().chain(SURE).copied().collect()
}

/// What waits for a deal is not forgotten because something smaller was asked on the same day.
#[test]
fn a_second_ask_of_a_day_leaves_what_waits() {
    let mut world = World::with_fixtures();
    let _ = world.dsr(act(&["revoke", "--subject", "ref:C-2"])).ok();
    let narrow = ["revoke", "--subject", "ref:C-2", "--scope", "promotion"];
    let _ = world.dsr(act(&[&narrow[..], &["--request", "2026-000001"]].concat())).exits(2);
    let _ = world.dsr(act(&narrow)).ok();
    let state = |world: &World, number| world.dsr(["request", "show", number, "--format", "json"]).json();
    assert_eq!(state(&world, "2026-000001")["state"], "waiting");
    world.at("2026-12-10T17:00:00+05:00");
    let later = fixture("mycar-later.ndjson");
    let _ = world.dsr(["import", &later.to_string_lossy()]).ok();
    let case = state(&world, "2026-000001");
    assert_eq!((&case["state"], &case["due"]), (&"verified".into(), &"2026-12-11".into()), "{case}");
}

/// A number that names another person never becomes this person's, and no value is guessed at.
#[test]
fn a_correction_is_one_persons_and_said_once() {
    let world = World::with_fixtures();
    let before = world.bytes();
    for (code, says, sets) in [
        (5, "another person", &["identity.iin=900101399998"][..]),
        (5, "another person", &["account.account=MC-0002"]),
        (2, "set twice", &["contact.address=a", "contact.address=b"]),
        (2, "empty", &["contact.address= "]),
        (2, "check digit", &["identity.iin=900101499995"]),
    ] {
        let mut words = vec!["rectify", "--subject", "ref:C-1", "--document", "ID card"];
        words.extend(sets.iter().flat_map(|set| ["--set", set]));
        for how in [&["--dry-run"][..], &["--yes"]] {
            let run =
                world.dsr([&words[..], &["--identity", "document"], how].concat()).exits(code).says(says);
            assert!(!run.stderr.contains("90010"), "{}", run.stderr);
        }
    }
    assert!(before == world.bytes());
}

/// A plan edited by hand is none, whatever was edited: the person, a value, the proof of identity.
#[test]
fn an_edited_plan_is_refused() {
    let world = World::with_fixtures();
    let other = world.id("mycar", "ref:C-3").replace("id:", "");
    let person = world.id("mycar", "ref:C-1").replace("id:", "");
    let set =
        ["rectify", "--subject", "ref:C-1", "--set", "contact.phone=87010000099", "--document", "ID card"];
    let _ = world.dsr([&set[..], &["--identity", "document", "--plan-out", "plan.json"]].concat()).ok();
    let plan = std::fs::read_to_string(world.path().join("plan.json")).unwrap();
    let before = world.bytes();
    for (old, new) in [
        ("0000099", "0000088"),
        (person.as_str(), other.as_str()),
        ("identity\": \"document", "identity\": \"court"),
    ] {
        assert!(plan.contains(old));
        world.write("edited.json", plan.replace(old, new));
        let _ = world.dsr(["apply", "edited.json", "--yes"]).exits(5).says("changed after it was written");
    }
    assert!(before == world.bytes());
    let _ = world.dsr(["apply", "plan.json", "--yes"]).ok();
}

/// A block runs from the receipt; a plan of it carried out an hour later is the same plan.
#[test]
fn a_plan_keeps_the_time_of_receipt() {
    let mut world = World::with_fixtures();
    let block = ["restrict", "--subject", "ref:C-1", "--reason", "disputed", "--plan-out", "plan.json"];
    let _ = world.dsr(block).ok();
    world.at("2026-11-22T11:00:00+05:00");
    let _ = world.dsr(["apply", "plan.json", "--yes"]).ok();
}

/// A case of another person, right or controller proves nothing, in a preview neither; and a mistyped ref does not
/// close the case of somebody who is held.
#[test]
fn another_ones_case_is_refused() {
    let world = World::with_fixtures();
    let _ = world
        .dsr(["request", "open", "--right", "erase", "--subject", "ref:C-2", "--identity", "document"])
        .ok();
    let before = world.bytes();
    for words in [
        &["erase", "--subject", "ref:C-1"][..],
        &["erase", "--subject", "ref:C-999"],
        &["revoke", "--subject", "ref:C-2"],
        &["erase", "--subject", "ref:A-1", "--controller", "automaster"],
    ] {
        for how in ["--dry-run", "--yes"] {
            let _ = world
                .dsr([words, &["--request", "2026-000001", how]].concat())
                .exits(2)
                .says("case 2026-000001");
        }
    }
    assert!(before == world.bytes());
}

/// With the key of another store nobody destroyed would be known again: nothing is done, and doctor says so.
#[test]
fn another_stores_key_is_refused() {
    let (world, other) = (World::with_fixtures(), World::with_store("mycar"));
    let _ = world.dsr(act(&["erase", "--subject", "ref:C-1"])).ok();
    let key = world.path().join("store.sqlite.key");
    std::fs::copy(other.path().join("store.sqlite.key"), &key).unwrap();
    let (before, file) = (world.bytes(), fixture("mycar.ndjson"));
    let _ = world.dsr(act(&["erase", "--subject", "ref:C-2"])).exits(6).says("another store");
    let _ = world.dsr(["object", "--subject", "ref:C-5", "--yes"]).exits(6);
    let _ = world.dsr(["import", &file.to_string_lossy()]).exits(6);
    assert!(world.dsr(["doctor"]).exits(6).stdout.contains("another"));
    assert!(before == world.bytes());
}

/// Bytes left behind by a run that was cut short go when the command is repeated.
#[test]
fn a_repeated_command_finishes_the_destruction() {
    let world = World::with_fixtures();
    let erase = act(&["erase", "--subject", "ref:C-1", "--format", "json"]);
    let first = world.dsr([&erase[..], &["--defer-destruction"]].concat()).ok().json();
    assert_eq!(first["outcome"]["destruction"], "pending");
    let again = world.dsr(&erase).ok().json();
    assert_eq!(again["outcome"]["act"], first["outcome"]["act"], "{again}");
    assert_eq!(again["outcome"]["destruction"], "destroyed");
    let status = world.dsr(["status", "--format", "json"]).json();
    assert_eq!(status["destruction_pending"], 0);
}

/// A returning customer may stand after their records in the file; they come without what they had stopped.
#[test]
fn a_returning_customer_in_any_order() {
    const SUBJECT: &str = r#"{"kind":"subject","ref":"C-7","born":null,"identifiers":[{"type":"phone","value":"+7 701 000 00 07"}]}"#;
    const RECORD: &str = r#"{"kind":"record","ref":"R-7777","subject":"C-7","category":"contact","collected_at":"2026-11-24T10:00+05:00","source":"web_form","given_by":"self","purposes":["service","promotion"],"data":{"phone":"+7 701 000 00 07"}}"#;
    for lines in [[SUBJECT, RECORD], [RECORD, SUBJECT]] {
        let mut world = World::with_fixtures();
        let _ = world.dsr(act(&["object", "--subject", "ref:C-7"])).ok();
        let _ = world.dsr(act(&["erase", "--subject", "ref:C-7"])).ok();
        world.at("2026-11-25T10:00:00+05:00").write("new.ndjson", lines.join("\n"));
        let _ = world.dsr(["import", "new.ndjson"]).ok();
        let copy = world
            .dsr(["export", "--subject", "ref:C-7", "--identity", "document", "--format", "json"])
            .json();
        assert_eq!(copy["records"][0]["purposes"], serde_json::json!(["service"]), "{copy}");
        let stopped = world.dsr(["suppress", "list", "--format", "json"]).json();
        assert_eq!(stopped["suppressions"][0]["subject"], copy["subject"]["id"], "{stopped}");
    }
}

/// A form that an answer does not have is refused before anything is done, not after.
#[test]
fn no_form_is_found_out_too_late() {
    let world = World::with_fixtures();
    let before = world.bytes();
    let file = fixture("mycar.ndjson");
    let file = file.to_string_lossy();
    for words in [
        &["erase", "--subject", "ref:C-1", "--identity", "document", "--yes"][..],
        &["restrict", "--subject", "ref:C-1", "--reason", "x", "--yes"],
        &["hold", "add", "--subject", "ref:C-1", "--basis", "x"],
        &["consent", "add", "--subject", "ref:C-1", "--scope", "promotion", "--method", "paper"],
        &["request", "open", "--right", "erase", "--subject", "ref:C-1"],
        &["import", &file],
        &["sanitize"],
    ] {
        let _ = world.dsr([words, &["--format", "html"]].concat()).exits(2).says("html");
    }
    assert!(before == world.bytes());
}

/// What is mistyped is refused, and what is done already is said so.
#[test]
fn small_things_of_the_ledger() {
    let world = World::with_fixtures();
    let before = world.bytes();
    let consent = ["consent", "add", "--subject", "ref:C-1", "--scope", "promotion"];
    for more in [
        &["--method", "paper", "--given-by", "nobody"][..],
        &["--method", "paper", "--given", "2027-01-01"],
        &["--method", "paper", "--given", "2026-01-02", "--expires", "2026-01-01"],
        &["--method", " "],
    ] {
        let _ = world.dsr([&consent[..], more].concat()).exits(2);
    }
    let _ = world.dsr(["apply", "missing.json", "--yes"]).exits(2);
    assert!(before == world.bytes());
    let _ = world.dsr(["hold", "add", "--subject", "ref:C-1", "--basis", "court order"]).ok();
    let _ = world.dsr(["hold", "release", "H-1"]).ok();
    let _ = world.dsr(["hold", "release", "H-1"]).ok();
}
