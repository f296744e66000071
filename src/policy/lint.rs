//! What is well written but unwise: checks over a policy that is valid.
//!
//! A finding that is an error means a promise nobody can keep; a warning is for the officer. What
//! cannot be read or names what does not exist never gets here: loading refuses it.

use super::{
    Library, Rulebook,
    body::{Body, Keep},
    model::{CategoryDef, Document, Rule},
    register::{LIMITATION_YEARS, RegisterTerms},
    rows,
    until::{Until, When},
    vocabulary::Basis,
    yaml::{self, Place},
};
use crate::domain::{Category, Error, Result};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The policy check fails.
    Error,
    /// The officer should know.
    Warning,
}

/// One finding, with its place.
#[derive(Debug)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// The kind of finding, stable for scripts, e.g. `category-without-retention`.
    pub code: &'static str,
    /// `file:line:column: sentence`, the picture, and the help.
    pub error: Error,
}

/// Checks one controller's policy and the statute beneath it; errors first.
///
/// # Errors
/// As [`Library::rulebook`]: what is not valid is no finding but a stop.
pub fn lint(library: &Library, controller: &str) -> Result<Vec<Finding>> {
    let rulebook = library.rulebook(controller)?;
    let mut linter = Linter { library, rulebook: &rulebook, found: Vec::new() };
    linter.categories();
    linter.retention();
    linter.references();
    linter.register();
    linter.rows(&format!("{}.yaml", rulebook.policy.id), &rulebook.policy.id, &rulebook.policy.rules);
    linter.rows(&format!("{}.yaml", rulebook.statute.id), &rulebook.statute.id, &rulebook.statute.rules);
    linter.officer();
    linter.found.sort_by_key(|finding| finding.severity);
    Ok(linter.found)
}

struct Linter<'a> {
    library: &'a Library,
    rulebook: &'a Rulebook,
    found: Vec<Finding>,
}

