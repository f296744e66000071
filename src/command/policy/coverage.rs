//! `dsr policy coverage`: every numbered clause, the rule that carries it, where, and what proves it.

use super::{
    Outcome,
    world::{self, World},
};
use crate::{
    command::Exit,
    decide::prove,
    policy::{
        Library,
        coverage::{self, Proof},
    },
    render::{Cell, Head},
};

/// Print the clause table
///
/// Every numbered clause: its rule, where it takes effect, the cases that prove it, or why it carries none.
/// The cases are run: one that does not come out proves nothing.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy coverage --controller mycar\n  dsr policy coverage --statute --controller mycar --format csv\n"
)]
pub struct Coverage {
    /// The table of the statute instead
    #[arg(long)]
    statute: bool,
}

impl Coverage {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let id = world.controller(library, None)?;
        let rulebook = library.rulebook(&id)?;
        let ran = prove::all(library, &rulebook, &world::calendar(library)?)?;
        let proofs: Vec<Proof> = ran.into_iter().filter_map(prove::Ran::proof).collect();
        let lines = if self.statute {
            coverage::statute(&rulebook, &proofs)
        } else {
            coverage::policy(&rulebook, &proofs)
        };
        let count = |of: fn(&coverage::Line) -> bool| lines.iter().filter(|line| of(line)).count();
        let head = Head {
            schema: "dsr/policy-coverage/v1",
            list: "rows",
            title: format!("Clauses of {}", if self.statute { &rulebook.statute.id } else { &id }),
            columns: &["row", "id", "clause", "kind", "rule", "effect", "proof", "not_operational"],
            members: vec![
                ("count", lines.len().into()),
                ("missing", count(coverage::Line::is_missing).into()),
                ("operational", count(|line| line.reason.is_none()).into()),
                ("unproved", count(coverage::Line::is_unproved).into()),
            ],
        };
        let t = world.spoken();
        let mut rows = world.rows(head)?;
        for line in &lines {
            let proof = line.proof.iter().map(|(file, n)| format!("{file} × {n}"));
            let rule = if line.is_missing() { Cell::Nothing } else { Cell::text(&line.id) };
            rows.row(&[
                line.number.map_or(Cell::Nothing, |n| Cell::Int(n.into())),
                Cell::text(&line.id),
                Cell::text(&line.clause),
                Cell::text(t.code("vocabulary", line.kind)),
                rule,
                Cell::text(&line.effect),
                Cell::Words(proof.collect()),
                Cell::option(
                    line.reason.as_ref().map(|reason| t.rule(&line.id).unwrap_or_else(|| reason.clone())),
                ),
            ])?;
        }
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}
