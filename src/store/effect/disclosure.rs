//! The register of transfers (art. 22(1)(5)): a disclosure is written down, never edited.

use super::Person;
use crate::{
    domain::{Category, Moment, Purpose, Result},
    store::Tx,
};

/// A disclosure to be written down.
#[derive(Clone, Debug)]
pub struct NewDisclosure {
    /// Who received it.
    pub recipient: String,
    /// Country of the recipient, two letters.
    pub country: String,
    /// What was handed over.
    pub categories: Vec<Category>,
    /// What for.
    pub purpose: Purpose,
    /// On which ground, by its word.
    pub basis: String,
    /// When.
    pub at: Moment,
}

impl Tx<'_> {
    /// Writes down a disclosure of a person's data.
    ///
    /// # Errors
    /// As any write.
    pub fn add_disclosure(&self, person: &Person, new: &NewDisclosure) -> Result<()> {
        let mut insert = self.prepare(
            "INSERT INTO disclosure (subject, controller, recipient, country, categories, purpose, basis, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let categories: Vec<&str> = new.categories.iter().map(Category::as_str).collect();
        let _ = insert.execute(rusqlite::params![
            person.root_row(),
            person.controller,
            new.recipient,
            new.country,
            categories.join(" "),
            new.purpose.as_str(),
            new.basis,
            new.at.unix(),
        ])?;
        Ok(())
    }
}
