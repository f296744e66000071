//! What became of each correction of a case: made here or in another system, made by hand, or by nobody. Letters tell it
//! from here: what a database refused and nobody did was not made, whatever the plan said.

use std::collections::BTreeMap;

use super::by_hand::{CORRECT, NOTE};
use crate::domain::{Action, Duty, DutyKind, Moment, Outcome, outcome::Line};

/// How the task begins of a correction in another system that people make.
const RECTIFY: &str = "rectify: ";
/// The same where the database refused it.
const REFUSED: &str = ": the database refuses the new value";
/// How the task begins of a note that people add there.
const ANNOTATE: &str = "annotate: ";

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was made when the case was carried out.
    Made,
    /// People made it, then.
    ByHand(Moment),
    /// Nobody made it: its step was taken back. Whether a database refused it before.
    Undone(bool),
}

/// One field in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The other system or the place that people keep; `None`: here.
    pub place: Option<String>,
    /// The category.
    pub category: String,
    /// The field; `None`: an older version did not write it down.
    pub field: Option<String>,
    /// What became of it.
    pub fate: Fate,
}

/// Place, category and field.
type Key = (Option<String>, String, Option<String>);

/// Every correction of a case, each once: as it was left last. One that is open still is none yet.
pub fn corrections(outcome: &Outcome, duties: &[Duty]) -> Vec<Correction> {
    let mut all = BTreeMap::<Key, Fate>::new();
    for key in outcome.of_action(Action::Rectify).flat_map(of_line) {
        all.insert(key, Fate::Made);
    }
    let undone = duties.iter().filter(|duty| duty.recalled);
    let undone: Vec<(Key, bool)> = undone
        .flat_map(|duty| {
            let keys =
                named(duty, outcome).into_iter().filter(|key| !is_ordered_again(key, duty, duties, outcome));
            let refused = duty.what.task.contains(REFUSED);
            keys.map(move |key| (key, refused)).collect::<Vec<_>>()
        })
        .collect();
    for duty in duties.iter().filter(|duty| duty.is_done()) {
        let at = duty.done.map_or(Fate::Made, Fate::ByHand);
        all.extend(named(duty, outcome).into_iter().map(|key| (key, at)));
    }
    let undone = undone.into_iter().map(|(key, refused)| correction(key, Fate::Undone(refused)));
    all.into_iter().map(|(key, fate)| correction(key, fate)).chain(undone).collect()
}

/// Whether people added a note to a document of another system.
pub fn is_noted(duties: &[Duty]) -> bool {
    let notes = |task: &str| task.starts_with(ANNOTATE) || task.starts_with(NOTE);
    duties.iter().any(|duty| duty.is_done() && notes(&duty.what.task))
}

fn correction((place, category, field): Key, fate: Fate) -> Correction {
    Correction { place, category, field, fate }
}

fn of_line(line: &Line) -> Vec<Key> {
    let category = line.category.clone().unwrap_or_default();
    let key = |field: &String| (line.system.clone(), category.clone(), Some(field.clone()));
    line.fields.iter().map(key).collect()
}

/// What a step by hand corrects; nothing where it is of another kind.
fn named(duty: &Duty, outcome: &Outcome) -> Vec<Key> {
    let place = || Some(duty.what.place.clone());
    let split = |word: &str| {
        let (category, field) = word.split_once('.').unwrap_or((word, ""));
        (place(), category.to_owned(), Some(field.to_owned()).filter(|field| !field.is_empty()))
    };
    let task = duty.what.task.as_str();
    if duty.what.kind != DutyKind::Manual {
        return Vec::new();
    }
    if let Some(list) = task.strip_prefix(CORRECT).and_then(|rest| rest.strip_prefix(' ')) {
        return list.split(" (").next().unwrap_or_default().split(", ").map(split).collect();
    }
    let Some((categories, _)) = task.strip_prefix(RECTIFY).and_then(|rest| rest.split_once(" in ")) else {
        return Vec::new();
    };
    match ordered(duty, outcome) {
        Some((_, line)) if !line.fields.is_empty() => line.fields.iter().map(|word| split(word)).collect(),
        _ => categories.split(", ").map(split).collect(),
    }
}

/// The line that ordered a step, and where it stands among the others: what was decided later comes after it.
fn ordered<'o>(duty: &Duty, outcome: &'o Outcome) -> Option<(usize, &'o Line)> {
    let is_it = |line: &Line| {
        line.action == Action::Manual
            && line.system.as_deref() == Some(duty.what.place.as_str())
            && line.about.first() == Some(&duty.what.task)
    };
    outcome.steps.iter().enumerate().find(|(_, line)| is_it(line))
}

