//! Policies as data: YAML → raw → checked.

pub mod body;
pub mod cases;
mod check;
mod check_rule;
pub mod library;
pub mod model;
mod raw;
pub mod rulebook;
pub mod until;
pub mod vocabulary;
pub mod word;
pub mod yaml;

pub use library::Library;
pub use rulebook::Rulebook;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn shipped_policies_are_valid() {
        let library = Library::embedded();
        assert_eq!(library.controllers(), ["automaster", "mycar"]);
        for controller in library.controllers() {
            let book = library
                .rulebook(&controller)
                .unwrap_or_else(|e| panic!("{e} {:?} {:?}", e.hint_text(), e.picture_text()));
            eprintln!("{} {}", book.policy.rules.len(), book.statute.rules.len());
        }
        library.rulebook("mycar").unwrap();
    }
}
pub mod officer;
