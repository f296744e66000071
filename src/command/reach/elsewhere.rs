//! What was written down for other systems, tried and told.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    audit::State,
    command::{
        Exit, Outcome,
        acting::{self, GoOn},
        request,
        world::World,
    },
    decide::by_hand,
    domain::{CaseNumber, Error, Kind, Result},
    execute::{
        act::{self, Done, Rules},
        context::{Context, Said},
        reach::{self, Reach, void},
        tasks,
    },
    policy::places::{Place, Places},
    render::answer::{elsewhere::Elsewhere, plan::Part},
    store::{
        Mode, Store, View,
        remote::{NightDone, RemoteStep},
    },
};

/// Tries the steps of a case that was just carried out here; what died with them joins what has to be destroyed.
///
/// # Errors
/// The kinds of the own store.
pub fn finish(
    done: &mut Done,
    store: &mut Store,
    context: &Context,
    rules: Rules<'_>,
    reach: &mut Reach,
) -> Result<Vec<Part>> {
    if !done.elsewhere {
        return Ok(Vec::new());
    }
    let ended = reach::finish(
        store,
        context,
        ((rules.rulebook, rules.calendar), rules.key),
        reach,
        (&done.case.number, false),
    )?;
    done.case = ended.case;
    done.act = done.act.take().or(ended.act);
    done.needles.append(&ended.needles);
    ended.given.iter().for_each(|given| given.retell(&mut done.decided.plan));
    Ok(ended.parts.iter().map(|part| told(part, reach)).collect())
}

/// The steps as the own store knows them, where it could not be told of more; none where it cannot even be read.
pub fn left(store: &mut Store, case: &CaseNumber, reach: &Reach) -> Vec<Part> {
    let planned = reach::planned(store, case).unwrap_or_default();
    planned.iter().map(|part| told(part, reach)).collect()
}

/// One part in the words of the answer.
pub fn told(part: &reach::Part, reach: &Reach) -> Part {
    Part {
        reclaimed: part.reclaimed,
        may_reclaim: reach.may_reclaim(&part.system),
        system: part.system.clone(),
        collection: part.collection.clone(),
        action: if part.deletes { "delete" } else { "set" },
        rows: part.rows,
        state: if part.trouble.is_some() { "open" } else { "done" },
        trouble: part.trouble.clone(),
        below: reach.below(&part.system),
    }
}

/// A step as the own store knows it; `place`: the system as `dsr.yaml` describes it by now.
pub fn of_step(step: &RemoteStep, place: Option<&Place>) -> Part {
    let untried = (!step.is_done()).then(|| "not tried yet".to_owned());
    Part {
        system: step.system.clone(),
        collection: step.collection.clone(),
        action: if step.deletes { "delete" } else { "set" },
        rows: step.rows,
        state: if step.is_done() { "done" } else { "open" },
        trouble: step.trouble.clone().or(untried),
        below: place.map_or("", |place| reach::below(place.kind)),
        reclaimed: step.reclaimed,
        may_reclaim: place.is_some_and(|place| reach::may_reclaim(place.kind)),
    }
}

/// What a night did, as the act of its run tells it.
pub fn of_night(done: &NightDone, place: Option<&Place>) -> Part {
    Part {
        system: done.system.clone(),
        collection: done.collection.clone(),
        action: if done.deletes { "delete" } else { "set" },
        rows: done.rows,
        state: "done",
        trouble: None,
        below: place.map_or("", |place| reach::below(place.kind)),
        reclaimed: done.reclaimed,
        may_reclaim: false,
    }
}

