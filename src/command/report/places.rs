//! Where else a category lies: by the data maps, and by what `dsr.yaml` says of systems that people keep.

use std::collections::BTreeSet;

use crate::{
    command::world::World,
    domain::{Category, Kind, Result},
    execute::reach::lies::{Lies, lies},
    policy,
};

/// The other systems of one controller.
#[derive(Default)]
pub(super) struct Places {
    lies: Vec<Lies>,
    by_hand: policy::places::Places,
}

impl Places {
    /// Reads the maps, and counts rows where the systems can be reached.
    ///
    /// # Errors
    /// Configuration (exit 6): a map.
    pub fn read(world: &mut World<'_, '_>, controller: &str, counted: bool) -> Result<Self> {
        let library = world.library()?;
        let mut rules = world.rules(&library, controller)?;
        if rules.systems.is_empty() {
            return Ok(Self { lies: Vec::new(), by_hand: rules.places });
        }
        let mut lies = lies(&world.systems(&rules)?);
        let mut context = world.context(controller, &rules)?;
        if counted {
            let count =
                world.reach(&mut rules, &mut context).and_then(|mut reach| reach.count_rows(&mut lies));
            match count {
                Err(error) if error.kind() == Kind::Failed => world.note(&format!("warning: {error}"))?,
                other => other?,
            }
        }
        let by_hand =
            rules.places.into_iter().filter(|(name, _)| !lies.iter().any(|one| one.system == *name));
        Ok(Self { by_hand: by_hand.collect(), lies })
    }

    /// Every category of the maps.
    pub fn categories(&self) -> impl Iterator<Item = &Category> {
        self.lies.iter().flat_map(|one| &one.categories)
    }

    /// The systems in which a category lies, in the order of their names.
    pub fn systems(&self, category: &Category) -> BTreeSet<String> {
        // A place of which nothing is said may hold anything: that is no entry of a list.
        let said = self.by_hand.iter().filter(|(_, place)| !place.categories.is_empty());
        let by_hand = said.filter(|(_, place)| place.holds(category)).map(|(name, _)| name.clone());
        self.of(category).map(|one| one.system.clone()).chain(by_hand).collect()
    }

    /// The collections in which it lies, each with its rows where they were counted.
    pub fn rows(&self, category: &Category) -> Vec<String> {
        let line = |one: &Lies| {
            let place = format!("{}.{}", one.system, one.collection);
            one.rows.map_or(place.clone(), |rows| format!("{place}: {rows}"))
        };
        self.of(category).map(line).collect()
    }

    fn of<'a>(&'a self, category: &'a Category) -> impl Iterator<Item = &'a Lies> {
        self.lies.iter().filter(|one| one.categories.contains(category))
    }
}
