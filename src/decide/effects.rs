//! The effects that a policy promises for a withdrawal of everything, each with its number: MyCar's
//! clause 8.10 has four, in order. Which category falls under which is read from the policy's data.

use chrono::NaiveDate;

use crate::{
    domain::{Action, Category, IdentifierType, Plan, Reason, Step},
    policy::{
        Rulebook,
        vocabulary::{Effect, Sensitivity},
    },
};

/// The promise, where the policy makes one.
#[derive(Clone, Debug)]
pub(super) struct Promise<'a> {
    rulebook: &'a Rulebook,
    effects: &'a [Effect],
    /// The rule that promises.
    pub why: Reason,
}

impl<'a> Promise<'a> {
    /// What this policy promises to whoever asks on a day.
    pub fn of(rulebook: &'a Rulebook, received: NaiveDate) -> Option<Self> {
        let (rule, effects) = rulebook.withdrawal()?.effects?;
        let why = rulebook.reason_on(rule, received)?;
        (!effects.is_empty()).then_some(Self { rulebook, effects, why })
    }

    /// The number of removal from the users.
    pub fn removal(&self) -> Option<u8> {
        self.number(Effect::RemovedFromUsers)
    }

    /// The number under which records of a category are destroyed.
    pub fn destruction(&self, category: &Category) -> Option<u8> {
        let def = self.rulebook.category(category);
        self.number(match def.map(|def| def.sensitivity) {
            Some(Sensitivity::Biometric) => Effect::BiometricDataDestroyed,
            _ if self.account() == Some(category) => Effect::AccountDeleted,
            _ => Effect::PersonalDataDestroyed,
        })
    }

    /// Effects that found nothing to act on: shown as done with no record, so that the list is whole.
    pub fn unmet(&self, plan: &Plan) -> Vec<Step> {
        let met = |effect: &Effect| {
            let number = Some(effect.number());
            let kept = plan.kept.iter().any(|kept| self.destruction(&kept.category) == number);
            kept || plan.steps.iter().any(|step| step.effect == number)
        };
        let archives = plan.steps.iter().any(|step| step.action == Action::Archive);
        let instead = |effect: &Effect| archives && *effect == Effect::PersonalDataDestroyed;
        let unmet = self.effects.iter().filter(|effect| !met(effect) && !instead(effect));
        unmet.map(|effect| self.idle(*effect)).collect()
    }

    fn idle(&self, effect: Effect) -> Step {
        let (action, collection, category) = match effect {
            Effect::RemovedFromUsers => (Action::Withdraw, "subject", None),
            Effect::AccountDeleted => (Action::Destroy, "record", self.account()),
            Effect::PersonalDataDestroyed => (Action::Destroy, "record", None),
            Effect::BiometricDataDestroyed => (Action::Destroy, "record", self.biometric()),
        };
        let (effect, category) = (Some(effect.number()), category.cloned());
        Step { effect, category, ..Step::new(action, collection, self.why.clone()) }
    }

    fn number(&self, effect: Effect) -> Option<u8> {
        self.effects.contains(&effect).then(|| effect.number())
    }

    fn account(&self) -> Option<&'a Category> {
        self.rulebook.identifier_category(IdentifierType::Account)
    }

    fn biometric(&self) -> Option<&'a Category> {
        let mut all = self.rulebook.categories().iter();
        all.find(|def| def.sensitivity == Sensitivity::Biometric).map(|def| &def.id)
    }
}
