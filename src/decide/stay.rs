//! What stays because something protects it: by which reason, until when, and what it waits for.

use chrono::NaiveDate;

use super::{draft::Request, guard::Guard, reasons};
use crate::{
    domain::{OwedAnswer, Reason, Waiting},
    policy::Rulebook,
};

/// Why something is not destroyed.
#[derive(Debug)]
pub(super) struct Stay {
    /// The reason.
    pub why: Reason,
    /// The last day, where one is known.
    pub until: Option<NaiveDate>,
    /// What opens it again, as data and in words.
    pub on: Option<(Waiting, String)>,
}

impl Stay {
    /// `None` where nothing protects it, or where the guard is judged elsewhere: a law that archives, data that
    /// is nobody's. `statutory` is the last day the law leaves for the answer.
    pub fn of(
        guard: Guard<'_>,
        request: Request,
        rulebook: &Rulebook,
        statutory: Option<NaiveDate>,
    ) -> Option<Self> {
        let stay = |why: Reason, on: Option<(Waiting, String)>| Some(Self { why, until: None, on });
        match guard {
            Guard::Block(block) => {
                let why = reasons::because(reasons::block(rulebook), &format!("case {}", block.case));
                let reopens = format!("the end of the check in case {}", block.case);
                Some(Self { why, until: statutory, on: Some((Waiting::Block(block.case.clone()), reopens)) })
            }
            Guard::Marked => stay(reasons::marked(rulebook), None),
            Guard::Hold(hold) => {
                let reopens = format!("the end of hold {}", hold.number);
                stay(reasons::hold(rulebook, hold), Some((Waiting::Hold(hold.number.clone()), reopens)))
            }
            Guard::Obligation(deal) => {
                let why = match request {
                    Request::Withdrawal => reasons::open_deal(rulebook, deal),
                    Request::Erasure => reasons::open_deal_ground(rulebook, deal),
                };
                stay(why, Some((Waiting::Obligation(deal.reference.clone()), reasons::end_of(deal))))
            }
            Guard::Reply(owed) => stay(reasons::owed_answer(rulebook, owed), Some(answered(owed))),
            Guard::Archived(until, law) => {
                let why = match request {
                    Request::Withdrawal => law,
                    Request::Erasure => reasons::retained(rulebook, &law),
                };
                Some(Self { why, until: Some(until), on: None })
            }
            Guard::Outside | Guard::Law(..) | Guard::Unknown(_) | Guard::Free => None,
        }
    }
}

fn answered(OwedAnswer { case, made }: &OwedAnswer) -> (Waiting, String) {
    let reopens = if *made {
        format!("the answer of case {case}, which goes to this address")
    } else {
        format!("the answer of case {case}, which tells what is held")
    };
    (Waiting::Answer(case.clone()), reopens)
}
