//! The names of tables and columns by the numbers that the catalogue knows them by.

use std::collections::HashMap;

use ::postgres::Row;

/// What the catalogue's question for columns answered, to be found by number.
#[derive(Default)]
pub struct Names {
    tables: HashMap<u32, String>,
    columns: HashMap<(u32, i16), String>,
}

impl Names {
    /// Of rows whose columns 0, 1, 7 and 8 are table, column, and their numbers.
    pub fn new(rows: &[Row]) -> Self {
        let mut names = Self::default();
        for row in rows {
            names.add((row.get(7), row.get(8)), row.get(0), row.get(1));
        }
        names
    }

    fn add(&mut self, (table, at): (u32, i16), name: &str, column: &str) {
        self.tables.entry(table).or_insert_with(|| name.to_owned());
        self.columns.insert((table, at), column.to_owned());
    }

    /// The name of a table, unless nobody is told of it: a partition, or one of the server's own.
    pub fn table(&self, number: u32) -> Option<&str> {
        self.tables.get(&number).map(String::as_str)
    }

    /// The names of a table's columns, in the order of their numbers as given.
    pub fn columns(&self, table: u32, numbers: Option<Vec<i16>>) -> Vec<String> {
        let numbers = numbers.unwrap_or_default();
        numbers.iter().filter_map(|at| self.columns.get(&(table, *at)).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_the_order_that_the_key_has() {
        let mut names = Names::default();
        names.add((7, 1), "shop.parcel", "nr");
        names.add((7, 3), "shop.parcel", "kind");
        assert_eq!(names.table(7), Some("shop.parcel"));
        assert_eq!(names.columns(7, Some(vec![3, 1])), ["kind", "nr"]);
        assert_eq!((names.table(8), names.columns(8, None)), (None, vec![]));
    }
}
