//! An order to keep that stands before the request comes: what it alone keeps waits in the case, here and in places of
//! people, is told as waiting, and is ordered once the order has ended.

mod common;

use common::{Run, World, line::flat, plan::text};
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    legal_name: MyCar
    bin: \"191140031171\"
    address: Almaty
    responsible: {name: A. Officer, email: dpo@mycar.example}
    letters_reviewed: [ru, kk]
    systems:
      paper-archive: {kind: manual, owner: Archive, categories: [contact, correspondence]}
      call-recordings: {kind: manual, owner: Call centre, categories: [correspondence]}
";
const CASE: &str = "2026-000001";

fn shown(world: &World) -> Value {
    world.types(&format!("request show {CASE} --format json")).ok().json()
}

/// The steps by hand that are open.
fn open(world: &World) -> Vec<String> {
    let duties = shown(world)["duties"].as_array().cloned().unwrap_or_default();
    let open = duties.iter().filter(|duty| duty["kind"] == "manual" && duty["done"].is_null());
    open.map(|duty| text(&duty["task"]).to_owned()).collect()
}

fn do_all(world: &World) {
    let duties = shown(world)["duties"].as_array().cloned().unwrap_or_default();
    for duty in duties.iter().filter(|duty| duty["done"].is_null() && duty["kind"] != "tell") {
        let _ = world.types(&format!("request done {CASE} --step {} --evidence act-12", duty["step"])).ok();
    }
    let _ = world.types("sanitize").ok();
}

fn letter(world: &World) -> Run {
    world.types(&format!("request letter {CASE} --lang en --format text"))
}

/// Somebody asks while correspondence, or all that is held, is kept by an order.
fn asked(right: &str, category: &str) -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let _ = world.types(&format!("hold add --subject ref:C-1 --basis order-7 {category}")).ok();
    let _ = world.types(&format!("{right} --subject ref:C-1 --identity document --channel email --yes"));
    world
}

#[test]
fn what_an_order_keeps_waits_and_is_ordered_when_it_ends() {
    for right in ["erase", "revoke"] {
        let mut world = asked(right, "--category correspondence");
        assert_eq!(open(&world).iter().filter(|task| task.contains("correspondence")).count(), 0, "{right}");
        do_all(&world);
        let told = letter(&world).ok().stdout;
        let told = flat(&told);
        for says in
            ["number H-1 with us", "Correspondence and calls (paper-archive)", "calls (call-recordings)"]
        {
            assert!(told.contains(says), "{right}: {says}: {told}");
        }
        let _ = world.types(&format!("request answer {CASE} --channel email")).ok();
        let case = shown(&world);
        assert_eq!((&case["state"], &case["ended"]), (&"waiting".into(), &Value::Null), "{right}");

        world.at("2027-02-10T10:00:00+05:00");
        let _ = world.types("report deadlines --check --quiet").ok();
        let goes_on = format!("dsr request resume {CASE}");
        let _ = world.types("hold release H-1").ok().says(&goes_on);
        assert!(world.types("status").stdout.contains(&goes_on), "{right}");
        assert_eq!(shown(&world)["next"], goes_on, "{right}");
        let refused = letter(&world).exits(4);
        assert!(refused.stderr.contains(&goes_on), "{right}: {}", refused.stderr);
        let _ = world.types(&format!("request answer {CASE} --channel email")).exits(4).says(&goes_on);

        let _ = world.types(&format!("request resume {CASE} --yes")).ok();
        let ordered = open(&world);
        for owner in ["(Archive)", "(Call centre)"] {
            let is = |task: &String| task.contains("correspondence") && task.ends_with(owner);
            assert!(ordered.iter().any(is), "{right}: {owner}: {ordered:#?}");
        }
        let again = |task: &&String| task.contains("contact");
        assert_eq!(ordered.iter().find(again), None, "{right}: what was done stays done");
        do_all(&world);
        assert!(!letter(&world).ok().stdout.contains("H-1"), "{right}");
        let _ = world.types(&format!("request answer {CASE} --channel email")).ok();
        assert_eq!(shown(&world)["state"], "answered", "{right}");
        let _ = world.types("audit verify").ok();
    }
}

