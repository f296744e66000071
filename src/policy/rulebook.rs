//! One controller's policy over its statute: the only thing that decisions ask.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::{
    body::{BasisRule, Body, Change, Collects, Condition, Effective, Keep, Minors, Needs, Terms},
    model::{CategoryDef, Index, Policy, PurposeDef, Rule, Statute},
    register::RegisterTerms,
    vocabulary::{Effect, Mark},
};
use crate::domain::{Category, IdentifierType, Purpose, Reason, Right, Scope, TermRule, hex};

/// A checked policy and the checked statute beneath it.
#[derive(Clone, Debug)]
pub struct Rulebook {
    /// The controller's promises.
    pub policy: Policy,
    /// The law.
    pub statute: Statute,
    policy_sha256: String,
    statute_sha256: String,
    categories: Index,
    rules: Index,
    keeps: Vec<usize>,
    law_rules: Index,
    law_keeps: Vec<usize>,
    minors: Option<usize>,
    open_obligations: Option<usize>,
}

/// What withdrawal of consent is at this controller.
#[derive(Clone, Debug)]
pub struct Withdrawal<'a> {
    /// The rule that grants it.
    pub rule: &'a Rule,
    /// Scopes that go whatever obligation is open.
    pub always: &'a [Scope],
    /// Refused for the data an open obligation needs.
    pub unless_open_obligation: bool,
    /// The effects the policy promises, in order, and the rule that does.
    pub effects: Option<(&'a Rule, &'a [Effect])>,
}

impl Rulebook {
    pub(super) fn new(policy: Policy, statute: Statute, policy_text: &str, statute_text: &str) -> Self {
        let categories =
            policy.categories.iter().enumerate().map(|(n, def)| (def.id.as_str().to_owned(), n)).collect();
        Self {
            policy_sha256: sha256(policy_text.as_bytes()),
            statute_sha256: sha256(statute_text.as_bytes()),
            categories,
            rules: index(&policy.rules),
            keeps: keeps(&policy.rules),
            law_rules: index(&statute.rules),
            law_keeps: keeps(&statute.rules),
            minors: policy.rules.iter().position(|rule| minors(rule).is_some()),
            open_obligations: policy.rules.iter().position(|rule| needs(rule).is_some()),
            policy,
            statute,
        }
    }

    /// SHA-256 of the policy file, lower-case hexadecimal.
    pub fn policy_sha256(&self) -> &str {
        &self.policy_sha256
    }

    /// SHA-256 of the statute file, lower-case hexadecimal.
    pub fn statute_sha256(&self) -> &str {
        &self.statute_sha256
    }

    /// Whether a text is the published one that the policy was written from.
    pub fn source_matches(&self, text: &[u8]) -> bool {
        sha256(text) == self.policy.source.sha256
    }

    /// Every category the policy knows, in the order of its file.
    pub fn categories(&self) -> &[CategoryDef] {
        &self.policy.categories
    }

    /// A category by its word.
    pub fn category(&self, category: &Category) -> Option<&CategoryDef> {
        self.policy.categories.get(*self.categories.get(category.as_str())?)
    }

    /// The category an identifier type belongs to: it dies with the last record of it.
    pub fn identifier_category(&self, kind: IdentifierType) -> Option<&Category> {
        self.policy.identifiers.iter().find(|(known, _)| *known == kind).map(|(_, category)| category)
    }

    /// A purpose: the word itself, else the nearest named word above it.
    pub fn purpose(&self, purpose: &Purpose) -> Option<&PurposeDef> {
        let above = self.policy.purposes.iter().filter(|def| purpose.is_under(&def.word));
        above.max_by_key(|def| (def.word.as_str().len(), def.rule.is_some()))
    }

    /// The law beneath a policy of the same data that says nothing.
    #[must_use]
    pub fn silent(&self) -> Self {
        let policy = Policy { rules: Vec::new(), ..self.policy.clone() };
        let (rules, keeps) = (Index::new(), Vec::new());
        Self { policy, rules, keeps, minors: None, open_obligations: None, ..self.clone() }
    }

    /// The articles behind a rule that may be printed for a person to read: its own, or each that it leans on and
    /// that was in force on the day of the request. Only what a lawyer has confirmed, and nothing from memory: an
    /// unconfirmed citation is worse than none.
    pub fn citation(&self, id: &str, day: NaiveDate) -> Option<String> {
        let rule = self.rule(id)?;
        let confirmed = |rule: &&Rule| rule.confirmed && rule.mark != Some(Mark::Memory);
        let own = Some(rule).filter(confirmed).and_then(|rule| rule.article.clone());
        own.or_else(|| {
            let leans_on = rule.law.iter().filter_map(|law| self.rule(law)).filter(|law| law.in_force(day));
            let articles: Vec<&str> =
                leans_on.filter(confirmed).filter_map(|law| law.article.as_deref()).collect();
            (!articles.is_empty()).then(|| articles.join("; "))
        })
    }

