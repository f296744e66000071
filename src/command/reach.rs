//! The other systems of a command: connected where `dsr.yaml` names any.

pub mod elsewhere;
pub mod night;

use super::world::{Rules, World};
use crate::{
    audit::Hash,
    domain::{Error, Kind, Result, Selector, SubjectId},
    execute::{
        context::Context,
        reach::{Reach, Remote, elsewhere::all_checked},
    },
    policy::places::Place,
    store::Store,
    system::{open::Around, set::Systems},
};

impl World<'_, '_> {
    /// Connects to the systems that the officer's file names; those of `--without` are for people from here on.
    ///
    /// # Errors
    /// As [`Reach::open`].
    pub fn reach(&self, rules: &mut Rules, context: &mut Context) -> Result<Reach> {
        self.reach_without(rules, context, &self.global.without)
    }

    /// The same, with the systems that are left out.
    ///
    /// # Errors
    /// As [`Reach::open`].
    pub fn reach_without(
        &self,
        rules: &mut Rules,
        context: &mut Context,
        without: &[String],
    ) -> Result<Reach> {
        let systems = if rules.systems.is_empty() { Systems::default() } else { self.systems(rules)? };
        let variable = self.variable();
        let around = Around { directory: self.officer_directory(), variable: &variable };
        let reach = Reach::open(&systems, &around, without)?;
        rules.places.extend(reach.without.clone());
        if !systems.texts.is_empty() {
            context.files.map = Some(Hash::of(systems.texts.concat().as_bytes()));
        }
        Ok(reach)
    }

    /// Connects, and reads what is held about somebody: the systems, the number of somebody known to them alone,
    /// and what they hold.
    ///
    /// # Errors
    /// As [`Self::reach`], or [`Self::reach_at_once`] for what waits for no system, and [`Self::gather`].
    pub fn reach_and_gather(
        &mut self,
        store: &mut Store,
        (rules, context): (&mut Rules, &mut Context),
        (who, at_once): (&Selector, bool),
    ) -> Result<(Reach, SubjectId, Option<Remote>)> {
        let mut reach =
            if at_once { self.reach_at_once(rules, context)? } else { self.reach(rules, context)? };
        let new = self.new_subject();
        let remote = self.gather(&mut reach, rules, store, (who, at_once), (context, new))?;
        Ok((reach, new, remote))
    }

    /// [`Self::reach`] for what must not wait for any system: blocking, and stopping advertising. Where one cannot be
    /// reached, all of them are for people.
    ///
    /// # Errors
    /// What the stream of the conversation says.
    pub fn reach_at_once(&mut self, rules: &mut Rules, context: &mut Context) -> Result<Reach> {
        match self.reach(rules, context) {
            Ok(reach) => Ok(reach),
            Err(error) => self.by_people(rules, &error),
        }
    }

    /// What the other systems hold about somebody, where that is needed (`at_once`: where it can be had).
    ///
    /// # Errors
    /// As [`Reach::gather`].
    pub fn gather(
        &mut self,
        reach: &mut Reach,
        rules: &mut Rules,
        store: &mut Store,
        (who, at_once): (&Selector, bool),
        (context, new): (&Context, SubjectId),
    ) -> Result<Option<Remote>> {
        let controller = context.controller.as_deref().unwrap_or_default();
        let found = reach.gather(store, controller, who, context.now, new);
        let found = found.and_then(|mut remote| reach.refer(remote.iter_mut()).map(|()| remote));
        // Another database is found out before anything is shown, so that what waits for no system need not.
        let found = found.and_then(|remote| match &remote {
            Some(known) if at_once => store.read(|view| all_checked(view, known)).map(|()| remote),
            _ => Ok(remote),
        });
        match found {
            // Whom it is about is not for people to look up: it is to be named.
            Err(error) if at_once && error.kind() != Kind::Ambiguous => {
                *reach = self.by_people(rules, &error)?;
                Ok(None)
            }
            other => other,
        }
    }

    fn by_people(&mut self, rules: &mut Rules, error: &Error) -> Result<Reach> {
        self.note(&format!("warning: {error}: what is to be done in the systems is left to people"))?;
        let places =
            rules.systems.iter().map(|(name, place)| (name.clone(), Place::manual(&place.owner, Vec::new())));
        rules.places.extend(places);
        Ok(Reach::none())
    }

    /// The number that a person gets who turns out to be known elsewhere alone.
    pub fn new_subject(&mut self) -> SubjectId {
        SubjectId::from_bytes((self.env.random)())
    }
}
