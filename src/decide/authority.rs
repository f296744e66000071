//! Whether whoever acts for a person may: nobody is answered through somebody whose authority was not checked.

use chrono::NaiveDate;

use crate::domain::CaseEvent;

/// Whether the authority was checked last with a good result, and has not ended by this day.
pub fn is_checked<'e>(events: impl IntoIterator<Item = &'e CaseEvent>, today: NaiveDate) -> bool {
    events.into_iter().fold(false, |checked, event| match event {
        CaseEvent::Authorised { until, .. } => until.is_none_or(|until| today <= until),
        CaseEvent::Unauthorised { .. } => false,
        _ => checked,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IdentityMethod, Remark, case::AuthorityKind};

    #[test]
    fn the_last_check_counts_until_its_last_day() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap_or_default();
        let kind = AuthorityKind::PowerOfAttorney;
        let until = |d| CaseEvent::Authorised { kind, until: Some(day(d)) };
        let failed = || CaseEvent::Unauthorised { kind, why: Remark::kept("no seal") };
        let verified = || CaseEvent::Verified { method: IdentityMethod::Document };
        for (about, events, checked) in [
            ("never", vec![], false),
            ("who they are is not what they may", vec![verified()], false),
            ("on the last day", vec![until(22)], true),
            ("past it", vec![until(21)], false),
            ("past it, whoever it is", vec![until(21), verified()], false),
            ("failed", vec![failed()], false),
            ("failed later", vec![until(30), failed()], false),
            ("failed before", vec![failed(), until(30), verified()], true),
            ("for good", vec![CaseEvent::Authorised { kind, until: None }], true),
        ] {
            assert_eq!(is_checked(&events, day(22)), checked, "{about}");
        }
    }
}
