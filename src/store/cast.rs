//! An invented dealership for the tests of the store.

#![expect(clippy::unwrap_used, reason = "only tests use this")]

use std::time::Duration;

use super::{CreateOptions, Mode, NewCase, SearchKey, Store, Tx};
use crate::domain::{Channel, Identifier, IdentifierType, Moment, Right, SubjectId};

/// The `n`th person.
pub fn uid(n: u8) -> SubjectId {
    SubjectId::from_bytes([n; 16])
}

/// What `init` would say.
pub fn options() -> CreateOptions {
    CreateOptions {
        controller: Some("mycar".into()),
        drill_since: None,
        store_id: [7; 16],
        now: Moment::from_unix(1_700_000_000),
    }
}

/// A store in a directory that goes with it.
pub struct Home {
    store: Store,
    _directory: tempfile::TempDir,
}

impl std::ops::Deref for Home {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl std::ops::DerefMut for Home {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

/// A store with nobody in it.
pub fn empty() -> Home {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create(&directory.path().join("store.db"), &options()).unwrap();
    Home { store, _directory: directory }
}

/// The same store for a second command.
pub fn reopen(store: &Store) -> Store {
    Store::open(store.path(), Mode::ReadWrite, Duration::from_secs(60)).unwrap()
}

/// Persons 1–3 at MyCar, person 9 at AutoMaster with the same IIN as 1.
pub fn dealership() -> Home {
    let mut store = empty();
    store.transact(fill).unwrap();
    store
}

/// The people of [`dealership`].
pub fn fill(tx: &Tx<'_>) -> crate::domain::Result<()> {
    use IdentifierType::{Email, Iin, Phone, Plate};
    person(tx, "mycar", 1, "C-1", &[(Iin, "900101399998"), (Phone, "87010000001"), (Plate, "001 ABC 02")]);
    person(tx, "mycar", 2, "C-2", &[(Phone, "+7 701 000 00 01"), (Email, "aida@example.kz")]);
    person(tx, "mycar", 3, "C-3", &[]);
    person(tx, "automaster", 9, "C-1", &[(Iin, "900101399998")]);
    named(tx, 1, "Омарова Асель");
    named(tx, 3, "Семёнов Пётр");
    Ok(())
}

/// Gives person `n` of MyCar one row of every kind: three records, everything else once.
pub fn furnish(tx: &Tx<'_>, n: u8) -> crate::domain::Result<()> {
    let mycar = tx.controller_or_new("mycar").unwrap();
    let person: i64 = tx
        .conn()
        .query_row("SELECT id FROM subject WHERE uid = ?1", [uid(n).as_bytes()], |row| row.get(0))
        .unwrap();
    for (nth, category) in [(1, "vehicle"), (2, "contact"), (3, "contact")] {
        let sql = "INSERT INTO record (subject, controller, category, ref, collected_at, document_at, source, given_by,
                     purposes, archived_until, data)
                   VALUES (?1, ?2, ?3, ?4, 1700000000 + ?5, 1600000000, 'web_form', 'self', 'service promotion',
                     iif(?5 = 1, '2030-12-31', NULL), json_object('phone', '+77010000001'))";
        let category = tx.category_or_new(category).unwrap();
        tx.conn().execute(sql, (person, mycar, category, format!("R-{n}{nth}"), nth)).unwrap();
    }
    let case = tx.open_case(&NewCase { subject: Some(uid(n)), ..new_case("2026-03-20T15:00") }).unwrap();
    let rest = format!(
        "INSERT INTO consent (subject, controller, ref, scope, purposes, given_at, given_by, method, evidence,
           policy_version, third_party, cross_border, publication)
           VALUES ({person}, {mycar}, 'K-{n}', 'promotion', 'promotion', 1700000000, 'self', 'web_form', '', '1', 1, 0, 0);
         INSERT INTO obligation (subject, controller, ref, kind, opened_at) VALUES ({person}, {mycar}, 'O-{n}', 'purchase', 5);
         INSERT INTO disclosure (subject, controller, ref, recipient, country, categories, purpose, basis, at)
           VALUES ({person}, {mycar}, 'D-{n}', 'Bank', 'KZ', 'contact vehicle', 'service', 'contract', 6);
         INSERT INTO contact (subject, controller, ref, at, inbound) VALUES ({person}, {mycar}, 'T-{n}', 7, 1);
         INSERT INTO hold (subject, controller, category, since, basis) VALUES ({person}, {mycar}, 'contact', 8, 'court');
         INSERT INTO block (subject, controller, case_id, since)
           SELECT {person}, {mycar}, id, 9 FROM case_file WHERE number = '{case}';
         INSERT INTO suppression (subject, controller, purpose, since) VALUES ({person}, {mycar}, 'promotion', 10);"
    );
    Ok(tx.conn().execute_batch(&rest)?)
}

fn person(tx: &Tx<'_>, controller: &str, n: u8, reference: &str, known: &[(IdentifierType, &str)]) {
    let controller = tx.controller_or_new(controller).unwrap();
    let sql = "INSERT INTO subject (uid, controller, ref, created_at) VALUES (?1, ?2, ?3, 0)";
    tx.conn().execute(sql, (uid(n).as_bytes(), controller, reference)).unwrap();
    for (kind, typed) in known {
        add_key(tx, n, &SearchKey::of(&Identifier::parse(*kind, typed).unwrap()));
    }
}

fn named(tx: &Tx<'_>, n: u8, name: &str) {
    add_key(tx, n, &SearchKey::name(name).unwrap());
}

fn add_key(tx: &Tx<'_>, n: u8, key: &SearchKey) {
    let sql = "INSERT INTO identifier (subject, controller, type, key, hint, value)
               SELECT id, controller, ?2, ?3, ?4, ?5 FROM subject WHERE uid = ?1";
    tx.conn().execute(sql, (uid(n).as_bytes(), key.code, &key.key, &key.hint, &key.value)).unwrap();
}

/// A request of nobody yet.
pub fn new_case(recorded: &str) -> NewCase {
    let recorded = Moment::parse(recorded).unwrap();
    NewCase {
        controller: "mycar".into(),
        subject: None,
        right: Right::Access,
        received: recorded,
        recorded,
        channel: Channel::RegisteredLetter,
        tracking: None,
        language: Some("ru".into()),
        representative: None,
        authority: None,
        due: "2026-03-26".parse().ok(),
        due_at: None,
        target: "2026-03-25".parse().ok(),
        provisional: false,
        actor: "officer".into(),
        late: None,
        demand: None,
    }
}
