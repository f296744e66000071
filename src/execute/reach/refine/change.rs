//! What is corrected, noted or withdrawn in another system, and what people do there by hand.

use super::{Exact, Lens, fit, is_shared, meant};
use crate::{
    decide::rectify,
    domain::{Action, Category, RecordKey, Step},
    system::{
        map::Field,
        project::{RowOf, columns_of},
    },
};

impl Exact<'_> {
    pub(super) fn rectify(&mut self, template: &Step, key: RecordKey) {
        let Some((_, row, category)) = self.lens.row(key) else { return };
        let (row, category) = (row.clone(), category.clone());
        let fields = columns_of(self.lens.node(&row), &category).into_iter();
        let (free, fixed): (Vec<_>, Vec<_>) = fields
            .filter(|(_, field)| !field.is_inside() && !field.generated)
            .filter(|(_, field)| template.fields.contains(field.field.as_ref().unwrap_or(&field.name)))
            .partition(|(_, field)| !field.read_only && !field.primary_key);
        let (takes, refuses): (Vec<_>, Vec<_>) =
            free.into_iter().partition(|(_, field)| self.lens.takes(field, &category));
        let names = |fields: Vec<(usize, &Field)>| -> Vec<String> {
            fields.iter().map(|(place, _)| self.lens.node(&row).columns[*place].clone()).collect()
        };
        let (columns, refusing, fixed) = (names(takes), names(refuses), names(fixed));
        let all: Vec<String> = [&columns[..], &refusing, &fixed].concat();
        if is_shared(&row) {
            return self.keep_shared(template.action, &row, &category, key);
        }
        if self.lens.node(&row).is_keyless() {
            return self.without_key(template, &row, &category);
        }
        if self.lens.is_of_others(&row, &all, &category, &template.fields) {
            return;
        }
        let place = self.lens.node(&row).collection.name.clone();
        if all.is_empty() {
            let task = format!("rectify: {category} in {place}: no column of the map takes the new value");
            return self.by_hand(template, &row, task);
        }
        if !refusing.is_empty() {
            let unfit = refusing.join(", ");
            let task = format!(
                "rectify: {category} in {place}: the new value does not fit {unfit}: have people do it"
            );
            self.by_hand(template, &row, task);
        }
        if !fixed.is_empty() {
            let fixed = fixed.join(", ");
            let task = format!(
                "rectify: {category} in {place}: the map lets nobody change {fixed}: have people do it"
            );
            self.by_hand(template, &row, task);
        }
        if columns.is_empty() {
            return;
        }
        let step = self.at(template, &row, key, columns);
        self.push(step);
    }

    pub(super) fn annotate(&mut self, template: &Step, key: RecordKey) {
        let Some((_, row, category)) = self.lens.row(key) else { return };
        let row = row.clone();
        let task = format!(
            "annotate: {category} in {}: add a note to the document",
            self.lens.node(&row).collection.name
        );
        self.by_hand(template, &row, task);
    }

    pub(super) fn withdraw(&mut self, template: &Step, key: RecordKey) {
        let Some(nth) = self.lens.remote.facts.rows.of_consent(key.id) else { return };
        let row = self.lens.remote.facts.rows.rows[nth].clone();
        let node = self.lens.node(&row);
        let source = node.collection.meaning.consent.as_ref();
        let column = source.and_then(|source| source.withdrawn_at.clone());
        match column.filter(|_| !node.is_keyless()) {
            Some(column) => {
                let key = RecordKey { id: key.id, version: row.version };
                let step = self.at(template, &row, key, vec![column]);
                self.push(step);
            }
            None => {
                let task = format!("withdraw: consent in {}: mark it withdrawn", node.collection.name);
                self.by_hand(template, &row, task);
            }
        }
    }

    pub(super) fn by_hand(&mut self, template: &Step, row: &RowOf, task: String) {
        let node = self.lens.node(row);
        let system = self.lens.remote.searched.get(node.system).cloned().unwrap_or_default();
        let (about, meant) = (vec![task], meant(template));
        let same =
            |known: &&mut Step| (&known.system, &known.about, &known.why) == (&system, &about, &template.why);
        if let Some(known) = self.manual.iter_mut().find(same) {
            known.meant.extend(meant);
            known.meant.sort();
            return known.meant.dedup();
        }
        let step = Step { system, about, meant, ..Step::new(Action::Manual, "", template.why.clone()) };
        self.manual.push(step);
    }

    /// No step means one row of a collection without a key: whatever is to be done there is people's. They are told by
    /// which columns the rows are found, never what stands in them.
    pub(super) fn without_key(&mut self, template: &Step, row: &RowOf, category: &Category) {
        let place = &self.lens.node(row).collection.name;
        let by = self.lens.found_by(row, &[]);
        let task = match template.action {
            Action::Rectify => {
                format!(
                    "rectify: {category} in {place}: its rows have no key: have people find them by {by} and do it"
                )
            }
            _ => {
                format!(
                    "destroy: {category} in {place}: its rows have no key: have people find them by {by} and do it"
                )
            }
        };
        self.by_hand(template, row, task);
    }
}

impl Lens<'_> {
    /// Whether a column takes the new value that is meant for it.
    fn takes(&self, field: &Field, category: &Category) -> bool {
        let name = field.field.as_ref().unwrap_or(&field.name);
        let mut meant =
            self.changes.iter().filter(|new| new.field == *name && new.category == category.as_str());
        meant.all(|new| fit::takes(field, &new.value))
    }

    /// The columns by which a row is found: those that name the person, but for what the plan masks, and those that refer
    /// to another row of theirs.
    pub(super) fn found_by(&self, row: &RowOf, masked: &[String]) -> String {
        let (graph, node) = (&self.remote.graph, self.node(row));
        let stands =
            |place: &&usize| row.found.cells[**place].0.is_some() && !masked.contains(&node.columns[**place]);
        let names = node.names.iter().map(|(place, _)| place).filter(stands);
        let names = names.map(|place| node.columns[*place].clone());
        let ties = row.found.via.iter().map(|nth| {
            let edge = &graph.edges[*nth];
            let from = &graph.nodes[edge.from];
            let (into, out) = (&node.columns[edge.into], &from.columns[edge.out]);
            format!("{into} = {}.{out}", from.collection.name)
        });
        names
            .chain(ties)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Whether a value is only held elsewhere: the map has a column for it here in which nothing stands. That it
    /// changes there is no reason to write it here.
    fn is_of_others(&self, row: &RowOf, columns: &[String], category: &Category, fields: &[String]) -> bool {
        let node = self.node(row);
        let stands = |column: &String| node.place(column).is_some_and(|at| row.found.cells[at].0.is_some());
        let held = || {
            let records = self.facts.records.iter().filter(|record| record.category == *category);
            records.into_iter().any(|record| fields.iter().any(|field| rectify::holds(record, field)))
        };
        !columns.is_empty() && !columns.iter().any(stands) && held()
    }
}
