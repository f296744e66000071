//! What came to protect rows since their destruction was decided.
//!
//! INVARIANT: a step that waited destroys nothing that is blocked or held by now: what it was decided on is as old as the
//! step.

use std::collections::BTreeSet;

use super::{Intent, Reach, Told, intent::without_key};
use crate::{
    decide::retention,
    domain::{CaseNumber, Category, Error, Halt, Kind, Moment, Obligation, Result, Selector, SubjectFacts},
    policy::Rulebook,
    store::{CaseFile, KeyFile, Store, View, remote::RemoteStep},
    system::{project::columns_of, traverse::graph::Node},
};

/// What a case's steps ask before they are tried, beside what stands in the own store.
pub(super) struct Since<'a> {
    rulebook: &'a Rulebook,
    /// The person's deals in other systems, or why they could not be read.
    deals: Result<Vec<Obligation>, String>,
}

impl<'a> Since<'a> {
    /// `waited`: what was decided may be old by now; else the deals are those that it was decided on.
    ///
    /// # Errors
    /// As any read of the own store; configuration (exit 6): the key file is missing, without which nothing is known
    /// again.
    pub fn read(
        store: &mut Store,
        reach: &mut Reach,
        ((rulebook, key), now): ((&'a Rulebook, Option<&KeyFile>), Moment),
        case: &CaseNumber,
        waited: bool,
    ) -> Result<Self> {
        let (file, kept) = store.read(|view| Ok((view.case(case)?, view.remote_case(case)?)))?;
        let destroys = kept.map(|kept| Told::read(&kept)).transpose()?.is_some_and(|(told, _)| told.destroys);
        let asks = waited && destroys;
        if asks && key.is_none() {
            return Err(without_key());
        }
        let deals = if asks { deals(store, reach, &file, now) } else { Ok(Vec::new()) };
        Ok(Self { rulebook, deals: deals.map_err(|error| error.to_string()) })
    }

    /// Why a step of a case is not tried now; `None`: it destroys nothing, or nothing protects what it destroys.
    ///
    /// # Errors
    /// As any read. What it gives is a refusal (exit 4), for a block, a hold or an open deal, or what kept the deals
    /// from being read.
    pub fn refuse(
        &self,
        view: &View<'_>,
        reach: &Reach,
        case: &CaseNumber,
        step: (&RemoteStep, &Intent),
    ) -> Result<Option<Error>> {
        match &self.deals {
            Ok(deals) => refuse(view, reach, (self.rulebook, case), step, deals),
            Err(why) => Ok(Some(Error::new(Kind::Failed, why.clone()))),
        }
    }
}

fn refuse(
    view: &View<'_>,
    reach: &Reach,
    (rulebook, case): (&Rulebook, &CaseNumber),
    (step, intent): (&RemoteStep, &Intent),
    deals: &[Obligation],
) -> Result<Option<Error>> {
    let Some(kept) = view.remote_case(case)? else { return Ok(None) };
    let file = view.case(case)?;
    let told = Told::read(&kept)?.0;
    let Some(subject) = file.subject.filter(|_| told.destroys) else { return Ok(None) };
    let mut facts = match view.facts(&file.controller, subject) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        facts => facts?,
    };
    facts.obligations.extend(deals.iter().cloned());
    let is_new =
        |deal: &Obligation| told.deals.as_ref().is_some_and(|known| !known.contains(&deal.reference));
    facts.obligations.retain(is_new);
    let node = reach.node_of(&step.system, &step.collection).map(|at| &reach.graph.nodes[at]);
    let categories = node.map(|node| destroyed(node, intent));
    let refused = protector(&facts, categories.as_ref());
    Ok(refused.or_else(|| deal_since(&facts, categories.as_ref(), rulebook)))
}

/// The deals of a person in other systems as they stand now, where any map knows of deals.
fn deals(store: &mut Store, reach: &mut Reach, file: &CaseFile, now: Moment) -> Result<Vec<Obligation>> {
    let told = |node: &Node| node.collection.meaning.obligation.is_some();
    let Some(subject) = file.subject.filter(|_| reach.graph.nodes.iter().any(told)) else {
        return Ok(Vec::new());
    };
    let found = reach.gather(store, &file.controller, &Selector::Id(subject), now, subject)?;
    Ok(found.map(|remote| remote.facts.obligations).unwrap_or_default())
}

/// An open deal that was not known when the step was decided, of a kind for which the policy lists what goes.
fn deal_since(
    facts: &SubjectFacts,
    categories: Option<&BTreeSet<Category>>,
    rulebook: &Rulebook,
) -> Option<Error> {
    let all = || rulebook.categories().iter().map(|def| def.id.clone()).collect();
    let categories = categories.map_or_else(all, BTreeSet::clone);
    let needed = |category| retention::listed_obligation(category, facts, rulebook);
    let kind = &categories.iter().find_map(needed)?.kind;
    let says = format!("an obligation ({kind}) that came since needs it: it goes once that is closed");
    Some(Error::new(Kind::Refused, says))
}

/// The categories that a step can destroy: of the row, or of the columns that are set.
fn destroyed(node: &Node, intent: &Intent) -> BTreeSet<Category> {
    let all = node.collection.fields.iter().filter_map(|field| field.category.as_ref());
    let touched = |place: usize| intent.columns.is_empty() || intent.columns.contains(&node.columns[place]);
    let set = |category: &&Category| columns_of(node, category).iter().any(|(place, _)| touched(*place));
    all.filter(set).cloned().collect()
}

/// `None` of categories: the map does not know the collection any more, and whatever stands protects it.
fn protector(facts: &SubjectFacts, categories: Option<&BTreeSet<Category>>) -> Option<Error> {
    let covers = |covered: Option<&Category>| match (covered, categories) {
        (Some(covered), Some(all)) => all.contains(covered),
        (None, Some(all)) => !all.is_empty(),
        (_, None) => true,
    };
    let refused = |says: String| Some(Error::new(Kind::Refused, says));
    if let Some(block) =
        facts.blocks.iter().chain(&facts.asked_blocks).find(|block| covers(block.category.as_ref()))
    {
        return refused(blocked(&block.case));
    }
    let hold = facts.holds.iter().find(|hold| covers(hold.category.as_ref()))?;
    refused(held(&hold.number))
}

fn blocked(case: &CaseNumber) -> String {
    format!("the check of case {case} blocks it: end that first (dsr restrict --lift --case {case})")
}

fn held(number: &str) -> String {
    format!("hold {number} keeps it: it goes once that is over (dsr hold release {number})")
}

/// What keeps a step by the words of its last try, where that stands still.
pub fn keeper(trouble: &str, facts: &SubjectFacts) -> Option<Halt> {
    let block = facts.blocks.iter().chain(&facts.asked_blocks).find(|block| blocked(&block.case) == trouble);
    let hold = || facts.holds.iter().find(|hold| held(&hold.number) == trouble);
    let block = block.map(|block| Halt::Block(block.case.clone()));
    block.or_else(|| Some(Halt::Hold(hold()?.number.clone())))
}
