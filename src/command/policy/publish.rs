//! `dsr policy publish`, `told`, `versions`: what was published when, what it opened, what was told.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::NaiveDate;

use super::{Outcome, check::compare, diff, world::World};
use crate::{
    audit::Hash,
    command::{Exit, world::Rules},
    domain::{Error, Kind, Purpose, Result},
    execute::publish::{self, Notice, Publication},
    policy::{
        Library, Rulebook,
        body::Effective,
        diff::{Change, Class, diff as compare_rules},
        model::Policy,
        vocabulary::NoticeTo,
    },
    render::{Cell, Head},
    store::{Mode, Store},
};

/// Record that a version of the policy was published
///
/// The digests of rules and text and the day the version takes effect go into the audit log. Where the policy
/// promises to tell of its changes, the notices are open from now on, until `dsr policy told` closes each.
/// Without a promise the version takes effect at publication.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy publish --controller mycar\n  dsr policy publish --was old.yaml --effective 2026-12-15\n"
)]
pub struct Publish {
    /// The published text, compared with the digest the policy was written from
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// The earlier version, to classify what changed
    #[arg(long, value_name = "FILE")]
    was: Option<String>,
    /// The day it takes effect, where the text names one [default: as the policy says, else today]
    #[arg(long, value_name = "DAY")]
    effective: Option<NaiveDate>,
}

/// Record that a notice of the last version was given
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy told --controller automaster --place home_page\n  dsr policy told --controller automaster --place email --people 120\n"
)]
pub struct Told {
    /// Where: home_page, email, date_line
    #[arg(long, value_name = "PLACE")]
    place: NoticeTo,
    /// To how many it was sent; of e-mail it has to be said
    #[arg(long, value_name = "N")]
    people: Option<u64>,
}

/// List published versions, the notices they opened, and consents under other versions
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr policy versions --controller automaster\n")]
pub struct Versions {}

impl Publish {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let (mut store, controller, rules) = open(world, library, Mode::ReadWrite)?;
        let rulebook = &rules.rulebook;
        if let Some(path) = &self.source {
            compare(path, rulebook)?;
        }
        let was = self.was.as_deref().map(|given| diff::load(library, given)).transpose()?;
        if let Some(was) = &was {
            same_date(was, rulebook)?;
        }
        let changes = was.map(|was| compare_rules(&was, &rulebook.policy)).unwrap_or_default();
        let context = world.context(&controller, &rules)?;
        let text: Hash = rulebook.policy.source.sha256.parse().map_err(|_| {
            Error::config(format!("the policy of `{controller}` names no digest of its text"))
                .hint("set `source.sha256` to the SHA-256 of the published text")
        })?;
        let day = self.day(rulebook, context.now.day())?;
        let new = changes.iter().filter(|change| change.class == Class::NewPurpose);
        let new = new.map(|change| Purpose::new(&change.what));
        let new = new.filter(|purpose| publish::rests_on_consent(rulebook, purpose)).collect();
        let now = context.now;
        let new_purposes = store.read(|view| publish::people_without(view, rulebook, new, now))?;
        let what = Publication { effective: day, text, changes: counted(&changes), new_purposes };
        let last = store.read(|view| publish::versions(view, &controller))?.pop();
        publish::publish(&mut store, &context, rulebook, &what)?;
        let again = last.is_some_and(|last| last.text == Some(text) && last.effective != Some(day));
        if again && !publish::promised(rulebook).is_empty() {
            world.note(
                "warning: this text was published before, for another day: the notices are owed anew; was `source.sha256` left as it was?",
            )?;
        }
        if day < now.day() {
            world.note(&format!(
                "warning: {day} is past: the version counts from then, and until today nobody could know it from here"
            ))?;
        }
        let promised = publish::promised(rulebook);
        let words = world.spoken();
        let places = promised.iter().map(|(place, _)| words.code("vocabulary", place.as_str()));
        let places: Vec<String> = places.collect();
        let owed = if places.is_empty() { "no notice is promised".into() } else { places.join(", ") };
        world
            .note(&format!("{controller} {}: in force on {day}; to tell: {owed}", rulebook.policy.version))?;
        for (purpose, people) in &what.new_purposes {
            world.note(&format!(
                "warning: new purpose `{purpose}`: {people} people have not consented to it"
            ))?;
        }
        store.leave();
        Ok(Exit::Done)
    }

    /// # Errors
    /// Refused (exit 4) where the policy lets no version take effect later than it is published.
    fn day(&self, rulebook: &Rulebook, today: NaiveDate) -> Result<NaiveDate> {
        let (rule, stated) = rulebook.effective().unzip();
        let later = self.effective.is_some_and(|day| day > today);
        if let Some(rule) = rule.filter(|_| later && stated == Some(Effective::Publication)) {
            let why = rulebook.reason(rule);
            let clause = why.clause.map(|clause| format!(", clause {clause}")).unwrap_or_default();
            let sentence =
                format!("a version takes effect at its publication, not later: {}{clause}", why.rule);
            return Err(
                Error::new(Kind::Refused, sentence).hint("leave --effective out on the day it is published")
            );
        }
        let stated = match stated {
            Some(Effective::On(day)) if day > today => Some(day),
            _ => None,
        };
        Ok(self.effective.or(stated).unwrap_or(today))
    }
}

