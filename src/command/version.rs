//! `dsr version`: which rules, calendar and engine this binary carries.

use super::{
    Exit, Outcome,
    world::{World, calendar},
};
use crate::{
    domain::Result,
    render::{Cell, Head, Rows},
    store,
};

/// Print versions of program, SQLite, policies and calendar
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr version --format json\n")]
pub struct Version {}

impl Version {
    /// Needs no store.
    ///
    /// # Errors
    /// Configuration (exit 6).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let parts = parts(world)?;
        let head = Head {
            schema: "dsr/version/v1",
            list: "parts",
            title: format!("dsr {}", env!("CARGO_PKG_VERSION")),
            columns: &["part", "version", "sha256"],
            members: vec![
                ("version", env!("CARGO_PKG_VERSION").into()),
                ("schema_version", store::schema_version().into()),
            ],
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        parts.iter().try_for_each(|part| rows.row(part))?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

fn parts(world: &World<'_, '_>) -> Result<Vec<[Cell; 3]>> {
    let library = world.library()?;
    let calendar = calendar(&library)?;
    let mut parts = vec![
        [Cell::text("sqlite"), Cell::text(store::engine_version()), Cell::Nothing],
        [Cell::text("calendar"), Cell::text(calendar.version()), Cell::text(calendar.sha256())],
    ];
    for controller in library.controllers() {
        let rulebook = library.rulebook(&controller)?;
        let (policy, statute) = (&rulebook.policy, &rulebook.statute);
        if parts.len() == 2 {
            parts.push([
                Cell::text("statute"),
                Cell::text(&statute.version),
                Cell::text(rulebook.statute_sha256()),
            ]);
        }
        let name = format!("policy {controller}");
        parts.push([Cell::text(name), Cell::text(&policy.version), Cell::text(rulebook.policy_sha256())]);
    }
    Ok(parts)
}
