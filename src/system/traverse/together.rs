//! Several people walked at once and each alone: in every round the questions of all are asked as one, and each is
//! given the rows that answer their own. What cannot be told apart is asked in halves.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Connected, Reached, Sight, Whose,
    ask::{Halt, MOST, Part, Question, ask},
    askers::Asked,
    behind::DEEPEST,
    graph::Graph,
    holders::{Holders, Register, Sought},
    reading::{Reading, Readings},
    walk::Walk,
};
use crate::{
    domain::{Error, Identifier, Result},
    system::engine::Row,
};

/// Rows and keys that several people are given: with more of them they are walked in halves.
const MOST_TOGETHER: usize = 20_000;

/// Asks the own store whose an identifier is, as seen from one of the people, by their place.
pub type AskOf<'a> = dyn FnMut(usize, &Identifier) -> Result<Whose> + 'a;

/// Rows with their collections.
type Rows = Vec<(usize, Row)>;

/// Everything about each person of these names. Names that only search must be theirs alone: the caller has asked.
/// `whose` is asked of every naming number that a row carries.
///
/// # Errors
/// Failed (exit 1), naming the system that could not be read; configuration (exit 6) where the map joins people.
pub fn walk_all(
    systems: &mut [Connected],
    graph: &Graph,
    people: &[Vec<Identifier>],
    whose: &mut AskOf<'_>,
    sight: &Sight<'_>,
) -> Result<Vec<Reached>> {
    walk_within(systems, (graph, &Readings::default()), people, whose, sight)
}

/// The same, of so much of each collection.
///
/// # Errors
/// As [`walk_all`].
pub fn walk_within(
    systems: &mut [Connected],
    within: (&Graph, &Readings),
    people: &[Vec<Identifier>],
    whose: &mut AskOf<'_>,
    sight: &Sight<'_>,
) -> Result<Vec<Reached>> {
    walk_at_most(systems, within, people, whose, (sight, MOST_TOGETHER))
}

/// The same, with so many rows and keys for several.
pub(super) fn walk_at_most(
    systems: &mut [Connected],
    (graph, readings): (&Graph, &Readings),
    people: &[Vec<Identifier>],
    whose: &mut AskOf<'_>,
    (sight, most): (&Sight<'_>, usize),
) -> Result<Vec<Reached>> {
    let together = if let [_] = people {
        Together { systems, graph, readings, sight, most: MOST, room: usize::MAX }
    } else {
        Together { systems, graph, readings, sight, most, room: most }
    };
    match together.walk(people, whose) {
        Err(Halt::TooMany) if people.len() > 1 => {
            let (some, others) = people.split_at(people.len() / 2);
            let mut all = walk_at_most(systems, (graph, readings), some, whose, (sight, most))?;
            let first = some.len();
            let mut of_others = |nth: usize, name: &Identifier| whose(first + nth, name);
            all.extend(walk_at_most(systems, (graph, readings), others, &mut of_others, (sight, most))?);
            Ok(all)
        }
        // What hangs on rows of several is looked at where it can be, and ends no night.
        Err(Halt::TooMany) if sight.hanging => {
            let sight = Sight { hanging: false, ..*sight };
            walk_at_most(systems, (graph, readings), people, whose, (&sight, most))
        }
        walked => walked.map_err(Error::from),
    }
}

struct Together<'a> {
    systems: &'a mut [Connected],
    graph: &'a Graph,
    readings: &'a Readings,
    sight: &'a Sight<'a>,
    /// Rows in one answer.
    most: usize,
    /// Rows and keys that may still be given: a row that answers several counts for each.
    room: usize,
}

