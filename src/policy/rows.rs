//! The numbered rows of the clause table: a rule must stand for each, or be said not to be one.

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The policy or statute it belongs to.
    pub file: &'static str,
    /// Its number in the table.
    pub number: u16,
    /// Its id, which is the rule's.
    pub id: &'static str,
}

/// All rows of one policy or statute; none for a policy that has no table.
pub fn of(file: &str) -> impl Iterator<Item = Row> {
    all().filter(move |row| row.file == file)
}

/// All rows.
pub fn all() -> impl Iterator<Item = Row> {
    include_str!("rows.txt").lines().filter_map(|line| {
        let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        Some(Row { file: words.next()?, number: words.next()?.parse().ok()?, id: words.next()? })
    })
}

#[test]
fn the_table_has_its_160_rows() {
    assert_eq!((of("mycar").count(), of("automaster").count()), (108, 52));
    let mut numbers: Vec<u16> = of("mycar").chain(of("automaster")).map(|row| row.number).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=160));
}
