//! What was written down for other systems, tried and told.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    command::{
        Exit, Outcome,
        acting::{self, GoOn},
        request,
        world::World,
    },
    domain::{CaseNumber, Error, Kind, Result},
    execute::{
        act::{self, Done, Rules},
        context::Context,
        reach::{self, Reach},
    },
    policy::officer::OfficerController,
    render::answer::{elsewhere::Elsewhere, plan::Part},
    store::{Mode, Store, remote::RemoteStep},
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
    (reach, reclaimed): (&mut Reach, bool),
    world: &mut World<'_, '_>,
) -> Result<Vec<Part>> {
    if !done.elsewhere {
        return Ok(Vec::new());
    }
    let ended = reach::finish(store, context, (rules.rulebook, rules.key), reach, &done.case.number)?;
    done.case = ended.case;
    done.act = done.act.take().or(ended.act);
    done.needles.append(&ended.needles);
    let mut parts: Vec<Part> = ended.parts.iter().map(|part| told(part, reach)).collect();
    if reclaimed {
        reclaim(&mut parts, reach, world)?;
    }
    Ok(parts)
}

/// One part in the words of the answer.
pub fn told(part: &reach::Part, reach: &Reach) -> Part {
    Part {
        reclaimed: false,
        system: part.system.clone(),
        collection: part.collection.clone(),
        action: if part.deletes { "delete" } else { "set" },
        rows: part.rows,
        state: if part.trouble.is_some() { "open" } else { "done" },
        trouble: part.trouble.clone(),
        below: reach.below(&part.system),
    }
}

/// A step as an act of destruction tells it.
pub fn of_step(step: &RemoteStep, filled: Option<&OfficerController>) -> Part {
    let place = filled.and_then(|filled| filled.systems.get(&step.system));
    Part {
        system: step.system.clone(),
        collection: step.collection.clone(),
        action: if step.deletes { "delete" } else { "set" },
        rows: step.rows,
        state: if step.is_done() { "done" } else { "open" },
        trouble: step.trouble.clone(),
        below: place.map_or("", |place| reach::below(place.kind)),
        reclaimed: false,
    }
}

/// Asks the engines to reclaim what deleted and changed rows leave in the tables; what the role may not is told.
fn reclaim(parts: &mut [Part], reach: &mut Reach, world: &mut World<'_, '_>) -> Result<()> {
    let units: Vec<String> =
        parts.iter().map(|part| reach.reclaimed_with(&part.system, &part.collection).to_owned()).collect();
    once_each(parts, &units, &mut |part| match reach.reclaim(&part.system, &part.collection) {
        Ok(done) => Ok(done),
        Err(error) => world
            .note(&format!("warning: {} {}: not reclaimed: {error}", part.system, part.collection))
            .map(|()| false),
    })
}

/// A table may have many parts, of 500 rows at most each, and is reclaimed once for all of them.
fn once_each(
    parts: &mut [Part],
    units: &[String],
    reclaim: &mut dyn FnMut(&Part) -> Result<bool>,
) -> Result<()> {
    let mut known = BTreeMap::<(String, &str), bool>::new();
    for (part, unit) in parts.iter_mut().zip(units).filter(|(part, _)| part.state == "done") {
        part.reclaimed = match known.entry((part.system.clone(), unit)) {
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
    let (parts, case, needles) = if dry_run {
        (reach::planned(&mut store, number)?, case, None)
    } else {
        let key = acting::key_of(&store)?;
        let ended = reach::finish(&mut store, &context, (&rules.rulebook, key.as_ref()), &mut reach, number)?;
        (ended.parts, ended.case, Some((ended.act, ended.needles)))
    };
    let mut systems: Vec<Part> = parts.iter().map(|part| told(part, &reach)).collect();
    if go_on.reclaim && !dry_run {
        reclaim(&mut systems, &mut reach, world)?;
    }
    let open = systems.iter().any(|part| part.state == "open");
    let answer = Elsewhere { case: case.number.to_string(), state: case.state.to_string(), systems };
    world.answer_unless_quiet(&answer)?;
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
