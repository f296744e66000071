//! Each effect: what it changes, that it changes nobody else, and that a stale key changes nothing at all.

use chrono::NaiveDate;
use serde_json::json;

use super::{NOW, case, everything, facts, furnished, key_file, named, of_others};
use crate::{
    domain::{Category, Identifier, IdentifierType, Kind, Purpose, RecordKey, Result, Scope, SubjectId},
    store::{
        SearchKey, Store, Tx,
        cast::uid,
        destroy::Needles,
        effect::{Correction, NewConsent, Person, Wait},
    },
};

type Effect<'e> = &'e dyn Fn(&Tx<'_>, &Person) -> Result<()>;

/// Runs an effect on person 1 and checks that rows of others stay as they were.
fn act<T>(store: &mut Store, effect: impl FnOnce(&Tx<'_>, &Person) -> Result<T>) -> T {
    let before = store.read(|view| Ok(of_others(view))).unwrap();
    let done = store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            effect(tx, &tx.person("mycar", uid(1))?)
        })
        .unwrap();
    let after = store.read(|view| Ok(of_others(view))).unwrap();
    assert_eq!(before, after, "somebody else was changed");
    done
}

fn keys(store: &mut Store, category: &str) -> Vec<RecordKey> {
    let records = facts(store).records;
    records.iter().filter(|record| record.category.as_str() == category).map(|record| record.key).collect()
}

fn day() -> NaiveDate {
    "2031-12-31".parse().unwrap()
}

fn number(text: &str) -> SearchKey {
    SearchKey::of(&Identifier::parse(IdentifierType::Phone, text).unwrap())
}

#[test]
fn records_are_destroyed_with_what_hangs_on_them() {
    let mut store = furnished();
    let contact = keys(&mut store, "contact");
    let mut needles = Needles::new();
    act(&mut store, |tx, person| {
        let noted = tx.annotate(person, contact[0], "phone", &json!("it was never mine"), NOW, None)?;
        tx.conn().execute(
            "INSERT INTO identifier (subject, controller, type, key, hint, record) VALUES (1, 1, 7, 'омарова', 'hinted', ?1)",
            [noted.id],
        )?;
        tx.destroy_records(person, &[noted, contact[1]], &mut needles)
    });
    let left = facts(&mut store);
    assert_eq!(left.records.iter().map(|r| r.reference.as_str()).collect::<Vec<_>>(), ["R-11"]);
    assert_eq!(left.identifiers.len(), 3, "what the line stated is still there");
    let words: Vec<_> = needles.values().map(|v| String::from_utf8_lossy(v).into_owned()).collect();
    for word in ["омарова", "hinted", "it was never mine", "+77010000001"] {
        assert!(words.iter().any(|known| known == word), "{word}");
    }
    let gone = act(&mut store, |tx, person| {
        tx.destroy_identifiers(person, &[IdentifierType::Phone], true, &mut needles)
    });
    assert_eq!((gone, facts(&mut store).identifiers.len()), (2, 2), "the phone and the name");
}

