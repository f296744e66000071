//! The end of a check, by its finding; nothing lifts a block by itself.
//!
//! Accurate: unblock. Inaccurate: correct first (destroy only if that cannot be done), then unblock.
//! Unlawful: destroy what was blocked. Each is due within 1 working day (art. 25(2)(8)).

use std::collections::BTreeSet;

use super::{
    by_hand::{manual, resume},
    draft::{Draft, Request},
    grounds,
    guard::{Guard, guard},
    reasons,
    recipients::{self, News},
};
use crate::{
    domain::{
        Action, Block, CaseNumber, Moment, Plan, Reason, Record, RecordKey, Right, Step, SubjectFacts,
        Waiting, channel::words, facts::CaseSummary,
    },
    policy::{Rulebook, vocabulary::Duty},
};

words! {
    /// What the check found.
    Finding, "finding" {
        /// No violation: the data is right and lawful.
        Accurate = "accurate",
        /// The data is wrong.
        Inaccurate = "inaccurate",
        /// The processing was unlawful.
        Unlawful = "unlawful",
    }
}

/// Which check ended, and how.
#[derive(Clone, Debug)]
pub struct Lifting {
    /// The cases that block; none = every block of the person.
    pub cases: Vec<CaseNumber>,
    /// What was found.
    pub finding: Finding,
}

/// Decides the end of a check. Without a block in force there is nothing to do.
pub fn lift(facts: &SubjectFacts, rulebook: &Rulebook, ask: &Lifting, now: Moment) -> Plan {
    let mut draft = Draft::new(rulebook, Request::Erasure, None);
    let (ended, others): (Vec<Block>, Vec<Block>) = facts
        .blocks
        .iter()
        .cloned()
        .partition(|block| ask.cases.is_empty() || ask.cases.contains(&block.case));
    let run = Run { facts, rulebook, now, ended, others };
    if !run.ended.is_empty() {
        match ask.finding {
            Finding::Accurate => run.accurate(&mut draft),
            Finding::Inaccurate => run.inaccurate(&mut draft),
            Finding::Unlawful => run.unlawful(&mut draft),
        }
    }
    draft.finish(false)
}

struct Run<'a> {
    facts: &'a SubjectFacts,
    rulebook: &'a Rulebook,
    now: Moment,
    ended: Vec<Block>,
    others: Vec<Block>,
}

impl Run<'_> {
    fn accurate(&self, draft: &mut Draft<'_>) {
        let ground = reasons::refusal(self.rulebook, grounds::VIOLATION, "the violation is not confirmed");
        self.unblock(draft, &self.unblock_because(&ground.says));
    }

    /// The block stays until the correction is made: wrong data is not used meanwhile.
    fn inaccurate(&self, draft: &mut Draft<'_>) {
        let rectify = reasons::granted(self.rulebook, Right::Rectify, self.now.day());
        let rectify = reasons::term(self.rulebook, Right::Rectify, self.now.day()).unwrap_or(rectify);
        draft.step(manual("rectify the data; destroy it only if it cannot be corrected", rectify));
        let why = self.unblock_because("the data is unblocked once it is corrected");
        for block in &self.ended {
            let about: Vec<&Record> = self.covered(block).collect();
            about.iter().for_each(|record| draft.keep(Action::Unblock, record, None, why.clone()));
            let keys: Vec<RecordKey> = about.iter().map(|record| record.key).collect();
            let reopens = "the correction, then `dsr restrict --lift --finding accurate`".to_owned();
            draft.wait(Waiting::Correction(block.case.clone()), reopens, &keys, &[]);
        }
    }

    /// What something else still protects stays out of use: its block is not lifted.
    fn unlawful(&self, draft: &mut Draft<'_>) {
        let duty = reasons::duty(self.rulebook, Duty::DestroyUnlawful, self.now.day());
        let why = duty.unwrap_or_else(|| reasons::granted(self.rulebook, Right::Erase, self.now.day()));
        let freed = SubjectFacts { blocks: self.others.clone(), ..self.facts.clone() };
        let mut stays = BTreeSet::new();
        for record in freed.records.iter().filter(|record| self.blocks(record).next().is_some()) {
            let guard = guard(record, &freed, self.rulebook, self.now.day());
            if !matches!(guard, Guard::Free | Guard::Law(..) | Guard::Archived(..) | Guard::Outside) {
                stays.extend(self.blocks(record).map(|block| block.id));
            }
            draft.end(record, guard, None, || why.clone());
        }
        let news = News { categories: draft.destroyed(), ..News::default() };
        let told = reasons::meaning(&why, "those who received the data are told that it was unlawful");
        recipients::told(self.facts, &news, &told).into_iter().for_each(|step| draft.step(step));
        self.unblock_all_but(draft, &why, &stays);
    }

    fn unblock(&self, draft: &mut Draft<'_>, why: &Reason) {
        self.unblock_all_but(draft, why, &BTreeSet::new());
        // The check itself is over: what it left undone is not done any more.
        let over = |case: &CaseSummary| self.ended.iter().any(|block| block.case == case.number);
        let waits =
            |case: &&CaseSummary| case.state == "waiting" && case.right != Right::Unblock && !over(case);
        for case in self.facts.cases.iter().filter(waits) {
            draft.step(manual(&resume(&case.number), why.clone()));
        }
    }

    fn unblock_all_but(&self, draft: &mut Draft<'_>, why: &Reason, stays: &BTreeSet<i64>) {
        for block in self.ended.iter().filter(|block| !stays.contains(&block.id)) {
            let step = Step::new(Action::Unblock, "block", why.clone());
            let keys = vec![RecordKey { id: block.id, version: 0 }];
            let about = vec![format!("case {}", block.case)];
            let since = Some(block.since);
            draft.step(Step { category: block.category.clone(), keys, about, since, ..step });
        }
    }

    fn unblock_because(&self, says: &str) -> Reason {
        let term = reasons::term(self.rulebook, Right::Unblock, self.now.day());
        reasons::meaning(&term.unwrap_or_else(|| reasons::block(self.rulebook)), says)
    }

    /// The blocks that end and cover a record.
    fn blocks<'b>(&'b self, record: &'b Record) -> impl Iterator<Item = &'b Block> {
        self.ended.iter().filter(|block| covers(block, record))
    }

    fn covered<'b>(&'b self, block: &'b Block) -> impl Iterator<Item = &'b Record> {
        self.facts.records.iter().filter(move |record| covers(block, record))
    }
}

