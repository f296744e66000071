//! A block for a check from outside: what it stops, what it never stops, and the three ways it ends.

mod common;

use common::{
    World,
    plan::{list, steps, text},
};
use serde_json::Value;

const AM: &str = "--controller automaster";

fn blocked(world: &World, who: &str) -> Value {
    world.asks(&format!("restrict --subject {who} --reason disputed")).ok().json()
}

/// A letter that asks for a block, entered and not carried out.
fn letter(world: &World, who: &str) -> String {
    let words = format!("request open --right restrict --subject {who} --channel email --format json");
    text(&world.dsr(words.split(' ')).ok().json()["number"]).to_owned()
}

#[test]
fn a_block_stops_destruction_and_never_the_persons_own_copy() {
    let world = World::with_fixtures();
    let before = world.holds("ref:C-1", "mycar");
    let plan = blocked(&world, "ref:C-1");
    let about = list(&plan["steps"][0]["about"]).iter().map(text).collect::<Vec<_>>().join("; ");
    for word in ["use", "mailing", "disclosure to others", "purge", "destruction", "own access and copy"] {
        assert!(about.contains(word), "{word}: {about}");
    }
    let erase = world.does("erase --subject ref:C-1").ok().json();
    assert_eq!((&erase["decision"], &erase["already_done"]), (&"partial".into(), &false.into()));
    assert_eq!(erase["outcome"]["state"], "waiting");
    assert!(list(&erase["steps"]).is_empty());
    let cited = |line: &Value| line["clause"] == "4.2" && line["law"] == "94-V art. 25(2)(8)";
    assert!(list(&erase["kept"]).iter().all(cited) && list(&erase["kept"]).len() == before.len());
    let copy = world.copy("ref:C-1", "mycar");
    assert_eq!(list(&copy["records"]).len(), before.len(), "own copy whole");
    assert!(list(&copy["records"]).iter().all(|record| record["blocked"] == true));
    let object = world.does("object --subject ref:C-1 --purpose promotion").ok().json();
    assert!(steps(&object).iter().all(|step| !step.contains("destroy")), "{object:#}");
}

/// From the moment of the request (MyCar clause 4.2), and whoever has to set the block comes to it later.
#[test]
fn a_block_that_was_asked_for_stops_destruction_before_it_is_set() {
    let world = World::with_fixtures();
    let before = world.holds("ref:C-1", "mycar");
    let case = letter(&world, "ref:C-1");
    let shown = world.dsr(["request", "show", &case, "--format", "json"]).ok().json();
    assert!(
        text(&shown["ways"][0]).starts_with("dsr restrict --subject"),
        "no identity is asked for: {shown:#}"
    );
    let erase = world.does("erase --subject ref:C-1").ok().json();
    assert_eq!((&erase["decision"], &erase["outcome"]["state"]), (&"partial".into(), &"waiting".into()));
    let cites = |line: &Value| line["clause"] == "4.2" && text(&line["reason"]).contains(&case);
    assert!(
        list(&erase["kept"]).iter().all(cites) && list(&erase["kept"]).len() == before.len(),
        "{erase:#}"
    );
    assert_eq!(world.holds("ref:C-1", "mycar").len(), before.len());
    let third = "export --for third-party --recipient Example --subject ref:C-1 --demand 7-1 --format json";
    assert_eq!(world.dsr(third.split(' ')).json()["decision"], "refuse");
    let copy = world.copy("ref:C-1", "mycar");
    assert!(list(&copy["records"]).iter().all(|record| record["blocked"] == false), "nobody has set it");

    let erasure = text(&erase["outcome"]["case"]).to_owned();
    let again = world.asks(&format!("request resume {erasure}")).json();
    assert_eq!(again["outcome"]["state"], "waiting", "as long as nobody said yes or no");
    let set = blocked(&world, &format!("ref:C-1 --request {case}"));
    assert!(steps(&set).iter().any(|step| step.starts_with("block")), "{:?}", steps(&set));
    let again = world.asks(&format!("request resume {erasure}")).json();
    assert!(list(&again["kept"]).iter().all(cites), "now the check keeps it: {again:#}");
    let _ = world.does(&format!("restrict --subject ref:C-1 --lift --case {case} --finding accurate")).ok();
    let gone = world.asks(&format!("request resume {erasure}")).ok().json();
    assert!(steps(&gone).iter().any(|step| step.starts_with("destroy")), "{gone:#}");
}

#[test]
fn what_was_asked_for_and_refused_or_dropped_stops_nothing_more() {
    let world = World::with_fixtures();
    for (who, end) in [
        ("ref:C-1", "request refuse CASE --ground RF-NOVIOL --facts nothing --signed-by Aigul"),
        ("ref:C-2", "request cancel CASE --reason withdrawn"),
    ] {
        let case = letter(&world, who);
        let erase = world.does(&format!("erase --subject {who}")).ok().json();
        assert_eq!(erase["outcome"]["state"], "waiting", "{who}");
        let _ = world.dsr(end.replace("CASE", &case).split(' ')).ok();
        let erasure = text(&erase["outcome"]["case"]).to_owned();
        let gone = world.asks(&format!("request resume {erasure}")).ok().json();
        assert!(steps(&gone).iter().any(|step| step.starts_with("destroy")), "{who}: {gone:#}");
    }
}

