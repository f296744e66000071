//! The C shim, compiled once, and its log read back.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::common::{World, tell};

/// What becomes of the call that is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The process is killed before it.
    Kill,
    /// Half of its bytes are written, then the process is killed.
    Torn,
    /// It fails with an input/output error, it alone.
    Eio,
    /// It and every later one.
    EioForEver,
    /// It fails for want of space, it alone.
    Enospc,
    /// It and every later one.
    EnospcForEver,
}

pub const FAULTS: [Fault; 6] =
    [Fault::Kill, Fault::Torn, Fault::Eio, Fault::EioForEver, Fault::Enospc, Fault::EnospcForEver];

impl Fault {
    pub fn kills(self) -> bool {
        matches!(self, Self::Kill | Self::Torn)
    }
}

/// The compiled shim; `None` where there is no C compiler, which is said.
pub fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<(PathBuf, tempfile::TempDir)>> = OnceLock::new();
    SHIM.get_or_init(compile).as_ref().map(|(path, _)| path.as_path())
}

fn compile() -> Option<(PathBuf, tempfile::TempDir)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
    let home = tempfile::tempdir().unwrap();
    let library = home.path().join("shim.so");
    let made = Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    if made.is_ok_and(|status| status.success()) {
        return Some((library, home));
    }
    assert_ne!(std::env::var("DSR_TEST_REQUIRE").as_deref(), Ok("all"), "no C compiler makes the shim");
    tell("skipped: no C compiler `cc` makes the shim");
    None
}

/// A command under the shim, with randomness that is the same every time.
pub fn under<S: AsRef<OsStr>>(shim: &Path, world: &World, words: impl IntoIterator<Item = S>) -> Command {
    let mut command = world.command(words);
    command.env("LD_PRELOAD", shim).env("DSR_SHIM_UNDER", world.path()).env("DSR_SHIM_SEED", "7");
    command
}

/// One call that wrote, as it was logged.
#[derive(Clone, Debug)]
pub struct Op {
    pub kind: char,
    /// Below the directory of the store; `stdout` for the standard output.
    pub path: String,
    pub number: u64,
    pub data: Vec<u8>,
}

/// Reads a log; paths come out below `home`.
pub fn log(file: &Path, home: &Path) -> Vec<Op> {
    let bytes = std::fs::read(file).unwrap_or_default();
    let mut rest = bytes.as_slice();
    let mut ops = Vec::new();
    let below = format!("{}/", home.display());
    let short = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&below, "");
    while let Some((kind, after)) = rest.split_first() {
        rest = after;
        let length = number(&mut rest);
        let path = short(take(&mut rest, length));
        let place = number(&mut rest);
        let length = number(&mut rest);
        let data = take(&mut rest, length).to_vec();
        let data = if matches!(kind, b'r' | b'l') { short(&data).into_bytes() } else { data };
        ops.push(Op { kind: char::from(*kind), path, number: place, data });
    }
    ops
}

fn take<'b>(rest: &mut &'b [u8], length: u64) -> &'b [u8] {
    let (taken, after) = rest.split_at(usize::try_from(length).unwrap());
    *rest = after;
    taken
}

fn number(rest: &mut &[u8]) -> u64 {
    u64::from_le_bytes(take(rest, 8).try_into().unwrap())
}
