//! What outlives the person: tombstones and suppressions, met again at an import.

use super::{NOW, everything, facts, furnished, key_file};
use crate::{
    domain::{Identifier, IdentifierType, Moment, Purpose},
    store::{KeyFile, Store, cast::uid, destroy::Needles, effect::Leave},
};

const BEFORE: Moment = Moment::from_unix(1_700_000_000);
const AFTER: Moment = Moment::from_unix(1_780_000_001);

fn identifier(kind: IdentifierType, text: &str) -> Identifier {
    Identifier::parse(kind, text).unwrap()
}

fn iin() -> Identifier {
    identifier(IdentifierType::Iin, "900101399998")
}

fn phone() -> Identifier {
    identifier(IdentifierType::Phone, "87010000001")
}

/// Person 1 asked to be left alone, and was destroyed. Nothing may hold them any more.
fn destroyed(key: &KeyFile) -> (crate::store::cast::Home, Needles) {
    let mut store = furnished();
    let free = "UPDATE obligation SET closed_at = 9 WHERE subject = 1;
        UPDATE hold SET released_at = 9 WHERE subject = 1; UPDATE block SET lifted_at = 9 WHERE subject = 1;
        UPDATE case_file SET ended_at = 9;";
    let records: Vec<_> = facts(&mut store).records.iter().map(|record| record.key).collect();
    let mut needles = Needles::new();
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            let person = tx.person("mycar", uid(1))?;
            tx.suppress(&person, &["analytics".into()], key, None, NOW)?;
            assert!(
                !tx.empty_subject((&person, Leave::Night), key, NOW, None, &mut needles)?,
                "records are left"
            );
            tx.destroy_records(&person, &records, &mut needles)?;
            assert!(
                !tx.empty_subject((&person, Leave::Night), key, NOW, None, &mut needles)?,
                "a deal is open"
            );
            tx.conn().execute_batch(free)?;
            tx.destroy_identifiers(&person, IdentifierType::ALL, true, &mut needles)?;
            assert!(tx.empty_subject((&person, Leave::Night), key, NOW, Some(4), &mut needles)?);
            Ok(())
        })
        .unwrap();
    (store, needles)
}

#[test]
fn only_the_random_id_remains() {
    let (_directory, key) = key_file();
    let (mut store, needles) = destroyed(&key);
    let left = facts(&mut store);
    assert!(left.identifiers.is_empty() && left.contacts.is_empty() && left.obligations.is_empty());
    assert!(left.suppressions.is_empty(), "no way from the id to the marks");
    assert_eq!((left.consents.len(), left.disclosures.len(), left.cases.len()), (1, 1, 1));
    assert!(store.read(|view| view.find("mycar", "900101399998")).unwrap().is_empty());
    assert!(store.read(|view| view.by_ref("mycar", "C-1")).unwrap().is_none());
    let seq: i64 = store
        .conn
        .query_row("SELECT min(seq) FROM tombstone WHERE destroyed_at = 1780000000", [], |row| row.get(0))
        .unwrap();
    assert_eq!(seq, 4);
    let dump = format!("{:?}", store.read(|view| Ok(everything(view))).unwrap());
    assert!(!dump.contains("900101399998") || dump.matches("900101399998").count() == 1, "the stranger's");
    let done = store.sanitise(Some(&needles), NOW, |_, _, _| Ok(None)).unwrap();
    assert!(done.report.is_clean());
}