#[test]
fn a_stale_key_changes_nothing() {
    let mut store = furnished();
    let own = facts(&mut store);
    let other = store.read(|view| view.facts("mycar", uid(2))).unwrap();
    let stranger = store.read(|view| view.facts("mycar", uid(3))).unwrap();
    let good = own.records[0].key;
    let later = RecordKey { version: good.version + 1, ..good };
    let missing = RecordKey { id: 999, version: 1 };
    let fields = [("phone".to_owned(), json!("+77010000002"))];
    let before = store.read(|view| Ok(everything(view))).unwrap();
    for wrong in [later, missing, other.records[0].key] {
        let keys = [own.records[1].key, wrong];
        let correction =
            Correction { key: wrong, fields: &fields, names: &[], document_at: None, activity_at: None };
        let (_directory, key) = key_file();
        let effects: [Effect<'_>; 5] = [
            &|tx, person| tx.destroy_records(person, &keys, &mut Needles::new()),
            &|tx, person| tx.archive_records(person, &keys, day(), "KZ-TAX"),
            &|tx, person| tx.rectify(person, &correction, NOW, &mut Needles::new()).map(drop),
            &|tx, person| tx.annotate(person, wrong, "phone", &json!(1), NOW, None).map(drop),
            &|tx, person| tx.mark_records_destroyed(person, &keys, &key, NOW, None),
        ];
        for effect in effects {
            let refused = store.transact(|tx| effect(tx, &tx.person("mycar", uid(1))?)).unwrap_err();
            assert_eq!(refused.kind(), Kind::Ambiguous);
        }
    }
    let (consent, block) = (stranger.consents[0].id, stranger.blocks[0].id);
    let rows: [Effect<'_>; 5] = [
        &|tx, person| tx.withdraw_consents(person, &[own.consents[0].id, consent], NOW),
        &|tx, person| tx.withdraw_consents(person, &[999], NOW),
        &|tx, person| tx.lift_blocks(person, &[own.blocks[0].id, block], "accurate", NOW),
        &|tx, person| tx.lift_blocks(person, &[999], "accurate", NOW),
        &|tx, _| tx.wait_for(&case(), &[Wait::Obligation(own.obligations[0].id), Wait::Obligation(999)]),
    ];
    for effect in rows {
        let refused = store.transact(|tx| effect(tx, &tx.person("mycar", uid(1))?)).unwrap_err();
        assert_eq!(refused.kind(), Kind::Ambiguous);
    }
    assert_eq!(store.read(|view| Ok(everything(view))).unwrap(), before);
}

#[test]
fn archived_and_withdrawn_once() {
    let mut store = furnished();
    let vehicle = keys(&mut store, "vehicle");
    let consent = facts(&mut store).consents[0].id;
    act(&mut store, |tx, person| {
        tx.archive_records(person, &vehicle, day(), "KZ-TAX")?;
        tx.withdraw_consents(person, &[consent], NOW)
    });
    let after = facts(&mut store);
    assert_eq!((named(&after, "R-11").archived_until, named(&after, "R-11").key.version), (Some(day()), 2));
    assert_eq!(after.consents[0].withdrawn_at, Some(NOW));
    let again = |store: &mut Store, effect: &dyn Fn(&Tx<'_>, &Person) -> Result<()>| {
        store.transact(|tx| effect(tx, &tx.person("mycar", uid(1))?)).unwrap_err().kind()
    };
    assert_eq!(again(&mut store, &|tx, p| tx.archive_records(p, &vehicle, day(), "x")), Kind::Ambiguous);
    assert_eq!(again(&mut store, &|tx, p| tx.withdraw_consents(p, &[consent], NOW)), Kind::Ambiguous);
}

#[test]
fn a_consent_is_added_once() {
    let mut store = furnished();
    let new = NewConsent {
        reference: Some("K-new".into()),
        scope: Scope::Processing,
        purposes: vec!["service".into(), "fraud".into()],
        given_at: NOW,
        given_by: "self".into(),
        expires_at: None,
        method: "paper".into(),
        evidence: "folder 3".into(),
        policy_version: "2".into(),
        third_party: false,
        cross_border: true,
        publication: false,
    };
    let id = act(&mut store, |tx, person| tx.add_consent(person, &new));
    let found = facts(&mut store).consents.into_iter().find(|consent| consent.id == id).unwrap();
    assert_eq!((found.scope, found.purposes, found.cross_border), (new.scope, new.purposes.clone(), true));
    let twice = store.transact(|tx| tx.add_consent(&tx.person("mycar", uid(1))?, &new));
    assert_eq!(twice.unwrap_err().kind(), Kind::Usage);
    let bare = NewConsent { reference: None, ..new };
    act(&mut store, |tx, person| tx.add_consent(person, &bare));
    act(&mut store, |tx, person| tx.add_consent(person, &bare));
}

