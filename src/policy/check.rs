//! Raw → checked: a file that was read well may still mean nothing. Each complaint points at its word.
//!
//! Deliberately absent: what is lawful but unwise. That is lint, which warns; this refuses.

use std::collections::HashMap;

use super::{
    check_rule,
    model::{CategoryDef, Document, FieldDef, Policy, PurposeDef, Rule, Statute},
    raw::{PolicyFile, RawCategory, RawDocument, RawField, RawPurpose, RawRule, StatuteFile},
    vocabulary::{FieldType, OnWithdrawal, Sensitivity},
    word::Name,
    yaml::{self, Place},
};
use crate::{
    domain::{Category, Error, Purpose, Result},
    policy::body::Body,
};

/// One file under check, and the names that its rules may use.
pub(super) struct File<'a> {
    /// As the user knows it.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
    /// `None` in a statute, which knows no categories.
    pub categories: Option<&'a [CategoryDef]>,
    /// Common words of purposes.
    pub roots: Vec<String>,
    /// Rules of the statute beneath; `None` in the statute itself.
    pub law: Option<&'a Statute>,
}

impl File<'_> {
    /// A complaint at a place.
    pub fn at(&self, at: Place, message: &str, label: &str, help: &str) -> Error {
        yaml::point(self.name, self.text, at, message, label, help)
    }

    /// A complaint about a name that is not known, with the nearest one.
    pub fn unknown<'n>(&self, noun: &str, name: &Name, known: impl IntoIterator<Item = &'n str>) -> Error {
        let known: Vec<&str> = known.into_iter().collect();
        let help = yaml::did_you_mean(&name.text, &known);
        self.at(name.at, &format!("unknown {noun} `{}`", name.text), "not defined in this file", &help)
    }

    /// A category that the file defines.
    pub fn category(&self, name: &Name) -> Result<Category> {
        let known = self.categories.unwrap_or_default();
        match known.iter().find(|def| def.id.as_str() == name.text) {
            Some(def) => Ok(def.id.clone()),
            None => Err(self.unknown("category", name, known.iter().map(|def| def.id.as_str()))),
        }
    }

    /// A purpose whose common word the file defines.
    pub fn purpose(&self, name: &Name) -> Result<Purpose> {
        let root = name.text.split('.').next().unwrap_or_default();
        if self.roots.iter().any(|known| known == root) {
            return Ok(Purpose::new(&name.text));
        }
        Err(self.unknown("purpose", name, self.roots.iter().map(String::as_str)))
    }
}

/// Reads and checks a statute.
///
/// # Errors
/// Exit 6, at the place of the first complaint.
pub(super) fn statute(name: &str, text: &str) -> Result<Statute> {
    let raw: StatuteFile = yaml::read(name, text)?;
    let file = File { name, text, categories: None, roots: Vec::new(), law: None };
    let rules = rules(&file, raw.rules)?;
    Ok(Statute { id: raw.statute.value, title: raw.title, version: raw.version, rules })
}

/// Reads a policy as typed.
///
/// # Errors
/// Exit 6, at the place of the first complaint.
pub(super) fn read(name: &str, text: &str) -> Result<PolicyFile> {
    yaml::read(name, text)
}

/// Checks a policy over its statute. `stem` is the file's name without `.yaml`.
///
/// # Errors
/// Exit 6, at the place of the first complaint.
pub(super) fn policy(name: &str, text: &str, raw: PolicyFile, stem: &str, law: &Statute) -> Result<Policy> {
    if raw.policy.value != stem {
        let message = format!("the policy is called `{}` but its file `{stem}`", raw.policy.value);
        return Err(yaml::point(name, text, raw.policy.referenced, &message, "here", "give both one name"));
    }
    let categories = categories(name, text, raw.categories)?;
    let roots = raw.purposes.iter().map(|purpose| purpose.word.value.clone()).collect();
    let file = File { name, text, categories: Some(&categories), roots, law: Some(law) };
    let mut identifiers = Vec::new();
    for raw in raw.identifiers {
        identifiers.push((raw.kind, file.category(&raw.category.into())?));
    }
    let rules = rules(&file, raw.rules)?;
    let purposes = purposes(raw.purposes, &rules);
    Ok(Policy {
        id: raw.policy.value,
        title: raw.title,
        law: raw.law.value,
        version: raw.version,
        dated: raw.dated.map(|day| day.0.0),
        source: raw.source,
        controller: raw.controller,
        identifiers,
        categories,
        purposes,
        rules,
    })
}

