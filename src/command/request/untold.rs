//! Why no letter can be made of a case.

use crate::{
    decide::by_hand,
    domain::{
        CaseEvent, Duty, Error, Kind, LetterKind, Right,
        case::{Bar, IllegalMove},
    },
    render::answer::duty::closing,
    store::CaseFile,
};

/// What a letter of this kind would tell is recorded nowhere. `decided`: the case was carried out, and what it showed is
/// not held any more.
pub(super) fn nothing_to_tell(case: &CaseFile, decided: bool) -> Error {
    let number = &case.number;
    let error = Error::usage(format!("case {number} has recorded nothing that such a letter could tell"));
    match case.right {
        Right::Complaint => error.hint(format!(
            "the answer is a letter of your own: dsr request answer {number} --channel CHANNEL --number NO; a refusal is \
             drafted with --ground"
        )),
        Right::Question | Right::Authority => error.hint(format!(
            "the answer is a letter of your own: dsr request answer {number} --channel CHANNEL --number NO"
        )),
        _ if decided && case.right.tells_data() => error.hint(format!(
            "what it told is gone: the answer is what was printed then: dsr request answer {number} --channel CHANNEL --number NO"
        )),
        _ => error.hint(format!("carry the request out first: dsr request show {number} says how")),
    }
}

/// What is held today is not what the answer told: a letter of it would say "in full" of a part.
pub(super) fn destroyed_since(case: &CaseFile) -> Error {
    let number = &case.number;
    let says = format!(
        "data that the answer of case {number} told was destroyed since: what is held today is not all of it"
    );
    Error::new(Kind::Refused, says).hint(format!(
        "send the letter that was made before: dsr request answer {number} --channel CHANNEL; or what was printed then: \
         dsr request answer {number} --channel CHANNEL --number NO"
    ))
}

/// What is done in other systems is told when all of it is: until then nobody knows which records of the answer are gone.
pub(super) fn told_by_hand(case: &CaseFile) -> Error {
    let number = &case.number;
    let says = format!("case {number} waits in another system: what is done there is told when all of it is");
    Error::new(Kind::Refused, says).hint(format!(
        "write to the person in time that it waits: dsr request answer {number} --channel CHANNEL --number NO"
    ))
}

/// A letter says what the case recorded, and nothing that did not happen.
pub(super) fn not_borne_out(case: &CaseFile, kind: LetterKind, fitting: &[LetterKind]) -> Error {
    let number = &case.number;
    let error = Error::usage(format!("what case {number} recorded bears out no letter of `{kind}`"));
    let kinds: Vec<&str> = fitting.iter().map(|kind| kind.as_str()).collect();
    match kinds.as_slice() {
        [] => error.hint(format!("see what was recorded: dsr request show {number} --why")),
        kinds => error.hint(format!("it bears out {}", kinds.join(", "))),
    }
}

/// Data that still lies in a place no program reaches is not gone, and where nobody has looked nothing is known of
/// what is held: no letter says so.
pub(super) fn not_done_everywhere(case: &CaseFile, kind: LetterKind, duty: &Duty) -> Error {
    let message = open_step(case, kind, duty);
    Error::new(Kind::Refused, message)
        .hint(format!("when it is done: {}", closing(case.number.as_str(), duty)))
}

/// What is open may still be done: nobody can say yet what is refused.
pub(super) fn not_refused(case: &CaseFile, duty: &Duty) -> Error {
    let refused = CaseEvent::Refused { ground: String::new(), facts: None };
    let illegal = IllegalMove { state: case.state, event: refused.as_str(), bar: Bar::OpenStep(duty.step) };
    Error::new(Kind::Refused, format!("case {}: {illegal}", case.number)).hint(by_hand::ended_by(
        case.number.as_str(),
        duty,
        &refused,
    ))
}

fn open_step(case: &CaseFile, kind: LetterKind, duty: &Duty) -> String {
    let (number, step) = (&case.number, duty.step);
    if kind.tells_what_is_held() {
        let place = &duty.what.place;
        format!("step {step} of case {number} is open in `{place}`: no letter may say what is held")
    } else if duty.what.place.is_empty() {
        format!("step {step} of case {number} is open: no letter may say that it is done")
    } else {
        let place = &duty.what.place;
        format!("step {step} of case {number} is open in `{place}`: no letter may say that it is done")
    }
}
