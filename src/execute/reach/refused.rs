//! A correction that a database refuses for what it is: tried again it is refused again, so people do it.
//!
//! INVARIANT: the new value is in no step by hand; whoever does it takes it from the document.

use std::collections::{BTreeMap, BTreeSet};

use super::{Intent, Reach, Told, apart::Apart};
use crate::{
    audit::State,
    domain::{
        Action, CaseEvent, CaseNumber, Decision, DutyKind, NewDuty, Outcome, Plan, Result, Right, Step,
        outcome::Line,
    },
    execute::context::{Context, Said},
    store::{Store, Tx, remote::RemoteStep},
};

/// A correction that was given to people: neither the outcome nor the answer of the command tells it as made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    system: String,
    collection: String,
    columns: Vec<String>,
    /// The fields of the policy that these are, with their categories.
    meant: Vec<String>,
    /// Rows by category.
    rows: BTreeMap<String, u64>,
    /// What people are told to do.
    task: String,
}

impl Given {
    fn of(step: &RemoteStep, intent: &Intent, meant: Vec<String>, task: String) -> Self {
        let mut rows = BTreeMap::<String, u64>::new();
        for line in &intent.rows {
            let ends: BTreeSet<&String> = line.ends.iter().flatten().collect();
            ends.into_iter().for_each(|category| *rows.entry(category.clone()).or_default() += 1);
        }
        let (system, collection, columns) =
            (step.system.clone(), step.collection.clone(), intent.columns.clone());
        Self { system, collection, columns, meant, rows, task }
    }

    fn rows_of(&self, category: Option<&str>) -> u64 {
        category.and_then(|category| self.rows.get(category)).copied().unwrap_or_default()
    }

    /// Takes it out of what will be told of the case as made, and puts the step of people in its place.
    fn untell(&self, outcome: &mut Outcome) {
        let is_it = |line: &Line| {
            let category = line.category.as_deref().unwrap_or_default();
            let is_meant = |field: &String| self.meant.contains(&format!("{category}.{field}"));
            let place = (line.system.as_deref(), line.table.as_deref());
            line.action == Action::Rectify
                && place == (Some(self.system.as_str()), Some(self.collection.as_str()))
                && line.fields.iter().all(is_meant)
        };
        outcome.decision = Decision::Partial;
        let Some(made) = outcome.steps.iter().find(|line| is_it(line)).cloned() else { return };
        for line in outcome.steps.iter_mut().filter(|line| is_it(line)) {
            line.count = line.count.saturating_sub(self.rows_of(line.category.as_deref()));
        }
        outcome.steps.retain(|line| line.count > 0 || !is_it(line));
        outcome.steps.push(Line {
            action: Action::Manual,
            category: None,
            collection: String::new(),
            count: 0,
            fields: self.meant.clone(),
            about: vec![self.task.clone()],
            table: None,
            ..made
        });
    }

    /// The same in the plan that the command shows as carried out.
    pub fn retell(&self, plan: &mut Plan) {
        let is_it = |step: &Step| {
            let is_meant = if step.meant.is_empty() {
                step.fields.iter().all(|column| self.columns.contains(column))
            } else {
                step.meant.iter().all(|field| self.meant.contains(field))
            };
            step.action == Action::Rectify
                && (&step.system, &step.collection) == (&self.system, &self.collection)
                && is_meant
        };
        plan.decision = Decision::Partial;
        let Some(why) = plan.steps.iter().find(|step| is_it(step)).map(|step| step.why.clone()) else {
            return;
        };
        for step in plan.steps.iter_mut().filter(|step| is_it(step)) {
            let rows = self.rows_of(step.category.as_ref().map(|category| category.as_str()));
            let left = (step.keys.len() as u64).saturating_sub(rows);
            step.keys.truncate(usize::try_from(left).unwrap_or_default());
        }
        plan.steps.retain(|step| !(step.keys.is_empty() && is_it(step)));
        let (system, about, meant) = (self.system.clone(), vec![self.task.clone()], self.meant.clone());
        plan.steps.push(Step { system, about, meant, ..Step::new(Action::Manual, "", why) });
    }
}

impl Reach {
    /// What columns are called by the policy, each with its category.
    pub(super) fn meant_by(&self, step: &RemoteStep, columns: &[String]) -> Vec<String> {
        let node = self.node_of(&step.system, &step.collection).map(|at| &self.graph.nodes[at]);
        let fields = node.into_iter().flat_map(|node| &node.collection.fields);
        let words = fields.filter(|field| columns.contains(&field.name)).filter_map(|field| {
            let name = field.field.as_ref().unwrap_or(&field.name);
            Some(format!("{}.{name}", field.category.as_ref()?))
        });
        words.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Gives to people what a database refuses of a step that corrects; what is left of the step stays written down, to be
/// tried. `None`: it is none, or the refusal may pass, and all stays written down.
///
/// # Errors
/// As any write.
pub(super) fn given(
    store: &mut Store,
    context: &Context,
    case: &CaseNumber,
    (step, apart): (&RemoteStep, &Apart),
) -> Result<Option<Given>> {
    let Some(why) = apart.error.lasts() else { return Ok(None) };
    let (intent, meant) = (&apart.refused, apart.meant.clone());
    let left = apart.left.as_ref().map(Intent::text).transpose()?;
    store.transact(|tx| {
        let kept = tx.remote_case(case)?;
        let Some((mut told, stays)) = kept.map(|kept| Told::read(&kept)).transpose()? else {
            return Ok(None);
        };
        if tx.case(case)?.right != Right::Rectify || told.destroys {
            return Ok(None);
        }
        let ends = || intent.rows.iter().flat_map(|line| line.ends.iter().flatten());
        ends().for_each(|category| told.gone.take(category));
        let categories: BTreeSet<&str> = ends().map(String::as_str).collect();
        let words = categories.into_iter().collect::<Vec<_>>().join(", ");
        let (place, columns) = (&step.collection, intent.columns.join(", "));
        let task = format!(
            "rectify: {words} in {place}: the database refuses the new value of {columns}, {why}: have people do it"
        );
        let given = Given::of(step, intent, meant, task);
        given.untell(&mut told.outcome);
        owe(tx, context, case, (step, given.task.clone()))?;
        tx.remote_given(step.id, case, &told.kept(&stays)?, left.as_deref())?;
        let counts = BTreeMap::from([(format!("by_hand.{}", step.system), step.rows)]);
        let subject = tx.case(case)?.subject;
        let said = Said { case: Some(case.clone()), subject, counts, ..Said::default() };
        context.log(tx, "elsewhere", State::InPart, said).map(|_| Some(given))
    })
}

/// One duty more of the decision that the case stands by.
fn owe(tx: &Tx<'_>, context: &Context, case: &CaseNumber, (step, task): (&RemoteStep, String)) -> Result<()> {
    let (place, due) = (step.system.clone(), tx.case(case)?.due);
    let duties = vec![NewDuty { kind: DutyKind::Manual, place, task, due }];
    let event = CaseEvent::Decided { decision: Decision::Partial, duties, anew: false };
    tx.move_case(case, &event, context.now, context.actor.name()).map(drop)
}
