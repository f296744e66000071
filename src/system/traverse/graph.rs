//! Collections and references, ready to be walked.

use std::collections::BTreeSet;

use super::Connected;
use crate::{
    domain::{Error, IdentifierType, Result},
    system::{
        engine::Row,
        map::{Address, Collection, Direction, Field, Ownership, Reference},
        project::version,
    },
};

/// One collection.
#[derive(Clone, Debug)]
pub struct Node {
    /// The system, by its place in the list.
    pub system: usize,
    /// The collection as mapped.
    pub collection: Collection,
    /// What is read of it, and nothing else: real columns, each once, in the order of the map.
    pub columns: Vec<String>,
    /// The key, by places in `columns`; empty: it has none, so that its rows are read and people change them.
    pub key: Vec<usize>,
    /// Columns that name or find a person.
    pub names: Vec<(usize, IdentifierType)>,
    /// Collections that are erased before this one, by their places.
    pub after: Vec<usize>,
}

/// One reference, in the direction in which values go.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The collection the values come from.
    pub from: usize,
    /// Its column, by its place.
    pub out: usize,
    /// The collection in which they find rows.
    pub to: usize,
    /// Its column, by its place.
    pub into: usize,
    /// What the person is to a row that is reached.
    pub ownership: Ownership,
    /// Columns of the row reached that tell of whoever is at the other end, by place; the key never.
    pub theirs: Vec<usize>,
    /// The columns that are blanked there when they leave, by place.
    pub blank: Vec<usize>,
    /// A value names one row of `from`: it is the whole of its key.
    pub unique: bool,
    /// Which end the other refers to; `None`: a value names no one row at either.
    pub parent: Option<End>,
    /// Values go the other way too, and what stands at the near end is a thing, not a person: a car that is
    /// found through whoever keeps it does not make the keeping somebody else's.
    pub thing: bool,
    /// Values go the other way too, and people are found by a number at the far end alone: what refers to a
    /// client hangs on the client, and makes them nobody else's.
    pub hangs: bool,
    /// Either end holds phones, e-mails or the like, which several people may share.
    pub searching: bool,
}

/// An end of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where the values come from.
    From,
    /// Where they find rows.
    To,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Collections, by system and then in the order of the map; those that the map skips are not here.
    pub nodes: Vec<Node>,
    /// References.
    pub edges: Vec<Edge>,
}

impl Node {
    /// The place of a column; for a dotted path that of the column it lies in.
    pub fn place(&self, field: &str) -> Option<usize> {
        let lies_in = self.collection.column_of(field);
        self.columns.iter().position(|column| column == lies_in)
    }

    /// Whether people are found in it by a number of their own; a VIN and a plate are a car's.
    pub fn finds_a_person(&self) -> bool {
        let finds = |kind: IdentifierType| {
            kind.names_a_person() || matches!(kind, IdentifierType::Phone | IdentifierType::Email)
        };
        self.names.iter().any(|(_, kind)| finds(*kind))
    }

    /// The columns that tell of whoever a row is about, by place.
    pub fn personal(&self) -> impl Iterator<Item = usize> {
        let fields = self.collection.fields.iter().filter(|field| !field.not_personal);
        let personal = fields.filter(|field| field.category.is_some() || field.identity.is_some());
        personal.filter_map(|field| self.place(&field.name))
    }

