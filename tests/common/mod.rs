//! A world of its own for each test: an empty directory, a scrubbed environment, a fixed date.

#![allow(dead_code, reason = "each test file uses its part")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

pub mod dealership;
pub mod kept;
pub mod line;
pub mod plan;
pub mod servers;
pub mod site;

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Says what ran, or why it did not, past the harness, which keeps what passing tests print to itself.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The day on which the fixtures' stories take place.
pub const NOW: &str = "2026-11-22T10:00:00+05:00";

/// A directory with a drill store in it.
pub struct World {
    dir: tempfile::TempDir,
    now: String,
}

/// What a run of the program gave.
#[must_use = "look at what the program said"]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// An empty directory.
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), now: NOW.into() }
    }

    /// An empty directory in memory, where thousands of commits do not wait for a disk.
    pub fn empty_in_memory() -> Self {
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        Self { dir, now: NOW.into() }
    }

    /// A drill store in memory.
    pub fn in_memory(controller: &str) -> Self {
        let world = Self::empty_in_memory();
        let _ = world.dsr(["init", "--controller", controller]).ok();
        world
    }

    /// A drill store for this controller.
    pub fn with_store(controller: &str) -> Self {
        let world = Self::empty();
        let _ = world.dsr(["init", "--controller", controller]).ok();
        world
    }

    /// A drill store with both companies' fixtures.
    pub fn with_fixtures() -> Self {
        let world = Self::with_store("mycar");
        for controller in ["mycar", "automaster"] {
            let file = fixture(&format!("{controller}.ndjson"));
            let _ = world.dsr(["import", file.to_str().unwrap(), "--controller", controller]).ok();
        }
        world
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn store(&self) -> PathBuf {
        self.path().join("store.sqlite")
    }

    /// Another time from here on.
    pub fn at(&mut self, now: &str) -> &mut Self {
        self.now = now.into();
        self
    }

    /// The day of that time.
    pub fn today(&self) -> String {
        self.now[..10].to_owned()
    }

    /// A file in the directory.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dsr"));
        command.args(args).current_dir(self.path()).env_clear();
        command.env("DSR_STORE", self.store()).env("DSR_NOW", &self.now).env("HOME", self.path());
        command.stdin(Stdio::null());
        command
    }

    pub fn dsr<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        Run::of(&self.command(args).output().unwrap())
    }

    /// A person's id by any selector that finds exactly one.
    pub fn id(&self, controller: &str, selector: &str) -> String {
        let found = self.dsr(["find", selector, "--controller", controller, "--format", "json"]).json();
        format!("id:{}", found["candidates"][0]["id"].as_str().unwrap())
    }

    /// Every file of the directory.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
    }

    /// A digest of the store's bytes, to see that nothing was written.
    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.store()).unwrap()
    }
}

impl Run {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Exit 0, or the whole conversation.
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// A fragment that must be in the conversation.
    #[track_caller]
    pub fn says(self, fragment: &str) -> Self {
        assert!(self.stderr.contains(fragment), "{fragment:?} is not in\n{}", self.stderr);
        self
    }
}

/// A file of the fixtures.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}
