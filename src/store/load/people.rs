//! Where the people of a file are in the store: a map from ref to key, bounded.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
};

use rusqlite::OptionalExtension;

use super::{
    Load, Refusal, Standing, find_sql,
    row::{Reference, Row, RowKind},
};
use crate::domain::Result;

/// People by a 128-bit keyed digest of their ref: two refs meet by accident in no lifetime.
#[derive(Default)]
pub(super) struct People {
    keys: [RandomState; 2],
    rows: HashMap<[u64; 2], i64>,
    /// Whether somebody did not fit in, so that the store must be asked.
    pub overflown: bool,
}

/// A row of `subject`.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    /// Its key.
    pub row: i64,
    /// Whether its own line has not come yet.
    pub waiting: bool,
}

impl People {
    /// About 20 MB.
    const MOST: usize = 450_000;

    fn key(&self, reference: &str) -> [u64; 2] {
        let [one, two] = &self.keys;
        [one.hash_one(reference), two.hash_one(reference)]
    }

    /// Somebody met before in this file.
    pub fn get(&self, reference: &str) -> Option<Seat> {
        let row = *self.rows.get(&self.key(reference))?;
        Some(Seat { row: row.abs(), waiting: row < 0 })
    }

    /// Remembers somebody, if there is room.
    pub fn put(&mut self, reference: &str, seat: Seat) {
        let key = self.key(reference);
        if self.rows.len() >= Self::MOST && !self.rows.contains_key(&key) {
            self.overflown = true;
            return;
        }
        self.rows.insert(key, if seat.waiting { -seat.row } else { seat.row });
    }
}

impl Load<'_> {
    pub(super) fn standing_of_person(&mut self, row: &Row) -> Result<Standing> {
        let Some(seat) = self.find_person(&row.reference.text)? else { return Ok(Standing::New) };
        if seat.waiting {
            return Ok(Standing::New);
        }
        let kept = self
            .tx
            .prepare("SELECT digest FROM subject WHERE id = ?1")?
            .query_row([seat.row], |row| row.get::<_, Option<i64>>(0))?;
        Ok(if !self.seen(RowKind::Subject).first_time(seat.row) {
            Standing::Refused(Refusal::Twice)
        } else if kept == Some(row.digest) {
            Standing::Same
        } else {
            Standing::Changed(seat.row)
        })
    }

    /// A person met in this file or held before.
    pub(super) fn find_person(&mut self, reference: &str) -> Result<Option<Seat>> {
        if let Some(seat) = self.people.get(reference) {
            return Ok(Some(seat));
        }
        if self.fresh && self.writers.nobody_before && !self.people.overflown {
            return Ok(None);
        }
        let mut query = self.tx.prepare(find_sql(RowKind::Subject))?;
        let found = query.query_row((self.controller, reference), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        });
        let Some((row, digest)) = found.optional()? else { return Ok(None) };
        let waiting = digest.is_none() && !self.seen(RowKind::Subject).is_old(row);
        let seat = Seat { row, waiting };
        self.people.put(reference, seat);
        Ok(Some(seat))
    }

    /// The person a row is about; one who has not come yet gets an empty row to sit on.
    pub(super) fn seat(&mut self, reference: &Reference) -> Result<Seat> {
        if let Some(seat) = self.find_person(&reference.text)? {
            return Ok(seat);
        }
        let seat = Seat { row: self.new_person(&reference.text, None, None)?, waiting: true };
        self.people.put(&reference.text, seat);
        Ok(seat)
    }

    /// A new row of `subject`; without a digest it waits for its line.
    pub(super) fn new_person(
        &mut self,
        reference: &str,
        born: Option<&str>,
        digest: Option<i64>,
    ) -> Result<i64> {
        let uid = (self.ids)();
        let values = (uid.as_bytes(), self.controller, reference, born, digest, self.now.unix());
        Ok(self.writers.subject.insert(values)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_met_again() {
        let mut people = People::default();
        people.put("C-1", Seat { row: 7, waiting: true });
        people.put("C-2", Seat { row: 8, waiting: false });
        people.put("C-1", Seat { row: 7, waiting: false });
        let met =
            ["C-1", "C-2", "C-3"].map(|reference| people.get(reference).map(|seat| (seat.row, seat.waiting)));
        assert_eq!(met, [Some((7, false)), Some((8, false)), None]);
    }
}
