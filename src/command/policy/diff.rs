//! `dsr policy diff`: what a new version changes for people.

use std::path::Path;

use super::{
    Outcome,
    world::{self, World},
};
use crate::{
    command::Exit,
    domain::{Error, Result},
    policy::{
        Library,
        diff::{self, Change},
        model::Policy,
    },
    render::{Cell, Head, Words},
};

/// Say what a new version of a policy changes, the significant first
///
/// Each change has a class: new_purpose, new_basis, new_recipient, new_country, new_data, longer_retention,
/// weaker_ban and shorter_right are significant, so people are told of them and a new purpose needs a new consent;
/// the others are not.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy diff old/automaster.yaml automaster\n  dsr policy diff mycar new/mycar.yaml --format json\n"
)]
pub struct Diff {
    /// The earlier version: a file, or a controller whose policy is in force
    before: String,
    /// The later version: a file, or a controller
    after: String,
}

impl Diff {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let (before, after) = (load(library, &self.before)?, load(library, &self.after)?);
        let changes = diff::diff(&before, &after);
        let words = world.spoken();
        let said = diff::diff_in(&before, &after, &words);
        let significant = changes.iter().filter(|change| change.class.is_significant()).count();
        let head = Head {
            schema: "dsr/policy-diff/v1",
            list: "changes",
            title: format!("{} ({}) → {} ({})", before.title, before.version, after.title, after.version),
            columns: &["class", "significant", "what", "rule", "before", "after"],
            members: vec![
                ("before_version", before.version.clone().into()),
                ("after_version", after.version.clone().into()),
                ("significant_count", significant.into()),
            ],
        };
        let mut rows = world.rows(head)?;
        for (change, said) in changes.iter().zip(&said) {
            rows.row(&[
                Cell::Word(change.class.as_str()),
                Cell::Flag(change.class.is_significant()),
                Cell::Said(change.what.clone(), what(said, &words)),
                Cell::text(&change.rule),
                both(change.before.as_ref(), said.before.as_ref()),
                both(change.after.as_ref(), said.after.as_ref()),
            ])?;
        }
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

fn both(plain: Option<&String>, said: Option<&String>) -> Cell {
    let pair = plain.zip(said);
    pair.map_or(Cell::Nothing, |(plain, said)| Cell::Said(plain.clone(), said.clone()))
}

/// What a change is about, in words. Recipients of a version that nobody translated are called as it calls them.
fn what(change: &Change, words: &Words) -> String {
    match (change.group, change.what.split_once('.')) {
        ("recipient", _) => change.name.clone().unwrap_or_else(|| change.what.clone()),
        ("field", Some((category, field))) => {
            format!("{}.{}", words.code("category", category), words.code("field", field))
        }
        ("field", None) if words.known("field", &change.what).is_none() => {
            words.code("category", &change.what)
        }
        ("category", _) => {
            let categories = change.what.split(", ").map(|word| words.code("category", word));
            categories.collect::<Vec<_>>().join(", ")
        }
        (group, _) => words.code(group, &change.what),
    }
}

/// A policy by the file it stands in, or by the controller it is in force for.
pub(super) fn load(library: &Library, given: &str) -> Result<Policy> {
    if library.controllers().iter().any(|id| id == given) {
        return Ok(library.rulebook(given)?.policy);
    }
    let path = Path::new(given);
    if !path.exists() {
        return Err(Error::usage(format!("`{given}` is neither a file nor a controller"))
            .hint("`dsr policy diff OLD.yaml NEW.yaml`, or a controller for what is in force"));
    }
    let text = world::read(path)?;
    let id = text.lines().find_map(|line| line.strip_prefix("policy:")).unwrap_or_default().trim().to_owned();
    let mut library = library.clone();
    library.replace(&format!("{id}.yaml"), given, text);
    Ok(library.rulebook(&id)?.policy)
}
