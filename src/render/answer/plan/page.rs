//! A plan as the officer reads it, in their language.

use super::{GapLine, Line, PlanAnswer, RefusalLine, gap};
use crate::{
    domain::{
        Decision,
        plan::{Wait, Waiting},
    },
    render::{Block, Lang, Sheet, Words},
    store::facts::OWN,
};

/// The whole page.
pub(super) fn page(answer: &PlanAnswer, words: &Words) -> Vec<Block> {
    let mut page = vec![Block::Heading(answer.title(words)), Block::Pairs(answer.pairs(words))];
    page.extend(answer.nothing_to_do().map(|key| Block::Line(words.say(key))));
    if answer.subject.is_none() {
        let by = words.term("searched-by", answer.searched);
        page.push(Block::Line(words.say_with("plan-searched", &[("by", by.into())])));
    }
    answer.tables(&mut page, words);
    if let Some(refusal) = &answer.refusal {
        page.push(Block::Warning(refused(refusal, words)));
        page.push(Block::Next(vec![words.phrase(&refusal.todo)]));
    }
    if let Some(outcome) = answer.outcome() {
        page.extend(outcome.page(words));
    }
    page
}

impl PlanAnswer {
    fn title(&self, words: &Words) -> String {
        let right = words.term("right", self.right);
        let key = match (self.outcome().is_some(), self.plan.decision) {
            (false, _) => "plan-title",
            (true, Decision::Refuse) => "plan-title-refused",
            (true, Decision::Partial) => "plan-title-part",
            (true, Decision::Grant) => "plan-title-done",
        };
        words.say_with(key, &[("right", right.into()), ("controller", self.controller.clone().into())])
    }

    fn nothing_to_do(&self) -> Option<&'static str> {
        match (self.already_done, &self.subject) {
            (true, None) => Some("plan-nobody"),
            (true, Some(_)) => Some("plan-already"),
            (false, _) if self.plan.steps.is_empty() => Some("plan-nothing-now"),
            (false, _) => None,
        }
    }

    fn pairs(&self, words: &Words) -> Vec<(String, String)> {
        let decision = words.say(&format!("decision-{}", self.plan.decision));
        let day = |day: &Option<String>| day.as_ref().map(|day| words.iso(day));
        let pairs = [
            ("decision", Some(decision)),
            ("plan-subject", self.subject.as_ref().map(|id| format!("id:{id}"))),
            ("plan-due", day(&self.due)),
            ("plan-target", day(&self.target)),
        ];
        pairs.into_iter().filter_map(|(label, value)| Some((words.say(label), value?))).collect()
    }

    fn tables(&self, page: &mut Vec<Block>, words: &Words) {
        for (title, lines, stays) in [("plan-done", self.steps(), false), ("plan-kept", self.kept(), true)] {
            if !lines.is_empty() {
                page.push(Block::Heading(words.say(title)));
                page.push(Block::Table(table(&lines, stays, words)));
            }
        }
        page.extend(self.plan.gaps.iter().map(|one| Block::Warning(unruled(&gap(one), words))));
        page.extend(self.plan.waits.iter().map(|one| Block::Warning(waiting(one, words))));
        page.extend(self.first.clone().map(|first| Block::Next(vec![first])));
    }
}

fn unruled(gap: &GapLine<'_>, words: &Words) -> String {
    let category = gap.category.map_or_else(|| "–".to_owned(), |word| words.term("category", word));
    let category = if words.lang() == Lang::En { gap.category.unwrap_or("–").to_owned() } else { category };
    let missing = words.phrase(gap.missing);
    if gap.category.is_none() && gap.count == 0 {
        return words.say_with("plan-look", &[("missing", missing.into())]);
    }
    words.say_with(
        "plan-gap",
        &[("category", category.into()), ("n", gap.count.into()), ("missing", missing.into())],
    )
}

fn waiting(one: &Wait, words: &Words) -> String {
    let name = |name: String| [("name", name.into())];
    let on = match &one.on {
        Waiting::Obligation(reference) => words.say_with("wait-obligation", &name(reference.clone())),
        Waiting::Block(case) => words.say_with("wait-block", &name(case.to_string())),
        Waiting::Document => words.say("wait-document"),
        Waiting::Answer(case) => words.say_with("wait-answer", &name(case.to_string())),
        Waiting::Hold(number) => words.say_with("wait-hold", &name(number.clone())),
        Waiting::Correction(case) => words.say_with("wait-correction", &name(case.to_string())),
    };
    let reopens = words.phrase(&one.reopens);
    let wait = words.say_with("plan-wait", &[("on", on.into()), ("reopens", reopens.into())]);
    match one.statutory {
        Some(day) => words.say_with("plan-wait-by", &[("wait", wait.into()), ("day", words.day(day).into())]),
        None => wait,
    }
}

fn refused(refusal: &RefusalLine, words: &Words) -> String {
    let says = words.reason(&refusal.ground, &refusal.says);
    let ground = refusal.ground.clone();
    let refused = words.say_with("plan-refused", &[("ground", ground.into()), ("says", says.into())]);
    match &refusal.by {
        Some(day) => {
            words.say_with("plan-refused-by", &[("refused", refused.into()), ("day", words.iso(day).into())])
        }
        None => refused,
    }
}

fn table(lines: &[Line<'_>], stays: bool, words: &Words) -> Sheet {
    let titles = ["action", "what", "n", "rule", "why", "until"].map(|key| words.say(&format!("plan-{key}")));
    let mut sheet = Sheet::new(std::iter::once(String::new()).chain(titles));
    for line in lines {
        let category = line.category.map(|category| words.term("category", category));
        // Columns of another system stay as they are: whoever looks there looks for them.
        let own =
            |field: &String| if line.system == OWN { words.code("field", field) } else { field.clone() };
        let fields =
            (!line.fields.is_empty()).then(|| line.fields.iter().map(own).collect::<Vec<_>>().join(", "));
        let about = line.about.iter().map(|about| spoken(about, line.action, words));
        // A system of people is named by its task, or as the place where something stays; one with tables by the table.
        let table = !line.collection.is_empty();
        let on_paper = line.category.is_some() && line.count == 0;
        let place = (line.system != OWN && (table || on_paper || stays))
            .then(|| format!("{} {}", line.system, line.collection).trim_end().to_owned());
        let what = place.into_iter().chain(category).chain(fields).chain(about).collect::<Vec<_>>();
        let clause = line.clause.map(|clause| format!(" § {clause}")).unwrap_or_default();
        let law = line.law.map(|law| format!(", {}", words.law(law))).unwrap_or_default();
        sheet.push([
            line.effect.map(|n| format!("{n}.")).unwrap_or_default(),
            words.term("action", line.action),
            what.join(": "),
            if line.count == 0 { String::new() } else { line.count.to_string() },
            format!("{}{clause}{law}", line.rule),
            words.reason(line.rule, line.reason),
            line.until.as_deref().map(|day| words.iso(day)).unwrap_or_default(),
        ]);
    }
    sheet
}

/// What a step is about: a purpose by its name, a task by its sentence; names of recipients stay as they are.
fn spoken(about: &str, action: &str, words: &Words) -> String {
    if words.lang() != Lang::En && matches!(action, "suppress" | "unblock") {
        return words.term("purpose", about);
    }
    words.phrase(about)
}