/// Whether what a step was taken back of was made since, or is to be: by a later decision, or by another step.
fn is_ordered_again(key: &Key, duty: &Duty, duties: &[Duty], outcome: &Outcome) -> bool {
    let by_people = duties.iter().filter(|other| other.step > duty.step && !other.recalled);
    let from = ordered(duty, outcome).map_or(0, |(at, _)| at);
    let later = outcome.steps.iter().skip(from).filter(|line| line.action == Action::Rectify);
    by_people.flat_map(|other| named(other, outcome)).any(|other| other == *key)
        || later.flat_map(of_line).any(|other| other == *key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Decision, NewDuty, Reason};

    const TOOK: &str = "rectify: contact in customer: the database refuses the new value of phone, it is too long: have people do it";
    const UNFIT: &str =
        "rectify: contact in customer: the new value does not fit the column: have people do it";

    fn line(
        action: Action,
        system: Option<&str>,
        category: Option<&str>,
        about: &str,
        fields: &[&str],
    ) -> Line {
        let why = Reason { rule: "R-1".into(), clause: None, law: None, says: String::new() };
        Line {
            system: system.map(str::to_owned),
            category: category.map(str::to_owned),
            about: vec![about.to_owned()].into_iter().filter(|text| !text.is_empty()).collect(),
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
            count: 1,
            ..Line::new(action, &why)
        }
    }

    fn made(system: Option<&str>, field: &str) -> Line {
        line(Action::Rectify, system, Some("contact"), "", &[field])
    }

    fn ordered(task: &str, fields: &[&str]) -> Line {
        line(Action::Manual, Some("site"), None, task, fields)
    }

    /// `done`: when; `None` = taken back.
    fn duty(step: u32, place: &str, task: &str, state: &str) -> Duty {
        let what = NewDuty { kind: DutyKind::Manual, place: place.into(), task: task.into(), due: None };
        let at = Some(Moment::from_unix(1)).filter(|_| state != "open");
        Duty { done: at, recalled: state == "recalled", ..Duty::new(step, what) }
    }

    fn told(steps: Vec<Line>, duties: &[Duty]) -> String {
        let outcome = Outcome { steps, ..Outcome::nothing("iin") };
        assert_eq!(outcome.decision, Decision::Grant);
        let one = |one: Correction| {
            let fate = match one.fate {
                Fate::Made => "made",
                Fate::ByHand(_) => "by hand",
                Fate::Undone(true) => "refused",
                Fate::Undone(false) => "undone",
            };
            let (place, field) = (one.place.unwrap_or("here".into()), one.field.unwrap_or("?".into()));
            format!("{place} {}.{field} {fate}", one.category)
        };
        corrections(&outcome, duties).into_iter().map(one).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_correction_is_made_where_it_was_made() {
        let name = || ordered(TOOK, &["contact.given_name"]);
        let age = || ordered(UNFIT, &["contact.patronymic"]);
        let here = "here contact.given_name made";
        for (what, steps, duties, expected) in [
            ("here alone", vec![made(None, "given_name")], vec![], here.to_owned()),
            (
                "in a system",
                vec![made(None, "given_name"), made(Some("site"), "given_name")],
                vec![],
                format!("{here}; site contact.given_name made"),
            ),
            (
                "refused and open",
                vec![made(None, "given_name"), name()],
                vec![duty(1, "site", TOOK, "open")],
                here.to_owned(),
            ),
            (
                "refused and done",
                vec![made(None, "given_name"), name()],
                vec![duty(1, "site", TOOK, "done")],
                format!("{here}; site contact.given_name by hand"),
            ),
            (
                "refused and taken back",
                vec![made(None, "given_name"), name()],
                vec![duty(1, "site", TOOK, "recalled")],
                format!("{here}; site contact.given_name refused"),
            ),
            (
                "one of two fields did not fit",
                vec![made(Some("site"), "given_name"), age()],
                vec![duty(1, "site", UNFIT, "recalled")],
                "site contact.given_name made; site contact.patronymic undone".to_owned(),
            ),
            (
                "some rows were refused",
                vec![made(Some("site"), "given_name"), name()],
                vec![duty(1, "site", TOOK, "recalled")],
                "site contact.given_name made; site contact.given_name refused".to_owned(),
            ),
            (
                "made by a later decision",
                vec![name(), made(Some("site"), "given_name")],
                vec![duty(1, "site", TOOK, "recalled")],
                "site contact.given_name made".to_owned(),
            ),
            (
                "done by a later step",
                vec![name()],
                vec![duty(1, "site", TOOK, "recalled"), duty(2, "site", TOOK, "done")],
                "site contact.given_name by hand".to_owned(),
            ),
            (
                "on paper",
                vec![],
                vec![
                    duty(1, "archive", "correct contact.phone, vehicle.plate (Archive (old))", "done"),
                    duty(2, "calls", "correct contact.phone (Call centre)", "recalled"),
                ],
                "archive contact.phone by hand; archive vehicle.plate by hand; calls contact.phone undone"
                    .to_owned(),
            ),
            (
                "of an older version",
                vec![made(None, "given_name")],
                vec![duty(1, "site", TOOK, "recalled")],
                format!("{here}; site contact.? refused"),
            ),
            (
                "another kind of step",
                vec![],
                vec![duty(1, "site", "destroy contact (Archive)", "done")],
                String::new(),
            ),
        ] {
            assert_eq!(told(steps, &duties), expected, "{what}");
        }
    }
}
