//! `dsr/access/v1` and `dsr/export/v1`: what is held about a person, why, from where, how long, and
//! who got it. Access lists the fields; an export is the copy and holds the values.
//!
//! | file | what |
//! |---|---|
//! | `json` | the promise: names, types, order |
//! | `tables` | rows that terminal, CSV and HTML share |
//! | `page` | what the officer reads |
//! | `html` | what the person reads |
//! | `terms` | wording that they share |

mod html;
mod json;
mod page;
mod tables;
pub(in crate::render) mod terms;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use crate::{
    decide::access::{Dossier, Held},
    domain::{Result, Right, facts::CaseSummary},
    render::{Answer, Block, Sheet, Words, guard},
    store::AuditHead,
};

/// Which of the two answers it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The answer of art. 24: fields, not values.
    Access,
    /// The copy: with values.
    Export,
}

/// Controller and policy, as the head of an answer names them.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyCard {
    /// Policy id.
    pub id: String,
    /// Version or date of the policy.
    pub version: String,
    /// Digest of the policy file that decided.
    pub sha256: String,
    /// Controller's name.
    #[serde(skip)]
    pub name: String,
    /// Controller's BIN, where known.
    #[serde(skip)]
    pub bin: Option<String>,
    /// Where to write, as published.
    #[serde(skip)]
    pub contacts: Vec<String>,
    /// The person responsible (art. 25(2)(10)), where the officer's file names one.
    #[serde(skip)]
    pub responsible: Option<String>,
}

/// The answer about one person, or that nothing is held.
pub struct Holdings {
    /// Access or export.
    pub form: Form,
    /// Controller's id.
    pub controller: String,
    /// The policy.
    pub policy: PolicyCard,
    /// What was found; `None`: nothing is held.
    pub dossier: Option<Dossier>,
    /// How identity was confirmed; `None` makes the answer a draft.
    pub identity: Option<&'static str>,
    /// Why what was confirmed is too little, where it is: the answer is a draft then too.
    pub too_little: Option<&'static str>,
    /// Day of the answer.
    pub day: NaiveDate,
    /// Whether people and time are invented: a page on paper has no envelope to say so.
    pub drill: bool,
    /// The case it belongs to, as it stands after the answer.
    pub case: CaseSummary,
    /// The audit log before this entry.
    pub head: AuditHead,
    /// Where it was looked, and by what.
    pub searched: Searched,
    /// Articles behind rules that may be printed for the person to read.
    pub citations: BTreeMap<String, String>,
}

/// Where a person was looked for, and by what: an answer that nothing is held says it too.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Searched {
    /// The kind of name: `iin`, `phone`, `ref`; never the name itself.
    pub by: &'static str,
    /// Systems that the program searched.
    pub systems: Vec<String>,
    /// Systems that people have to search: the answer is not whole before they have.
    pub by_hand: Vec<String>,
    /// What people found where they searched.
    pub found: Vec<Found>,
}

/// What people found in a system that no program searches.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The system.
    pub system: String,
    /// What, in their words.
    pub says: String,
}

impl Found {
    /// System and words.
    pub fn of((system, says): (String, String)) -> Self {
        Self { system, says }
    }
}

impl Searched {
    /// In words, for whoever reads the answer.
    pub fn say(&self, day: NaiveDate, words: &Words) -> String {
        let by = words.term("searched-by", self.by);
        let text = words.say_with("searched", &[("by", by.into()), ("day", words.day(day).into())]);
        let found = self.found(words);
        let left = (!self.by_hand.is_empty())
            .then(|| words.say_with("searched-by-hand", &[("systems", self.by_hand.join(", ").into())]));
        [Some(text), found, left].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// `Found by hand: paper: contract 12; calls: two of 2025.`
    fn found(&self, words: &Words) -> Option<String> {
        let lines = self.found.iter().map(|one| guard::terminal(&format!("{}: {}", one.system, one.says)));
        let found = lines.collect::<Vec<_>>().join("; ");
        (!found.is_empty()).then(|| words.say_with("found-by-hand", &[("found", found.into())]))
    }
}

impl Holdings {
    /// Without confirmed identity the answer is a draft for the officer, not for sending.
    fn is_draft(&self) -> bool {
        self.identity.is_none()
    }

    /// What a draft says of itself.
    fn draft(&self, words: &Words) -> String {
        self.too_little.map_or_else(
            || words.say("draft"),
            |why| words.say_with("draft-level", &[("why", words.phrase(why).into())]),
        )
    }

    fn title(&self, words: &Words) -> String {
        words.say(match self.form {
            Form::Access => "access-title",
            Form::Export => "export-title",
        })
    }

    /// `mycar 2026-01-01`: policy and version.
    fn policy_name(&self) -> String {
        format!("{} {}", self.policy.id, self.policy.version)
    }

    /// What is said where nothing was found: not that nothing is held while somebody still has to look, nor where
    /// people found something that no program holds.
    fn nothing(&self, words: &Words) -> String {
        let systems = self.searched.by_hand.join(", ");
        if !self.searched.found.is_empty() {
            return words.say("nothing-but-by-hand");
        }
        if systems.is_empty() {
            return words.say("nothing-held");
        }
        words.say_with("nothing-known-yet", &[("systems", systems.into())])
    }

    fn held(&self) -> &[Held] {
        self.dossier.as_ref().map_or(&[], |dossier| &dossier.held)
    }

    /// The person's own requests, this one last, as it stands after the answer. What an authority asked about them is not theirs,
    /// and a breach is the company's.
    fn cases(&self) -> impl Iterator<Item = &CaseSummary> {
        let known = self.dossier.iter().flat_map(|dossier| &dossier.facts.cases);
        let own = |case: &&CaseSummary| !matches!(case.right, Right::Authority | Right::Breach);
        known.filter(own).filter(|case| case.number != self.case.number).chain([&self.case])
    }
}

impl Answer for Holdings {
    fn schema(&self) -> &'static str {
        match self.form {
            Form::Access => "dsr/access/v1",
            Form::Export => "dsr/export/v1",
        }
    }

    fn body(&self) -> serde_json::Result<Value> {
        json::body(self)
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        page::page(self, words)
    }

    fn sheet(&self) -> Option<Sheet> {
        Some(tables::keys(self))
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("records")
    }

    fn html(&self, words: &Words) -> Option<Result<String>> {
        Some(html::page(self, words))
    }
}
