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
    // An IIN of their own beside another's: two people, and the row stays the other's.
    let own_iin = reached.names.iter().any(|name| name.kind() == IdentifierType::Iin);
    let mut told = Vec::new();
    for other in reached.others.iter().filter(|other| other.sure || !own_iin) {
        let found = view.by_identifier(controller, &other.name)?;
        told.extend(found.iter().filter(|one| !one.hint).map(|one| (one.id, other.sure)));
    }
    only(&told)
}

/// The only one of people who were told of, surely or perhaps; once surely is enough.
fn only(told: &[(SubjectId, bool)]) -> Result<Option<SubjectId>> {
    let all: BTreeSet<SubjectId> = told.iter().map(|(id, _)| *id).collect();
    match all.iter().collect::<Vec<_>>().as_slice() {
        [] => Ok(None),
        [one] if told.iter().any(|(_, sure)| *sure) => Ok(Some(**one)),
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

#[test]
fn once_surely_is_enough_in_any_order() {
    let [one, other] = [1, 2].map(|byte| SubjectId::from_bytes([byte; 16]));
    for (told, meant) in [
        (&[][..], Ok(None)),
        (&[(one, true)], Ok(Some(one))),
        (&[(one, true), (one, false)], Ok(Some(one))),
        (&[(one, false), (one, true)], Ok(Some(one))),
        (&[(one, false)], Err(Kind::Ambiguous)),
        (&[(one, true), (other, true)], Err(Kind::Ambiguous)),
        (&[(one, true), (other, false)], Err(Kind::Ambiguous)),
    ] {
        assert_eq!(only(told).map_err(|error| error.kind()), meant, "{told:?}");
    }
}
