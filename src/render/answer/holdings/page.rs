//! The answer as an officer reads it at a terminal.

use super::{Holdings, tables, terms};
use crate::{
    decide::access::{Dossier, Outside},
    render::{Block, Sheet, Words},
};

/// Heading, who asks whom, what is held, the requests.
pub(super) fn page(answer: &Holdings, words: &Words) -> Vec<Block> {
    let mut page = vec![Block::Heading(answer.title(words))];
    if answer.is_draft() {
        page.push(Block::Warning(answer.draft(words)));
    }
    page.push(Block::Pairs(head(answer, words)));
    match &answer.dossier {
        None => page.push(Block::Line(answer.nothing(words))),
        Some(dossier) => held(&mut page, answer, dossier, words),
    }
    page.push(Block::Line(answer.searched.say(answer.day, words)));
    titled(&mut page, words.say("cases"), tables::cases(answer, words));
    page.push(Block::Line(words.say("free-of-charge")));
    page
}

fn head(answer: &Holdings, words: &Words) -> Vec<(String, String)> {
    let dossier = answer.dossier.as_ref();
    let pairs = [
        ("subject", dossier.map(|dossier| format!("id:{}", dossier.facts.subject))),
        ("controller", Some(answer.policy.name.clone())),
        ("policy", Some(answer.policy_name())),
        ("case", Some(answer.case.number.to_string())),
        ("received", Some(words.moment(answer.case.received))),
        ("due", Some(terms::due(&answer.case, words))),
        ("purposes", dossier.map(|dossier| terms::purposes(dossier, words).join(", "))),
        ("sources", dossier.map(|dossier| terms::sources(dossier, words).join(", "))),
        ("ways", dossier.map(|_| words.say("ways-both"))),
    ];
    pairs.into_iter().filter_map(|(label, value)| Some((words.say(label), value?))).collect()
}

fn held(page: &mut Vec<Block>, answer: &Holdings, dossier: &Dossier, words: &Words) {
    let count = words.say_with("n-records", &[("n", dossier.held.len().into())]);
    titled(page, count, tables::records(answer, words));
    page.extend(dossier.outside.iter().map(|outside| Block::Line(left_out(outside, words))));
    titled(page, words.say("consents"), tables::consents(dossier, words));
    titled(page, words.say("recipients"), tables::disclosures(dossier, words));
}

/// `Not personal data (organisation): Organisation × 2 (MC-3.5)`
fn left_out(outside: &Outside, words: &Words) -> String {
    let category = words.term("category", outside.category.as_str());
    format!("{}: {category} × {} ({})", words.say("not-personal"), outside.count, outside.why.rule)
}

/// A table under its heading; nothing where it has no rows.
fn titled(page: &mut Vec<Block>, title: String, sheet: Sheet) {
    if !sheet.rows.is_empty() {
        page.extend([Block::Heading(title), Block::Table(sheet)]);
    }
}
