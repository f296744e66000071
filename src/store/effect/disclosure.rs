//! The register of transfers (art. 22(1)(5)): a disclosure is written down, never edited.

use super::Person;
use crate::{
    domain::{Category, Moment, Purpose, Result},
    policy::vocabulary::Exception,
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
    /// On which ground.
    pub basis: Exception,
    /// What that rests on: the number of a demand, the lawyer who approved, an order, a cession.
    pub document: Option<String>,
    /// When.
    pub at: Moment,
}

/// The ground and what it rests on, as the register of transfers has always held one text.
fn written(basis: Exception, document: Option<&str>) -> String {
    document.map_or_else(|| basis.to_string(), |document| format!("{basis}: {document}"))
}

/// The ground and what it rests on, of a text that this program wrote; another's words are left as they are.
pub(in crate::store) fn parts(text: &str) -> (String, Option<String>) {
    match text.split_once(": ") {
        Some((basis, document)) if basis.parse::<Exception>().is_ok() => {
            (basis.to_owned(), Some(document.to_owned()))
        }
        _ => (text.to_owned(), None),
    }
}

#[test]
fn the_ground_reads_as_it_was_written() {
    for (basis, document) in [(Exception::StateDemand, Some("7: 12/34")), (Exception::Consent, None)] {
        let read = parts(&written(basis, document));
        assert_eq!(read, (basis.to_string(), document.map(str::to_owned)));
    }
    assert_eq!(parts("договор: 12"), ("договор: 12".into(), None));
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
            written(new.basis, new.document.as_deref()),
            new.at.unix(),
        ])?;
        Ok(())
    }
}
