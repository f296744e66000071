//! Words of a command that is printed to be typed.

use std::fmt::Display;

/// A word as a shell takes it for one, whatever is in it: a name with a blank would be two names, and another file would
/// be opened, closed to others or removed.
pub fn quoted(word: impl Display) -> String {
    let word = word.to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:+=,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word;
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_one_word() {
        for (word, typed) in [
            ("/tmp/x/s.db", "/tmp/x/s.db"),
            ("", "''"),
            ("my store", "'my store'"),
            ("o'k dir", r"'o'\''k dir'"),
            ("a;b", "'a;b'"),
            ("$HOME", "'$HOME'"),
            ("~", "'~'"),
            ("магазин", "магазин"),
        ] {
            assert_eq!(quoted(word), typed);
        }
    }
}