#[test]
fn at_mycar_since_the_receipt_at_automaster_since_the_command() {
    let world = World::with_fixtures();
    for (who, since) in [("ref:C-1", 1_795_169_045_i64), ("ref:A-1", 1_795_323_600)] {
        let controller = if who.contains("A-") { AM } else { "--controller mycar" };
        let words =
            format!("restrict --subject {who} --reason r --received 2026-11-20T15:04:05 {controller}");
        let _ = world.asks(&words).ok();
        let conn = rusqlite::Connection::open(world.store()).unwrap_or_else(|e| panic!("{e}"));
        let found: i64 = conn
            .query_row("SELECT since FROM block ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
            .unwrap_or(0);
        assert_eq!(found, since, "{who}");
    }
}

#[test]
fn a_block_needs_no_identity_and_twice_is_once() {
    let world = World::with_fixtures();
    let _ = blocked(&world, "ref:C-26");
    let again = blocked(&world, "ref:C-26");
    assert_eq!(again["already_done"], true);
    let shown = world.dsr(["request", "show", text(&again["outcome"]["case"])]).ok().stdout;
    assert!(shown.contains("disputed"), "the reason stays in the case: {shown}");
}

#[test]
fn each_finding_opens_its_duty() {
    for (finding, wants, decision) in [
        ("accurate", "unblock x1 (case 2026-000001) by KZ-25.8d", "grant"),
        (
            "inaccurate",
            "manual (rectify the data; destroy it only if it cannot be corrected) by KZ-25.8a",
            "partial",
        ),
        ("unlawful", "destroy contact x1 by KZ-25.8c", "partial"),
    ] {
        let world = World::with_fixtures();
        let _ = blocked(&world, "ref:C-1");
        let words = format!("restrict --subject ref:C-1 --lift --finding {finding}");
        let plan = world.does(&words).ok().json();
        assert!(steps(&plan).iter().any(|step| step == wants), "{finding}: {:#?}", steps(&plan));
        assert_eq!((&plan["decision"], &plan["due"]), (&decision.into(), &"2026-11-23".into()), "{finding}");
        let copy = world.copy("ref:C-1", "mycar");
        let still = list(&copy["records"]).iter().any(|record| record["blocked"] == true);
        assert_eq!(still, finding == "inaccurate", "{finding}");
        let contact = list(&copy["records"]).iter().any(|record| record["category"] == "contact");
        assert_eq!(contact, finding != "unlawful", "{finding}");
    }
}

#[test]
fn an_end_that_waited_ends_only_the_checks_it_was_for() {
    for finding in ["inaccurate", "unlawful"] {
        let mut world = World::with_fixtures();
        let _ = world.asks("restrict --subject ref:C-2 --category contact --reason disputed").ok();
        let lift = format!("restrict --subject ref:C-2 --lift --finding {finding}");
        let waits = world.does(&lift).json();
        let number = text(&waits["outcome"]["case"]).to_owned();
        assert_eq!(waits["outcome"]["state"], "waiting", "{waits:#}");
        assert_eq!(world.does(&lift).json()["outcome"]["case"], *number, "the same command joins it");
        let _ = world.at("2026-11-23T10:00:00+05:00");
        let _ = world.asks("restrict --subject ref:C-2 --category shopping --reason later").ok();
        let done = world.dsr(["request", "resume", &number, "--yes", "--format", "json"]).json();
        assert!(list(&done["kept"]).iter().all(|kept| kept["category"] == "contact"), "{done:#}");
        assert_eq!(list(&done["waits"]).len(), list(&waits["waits"]).len(), "{done:#}");
        let copy = world.copy("ref:C-2", "mycar");
        let shopping = list(&copy["records"]).iter().filter(|record| record["category"] == "shopping");
        let blocked: Vec<bool> = shopping.map(|record| record["blocked"] == true).collect();
        assert!(!blocked.is_empty() && blocked.iter().all(|one| *one), "{finding}: {copy:#}");
        let both = world.does(&lift).json();
        assert_ne!(both["outcome"]["case"], *number, "typed anew it is for both");
    }
}

#[test]
fn unlawful_data_is_told_to_those_who_got_it() {
    let world = World::with_fixtures();
    let _ = blocked(&world, "ref:C-26");
    let plan = world.does("restrict --subject ref:C-26 --lift --finding unlawful").ok().json();
    let told = steps(&plan).iter().filter(|step| step.starts_with("notify")).count();
    assert_eq!(told, 3, "{:#?}", steps(&plan));
}

#[test]
fn a_block_is_due_at_once_and_its_answer_three_working_days_later() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", include_str!("letters/dsr.yaml"));
    let received = "--subject ref:C-3 --received 2026-11-20 --channel email --reason disputed";
    let open = "request open --right restrict --subject ref:C-1 --received 2026-11-20 --channel email";
    let opened = world.dsr(format!("{open} --format json").split_whitespace()).ok().json();
    assert_eq!(opened["due"], "2026-11-20", "until it is blocked");
    let plan = world.does(&format!("restrict {received}")).ok().json();
    let number = text(&plan["outcome"]["case"]).to_owned();
    let shown = world.dsr(["request", "show", &number, "--format", "json"]).ok().json();
    assert_eq!((&shown["due"], &shown["late"]), (&"2026-11-25".into(), &false.into()));
    assert!(list(&shown["duties"]).iter().all(|duty| duty["due"] == "2026-11-25"), "{shown:#}");
    for duty in list(&shown["duties"]).iter().filter(|duty| duty["kind"] != "tell") {
        let step = duty["step"].to_string();
        let _ =
            world.dsr(["request", "done", &number, "--step", &step, "--evidence", "mailing stopped"]).ok();
    }
    let _ = world.dsr(["request", "letter", &number]).ok();
    let answered = world.dsr(["request", "answer", &number, "--channel", "email", "--format", "json"]).ok();
    assert_eq!(answered.json()["state"], "answered");
}