fn rules(file: &File<'_>, raw: Vec<RawRule>) -> Result<Vec<Rule>> {
    let mut seen: HashMap<String, u64> = HashMap::with_capacity(raw.len());
    let (mut rules, mut wrong) = (Vec::with_capacity(raw.len()), Vec::new());
    for rule in raw {
        match id(file, &rule, &mut seen).and_then(|()| check_rule::rule(file, rule)) {
            Ok(rule) => rules.push(rule),
            Err(error) => wrong.push(error),
        }
    }
    let mut wrong = wrong.into_iter();
    match wrong.next() {
        Some(first) => Err(first.beside(wrong)),
        None => Ok(rules),
    }
}

/// An id stands once, and the audit log can name it.
fn id(file: &File<'_>, rule: &RawRule, seen: &mut HashMap<String, u64>) -> Result<()> {
    let at = rule.id.referenced;
    if let Some(line) = seen.insert(rule.id.value.clone(), at.line()) {
        let message = format!("the rule `{}` stands twice", rule.id.value);
        let label = format!("first on line {line}");
        return Err(file.at(at, &message, &label, "a rule id is the id of one clause row: rename one"));
    }
    if !is_citable(&rule.id.value) {
        let help = "an id is at most 64 of A-Z a-z 0-9 . _ - / , with fewer than eight digits";
        return Err(file.at(at, "the audit log could not name this rule", "its id", help));
    }
    Ok(())
}

/// What decides is named in the audit log, whose words cannot carry a telephone or an IIN.
fn is_citable(id: &str) -> bool {
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/,".contains(&byte);
    (1..=64).contains(&id.len()) && digits < 8 && id.bytes().all(sign)
}

fn categories(name: &str, text: &str, raw: Vec<RawCategory>) -> Result<Vec<CategoryDef>> {
    let mut categories: Vec<CategoryDef> = Vec::with_capacity(raw.len());
    for category in raw {
        if categories.iter().any(|def| def.id.as_str() == category.id.value) {
            let message = format!("the category `{}` stands twice", category.id.value);
            let help = "keep one of the two";
            return Err(yaml::point(name, text, category.id.referenced, &message, "the second one", help));
        }
        categories.push(checked_category(category));
    }
    Ok(categories)
}

fn checked_category(raw: RawCategory) -> CategoryDef {
    CategoryDef {
        id: Category::new(&raw.id.value),
        title: raw.title,
        sensitivity: raw.sensitivity.unwrap_or(Sensitivity::Ordinary),
        personal: raw.personal,
        open: raw.open,
        excess: raw.excess,
        document: match raw.document {
            None => Document::Never,
            Some(RawDocument::Always) => Document::Always,
            Some(RawDocument::Of(kinds)) => Document::Of(kinds),
        },
        consent: raw.consent,
        on_withdrawal: raw.on_withdrawal.unwrap_or(OnWithdrawal::DestroyUnlessDocument),
        fields: raw.fields.into_iter().map(checked_field).collect(),
        at: raw.id.referenced,
    }
}

fn checked_field(raw: RawField) -> FieldDef {
    FieldDef {
        name: raw.name.value,
        key: raw.key,
        kind: raw.kind.unwrap_or(FieldType::Text),
        identifier: raw.identifier,
    }
}

/// The common words, then the finer ones with the rule that names each. A common word takes the
/// first rule that names it or something under it.
fn purposes(roots: Vec<RawPurpose>, rules: &[Rule]) -> Vec<PurposeDef> {
    let finer: Vec<PurposeDef> = rules.iter().flat_map(named_by).collect();
    let roots = roots.into_iter().map(|raw| {
        let word = Purpose::new(&raw.word.value);
        let rule = finer.iter().find(|def| def.word.is_under(&word)).and_then(|def| def.rule.clone());
        PurposeDef { word, class: raw.class, basis: raw.basis, rule }
    });
    let mut all: Vec<PurposeDef> = roots.collect();
    all.extend(finer);
    all
}

fn named_by(rule: &Rule) -> Vec<PurposeDef> {
    let Body::Purpose(named) = &rule.body else { return Vec::new() };
    let def = |purpose: &super::body::PurposeRule| PurposeDef {
        word: purpose.word.clone(),
        class: purpose.class,
        basis: purpose.basis,
        rule: Some(rule.id.clone()),
    };
    named.iter().map(def).collect()
}