fn covers(block: &Block, record: &Record) -> bool {
    block.category.as_ref().is_none_or(|category| *category == record.category)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cast::{assert_story, block, case, hold, now, person, rules};

    fn lifted(facts: &SubjectFacts, finding: Finding, case: Option<u32>) -> Plan {
        let cases = case.map(|number| CaseNumber::new(2026, number)).into_iter().collect();
        lift(facts, rules(facts), &Lifting { cases, finding }, now())
    }

    #[test]
    fn three_findings_and_the_duty_each_opens() {
        let mut facts = person("C-26");
        block(&mut facts, Some("contact"), 5);
        let unblocked = ["unblock contact [#] (case 2026-000005) by KZ-25.8d"];
        assert_story("accurate", &facts, &lifted(&facts, Finding::Accurate, None), "grant", &unblocked);
        let corrected = [
            "manual  [] (rectify the data; destroy it only if it cannot be corrected) by KZ-25.8a",
            "keep contact [R-2601] by KZ-25.8d",
            "wait [R-2601] for the correction, then `dsr restrict --lift --finding accurate`",
        ];
        assert_story("inaccurate", &facts, &lifted(&facts, Finding::Inaccurate, None), "partial", &corrected);
        let gone = [
            "unblock contact [#] (case 2026-000005) by KZ-25.8c",
            "destroy contact [R-2601] by KZ-25.8c",
            "notify disclosure [#] (Example Motor Works Co.) by KZ-25.8c",
            "notify disclosure [#] (Банк «Пример») by KZ-25.8c",
            "notify disclosure [#] (Рекламная сеть «Пример Медиа») by KZ-25.8c",
        ];
        assert_story("unlawful", &facts, &lifted(&facts, Finding::Unlawful, None), "grant", &gone);
    }

    #[test]
    fn unlawful_data_that_something_keeps_stays_blocked() {
        let mut facts = person("C-1");
        block(&mut facts, None, 5);
        hold(&mut facts, Some("account"), "an order");
        let plan = lifted(&facts, Finding::Unlawful, None);
        assert!(plan.steps.iter().all(|step| step.action != Action::Unblock), "{:#?}", plan.steps);
        let archived = plan.steps.iter().filter(|step| step.action == Action::Archive).count();
        assert_eq!((archived, plan.kept.len()), (4, 1), "documents of account are archived, not destroyed");
    }

    #[test]
    fn another_check_goes_on() {
        let mut facts = person("C-1");
        block(&mut facts, Some("contact"), 5);
        block(&mut facts, Some("contact"), 6);
        let plan = lifted(&facts, Finding::Accurate, Some(5));
        assert_eq!(plan.steps[0].keys, [RecordKey { id: 5, version: 0 }]);
        let plan = lifted(&facts, Finding::Unlawful, Some(5));
        assert!(plan.steps.iter().all(|step| step.action != Action::Destroy), "case 6 still checks it");
    }

    #[test]
    fn a_withdrawal_that_waited_is_named_and_no_block_is_no_work() {
        let mut facts = person("C-1");
        for finding in Finding::ALL {
            let plan = lifted(&facts, *finding, None);
            assert!(plan.steps.is_empty() && plan.decision == crate::domain::Decision::Grant, "{finding}");
        }
        block(&mut facts, None, 5);
        case(&mut facts, Right::Revoke, "waiting");
        let plan = lifted(&facts, Finding::Accurate, None);
        let named =
            plan.steps.iter().any(|step| step.about == ["resume case 2026-000040, which may have waited"]);
        assert!(named, "{:#?}", plan.steps);
        facts.cases[0].number = CaseNumber::new(2026, 5);
        facts.cases[0].right = Right::Restrict;
        let plan = lifted(&facts, Finding::Accurate, None);
        assert!(plan.steps.iter().all(|step| step.action != Action::Manual), "the check itself is over");
    }
}
