//! When a record goes, in the few words of the two policies, and in none of the program's code.

use chrono::{Datelike, Days, Months, NaiveDate as Day};

/// Who holds the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Company {
    MyCar,
    AutoMaster,
}

impl Company {
    pub const ALL: [Company; 2] = [Company::MyCar, Company::AutoMaster];

    pub fn id(self) -> &'static str {
        if self == Company::MyCar { "mycar" } else { "automaster" }
    }
}

#[derive(Clone, Debug)]
pub struct Rec {
    pub reference: String,
    pub category: &'static str,
    pub collected: Day,
    pub contact: Option<Day>,
    pub document: Option<Day>,
    pub reached: Option<Day>,
    pub deal: Option<usize>,
    pub consent: Option<usize>,
    pub by_self: bool,
    pub archived: Option<Day>,
}

#[derive(Clone, Debug)]
pub struct Consent {
    pub reference: String,
    pub scope: &'static str,
    pub given: Day,
    pub expires: Option<Day>,
    pub withdrawn: Option<Day>,
    pub by_parent: bool,
}

#[derive(Clone, Debug)]
pub struct Deal {
    pub reference: String,
    pub kind: &'static str,
    pub opened: Day,
    pub closed: Option<Day>,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub company: Company,
    pub reference: String,
    pub born: Option<Day>,
    pub iin: Option<String>,
    pub phone: String,
    pub records: Vec<Rec>,
    pub consents: Vec<Consent>,
    pub deals: Vec<Deal>,
    /// The latest contact anybody ever told of.
    pub seen: Option<Day>,
    /// Categories on hold or blocked; `None` covers all.
    pub shields: Vec<Option<String>>,
    /// Requests that are not answered.
    pub asking: usize,
    /// Nothing is held any more, not even the name.
    pub gone: bool,
}

/// What should happen to a record in one night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Destroy,
    Archive(Day),
    /// Due, and protected; or a child's, which waits for the officer.
    Held,
    Stays,
}

fn years(day: Day, n: u32) -> Day {
    day + Months::new(12 * n)
}

impl Person {
    /// The day on which use ends, where one is known.
    fn use_ends(&self, rec: &Rec) -> Option<Day> {
        match (self.company, rec.category) {
            (Company::AutoMaster, "technical" | "usage" | "cookie") => Some(years(rec.collected, 2)),
            (Company::AutoMaster, "contact" | "vehicle") if !self.on_paper(rec) => {
                let form = (rec.by_self && rec.contact.is_none()).then_some(rec.collected);
                let last = self.seen.map_or(rec.collected, |seen| form.map_or(seen, |form| form.max(seen)));
                [Some(years(last, 3)), self.withdrawn("processing", rec)].into_iter().flatten().min()
            }
            (Company::AutoMaster, "contact" | "vehicle" | "service") => None,
            (Company::AutoMaster, _) => rec.reached,
            (Company::MyCar, "cookie") => {
                [rec.reached, self.withdrawn("cookie", rec), self.consent_over(rec)]
                    .into_iter()
                    .flatten()
                    .min()
            }
            (Company::MyCar, _) => rec.reached,
        }
    }

    /// The first withdrawal after its collection that left no such consent standing.
    fn withdrawn(&self, scope: &str, rec: &Rec) -> Option<Day> {
        if let Some(own) = rec.consent.map(|at| &self.consents[at]).filter(|own| own.scope == scope) {
            return own.withdrawn;
        }
        let of = || self.consents.iter().filter(|consent| consent.scope == scope);
        let stands = |at: Day| of().any(|c| c.given <= at && c.withdrawn.is_none_or(|end| end > at));
        of().filter_map(|c| c.withdrawn).filter(|at| *at >= rec.collected && !stands(*at)).min()
    }

    /// Thirteen months from the consent that a cookie names, or else the last one given before it; from its
    /// renewals in time anew.
    fn consent_over(&self, rec: &Rec) -> Option<Day> {
        let before = self.consents.iter().filter(|c| c.scope == "cookie" && c.given <= rec.collected);
        let own = rec.consent.map(|at| &self.consents[at]).or_else(|| before.max_by_key(|c| c.given))?;
        let life = |c: &Consent| (c.given + Months::new(13)).min(c.expires.unwrap_or(Day::MAX));
        let mut renewals: Vec<&Consent> =
            self.consents.iter().filter(|c| c.scope == "cookie" && c.given >= own.given).collect();
        renewals.sort_by_key(|c| c.given);
        let step = |end: Day, c: &&Consent| if c.given <= end { end.max(life(c)) } else { end };
        Some(renewals.iter().fold(life(own), step))
    }

