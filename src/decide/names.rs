//! Which names of a person die: an identifier belongs to a category and goes with its last record.

use std::collections::BTreeSet;

use crate::{
    domain::{Category, IdentifierType},
    policy::Rulebook,
};

/// The identifier types that have no category left, given the categories that still have a record. An
/// archived or blocked person is still found by IIN, as long as anything is held. `protected`: while a deal, a hold or a
/// block stands, or a case waits, the numbers that name one person stay, for it is about rows elsewhere that are theirs by these
/// alone.
pub fn dying(rulebook: &Rulebook, left: &BTreeSet<Category>, protected: bool) -> Vec<IdentifierType> {
    let needed = |kind: IdentifierType| {
        kind == IdentifierType::Iin && !left.is_empty() || protected && kind.names_a_person()
    };
    let dies = |kind: &IdentifierType| {
        let category = rulebook.identifier_category(*kind);
        category.is_some_and(|category| !left.contains(category) && !needed(*kind))
    };
    IdentifierType::ALL.iter().copied().filter(dies).collect()
}

/// Whether some identifier dies with the last record of this category.
pub fn has_names(rulebook: &Rulebook, category: &Category) -> bool {
    IdentifierType::ALL.iter().any(|kind| rulebook.identifier_category(*kind) == Some(category))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::policy::Library;

    #[test]
    fn an_identifier_dies_with_its_category_and_the_iin_last() {
        use IdentifierType::{Account, Email, Iin, Phone, Vin};
        for (controller, left, protected, dead, alive) in [
            ("automaster", &["contact"][..], false, &[Vin, Account][..], &[Iin, Phone, Email][..]),
            ("automaster", &["vehicle"], false, &[Phone, Email], &[Iin, Vin]),
            ("automaster", &["technical"], false, &[Phone, Email, Vin, Account], &[Iin]),
            ("automaster", &["technical"], true, &[Phone, Email, Vin], &[Iin, Account]),
            ("automaster", &[], false, &[Iin, Account, Phone, Email, Vin], &[]),
            ("automaster", &[], true, &[Phone, Email, Vin], &[Iin, Account]),
            ("mycar", &["identity"], false, &[Phone, Email], &[Iin]),
        ] {
            let rulebook = Library::embedded().rulebook(controller).unwrap();
            let dying = dying(&rulebook, &left.iter().map(|word| Category::new(word)).collect(), protected);
            assert!(dead.iter().all(|kind| dying.contains(kind)), "{controller} {left:?}: {dying:?}");
            assert!(!alive.iter().any(|kind| dying.contains(kind)), "{controller} {left:?}: {dying:?}");
        }
        let rulebook = Library::embedded().rulebook("automaster").unwrap();
        assert!(has_names(&rulebook, &Category::from("contact")));
        assert!(!has_names(&rulebook, &Category::from("technical")));
    }
}
