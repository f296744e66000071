//! Columns that are in no map: added since somebody last looked. What nobody has said what it is is neither told nor
//! masked, so an answer has to say that it was not read, and nothing beside it is destroyed.

use std::collections::BTreeSet;

use super::{Reach, Remote};
use crate::{
    domain::{Action, Error, Plan, Result},
    system::traverse::{Found, Stands, stands},
};

/// A column that is in no map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// The column.
    pub column: String,
}

impl Unread {
    /// As a plan and the officer's task say it.
    pub fn says(&self) -> String {
        let Self { system, collection, column } = self;
        format!("{system}: the column `{column}` of {collection} is in no map and was not read: look into it")
    }

    fn refused(&self) -> Error {
        let Self { system, collection, column } = self;
        Error::config(format!("system `{system}`: the column `{column}` of `{collection}` is in no map"))
            .hint(
                "nothing was done; `dsr map check` shows what is new: map it, or say that it is not personal",
            )
    }
}

/// A plan destroys nothing beside a column of which nobody has said what it is: it would stay, and be called destroyed.
///
/// # Errors
/// Configuration (exit 6), naming the column.
pub fn refuse(plan: &Plan, remote: &Remote) -> Result<()> {
    let destroys = |unread: &&Unread| {
        plan.steps.iter().any(|step| {
            let here = (&step.system, &step.collection) == (&unread.system, &unread.collection);
            here && step.action == Action::Destroy
        })
    };
    remote.unread.iter().find(destroys).map_or(Ok(()), |unread| Err(unread.refused()))
}

impl Reach {
    /// The columns in no map of the collections in which these rows lie.
    pub(super) fn unread(&mut self, rows: &[Found]) -> Result<Vec<Unread>> {
        let nodes: BTreeSet<usize> = rows.iter().map(|row| row.node).collect();
        let all = self.unmapped()?;
        Ok(all.into_iter().filter(|(node, _)| nodes.contains(node)).map(|(_, unread)| unread).collect())
    }

    /// A night goes only where every column is mapped.
    pub(super) fn refuse_unmapped(&mut self) -> Result<()> {
        self.unmapped()?.first().map_or(Ok(()), |(_, unread)| Err(unread.refused()))
    }

    /// Every column in no map, with its collection's place in the graph.
    fn unmapped(&mut self) -> Result<Vec<(usize, Unread)>> {
        let graph = self.graph.clone();
        let name = |system: usize| self.systems.get(system).map(|one| one.name.clone()).unwrap_or_default();
        let names: Vec<String> = graph.nodes.iter().map(|node| name(node.system)).collect();
        let stands = self.stands()?;
        let column = |node: usize, column: &String| {
            let collection = graph.nodes[node].collection.name.clone();
            (node, Unread { system: names[node].clone(), collection, column: column.clone() })
        };
        let each = stands.unmapped.iter().enumerate();
        Ok(each.flat_map(|(node, all)| all.iter().map(move |one| column(node, one))).collect())
    }

    /// The collections as the databases have them.
    pub(super) fn stands(&mut self) -> Result<&Stands> {
        let stands = match self.stands.take() {
            Some(known) => known,
            None => stands(&mut self.systems, &self.graph)?,
        };
        Ok(self.stands.insert(stands))
    }
}