impl Linter<'_> {
    fn report(&mut self, severity: Severity, code: &'static str, at: Place, words: [&str; 3]) {
        let file = format!("{}.yaml", self.rulebook.policy.id);
        self.report_in(&file, severity, code, at, words);
    }

    /// `words` = sentence, label, help.
    fn report_in(&mut self, file: &str, severity: Severity, code: &'static str, at: Place, words: [&str; 3]) {
        let (shown, text) = self.library.file(file).unwrap_or((file, ""));
        let [message, label, help] = words;
        let error = yaml::point(shown, text, at, message, label, help);
        self.found.push(Finding { severity, code, error });
    }

    /// Each category of personal data needs a retention rule of the policy.
    fn categories(&mut self) {
        for def in &self.rulebook.policy.categories {
            let kept =
                self.rulebook.policy.rules.iter().filter_map(Rule::keep).any(|keep| covers(keep, &def.id));
            if kept || !def.personal {
                continue;
            }
            let message = format!("nothing says how long `{}` may stay", def.id);
            let (severity, help) = if def.excess {
                (Severity::Warning, "held without a clause: it is disclosed and reported as excess")
            } else {
                (Severity::Error, "add the category to a rule with `keep`")
            };
            self.report(severity, "category-without-retention", def.at, [&message, "no rule", help]);
        }
    }

    fn retention(&mut self) {
        for rule in &self.rulebook.policy.rules {
            let Some(keep) = rule.keep() else { continue };
            if !self.rulebook.categories().iter().any(|def| may_match(keep, def)) {
                let message = format!("the rule `{}` matches nothing", rule.id);
                let help = "its `when` excludes every category it names";
                self.report(Severity::Error, "matches-nothing", rule.at, [&message, "this rule", help]);
            }
            self.minimum(rule, keep);
        }
    }

    /// A rule must not promise less than a law demands of the documents it speaks about.
    fn minimum(&mut self, rule: &Rule, keep: &Keep) {
        let law = self.rulebook.statute.rules.iter().filter_map(|law| Some((law, law_years(law)?)));
        let Some((law, years)) = law.max_by_key(|(_, years)| *years) else { return };
        let documents = |def: &&CategoryDef| may_match(keep, def) && stands_on_document(keep, def);
        let Some(def) = self.rulebook.categories().iter().find(documents) else { return };
        let too_short =
            keep.at_least.iter().any(|until| about_days(until).is_some_and(|days| days < years * 365))
                || keep.at_most.iter().any(|until| about_days(until).is_some_and(|days| days < years * 365));
        if too_short {
            let message = format!("the rule `{}` keeps `{}` for less than {years} years", rule.id, def.id);
            let help = format!("{} asks for more: {}", law.article.as_deref().unwrap_or(&law.id), law.says);
            self.report(Severity::Error, "under-legal-minimum", rule.at, [&message, "this rule", &help]);
        }
    }

    /// Rules that name other rules.
    fn references(&mut self) {
        for rule in &self.rulebook.policy.rules {
            let Body::Cookie(cookie) = &rule.body else { continue };
            let Some(name) = &cookie.falls_back_to else { continue };
            if self.rulebook.rule(name).and_then(Rule::keep).is_some() {
                continue;
            }
            let message =
                format!("the rule `{}` falls back to `{name}`, which is no retention rule", rule.id);
            let known: Vec<&str> = self.rulebook.policy.rules.iter().map(|rule| rule.id.as_str()).collect();
            let help = yaml::did_you_mean(name, &known);
            self.report(Severity::Error, "unknown-rule", rule.at, [&message, "this rule", &help]);
        }
    }

    /// The register's own data outlives every claim, and a term for it stands somewhere.
    fn register(&mut self) {
        let (policy, statute) = (&self.rulebook.policy, &self.rulebook.statute);
        let own = policy.rules.iter().map(|rule| (&policy.id, rule));
        let law = statute.rules.iter().map(|rule| (&statute.id, rule));
        let terms: Vec<_> =
            own.chain(law).filter_map(|(id, rule)| Some((id, rule, register(rule)?))).collect();
        if terms.is_empty() {
            let message = "nothing says how long the register's own data stays, so none of it will go";
            let help = "write a rule with `register_data:` in the statute or the policy";
            self.report(Severity::Warning, "register-without-term", Place::UNKNOWN, [message, "", help]);
        }
        for (id, rule, terms) in terms {
            let Some((what, length)) = terms.under_limitation() else { continue };
            let message = format!("the rule `{}` lets {what} of the register go after {length}", rule.id);
            let help = format!("a claim is possible for {LIMITATION_YEARS} years (Civil Code art. 178)");
            let words = [&*message, "this rule", &*help];
            self.report_in(&format!("{id}.yaml"), Severity::Error, "under-limitation", rule.at, words);
        }
    }

    fn rows(&mut self, file: &str, id: &str, rules: &[Rule]) {
        for row in rows::of(id).filter(|row| !rules.iter().any(|rule| rule.id == row.id)) {
            let message = format!("the clause row `{}` has no rule", row.id);
            let help = "write the rule, or `not_operational:` with the reason";
            self.report_in(file, Severity::Error, "row-without-rule", Place::UNKNOWN, [&message, "", help]);
        }
    }

    /// What only the officer or a lawyer can fill.
    fn officer(&mut self) {
        let policy = &self.rulebook.policy;
        if policy.controller.bin.is_none() || policy.controller.legal_form.is_none() {
            let message = "the policy prints no legal form or number of the company";
            let help = "letters need them: fill `legal_name` and `bin` in dsr.yaml";
            self.report(Severity::Warning, "officer-field", Place::UNKNOWN, [message, "", help]);
        }
        if policy.dated.is_none() {
            let message = "the published text carries no date";
            let help = "its digest stands for the version; check it with `policy check --source FILE`";
            self.report(Severity::Warning, "undated", Place::UNKNOWN, [message, "", help]);
        }
        for rule in &policy.rules {
            self.conflicts(rule);
        }
        self.unconfirmed();
    }

    /// Promises that the law overrides.
    fn conflicts(&mut self, rule: &Rule) {
        match &rule.body {
            Body::Fee(fee) if fee.allowed => {
                let help = "the law makes it free: nothing is charged, and the conflict is recorded";
                let message = format!("the rule `{}` allows a fee", rule.id);
                self.report(Severity::Warning, "conflict-with-law", rule.at, [&message, "this rule", help]);
            }
            Body::Basis(basis) if basis.on == Basis::LegitimateInterest => {
                let help = "Law 94-V knows no such basis: it supports no refusal";
                let message = format!("the rule `{}` rests on legitimate interest", rule.id);
                self.report(Severity::Warning, "conflict-with-law", rule.at, [&message, "this rule", help]);
            }
            _ => {}
        }
    }

    fn unconfirmed(&mut self) {
        let rules = &self.rulebook.statute.rules;
        let open = rules.iter().filter(|rule| !rule.confirmed).count();
        if open > 0 {
            let message = format!("{open} of {} rules of the law are not confirmed by a lawyer", rules.len());
            let help = "after reading the live text, write `confirmed: true` beside each";
            let file = format!("{}.yaml", self.rulebook.statute.id);
            self.report_in(&file, Severity::Warning, "not-confirmed", Place::UNKNOWN, [&message, "", help]);
        }
    }
}

fn register(rule: &Rule) -> Option<&RegisterTerms> {
    if let Body::Register(terms) = &rule.body { Some(terms) } else { None }
}

fn covers(keep: &Keep, category: &Category) -> bool {
    keep.categories.is_empty() || keep.categories.contains(category)
}

/// Whether some record of a category can meet the rule's conditions.
fn may_match(keep: &Keep, def: &CategoryDef) -> bool {
    let can = |when: &When| match when {
        When::InDocument => def.document != Document::Never,
        When::NotInDocument => def.document != Document::Always,
        When::LinkedToObligation => !keep.when.contains(&When::NotLinkedToObligation),
        When::NotLinkedToObligation | When::LinkedToConsent(_) => true,
    };
    covers(keep, &def.id) && keep.when.iter().all(can)
}

/// Whether the rule surely speaks about primary documents of the category.
fn stands_on_document(keep: &Keep, def: &CategoryDef) -> bool {
    match def.document {
        Document::Never => false,
        Document::Always => !keep.when.contains(&When::NotInDocument),
        Document::Of(_) => keep.when.contains(&When::InDocument),
    }
}

/// The years a statute's rule demands for documents.
fn law_years(rule: &Rule) -> Option<u64> {
    match rule.keep()?.at_least.as_ref()? {
        Until::TaxYears(tax) => Some(u64::from(tax.count)),
        _ => None,
    }
}

/// About how many days a rule gives at least, where that is a number.
pub(in crate::policy) fn about_days(until: &Until) -> Option<u64> {
    match until {
        Until::Elapsed(elapsed) => Some(elapsed.length.rough_days()),
        Until::TaxYears(tax) => Some(u64::from(tax.count) * 365),
        Until::EarliestOf(parts) => parts.iter().filter_map(about_days).min(),
        Until::LatestOf(parts) => parts.iter().filter_map(about_days).max(),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
