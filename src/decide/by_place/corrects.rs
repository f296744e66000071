//! Corrections of what is not held here and may lie in a place that people keep: a step there where something proves
//! them, and a wait for the document where nothing does.

use std::collections::BTreeSet;

use super::{Scene, Sweep, add};
use crate::{
    decide::{reasons, rectify},
    domain::{Action, Category, Decision, Gap, Kept, Plan, Wait, Waiting},
    policy::places::Places,
};

/// One field to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The category.
    pub category: Category,
    /// The field's name in the import.
    pub name: String,
}

/// By what a correction is proved.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// A document.
    pub document: bool,
    /// The contact on file: enough for a phone or an e-mail.
    pub known_contact: bool,
}

/// Adds the steps in places. That nothing is held is said of no category that a place may hold.
pub fn correct(plan: &mut Plan, fields: &[Field], proof: Proof, places: &Places, scene: Scene<'_>) {
    let lies = |category: &Category| places.values().any(|place| place.holds(category));
    let absent: BTreeSet<Category> =
        plan.gaps.iter().filter_map(nothing_held).filter(|category| lies(category)).cloned().collect();
    let is_absent = |field: &&Field| absent.contains(&field.category);
    let known = |field: &Field| {
        let def = scene.rulebook.category(&field.category).and_then(|def| def.field(&field.name));
        proof.known_contact && def.is_some_and(rectify::is_contact)
    };
    let changes = |field: &Field| plan.steps.iter().any(|step| step.fields.contains(&field.name));
    let fits = |field: &&Field| proof.document || changes(field) || is_absent(field) && known(field);
    let (proved, doubted): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(fits);
    let pairs = proved.iter().map(|field| (field.category.clone(), field.name.clone())).collect();
    let doubted: BTreeSet<&Category> =
        doubted.into_iter().filter(is_absent).map(|field| &field.category).collect();
    plan.gaps.retain(|gap| !nothing_held(gap).is_some_and(|category| absent.contains(category)));
    if proved.iter().any(is_absent) {
        plan.decision = Decision::Partial;
    }
    add(plan, &Sweep::Correct(pairs), places, scene);
    doubted.into_iter().for_each(|category| waits(plan, category, places, scene));
    if !absent.is_empty() {
        plan.decision = decision(plan);
    }
}

/// The category of which nothing is held here.
fn nothing_held(gap: &Gap) -> Option<&Category> {
    gap.category.as_ref().filter(|_| gap.keys.is_empty())
}

/// What nothing proves stays as it is in each place, until a document comes.
fn waits(plan: &mut Plan, category: &Category, places: &Places, scene: Scene<'_>) {
    for (name, _) in places.iter().filter(|(_, place)| place.holds(category)) {
        let why = reasons::documents(scene.rulebook);
        let (action, category, system) = (Action::Rectify, category.clone(), name.clone());
        plan.kept.push(Kept { action, category, system, keys: Vec::new(), until: None, why });
    }
    if plan.waits.iter().all(|wait| wait.on != Waiting::Document) {
        let (keys, consents) = (Vec::new(), Vec::new());
        let reopens = "a document that confirms the change".to_owned();
        plan.waits.push(Wait { on: Waiting::Document, keys, consents, reopens, statutory: None });
        plan.waits.sort_by(|one, other| one.on.cmp(&other.on));
    }
}

/// What came out once the steps in places stand. Where nothing is left but to wait, nothing was done.
fn decision(plan: &Plan) -> Decision {
    let whole = plan.kept.is_empty() && plan.waits.is_empty() && plan.gaps.is_empty();
    match plan.steps.is_empty() {
        false if whole => Decision::Grant,
        true if !plan.kept.is_empty() => Decision::Refuse,
        _ => Decision::Partial,
    }
}
