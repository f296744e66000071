//! The same answer as lines and tables for a terminal, and as rows.

use super::{
    holdings::{CaseLine, Form, Holdings, field_names, restricted_until, verdict_word},
    holdings_terms::{citation, notes, reference, said, term},
};
use crate::{
    decide::access::{Dossier, Held},
    render::{Block, Sheet, Words},
};

/// The rows: one a record, with the rule that keeps it.
pub fn sheet(answer: &Holdings) -> Sheet {
    let mut sheet = Sheet::new([
        "id",
        "category",
        "system",
        "source",
        "purposes",
        "collected_at",
        "verdict",
        "keep_until",
        "rule",
        "clause",
        "law",
        "blocked",
        "restricted_until",
        "excess",
        "data",
        "annotations",
    ]);
    for held in answer.dossier.iter().flat_map(|dossier| &dossier.held) {
        let why = held.verdict.reason();
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        sheet.push([
            reference(&held.record),
            held.record.category.to_string(),
            held.record.system.clone(),
            held.record.source.clone(),
            joined(held),
            held.record.collected_at.rfc3339(),
            verdict_word(&held.verdict).to_owned(),
            held.verdict.until().map(|day| day.to_string()).unwrap_or_default(),
            text(why.map(|why| &why.rule)),
            text(why.and_then(|why| why.clause.as_ref())),
            text(why.and_then(|why| why.law.as_ref())),
            held.blocked_by.is_some().to_string(),
            restricted_until(held).unwrap_or_default(),
            held.excess.to_string(),
            if answer.form == Form::Export {
                held.record.data.clone()
            } else {
                field_names(&held.record).join("|")
            },
            annotations(held, answer.form),
        ]);
    }
    sheet
}

/// The notes beside a record as rows hold them: `amount=5`; without values in an access answer.
fn annotations(held: &Held, form: Form) -> String {
    let line = |(field, note, _): &(String, String, crate::domain::Moment)| match form {
        Form::Export => format!("{field}={}", said(note)),
        Form::Access => field.clone(),
    };
    held.record.annotations.iter().map(line).collect::<Vec<_>>().join("|")
}

fn joined(held: &Held) -> String {
    held.record.purposes.iter().map(|purpose| purpose.as_str()).collect::<Vec<_>>().join("|")
}

/// What the officer reads.
pub fn page(answer: &Holdings, words: &Words) -> Vec<Block> {
    let mut page = vec![Block::Heading(words.say(match answer.form {
        Form::Access => "access-title",
        Form::Export => "export-title",
    }))];
    if answer.is_draft() {
        page.push(Block::Warning(words.say("draft")));
    }
    page.push(Block::Pairs(head(answer, words)));
    match &answer.dossier {
        None => page.push(Block::Line(words.say("nothing-held"))),
        Some(dossier) => body(&mut page, answer, dossier, words),
    }
    page.push(Block::Heading(words.say("cases")));
    page.push(Block::Table(cases(&answer.cases(), words)));
    page.push(Block::Line(words.say("free-of-charge")));
    page
}

fn head(answer: &Holdings, words: &Words) -> Vec<(String, String)> {
    let mut pairs = vec![
        (words.say("controller"), answer.policy.name.clone()),
        (words.say("policy"), format!("{} {}", answer.policy.id, answer.policy.version)),
        (words.say("case"), answer.case.number.clone()),
        (words.say("received"), answer.case.received(words)),
        (words.say("due"), answer.case.due(words)),
    ];
    if let Some(dossier) = &answer.dossier {
        pairs.insert(0, (words.say("subject"), format!("id:{}", dossier.facts.subject)));
    }
    pairs
}

fn body(page: &mut Vec<Block>, answer: &Holdings, dossier: &Dossier, words: &Words) {
    let purposes = dossier.purposes().into_iter().map(|p| words.term("purpose", p.as_str()));
    let sources = dossier.sources().into_iter().map(|source| words.term("source", source));
    page.push(Block::Pairs(vec![
        (words.say("purposes"), purposes.collect::<Vec<_>>().join(", ")),
        (words.say("sources"), sources.collect::<Vec<_>>().join(", ")),
        (words.say("ways"), words.say("ways-both")),
    ]));
    let count = dossier.held.len();
    page.push(Block::Heading(words.say_with("n-records", &[("n", count.into())])));
    page.push(Block::Table(records(answer, dossier, words)));
    for (category, count, why) in &dossier.outside {
        let category = words.term("category", category.as_str());
        page.push(Block::Line(format!("{}: {category} × {count} ({})", words.say("not-personal"), why.rule)));
    }
    if !dossier.facts.disclosures.is_empty() {
        page.push(Block::Heading(words.say("recipients")));
        page.push(Block::Table(disclosures(dossier, words)));
    }
}

fn records(answer: &Holdings, dossier: &Dossier, words: &Words) -> Sheet {
    let titles = ["record", "category", "source", "collected", "stored-until", "rule", "data"];
    let mut sheet = Sheet::new(titles.map(|key| words.say(key)));
    for held in &dossier.held {
        let mut shown = if answer.form == Form::Export {
            held.record.data.clone()
        } else {
            field_names(&held.record).join(", ")
        };
        for note in notes(&held.record, answer.form, words) {
            shown.push_str(&format!("; {}: {note}", words.say("noted")));
        }
        sheet.push([
            reference(&held.record),
            words.term("category", held.record.category.as_str()),
            words.term("source", &held.record.source),
            words.day(held.record.collected_at.day()),
            term(held, words),
            cited(held, words),
            shown,
        ]);
    }
    sheet
}

fn cited(held: &Held, words: &Words) -> String {
    held.verdict.reason().map_or_else(|| "–".into(), |why| citation(why, words))
}

fn disclosures(dossier: &Dossier, words: &Words) -> Sheet {
    let titles = ["recipient", "country", "data", "purpose", "basis", "date"];
    let mut sheet = Sheet::new(titles.map(|key| words.say(key)));
    for one in &dossier.facts.disclosures {
        let categories = one.categories.iter().map(|category| words.term("category", category.as_str()));
        sheet.push([
            one.recipient.clone(),
            one.country.clone(),
            categories.collect::<Vec<_>>().join(", "),
            words.term("purpose", one.purpose.as_str()),
            one.basis.clone(),
            words.day(one.at.day()),
        ]);
    }
    sheet
}

/// The cases of the person as rows.
pub fn cases(cases: &[CaseLine], words: &Words) -> Sheet {
    let titles = ["number", "right", "received", "due", "state"];
    let mut sheet = Sheet::new(titles.map(|key| words.say(key)));
    for case in cases {
        sheet.push([
            case.number.clone(),
            words.term("right", &case.right),
            case.received(words),
            case.due(words),
            words.term("state", &case.state),
        ]);
    }
    sheet
}
