//! A correction of what is not held here: where people keep such data in a place of theirs, it may lie there.

use super::{Places, Scene};
use crate::{
    decide::reasons,
    domain::{Action, Category, Decision, Kept, Plan, Wait, Waiting},
};

/// Takes back that nothing is held in a category that a place of people may hold: what `proved` orders there is a step
/// already; what nothing proves yet waits for a document, as what is held here does.
pub fn missing_here(plan: &mut Plan, proved: &[Category], places: &Places, scene: Scene<'_>) {
    let gaps = plan.gaps.iter().filter_map(|gap| gap.category.clone());
    let elsewhere: Vec<Category> =
        gaps.filter(|word| places.values().any(|place| place.holds(word))).collect();
    if elsewhere.is_empty() {
        return;
    }
    plan.gaps.retain(|gap| !gap.category.as_ref().is_some_and(|category| elsewhere.contains(category)));
    for category in elsewhere.iter().filter(|category| !proved.contains(category)) {
        for (system, _) in places.iter().filter(|(_, place)| place.holds(category)) {
            let (action, keys, until) = (Action::Rectify, Vec::new(), None);
            let (category, system, why) =
                (category.clone(), system.clone(), reasons::documents(scene.rulebook));
            plan.kept.push(Kept { action, category, system, keys, until, why });
        }
        wait_for_document(plan);
    }
    plan.decision = decision(plan);
}

fn wait_for_document(plan: &mut Plan) {
    if plan.waits.iter().any(|wait| wait.on == Waiting::Document) {
        return;
    }
    let reopens = "a document that confirms the change".to_owned();
    let (keys, consents, statutory) = (Vec::new(), Vec::new(), None);
    plan.waits.push(Wait { on: Waiting::Document, keys, consents, reopens, statutory });
}

fn decision(plan: &Plan) -> Decision {
    let whole = plan.kept.is_empty() && plan.waits.is_empty() && plan.gaps.is_empty();
    match (plan.steps.is_empty(), whole) {
        (false, true) => Decision::Grant,
        (true, false) if plan.gaps.is_empty() => Decision::Refuse,
        _ => Decision::Partial,
    }
}
