//! `dsr/act/v1`: one act of destruction, whole. Categories and counts, never values; the person by a random
//! number only.
//!
//! | file | what |
//! |---|---|
//! | `json` | the promise: names, types, order |
//! | `tables` | rows that terminal, CSV and HTML share |
//! | `html` | what the commission signs |
//! | `people` | what people did in places that no program reaches |

mod html;
mod json;
mod people;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::{
    domain::{Duty, DutyKind, Reason, Result, Right, SubjectId},
    render::{
        Answer, Block, Sheet, Words,
        answer::{
            duty::awaited,
            plan::{Part, systems},
        },
    },
    store::{
        Seal,
        destroy::{Destruction, METHOD},
    },
};

/// What no method reaches that works on the files of the store.
const NOT_REACHED: [&str; 5] =
    ["backups", "file-system snapshots", "spare blocks of an SSD", "other systems", "copies handed out"];

/// The same with the systems that people keep, of an act of a nightly run: place, and the categories it may hold; and
/// with systems that were given up while a night was in them: records of which nobody can say what became of them.
pub fn not_reached(beyond: &[(String, Vec<String>)], unconfirmed: &[(String, String, u64)]) -> Vec<String> {
    let by_hand = beyond.iter().map(|(place, categories)| format!("{place}: {}", categories.join(", ")));
    let lost = by_system(unconfirmed, str::to_owned);
    let lost = lost.into_iter().map(|(system, what)| format!("{system}: not confirmed ({what})"));
    NOT_REACHED.iter().map(|&place| place.to_owned()).chain(by_hand).chain(lost).collect()
}

/// Each system with its records, `contact 1, usage 4`, the categories in the words of a reader.
fn by_system(records: &[(String, String, u64)], word: impl Fn(&str) -> String) -> BTreeMap<&str, String> {
    let mut all = BTreeMap::<&str, Vec<String>>::new();
    for (system, category, n) in records {
        all.entry(system).or_default().push(format!("{} {n}", word(category)));
    }
    all.into_iter().map(|(system, what)| (system, what.join(", "))).collect()
}

/// An act with what the rules and the register say about it.
pub struct ActAnswer {
    /// The act.
    pub act: Destruction,
    /// The company's name.
    pub name: String,
    /// Its BIN, where known.
    pub bin: Option<String>,
    /// The person responsible, where the officer's file names one.
    pub responsible: Option<String>,
    /// The person of the case.
    pub subject: Option<SubjectId>,
    /// What was asked in the case.
    pub right: Option<Right>,
    /// What people have to do for the same request: systems by hand, recipients to tell.
    pub duties: Vec<Duty>,
    /// What the same request did in other systems, and what their engines keep beneath.
    pub elsewhere: Vec<Part>,
    /// The rules that ended the data, with clause and article.
    pub basis: Vec<Reason>,
    /// The rules of what was kept, as far as the policy knows them.
    pub keeping: Vec<Reason>,
    /// Which of the categories are biometric: they have a line of their own.
    pub biometric: BTreeSet<String>,
    /// Systems that people keep, with the categories that a nightly run destroyed here and not there.
    pub beyond: Vec<(String, Vec<String>)>,
    /// Records that a night began in a system that was given up then: system, category and number.
    pub unconfirmed: Vec<(String, String, u64)>,
    /// Whether people and time are invented.
    pub drill: bool,
    /// The head of the log that has its entries.
    pub seal: Seal,
}

impl ActAnswer {
    /// Of these, biometric.
    fn biometric_records(&self) -> u64 {
        self.act
            .counts
            .iter()
            .filter(|(category, _)| self.biometric.contains(*category))
            .map(|(_, n)| n)
            .sum()
    }

    /// A correction replaces values and leaves the records.
    fn replaces_values(&self) -> bool {
        self.right == Some(Right::Rectify)
    }

    /// Whether only people destroyed anything. Then this program claims nothing of it: no method, no level, no scan.
    fn is_by_hand(&self) -> bool {
        self.act.is_by_hand(&self.duties)
    }

    /// Other systems and recipients; a task beside them ends no data.
    fn elsewhere(&self) -> impl Iterator<Item = &Duty> {
        self.duties.iter().filter(|duty| duty.what.kind != DutyKind::Task)
    }

    fn day(&self) -> NaiveDate {
        self.act.finished.unwrap_or(self.act.started).day()
    }

