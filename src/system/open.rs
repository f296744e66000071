//! From a system of `dsr.yaml` to a connection.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use zeroize::Zeroizing;

use super::engine::{Engine, csv::Csv, mysql::Mysql, postgres::Postgres, sqlite::Sqlite};
use crate::{
    domain::{Error, Result, quoted},
    policy::places::{Place, PlaceKind, Tls},
    store::plain,
};

/// Seconds to wait for a connection.
const CONNECT: u64 = 10;

/// Seconds a statement may take where `dsr.yaml` does not say.
const STATEMENT: u32 = 60;

/// What lies around the program.
pub struct Around<'a> {
    /// The directory of `dsr.yaml`, from which its paths start.
    pub directory: PathBuf,
    /// A variable of the environment that is set.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl Around<'_> {
    /// A path of `dsr.yaml`.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }
}

/// A server to connect to.
pub struct Target<'a> {
    /// The system's name.
    pub system: &'a str,
    /// Where and as whom; holds a password.
    pub url: Zeroizing<String>,
    /// Whether `dsr.yaml` says that something else encrypts.
    pub tls_off: bool,
    /// Authorities to trust, where the machine's own are not meant.
    pub ca_file: Option<PathBuf>,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
}

/// Connects to a system.
///
/// # Errors
/// Configuration (exit 6): a variable that is not set, a file that others can read, a URL that is none; failed
/// (exit 1): the connection.
pub fn open(system: &str, place: &Place, around: &Around<'_>) -> Result<Box<dyn Engine>> {
    Ok(match place.kind {
        PlaceKind::Postgres => Box::new(Postgres::connect(&target(system, place, around)?)?),
        PlaceKind::Mysql => Box::new(Mysql::connect(&target(system, place, around)?)?),
        PlaceKind::Csv => Box::new(Csv::open(system, &file(system, place, around)?)?),
        PlaceKind::Sqlite => Box::new(Sqlite::open(system, &file(system, place, around)?)?),
        PlaceKind::Manual | PlaceKind::Store => {
            return Err(Error::config(format!("system `{system}` is reached by nobody but people"))
                .hint("systems with a map are of kind sqlite, postgres, mysql or csv"));
        }
    })
}

fn file(system: &str, place: &Place, around: &Around<'_>) -> Result<PathBuf> {
    let path = place.file.as_deref().map(|path| around.path(path));
    path.ok_or_else(|| Error::config(format!("system `{system}` has no `file:`")))
}

fn target<'a>(system: &'a str, place: &Place, around: &Around<'_>) -> Result<Target<'a>> {
    let seconds = u64::from(place.timeout.unwrap_or(STATEMENT));
    Ok(Target {
        system,
        url: url(system, place, around)?,
        tls_off: place.tls == Tls::Off,
        ca_file: place.ca_file.as_deref().map(|path| around.path(path)),
        connect_timeout: Duration::from_secs(CONNECT),
        statement_timeout: Duration::from_secs(seconds),
    })
}

fn url(system: &str, place: &Place, around: &Around<'_>) -> Result<Zeroizing<String>> {
    if let Some(name) = &place.env {
        let value = (around.variable)(name).filter(|value| !value.trim().is_empty());
        return value.map(Zeroizing::new).ok_or_else(|| {
            Error::config(format!("system `{system}`: the variable {name} is not set")).hint(format!(
                "set {name} to the URL of the database, such as postgresql://user:password@host/database"
            ))
        });
    }
    let path = place.url_file.as_deref().map(|path| around.path(path));
    let path =
        path.ok_or_else(|| Error::config(format!("system `{system}` has neither `env:` nor `url_file:`")))?;
    secret(system, &path)
}

/// More than any address takes.
const LONGEST: u64 = 64 << 10;

/// A file that only its owner may read.
fn secret(system: &str, path: &Path) -> Result<Zeroizing<String>> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Error::config(format!("system `{system}`: `{shown}` cannot be read")).because(error)
    };
    let found = fs::metadata(path).map_err(unreadable)?;
    if is_open_to_others(&found) {
        return Err(Error::config(format!(
            "system `{system}`: others can read `{shown}`, which holds a password"
        ))
        .hint(format!("chmod 600 {}", quoted(shown))));
    }
    let mut text = Zeroizing::new(String::new());
    plain::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)).map_err(unreadable)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

#[cfg(unix)]
fn is_open_to_others(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}
