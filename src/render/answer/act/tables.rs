//! The act's rows: in words for people, in keys for CSV.

use super::{ActAnswer, people};
use crate::{
    domain::{Duty, DutyKind},
    render::{Sheet, Words},
    store::facts::OWN,
};

/// Who, when, on which request.
pub(super) fn head(answer: &ActAnswer, words: &Words) -> Vec<(String, String)> {
    let act = &answer.act;
    let case = act.case.as_ref().map(|case| match answer.right {
        Some(right) => format!("{case} ({})", words.term("right", right.as_str())),
        None => case.to_string(),
    });
    let pairs = [
        ("act-date", Some(words.day(answer.day()))),
        ("act-place", Some("______________________".to_owned())),
        ("controller", Some(answer.name.clone())),
        ("bin", answer.bin.clone()),
        ("responsible", answer.responsible.clone()),
        ("case", case),
        ("act-run", act.run.map(|run| run.to_string())),
        ("act-why", (act.cause() == "restore").then(|| words.say("act-again"))),
        ("subject", answer.subject.map(|id| format!("id:{id}"))),
        (if answer.is_by_hand() { "act-ordered" } else { "act-started" }, Some(words.moment(act.started))),
        ("act-finished", act.finished.map(|at| words.moment(at))),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some((words.say(key), value?))).collect()
}

/// The rules that ended the data.
pub(super) fn basis(answer: &ActAnswer, words: &Words) -> Sheet {
    let columns = ["rule", "act-clause", "act-law", "act-says"];
    let mut sheet = Sheet::new(columns.iter().map(|key| words.say(key)));
    for reason in &answer.basis {
        let law = reason.law.as_deref().map(|law| words.law(law)).unwrap_or_default();
        let says = words.reason(&reason.rule, &reason.says);
        sheet.push([reason.rule.clone(), reason.clause.clone().unwrap_or_default(), law, says]);
    }
    sheet
}

/// Categories and counts, the sum, and the biometric line apart; of what only people destroyed, what they did.
pub(super) fn categories(answer: &ActAnswer, words: &Words) -> Sheet {
    if answer.is_by_hand() {
        return people::sheet(answer, words);
    }
    let mut sheet = Sheet::new(["category", "act-records"].map(|key| words.say(key)));
    let ordinary = answer.act.counts.iter().filter(|(category, _)| !answer.biometric.contains(*category));
    for (category, records) in ordinary {
        sheet.push([words.term("category", category), records.to_string()]);
    }
    // What people destroyed has no count: its place says that there was some.
    let biometric = match (answer.biometric_records(), people::biometric(answer)) {
        (0, places) if places.is_empty() => words.say("act-biometric-none"),
        (0, places) => places,
        (records, places) if places.is_empty() => records.to_string(),
        (records, places) => format!("{records}, {places}"),
    };
    sheet.push([words.say("act-biometric"), biometric]);
    sheet.push([words.say("act-total"), answer.act.records().to_string()]);
    sheet
}

/// What stayed.
pub(super) fn kept(answer: &ActAnswer, words: &Words) -> Sheet {
    let keys = ["category", "act-records", "rule", "act-clause", "act-law", "act-until"];
    let mut sheet = Sheet::new(keys.map(|key| words.say(key)));
    for line in &answer.act.kept {
        let reason = answer.reason(&line.rule);
        let until = line.until.as_deref().map(|day| day.parse().map_or(day.to_owned(), |day| words.day(day)));
        let law = reason.and_then(|reason| reason.law.as_deref()).map(|law| words.law(law));
        sheet.push([
            words.term("category", &line.category),
            line.count.to_string(),
            line.rule.clone(),
            reason.and_then(|reason| reason.clause.clone()).unwrap_or_default(),
            law.unwrap_or_default(),
            until.unwrap_or_default(),
        ]);
    }
    sheet
}

/// Method, level, what neither reaches, what the scan saw, where the log says it.
pub(super) fn proof(answer: &ActAnswer, words: &Words) -> Vec<(String, String)> {
    if answer.is_by_hand() {
        return people::proof(answer, words);
    }
    let entries: Vec<String> = answer.entries().iter().map(|seq| format!("{seq}")).collect();
    // A run has an entry for each of its batches.
    let between = if answer.act.run.is_some() { " … " } else { ", " };
    let pairs = [
        ("act-system", words.say("act-system-own")),
        ("act-method-label", answer.method(words)),
        ("act-level", answer.act.reached().map_or_else(|| words.say("act-level-none"), str::to_owned)),
        ("act-not-reached", answer.not_reached(words).join("; ")),
        ("act-scan", answer.scan(words)),
        ("act-audit", entries.join(between)),
        ("act-head", answer.seal.short()),
    ];
    let key = answer.seal.key.iter().map(|key| ("act-key", key.clone()));
    pairs.into_iter().chain(key).map(|(key, value)| (words.say(key), value)).collect()
}

