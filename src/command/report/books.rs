//! The rules that reports quote: every policy, the calendar, and what the officer filled in.

use std::collections::BTreeMap;

use crate::{
    calendar::Calendar,
    command::world::{World, calendar},
    domain::{Category, Duty, Moment, Result},
    execute::timing,
    policy::{
        Library, Rulebook,
        officer::{Officer, OfficerController, Recipient},
        places::{self, Place},
    },
    store::{CaseFile, View, destroy::Destruction},
};

/// The files behind a report.
pub(in crate::command) struct Books {
    by_controller: BTreeMap<String, Rulebook>,
    officer: Officer,
    /// The working-day calendar.
    pub calendar: Calendar,
}

impl Books {
    /// Reads the policy of every controller: a broken one stops the report.
    pub fn read(world: &World<'_, '_>) -> Result<Self> {
        let library: Library = world.library()?;
        let books = library.controllers().into_iter().map(|id| Ok((id.clone(), library.rulebook(&id)?)));
        Ok(Self {
            by_controller: books.collect::<Result<_>>()?,
            officer: world.officer()?.0,
            calendar: calendar(&library)?,
        })
    }

    /// The rules of a controller; none where its policy is not here any more.
    pub fn of(&self, controller: &str) -> Option<&Rulebook> {
        self.by_controller.get(controller)
    }

    /// The systems that people keep and that hold what a nightly run destroyed, each with those categories: a run names
    /// nobody, so nobody can be sent to look for whose papers these are.
    ///
    /// # Errors
    /// Configuration (exit 6): the officer's file names what the policy does not know.
    pub fn beyond(&self, act: &Destruction) -> Result<Vec<(String, Vec<String>)>> {
        let (Some(rulebook), Some(_)) = (self.of(&act.controller), act.run) else { return Ok(Vec::new()) };
        let (places, _) = places::apart(self.officer.systems(&act.controller, rulebook)?);
        let held = |place: &Place| -> Vec<String> {
            let words = act.counts.keys().filter(|word| rulebook.category(&Category::new(word)).is_some());
            words.filter(|word| place.holds(&Category::new(word))).cloned().collect()
        };
        let named = places.iter().map(|(name, place)| (format!("{name} ({})", place.owner), held(place)));
        Ok(named.filter(|(_, words)| !words.is_empty()).collect())
    }

    /// A case with its last day as it is now; as it was written down where its policy is not here any more.
    ///
    /// # Errors
    /// As [`timing::present`].
    pub fn present(&self, view: &View<'_>, case: CaseFile, now: Moment) -> Result<CaseFile> {
        match self.by_controller.get(&case.controller) {
            Some(rulebook) => timing::present(view, case, (rulebook, &self.calendar), now),
            None => Ok(case),
        }
    }

    /// Duties of such a case, with their last days as they are now.
    ///
    /// # Errors
    /// As [`timing::duties`].
    pub fn duties(&self, view: &View<'_>, case: &CaseFile, duties: Vec<Duty>) -> Result<Vec<Duty>> {
        let rules = self.by_controller.get(&case.controller).map(|rulebook| (rulebook, &self.calendar));
        timing::duties(view, case, rules, duties)
    }

    /// What the officer filled in.
    pub fn filled(&self, controller: &str) -> Option<&OfficerController> {
        self.officer.controllers.get(controller)
    }

    /// The controller's name: the officer's, else the policy's, else its id.
    pub fn name<'a>(&'a self, controller: &'a str) -> &'a str {
        let filled = self.filled(controller).and_then(|filled| filled.legal_name.as_deref());
        filled.or_else(|| Some(self.of(controller)?.policy.controller.name.as_str())).unwrap_or(controller)
    }

    /// The controller's number: the officer's, else what the policy prints.
    pub fn bin(&self, controller: &str) -> Option<&str> {
        let filled = self.filled(controller).and_then(|filled| filled.bin.as_deref());
        filled.or_else(|| self.of(controller)?.policy.controller.bin.as_deref())
    }

    /// What the officer filled in about a recipient, by its name.
    pub fn recipient(&self, controller: &str, name: &str) -> Option<&Recipient> {
        self.filled(controller)?.recipients.iter().find(|recipient| recipient.name == name)
    }
}
