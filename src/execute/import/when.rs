//! Dates as files write them.
//!
//! [`Moment::parse`] is the judge; the two forms that nearly every line has are read here first,
//! because a file has millions of them and the general reader tries one form after another.

use chrono::NaiveDate;

use crate::domain::{Moment, channel::words};

words! {
    /// How a file writes its dates.
    Dates, "date form" {
        /// `2026-03-20`, and with a time.
        Iso = "iso",
        /// `20.03.2026`, as 1C and Excel export it; the ISO form is read as well.
        DayFirst = "dd.mm.yyyy",
    }
}

impl Dates {
    /// Reads one instant.
    ///
    /// # Errors
    /// A sentence that names the accepted forms, never the text.
    pub fn parse(self, text: &str) -> Result<Moment, String> {
        let text = text.trim();
        if let Some(at) = plain(text) {
            return Ok(at);
        }
        match (iso_of(text), self) {
            (Some(iso), Self::DayFirst) => Moment::parse(&iso).map_err(|_| "no such date".to_owned()),
            (Some(_), Self::Iso) => Err("the day stands first in this date".to_owned()),
            (None, _) if impossible(text) => Err("no such date".to_owned()),
            (None, _) => Moment::parse(text),
        }
    }

    /// The same date in the ISO form, where the file writes it otherwise.
    pub fn to_iso(self, text: &str) -> Option<String> {
        (self == Self::DayFirst).then(|| iso_of(text.trim())).flatten()
    }
}

/// `20.03.2026 15:00` as `2026-03-20T15:00`.
fn iso_of(text: &str) -> Option<String> {
    let (day, time) =
        text.split_once([' ', 'T']).map_or((text, None), |(day, time)| (day, Some(time.trim())));
    let [d, m, y] = *day.split('.').collect::<Vec<_>>() else { return None };
    let digits = |part: &str, most: usize| {
        !part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !(digits(d, 2) && digits(m, 2) && digits(y, 4) && y.len() == 4) {
        return None;
    }
    let date = format!("{y}-{m:0>2}-{d:0>2}");
    Some(match time {
        None | Some("") => date,
        Some(time) if time.find(':') == Some(1) => format!("{date}T0{time}"),
        Some(time) => format!("{date}T{time}"),
    })
}

/// Written as a date, but not one: 30 February, month 13.
fn impossible(text: &str) -> bool {
    let Some(day) = text.get(..10) else { return false };
    let shape = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    shape && NaiveDate::parse_from_str(day, "%Y-%m-%d").is_err()
}

/// `2026-03-20`, or `2026-03-20T15:00[:00]` with an offset.
fn plain(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let pair = |at: usize| {
        let (tens, ones) = (bytes.get(at)?.wrapping_sub(b'0'), bytes.get(at + 1)?.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    let year = i32::try_from(pair(0)? * 100 + pair(2)?).ok().filter(|year| (1851..2199).contains(year))?;
    if !(is(4, b'-') && is(7, b'-')) {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(year, pair(5)?, pair(8)?)?;
    if bytes.len() == 10 {
        return Some(Moment::start_of(day));
    }
    if !(is(10, b'T') && is(13, b':')) {
        return None;
    }
    let (second, rest) = if is(16, b':') { (pair(17)?, 19) } else { (0, 16) };
    let offset = match bytes.get(rest)? {
        b'Z' if bytes.len() == rest + 1 => 0,
        sign @ (b'+' | b'-') if bytes.len() == rest + 6 && is(rest + 3, b':') => {
            let (hours, minutes) = (pair(rest + 1)?, pair(rest + 4)?);
            let seconds = i64::from(hours * 3600 + minutes * 60);
            (hours < 24 && minutes < 60).then_some(if *sign == b'-' { -seconds } else { seconds })?
        }
        _ => return None,
    };
    let at = day.and_hms_opt(pair(11)?, pair(14)?, second)?;
    Some(Moment::from_unix(at.and_utc().timestamp() - offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_a_date() {
        for (form, text, utc) in [
            (Dates::Iso, "2026-03-20", Ok("2026-03-19T19:00:00Z")),
            (Dates::Iso, "2026-03-20T15:00+05:00", Ok("2026-03-20T10:00:00Z")),
            (Dates::Iso, "2026-03-20T15:00:07Z", Ok("2026-03-20T15:00:07Z")),
            (Dates::Iso, "2026-03-20T15:00", Ok("2026-03-20T10:00:00Z")),
            (Dates::Iso, "20.03.2026", Err("the day stands first in this date")),
            (Dates::Iso, "2026-02-30", Err("no such date")),
            (Dates::Iso, "2026-13-01T10:00", Err("no such date")),
            (Dates::DayFirst, "20.03.2026", Ok("2026-03-19T19:00:00Z")),
            (Dates::DayFirst, "20.03.2026 9:05", Ok("2026-03-20T04:05:00Z")),
            (Dates::DayFirst, "20.03.2026 15:00:30", Ok("2026-03-20T10:00:30Z")),
            (Dates::DayFirst, "2026-03-20", Ok("2026-03-19T19:00:00Z")),
            (Dates::DayFirst, "31.02.2026", Err("no such date")),
        ] {
            let read = form.parse(text).map(Moment::utc);
            assert_eq!(read.as_deref().map_err(String::as_str), utc, "{form} {text}");
        }
        assert!(Dates::Iso.parse("yesterday").is_err_and(|why| !why.contains("yesterday")));
    }

    proptest! {
        #[test]
        fn the_short_way_agrees_with_the_judge(
            y in 1840..2210i32, m in 0..14u32, d in 0..33u32, h in 0..25u32, min in 0..61u32,
            tail in prop::sample::select(vec!["", "Z", "+05:00", "-03:30", ":59Z", ":07+06:00", ":60Z"]),
            dated in any::<bool>(),
        ) {
            let text = if dated { format!("{y:04}-{m:02}-{d:02}") } else { format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}{tail}") };
            if let Some(at) = plain(&text) {
                prop_assert_eq!(Ok(at), Moment::parse(&text), "{}", text);
            }
        }
    }
}