/// Three sign: the law file asks for two or three.
pub(super) fn signatures(words: &Words) -> [String; 3] {
    ["act-chair", "act-member", "act-member"].map(|key| words.say(key))
}

const COLUMNS: [&str; 8] = ["part", "name", "value", "records", "rule", "clause", "law", "until"];

/// One line a fact: the stable rows of the CSV form.
pub(super) fn lines(answer: &ActAnswer) -> Sheet {
    let mut sheet = Sheet::new(COLUMNS);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    facts(answer).into_iter().for_each(|(name, value)| {
        sheet.push(["act", name, &value, "", "", "", "", ""]);
    });
    for reason in &answer.basis {
        sheet.push([
            "basis",
            "",
            &reason.says,
            "",
            &reason.rule,
            &text(&reason.clause),
            &text(&reason.law),
            "",
        ]);
    }
    for (category, records) in &answer.act.counts {
        let part = if answer.biometric.contains(category) { "biometric" } else { "category" };
        sheet.push([part, category, "", &records.to_string(), "", "", "", ""]);
    }
    for line in &answer.act.kept {
        let reason = answer.reason(&line.rule);
        let clause = reason.and_then(|reason| reason.clause.clone()).unwrap_or_default();
        let law = reason.and_then(|reason| reason.law.clone()).unwrap_or_default();
        let count = line.count.to_string();
        sheet.push(["kept", &line.category, "", &count, &line.rule, &clause, &law, &text(&line.until)]);
    }
    for duty in answer.elsewhere() {
        let done = duty.done.filter(|_| duty.is_done()).map(|at| at.rfc3339());
        let until = duty.what.due.map(|day| day.to_string());
        let value = done.unwrap_or_default();
        sheet.push([duty.what.kind.as_str(), &duty.what.place, &value, "", "", "", "", &text(&until)]);
        came_as_rows(duty).iter().for_each(|(part, value)| {
            sheet.push([*part, &duty.what.place, value.as_str(), "", "", "", "", ""]);
        });
    }
    for place in answer.out_of_reach() {
        sheet.push(["not_reached", &place, "", "", "", "", "", ""]);
    }
    sheet
}

/// What came of a step by hand, its proof, and who wrote it down.
fn came_as_rows(duty: &Duty) -> Vec<(&'static str, String)> {
    let evidence = duty.evidence.as_ref().map(ToString::to_string);
    let (proof, recalled) = if duty.recalled { (None, evidence) } else { (evidence, None) };
    let found = duty.found.map(|found| if found { "found" } else { "nothing" }.to_owned());
    let all = [("found", found), ("evidence", proof), ("recalled", recalled), ("by", duty.by.clone())];
    let by_hand = all.into_iter().filter(|_| duty.what.kind == DutyKind::Manual);
    by_hand.filter_map(|(part, value)| Some((part, value?))).collect()
}

fn facts(answer: &ActAnswer) -> Vec<(&'static str, String)> {
    let act = &answer.act;
    let number = |n: Option<u64>| n.map(|n| n.to_string());
    let claims = !answer.is_by_hand();
    let scan = act.scan.as_ref().filter(|_| claims);
    let facts = [
        ("number", Some(act.number.clone())),
        ("state", Some(answer.state().to_owned())),
        ("controller", Some(act.controller.clone())),
        ("bin", answer.bin.clone()),
        ("started", Some(act.started.rfc3339())),
        ("finished", act.finished.map(|at| at.rfc3339())),
        ("cause", Some(act.cause().to_owned())),
        ("case", act.case.as_ref().map(ToString::to_string)),
        ("right", answer.right.map(|right| right.to_string())),
        ("run", act.run.map(|run| run.to_string())),
        ("subject", answer.subject.map(|id| id.to_string())),
        ("by_hand", (!claims).then(|| "true".to_owned())),
        ("records", number(Some(act.records()).filter(|_| claims))),
        ("register_rows", number(Some(act.register_rows()).filter(|_| claims))),
        ("biometric", number(Some(answer.biometric_records()).filter(|_| claims))),
        ("system", Some(OWN.to_owned()).filter(|_| claims)),
        ("method", Some(act.method.clone()).filter(|_| claims)),
        ("level", act.reached().filter(|_| claims).map(str::to_owned)),
        ("scanned_files", number(scan.map(|scan| scan.files))),
        ("scanned_bytes", number(scan.map(|scan| scan.bytes))),
        ("residue", number(scan.map(|scan| scan.residue + scan.structural_nonzero))),
        ("audit_effects", number(act.seq)),
        ("audit_destroyed", number(act.done_seq)),
        ("audit_head", Some(answer.seal.short())),
        ("public_key", answer.seal.key.clone()),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
