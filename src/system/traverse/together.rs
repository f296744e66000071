//! Several people walked at once and each alone: in every round the questions of all are asked as one, and each is
//! given the rows that answer their own.

use super::{
    Connected, Reached, Whose,
    ask::{MOST, Question, ask},
    askers::{Askers, Writings},
    graph::Graph,
    holders::{Holders, Sought, exact_holders, holders},
    walk::Walk,
};
use crate::{
    domain::{Identifier, Kind, Result},
    system::engine::Row,
};

/// Rows of several people in one answer: with more of them they are asked in halves.
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
) -> Result<Vec<Reached>> {
    let most = if people.len() > 1 { MOST_TOGETHER } else { MOST };
    let together = Together { systems, graph, most };
    match together.walk(people, whose) {
        Err(error) if error.kind() == Kind::Config && people.len() > 1 => {
            let (some, others) = people.split_at(people.len() / 2);
            let mut all = walk_all(systems, graph, some, whose)?;
            let first = some.len();
            all.extend(walk_all(systems, graph, others, &mut |nth, name| whose(first + nth, name))?);
            Ok(all)
        }
        walked => walked,
    }
}

struct Together<'a> {
    systems: &'a mut [Connected],
    graph: &'a Graph,
    /// Rows in one answer.
    most: usize,
}

impl Together<'_> {
    fn walk(mut self, people: &[Vec<Identifier>], whose: &mut AskOf<'_>) -> Result<Vec<Reached>> {
        let graph = self.graph;
        let mut walks: Vec<Walk<'_>> = people.iter().map(|names| Walk::of(graph, names)).collect();
        let mut open: Vec<(usize, &mut Walk<'_>)> = walks.iter_mut().enumerate().collect();
        while !open.is_empty() {
            self.round(&mut open, whose)?;
            open.retain(|(_, walk)| walk.has_question());
        }
        Ok(walks.into_iter().map(|walk| walk.end(self.systems)).collect())
    }

    fn round(&mut self, open: &mut [(usize, &mut Walk<'_>)], whose: &mut AskOf<'_>) -> Result<()> {
        let questions = open.iter_mut().map(|(_, walk)| walk.take_question()).collect();
        for ((nth, walk), rows) in open.iter_mut().zip(self.answers(questions)?) {
            for (node, row) in rows {
                walk.meet(node, row, &mut |name| whose(*nth, name))?;
            }
            walk.judge_all();
        }
        let sought: Vec<Sought> = open.iter().map(|(_, walk)| walk.unshared()).collect();
        for ((_, walk), held) in open.iter_mut().zip(self.holders(&sought)?) {
            walk.holders.extend(held);
            walk.share();
        }
        for (nth, walk) in open.iter_mut() {
            walk.pass_on(&mut |name| whose(*nth, name))?;
        }
        let sought: Vec<Sought> = open.iter().map(|(_, walk)| walk.doubts()).collect();
        let mut refused = Vec::with_capacity(open.len());
        for ((nth, walk), held) in open.iter_mut().zip(self.holders(&sought)?) {
            walk.holders.extend(held);
            refused.push(walk.settle(&mut |name| whose(*nth, name))?);
        }
        for ((_, walk), rows) in open.iter_mut().zip(self.answers(refused)?) {
            walk.refuse(rows);
        }
        Ok(())
    }

    /// For each question its rows.
    fn answers(&mut self, questions: Vec<Question>) -> Result<Vec<Rows>> {
        let asking = questions.iter().filter(|question| !question.is_empty()).count();
        if asking > 1
            && let Some(askers) = Askers::of(self.graph, &questions)
            && let Some(answers) = self.at_once(&questions, &askers)?
        {
            return Ok(answers);
        }
        questions.iter().map(|question| ask(self.systems, self.graph, question, self.most)).collect()
    }

    /// `None`: the engine gave a row for a value that is written differently; only a question of its own tells whose
    /// it is.
    fn at_once(&mut self, questions: &[Question], askers: &Askers<'_>) -> Result<Option<Vec<Rows>>> {
        let whole = Question::of_all(questions);
        let mut answers = vec![Rows::new(); questions.len()];
        for (node, row) in ask(self.systems, self.graph, &whole, self.most)? {
            let mut whom = askers.of_row(node, &row).unwrap_or_default();
            let Some(last) = whom.pop_last() else { return Ok(None) };
            whom.into_iter().for_each(|nth| answers[nth].push((node, row.clone())));
            answers[last].push((node, row));
        }
        Ok(Some(answers))
    }

    /// For each the keys of the rows that have the values they seek at the near end of a reference.
    fn holders(&mut self, sought: &[Sought]) -> Result<Vec<Holders>> {
        let seeking = sought.iter().filter(|one| one.values().any(|values| !values.is_empty())).count();
        if seeking > 1
            && let Some(held) = self.holders_at_once(sought)?
        {
            return Ok(held);
        }
        sought.iter().map(|one| holders(self.systems, self.graph, one)).collect()
    }

    /// `None`: as for rows.
    fn holders_at_once(&mut self, sought: &[Sought]) -> Result<Option<Vec<Holders>>> {
        let mut whole = Sought::new();
        for (nth, values) in sought.iter().flatten() {
            whole.entry(*nth).or_default().extend(values.iter().cloned());
        }
        if !whole.values().all(|values| Writings::of(values.iter().map(String::as_str)).is_some()) {
            return Ok(None);
        }
        let Some(found) = exact_holders(self.systems, self.graph, &whole)? else { return Ok(None) };
        let of = |one: &Sought| {
            let places =
                one.iter().flat_map(|(nth, values)| values.iter().map(|value| (*nth, value.clone())));
            places.map(|place| (place.clone(), found.get(&place).cloned().unwrap_or_default())).collect()
        };
        Ok(Some(sought.iter().map(of).collect()))
    }
}