    fn state(&self) -> &'static str {
        if self.act.finished.is_some() { "destroyed" } else { "pending" }
    }

    /// Whether people alone were to destroy, and everything was taken back.
    fn is_empty(&self) -> bool {
        let mut steps = self.duties.iter().filter(|duty| duty.what.kind == DutyKind::Manual).peekable();
        self.act.counts.is_empty() && steps.peek().is_some() && steps.all(|duty| duty.recalled)
    }

    /// Why it is not finished: its bytes, a step that people have to do, or one in another system.
    fn pending(&self, words: &Words) -> Option<String> {
        let open = |duty: &&Duty| duty.what.kind == DutyKind::Manual && duty.is_open();
        match (self.act.finished, self.duties.iter().filter(open).min_by_key(|duty| duty.is_halted())) {
            (Some(_), _) => self.is_empty().then(|| words.say("act-nothing")),
            (None, Some(duty)) if (self.act.is_clean() || self.is_by_hand()) && duty.is_halted() => {
                let values = [("step", duty.step.into()), ("waits", awaited(duty, words).into())];
                Some(words.say_with("act-pending-halted", &values))
            }
            (None, Some(duty)) if self.is_by_hand() => {
                Some(words.say_with("act-pending-by-hand", &[("step", duty.step.into())]))
            }
            (None, Some(duty)) if self.act.is_clean() => {
                Some(words.say_with("act-pending-step", &[("step", duty.step.into())]))
            }
            (None, None) if self.act.is_clean() && self.elsewhere.iter().any(|part| part.state == "open") => {
                Some(words.say("act-pending-system"))
            }
            (None, _) => Some(words.say("act-pending")),
        }
    }

    /// The rule behind what was kept.
    fn reason(&self, rule: &str) -> Option<&Reason> {
        self.keeping.iter().find(|reason| reason.rule == rule)
    }

    fn entries(&self) -> Vec<u64> {
        [self.act.seq, self.act.done_seq].into_iter().flatten().collect()
    }

    fn method(&self, words: &Words) -> String {
        if self.act.method == METHOD { words.say("act-method") } else { self.act.method.clone() }
    }

    /// What the method of this program does not reach; where it had none, nothing is measured by it.
    fn out_of_reach(&self) -> Vec<String> {
        if self.is_by_hand() { Vec::new() } else { not_reached(&self.beyond, &self.unconfirmed) }
    }

    fn not_reached(&self, words: &Words) -> Vec<String> {
        let spoken = |categories: &[String]| {
            categories.iter().map(|word| words.code("category", word)).collect::<Vec<_>>().join(", ")
        };
        let by_hand = self.beyond.iter().map(|(place, what)| format!("{place}: {}", spoken(what)));
        let always = NOT_REACHED.iter().map(|place| words.term("not-reached", &place.replace(' ', "-")));
        let lost = by_system(&self.unconfirmed, |category| words.code("category", category));
        let lost = lost.into_iter().map(|(system, what)| {
            words.say_with("act-unconfirmed", &[("system", system.into()), ("what", what.into())])
        });
        always.chain(by_hand).chain(lost).collect()
    }

    fn scan(&self, words: &Words) -> String {
        let Some(scan) = &self.act.scan else { return words.say("act-scan-none") };
        let residue = scan.residue + scan.structural_nonzero + u64::from(scan.journal > 0);
        let key = if scan.is_clean() { "act-scan-clean" } else { "act-scan-residue" };
        words.say_with(
            key,
            &[("files", scan.files.into()), ("bytes", scan.bytes.into()), ("residue", residue.into())],
        )
    }
}

impl Answer for ActAnswer {
    fn schema(&self) -> &'static str {
        "dsr/act/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        json::body(self)
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let mut page = vec![Block::Heading(format!(
            "{} {} {}",
            words.say("act-title"),
            words.say("act-no"),
            self.act.number
        ))];
        page.extend(self.pending(words).map(Block::Warning));
        page.push(Block::Pairs(tables::head(self, words)));
        let parts = [
            ("act-basis", tables::basis(self, words)),
            ("act-what", tables::categories(self, words)),
            ("act-kept", tables::kept(self, words)),
            ("act-duties", people::duties(self, words)),
            ("plan-systems", systems(&self.elsewhere, words)),
        ];
        for (title, sheet) in parts.into_iter().filter(|(_, sheet)| !sheet.rows.is_empty()) {
            page.extend([Block::Heading(words.say(title)), Block::Table(sheet)]);
        }
        page.push(Block::Pairs(tables::proof(self, words)));
        page.push(Block::Heading(words.say("act-commission")));
        page.extend(
            tables::signatures(words)
                .into_iter()
                .map(|who| Block::Line(format!("{who}: ______________________"))),
        );
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        Some(tables::lines(self))
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("categories")
    }

    fn html(&self, words: &Words) -> Option<Result<String>> {
        Some(html::page(self, words))
    }
}
