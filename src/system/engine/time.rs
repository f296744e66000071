//! Times of databases, read as ours.

use crate::domain::Moment;

/// A time as databases write it: with a blank or a `T`, fractions, a short offset; or seconds and milliseconds
/// since 1970. No offset = Almaty.
pub fn instant(text: &str) -> Option<Moment> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            9..=10 => Some(Moment::from_unix(number)),
            12..=13 => Some(Moment::from_unix(number / 1000)),
            _ => None,
        };
    }
    let Some((day, time)) = text.split_once([' ', 'T']) else { return Moment::parse(text).ok() };
    let offset = time.find(['+', '-', 'Z']).unwrap_or(time.len());
    let (clock, offset) = time.split_at(offset);
    let clock = clock.split('.').next().unwrap_or(clock).trim();
    let offset = match offset.trim().len() {
        3 => format!("{}:00", offset.trim()),
        5 if !offset.contains(':') => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.trim().to_owned(),
    };
    Moment::parse(&format!("{day}T{clock}{offset}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_many_engines() {
        for (text, expected) in [
            ("2024-11-22", Some("2024-11-22T00:00:00+05:00")),
            ("2024-11-22 10:00:00", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22T10:00:00.123456", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22 05:00:00.5+00", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22 05:00:00+0000", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22 10:00", Some("2024-11-22T10:00:00+05:00")),
            ("1732251600", Some("2024-11-22T10:00:00+05:00")),
            ("1732251600000", Some("2024-11-22T10:00:00+05:00")),
            ("0000-00-00 00:00:00", None),
            ("22.11.2024", None),
            ("17", None),
            ("", None),
        ] {
            assert_eq!(instant(text).map(Moment::rfc3339).as_deref(), expected, "{text}");
        }
    }
}
