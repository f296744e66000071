//! What this file has brought already, in a few bits a row.

/// Which rows of one table this file has named.
pub(super) struct Seen {
    last: i64,
    bits: Vec<u64>,
}

impl Seen {
    /// For a table whose rows up to this key were there before.
    pub fn after(last: i64) -> Self {
        Self { last, bits: Vec::new() }
    }

    /// The last key that was there before.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Whether a row was there before this file.
    pub fn is_old(&self, row: i64) -> bool {
        row <= self.last
    }

    /// Marks a row that was there before; false if this file has named it already. A row that was not
    /// there before came with this file.
    pub fn first_time(&mut self, row: i64) -> bool {
        let Ok(at) = usize::try_from(row) else { return self.is_old(row) };
        if !self.is_old(row) {
            return false;
        }
        let (word, bit) = (at / 64, 1_u64 << (at % 64));
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        let Some(bits) = self.bits.get_mut(word) else { return true };
        let first = *bits & bit == 0;
        *bits |= bit;
        first
    }
}

/// The line a new record came from. Records that follow one another in file and table share an entry.
#[derive(Default)]
pub(super) struct Lines(Vec<(i64, u64)>);

impl Lines {
    /// A file that mixes kinds line by line makes many entries; past this the line is the nearest known.
    const MOST: usize = 1 << 20;

    /// A record of this key stands on this line. Keys rise.
    pub fn push(&mut self, row: i64, line: u64) {
        let follows = self.0.last().is_some_and(|(key, first)| {
            u64::try_from(row - key).is_ok_and(|distance| first + distance == line)
        });
        if !follows && self.0.len() < Self::MOST {
            self.0.push((row, line));
        }
    }

    /// The line of a record; 0 where none was pushed.
    pub fn line_of(&self, row: i64) -> u64 {
        let at = self.0.partition_point(|(key, _)| *key <= row);
        let entry = at.checked_sub(1).and_then(|at| self.0.get(at));
        entry.map_or(0, |(key, line)| line + u64::try_from(row - key).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_once() {
        let mut seen = Seen::after(200);
        let asked = [1, 64, 200, 1, 201, 64].map(|row| seen.first_time(row));
        assert_eq!(asked, [true, true, true, false, false, false]);
    }

    #[test]
    fn lines_are_found_again() {
        let mut lines = Lines::default();
        let all = [(5, 2), (6, 3), (7, 4), (8, 9), (9, 10), (10, 12)];
        all.iter().for_each(|(row, line)| lines.push(*row, *line));
        assert_eq!(lines.0.len(), 3);
        assert!(all.iter().all(|(row, line)| lines.line_of(*row) == *line));
        assert_eq!(lines.line_of(4), 0);
    }
}