/// Asks the engines to reclaim what deleted and changed rows leave in the tables; what the role may not is told, and
/// what was done is kept with the steps of the case.
///
/// # Errors
/// What the stream of the conversation says; exit 8: it could not be written down.
pub fn reclaim(
    parts: &mut [Part],
    (store, case): (&mut Store, &CaseNumber),
    reach: &mut Reach,
    world: &mut World<'_, '_>,
) -> Result<()> {
    let units: Vec<String> =
        parts.iter().map(|part| reach.reclaimed_with(&part.system, &part.collection).to_owned()).collect();
    once_each(parts, &units, &mut |part| {
        let (system, collection) = (&part.system, &part.collection);
        let hindered = match reach.reclaim(system, collection) {
            Ok(done) if done || !part.may_reclaim => return Ok(done),
            Ok(_) => "the role or the engine may not".to_owned(),
            Err(error) => error.to_string(),
        };
        world.note(&format!("warning: {system} {collection}: not reclaimed: {hindered}")).map(|()| false)
    })?;
    // Offered once: what was refused now is not offered again.
    parts.iter_mut().for_each(|part| part.may_reclaim = false);
    let mut reclaimed = parts.iter().filter(|part| part.reclaimed);
    store
        .transact(|tx| {
            reclaimed.try_for_each(|part| tx.remote_reclaimed(case, &part.system, &part.collection))
        })
        .map_err(|error| broken(case, error))
}

/// A table may have many parts, of 500 rows at most each, and is reclaimed once for all of them.
fn once_each(
    parts: &mut [Part],
    units: &[String],
    reclaim: &mut dyn FnMut(&Part) -> Result<bool>,
) -> Result<()> {
    let mut known = BTreeMap::<(String, &str), bool>::new();
    for (part, unit) in parts.iter_mut().zip(units).filter(|(part, _)| part.state == "done") {
        part.reclaimed |= match known.entry((part.system.clone(), unit)) {
            Entry::Occupied(done) => *done.get(),
            Entry::Vacant(place) => *place.insert(reclaim(part)?),
        };
    }
    Ok(())
}

/// The end of a command of which a step elsewhere is open (exit 8), or what may not be told meanwhile (exit 4).
pub fn in_part(kind: Kind, case: &CaseNumber) -> Error {
    Error::new(kind, format!("case {case} is done in part: a step in another system is open"))
        .hint(format!("see what hindered it, then: dsr request resume {case} --yes"))
}

/// The end of a command that could not write down what became of its steps elsewhere: they are written down as open.
pub fn broken(case: &CaseNumber, error: Error) -> Error {
    if error.kind() == Kind::Integrity {
        return error;
    }
    Error::new(
        Kind::Partial,
        format!("case {case} is done in part: what was done in other systems could not be written down"),
    )
    .hint(format!("mend what hindered it, then: dsr request resume {case} --yes"))
    .because(error)
}

/// A block whose check has ended: it blocks nothing more, here or elsewhere, and what it left open goes untried.
///
/// # Errors
/// The kinds of the store.
pub fn over(number: &CaseNumber, dry_run: bool, world: &mut World<'_, '_>) -> Outcome {
    let mut store = world.open(if dry_run { Mode::ReadOnly } else { Mode::ReadWrite })?;
    let case = store.read(|view| view.case(number))?;
    let rules = world.rules(&world.library()?, &case.controller)?;
    let context = world.context(&case.controller, &rules)?;
    let task = by_hand::resume(number);
    let owes = store.read(|view| Ok(view.is_in_part(number)? || !view.open_tasks(&task)?.is_empty()))?;
    if owes && !dry_run {
        store.transact(|tx| {
            void::case(tx, &context, number)?;
            tasks::close(tx, &context, rules.pair(), &task, number)?;
            let said = Said { case: Some(number.clone()), subject: case.subject, ..Said::default() };
            context.log(tx, "request.resume", State::Noted, said).map(drop)
        })?;
    }
    let (case, systems) =
        store.read(|view| Ok((view.case(number)?, steps(view, number, &rules.systems)?)))?;
    let state = case.state.to_string();
    world.answer_unless_quiet(&Elsewhere { case: number.to_string(), state, systems })?;
    world
        .note(&format!("case {number} is done: its check has ended, and nothing is blocked or freed anew"))?;
    Ok(Exit::Done)
}

/// The steps of a case as the own store knows them, without asking any system.
///
/// # Errors
/// Not found (exit 3): no such case.
pub fn steps(view: &View<'_>, number: &CaseNumber, systems: &Places) -> Result<Vec<Part>> {
    let steps = view.remote_steps(number)?;
    Ok(steps.iter().map(|step| of_step(step, systems.get(&step.system))).collect())
}

