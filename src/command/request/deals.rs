//! Open deals of a person that lie in other systems: a refusal because of one counts them as an erasure does.

use crate::{
    command::world::{Rules, World},
    domain::{Result, Selector},
    execute::{reach::Remote, waits},
    store::{CaseFile, Store},
};

/// What is known of deals that are not in the own store.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// None is open, or nobody has to be asked: one is open here, or there are no other systems.
    None,
    /// These are, by the names that their systems know them by.
    Open(Vec<String>),
    /// Not every system that could have one could be asked.
    Unseen,
}

impl Elsewhere {
    /// Whether a deal is open there, or may be.
    pub fn may_be(&self) -> bool {
        *self != Self::None
    }

    /// What the officer is told beside the case.
    pub fn note(&self, case: &CaseFile) -> Option<String> {
        let number = &case.number;
        match self {
            Self::None => None,
            Self::Open(deals) => Some(format!(
                "open in another system: {}; when it ends, open the case again: dsr request reopen {number}",
                deals.join(", ")
            )),
            Self::Unseen => {
                Some("no deal is open here: whether one is in other systems was not looked up".to_owned())
            }
        }
    }
}

/// Looks for the deals of whom a case is about in the systems whose maps say where deals are.
///
/// # Errors
/// As [`World::reach_and_gather`]: without its answer a system has neither a deal nor none.
pub(super) fn elsewhere(
    world: &mut World<'_, '_>,
    store: &mut Store,
    case: &CaseFile,
    mut rules: Rules,
) -> Result<Elsewhere> {
    if rules.systems.is_empty() || !store.read(|view| waits::open_deals(view, case))?.is_empty() {
        return Ok(Elsewhere::None);
    }
    let systems = world.systems(&rules)?;
    let mut collections = systems.all.iter().flat_map(|system| &system.map.collections);
    let named = collections.any(|collection| collection.meaning.obligation.is_some());
    let Some(subject) = case.subject.filter(|_| named) else { return Ok(Elsewhere::Unseen) };
    let mut context = world.context(&case.controller, &rules)?;
    let who = Selector::Id(subject);
    let (reach, _, remote) = world.reach_and_gather(store, (&mut rules, &mut context), (&who, false))?;
    let open = remote.as_ref().map(open).unwrap_or_default();
    let asked = reach.without.is_empty() && remote.iter().all(|remote| remote.unsearched.is_none());
    Ok(match (open.is_empty(), asked) {
        (false, _) => Elsewhere::Open(open),
        (true, true) => Elsewhere::None,
        (true, false) => Elsewhere::Unseen,
    })
}

fn open(remote: &Remote) -> Vec<String> {
    let open = remote.facts.obligations.iter().filter(|deal| deal.closed_at.is_none());
    open.map(|deal| deal.reference.clone()).collect()
}
