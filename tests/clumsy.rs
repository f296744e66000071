//! Words in the wrong place, moves in the wrong order: refused, without repeating what was typed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use common::World;

/// An IIN where something else is expected never comes back out.
#[test]
fn the_parser_does_not_repeat_what_was_typed() {
    let world = World::with_store("mycar");
    for args in [
        &["access", "iin:900101499994"][..],
        &["iin:900101499994"],
        &["access", "--subjct", "iin:900101499994"],
        &["access", "--iin=900101499994"],
        &["access", "--subject", "ref:C-1", "--identity", "900101499994"],
        &["access", "--subject", "ref:C-1", "--channel", "900101499994"],
        &["access", "--subject", "ref:C-1", "--format", "900101499994"],
        &["access", "--subject", "ref:C-1", "--request", "900101499994"],
        &["request", "open", "--right", "iin:900101499994"],
        &["request", "verify", "900101499994", "--identity", "document"],
        &["request", "900101499994"],
        &["find", "900101499994", "900101499994"],
        &["import", "x.csv", "--encoding", "900101499994"],
        &["status", "--lock-wait", "900101499994x"],
        &["status", "--lock-wait", "900101499994"],
        &["access", "--subject", "900101499994:"],
    ] {
        for format in [&[][..], &["--format", "json"]] {
            let run = world.dsr(format.iter().chain(args)).exits(2);
            let said = run.stdout + &run.stderr;
            assert!(!said.contains("9001014"), "{args:?}: {said}");
            assert!(!said.contains("hint: \n") && !said.contains("``"), "{args:?}: {said}");
            if !format.is_empty() {
                assert!(said.starts_with('{') && said.contains("\"exit\":2"), "{args:?}: {said}");
            }
        }
    }
}

#[test]
fn the_parser_says_what_to_type() {
    let world = World::with_store("mycar");
    for (args, said) in [
        (&["acces"][..], "did you mean `access`?"),
        (&["access", "--subjct", "x"], "did you mean `--subject`?"),
        (&["access"], "missing: --subject <SEL>"),
        (&["request", "open", "--right", "acess"], "did you mean `access`?"),
        (&["status", "--format", "jsn"], "did you mean `json`?"),
        (&["access", "--subject"], "`--subject <SEL>` needs a value"),
        (&["status", "--lock-wait", "soon"], "`--lock-wait`: invalid digit"),
        (&["status", "--quiet", "--quiet"], "`--quiet` is given twice"),
    ] {
        let _ = world.dsr(args).exits(2).says(said);
    }
}

/// A draft was made first, then the identity was confirmed: the answer is made again, no draft.
#[test]
fn identity_is_confirmed_after_a_draft() {
    let world = World::with_fixtures();
    let access = |more: &[&str]| {
        let args = ["access", "--subject", "ref:C-1", "--format", "json"];
        world.dsr(args.iter().chain(more)).ok().json()
    };
    assert_eq!(access(&[])["draft"], true);
    let case = world.dsr(["request", "show", "2026-000001", "--format", "json"]).json();
    assert_eq!(case["next"], "dsr request verify 2026-000001 --identity METHOD");
    let _ = world.dsr(["request", "verify", "2026-000001", "--identity", "document"]).ok();
    assert_eq!(access(&[])["draft"], false);
    assert_eq!(access(&["--identity", "court"])["identity"], "court");
}

#[test]
fn a_number_past_the_end_of_the_log_is_an_empty_list() {
    let world = World::with_store("mycar");
    let after = u64::MAX.to_string();
    let run = world.dsr(["audit", "list", "--after", &after, "--format", "json"]).ok();
    assert_eq!(run.json()["entries"], serde_json::json!([]));
}

#[test]
fn a_garbled_time_is_not_the_same_as_none() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::with_store("mycar");
    let mut command = world.command(["status"]);
    command.env("DSR_NOW", std::ffi::OsStr::from_bytes(b"2026-11-22\xff"));
    let _ = common::Run::of(&command.output().unwrap()).exits(2).says("DSR_NOW");
}