/// Has the tables reclaimed that a case changed, after all of it is done.
///
/// # Errors
/// The kinds of store and configuration.
pub fn reclaim_again(number: &CaseNumber, dry_run: bool, world: &mut World<'_, '_>) -> Outcome {
    let mut store = world.open(if dry_run { Mode::ReadOnly } else { Mode::ReadWrite })?;
    let case = store.read(|view| view.case(number))?;
    let mut rules = world.rules(&world.library()?, &case.controller)?;
    let mut context = world.context(&case.controller, &rules)?;
    let mut reach = world.reach(&mut rules, &mut context)?;
    let planned = reach::planned(&mut store, number)?;
    let mut systems: Vec<Part> = planned.iter().map(|part| told(part, &reach)).collect();
    if !dry_run {
        reclaim(&mut systems, (&mut store, number), &mut reach, world)?;
    }
    let (case, state) = (case.number.to_string(), case.state.to_string());
    world.answer_unless_quiet(&Elsewhere { case, state, systems })?;
    Ok(Exit::Done)
}

/// Goes on with the steps of a case in other systems, from what was written down: nothing is decided anew.
///
/// # Errors
/// Exit 8 where one is open still; the kinds of store and configuration.
pub fn resume(number: &CaseNumber, go_on: &GoOn, world: &mut World<'_, '_>) -> Outcome {
    let dry_run = go_on.dry_run;
    let mut store = world.open(if dry_run { Mode::ReadOnly } else { Mode::ReadWrite })?;
    let case = store.read(|view| view.case(number))?;
    let mut rules = world.rules(&world.library()?, &case.controller)?;
    let mut context = world.context(&case.controller, &rules)?;
    let mut reach = world.reach(&mut rules, &mut context)?;
    let (parts, case, given, needles) = if dry_run {
        (reach::planned(&mut store, number)?, case, 0, None)
    } else {
        let key = acting::key_of(&store)?;
        let pair = (rules.pair(), key.as_ref());
        let ended = reach::finish(&mut store, &context, pair, &mut reach, (number, true)).map_err(
            |error| match error.kind() {
                // What has to be mended is said as it is; the steps stay written down.
                Kind::Config => error,
                _ => broken(number, error),
            },
        )?;
        (ended.parts, ended.case, ended.given.len(), Some((ended.act, ended.needles)))
    };
    let mut systems: Vec<Part> = parts.iter().map(|part| told(part, &reach)).collect();
    if go_on.reclaim && !dry_run {
        reclaim(&mut systems, (&mut store, number), &mut reach, world)?;
    }
    let open = systems.iter().any(|part| part.state == "open");
    let answer = Elsewhere { case: case.number.to_string(), state: case.state.to_string(), systems };
    world.answer_unless_quiet(&answer)?;
    if given > 0 {
        world.note(&format!(
            "a database refuses a correction of case {number}, so people make it: dsr request show {number}"
        ))?;
    }
    if let Some((act, needles)) = needles
        && (act.is_some() || !needles.is_empty())
        && !go_on.defer_destruction
    {
        act::destroy(&mut store, &context, Some(&needles))?;
    }
    if !dry_run && !go_on.defer_destruction {
        request::finish_act(number, world, &mut store)?;
    }
    if open && !dry_run { Err(in_part(Kind::Partial, number)) } else { Ok(Exit::Done) }
}

#[test]
fn a_table_is_reclaimed_once_for_all_its_parts() {
    let part = |system: &str, collection: &str, state| Part {
        reclaimed: false,
        may_reclaim: false,
        system: system.into(),
        collection: collection.into(),
        action: "delete",
        rows: 500,
        state,
        trouble: None,
        below: "",
    };
    let mut parts = [
        part("crm", "call", "done"),
        part("crm", "call", "done"),
        part("crm", "deal", "open"),
        part("site", "visit", "done"),
        part("site", "member", "done"),
    ];
    let units = ["call", "call", "deal", "", ""].map(str::to_owned);
    let mut asked = Vec::new();
    let done = once_each(&mut parts, &units, &mut |part| {
        asked.push(part.collection.clone());
        Ok(part.system == "crm")
    });
    assert!(done.is_ok());
    assert_eq!(asked, ["call", "visit"]);
    assert_eq!(parts.map(|part| part.reclaimed), [true, true, false, false, false]);
}
