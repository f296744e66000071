//! A correction of several columns of which a database refuses some: those alone are people's, the others are made.
//!
//! Which they are is asked of the database, each column alone in a transaction that is undone. What it refuses only
//! together is refused as a whole.

use std::collections::BTreeMap;

use super::{
    Reach,
    intent::{Intent, Line},
    run,
};
use crate::{
    domain::{Error, Result},
    store::remote::RemoteStep,
};

/// What a database refuses of a step, and what is left of it; `None`: nothing.
pub(super) struct Apart {
    /// The columns that are refused.
    pub refused: Intent,
    /// What the policy calls them, each with its category.
    pub meant: Vec<String>,
    /// The others.
    pub left: Option<Intent>,
    /// Why: what the database said of the step, or why it could not be asked further.
    pub error: Error,
}

impl Apart {
    /// All of it, where no part of it is made on its own.
    pub(super) fn whole(intent: &Intent, error: Error) -> Self {
        Self { refused: intent.clone(), meant: Vec::new(), left: None, error }
    }
}

impl Reach {
    /// Takes a refused correction apart.
    pub(super) fn apart(&mut self, step: &RemoteStep, intent: &Intent, error: Error) -> Apart {
        let asked = match error.lasts() {
            Some(_) if intent.columns.len() > 1 => self.refused_alone(step, intent),
            _ => Ok(Vec::new()),
        };
        let (alone, error) = match asked {
            Ok(alone) => (alone, error),
            Err(cause) => (Vec::new(), cause),
        };
        let is_part = !alone.is_empty() && alone.len() < intent.columns.len();
        let columns = if is_part { alone } else { intent.columns.clone() };
        let meant = self.meant_by(step, &columns);
        let (refused, left) = intent.apart(&columns, &meant);
        Apart { refused, meant, left: is_part.then_some(left), error }
    }

    fn refused_alone(&mut self, step: &RemoteStep, intent: &Intent) -> Result<Vec<String>> {
        let system = self.systems.iter_mut().find(|system| system.name == step.system);
        let Some(system) = system else { return Ok(Vec::new()) };
        let mut refused = Vec::new();
        for column in &intent.columns {
            let (alone, _) = intent.apart(std::slice::from_ref(column), &[]);
            match run::rehearse(system.engine.as_mut(), &step.collection, &alone) {
                Ok(()) => {}
                Err(error) if error.lasts().is_some() => refused.push(column.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }
}

impl Intent {
    /// The same of these columns, called `meant` by the policy, and of the others.
    fn apart(&self, columns: &[String], meant: &[String]) -> (Self, Self) {
        let (mut these, mut others) = (self.with(Vec::new()), self.with(Vec::new()));
        (these.columns, others.columns) =
            self.columns.iter().cloned().partition(|column| columns.contains(column));
        for line in &self.rows {
            let (set, rest) = self.values(line, columns);
            let (ends, stays) = line.ends.as_ref().map(|ends| share(ends, meant)).unzip();
            these.rows.push(Line { set, ends, ..line.clone() });
            others.rows.push(Line { set: rest, ends: stays, ..line.clone() });
        }
        (these, others)
    }

    /// What these columns become, and the others.
    fn values(&self, line: &Line, columns: &[String]) -> (Vec<Option<String>>, Vec<Option<String>>) {
        let pairs = self.columns.iter().zip(line.set.iter().cloned());
        let (these, others): (Vec<_>, Vec<_>) = pairs.partition(|(column, _)| columns.contains(column));
        let cells = |pairs: Vec<(&String, Option<String>)>| pairs.into_iter().map(|(_, cell)| cell).collect();
        (cells(these), cells(others))
    }
}

/// The records that end with the fields that are meant, one for each, and those that end with the others.
fn share(ends: &[String], meant: &[String]) -> (Vec<String>, Vec<String>) {
    let mut wanted = BTreeMap::<&str, usize>::new();
    for word in meant {
        *wanted.entry(word.split_once('.').map_or(word, |(category, _)| category)).or_default() += 1;
    }
    ends.iter().cloned().partition(|category| match wanted.get_mut(category.as_str()) {
        Some(n) if *n > 0 => {
            *n -= 1;
            true
        }
        _ => false,
    })
}

#[test]
fn a_record_ends_with_each_field_that_is_meant() {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    for (ends, meant, these, others) in [
        (
            &["contact", "contact", "identity"][..],
            &["contact.phone"][..],
            &["contact"][..],
            &["contact", "identity"][..],
        ),
        (&["contact", "identity"], &["contact.phone", "identity.sex"], &["contact", "identity"], &[]),
        (&["contact"], &[], &[], &["contact"]),
        (&[], &["contact.phone"], &[], &[]),
    ] {
        assert_eq!(share(&words(ends), &words(meant)), (words(these), words(others)), "{ends:?} {meant:?}");
    }
}