impl Together<'_> {
    fn walk(mut self, people: &[Vec<Identifier>], whose: &mut AskOf<'_>) -> Result<Vec<Reached>, Halt> {
        let (graph, sight) = (self.graph, self.sight);
        let mut walks: Vec<Walk<'_>> = people.iter().map(|names| Walk::of(graph, names, sight)).collect();
        let mut open: Vec<(usize, &mut Walk<'_>)> = walks.iter_mut().enumerate().collect();
        while !open.is_empty() {
            self.round(&mut open, whose)?;
            open.retain(|(_, walk)| walk.has_question());
        }
        Ok(walks.into_iter().map(|walk| walk.end(self.systems)).collect())
    }

    fn round(&mut self, open: &mut [(usize, &mut Walk<'_>)], whose: &mut AskOf<'_>) -> Result<(), Halt> {
        let questions = open.iter_mut().map(|(_, walk)| walk.take_question()).collect();
        for ((nth, walk), rows) in open.iter_mut().zip(self.answers(questions)?) {
            for (node, row) in rows {
                walk.meet(node, row, &mut |name| whose(*nth, name))?;
            }
            walk.judge_all();
        }
        let sought = open.iter().map(|(_, walk)| walk.unshared()).collect();
        for ((_, walk), held) in open.iter_mut().zip(self.holders(sought)?) {
            walk.holders.extend(held);
        }
        self.behind(open)?;
        open.iter_mut().for_each(|(_, walk)| walk.share());
        for (nth, walk) in open.iter_mut() {
            walk.pass_on(&mut |name| whose(*nth, name))?;
        }
        let sought = open.iter().map(|(_, walk)| walk.doubts()).collect();
        let mut refused = Vec::with_capacity(open.len());
        for ((nth, walk), held) in open.iter_mut().zip(self.holders(sought)?) {
            walk.holders.extend(held);
            refused.push(walk.settle(&mut |name| whose(*nth, name))?);
        }
        for ((_, walk), rows) in open.iter_mut().zip(self.answers(refused)?) {
            walk.refuse(rows);
        }
        Ok(())
    }

    /// Who stands behind the rows by which somebody else has a row of theirs.
    fn behind(&mut self, open: &mut [(usize, &mut Walk<'_>)]) -> Result<(), Halt> {
        for nth in 0..DEEPEST {
            let ask = |(_, walk): &mut (usize, &mut Walk<'_>)| walk.ask_behind(nth == 0);
            let questions: Vec<Question> = open.iter_mut().map(ask).collect();
            if questions.iter().all(Question::is_empty) {
                break;
            }
            for ((_, walk), rows) in open.iter_mut().zip(self.answers(questions)?) {
                walk.meet_behind(rows);
            }
        }
        Ok(())
    }

    /// For each question its rows.
    fn answers(&mut self, questions: Vec<Question>) -> Result<Vec<Rows>, Halt> {
        let mut answers: Vec<Rows> = questions.iter().map(|_| Rows::new()).collect();
        self.answer(questions.into_iter().enumerate().collect(), &mut answers)?;
        Ok(answers)
    }

    /// What one asks goes as it is. What several ask goes as one; what is left of it, in halves: so one value that could
    /// be meant by another costs few questions more.
    fn answer(&mut self, mut asked: Vec<(usize, Question)>, into: &mut [Rows]) -> Result<(), Halt> {
        for (_, question) in &mut asked {
            question.retain(|part| *self.readings.of(part.node()) != Reading::Nothing);
        }
        asked.retain(|(_, question)| !question.is_empty());
        if asked.is_empty() {
            return Ok(());
        }
        let mut left = self.at_once(asked, into)?;
        left.retain(|(_, question)| !question.is_empty());
        let others = left.split_off(left.len() / 2);
        self.answer(left, into)?;
        self.answer(others, into)
    }

    /// Asks as one what may be, and gives what is left: where the engine gave a row for a value that is written
    /// differently, only another question tells whose it is.
    fn at_once(
        &mut self,
        mut asked: Vec<(usize, Question)>,
        into: &mut [Rows],
    ) -> Result<Vec<(usize, Question)>, Halt> {
        let parts: BTreeSet<Part> = asked.iter().flat_map(|(_, question)| question.parts()).collect();
        let of = |part| Some((part, Asked::of(self.graph, part, &asked)?));
        let askers: BTreeMap<Part, Asked<'_>> = parts.into_iter().filter_map(of).collect();
        let whole =
            Question::of_all(asked.iter().map(|(_, question)| question), |part| askers.contains_key(&part));
        let mut unclear: BTreeSet<Part> = BTreeSet::new();
        let mut given = Vec::new();
        for (part, row) in ask(self.systems, (self.graph, self.readings), &whole, self.most)? {
            match askers.get(&part).and_then(|askers| askers.whom(&row)) {
                Some(whom) => given.push((part, whom, row)),
                None => {
                    unclear.insert(part);
                }
            }
        }
        let answered: BTreeSet<Part> = askers.into_keys().filter(|part| !unclear.contains(part)).collect();
        for (part, mut whom, row) in given.into_iter().filter(|(part, ..)| answered.contains(part)) {
            self.room = self.room.checked_sub(whom.len()).ok_or(Halt::TooMany)?;
            let Some(last) = whom.pop_last() else { continue };
            whom.into_iter().for_each(|nth| into[nth].push((part.node(), row.clone())));
            into[last].push((part.node(), row));
        }
        asked.iter_mut().for_each(|(_, question)| question.retain(|part| !answered.contains(&part)));
        Ok(asked)
    }

    /// For each the keys of the rows that have the values they seek at the near end of a reference.
    fn holders(&mut self, sought: Vec<Sought>) -> Result<Vec<Holders>, Halt> {
        let mut held: Vec<Holders> = sought.iter().map(|_| Holders::new()).collect();
        self.seek(sought.into_iter().enumerate().collect(), &mut held)?;
        Ok(held)
    }

    /// As [`Together::answer`].
    fn seek(&mut self, mut sought: Vec<(usize, Sought)>, into: &mut [Holders]) -> Result<(), Halt> {
        sought.iter_mut().for_each(|(_, one)| one.retain(|_, values| !values.is_empty()));
        sought.retain(|(_, one)| !one.is_empty());
        if sought.is_empty() {
            return Ok(());
        }
        let mut whole = Sought::new();
        for (edge, values) in sought.iter().flat_map(|(_, one)| one) {
            whole.entry(*edge).or_default().extend(values.iter().cloned());
        }
        for (edge, values) in whole {
            self.seek_at_once(edge, &values, &mut sought, into)?;
        }
        let others = sought.split_off(sought.len() / 2);
        self.seek(sought, into)?;
        self.seek(others, into)
    }

    /// One reference; it stays where it is not answered.
    fn seek_at_once(
        &mut self,
        edge: usize,
        values: &BTreeSet<String>,
        sought: &mut [(usize, Sought)],
        into: &mut [Holders],
    ) -> Result<(), Halt> {
        let mut register = Register { systems: self.systems, graph: self.graph, room: &mut self.room };
        let mut asking = sought.iter_mut().filter(|(_, one)| one.contains_key(&edge));
        if let (Some((only, one)), None) = (asking.next(), asking.next()) {
            register.holders(edge, values, &mut into[*only])?;
            one.remove(&edge);
        } else if let Some(found) = register.exact(edge, values)? {
            for (nth, one) in sought {
                let values = one.remove(&edge).unwrap_or_default().into_iter();
                let of = |value: String| {
                    let keys = found.get(&value).cloned().unwrap_or_default();
                    ((edge, value), keys)
                };
                into[*nth].extend(values.map(of));
            }
        }
        Ok(())
    }
}
