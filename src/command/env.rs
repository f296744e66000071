//! The world outside, as arguments: time, randomness, variables, streams.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{Read, Write},
    path::PathBuf,
};

use clap::ColorChoice;

use crate::domain::Moment;

/// Everything a command may ask of the machine.
pub struct Env<'a> {
    /// The real time.
    pub now: Moment,
    /// Environment variables.
    pub variables: BTreeMap<OsString, OsString>,
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// Standard input as a stream of its own, for a reader on another thread.
    pub stdin_stream: &'a dyn Fn() -> Box<dyn Read + Send>,
    /// Standard output: the answer.
    pub stdout: &'a mut dyn Write,
    /// Standard error: the conversation.
    pub stderr: &'a mut dyn Write,
    /// Whether a person types.
    pub stdin_is_terminal: bool,
    /// Whether a person reads the answer.
    pub stdout_is_terminal: bool,
    /// Columns of the terminal on standard output.
    pub columns: Option<u16>,
    /// Whether a person reads the conversation.
    pub stderr_is_terminal: bool,
    /// 16 random bytes.
    pub random: &'a mut dyn FnMut() -> [u8; 16],
    /// The operating system's user id, recorded beside every action.
    pub user: u32,
}

impl Env<'_> {
    /// Whether a variable is set to something that is no text.
    pub fn is_garbled(&self, name: &str) -> bool {
        self.variables.get(std::ffi::OsStr::new(name)).is_some_and(|value| value.to_str().is_none())
    }

    /// A variable that is set, not empty, and text.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(std::ffi::OsStr::new(name))?.to_str().filter(|text| !text.is_empty())
    }

    /// Whether to colour a stream (`--color`, `NO_COLOR`, `TERM=dumb`).
    pub fn color(&self, choice: ColorChoice, is_terminal: bool) -> bool {
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                is_terminal && self.variable("NO_COLOR").is_none() && self.variable("TERM") != Some("dumb")
            }
        }
    }

    /// `$XDG_DATA_HOME/dsr/dsr.sqlite`, or the same under `~/.local/share`.
    pub fn default_store(&self) -> Option<PathBuf> {
        let data = self.variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || Some(PathBuf::from(self.variable("HOME")?).join(".local/share"));
        Some(data.or_else(home)?.join("dsr").join("dsr.sqlite"))
    }

    /// Columns to write for: the terminal's; a pipe gets the same width whatever `COLUMNS` says.
    pub fn width(&self) -> u16 {
        self.columns.filter(|columns| self.stdout_is_terminal && *columns > 0).unwrap_or(120).clamp(40, 240)
    }
}
