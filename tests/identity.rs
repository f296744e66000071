//! How surely somebody has to be known before their data is told, changed or destroyed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Run, World};
use serde_json::Value;

/// The reason of the refusal, where there is one.
fn refused(run: &Run) -> String {
    run.json()["refusal"]["says"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_known_contact_is_not_enough_for_every_kind_of_data() {
    let world = World::with_fixtures();
    for (line, code) in [
        ("erase --subject ref:C-1 --identity known_contact", 4),
        ("erase --subject ref:C-1 --identity e_signature", 0),
        ("erase --subject ref:C-1 --category contact --identity known_contact", 0),
        ("revoke --subject ref:C-1 --identity known_contact", 4),
        ("rectify --subject ref:C-1 --set identity.sex=m --document D --identity known_contact", 4),
        ("rectify --subject ref:C-1 --set contact.phone=87010000002 --identity known_contact", 0),
        ("restrict --subject ref:C-1 --reason R --identity known_contact", 0),
        ("object --subject ref:C-1 --purpose promotion --identity known_contact", 0),
    ] {
        let done = world.types(&format!("{line} --dry-run --format json")).exits(code);
        let raised = refused(&done).contains("restricted or biometric");
        assert_eq!(raised, code == 4, "{line}: {}", done.stdout);
    }
}

#[test]
fn what_is_told_to_who_is_not_known_well_enough_is_a_draft() {
    let world = World::with_fixtures();
    let draft = |line: &str| world.asks_for(line)["draft"].clone();
    assert_eq!(draft("access --subject ref:C-1 --identity known_contact"), true, "the IIN is restricted");
    let page = world.types("export --subject ref:C-1 --identity known_contact --lang ru").ok().stdout;
    assert!(page.contains("ограниченного доступа"), "{page}");
    let case = world.asks_for("request show 2026-000001");
    assert_eq!((&case["identity"], &case["state"]), (&Value::Null, &"executed".into()), "{case}");
    let told = world.types("request show 2026-000001").ok().stdout;
    assert!(told.contains("restricted or biometric") && told.contains("request verify"), "{told}");
    let _ = world.types("request answer 2026-000001 --channel email").exits(4).says("unverified");
    assert_eq!(draft("access --subject ref:C-1 --request 2026-000001 --identity document"), false);
    let _ = world.types("request answer 2026-000001 --channel email").ok();
}

#[test]
fn an_erasure_refused_for_it_is_carried_out_once_more_is_confirmed() {
    let world = World::with_fixtures();
    let _ = world.types("erase --subject ref:C-1 --identity known_contact --yes").exits(4);
    let case = world.asks_for("request show 2026-000001");
    assert_eq!(case["state"], "received");
    let again = "erase --subject ref:C-1 --request 2026-000001 --dry-run";
    let _ = world.types(again).exits(4);
    let _ = world.types("request verify 2026-000001 --identity document").ok();
    let _ = world.types(again).ok();
}

#[test]
fn a_contact_that_was_just_changed_proves_nothing() {
    let mut world = World::with_fixtures();
    let erase = "erase --subject ref:C-1 --category contact --identity known_contact --dry-run --format json";
    let line =
        include_str!("../fixtures/mycar.ndjson").lines().find(|line| line.contains("\"R-101\"")).unwrap();
    let other = world.write("other.ndjson", line.replace("ул. Вымышленная, 1", "ул. Вымышленная, 2"));
    let _ = world.dsr(["import", other.to_str().unwrap()]).ok();
    let _ = world.types(erase).ok();
    let changed = world.write("new.ndjson", line.replace("8 (701) 000-00-01", "8 (701) 000-00-77"));
    let _ = world.dsr(["import", changed.to_str().unwrap()]).ok();
    let refusal = world.types(erase).exits(4);
    assert!(refused(&refusal).contains("too new"), "{}", refusal.stdout);
    world.at("2026-12-21T10:00");
    let _ = world.types(erase).exits(4);
    world.at("2026-12-22T10:00");
    let _ = world.types(erase).ok();
    let set = "rectify --subject ref:C-1 --set contact.email=new@omarova.example --document D";
    let _ = world.types(&format!("{set} --identity document --yes")).ok();
    let _ = world.types(erase).exits(4);
}