    /// A rule of either layer by its id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        let own = self.rules.get(id).and_then(|n| self.policy.rules.get(*n));
        own.or_else(|| self.law_rules.get(id).and_then(|n| self.statute.rules.get(*n)))
    }

    /// Whether a rule is the statute's.
    pub fn is_law(&self, rule: &Rule) -> bool {
        rule.article.is_some()
    }

    /// The reason that a rule gives: for a policy's rule with the article it leans on.
    pub fn reason(&self, rule: &Rule) -> Reason {
        let leans_on = rule.law.first().and_then(|id| self.rule(id)).and_then(|law| law.article.clone());
        Reason {
            rule: rule.id.clone(),
            clause: rule.clause.clone(),
            law: rule.article.clone().or(leans_on),
            says: rule.says.clone(),
        }
    }

    /// The reason that a rule gives for what came on a day: a policy's rule with the first article it leans on that
    /// was in force, or with none; a ground of the law that is younger is cited by the rule in force that it leans on.
    /// `None` = it said nothing yet.
    pub fn reason_on(&self, rule: &Rule, day: NaiveDate) -> Option<Reason> {
        if self.is_law(rule) && rule.in_force(day) {
            return Some(self.reason(rule));
        }
        let leans_on = rule.law.iter().filter_map(|id| self.rule(id)).find(|law| law.in_force(day));
        if !rule.in_force(day) && leans_on.is_none() {
            return None;
        }
        Some(Reason { law: leans_on.and_then(|law| law.article.clone()), ..self.reason(rule) })
    }

    /// Retention rules: the policy's, then those of the statute in force on a day.
    pub fn keeps(&self, day: NaiveDate) -> impl Iterator<Item = (&Rule, &Keep)> {
        let own = self.keeps.iter().filter_map(|n| self.policy.rules.get(*n));
        let law = self.law_keeps.iter().filter_map(|n| self.statute.rules.get(*n));
        own.chain(law.filter(move |rule| rule.in_force(day))).filter_map(|rule| Some((rule, rule.keep()?)))
    }

    /// What each layer says about the term of a right received on a day: (law, policy).
    ///
    /// A layer that grants the right without a term gives one rule with neither limit nor target; a
    /// layer that is silent gives none.
    pub fn terms(&self, right: Right, received: NaiveDate) -> (Vec<TermRule>, Vec<TermRule>) {
        let law = self.statute.rules.iter().filter(|rule| rule.in_force(received));
        (self.layer(law, right, received), self.layer(self.policy.rules.iter(), right, received))
    }

    fn layer<'a>(
        &self,
        rules: impl Iterator<Item = &'a Rule>,
        right: Right,
        received: NaiveDate,
    ) -> Vec<TermRule> {
        let about = rules.filter_map(|rule| Some((rule, terms_of(rule, right)?)));
        let all: Vec<TermRule> = about.map(|(rule, terms)| self.term_rule(rule, &terms, received)).collect();
        let named: Vec<TermRule> =
            all.iter().filter(|rule| rule.limit.is_some() || rule.target.is_some()).cloned().collect();
        if named.is_empty() { all.into_iter().take(1).collect() } else { named }
    }

    fn term_rule(&self, rule: &Rule, terms: &Terms, received: NaiveDate) -> TermRule {
        let confirmed = rule.article.as_ref().map(|_| rule.confirmed);
        let (limit, target, clock) = (terms.limit, terms.target, terms.clock.clone());
        let why = self.reason_on(rule, received).unwrap_or_else(|| self.reason(rule));
        TermRule { why, limit, target, clock, confirmed }
    }

    /// What withdrawal of consent is here, if the policy grants it.
    pub fn withdrawal(&self) -> Option<Withdrawal<'_>> {
        let (rule, right) = self.policy.rules.iter().find_map(|rule| match &rule.body {
            Body::Right(right) if right.grants.contains(&Right::Revoke) => Some((rule, right)),
            _ => None,
        })?;
        let effects = self.policy.rules.iter().find_map(|rule| match &rule.body {
            Body::Duty(duty) if duty.right == Some(Right::Revoke) => Some((rule, &*duty.effects)),
            _ => None,
        });
        let unless_open_obligation = right.unless_open_obligation;
        Some(Withdrawal { rule, always: &right.always, unless_open_obligation, effects })
    }

    /// The rule that names what open obligations need, and its list.
    pub fn open_obligations(&self) -> Option<(&Rule, &[Needs])> {
        let rule = self.policy.rules.get(self.open_obligations?)?;
        Some((rule, needs(rule)?))
    }

    /// The rule about data of minors.
    pub fn minors(&self) -> Option<(&Rule, &Minors)> {
        let rule = self.policy.rules.get(self.minors?)?;
        Some((rule, minors(rule)?))
    }

    /// The rule in force on a day that says how long the register's own data stays, and its terms: the
    /// policy's before the law's. `None` = nothing says it, so nothing of the register may go.
    pub fn register_terms(&self, day: NaiveDate) -> Option<(&Rule, &RegisterTerms)> {
        let rules = self.policy.rules.iter().chain(&self.statute.rules).filter(|rule| rule.in_force(day));
        rules.into_iter().find_map(|rule| match &rule.body {
            Body::Register(terms) => Some((rule, terms)),
            _ => None,
        })
    }

    /// The rule that lets a hold keep data.
    pub fn legal_hold(&self) -> Option<&Rule> {
        let holds = |rule: &&Rule| rule.body == Body::Condition(Condition::LegalHold);
        self.policy.rules.iter().chain(&self.statute.rules).find(holds)
    }

    /// The rule that blocks data for a check: the policy's before the law's.
    pub fn block(&self) -> Option<&Rule> {
        let blocks =
            |rule: &&Rule| terms_of(rule, Right::Restrict).is_some_and(|terms| terms.limit.is_some());
        self.policy.rules.iter().chain(&self.statute.rules).find(blocks)
    }

    /// The clause that collects a field of a category: the one that names the field, else the one
    /// that names the category whole, among the fewest others. Without a field only the latter.
    pub fn collected(&self, category: &Category, field: Option<&str>) -> Option<(&Rule, &Collects)> {
        let all = || {
            self.policy.rules.iter().filter_map(|rule| match &rule.body {
                Body::Collects(collects) if collects.categories.contains(category) => Some((rule, collects)),
                _ => None,
            })
        };
        let named = field
            .and_then(|field| all().find(|(_, collects)| collects.fields.iter().any(|named| named == field)));
        let whole = || all().filter(|(_, collects)| collects.fields.is_empty());
        named.or_else(|| whole().min_by_key(|(_, collects)| collects.categories.len()))
    }

    /// What an act of the person is taken for, such as `test_drive`.
    pub fn consent_by(&self, event: &str) -> Option<(&Rule, &BasisRule)> {
        self.policy.rules.iter().find_map(|rule| match &rule.body {
            Body::Basis(basis) if basis.events.iter().any(|known| known == event) => Some((rule, basis)),
            _ => None,
        })
    }

    /// What the policy says first of how it changes.
    pub fn change(&self) -> Option<(&Rule, &Change)> {
        self.changes().next()
    }

    /// When a published text takes effect: the last clause about it, since that closes a policy.
    pub fn effective(&self) -> Option<(&Rule, Effective)> {
        self.changes().last().map(|(rule, change)| (rule, change.effective))
    }

    fn changes(&self) -> impl Iterator<Item = (&Rule, &Change)> {
        self.policy.rules.iter().filter_map(|rule| match &rule.body {
            Body::Change(change) => Some((rule, change)),
            _ => None,
        })
    }

    /// The rule that asks for a field of `dsr.yaml`, by the field's name.
    pub fn asked_by(&self, field: &str) -> Option<&Rule> {
        let asks = |rule: &&Rule| match &rule.body {
            Body::Definition(definition) => definition.asks_for.iter().any(|asked| asked.as_str() == field),
            _ => false,
        };
        self.policy.rules.iter().chain(&self.statute.rules).find(asks)
    }

    /// The rules that list a category among what is collected, by clause.
    pub fn collects(&self, category: &Category) -> impl Iterator<Item = &Rule> {
        let lists = move |rule: &&Rule| match &rule.body {
            Body::Collects(collects) => collects.categories.contains(category),
            _ => false,
        };
        self.policy.rules.iter().filter(lists)
    }
}

