//! The individual identification number: 12 digits that hold a birth date, a sex and a check digit.
//!
//! Sources: Government resolution of 11.06.2003 No. 565; weights as published libraries agree.

use chrono::{Datelike, NaiveDate};

/// Sex as the seventh digit says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Odd seventh digit.
    Male,
    /// Even seventh digit.
    Female,
}

/// What a valid number says about its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Birth date; unknown where the seventh digit is 0 (left to a person to decide).
    pub born: Option<NaiveDate>,
    /// Sex; unknown where the seventh digit is 0.
    pub sex: Option<Sex>,
}

/// Why a number cannot be an IIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Eleven digits are nearly always a lost leading zero.
    #[error("an IIN has 12 digits; this one has 11: a leading zero may have been lost by a spreadsheet")]
    LostZero,
    /// Any other length, or a character that is no digit.
    #[error("an IIN has exactly 12 digits")]
    Length,
    /// Day and month do not make a date.
    #[error("the first six digits of the IIN are not a date")]
    Date,
    /// The seventh digit is unassigned.
    #[error("the seventh digit of the IIN is not assigned")]
    Century,
    /// The check digit is wrong, or no valid one exists.
    #[error("the check digit of the IIN is wrong")]
    Check,
}

/// Checks length, date, seventh digit and check digit.
///
/// # Errors
/// The first [`Fault`] found; it never holds the number.
pub fn check(number: &str) -> Result<Holder, Fault> {
    let digits = digits(number)?;
    let holder = holder(&digits)?;
    match check_digit(&digits) {
        Some(check) if check == digits[11] => Ok(holder),
        _ => Err(Fault::Check),
    }
}

/// Whether twelve digits end in their check digit, whatever they mean: a BIN is built the same way.
pub fn has_check_digit(number: &str) -> bool {
    digits(number).is_ok_and(|digits| check_digit(&digits) == Some(digits[11]))
}

/// Full years on a day; a person born on 29 February is a year older on 1 March of a common year.
pub fn age(born: NaiveDate, today: NaiveDate) -> i32 {
    let before = (today.month(), today.day()) < (born.month(), born.day());
    today.year() - born.year() - i32::from(before)
}

fn digits(number: &str) -> Result<[u32; 12], Fault> {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != number.chars().count() {
        return Err(Fault::Length);
    }
    let count = digits.len();
    digits.try_into().map_err(|_| if count == 11 { Fault::LostZero } else { Fault::Length })
}

fn holder(digits: &[u32; 12]) -> Result<Holder, Fault> {
    let (century, sex) = match digits[6] {
        0 => (None, None),
        1 | 2 => (Some(1800), Some(digits[6])),
        3 | 4 => (Some(1900), Some(digits[6])),
        5 | 6 => (Some(2000), Some(digits[6])),
        _ => return Err(Fault::Century),
    };
    let pair = |at: usize| digits[at] * 10 + digits[at + 1];
    let date = |century: i32| {
        let year = century + i32::try_from(pair(0)).unwrap_or_default();
        NaiveDate::from_ymd_opt(year, pair(2), pair(4)).ok_or(Fault::Date)
    };
    // A leap year is accepted where the century is unknown: 2000 is one.
    let born = century.map(date).transpose()?;
    if born.is_none() {
        date(2000).or_else(|_| date(1900))?;
    }
    let sex = sex.map(|digit| if digit % 2 == 1 { Sex::Male } else { Sex::Female });
    Ok(Holder { born, sex })
}

/// Two passes: weights 1…11, and 3…11, 1, 2 where the first gives 10. `None`: never issued.
fn check_digit(digits: &[u32; 12]) -> Option<u32> {
    let pass =
        |shift: u32| (0..11).zip(digits).map(|(at, digit)| ((at + shift) % 11 + 1) * digit).sum::<u32>() % 11;
    [pass(0), pass(2)].into_iter().find(|rest| *rest < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn numbers_of_invented_people() {
        use Sex::{Female, Male};
        for (number, expected) in [
            ("900101399998", Ok((born("1990-01-01"), Some(Male)))),
            ("900101399797", Ok((born("1990-01-01"), Some(Male)))), // second pass
            ("900101499994", Ok((born("1990-01-01"), Some(Female)))),
            ("000229599999", Ok((born("2000-02-29"), Some(Male)))),
            ("081123699996", Ok((born("2008-11-23"), Some(Female)))),
            ("991231199991", Ok((born("1899-12-31"), Some(Male)))),
            ("900101399990", Err(Fault::Check)),
            ("900230399991", Err(Fault::Date)),
            ("900101899999", Err(Fault::Century)),
            ("90010139999", Err(Fault::LostZero)),
            ("9001013999988", Err(Fault::Length)),
            ("90010139999x", Err(Fault::Length)),
            ("", Err(Fault::Length)),
        ] {
            assert_eq!(check(number).map(|h| (h.born, h.sex)), expected, "{number}");
        }
    }

    #[test]
    fn no_digit_completes_a_number_that_both_passes_refuse() {
        assert!((0..10).all(|last| check(&format!("90010139975{last}")) == Err(Fault::Check)));
    }

    #[test]
    fn birthdays() {
        for (born, today, years) in [
            ("2008-11-22", "2026-11-22", 18),
            ("2008-11-23", "2026-11-22", 17),
            ("2004-02-29", "2022-02-28", 17),
            ("2004-02-29", "2022-03-01", 18),
        ] {
            let day = |text: &str| text.parse().unwrap_or_default();
            assert_eq!(age(day(born), day(today)), years, "{born} on {today}");
        }
    }
}
