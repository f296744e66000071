//! Somebody of whom nothing is held here may be known in places that people keep: they look the person up there.
//!
//! INVARIANT: what may be destroyed is apart from what ends messages, since only the latter needs no identity.

use chrono::NaiveDate;

use super::{listed, to_look};
use crate::{
    decide::{
        by_hand::{SEEK_AND_DESTROY, SEEK_AND_DESTROY_OF, SEEK_AND_STOP_OF},
        identity::is_harmless,
    },
    domain::{Action, Category, Plan, Purpose, Right, Step},
    policy::{
        Rulebook,
        places::{Place, Places},
    },
};

/// What is done with what people find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seek {
    /// Messages of these purposes end, whoever asks.
    pub messages: Vec<Purpose>,
    /// These purposes stop.
    pub others: Vec<Purpose>,
    /// These categories (none = all) are destroyed where no law keeps them; `None`: nothing is.
    pub destroys: Option<Vec<Category>>,
}

impl Seek {
    /// What a plan for somebody without a record stops here is stopped where people find anything.
    pub fn of(plan: &Plan, rulebook: &Rulebook, destroys: Option<Vec<Category>>) -> Self {
        let stops = plan.steps.iter().filter(|step| step.action == Action::Suppress);
        let (messages, others): (Vec<&Step>, Vec<&Step>) =
            stops.partition(|step| is_harmless(step, rulebook));
        let purposes = |steps: Vec<&Step>| {
            steps.iter().flat_map(|step| &step.about).map(|word| Purpose::new(word)).collect()
        };
        Self { messages: purposes(messages), others: purposes(others), destroys }
    }
}

/// The steps: first what ends messages, then the rest.
pub fn look_up(
    right: Right,
    seek: &Seek,
    places: &Places,
    rulebook: &Rulebook,
    today: NaiveDate,
) -> (Vec<Step>, Vec<Step>) {
    let everywhere = |task: &str| {
        let open = places.iter().map(|(name, place)| (name.clone(), format!("{task} ({})", place.owner)));
        to_look(right, &open.collect::<Vec<_>>(), rulebook, today)
    };
    let stop = |purposes: &[Purpose]| match purposes {
        [] => Vec::new(),
        some => {
            let words = some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            everywhere(&format!("{SEEK_AND_STOP_OF} {words}"))
        }
    };
    let destroy = |asked: &Vec<Category>| match asked.as_slice() {
        [] => everywhere(SEEK_AND_DESTROY),
        asked => destroy_of(right, asked, places, rulebook, today),
    };
    // What is destroyed where it is found needs not be stopped there.
    let rest = seek.destroys.as_ref().map_or_else(|| stop(&seek.others), destroy);
    (stop(&seek.messages), rest)
}

/// Only where the categories may lie, and only these.
fn destroy_of(
    right: Right,
    asked: &[Category],
    places: &Places,
    rulebook: &Rulebook,
    today: NaiveDate,
) -> Vec<Step> {
    let task = |(name, place): (&String, &Place)| {
        let here: Vec<String> = listed(place, rulebook, asked).into_iter().collect();
        let task = format!("{SEEK_AND_DESTROY_OF} {} ({})", here.join(", "), place.owner);
        (!here.is_empty()).then(|| (name.clone(), task))
    };
    let open: Vec<(String, String)> = places.iter().filter_map(task).collect();
    to_look(right, &open, rulebook, today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cast::mycar;

    fn places() -> Places {
        let place = |name: &str, owner: &str, categories: &[&str]| {
            let categories = categories.iter().map(|&word| word.to_owned()).collect();
            (name.to_owned(), Place::manual(owner, categories))
        };
        [place("paper", "Archive", &["contract", "contact"]), place("calls", "Calls", &["correspondence"])]
            .into()
    }

    fn tasks(steps: &[Step]) -> Vec<String> {
        steps.iter().map(|step| format!("{}: {}", step.system, step.about.join("; "))).collect()
    }

    #[test]
    fn what_needs_no_identity_is_apart_and_what_is_asked_is_named() {
        let promotion = || vec![Purpose::new("promotion")];
        let day = "2026-11-22".parse().unwrap_or_default();
        let (messages, rest) = look_up(
            Right::Revoke,
            &Seek { messages: promotion(), others: vec![], destroys: Some(vec![]) },
            &places(),
            mycar(),
            day,
        );
        assert_eq!(
            (tasks(&messages), tasks(&rest)),
            (
                vec![
                    "calls: look the person up and stop the purposes: promotion (Calls)".to_owned(),
                    "paper: look the person up and stop the purposes: promotion (Archive)".to_owned(),
                ],
                vec![
                    "calls: look the person up and destroy what no law keeps (Calls)".to_owned(),
                    "paper: look the person up and destroy what no law keeps (Archive)".to_owned(),
                ]
            )
        );
        let contact = Seek { destroys: Some(vec![Category::new("contact")]), ..Seek::default() };
        let (messages, rest) = look_up(Right::Erase, &contact, &places(), mycar(), day);
        assert_eq!(
            (tasks(&messages), tasks(&rest)),
            (
                vec![],
                vec!["paper: look the person up and destroy what no law keeps: contact (Archive)".to_owned()]
            )
        );
    }
}
