//! What a map does not know: columns that were added since somebody last looked, or of which nobody said what they are;
//! and tables that are not read, whose rows hang on rows that are to be deleted. What nobody has said what it is is
//! neither told nor masked, so an answer has to say that it was not read, and nothing beside it is destroyed.

use std::collections::BTreeSet;

use super::{Reach, Remote};
use crate::{
    domain::{Action, Error, Plan, Result},
    system::traverse::{Found, Stands, stands},
};

/// Why what stands in a collection is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blind {
    /// A column that is in no map.
    Unmapped,
    /// A column of which the map does not say what it is.
    Unclassified,
    /// A table that is not read, of which the database ties rows to those that are to be deleted.
    Tied,
}

/// What a map does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// The column, or the other table.
    pub what: String,
    /// Why.
    pub why: Blind,
}

impl Unread {
    /// As a plan and the officer's task say it; `None`: nothing of the collection itself was left unread.
    pub fn says(&self) -> Option<String> {
        let Self { system, collection, what, why } = self;
        Some(match why {
            Blind::Unmapped => {
                format!(
                    "{system}: the column `{what}` of {collection} is in no map and was not read: look into it"
                )
            }
            Blind::Unclassified => {
                format!(
                    "{system}: the map does not say what `{what}` of {collection} is, and it was not read: look into it"
                )
            }
            Blind::Tied => return None,
        })
    }

    fn refused(&self) -> Error {
        let Self { system, collection, what, why } = self;
        let (says, hint) = match why {
            Blind::Unmapped => (
                format!("system `{system}`: the column `{what}` of `{collection}` is in no map"),
                "nothing was done; `dsr map check` shows what is new: map it, or say that it is not personal",
            ),
            Blind::Unclassified => (
                format!("system `{system}`: the map does not say what `{what}` of `{collection}` is"),
                "nothing was done; `dsr map check` shows what is new: map it, or say that it is not personal",
            ),
            Blind::Tied => (
                format!(
                    "system `{system}`: rows of `{what}`, which is not read, refer to `{collection}`, whose rows would be deleted"
                ),
                "nothing was done; map the table, or mask the columns of the other instead of deleting its rows; then `dsr map check`",
            ),
        };
        Error::config(says).hint(hint)
    }
}

/// A plan destroys nothing beside what nobody has looked at: a column would stay, and be called destroyed; and what the
/// database does with rows that hang on a deleted one is in no plan.
///
/// # Errors
/// Configuration (exit 6), naming it.
pub fn refuse(plan: &Plan, remote: &Remote) -> Result<()> {
    let destroys = |unread: &&Unread| {
        plan.steps.iter().any(|step| {
            let here = (&step.system, &step.collection) == (&unread.system, &unread.collection);
            here && step.action == Action::Destroy && (unread.why != Blind::Tied || step.fields.is_empty())
        })
    };
    remote.unread.iter().find(destroys).map_or(Ok(()), |unread| Err(unread.refused()))
}

impl Reach {
    /// What the maps do not know of the collections in which these rows lie.
    pub(super) fn unread(&mut self, rows: &[Found]) -> Result<Vec<Unread>> {
        let nodes: BTreeSet<usize> = rows.iter().map(|row| row.node).collect();
        let all = self.unmapped()?;
        Ok(all.into_iter().filter(|(node, _)| nodes.contains(node)).map(|(_, unread)| unread).collect())
    }

    /// A night goes only where everything is mapped that it touches.
    pub(super) fn refuse_unmapped(&mut self) -> Result<()> {
        self.unmapped()?.first().map_or(Ok(()), |(_, unread)| Err(unread.refused()))
    }

    /// All that the maps do not know, each with its collection's place in the graph.
    fn unmapped(&mut self) -> Result<Vec<(usize, Unread)>> {
        let graph = self.graph.clone();
        let name = |system: usize| self.systems.get(system).map(|one| one.name.clone()).unwrap_or_default();
        let names: Vec<String> = graph.nodes.iter().map(|node| name(node.system)).collect();
        let stands = self.stands()?;
        let one = |node: usize, what: &String, why: Blind| {
            let (system, collection) = (names[node].clone(), graph.nodes[node].collection.name.clone());
            (node, Unread { system, collection, what: what.clone(), why })
        };
        let all = (0..names.len()).flat_map(|node| {
            let unmapped = stands.unmapped[node].iter().map(|what| (what, Blind::Unmapped));
            let unsaid = stands.unclassified[node].iter().map(|what| (what, Blind::Unclassified));
            let tied = stands.tied[node].iter().map(|what| (what, Blind::Tied));
            let of_node: Vec<_> = unmapped.chain(unsaid).chain(tied).collect();
            of_node.into_iter().map(move |(what, why)| (node, what, why))
        });
        Ok(all.map(|(node, what, why)| one(node, what, why)).collect())
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
