//! One number for a plan: shown with it, and asked again before it is carried out.
//!
//! A plan decided anew from changed facts has another digest, and then nothing is done (exit 5). Every
//! part goes in with its length before it, so that no two plans run into one text.

use std::fmt::Display;

use sha2::{Digest, Sha256};

use crate::domain::{Kept, Plan, Reason, RecordKey, Step, Waiting};

/// SHA-256 over the canonical form of a plan, version 1.
pub fn digest(plan: &Plan) -> [u8; 32] {
    let mut form = Form(Sha256::new());
    form.text("dsr/plan/v1");
    form.text(plan.decision);
    form.list(&plan.steps, Form::step);
    form.list(&plan.kept, Form::kept);
    form.list(&plan.gaps, |form, gap| {
        form.option(gap.category.as_ref());
        form.keys(&gap.keys);
        form.text(&gap.missing);
    });
    form.list(&plan.waits, |form, wait| {
        form.waiting(&wait.on);
        form.keys(&wait.keys);
        form.list(&wait.consents, |form, id| form.text(id));
        form.text(&wait.reopens);
        form.option(wait.statutory);
    });
    form.0.finalize().into()
}

struct Form(Sha256);

impl Form {
    fn text(&mut self, text: impl Display) {
        let text = text.to_string();
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
    }

    /// `None` and an empty text differ.
    fn option(&mut self, text: Option<impl Display>) {
        self.0.update([u8::from(text.is_some())]);
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.0.update((items.len() as u64).to_be_bytes());
        items.iter().for_each(|item| each(self, item));
    }

    fn keys(&mut self, keys: &[RecordKey]) {
        self.list(keys, |form, key| {
            form.0.update(key.id.to_be_bytes());
            form.0.update(key.version.to_be_bytes());
        });
    }

    fn step(&mut self, step: &Step) {
        self.text(step.action);
        self.option(step.effect);
        self.text(&step.system);
        self.text(&step.collection);
        self.option(step.category.as_ref());
        self.keys(&step.keys);
        self.list(&step.fields, |form, field| form.text(field));
        if !step.meant.is_empty() {
            self.list(&step.meant, |form, field| form.text(field));
        }
        self.list(&step.about, |form, about| form.text(about));
        self.option(step.since.map(|since| since.unix()));
        self.option(step.until);
        self.reason(&step.why);
    }

    fn kept(&mut self, kept: &Kept) {
        self.text(kept.action);
        self.text(&kept.category);
        self.text(&kept.system);
        self.keys(&kept.keys);
        self.option(kept.until);
        self.reason(&kept.why);
    }

    fn reason(&mut self, why: &Reason) {
        self.text(&why.rule);
        self.option(why.clause.as_ref());
        self.option(why.law.as_ref());
        self.text(&why.says);
    }

    fn waiting(&mut self, on: &Waiting) {
        let (kind, which) = on.parts();
        self.text(kind);
        self.text(which.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::{
            cast::{now, person, rules},
            revoke::{Withdrawal, revoke},
        },
        domain::{Decision, Moment},
    };

    /// Every field that can differ makes another digest.
    #[test]
    fn any_difference_shows() {
        let facts = person("C-2");
        let plan = || revoke(&facts, rules(&facts), &Withdrawal::default(), now());
        let same = digest(&plan());
        assert_eq!(same, digest(&plan()));
        type Changed = (&'static str, fn(&mut Plan));
        let changes: &[Changed] = &[
            ("decision", |plan| plan.decision = Decision::Grant),
            ("a step less", |plan| plan.steps.truncate(1)),
            ("version", |plan| plan.steps[0].keys[0].version += 1),
            ("key", |plan| plan.steps[0].keys[0].id += 1),
            ("system", |plan| plan.steps[0].system = "crm".into()),
            ("collection", |plan| plan.steps[0].collection = "records".into()),
            ("effect", |plan| plan.steps[0].effect = None),
            ("field", |plan| plan.steps[0].fields.push("phone".into())),
            ("about", |plan| plan.steps[0].about.push("phone".into())),
            ("since", |plan| plan.steps[0].since = Some(Moment::from_unix(1))),
            ("until", |plan| plan.steps[0].until = "2029-12-31".parse().ok()),
            ("rule", |plan| plan.steps[0].why.rule.push('x')),
            ("law", |plan| plan.steps[0].why.law = None),
            ("kept until", |plan| plan.kept[0].until = "2029-12-31".parse().ok()),
            ("kept key", |plan| plan.kept[0].keys.clear()),
            ("wait", |plan| plan.waits[0].on = Waiting::Document),
            ("waiting consent", |plan| plan.waits[0].consents.clear()),
        ];
        for (about, change) in changes {
            let mut other = plan();
            change(&mut other);
            assert_ne!(same, digest(&other), "{about}");
        }
    }
}