/// What a rule says about the term of a right: `None` = nothing; no limit and no target = granted
/// without a term.
fn terms_of(rule: &Rule, right: Right) -> Option<Terms> {
    match &rule.body {
        Body::Right(body) if body.grants.contains(&right) => Some(body.terms.clone()),
        Body::Deadline(items) => {
            items.iter().find(|item| item.rights.contains(&right)).map(|item| item.terms.clone())
        }
        Body::Minors(minors) if right == Right::Minor && minors.terms.limit.is_some() => {
            Some(minors.terms.clone())
        }
        _ => None,
    }
}

fn needs(rule: &Rule) -> Option<&[Needs]> {
    if let Body::Condition(Condition::OpenObligation(needs)) = &rule.body { Some(needs) } else { None }
}

fn minors(rule: &Rule) -> Option<&Minors> {
    if let Body::Minors(minors) = &rule.body { Some(minors) } else { None }
}

fn index(rules: &[Rule]) -> Index {
    rules.iter().enumerate().map(|(n, rule)| (rule.id.clone(), n)).collect()
}

fn keeps(rules: &[Rule]) -> Vec<usize> {
    rules.iter().enumerate().filter(|(_, rule)| rule.keep().is_some()).map(|(n, _)| n).collect()
}

fn sha256(text: &[u8]) -> String {
    hex::text(&Sha256::digest(text))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
