//! Whom rows are about that were reached by a name of nobody known here, where they carry a known person's number.
//!
//! INVARIANT: whoever is known here is never taken for a stranger: what protects them counts, or nothing is done.

use std::collections::BTreeSet;

use crate::{
    domain::{Error, IdentifierType, Kind, Result, SubjectId},
    store::View,
    system::traverse::Reached,
};

/// The one person of the own store whose number stands in these rows. `None`: there is no such number.
///
/// # Errors
/// Ambiguous (exit 5): several people, or only perhaps this one.
pub fn meant(view: &View<'_>, controller: &str, reached: &Reached) -> Result<Option<SubjectId>> {
    let (mut sure, mut all) = (BTreeSet::new(), BTreeSet::new());
    // An IIN of their own beside another's: two people, and the row stays the other's.
    let own_iin = reached.names.iter().any(|name| name.kind() == IdentifierType::Iin);
    for other in reached.others.iter().filter(|other| other.sure || !own_iin) {
        let found = view.by_identifier(controller, &other.name)?;
        let holders = found.iter().filter(|one| !one.hint).map(|one| one.id);
        all.extend(holders.clone());
        sure.extend(holders.filter(|_| other.sure));
    }
    match all.iter().collect::<Vec<_>>().as_slice() {
        [] => Ok(None),
        [one] if sure.contains(*one) => Ok(Some(**one)),
        [one] => Err(unclear(Some(**one))),
        _ => Err(unclear(None)),
    }
}

/// Whether rows that were the name's are not the person's.
pub fn contradicts(first: &Reached, whole: &Reached) -> bool {
    let places: BTreeSet<_> = whole.rows.iter().map(|row| (row.node, &row.key)).collect();
    first.rows.iter().any(|row| !places.contains(&(row.node, &row.key)))
}

/// Nothing is guessed between two people.
pub fn unclear(known: Option<SubjectId>) -> Error {
    let error = Error::new(Kind::Ambiguous, "rows of another system carry the number of a person known here");
    match known {
        Some(id) => error.hint(format!("nothing was done; if they are meant, name them: --subject id:{id}")),
        None => error.hint("nothing was done; see whose the rows are, and name the person by iin: or id:"),
    }
}
