//! Whether whoever acts for a person may: nobody is answered through somebody whose authority was not checked.

use chrono::NaiveDate;

use crate::domain::{CaseEvent, case::AuthorityKind};

/// How far somebody may act for the person on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Nobody checked it, or the check failed.
    Unchecked,
    /// It was checked, and its last day has passed.
    Ended(NaiveDate),
    /// It was checked, and goes on.
    InForce,
}

/// What the checks of a case come to: the last one counts. Somebody recognised after an authority that has ended
/// asks for themselves, or was not asked yet what they may.
pub fn standing<'e>(events: impl IntoIterator<Item = &'e CaseEvent>, today: NaiveDate) -> Authority {
    use Authority as A;
    events.into_iter().fold(A::Unchecked, |found, event| match (event, found) {
        (CaseEvent::Authorised { until: Some(until), .. }, _) if *until < today => A::Ended(*until),
        (CaseEvent::Authorised { .. }, _) => A::InForce,
        (CaseEvent::Unauthorised { .. }, _) | (CaseEvent::Verified { .. }, A::Ended(_)) => A::Unchecked,
        (_, found) => found,
    })
}

/// Whether the person goes on with a case alone that somebody else began for them.
pub fn is_alone<'e>(events: impl IntoIterator<Item = &'e CaseEvent>) -> bool {
    events.into_iter().fold(false, |alone, event| match event {
        CaseEvent::Authorised { kind, .. } => *kind == AuthorityKind::Itself,
        _ => alone,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IdentityMethod, Remark};

    #[test]
    fn the_last_check_counts_until_its_last_day() {
        use Authority as A;
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap_or_default();
        let kind = AuthorityKind::PowerOfAttorney;
        let until = |d| CaseEvent::Authorised { kind, until: Some(day(d)) };
        let alone = || CaseEvent::Authorised { kind: AuthorityKind::Itself, until: None };
        let failed = || CaseEvent::Unauthorised { kind, why: Remark::kept("no seal") };
        let verified = || CaseEvent::Verified { method: IdentityMethod::Document };
        for (about, events, expected) in [
            ("never", vec![], A::Unchecked),
            ("who they are is not what they may", vec![verified()], A::Unchecked),
            ("on the last day", vec![until(22)], A::InForce),
            ("past it", vec![until(21)], A::Ended(day(21))),
            ("past it, somebody recognised anew", vec![until(21), verified()], A::Unchecked),
            ("recognised before it", vec![verified(), until(21)], A::Ended(day(21))),
            ("recognised, and it goes on", vec![until(22), verified()], A::InForce),
            ("failed", vec![failed()], A::Unchecked),
            ("failed later", vec![until(30), failed()], A::Unchecked),
            ("failed after its end", vec![until(21), failed()], A::Unchecked),
            ("failed before", vec![failed(), until(30), verified()], A::InForce),
            ("the person goes on alone", vec![until(21), verified(), alone()], A::InForce),
            ("for good", vec![CaseEvent::Authorised { kind, until: None }], A::InForce),
        ] {
            assert_eq!(standing(&events, day(22)), expected, "{about}");
        }
    }
}