/// A wrong link shows one person's data to another.
#[test]
fn two_people_are_not_linked_and_one_entry_is_set_apart() {
    let world = World::with_fixtures();
    let _ = world.dsr(["subject", "link", "ref:C-25", "ref:C-1"]).exits(2).says("different IINs");
    let _ = world.dsr(["subject", "link", "ref:C-24", "ref:C-25"]).ok();
    let entries = world.dsr(["subject", "show", "ref:C-25", "--format", "json"]).ok().json();
    let shown: Vec<String> = (0..2).map(|n| entries["entries"][n]["identifiers"].to_string()).collect();
    assert!(shown[0].contains("account") && !shown[0].contains("iin"), "what C-24 alone holds: {shown:?}");
    assert!(shown[1].contains("iin") && !shown[1].contains("account"), "what C-25 alone holds: {shown:?}");
    let _ = world.dsr(["subject", "link", "ref:C-24", "ref:C-1"]).exits(2).says("different IINs");

    let before = world.bytes();
    let _ = world.dsr(["subject", "unlink", "ref:C-25"]).exits(5).says("subject show id:");
    assert!(world.bytes() == before, "which of the two was meant is not guessed");
    let twin = format!("id:{}", entries["entries"][1]["id"].as_str().unwrap());
    let apart = world.dsr(["subject", "unlink", &twin, "--format", "json"]).ok().json();
    assert_eq!(apart["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(apart["entries"][0]["identifiers"], entries["entries"][1]["identifiers"]);
}

#[test]
fn a_case_of_the_other_controller_is_not_touched() {
    let world = World::with_fixtures();
    let _ = world.dsr(["request", "open", "--right", "access", "--tracking", "RR-1"]).ok();
    let before = world.bytes();
    for args in [
        "request show 2026-000001",
        "request verify 2026-000001 --identity document",
        "request answer 2026-000001",
        "request cancel 2026-000001",
        "request refuse 2026-000001 --ground RF-ID --facts asked --signed-by Officer",
    ] {
        let args = args.split(' ').chain(["--controller", "automaster"]);
        let _ = world.dsr(args).exits(2).says("belongs to `mycar`");
    }
    let _ = world.dsr(["request", "show", "RR-1", "--controller", "automaster"]).exits(3);
    let _ = world.dsr(["request", "list", "--controller", "nobody"]).exits(2).says("nobody");
    let _ = world.dsr(["request", "open", "--right", "access", "--request", "2026-000001"]).exits(2);
    assert!(world.bytes() == before);
}

/// Two letters of one day about one thing are one case, counted from the earlier; both stay on record.
#[test]
fn two_letters_of_one_day_are_one_case() {
    let world = World::with_fixtures();
    let open = |more: &str| {
        let args = "request open --right restrict --subject ref:C-1 --format json".split(' ');
        world.dsr(args.chain(more.split(' '))).ok().json()
    };
    let first = open("--received 2026-11-20T15:00 --channel email");
    let second = open("--received 2026-11-20T09:00 --channel registered_letter --tracking RR-9");
    assert_eq!(first["number"], second["number"]);
    assert_eq!(second["received"], "2026-11-20T09:00:00+05:00", "the earlier one counts");
    assert_eq!(second["due_at"], "2026-11-20T09:00:00+05:00", "MyCar blocks from the receipt");
    let again = open("--received 2026-11-20T15:00 --channel email");
    assert_eq!(again, second, "what is known already changes nothing");
    let letters: Vec<_> = second["events"].as_array().unwrap().iter().map(|e| e["detail"].clone()).collect();
    assert_eq!(letters, ["email", "registered_letter RR-9"]);
    assert_ne!(open("--received 2026-11-21")["number"], first["number"], "another day, another case");
}

#[test]
fn an_output_that_cannot_be_a_file_is_refused_before_anything_is_recorded() {
    let world = World::with_fixtures();
    world.write("taken.json", "");
    let before = world.bytes();
    for output in ["taken.json", ".", "missing/x.json", "new.json/", "/dev/stdout"] {
        let _ = world.dsr(["export", "--subject", "ref:C-1", "--output", output]).exits(2);
        assert!(world.bytes() == before, "{output}");
    }
}

/// Policies that would never be read to the end, or silently not at all.
#[test]
fn policies_that_are_no_plain_files() {
    let world = World::empty();
    let deadline = |directory: &str, fragment: &str| {
        let args = ["deadline", "--right", "access", "--received", "2026-03-20", "--controller", "mycar"];
        let started = std::time::Instant::now();
        let mut command = world.command(args.iter().chain(&["--policies", directory]));
        let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            if started.elapsed() > std::time::Duration::from_secs(20) {
                child.kill().unwrap();
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let _ = common::Run::of(&child.wait_with_output().unwrap()).exits(6).says(fragment);
    };
    let place = |directory: &str, file: &str| {
        std::fs::create_dir(world.path().join(directory)).unwrap();
        world.path().join(directory).join(file)
    };
    let pipe = place("pipe", "mycar.yaml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    deadline("pipe", "no regular file");
    std::os::unix::fs::symlink("/dev/zero", place("endless", "kz.yaml")).unwrap();
    deadline("endless", "no regular file");
    std::fs::File::create(place("huge", "mycar.yaml")).unwrap().set_len(1 << 40).unwrap();
    deadline("huge", "larger than 2 MB");
    std::fs::write(place("misnamed", "kz.yml"), "statute: kz\n").unwrap();
    deadline("misnamed", "rename it");
    std::fs::create_dir(place("nested", "mycar.yaml")).unwrap();
    deadline("nested", "directory");
}

/// Every page of help opens with what the command is for, examples, usage; nothing of it is lost.
#[test]
fn every_help_has_an_example_before_its_options() {
    let world = World::empty();
    let mut pages = 0;
    let mut queue = vec![Vec::<String>::new()];
    while let Some(path) = queue.pop() {
        let help = world.dsr(path.iter().map(String::as_str).chain(["--help"])).ok().stdout;
        let at = |word: &str| help.find(word).unwrap_or_else(|| panic!("{path:?} has no {word}:\n{help}"));
        assert!(at("Example") < at("Usage: ") && at("Usage: ") < at("Options:"), "{path:?}:\n{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 110), "{path:?} is too wide");
        let commands = help.split("\nCommands:\n").nth(1).unwrap_or_default();
        let names =
            commands.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split(' ').nth(2));
        for name in names.filter(|name| *name != "help" && !name.is_empty()) {
            queue.push(path.iter().cloned().chain([name.to_owned()]).collect());
        }
        pages += 1;
    }
    assert!(pages > 35, "{pages}");
    let _ = world.dsr(["access", "--help"]).ok().stdout.find("committed before the first").unwrap();
}

/// A number given on standard input stays out of the process list, for every command that takes one.
#[test]
fn a_dash_reads_one_line_of_standard_input() {
    let world = World::with_fixtures();
    let run = |args: &str, line: &str| {
        let mut command = world.command(args.split(' '));
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), line.as_bytes()).unwrap();
        common::Run::of(&child.wait_with_output().unwrap())
    };
    for line in ["iin:900101499994\n", "900101499994", "\u{feff}ref:C-1\r\nnext\n"] {
        let found = run("find - --format json", line).ok().json();
        assert_eq!(found["candidates"].as_array().map(Vec::len), Some(1), "{line:?}");
        assert_eq!(run("subject show -", line).code, 0, "{line:?}");
        let copy = run("export --subject - --format json", line).ok().json();
        assert!(copy["subject"]["id"].is_string(), "{line:?}");
    }
    for args in ["find -", "access --subject -", "subject show -"] {
        let _ = run(args, "").exits(2).says("no subject on standard input");
        let _ = run(args, &"9".repeat(5000)).exits(2).says("too long");
    }
}

#[test]
fn numbers_and_spans_out_of_reach() {
    let world = World::with_store("mycar");
    let _ = world
        .dsr([
            "request",
            "open",
            "--right",
            "access",
            "--received",
            "2026-03-01T15:00",
            "--late-reason",
            "lost",
        ])
        .ok();
    for wait in ["86401", "18446744073709551615"] {
        let _ = world.dsr(["find", "x", "--lock-wait", wait]).exits(2).says("--lock-wait");
    }
    let register = |from: &str, to: &str| {
        world.dsr(["report", "register", "--format", "json", "--from", from, "--to", to])
    };
    for report in ["register", "retention", "disclosures", "compliance"] {
        let period = ["report", report, "--from", "2026-12-01", "--to", "2026-01-01"];
        let _ = world.dsr(period).exits(2).says("lies after");
    }
    for to in ["2026-03-01", "2026-3-1"] {
        let rows = register("2026-03-01", to).ok().json()["cases"].as_array().map(Vec::len);
        assert_eq!(rows, Some(1), "{to}: the last day is included");
    }
}

/// The page is printed: what it is must stand on it, and what was written in lines is read in lines.
#[test]
fn the_page_of_a_drill_says_so() {
    let world = World::with_fixtures();
    for (lang, word) in [("en", "Drill"), ("ru", "Учебная"), ("kk", "Оқу")] {
        let args = ["export", "--subject", "ref:C-29", "--format", "html", "--lang", lang];
        let page = world.dsr(args).ok().stdout;
        assert!(page.contains(word), "{lang}");
        assert!(page.contains("две строки\nи ") && page.contains("pre-line"), "{lang}: two lines");
        assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{lang}");
    }
}
