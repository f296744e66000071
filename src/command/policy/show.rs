//! `dsr policy show`: the rules of a controller, one a line.

use super::{Outcome, world::World};
use crate::{
    command::Exit,
    policy::{Library, explain::Tongue},
    render::{Cell, Head},
};

/// List the rules of a controller
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr policy show --controller automaster\n")]
pub struct Show {}

impl Show {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let id = world.controller(library, None)?;
        let rulebook = library.rulebook(&id)?;
        let head = Head {
            schema: "dsr/policy-show/v1",
            list: "rules",
            title: format!("{} ({})", rulebook.policy.title, rulebook.policy.version),
            columns: &["id", "clause", "kind", "says"],
            members: vec![
                ("version", rulebook.policy.version.clone().into()),
                ("sha256", rulebook.policy_sha256().into()),
                ("source_sha256", rulebook.policy.source.sha256.clone().into()),
            ],
        };
        let t = world.spoken();
        let mut rows = world.rows(head)?;
        for rule in &rulebook.policy.rules {
            let clause = Cell::option(rule.clause.as_ref());
            rows.row(&[
                Cell::text(&rule.id),
                clause,
                Cell::text(t.code("vocabulary", rule.body.kind())),
                Cell::text(t.gist(rule)),
            ])?;
        }
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}
