//! An instant, whole seconds, and the civil day it falls on in Kazakhstan.
//!
//! Law counts civil days of one zone; stores and logs keep instants. The machine's own time zone is
//! never asked.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::{Asia::Almaty, Tz};

/// The zone in which days are counted: one for the whole country since 1 March 2024.
pub const ZONE: Tz = Almaty;

/// An instant in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// From seconds since 1970-01-01T00:00Z.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00Z.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The first instant of a civil day.
    pub fn start_of(day: NaiveDate) -> Self {
        Self::from_local(day.and_hms_opt(0, 0, 0).unwrap_or_default())
    }

    /// The civil day in Kazakhstan.
    pub fn day(self) -> NaiveDate {
        self.local().date_naive()
    }

    /// The time of that day there.
    pub fn time(self) -> NaiveTime {
        self.local().time()
    }

    /// With the offset in force there and then, e.g. `2026-03-20T15:00:00+05:00`.
    pub fn rfc3339(self) -> String {
        self.local().to_rfc3339_opts(SecondsFormat::Secs, false)
    }

    /// Civil time of Kazakhstan without an offset, as every database takes it: `2026-03-20 15:00:00`.
    pub fn civil(self) -> String {
        self.local().format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// In UTC with a `Z`, as the audit log writes it.
    pub fn utc(self) -> String {
        self.instant().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Reads `T` of the command line and of the import: a date or a date-time, seconds optional; no
    /// offset means Almaty. A local time that happened twice (29 February 2024, 23:00–24:00) is the
    /// earlier instant, so that no deadline starts late.
    ///
    /// # Errors
    /// A sentence that names the accepted forms and never echoes the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || {
            "not a date or time: write 2026-03-20, 2026-03-20T15:00 or 2026-03-20T15:00:00+05:00".to_owned()
        };
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return plausible(Self::start_of(day)).ok_or_else(wrong);
        }
        let offset = ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M%:z"];
        let zulu = text.strip_suffix('Z').map(|bare| format!("{bare}+00:00"));
        let given = zulu.as_deref().unwrap_or(text);
        if let Some(at) = offset.iter().find_map(|form| DateTime::parse_from_str(given, form).ok()) {
            return plausible(Self(at.timestamp())).ok_or_else(wrong);
        }
        let fraction = DateTime::parse_from_rfc3339(given).ok().map(|at| Self(at.timestamp()));
        let bare = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
        let local = || bare.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        fraction.or_else(|| local().map(Self::from_local)).and_then(plausible).ok_or_else(wrong)
    }

    fn from_local(local: NaiveDateTime) -> Self {
        let instant = ZONE.from_local_datetime(&local).earliest();
        Self(instant.map_or_else(|| local.and_utc().timestamp() - 5 * 3600, |at| at.timestamp()))
    }

    fn instant(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }

    fn local(self) -> DateTime<Tz> {
        self.instant().with_timezone(&ZONE)
    }
}

/// Dates outside 1850–2200 are typing errors, and would overflow nothing but patience.
fn plausible(moment: Moment) -> Option<Moment> {
    use chrono::Datelike;
    (1850..2200).contains(&moment.day().year()).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_time() {
        for (text, utc) in [
            ("2026-03-20", Some("2026-03-19T19:00:00Z")),
            ("2026-03-20T15:00", Some("2026-03-20T10:00:00Z")),
            ("2026-03-20T15:00:30", Some("2026-03-20T10:00:30Z")),
            ("2026-03-20T15:00+05:00", Some("2026-03-20T10:00:00Z")),
            ("2026-03-20T15:00:00Z", Some("2026-03-20T15:00:00Z")),
            ("2026-03-20T15:00Z", Some("2026-03-20T15:00:00Z")),
            ("2026-03-20 15:00", Some("2026-03-20T10:00:00Z")),
            ("2024-02-01T12:00", Some("2024-02-01T06:00:00Z")), // +06 until 1 March 2024
            ("2024-02-29T23:30", Some("2024-02-29T17:30:00Z")), // happened twice: the earlier
            ("2026-02-30", None),
            ("20.03.2026", None),
            ("0026-03-20", None),
            ("", None),
        ] {
            assert_eq!(Moment::parse(text).ok().map(Moment::utc).as_deref(), utc, "{text}");
        }
    }

    #[test]
    fn the_day_is_the_local_one() {
        let late = Moment::parse("2026-03-20T23:59:59").map(Moment::day);
        assert_eq!(late.map(|day| day.to_string()), Ok("2026-03-20".into()));
    }
}
