//! Gone from outside: after each right the destroyed values are in no file of the store, and a program killed
//! at any instant leaves nothing half-done.

mod common;

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use common::{
    World,
    plan::{list, text},
};

/// The forms in which a value could lie in a file.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u16> = value.encode_utf16().collect();
    let mut forms = vec![
        value.as_bytes().to_vec(),
        utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ];
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    if digits.len() >= 10 {
        let number: u64 = digits.parse().unwrap_or_default();
        forms.push(number.to_be_bytes()[2..].to_vec());
    }
    forms
}

/// The files of the store in which a value lies in any form.
fn places(world: &World, value: &str) -> Vec<String> {
    let mut found = Vec::new();
    for file in world.files() {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).unwrap_or_default();
        let holds = |form: &Vec<u8>| bytes.windows(form.len()).any(|window| window == form.as_slice());
        found.extend(forms(value).iter().any(holds).then_some(name));
    }
    found
}

#[test]
fn after_each_right_the_bytes_are_nowhere() {
    let stories: [(&str, &[&str], &[&str]); 6] = [
        (
            "erase --subject ref:C-23",
            &["930830499110", "7010000023", "saule@again.example", "Искакова", "тест-драйв H9"],
            &[],
        ),
        (
            "revoke --subject ref:C-1",
            &["7010000001", "assel@omarova.example", "ул. Вымышленная, 1"],
            &["900101499994", "Омарова"],
        ),
        ("revoke --subject ref:C-2", &["bm-0002-invented", "пикапы"], &["900101399998", "4111111111111111"]),
        (
            "object --subject ref:A-15 --controller automaster --purpose analytics",
            &["203.0.113.115", "ck-0115-invented"],
            &["Рашидова"],
        ),
        (
            "rectify --subject ref:C-8 --set contact.email=new@ulpan.example --document d",
            &["ulpan@example.example"],
            &["Әбдіқадырова", "new@ulpan.example"],
        ),
        ("erase --subject ref:C-28 --category unlisted", &["группа крови"], &["Ержанова"]),
    ];
    for (command, gone, stays) in stories {
        let world = World::with_fixtures();
        let there: Vec<&&str> = gone.iter().filter(|value| places(&world, value).is_empty()).collect();
        assert!(there.is_empty(), "{command}: not there before: {there:?}");
        let plan = world.does(command).ok().json();
        assert_eq!(plan["outcome"]["destruction"], "destroyed", "{command}");
        for value in gone {
            assert_eq!(places(&world, value), Vec::<String>::new(), "{command}: {value}");
        }
        for value in stays {
            assert!(!places(&world, value).is_empty(), "{command}: {value} belongs to living rows");
        }
    }
}

#[test]
fn deferred_bytes_are_gone_after_sanitize() {
    let world = World::with_fixtures();
    let _ = world.does("erase --subject ref:C-23 --defer-destruction").ok();
    let _ = world.dsr(["sanitize"]).ok();
    for value in ["930830499110", "7010000023", "saule@again.example", "Искакова"] {
        assert_eq!(places(&world, value), Vec::<String>::new(), "{value}");
    }
}

/// People of whom each has values that nobody else has, so that half-done could be seen.
fn crowd(count: usize) -> String {
    let person = |n: usize| {
        let records = (0..20).map(|r| {
            format!(r#"{{"kind":"record","ref":"R-{n}-{r}","subject":"S-{n}","category":"contact","collected_at":"2025-05-01T10:00+05:00","last_contact_at":"2026-05-01","document_at":null,"purpose_reached_at":null,"obligation":null,"consent":null,"source":"web_form","given_by":"self","purposes":["service"],"data":{{"family_name":"mark-{n}-{r}-end","address":"{}"}}}}"#, "улица без имени, ".repeat(20)) + "\n"
        });
        format!(
            r#"{{"kind":"subject","ref":"S-{n}","born":null,"identifiers":[{{"type":"account","value":"MC-K{n}"}}]}}"#
        ) + "\n"
            + &records.collect::<String>()
    };
    (0..count).map(person).collect()
}

/// How many instants the program is killed at.
const KILLS: usize = 24;

#[test]
fn killed_at_any_instant_nothing_is_half_done() {
    let world = World::with_store("mycar");
    let _ = world.write("crowd.ndjson", crowd(KILLS + 2));
    let _ = world.dsr(["import", "crowd.ndjson"]).ok();
    std::fs::remove_file(world.path().join("crowd.ndjson")).unwrap_or_else(|error| panic!("{error}"));
    let begun = Instant::now();
    let _ = world.does(&format!("erase --subject ref:S-{KILLS}")).ok();
    let whole = begun.elapsed();
    let (mut early, mut late) = (0, 0);
    for nth in 0..KILLS {
        let right = if nth.is_multiple_of(2) { "erase" } else { "revoke" };
        kill(
            &world,
            &format!("{right} --subject ref:S-{nth} --identity document --yes"),
            instant(nth, whole),
        );
        let left = world.holds(&format!("ref:S-{nth}"), "mycar").len();
        assert!(left == 0 || left == 20, "half of S-{nth} is left: {left}");
        if left == 0 {
            late += 1
        } else {
            early += 1
        }
        let _ = world.dsr(["audit", "verify"]).ok();
        let _ = world.dsr(["sanitize"]).ok();
        let traces = places(&world, &format!("mark-{nth}-7-end"));
        assert_eq!(traces.is_empty(), left == 0, "S-{nth}: {traces:?}");
    }
    let report = world.dsr(["report", "destruction", "--format", "json"]).ok().json();
    let states: Vec<&str> = list(&report["acts"]).iter().map(|act| text(&act["state"])).collect();
    assert_eq!(states.len(), late + 1, "one act for each that was done: {states:?}");
    assert!(states.iter().all(|state| *state == "destroyed"), "{states:?}");
    assert!(early + late == KILLS, "{early} killed before the commit, {late} after it");
    let _ = world.dsr(["doctor"]).ok();
}

/// Spread over the whole run, in no order.
fn instant(nth: usize, whole: Duration) -> Duration {
    whole * u32::try_from(nth * 7 % KILLS).unwrap_or(0) / u32::try_from(KILLS).unwrap_or(1)
}

fn kill(world: &World, words: &str, after: Duration) {
    let mut command = world.command(words.split(' '));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{error}"));
    std::thread::sleep(after);
    let _ = child.kill();
    let _ = child.wait();
}
