//! From deleted to destroyed, on a store: what finishes an act, what leaves it pending.

use std::{collections::BTreeMap, fs, time::Duration};

use crate::{
    domain::{Kind, Moment, RunId},
    store::{
        Mode, Period, Store,
        cast::{self, Home, furnish, reopen, uid},
        destroy::{KeptLine, Needles, NewDestruction, ScanReport},
    },
};

const NOW: Moment = Moment::from_unix(1_780_000_000);

/// Person 1 with three records, of which two are destroyed and one act is pending.
fn deleted() -> (Home, Needles) {
    let mut store = cast::dealership();
    let mut needles = Needles::new();
    store
        .transact(|tx| {
            furnish(tx, 1)?;
            let sql = r#"UPDATE record SET data = '{"address":"Абай көшесі 17, Алматы","phone":"+77010000001"}'
                WHERE ref = 'R-12'"#;
            tx.conn().execute_batch(sql)?;
            Ok(())
        })
        .unwrap();
    store
        .transact(|tx| {
            let person = tx.person("mycar", uid(1))?;
            let contact = tx.facts("mycar", uid(1))?.records;
            let keys: Vec<_> =
                contact.iter().filter(|r| r.category.as_str() == "contact").map(|r| r.key).collect();
            tx.destroy_records(&person, &keys, &mut needles)?;
            let seq = Some(tx.audit_head()?.size + 1);
            let number = tx.open_destruction(&NewDestruction {
                controller: "mycar",
                case: None,
                run: Some(RunId::from_bytes([3; 16])),
                counts: [("contact".into(), 2)].into(),
                rules: vec!["MC-9".into()],
                kept: vec![KeptLine {
                    category: "vehicle".into(),
                    count: 1,
                    rule: "KZ-TAX".into(),
                    until: Some("2030-12-31".into()),
                }],
                at: NOW,
                seq,
            })?;
            assert_eq!(number, "A-2026-000001");
            tx.append(|_, _| b"erased".to_vec())
        })
        .unwrap();
    (store, needles)
}

fn finish(store: &mut Store, needles: Option<&Needles>) -> crate::domain::Result<Vec<String>> {
    let done = store.sanitise(needles, NOW, |tx, report, finished| {
        assert!(report.is_clean() && !finished.is_empty());
        Ok(Some(tx.append(|_, _| b"destroyed".to_vec())?.size))
    })?;
    Ok(done.finished)
}

fn pending(store: &mut Store) -> usize {
    store.read(|view| view.pending_destructions()).unwrap().len()
}

fn holds(store: &Store, text: &str) -> bool {
    let bytes = fs::read(store.path()).unwrap();
    bytes.windows(text.len()).any(|place| place == text.as_bytes())
}

#[test]
fn an_act_is_finished_after_the_scan() {
    let (mut store, needles) = deleted();
    assert_eq!(pending(&mut store), 1);
    assert_eq!(finish(&mut store, Some(&needles)).unwrap(), ["A-2026-000001"]);
    assert!(!holds(&store, "көшесі 17") && !holds(&store, "R-12"));
    assert!(holds(&store, "+77010000001"), "the vehicle's record still has it");
    let act = store.read(|view| view.destruction("A-2026-000001")).unwrap();
    assert_eq!((act.finished, act.seq, act.done_seq), (Some(NOW), Some(1), Some(2)));
    assert_eq!((act.counts, act.rules), (BTreeMap::from([("contact".into(), 2)]), vec!["MC-9".into()]));
    assert_eq!((act.run, act.kept.len()), (Some(RunId::from_bytes([3; 16])), 1));
    let scan = act.scan.unwrap();
    assert_eq!(
        (scan.files, scan.residue, scan.structural_nonzero, scan.journal),
        (2, 0, 0, 0),
        "store and journal"
    );
    assert!(scan.living > 0 && scan.windows > scan.living && scan.forms.len() == 4 && scan.pages > 30);
    assert_eq!(pending(&mut store), 0);
    store.quick_check().unwrap();
    reopen(&store);
}

#[test]
fn after_a_kill_the_structure_alone_proves_it() {
    let (store, needles) = deleted();
    drop(needles);
    let mut store = reopen(&store);
    assert_eq!(finish(&mut store, None).unwrap(), ["A-2026-000001"]);
    assert!(!holds(&store, "көшесі 17"));
    let scan = store.read(|view| view.destruction("A-2026-000001")).unwrap().scan.unwrap();
    assert_eq!((scan.windows, scan.forms.len(), scan.structural_nonzero), (0, 0, 0));
    assert!(scan.unallocated > 0 && scan.bytes > 100_000);
}

#[test]
fn a_reader_keeps_it_pending() {
    let (mut store, needles) = deleted();
    let mut quick = Store::open(store.path(), Mode::ReadWrite, Duration::ZERO).unwrap();
    let refused = store.read(|view| {
        view.controllers()?;
        Ok(finish(&mut quick, Some(&needles)).unwrap_err())
    });
    let refused = refused.unwrap();
    assert_eq!(refused.kind(), Kind::Partial);
    assert!(refused.hint_text().unwrap().contains("dsr sanitize"));
    assert_eq!(pending(&mut store), 1);
    assert_eq!(finish(&mut quick, Some(&needles)).unwrap().len(), 1);
}

