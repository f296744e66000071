//! Orders and checks of a person that are over: from when to when they kept what.

use std::collections::BTreeSet;

use super::{View, column as at};
use crate::domain::{Category, Moment, Result, SubjectId};

/// A hold or a block that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What it covered; `None` = everything.
    pub category: Option<Category>,
    /// When it ended.
    pub at: Moment,
    /// Whether it was an order to keep, and no check.
    pub is_hold: bool,
}

impl View<'_> {
    /// The holds and blocks of a person that have ended, also of one of whom nothing else is left.
    ///
    /// # Errors
    /// As any read.
    pub fn ended_keepers(&self, controller: &str, subject: SubjectId) -> Result<Vec<Ended>> {
        let mut query = self.prepare(
            "SELECT category, released_at, 1 FROM hold WHERE subject = ?1 AND released_at IS NOT NULL
              UNION ALL SELECT category, lifted_at, 0 FROM block WHERE subject = ?1 AND lifted_at IS NOT NULL",
        )?;
        let mut all = Vec::new();
        for row in self.rows_of(controller, subject)? {
            let mut rows = query.query([row.id])?;
            while let Some(row) = rows.next()? {
                let category = row.get::<_, Option<String>>(0)?.map(|word| Category::new(&word));
                all.push(Ended { category, at: at::moment(row, 1)?, is_hold: row.get(2)? });
            }
        }
        Ok(all)
    }

    /// When orders to keep ended that were about a person.
    ///
    /// # Errors
    /// As any read.
    pub fn released_orders(&self, controller: &str, subject: SubjectId) -> Result<BTreeSet<Moment>> {
        let ended = self.ended_keepers(controller, subject)?;
        Ok(ended.into_iter().filter(|keeper| keeper.is_hold).map(|keeper| keeper.at).collect())
    }
}
