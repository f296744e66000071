//! `dsr doctor`: whether everything is in order, and how to mend what is not.

use std::os::unix::fs::PermissionsExt;

use super::{
    Exit, Outcome, acting,
    world::{self, World},
};
use crate::{
    domain::{Kind, Result},
    execute::verify,
    render::{Cell, Head, Rows},
    store::{self, KeyFile, Mode, Store},
};

/// Check store, key, policies, calendar and pending work
///
/// Each line says what was looked at, whether it is well, and how to mend it. Exit 0: all well; 6: something
/// needs mending; 9: the audit log does not verify.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr doctor\n")]
pub struct Doctor {}

/// One finding: what, whether it is well, what to say.
type Finding = (&'static str, bool, String);

impl Doctor {
    /// Looks at everything; changes nothing.
    ///
    /// # Errors
    /// The kinds of store and policy, where they cannot be opened at all.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open_as_it_is(Mode::ReadOnly)?;
        let mut findings = vec![("sqlite", true, store::engine_version().to_owned())];
        findings.extend(files(&store));
        findings.push(key(&mut store));
        findings.extend(policies(world));
        findings.push(pending(&mut store)?);
        let found = verify::verify(&mut store, Vec::new())?;
        let faults = found.faults();
        let intact = faults.is_empty();
        let entries = || format!("entries: {}", found.verdict.entries);
        let log = faults.first().map_or_else(entries, |fault| fault.1.clone());
        findings.push(("audit log", intact, log));
        show(world, &findings)?;
        Ok(match (intact, findings.iter().all(|finding| finding.1)) {
            (false, _) => Exit::With(Kind::Integrity),
            (true, false) => Exit::With(Kind::Config),
            (true, true) => Exit::Done,
        })
    }
}

fn files(store: &Store) -> Vec<Finding> {
    let path = store.path();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).map(|meta| meta.permissions().mode() & 0o777).ok();
    let private = mode(path) == Some(0o600);
    let says = if private {
        "mode 0600".to_owned()
    } else {
        format!("others may read it: chmod 600 {}", path.display())
    };
    vec![("store file", private, says), ("quick check", true, "passed at opening".to_owned())]
}

/// What is lost with the key, said plainly.
fn key(store: &mut Store) -> Finding {
    let path = KeyFile::default_path(store.path());
    let found = acting::key_of(store);
    let known = |key: Option<KeyFile>| {
        key.map(|key| store.read(|view| view.check_key(&key).map(|()| key))).transpose()
    };
    match found.and_then(known) {
        Ok(Some(_)) => ("key file", true, format!("{}", path.display())),
        Ok(None) => (
            "key file",
            false,
            format!(
                "{} is missing: destroyed people and stopped purposes can no longer be recognised at an import, and \
                 nothing can be destroyed; restore it from where you keep it",
                path.display()
            ),
        ),
        Err(error) => {
            ("key file", false, format!("{}: {}", error.message(), error.hint_text().unwrap_or_default()))
        }
    }
}

fn policies(world: &World<'_, '_>) -> Vec<Finding> {
    let checked = || -> Result<String> {
        let library = world.library()?;
        for controller in library.controllers() {
            library.rulebook(&controller)?;
        }
        Ok(library.controllers().join(", "))
    };
    let calendar = || Ok(world::calendar(&world.library()?)?.known_until());
    let today = world.now().day();
    let end: Result<chrono::NaiveDate> = calendar();
    vec![
        match checked() {
            Ok(names) => ("policies", true, names),
            Err(error) => ("policies", false, error.message().to_owned()),
        },
        match end {
            Ok(end) => ("calendar", end > today + chrono::Days::new(365), format!("known until {end}")),
            Err(error) => ("calendar", false, error.message().to_owned()),
        },
    ]
}

fn pending(store: &mut Store) -> Result<Finding> {
    let pending = store.read(|view| view.pending_destructions())?;
    Ok(match pending.len() {
        0 => ("destruction", true, "nothing pending".to_owned()),
        n => ("destruction", false, format!("{n} acts are pending: run dsr sanitize")),
    })
}

fn show(world: &mut World<'_, '_>, findings: &[Finding]) -> Result<()> {
    let head = Head {
        schema: "dsr/doctor/v1",
        list: "findings",
        title: "State of the store".into(),
        columns: &["what", "well", "says"],
        members: Vec::new(),
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    for (what, well, says) in findings {
        rows.row(&[Cell::text(what), Cell::Flag(*well), Cell::text(says)])?;
    }
    rows.finish(Vec::new())
}