    /// Whether it is a primary document, or stands on one.
    fn on_paper(&self, rec: &Rec) -> bool {
        let deal = rec.deal.map(|at| self.deals[at].kind);
        match (self.company, rec.category) {
            (_, "service" | "contract" | "payment") => true,
            (Company::MyCar, "contact") => {
                matches!(deal, Some("purchase" | "work_order" | "credit" | "warranty"))
            }
            (Company::MyCar, "vehicle") => {
                matches!(deal, Some("purchase" | "work_order" | "credit" | "warranty"))
            }
            (Company::MyCar, "identity") => matches!(deal, Some("purchase" | "work_order" | "credit")),
            (Company::AutoMaster, "vehicle") => {
                matches!(deal, Some("purchase" | "work_order" | "claim" | "warranty"))
            }
            _ => false,
        }
    }

    /// The last day on which the tax code asks for it.
    pub fn law_until(&self, rec: &Rec) -> Option<Day> {
        let year = rec.document.unwrap_or(rec.collected).year() + 5;
        self.on_paper(rec).then(|| Day::from_ymd_opt(year, 12, 31).unwrap())
    }

    /// The day of full age, where a child gave this without a parent.
    fn adult(&self, rec: &Rec) -> Option<Day> {
        let adult = years(self.born?, 18);
        let about = |c: &Consent| rec.consent.is_none_or(|own| self.consents[own].reference == c.reference);
        let agreed = self.consents.iter().any(|c| c.by_parent && about(c) && c.withdrawn.is_none());
        (rec.by_self && rec.collected < adult && !agreed).then_some(adult)
    }

    /// What the rules say on a day, whatever protects.
    fn ruled(&self, rec: &Rec, today: Day) -> Due {
        if let Some(until) = rec.archived {
            return if today > until { Due::Destroy } else { Due::Stays };
        }
        let (ends, law) = (self.use_ends(rec), self.law_until(rec));
        let (grown, child) = match self.adult(rec) {
            Some(adult) => (adult <= today, adult > today),
            None => (false, false),
        };
        let over = grown || ends.is_some_and(|day| day <= today);
        match law {
            Some(last) if today <= last && over => Due::Archive(last),
            None if over => Due::Destroy,
            Some(last) if today > last && (over || self.company == Company::AutoMaster) => Due::Destroy,
            _ if child => Due::Held,
            _ => Due::Stays,
        }
    }

    /// What should happen tonight.
    pub fn due(&self, rec: &Rec, today: Day) -> Due {
        match self.ruled(rec, today) {
            Due::Destroy if self.is_protected(rec) => Due::Held,
            Due::Archive(_) if self.is_protected(rec) => Due::Stays,
            due => due,
        }
    }

    /// A hold, a block, a deal that needs it, a request that is not answered.
    pub fn is_protected(&self, rec: &Rec) -> bool {
        self.asking > 0 || self.is_guarded(rec)
    }

    /// The same without the request.
    pub fn is_guarded(&self, rec: &Rec) -> bool {
        self.shields.iter().any(|of| of.as_deref().is_none_or(|of| of == rec.category))
            || self.deals.iter().enumerate().any(|(at, deal)| {
                let about = rec.deal.is_none_or(|own| own == at);
                about && deal.closed.is_none() && needs(self.company, deal.kind, rec.category)
            })
    }

    /// The next day on which anything can change by itself: until then nobody needs to look.
    pub fn wakes(&self, today: Day) -> Option<Day> {
        let of = |rec: &Rec| {
            if self.ruled(rec, today) != Due::Stays {
                return Some(today);
            }
            let law = self.law_until(rec).map(|last| last + Days::new(1));
            let archived = rec.archived.map(|until| until + Days::new(1));
            let days = [self.use_ends(rec), law, archived, self.adult(rec)];
            days.into_iter().flatten().filter(|day| *day > today).min()
        };
        self.records.iter().filter_map(of).min()
    }

    /// Whether something keeps the person's row although no record is left.
    pub fn is_needed(&self) -> bool {
        !self.shields.is_empty() || self.deals.iter().any(|deal| deal.closed.is_none())
    }

    pub fn saw(&mut self, day: Day) {
        self.seen = self.seen.max(Some(day));
    }
}

/// Which data an open deal needs.
fn needs(company: Company, kind: &str, category: &str) -> bool {
    let list: &[&str] = match (company, kind) {
        (Company::AutoMaster, "warranty") => &["vehicle", "service", "contact"],
        (Company::AutoMaster, _) => &["contact", "vehicle", "service", "correspondence"],
        (Company::MyCar, "warranty") => &["vehicle", "contract", "contact"],
        (Company::MyCar, "purchase") => {
            &["contact", "identity", "payment", "contract", "vehicle", "service", "correspondence", "account"]
        }
        (Company::MyCar, "credit") => {
            &["contact", "identity", "payment", "contract", "vehicle", "correspondence"]
        }
        (Company::MyCar, _) => {
            &["contact", "identity", "payment", "contract", "vehicle", "service", "correspondence"]
        }
    };
    list.contains(&category)
}
