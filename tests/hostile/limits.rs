//! Sizes: memory does not grow with the input. And the environment: nothing of it is needed or trusted.

use std::{
    fmt::Write as _,
    io::Write,
    process::{Child, Stdio},
    time::Duration,
};

use crate::{
    common::{Run, World},
    whole,
};

/// Resident memory at its highest, in megabytes; what the program may take at most is 256.
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok())
        .unwrap_or(0)
        .div_ceil(1024)
}

/// Runs an import of what `fill` writes; gives how it ended and the memory it took.
fn fed(world: &World, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send) -> (Run, u64) {
    let mut command = world.command(["import", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    let most = std::thread::scope(|scope| {
        let filling = scope.spawn(move || {
            // The program may have had enough before all is written.
            let mut pipe = std::io::BufWriter::new(stdin);
            let _ = fill(&mut pipe);
        });
        let mut most = 0;
        loop {
            most = most.max(peak(&child));
            if filling.is_finished() && child.try_wait().unwrap().is_some() {
                break most;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    (Run::of(&child.wait_with_output().unwrap()), most)
}

#[test]
fn one_field_of_a_gigabyte_is_refused_in_little_memory() {
    let world = World::in_memory("mycar");
    let (run, most) = fed(&world, |pipe| {
        pipe.write_all(b"{\"kind\":\"subject\",\"ref\":\"")?;
        (0..1_000).try_for_each(|_| pipe.write_all(&[b'a'; 1 << 20]))?;
        pipe.write_all(b"\",\"identifiers\":[]}\n")
    });
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(most > 0 && most < 256, "{most} MB");
}

/// Whatever a line is stuffed with, it takes little memory, and what is wrong with it is found without walking it again
/// for each fault.
#[test]
fn one_line_cannot_be_stuffed() {
    type Fill = fn(&mut dyn Write) -> std::io::Result<()>;
    const SUBJECT: &[u8] = b"{\"kind\":\"subject\",\"ref\":\"C-1\",\"identifiers\":[]}\n";
    const RECORD: &[u8] = b"{\"kind\":\"record\",\"ref\":\"R-1\",\"subject\":\"C-1\",\"category\":\"usage\",\"collected_at\":\"2026-01-01\",\"source\":\"site\",\"given_by\":\"self\",";
    let stuffed: [(&str, Fill, i32, &str); 7] = [
        (
            "a header of separators",
            |pipe| (0..16).try_for_each(|_| pipe.write_all(&[b','; 1 << 20])),
            2,
            "longer than 1 MB",
        ),
        (
            "many columns",
            |pipe| {
                pipe.write_all(b"kind")?;
                (0..100_000).try_for_each(|nth| write!(pipe, ",c{nth}"))?;
                pipe.write_all(b"\nrecord\n")
            },
            2,
            "at most 1,000 columns",
        ),
        (
            "a row of separators",
            |pipe| {
                pipe.write_all(b"kind,ref,at,direction,subject\n")?;
                (0..16).try_for_each(|_| pipe.write_all(&[b','; 1 << 20]))?;
                pipe.write_all(b"\n")
            },
            2,
            "longer than 1 MB",
        ),
        (
            "many fields",
            |pipe| {
                pipe.write_all(SUBJECT)?;
                pipe.write_all(RECORD)?;
                pipe.write_all(b"\"purposes\":[\"analytics\"],\"data\":{\"page\":\"/\"")?;
                (0..60_000).try_for_each(|nth| write!(pipe, ",\"f{nth}\":1"))?;
                pipe.write_all(b"}}\n")
            },
            2,
            "at most 1,000 fields",
        ),
        (
            "many purposes",
            |pipe| {
                pipe.write_all(SUBJECT)?;
                pipe.write_all(RECORD)?;
                pipe.write_all(b"\"purposes\":[\"p\"")?;
                (0..80_000).try_for_each(|nth| write!(pipe, ",\"p{nth}\""))?;
                pipe.write_all(b"],\"data\":{\"page\":\"/\"}}\n")
            },
            2,
            "79901 more",
        ),
        (
            "a long value",
            |pipe| {
                pipe.write_all(SUBJECT)?;
                pipe.write_all(RECORD)?;
                pipe.write_all(b"\"purposes\":[\"analytics\"],\"data\":{\"page\":\"")?;
                (0..900).try_for_each(|_| pipe.write_all(&[b'a'; 1 << 10]))?;
                pipe.write_all(b"\"}}\n")
            },
            0,
            "",
        ),
        (
            "a longer one",
            |pipe| {
                pipe.write_all(SUBJECT)?;
                pipe.write_all(RECORD)?;
                pipe.write_all(b"\"purposes\":[\"analytics\"],\"data\":{\"page\":\"")?;
                (0..16).try_for_each(|_| pipe.write_all(&[b'a'; 1 << 20]))?;
                pipe.write_all(b"\"}}\n")
            },
            2,
            "longer than 1 MB",
        ),
    ];
    for (about, fill, code, said) in stuffed {
        let world = World::in_memory("automaster");
        let (run, most) = fed(&world, fill);
        assert_eq!(run.code, code, "{about}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{about}: {}", run.stderr);
        assert!(most > 0 && most < 64, "{about}: {most} MB");
        if code == 0 {
            let shown = world.dsr(["export", "--subject", "ref:C-1", "--identity", "document"]).ok().stdout;
            let letters = shown.chars().filter(|c| *c == 'a').count();
            assert!(letters > 900 << 10, "{about}: all of it is shown: {letters}");
        }
    }
}

/// Ten million lines in the long form.
#[test]
fn millions_of_lines_are_imported_in_little_memory() {
    let world = World::in_memory("automaster");
    let lines = if whole() { 10_000_000 } else { 20_000 };
    let (run, most) = fed(&world, |pipe| {
        let mut line = String::new();
        for nth in 0..lines {
            line.clear();
            let person = nth / 10;
            if nth % 10 == 0 {
                let _ = writeln!(line, r#"{{"kind":"subject","ref":"C-{person}","identifiers":[]}}"#);
            }
            let _ = writeln!(
                line,
                r#"{{"kind":"record","ref":"R-{nth}","subject":"C-{person}","category":"usage","collected_at":"2026-01-01","source":"site","given_by":"self","purposes":["analytics"],"data":{{"page":"/page-{nth}"}}}}"#
            );
            pipe.write_all(line.as_bytes())?;
        }
        Ok(())
    });
    let _ = run.ok();
    assert!(most > 0 && most < 256, "{most} MB");
    crate::common::tell(&format!("{lines} lines imported in {most} MB"));
}

/// A limit of the size of files is told like a full disk. What was begun is undone, and nothing is left lying about.
#[test]
fn a_limit_of_file_sizes_kills_nobody() {
    let world = World::with_fixtures();
    let _ = world.dsr(["backup", "good"]).ok();
    let blocks = world.bytes().len() / 512 / 4;
    for line in [
        "erase --subject ref:C-1 --identity document --yes",
        "backup another",
        "restore good --yes",
        "sanitize",
        "export --subject ref:C-2",
    ] {
        let plain = world.command(line.split(' '));
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")]).arg(plain.get_program());
        command.args(plain.get_args()).current_dir(world.path()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let run = Run::of(&command.output().unwrap());
        assert!([1, 8].contains(&run.code), "{line}: {}: {}{}", run.code, run.stdout, run.stderr);
        let said = &run.stderr;
        assert!(said.contains("error: ") && said.contains("the size of files is limited"), "{line}: {said}");
        // What is left pending has a hint of its own.
        assert!(run.code == 8 || said.contains("ulimit -f"), "{line}: {said}");
        let left = std::fs::read_dir(world.path()).unwrap().map(|file| file.unwrap().file_name());
        let drafts: Vec<_> = left.filter(|name| name.to_string_lossy().contains(".part")).collect();
        assert!(drafts.is_empty() && !world.path().join("another").exists(), "{line}: {drafts:?}");
        let _ = world.dsr(["audit", "verify"]).ok();
    }
    let _ = world.dsr(["sanitize"]).ok();
}

/// No file of a crash holds personal data, and no limit that is inherited changes that.
#[test]
fn core_dumps_are_off() {
    let world = World::with_store("mycar");
    let mut command = world.command(["import", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // It waits for its input, so it has begun when this is read often enough.
    let limit = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
        let words: Vec<&str> = line.split_whitespace().collect();
        (words[4] == "1" && words[5] == "1").then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(limit.is_some());
}

/// Nothing but the path of the store; and zones, languages and widths change no answer of a machine.
#[test]
fn an_empty_environment_is_enough_and_no_other_changes_the_answer() {
    let world = World::with_fixtures();
    let store = world.store();
    let reads = ["status", "report register", "report retention", "report inventory", "request list --all"];
    let run = |words: &str, env: &[(&str, &str)]| {
        let mut command = world.command(words.split(' ').chain(["--format", "json", "--store"]));
        command.arg(&store).env_remove("DSR_STORE").env_remove("HOME");
        Run::of(&command.envs(env.iter().copied()).output().unwrap()).ok().stdout
    };
    for words in reads {
        let plain = run(words, &[]);
        for env in [
            [("TZ", "Pacific/Kiritimati"), ("LANG", "ru_RU.UTF-8")],
            [("TZ", ":/nonexistent"), ("LC_ALL", "C")],
            [("TZ", "America/New_York"), ("LANG", "kk_KZ.UTF-8")],
            [("TMPDIR", "/nonexistent"), ("SQLITE_TMPDIR", "/nonexistent")],
            [("RUST_BACKTRACE", "full"), ("COLUMNS", "7")],
            [("TZ", "UTC"), ("PATH", "")],
        ] {
            assert_eq!(run(words, &env), plain, "{words}: {env:?}");
        }
    }
    for env in [
        [("TMPDIR", "/nonexistent"), ("SQLITE_TMPDIR", "/nonexistent")],
        [("TZ", "Asia/Tokyo"), ("LANG", "xx")],
    ] {
        let mut command =
            world.command(["erase", "--subject", "ref:C-23", "--identity", "document", "--yes"]);
        let _ = Run::of(&command.envs(env).output().unwrap()).ok();
    }
}
