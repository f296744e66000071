//! The compliance report as one page to print: a chart of the requests and one of the destruction for each
//! company, and the numbers under them.

mod chart;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use self::chart::{Chart, Series};
use crate::{
    decide::compliance::{Month, Tally},
    domain::{Result, Right},
    render::{Sheet, Words, html},
    store::Seal,
};

const PAGE: &str = concat!(include_str!("../sheet.html"), include_str!("page.html"));

/// What stands where there is nothing to count.
const DASH: &str = "—";

/// The sums of all companies.
pub struct Report {
    /// Day of the report.
    pub day: NaiveDate,
    /// The first day asked for.
    pub from: Option<NaiveDate>,
    /// The last day asked for.
    pub to: Option<NaiveDate>,
    /// Whether people and time are invented.
    pub drill: bool,
    /// The head of the log that the numbers come from.
    pub seal: Seal,
    /// Version of the calendar that counted the working days.
    pub calendar: String,
    /// One a company.
    pub sections: Vec<Section>,
}

/// One company.
pub struct Section {
    /// Its name.
    pub name: String,
    /// Its BIN, where known.
    pub bin: Option<String>,
    /// Its months, in order and without a hole.
    pub months: BTreeMap<Month, Tally>,
}

/// The values of `page.html`, by name.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    say: BTreeMap<String, String>,
    title: String,
    size: &'static str,
    drill: bool,
    day: String,
    from: Option<String>,
    to: Option<String>,
    calendar: &'a str,
    audit_head: String,
    public_key: Option<&'a str>,
    sections: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    bin: Option<&'a str>,
    charts: Vec<Chart>,
    requests: Sheet,
    kinds: Sheet,
    data: Sheet,
}

impl Report {
    /// Makes the page.
    ///
    /// # Errors
    /// Only a defect of the template.
    pub fn html(&self, words: &Words) -> Result<String> {
        html::page(
            PAGE,
            Page {
                lang: words.lang().tag(),
                say: words.all(),
                title: words.say("compliance-title"),
                size: "A4",
                drill: self.drill,
                day: words.day(self.day),
                from: self.from.map(|day| words.day(day)),
                to: self.to.map(|day| words.day(day)),
                calendar: &self.calendar,
                audit_head: self.seal.short(),
                public_key: self.seal.key.as_deref(),
                sections: self.sections.iter().map(|section| section.shown(words)).collect(),
            },
        )
    }
}

impl Section {
    fn shown(&self, words: &Words) -> Shown<'_> {
        Shown {
            name: &self.name,
            bin: self.bin.as_deref(),
            charts: vec![self.requests_chart(words), self.destruction_chart(words)],
            requests: self.requests(words),
            kinds: self.kinds(words),
            data: self.data(words),
        }
    }

    fn requests_chart(&self, words: &Words) -> Chart {
        let of = |key: &str, class, count: fn(&Tally) -> u64| self.series(words.say(key), class, count);
        let series = [
            of("compliance-in-time", "good", |sum| sum.in_time),
            of("compliance-late", "bad", |sum| sum.late),
            of("compliance-overdue", "worse", |sum| sum.overdue),
            of("compliance-open", "soft", |sum| sum.open - sum.overdue),
        ];
        Chart::new(words.say("compliance-requests"), &self.labels(), &series)
    }

    fn destruction_chart(&self, words: &Words) -> Chart {
        let of = |key: &str, class, count: fn(&Tally) -> u64| self.series(words.say(key), class, count);
        let series = [
            of("compliance-purged", "good", |sum| sum.purged),
            of("compliance-destroyed", "other", |sum| sum.destroyed),
        ];
        Chart::new(words.say("compliance-destruction"), &self.labels(), &series)
    }

    fn labels(&self) -> Vec<String> {
        self.months.keys().map(ToString::to_string).collect()
    }

    fn series(&self, name: String, class: &'static str, count: fn(&Tally) -> u64) -> Series {
        Series { name, class, counts: self.months.values().map(count).collect() }
    }

    fn requests(&self, words: &Words) -> Sheet {
        let mut sheet = Sheet::new(
            ["month", "received", "in-time", "late", "open", "overdue", "cancelled", "median", "worst"]
                .map(|key| words.say(&format!("compliance-{key}"))),
        );
        let days = |days: Option<u32>| days.map_or_else(|| DASH.to_owned(), |days| days.to_string());
        for (month, sum) in &self.months {
            sheet.push([
                month.to_string(),
                sum.requests().to_string(),
                sum.in_time.to_string(),
                sum.late.to_string(),
                sum.open.to_string(),
                sum.overdue.to_string(),
                sum.cancelled.to_string(),
                days(sum.median()),
                days(sum.worst()),
            ]);
        }
        sheet
    }

    /// A column for every right that was asked for, then one for every ground of refusal.
    fn kinds(&self, words: &Words) -> Sheet {
        let rights: BTreeSet<Right> =
            self.months.values().flat_map(|sum| sum.received.keys()).copied().collect();
        let grounds: BTreeSet<&String> = self.months.values().flat_map(|sum| sum.refused.keys()).collect();
        let refused = words.say("compliance-refused");
        let columns = [words.say("compliance-month")]
            .into_iter()
            .chain(rights.iter().map(|right| words.term("right", right.as_str())))
            .chain(grounds.iter().map(|ground| format!("{refused}: {ground}")));
        let mut sheet = Sheet::new(columns);
        for (month, sum) in self.months.iter().filter(|_| !rights.is_empty()) {
            let asked = rights.iter().map(|right| sum.received.get(right));
            let counts = asked.chain(grounds.iter().map(|ground| sum.refused.get(*ground)));
            let counts = counts.map(|count| count.copied().unwrap_or_default().to_string());
            sheet.push([month.to_string()].into_iter().chain(counts));
        }
        sheet
    }

    fn data(&self, words: &Words) -> Sheet {
        let mut sheet = Sheet::new(
            ["month", "purged", "destroyed", "acts", "held", "gaps", "suppressed", "disclosures"]
                .map(|key| words.say(&format!("compliance-{key}"))),
        );
        let known = |count: Option<u64>| count.map_or_else(|| DASH.to_owned(), |count| count.to_string());
        for (month, sum) in &self.months {
            sheet.push([
                month.to_string(),
                sum.purged.to_string(),
                sum.destroyed.to_string(),
                sum.acts.to_string(),
                known(sum.held),
                known(sum.gaps),
                sum.suppressed.to_string(),
                sum.disclosures.to_string(),
            ]);
        }
        sheet
    }
}