#[test]
fn an_import_meets_the_destroyed() {
    let (_directory, key) = key_file();
    let (mut store, _) = destroyed(&key);
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            let guard = tx.import_guard("mycar", &key)?;
            for (about, reference, identifiers, collected, expected) in [
                ("by reference", "C-1", vec![], Some(BEFORE), true),
                ("by IIN under another reference", "X-9", vec![phone(), iin()], Some(BEFORE), true),
                ("a line without a time", "C-1", vec![], None, true),
                ("a returning customer", "C-1", vec![iin()], Some(AFTER), false),
                ("at the very second", "C-1", vec![], Some(NOW), true),
                ("who shares the telephone", "C-2", vec![phone()], Some(BEFORE), false),
                ("nobody", "", vec![], Some(BEFORE), false),
            ] {
                assert_eq!(guard.is_erased(reference, &identifiers, collected)?, expected, "{about}");
            }
            assert!(!tx.is_erased("automaster", &key, &[iin()], "C-1", Some(BEFORE))?, "strangers");
            assert!(tx.is_erased("mycar", &key, &[iin()], "", Some(BEFORE))?);
            let place = tempfile::tempdir().unwrap();
            let wrong = KeyFile::create(&place.path().join("k"), [6; 32])?;
            assert!(
                !tx.is_erased("mycar", &wrong, &[iin()], "C-1", Some(BEFORE))?,
                "nothing without the key"
            );
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_import_meets_what_was_stopped() {
    let (_directory, key) = key_file();
    let (mut store, _) = destroyed(&key);
    let analytics = [Purpose::from("analytics")];
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            assert_eq!(
                tx.suppressed("mycar", &key, &[phone()], None)?,
                analytics,
                "the number is left alone"
            );
            assert_eq!(tx.suppressed("mycar", &key, &[], Some("C-1"))?, analytics);
            assert_eq!(tx.suppressed("mycar", &key, &[iin(), phone()], Some("C-1"))?, analytics, "once");
            assert_eq!(tx.suppressed("mycar", &key, &[], Some("C-2"))?, []);
            assert_eq!(tx.suppressed("automaster", &key, &[iin()], None)?, []);
            Ok(())
        })
        .unwrap();
    // They come back, under a reference of their own.
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            tx.conn().execute_batch(
                "INSERT INTO subject (uid, controller, ref, created_at) VALUES (zeroblob(16), 1, 'C-77', 0);
                 INSERT INTO identifier (subject, controller, type, key)
                   SELECT id, 1, 1, '900101399998' FROM subject WHERE ref = 'C-77'",
            )?;
            let back = tx.person("mycar", crate::domain::SubjectId::from_bytes([0; 16]))?;
            assert_eq!(tx.adopt_suppressions(&back, &key)?, 1);
            let facts = tx.facts("mycar", back.id())?;
            assert_eq!(facts.suppressions.iter().map(|s| &s.purpose).collect::<Vec<_>>(), [&analytics[0]]);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_record_of_somebody_still_held_does_not_come_back() {
    let (_directory, key) = key_file();
    let mut store = furnished();
    let record = facts(&mut store).records[0].clone();
    let erase = |store: &mut Store| {
        store.transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            let person = tx.person("mycar", uid(1))?;
            tx.mark_records_destroyed(&person, &[record.key], &key, NOW, None)?;
            tx.destroy_records(&person, &[record.key], &mut Needles::new())
        })
    };
    erase(&mut store).unwrap();
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            let guard = tx.import_guard("mycar", &key)?;
            assert!(guard.is_record_erased(&record.reference, BEFORE)?);
            assert!(!guard.is_record_erased(&record.reference, AFTER)?, "collected anew");
            assert!(!guard.is_record_erased("R-21", BEFORE)?);
            assert!(!guard.is_erased("C-1", &[iin()], Some(BEFORE))?, "the person is still held");
            Ok(())
        })
        .unwrap();
}

/// Whoever has store and log but no key cannot find out whether an IIN is in it: every IIN of the cast is tried
/// with plain digests.
#[test]
fn a_mark_is_no_plain_digest() {
    use sha2::{Digest, Sha256};
    let (_directory, key) = key_file();
    let (store, _) = destroyed(&key);
    let bytes = std::fs::read(store.path()).unwrap();
    for text in ["900101399998", "mycar900101399998", "iin:900101399998", "+77010000001"] {
        let digest = Sha256::digest(text);
        assert!(!bytes.windows(32).any(|place| place == digest.as_slice()), "{text}");
    }
    let mark = key.mac("mycar", 1, "900101399998");
    assert!(bytes.windows(32).any(|place| place == mark), "only the key finds it");
}
