//! Several people walked at once and each alone: in every round the questions of all are asked as one, and each is
//! given the rows that answer their own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Connected, Reached, Whose,
    ask::{MOST, Question, ask, unreachable_system},
    graph::Graph,
    walk::Walk,
};
use crate::{
    domain::{Identifier, Kind, Result},
    system::engine::{Fetch, Row},
};

/// Rows of several people in one answer: with more of them they are asked in halves.
const MOST_TOGETHER: usize = 20_000;

/// Asks the own store whose an identifier is, as seen from one of the people, by their place.
pub type AskOf<'a> = dyn FnMut(usize, &Identifier) -> Result<Whose> + 'a;

/// Rows with their collections.
type Rows = Vec<(usize, Row)>;

/// Values at the near end of references, by reference.
pub(super) type Sought = BTreeMap<usize, BTreeSet<String>>;

/// Who has a value at the near end of a reference, by key.
pub(super) type Holders = HashMap<(usize, String), Vec<Vec<String>>>;

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
        let sought: Vec<Sought> = open.iter().map(|(_, walk)| walk.doubts()).collect();
        for ((_, walk), held) in open.iter_mut().zip(self.holders(&sought)?) {
            walk.holders.extend(held);
        }
        let refused = open.iter_mut().map(|(_, walk)| walk.settle()).collect();
        for ((nth, walk), rows) in open.iter_mut().zip(self.answers(refused)?) {
            walk.refuse(rows);
            walk.pass_on(&mut |name| whose(*nth, name))?;
        }
        Ok(())
    }

    /// For each question its rows.
    fn answers(&mut self, questions: Vec<Question>) -> Result<Vec<Rows>> {
        let asking = questions.iter().filter(|question| !question.is_empty()).count();
        if asking > 1
            && let Some(answers) = self.at_once(&questions)?
        {
            return Ok(answers);
        }
        questions.iter().map(|question| ask(self.systems, self.graph, question, self.most)).collect()
    }

    /// `None`: the engine holds values for equal that are written differently, and only a question of its own tells
    /// whose a row is.
    fn at_once(&mut self, questions: &[Question]) -> Result<Option<Vec<Rows>>> {
        let (whole, askers) = (Question::of_all(questions), Askers::of(questions));
        let mut answers = vec![Rows::new(); questions.len()];
        for (node, row) in ask(self.systems, self.graph, &whole, self.most)? {
            let mut whom = askers.of_row(self.graph, node, &row);
            let Some(last) = whom.pop_last() else { return Ok(None) };
            whom.into_iter().for_each(|nth| answers[nth].push((node, row.clone())));
            answers[last].push((node, row));
        }
        Ok(Some(answers))
    }

    /// For each the keys of the rows that have the values they seek at the near end of a reference.
    fn holders(&mut self, sought: &[Sought]) -> Result<Vec<Holders>> {
        let mut held = vec![Holders::new(); sought.len()];
        let mut by_reference = BTreeMap::<usize, HashMap<String, Vec<(usize, &String)>>>::new();
        for (at, (nth, value)) in
            sought.iter().enumerate().flat_map(|(at, one)| pairs(one).map(move |p| (at, p)))
        {
            held[at].insert((nth, value.clone()), Vec::new());
            by_reference.entry(nth).or_default().entry(value.to_lowercase()).or_default().push((at, value));
        }
        for (nth, seekers) in by_reference {
            self.ask_holders(nth, &seekers, &mut held)?;
        }
        Ok(held)
    }

    fn ask_holders(
        &mut self,
        nth: usize,
        seekers: &HashMap<String, Vec<(usize, &String)>>,
        held: &mut [Holders],
    ) -> Result<()> {
        let edge = &self.graph.edges[nth];
        let node = &self.graph.nodes[edge.from];
        let (column, order) = (node.columns[edge.out].as_str(), node.key_columns());
        let columns: Vec<&str> = order.iter().copied().chain([column]).collect();
        let values: BTreeSet<&String> = seekers.values().flatten().map(|(_, value)| *value).collect();
        let values: Vec<String> = values.into_iter().cloned().collect();
        let any = [(column, values.as_slice())];
        let fetch = Fetch { table: &node.collection.name, columns: &columns, any: &any, order: &order };
        let system = &mut self.systems[node.system];
        let asked = system.engine.fetch(&fetch, &mut |mut row| {
            let value = row.pop().and_then(|cell| cell.0).unwrap_or_default();
            // A row without a key is nobody's that is known, so it could be another person's.
            let key: Option<Vec<String>> = row.into_iter().map(|cell| cell.0).collect();
            let (key, seekers) = (key.unwrap_or_default(), seekers.get(&value.to_lowercase()));
            let exact = (nth, value);
            for (at, sought) in seekers.into_iter().flatten() {
                // An equality of the engine's own keeps its rows under the value that was asked.
                if **sought == exact.1 || !held[*at].contains_key(&exact) {
                    held[*at].entry((nth, (*sought).clone())).or_default().push(key.clone());
                }
            }
            Ok(())
        });
        asked.map_err(|error| unreachable_system(&system.name, error))
    }
}

fn pairs(sought: &Sought) -> impl Iterator<Item = (usize, &String)> {
    sought.iter().flat_map(|(nth, values)| values.iter().map(|value| (*nth, value)))
}

/// Who asked for what, by collection and column. Personal data: no `Debug`.
#[derive(Default)]
struct Askers<'a> {
    /// Values in small letters: an engine may hold two writings for equal.
    values: BTreeMap<(usize, usize), HashMap<String, Vec<usize>>>,
    names: BTreeMap<(usize, usize), HashMap<&'a Identifier, Vec<usize>>>,
}

impl<'a> Askers<'a> {
    fn of(questions: &'a [Question]) -> Self {
        let mut askers = Self::default();
        for (nth, question) in questions.iter().enumerate() {
            for (node, by_column) in &question.values {
                for (column, values) in by_column {
                    let known = askers.values.entry((*node, *column)).or_default();
                    values.iter().for_each(|value| known.entry(value.to_lowercase()).or_default().push(nth));
                }
            }
            for (place, names) in &question.names {
                let known = askers.names.entry(*place).or_default();
                names.iter().for_each(|name| known.entry(name).or_default().push(nth));
            }
        }
        askers
    }

    /// Everybody whose question a row answers.
    fn of_row(&self, graph: &Graph, node: usize, row: &Row) -> BTreeSet<usize> {
        let of_node = (node, 0)..(node + 1, 0);
        let mut whom = BTreeSet::new();
        for ((_, column), known) in self.values.range(of_node.clone()) {
            let value = row[*column].0.as_deref().map(str::to_lowercase);
            whom.extend(value.and_then(|value| known.get(&value)).into_iter().flatten());
        }
        for ((_, column), known) in self.names.range(of_node) {
            let kinds = graph.nodes[node].names.iter().filter(|(place, _)| place == column);
            for (_, kind) in kinds {
                let text = row[*column].0.as_deref().unwrap_or_default();
                let name = Identifier::parse(*kind, text).ok();
                whom.extend(name.and_then(|name| known.get(&name)).into_iter().flatten());
            }
        }
        whom
    }
}