/// Where all of it is kept nothing is done and the code says so; the case waits for the end of the order all the same.
#[test]
fn whoever_is_kept_whole_waits_for_the_end_of_the_order() {
    let mut world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let _ = world.types("hold add --subject ref:C-1 --basis order-7").ok();
    let erase = "erase --subject ref:C-1 --identity document --channel email --yes --format json";
    let plan = world.types(erase).exits(4).json();
    assert_eq!(
        (&plan["decision"], &plan["steps"]),
        (&"refuse".into(), &Value::Array(Vec::new())),
        "{plan:#}"
    );
    assert_eq!(shown(&world)["state"], "waiting");
    let told = flat(&letter(&world).ok().stdout);
    assert!(told.contains("H-1"), "{told}");
    let _ = world.types(&format!("request answer {CASE} --channel email")).ok();

    world.at("2027-02-10T10:00:00+05:00");
    let _ = world.types("hold release H-1").ok().says(&format!("dsr request resume {CASE}"));
    let _ = world.types(&format!("request resume {CASE} --yes")).ok();
    assert!(open(&world).iter().any(|task| task.starts_with("destroy")), "{:#?}", open(&world));
}

/// What was ordered beside it, in places and in none, and who was told, stands when the order ends: only what it kept is new.
#[test]
fn the_end_of_an_order_sets_nothing_a_second_time() {
    for (who, right, kept) in [
        ("C-26", "revoke", "technical"),
        ("C-26", "erase", "technical"),
        ("C-26", "revoke", "contact"),
        ("C-26", "erase", "contact"),
        ("C-26", "revoke", "all"),
        ("C-27", "revoke", "technical"),
        ("C-27", "erase", "technical"),
        ("C-1", "revoke", "account"),
        ("C-1", "restrict", "account"),
    ] {
        let about = format!("{who} {right} {kept}");
        let mut world = World::with_fixtures();
        world.write("dsr.yaml", OFFICE);
        let category = if kept == "all" { String::new() } else { format!("--category {kept}") };
        let _ = world.types(&format!("hold add --subject ref:{who} --basis order-7 {category}")).ok();
        let why = if right == "restrict" { "--reason disputed" } else { "" };
        let ask = format!("{right} --subject ref:{who} --identity document --channel email --yes {why}");
        let _ = world.types(&ask).ok();
        let first = steps(&world);
        assert!(!first.is_empty(), "{about}");
        do_all(&world);
        for recipient in first.iter().filter(|[kind, ..]| kind == "tell").map(|[_, place, _]| place) {
            let told = ["request", "told", CASE, "--recipient", recipient, "--at", "2026-11-22"];
            let _ = world.dsr(told).ok();
        }
        world.at("2027-02-10T10:00:00+05:00");
        let _ = world.types("hold release H-1").ok();
        let _ = world.types(&format!("request resume {CASE} --yes")).ok();
        let then: Vec<[String; 3]> = steps(&world).into_iter().skip(first.len()).collect();
        let twice: Vec<_> = then.iter().filter(|step| first.contains(step)).collect();
        assert!(twice.is_empty(), "{about}: {twice:#?}");
        let fresh = match kept {
            "contact" => "paper-archive destroy contact (Archive)",
            "all" if who == "C-26" => {
                "Банк «Пример» those who received the data are told of the withdrawal; call-recordings destroy \
                 correspondence (Call centre); paper-archive destroy contact, correspondence (Archive)"
            }
            _ => "",
        };
        let then: Vec<String> = then.iter().map(|[_, place, task]| format!("{place} {task}")).collect();
        assert_eq!(then.join("; "), fresh, "{about}");
    }
}

/// The kind, place and words of every step of the case.
fn steps(world: &World) -> Vec<[String; 3]> {
    let duties = shown(world)["duties"].as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    duties.iter().map(|duty| ["kind", "place", "task"].map(|key| word(&duty[key]))).collect()
}