/// A text that changed keeps no date of the earlier one (AutoMaster's clause 11 promises a new date line).
fn same_date(was: &Policy, now: &Rulebook) -> Result<()> {
    let now = &now.policy;
    if was.source.sha256 != now.source.sha256 && now.dated.is_some() && was.dated == now.dated {
        return Err(Error::config(format!("the text of `{}` changed, but not the date it carries", now.id))
            .hint("change the date line of the text, then `dated:` and `version:` of the policy"));
    }
    Ok(())
}

fn counted(changes: &[Change]) -> Vec<(&'static str, u64)> {
    let of = |class: &Class| changes.iter().filter(|change| change.class == *class).count() as u64;
    Class::ALL.iter().map(|class| (class.as_str(), of(class))).filter(|(_, n)| *n > 0).collect()
}

impl Told {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        if self.place == NoticeTo::Email && self.people.is_none() {
            return Err(
                Error::usage("nothing says to how many people the notice went").hint("add --people N")
            );
        }
        let (mut store, controller, rules) = open(world, library, Mode::ReadWrite)?;
        let context = world.context(&controller, &rules)?;
        publish::told(&mut store, &context, &rules.rulebook, self.place, self.people.unwrap_or_default())?;
        store.leave();
        world.note(&format!("{controller}: told by {}", self.place))?;
        Ok(Exit::Done)
    }
}

impl Versions {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let (mut store, controller, rules) = open(world, library, Mode::ReadOnly)?;
        let versions = store.read(|view| publish::versions(view, &controller))?;
        let now = world.now();
        let open = store.read(|view| publish::without_consent(view, &rules.rulebook, &versions, now))?;
        let version = rules.rulebook.policy.version.clone();
        let (under, other) = publish::consents(&mut store, &controller, &version, world.now())?;
        let head = Head {
            schema: "dsr/policy-versions/v1",
            list: "versions",
            title: format!("Published versions of {controller}"),
            columns: &[
                "entry",
                "published",
                "effective",
                "rules_sha256",
                "text_sha256",
                "told",
                "open",
                "new_purposes",
            ],
            members: vec![
                ("version", version.into()),
                ("consents_under_it", under.into()),
                ("consents_under_others", other.into()),
            ],
        };
        let said = |notice: &Notice| {
            let told = notice.told.iter();
            told.map(|(at, n)| format!("{} {} ({n})", notice.rule, at.day())).collect::<Vec<_>>()
        };
        let mut rows = world.rows(head)?;
        for one in &versions {
            let owed = one.notices.iter().filter(|notice| notice.told.is_empty());
            rows.row(&[
                Cell::count(one.seq),
                Cell::Moment(one.at),
                Cell::option(one.effective),
                Cell::option(one.rules),
                Cell::option(one.text),
                Cell::Words(one.notices.iter().flat_map(said).collect()),
                Cell::Words(owed.map(|notice| notice.rule.clone()).collect()),
                Cell::Words(one.new_purposes.iter().map(|purpose| without(purpose, &open)).collect()),
            ])?;
        }
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

/// A purpose, and how many people have not consented to it yet.
fn without(purpose: &Purpose, open: &BTreeMap<Purpose, u64>) -> String {
    format!("{purpose} ({})", open.get(purpose).copied().unwrap_or_default())
}

fn open(world: &mut World<'_, '_>, library: &Library, mode: Mode) -> Result<(Store, String, Rules)> {
    let store = world.open(mode)?;
    let controller = world.controller(library, Some(&store))?;
    let rules = world.rules(library, &controller)?;
    Ok((store, controller, rules))
}
