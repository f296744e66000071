//! What is wrong with an input, and where. Never the value itself.

use std::fmt;

/// One thing wrong (or odd) at one place of an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// Line of the file, from 1. A CSV row is named by the line it starts on.
    pub line: u64,
    /// Column: for JSON the character in the line, for CSV the cell in the row, both from 1; 0 where
    /// the whole line is meant.
    pub column: u32,
    /// The field, as the format writes it (`data.phone`); empty where the whole line is meant.
    pub field: String,
    /// What is wrong: lower case, no value of the file in it.
    pub message: String,
    /// What to do about it, where that is not obvious.
    pub hint: Option<String>,
}

impl Complaint {
    /// A complaint about a whole line.
    pub fn line(line: u64, message: impl Into<String>) -> Self {
        Self { line, column: 0, field: String::new(), message: message.into(), hint: None }
    }

    /// Which column.
    #[must_use]
    pub fn column(mut self, column: u32) -> Self {
        self.column = column;
        self
    }

    /// Which field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Complaint {
    /// `12:34: data.phone: a phone number …`, to stand after the file's name and a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.line)?;
        if self.column > 0 {
            write!(f, "{}:", self.column)?;
        }
        if !self.field.is_empty() {
            write!(f, " {}:", self.field)?;
        }
        write!(f, " {}", self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, " ({hint})"))
    }
}

/// Complaints up to a limit; the rest is counted, so that a file of a million faults costs no memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaints {
    shown: Vec<Complaint>,
    total: u64,
}

impl Complaints {
    /// How many are kept to be shown.
    pub const LIMIT: usize = 100;

    /// A list of one.
    pub fn of(complaint: Complaint) -> Self {
        Self { shown: vec![complaint], total: 1 }
    }

    /// One more.
    pub fn push(&mut self, complaint: Complaint) {
        self.push_with(|| complaint);
    }

    /// One more, made only if it will be shown.
    pub fn push_with(&mut self, complaint: impl FnOnce() -> Complaint) {
        self.total += 1;
        if self.shown.len() < Self::LIMIT {
            self.shown.push(complaint());
        }
    }

    /// All of another list after this one.
    pub fn append(&mut self, other: Self) {
        let room = Self::LIMIT.saturating_sub(self.shown.len());
        self.total += other.total;
        self.shown.extend(other.shown.into_iter().take(room));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// How many there are, shown or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Those that are shown, in the order they were found.
    pub fn shown(&self) -> &[Complaint] {
        &self.shown
    }

    /// In the order of the file: what is found at its end may be about an early line.
    pub fn sort(&mut self) {
        self.shown.sort();
    }

    /// One line each after the name of the file, and how many more there are.
    pub fn picture(&self, file: &str) -> String {
        let mut lines: Vec<String> = self.shown.iter().map(|one| format!("{file}:{one}")).collect();
        match self.total - self.shown.len() as u64 {
            0 => {}
            more => lines.push(format!("… and {more} more")),
        }
        lines.join("\n")
    }
}

/// A word of the file that may be repeated in a complaint: it looks like a name of the format, not
/// like data (a header row may be missing, and then a phone number stands where a name should).
pub fn quotable(word: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '.' | '-');
    (!word.is_empty() && word.len() <= 40 && word.chars().all(plain)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_faults_cost_no_memory() {
        let mut all = Complaints::default();
        (1..=1_000).for_each(|line| all.push(Complaint::line(line, "wrong")));
        let mut more = Complaints::default();
        more.push(Complaint::line(7, "wrong"));
        all.append(more);
        assert_eq!((all.shown().len(), all.total()), (100, 1_001));
        assert!(all.picture("f.csv").ends_with("f.csv:100: wrong\n… and 901 more"));
    }

    #[test]
    fn words_that_may_be_data_are_not_repeated() {
        for (word, may) in [
            ("collected_at", true),
            ("data.phone", true),
            ("87010000001", false),
            ("Омарова", false),
            ("", false),
        ] {
            assert_eq!(quotable(word).is_some(), may, "{word}");
        }
    }
}