    /// The columns as the engine takes them.
    pub fn columns(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    /// Whether names stand in a column in their canonical form alone.
    pub fn is_exact(&self, place: usize) -> bool {
        let column = self.columns.get(place);
        self.collection.fields.iter().any(|field| Some(&field.name) == column && field.exact)
    }

    /// The columns by which rows are told apart: those of the key, or all that are read where there is none.
    pub fn telling(&self) -> Vec<&str> {
        if self.is_keyless() { self.columns() } else { self.key_columns() }
    }

    /// What a row is called by, of all its columns: its key, or a digest of what stands in it where the collection has
    /// none. `None`: part of the key is NULL.
    pub fn key_of(&self, cells: &Row) -> Option<Vec<String>> {
        if self.is_keyless() {
            return Some(vec![format!("{:016x}", version(cells))]);
        }
        self.key.iter().map(|place| cells[*place].0.clone()).collect()
    }

    /// Whether its rows cannot be meant one by one.
    pub fn is_keyless(&self) -> bool {
        self.key.is_empty()
    }

    /// The columns of the key.
    pub fn key_columns(&self) -> Vec<&str> {
        self.key.iter().filter_map(|place| self.columns.get(*place)).map(String::as_str).collect()
    }
}

impl Graph {
    /// Builds it from the maps of the systems.
    ///
    /// # Errors
    /// Configuration (exit 6): a reference to a field that is not mapped.
    pub fn of(systems: &[Connected]) -> Result<Self> {
        let mut graph = Self::default();
        for (system, one) in systems.iter().enumerate() {
            for collection in one.map.collections.iter().filter(|collection| !collection.skip) {
                graph.nodes.push(node(system, collection, systems));
            }
        }
        for at in 0..graph.nodes.len() {
            let before = &graph.nodes[at].collection.erase_after;
            graph.nodes[at].after = before.iter().filter_map(|one| graph.find(systems, one)).collect();
        }
        let nodes = 0..graph.nodes.len();
        let edges: Vec<Vec<Edge>> = nodes.map(|at| graph.edges_of(at, systems)).collect::<Result<_>>()?;
        graph.edges = edges.into_iter().flatten().collect();
        let ends: BTreeSet<_> = graph.edges.iter().map(|e| ((e.from, e.out), (e.to, e.into))).collect();
        for edge in &mut graph.edges {
            let both_ways = ends.contains(&((edge.to, edge.into), (edge.from, edge.out)));
            let [near, far] = [edge.from, edge.to].map(|at| graph.nodes[at].finds_a_person());
            edge.thing = both_ways && !near && (edge.unique || edge.thing);
            edge.hangs = both_ways && !near && far;
        }
        Ok(graph)
    }

    /// Whether people or rows are found by a column.
    pub fn is_way(&self, node: usize, place: usize) -> bool {
        let ends =
            |edge: &Edge| (edge.from, edge.out) == (node, place) || (edge.to, edge.into) == (node, place);
        self.nodes[node].names.iter().any(|(name, _)| *name == place) || self.edges.iter().any(ends)
    }

    /// References that lead into a collection, with their places.
    pub fn into(&self, node: usize) -> impl Iterator<Item = (usize, &Edge)> {
        self.edges.iter().enumerate().filter(move |(_, edge)| edge.to == node)
    }

    /// References that lead out of a collection, with their places.
    pub fn out_of(&self, node: usize) -> impl Iterator<Item = (usize, &Edge)> {
        self.edges.iter().enumerate().filter(move |(_, edge)| edge.from == node)
    }

    /// The collection at an address; `None`: of a system that is not connected, or skipped.
    pub fn find(&self, systems: &[Connected], at: &Address) -> Option<usize> {
        self.nodes.iter().position(|node| {
            node.collection.name == at.collection
                && systems.get(node.system).is_some_and(|system| system.map.key == at.dataset)
        })
    }

    fn edges_of(&self, own: usize, systems: &[Connected]) -> Result<Vec<Edge>> {
        let mut edges = Vec::new();
        let node = &self.nodes[own];
        for (field, reference) in
            node.collection.fields.iter().flat_map(|field| field.references.iter().map(move |r| (field, r)))
        {
            let Some(other) = self.find(systems, &reference.to) else { continue };
            let (Some(here), Some(there)) =
                (node.place(&field.name), self.nodes[other].place(&reference.to.field))
            else {
                return Err(dangling(node, field));
            };
            // Where both columns are keys, the one that is erased after the other is the one referred to, by what the
            // map or the database says; else the one that does not name the other.
            let is_parent = node.after.contains(&other) && !self.nodes[other].after.contains(&own);
            let mut push = |from: (usize, usize), to: (usize, usize), parent: End| {
                // What is referred to is the one thing of many that refer to it.
                let thing = parent == End::From;
                edges.push(Edge { thing, ..self.edge(from, to, parent, reference) });
            };
            if matches!(reference.direction, Direction::From | Direction::Both) {
                push((other, there), (own, here), if is_parent { End::To } else { End::From });
            }
            if matches!(reference.direction, Direction::To | Direction::Both) {
                push((own, here), (other, there), if is_parent { End::From } else { End::To });
            }
        }
        Ok(edges)
    }

