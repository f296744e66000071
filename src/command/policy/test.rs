//! `dsr policy test`: the cases beside the policies, against the decisions.

use super::{
    Outcome, controllers,
    world::{self, World},
};
use crate::{
    command::Exit,
    decide::prove,
    domain::Kind,
    policy::Library,
    render::{Cell, Head},
};

/// Run the cases beside the policies
///
/// Each gives facts, the verdict that must come out and the rule that must decide it. A policy that means
/// something else after a change of a word fails here (exit 6), with file and line of the case.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr policy test\n")]
pub struct Test {}

impl Test {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let calendar = world::calendar(library)?;
        let (mut failed, mut passed) = (Vec::new(), 0_usize);
        for id in controllers(world, library)? {
            let rulebook = library.rulebook(&id)?;
            for ran in prove::all(library, &rulebook, &calendar)? {
                match ran.fault {
                    None => passed += 1,
                    Some(fault) => failed.push([
                        Cell::text(format!("{}:{}", ran.file, ran.line)),
                        Cell::text(&id),
                        Cell::text(ran.case),
                        Cell::text(fault),
                    ]),
                }
            }
        }
        let head = Head {
            schema: "dsr/policy-test/v1",
            list: "failed",
            title: "Cases beside the policies".into(),
            columns: &["file", "controller", "case", "fault"],
            members: vec![("passed", passed.into()), ("failed_count", failed.len().into())],
        };
        let mut rows = world.rows(head)?;
        failed.iter().try_for_each(|row| rows.row(row))?;
        rows.finish(Vec::new())?;
        Ok(if failed.is_empty() { Exit::Done } else { Exit::With(Kind::Config) })
    }
}
