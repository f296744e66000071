//! stub
use crate::{domain::*, policy::Rulebook};
use chrono::NaiveDate;
/// stub
pub fn verdict(_r: &Record, _f: &SubjectFacts, _b: &Rulebook, _t: NaiveDate) -> Verdict {
    Verdict::Gap { missing: String::new() }
}