    fn edge(
        &self,
        (from, out): (usize, usize),
        (to, into): (usize, usize),
        parent: End,
        reference: &Reference,
    ) -> Edge {
        let (source, target) = (&self.nodes[from], &self.nodes[to]);
        let blank: Vec<usize> = reference.blank.iter().filter_map(|name| target.place(name)).collect();
        let mut theirs = blank.clone();
        if !target.key.contains(&into) {
            theirs.push(into);
        }
        let searches = |node: &Node, place: usize| {
            node.names.iter().any(|(at, kind)| *at == place && !kind.names_a_person())
        };
        let (unique, refers) = (source.key == [out], target.key == [into]);
        let parent = match (unique, refers) {
            (true, true) => Some(parent),
            (true, false) => Some(End::From),
            (false, true) => Some(End::To),
            (false, false) => None,
        };
        Edge {
            from,
            out,
            to,
            into,
            ownership: reference.ownership,
            theirs,
            blank,
            unique,
            parent,
            thing: false,
            hangs: false,
            searching: searches(source, out) || searches(target, into),
        }
    }
}

fn dangling(node: &Node, field: &Field) -> Error {
    let (collection, field) = (&node.collection.name, &field.name);
    Error::config(format!("the map: `{collection}.{field}` refers to a field that is not there"))
        .hint("mend the map; `dsr map check` shows all that is wrong with it")
}

fn node(system: usize, collection: &Collection, systems: &[Connected]) -> Node {
    let needed = needed(collection, systems);
    let mut columns: Vec<String> = Vec::new();
    for column in collection.fields.iter().map(|field| field.column.as_str()) {
        if needed.contains(column) && !columns.iter().any(|known| known == column) {
            columns.push(column.to_owned());
        }
    }
    let place = |name: &str| columns.iter().position(|column| column == name);
    let key: Vec<usize> =
        collection.fields.iter().filter(|f| f.primary_key).filter_map(|f| place(&f.column)).collect();
    let named = collection.fields.iter().filter(|field| !field.third_party && !field.is_inside());
    let names = named.filter_map(|field| Some((place(&field.name)?, field.identity?))).collect();
    Node { system, collection: collection.clone(), columns, key, names, after: Vec::new() }
}

/// The columns that somebody needs: keys, names, references of either end, dates, and what is personal.
fn needed(collection: &Collection, systems: &[Connected]) -> BTreeSet<String> {
    let personal = |field: &&Field| {
        let used = field.primary_key || field.identity.is_some() || !field.references.is_empty();
        used || (!field.not_personal && field.category.is_some())
    };
    let own = collection.fields.iter().filter(personal).map(|field| field.name.as_str());
    let blanks = collection.fields.iter().flat_map(|f| &f.references).flat_map(|r| &r.blank);
    let others = systems.iter().flat_map(|system| &system.map.collections);
    let referred = others
        .flat_map(|other| &other.fields)
        .flat_map(|field| &field.references)
        .filter(|reference| reference.to.collection == collection.name)
        .flat_map(|reference| std::iter::once(&reference.to.field).chain(&reference.blank));
    let names = own.chain(blanks.chain(referred).map(String::as_str)).chain(collection.meaning.columns());
    names.map(|name| collection.column_of(name).to_owned()).collect()
}
