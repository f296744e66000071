#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::{
    domain::{CaseNumber, Identifier, IdentifierType, Kind, Moment},
    store::cast::{self, furnish, uid},
};

fn step(system: &str) -> NewRemoteStep {
    let payload = r#"{"keys":[["17"]]}"#.into();
    NewRemoteStep { system: system.into(), collection: "client".into(), deletes: true, rows: 1, payload }
}

#[test]
fn keys_lie_here_only_until_the_step_is_done() {
    let mut store = cast::dealership();
    store.transact(|tx| furnish(tx, 1)).unwrap();
    let (case, now) = (CaseNumber::new(2026, 1), Moment::from_unix(5));
    let told = RemoteCase { outcome: "{}".into(), stays: "[]".into() };
    store.transact(|tx| tx.intend(&case, &[step("crm"), step("site")], &told, now)).unwrap();
    assert!(store.read(|view| view.is_in_part(&case)).unwrap());
    let steps = store.read(|view| view.remote_steps(&case)).unwrap();
    store.transact(|tx| tx.remote_trouble(steps[0].id, "{}", "it cannot be reached", now)).unwrap();
    store
        .transact(|tx| tx.remote_done(steps[0].id, now).and_then(|()| tx.remote_done(steps[1].id, now)))
        .unwrap();
    let again = store.transact(|tx| tx.remote_done(steps[0].id, now));
    assert_eq!(again.map_err(|error| error.kind()), Err(Kind::Ambiguous));
    let steps = store.read(|view| view.remote_steps(&case)).unwrap();
    assert!(steps.iter().all(|step| step.is_done() && step.trouble.is_none()));
    assert!(store.read(|view| view.is_in_part(&case)).unwrap(), "done, and not told");
    store.transact(|tx| tx.remote_told(&case)).unwrap();
    assert!(store.read(|view| view.remote_case(&case)).unwrap().is_none());
    assert!(!store.read(|view| view.is_in_part(&case)).unwrap());
}

#[test]
fn a_person_of_another_system_and_what_a_law_keeps_there() {
    let mut store = cast::dealership();
    let iin = Identifier::parse(IdentifierType::Iin, "900101499994").unwrap();
    let until = "2030-12-31".parse().unwrap();
    store
        .transact(|tx| {
            tx.enrol("mycar", uid(77), std::slice::from_ref(&iin), Moment::from_unix(1))?;
            let person = tx.person("mycar", uid(77))?;
            tx.archive_elsewhere(&person, [7; 32], until, "KZ-TAX")?;
            tx.archive_elsewhere(&person, [7; 32], until, "KZ-TAX")?;
            tx.know_identity("crm", "postgres 1", Moment::from_unix(1))?;
            tx.know_identity("crm", "postgres 2", Moment::from_unix(2))
        })
        .unwrap();
    let (found, archived, known) = store
        .read(|view| {
            let found = view.by_identifier("mycar", &iin)?;
            Ok((found, view.remote_archives("mycar", uid(77))?, view.remote_identity("crm")?))
        })
        .unwrap();
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [uid(77)]);
    assert_eq!(archived.into_iter().collect::<Vec<_>>(), [([7; 32], until)]);
    assert_eq!(known.as_deref(), Some("postgres 2"));
}

#[test]
fn a_name_is_remembered_for_as_long_as_its_correction_is_open() {
    let mut store = cast::dealership();
    store.transact(|tx| furnish(tx, 1)).unwrap();
    let (case, now) = (CaseNumber::new(2026, 1), Moment::from_unix(5));
    let told = RemoteCase { outcome: "{}".into(), stays: "[]".into() };
    let open = |store: &mut crate::store::Store| {
        let formers = store.read(|view| view.formers("mycar")).unwrap();
        formers.into_iter().map(|one| (one.case, one.marks, one.places)).collect::<Vec<_>>()
    };
    store.transact(|tx| tx.keep_former(&case, &[[7; 32]].into())).unwrap();
    assert!(open(&mut store).is_empty(), "it is made everywhere");
    store.transact(|tx| tx.intend(&case, &[step("crm")], &told, now)).unwrap();
    let expected = (case.clone(), [[7; 32]].into(), ["crm".to_owned()].into());
    assert_eq!(open(&mut store), [expected]);
    let steps = store.read(|view| view.remote_steps(&case)).unwrap();
    store.transact(|tx| tx.remote_done(steps[0].id, now)).unwrap();
    assert!(open(&mut store).is_empty());
    assert!(store.read(|view| view.formers("automaster")).unwrap().is_empty());
}
