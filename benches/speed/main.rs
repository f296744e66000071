//! Speed, as ratios: `dsr` beside what a user would do instead, interleaved in one run.
//!
//! ```text
//! DSR_BENCH_RECORDS=1000000 cargo bench --bench speed            # 10,000 records without the variable
//! cargo bench --bench speed -- export verify                     # only these pairs
//! ```
//!
//! Absolute milliseconds mean nothing on a shared machine; A, B, A, B … and the ratio of medians do.
//! A timing whose answer is wrong is void, and then the exit code is 1. Being over a goal is not an
//! error: it is a number to explain.

mod acting;
mod cases;
mod data;
mod log;
mod pair;
mod pairs;
#[path = "../../examples/people.rs"]
#[allow(dead_code, reason = "only the stream is needed")]
mod people;
mod postgres;
mod purge;
mod roles;
#[path = "../../tests/common/servers.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "the tests use the rest, and may panic")]
mod servers;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every timing stands.
fn run() -> Result<bool> {
    // `cargo bench` adds `--bench`; any other word chooses pairs.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let data = data::Data::prepare()?;
    let mut out = io::stdout().lock();
    writeln!(out, "{} records of {} people, in {}", data.records, data.people, data.dir().display())?;
    writeln!(out, "{}", pair::HEAD)?;
    let mut sound = true;
    for (name, measure) in pairs::ALL {
        if !chosen.is_empty() && !chosen.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let row = measure(&data).unwrap_or_else(|error| pair::Row::void(name, &error));
        sound &= row.is_sound();
        writeln!(out, "{row}")?;
        out.flush()?;
    }
    Ok(sound)
}