#[test]
fn a_file_beside_the_store_keeps_it_pending() {
    let (mut store, needles) = deleted();
    let export = store.path().with_file_name(".dsr-copy.json.part");
    fs::write(&export, r#"{"address":"Абай көшесі 17, Алматы"}"#).unwrap();
    assert_eq!(finish(&mut store, Some(&needles)).unwrap_err().kind(), Kind::Partial);
    let act = store.read(|view| view.destruction("A-2026-000001")).unwrap();
    assert!(act.finished.is_none() && act.scan.is_some_and(|scan: ScanReport| scan.residue > 0));
    fs::remove_file(export).unwrap();
    assert_eq!(finish(&mut store, Some(&needles)).unwrap().len(), 1);
}

#[test]
fn no_entry_no_act() {
    let (mut store, needles) = deleted();
    let refused = store.sanitise(Some(&needles), NOW, |_, _, _| Err(crate::domain::Error::usage("no")));
    assert_eq!(refused.unwrap_err().kind(), Kind::Partial);
    assert_eq!(pending(&mut store), 1);
}

#[test]
fn nothing_pending_is_no_fault_and_the_locks_survive() {
    let mut store = cast::dealership();
    let done = store.sanitise(None, NOW, |_, report, _| Ok(Some(u64::from(report.is_clean()))));
    assert!(done.unwrap().finished.is_empty());
    // The limits are back: nothing can be attached, and a second writer is kept out.
    assert!(store.conn.execute_batch("ATTACH ':memory:' AS other").is_err());
    let mut second = Store::open(store.path(), Mode::ReadWrite, Duration::ZERO).unwrap();
    let busy = store.transact(|tx| {
        tx.controller_or_new("third")?;
        Ok(second.transact(|_| Ok(())).unwrap_err().kind())
    });
    assert_eq!(busy.unwrap(), Kind::Busy);
}

#[test]
fn acts_are_numbered_by_year_and_listed() {
    let (mut store, _needles) = deleted();
    let new = |at: &str| NewDestruction {
        controller: "automaster",
        case: None,
        run: None,
        counts: BTreeMap::new(),
        rules: Vec::new(),
        kept: Vec::new(),
        at: Moment::parse(at).unwrap(),
        seq: None,
    };
    let open = |store: &mut Store, at: &str| store.transact(|tx| tx.open_destruction(&new(at))).unwrap();
    assert_eq!(open(&mut store, "2026-12-31T23:59"), "A-2026-000002");
    assert_eq!(open(&mut store, "2027-01-01T00:00"), "A-2027-000001");
    store.transact(|tx| tx.add_to_destruction("A-2027-000001", &[("usage".into(), 5)].into(), &[])).unwrap();
    let mut seen = Vec::new();
    store
        .read(|view| {
            let period = Period { controller: Some("automaster"), ..Period::default() };
            view.for_each_destruction(&period, |act| {
                seen.push((act.number, act.counts.values().sum::<u64>()));
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(seen, [("A-2026-000002".to_owned(), 0), ("A-2027-000001".to_owned(), 5)]);
    assert_eq!(finish(&mut store, None).unwrap().len(), 3);
    let late = store.transact(|tx| tx.add_to_destruction("A-2027-000001", &BTreeMap::new(), &[]));
    assert_eq!(late.unwrap_err().kind(), Kind::Usage);
}

/// Killed at any instant: the store is whole, the act is pending or finished, and the next call finishes it.
#[test]
fn a_kill_leaves_it_pending_or_finished() {
    use std::process::{Command, Stdio};
    let (mut store, _needles) = deleted();
    let this = std::env::current_exe().unwrap();
    let name = "store::destroy::tests::sanitise_tests::sanitise_at_place";
    for nth in 2..14 {
        let mut child = Command::new(&this)
            .args(["--exact", "--ignored", name])
            .env("PLACE", store.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(4 * nth));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut after = reopen(&store);
        after.quick_check().unwrap();
        for act in after.read(|view| view.pending_destructions()).unwrap() {
            assert!(act.finished.is_none() && act.done_seq.is_none(), "no finished act without its scan");
        }
        assert!(after.sanitise(None, NOW, |_, _, _| Ok(None)).unwrap().report.is_clean());
        assert_eq!(pending(&mut after), 0);
        assert!(!holds(&store, "көшесі 17"));
        store
            .transact(|tx| {
                tx.open_destruction(&NewDestruction {
                    controller: "mycar",
                    case: None,
                    run: None,
                    counts: BTreeMap::new(),
                    rules: Vec::new(),
                    kept: Vec::new(),
                    at: NOW,
                    seq: None,
                })
            })
            .unwrap();
    }
}

#[test]
#[ignore = "run and killed by the kill test in a process of its own"]
fn sanitise_at_place() {
    let place = std::env::var_os("PLACE").unwrap();
    let mut store =
        Store::open(std::path::Path::new(&place), Mode::ReadWrite, Duration::from_secs(1)).unwrap();
    loop {
        store.sanitise(None, NOW, |_, _, _| Ok(None)).unwrap();
    }
}

/// Asked before anything goes, so that no rebuilding fails half-way for want of room.
#[test]
fn what_needs_more_room_than_there_is_says_how_much() {
    let (store, _) = deleted();
    assert!(store.room(0).is_ok());
    let error = store.room(1 << 60).unwrap_err();
    assert_eq!(error.kind(), Kind::Partial);
    assert!(error.message().contains("bytes free; rebuilding the store needs"), "{}", error.message());
}