#[test]
fn blocked_and_lifted_held_and_released() {
    let mut store = furnished();
    let contact = Category::from("contact");
    let block = act(&mut store, |tx, person| tx.block(person, Some(&contact), &case(), NOW));
    let held = act(&mut store, |tx, person| tx.add_hold(person, None, NOW, "court order 7"));
    let during = facts(&mut store);
    assert!(during.blocks.iter().any(|b| b.id == block && b.category == Some(contact.clone())));
    assert!(during.holds.iter().any(|h| h.number == held.number && h.basis == "court order 7"));
    act(&mut store, |tx, person| tx.lift_blocks(person, &[block], "unlawful", NOW));
    let released = act(&mut store, |tx, _| tx.release_hold("mycar", &held.number, NOW));
    assert_eq!((released.subject, released.released), (uid(1), Some(NOW)));
    let after = facts(&mut store);
    assert_eq!((after.blocks.len(), after.holds.len()), (1, 1), "those that stood before");
    for (number, kind) in
        [(held.number.as_str(), Kind::Usage), ("H-99", Kind::NotFound), ("99", Kind::NotFound)]
    {
        let refused = store.transact(|tx| tx.release_hold("mycar", number, NOW));
        assert_eq!(refused.unwrap_err().kind(), kind, "{number}");
    }
    let stranger = store.transact(|tx| tx.release_hold("automaster", "H-1", NOW));
    assert_eq!(stranger.unwrap_err().kind(), Kind::NotFound);
    let mut listed = 0;
    store
        .read(|view| {
            view.for_each_hold(&Default::default(), |_| {
                listed += 1;
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(listed, 4);
}

#[test]
fn rectified_everywhere() {
    let mut store = furnished();
    let contact = keys(&mut store, "contact")[0];
    // As an import lays it down: the number of the payload is a name of the person too.
    let (old, new) = (number("87010000001"), number("87010000002"));
    act(&mut store, |tx, _| {
        let sql = "INSERT INTO identifier (subject, controller, type, key, record) VALUES (1, 1, 3, ?1, ?2)";
        Ok(tx.conn().execute(sql, (&old.key, contact.id))?)
    });
    let mut needles = Needles::new();
    let fields = [("phone".to_owned(), json!("8 701 000 00 02")), ("city".to_owned(), json!("Ақтау"))];
    let correction = Correction {
        key: contact,
        fields: &fields,
        names: std::slice::from_ref(&new),
        document_at: None,
        activity_at: Some(NOW),
    };
    let key = act(&mut store, |tx, person| tx.rectify(person, &correction, NOW, &mut needles));
    assert_eq!(key, RecordKey { version: contact.version + 1, ..contact });
    let after = facts(&mut store);
    let record = after.records.iter().find(|record| record.key == key).unwrap();
    assert_eq!(record.data, r#"{"city":"Ақтау","phone":"8 701 000 00 02"}"#);
    assert_eq!(record.activity_at, Some(NOW));
    let phones: Vec<_> = after.identifiers.iter().filter(|i| i.kind() == IdentifierType::Phone).collect();
    assert_eq!(phones.len(), 1, "the stated number was corrected too");
    assert_eq!(phones[0].expose(), "+77010000002");
    let words: Vec<_> = needles.values().map(|v| String::from_utf8_lossy(v).into_owned()).collect();
    assert_eq!(words, ["+77010000001"; 3], "payload, read from it, stated");
    let (marked, digest): (i64, Option<i64>) = store
        .conn
        .query_row(
            "SELECT count(*), max(r.digest) FROM rectified m JOIN record r ON r.id = m.record",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!((marked, digest), (2, None));
    let emptied = [("phone".to_owned(), serde_json::Value::Null)];
    let correction = Correction { key, fields: &emptied, names: &[], document_at: None, activity_at: None };
    act(&mut store, |tx, person| tx.rectify(person, &correction, NOW, &mut needles));
    let after = facts(&mut store);
    assert!(!after.records.iter().any(|record| record.data.contains("00 02")));
    assert!(!after.identifiers.iter().any(|i| i.kind() == IdentifierType::Phone));
}

#[test]
fn a_note_stands_beside_the_document() {
    let mut store = furnished();
    let vehicle = keys(&mut store, "vehicle")[0];
    let key = act(&mut store, |tx, person| {
        let key =
            tx.annotate(person, vehicle, "vin", &json!({"says": "one digit is wrong"}), NOW, Some(&case()))?;
        tx.annotate(person, key, "year", &json!("2019"), NOW, None)
    });
    let after = facts(&mut store);
    let record = named(&after, "R-11");
    assert_eq!((record.key, record.key.version), (key, vehicle.version + 2));
    let notes: Vec<_> =
        record.annotations.iter().map(|(field, note, at)| (field.as_str(), note.as_str(), *at)).collect();
    assert_eq!(notes, [("vin", r#"{"says":"one digit is wrong"}"#, NOW), ("year", "\"2019\"", NOW)]);
    assert_eq!(record.data, r#"{"phone":"+77010000001"}"#, "not overwritten");
    assert!(after.records.iter().filter(|r| r.reference != "R-11").all(|r| r.annotations.is_empty()));
}

#[test]
fn a_person_of_two_rows_is_one_person() {
    let mut store = furnished();
    store.transact(|tx| tx.link("mycar", uid(1), uid(2))).unwrap();
    let all: Vec<RecordKey> = facts(&mut store).records.iter().map(|record| record.key).collect();
    assert_eq!(all.len(), 6);
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            tx.destroy_records(&tx.person("mycar", uid(2))?, &all, &mut Needles::new())
        })
        .unwrap();
    assert!(facts(&mut store).records.is_empty());
    let nobody = store.read(|view| view.person("mycar", SubjectId::from_bytes([99; 16])).map(drop));
    assert_eq!(nobody.unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn a_case_waits_and_learns_when_it_is_over() {
    let mut store = furnished();
    let own = facts(&mut store);
    let (deal, block) = (own.obligations[0].id, own.blocks[0].id);
    let waits = [Wait::Obligation(deal), Wait::Block(block), Wait::Document];
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            let executed = crate::domain::CaseEvent::Executed {
                command: "revoke".into(),
                waiting: true,
                ask: None,
                outcome: None,
            };
            tx.move_case(&case(), &executed, NOW, "officer")?;
            tx.wait_for(&case(), &[Wait::Document])?;
            tx.wait_for(&case(), &waits)
        })
        .unwrap();
    let ended = |store: &mut Store, controller, subject| {
        let mut all = Vec::new();
        store
            .read(|view| {
                view.for_each_ended_wait(controller, subject, |over| {
                    all.push((over.case, over.wait, over.reference, over.ended.unix()));
                    Ok(())
                })
            })
            .unwrap();
        all
    };
    assert_eq!(ended(&mut store, None, None), []);
    assert_eq!(store.read(|view| view.waits(&case())).unwrap(), waits);
    store.conn.execute_batch("UPDATE obligation SET closed_at = 77 WHERE ref = 'O-1'").unwrap();
    let over = [(case(), Wait::Obligation(deal), Some("O-1".to_owned()), 77)];
    assert_eq!(ended(&mut store, Some("mycar"), Some(uid(1))), over);
    assert_eq!(ended(&mut store, None, None), over);
    assert_eq!(ended(&mut store, Some("automaster"), None), []);
    assert_eq!(ended(&mut store, None, Some(uid(2))), []);
    let mut waiting = Vec::new();
    store
        .read(|view| {
            view.for_each_waiting_case(None, |file, waits| {
                waiting.push((file.number, waits.len()));
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(waiting, [(case(), 3)]);
    store
        .transact(|tx| {
            tx.append(|_, _| b"entry".to_vec())?;
            tx.move_case(
                &case(),
                &crate::domain::CaseEvent::Reopened { since: None, why: None },
                NOW,
                "officer",
            )?;
            tx.wait_for(&case(), &[])
        })
        .unwrap();
    assert_eq!(ended(&mut store, None, None), []);
}

#[test]
fn suppressed_purposes_are_of_one_person() {
    let mut store = furnished();
    let (_directory, key) = key_file();
    let purposes = [Purpose::from("analytics"), Purpose::from("promotion"), Purpose::from("analytics")];
    let new = act(&mut store, |tx, person| tx.suppress(person, &purposes, &key, Some(&case()), NOW));
    assert_eq!(new, [Purpose::from("analytics")], "promotion stood already");
    let found = facts(&mut store).suppressions;
    assert_eq!(found.iter().map(|s| s.purpose.as_str()).collect::<Vec<_>>(), ["promotion", "analytics"]);
    let mut listed = Vec::new();
    store
        .read(|view| {
            view.for_each_suppression(&Default::default(), |s| {
                listed.push(s);
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(listed.len(), 4, "three that stood and one, whatever the number of identifiers");
    assert_eq!((listed[3].case.clone(), listed[3].subject), (Some(case()), Some(uid(1))));
    let lifted = act(&mut store, |tx, person| tx.lift_suppressions(person, &purposes, NOW));
    assert_eq!((lifted, facts(&mut store).suppressions.len()), (2, 0));
}
