//! Whether whoever has this name wants to be left alone: for lists that other programs mail or call by.

use crate::{
    decide::consents,
    domain::{Identifier, Moment, Purpose, Result},
    store::{
        KeyFile, SearchKey, View,
        facts::{CASE_SUMMARY, CONSENT, case_of, consent_of},
    },
};

/// What is known of somebody by one of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// The purposes they have stopped, by the mark that outlives them or as a person still held.
    pub purposes: Vec<Purpose>,
    /// They have withdrawn consent to processing as a whole.
    pub withdrawn: bool,
    /// Data of theirs is out of use for a check, or a letter asks for that.
    pub blocked: bool,
}

/// Rows of a person who is still held, by one of their names: the row itself, the one it is linked to, and
/// the others linked to that.
const HELD: &str = "SELECT m.id FROM identifier i JOIN subject s ON s.id = i.subject
      JOIN subject m ON m.id = ifnull(s.same_as, s.id) OR m.same_as = ifnull(s.same_as, s.id)
     WHERE i.controller = ?1 AND i.type = ?2 AND i.key = ?3";

impl View<'_> {
    /// What somebody of this name has stopped at a controller.
    ///
    /// # Errors
    /// As any read.
    pub fn stopped(&self, code: &str, name: &Identifier, key: &KeyFile, at: Moment) -> Result<Stopped> {
        let Some(controller) = self.controller(code)? else { return Ok(Stopped::default()) };
        let search = SearchKey::of(name);
        let mark = key.mac(code, search.code, &search.key);
        let sql = format!(
            "SELECT purpose FROM suppression WHERE mac = ?4 AND controller = ?1 AND lifted_at IS NULL
             UNION SELECT purpose FROM suppression WHERE lifted_at IS NULL AND subject IN ({HELD})"
        );
        let mut query = self.prepare(&sql)?;
        let mut rows = query.query((controller, search.code, &search.key, mark))?;
        let mut stopped = Stopped::default();
        while let Some(row) = rows.next()? {
            stopped.purposes.push(Purpose::new(&row.get::<_, String>(0)?));
        }
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM block WHERE lifted_at IS NULL AND ifnull(category, 'contact') = 'contact'
               AND subject IN ({HELD}))"
        );
        let values = (controller, search.code, &search.key);
        stopped.blocked =
            self.prepare(&sql)?.query_row(values, |row| row.get(0))? || self.asks_block(values)?;
        let sql = format!("SELECT {CONSENT} FROM consent t WHERE t.subject IN ({HELD})");
        let mut query = self.prepare(&sql)?;
        let (mut rows, mut consents) = (query.query(values)?, Vec::new());
        while let Some(row) = rows.next()? {
            consents.push(consent_of(row)?);
        }
        stopped.withdrawn = consents::processing_ended(&consents, at);
        stopped.purposes.extend(consents::withdrawn_purposes(&consents, at));
        Ok(stopped)
    }

    /// Whether a letter of theirs asks for a block that nobody has set yet.
    fn asks_block(&self, held: (i64, i64, &String)) -> Result<bool> {
        let sql = format!(
            "SELECT {CASE_SUMMARY} FROM case_file t WHERE t.ended_at IS NULL
                AND t.subject IN (SELECT uid FROM subject WHERE id IN ({HELD}))"
        );
        let mut query = self.prepare(&sql)?;
        let (mut rows, mut cases) = (query.query(held)?, Vec::new());
        while let Some(row) = rows.next()? {
            cases.push(case_of(row)?);
        }
        Ok(!self.asked_blocks(&cases)?.is_empty())
    }
}
