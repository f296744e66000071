//! The question at a terminal: a wrong answer, an interrupt and a closed terminal change nothing.
//! The terminal is lent by `script`; where that is not installed the test says so and ends.

mod common;

use std::{
    io::{Read, Write},
    process::Stdio,
};

use common::World;

/// Runs an erasure of C-8 at a terminal, answers its question, and gives the exit code and what was shown.
fn answered(world: &World, answer: &[u8]) -> Option<(i32, String)> {
    let program = env!("CARGO_BIN_EXE_dsr");
    let line = format!("'{program}' erase --subject ref:C-8 --identity document");
    let command = world.command([] as [&str; 0]);
    let mut script = std::process::Command::new("script");
    script
        .args(["-qefc", &line, "/dev/null"])
        .current_dir(world.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    for (name, value) in command.get_envs() {
        script.env(name, value.unwrap_or_default());
    }
    let piped = script.env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = piped else {
        assert_ne!(std::env::var("DSR_TEST_REQUIRE").as_deref(), Ok("all"), "`script` is not installed");
        let _ = writeln!(
            std::io::stderr(),
            "skipped: `script` is not installed, so there is no terminal to ask at"
        );
        return None;
    };
    let (mut shown, mut byte) = (Vec::new(), [0]);
    let mut stdout = child.stdout.take()?;
    let mut stdin = child.stdin.take()?;
    while !String::from_utf8_lossy(&shown).contains("the surname: ") && stdout.read(&mut byte).ok()? == 1 {
        shown.extend(byte);
    }
    stdin.write_all(answer).ok()?;
    stdin.flush().ok()?;
    stdout.read_to_end(&mut shown).ok()?;
    let code = child.wait().ok()?.code().unwrap_or(-1);
    Some((code, String::from_utf8_lossy(&shown).into_owned()))
}

#[test]
fn only_the_right_answer_acts() {
    let world = World::with_fixtures();
    let before = world.bytes();
    for (about, answer, exit) in [
        ("yes is no answer", &b"y\n"[..], 2),
        ("an interrupt", b"\x03", 130),
        ("the end of input", b"\x04", 2),
        ("another's digits", b"9994\n", 2),
    ] {
        let Some((code, shown)) = answered(&world, answer) else { return };
        assert!(shown.contains("To go on, type") && shown.contains("destroy"), "{about}: {shown}");
        assert_eq!(code, exit, "{about}: {shown}");
        assert!(world.bytes() == before, "{about}: nothing happened");
    }
    let Some((code, shown)) = answered(&world, b"9064\n") else { return };
    assert_eq!(code, 0, "{shown}");
    assert!(world.bytes() != before && world.holds("ref:C-8", "mycar").is_empty());
    let world = World::with_fixtures();
    let Some((code, shown)) = answered(&world, "әбдіқадырова\n".as_bytes()) else { return };
    assert_eq!(code, 0, "the surname in any case: {shown}");
}
