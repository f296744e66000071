//! Who could be meant: masked candidates by identifier, name or any text.
//!
//! Equality of canonical forms is proof. Look-alikes (ё/е, Latin letters in Cyrillic words) are marked as
//! hints and come last: no command may act on one. More than one candidate is the caller's question to ask.

use rusqlite::OptionalExtension;

use super::{SearchKey, View, column, key, subject::SubjectRow};
use crate::domain::{Identifier, IdentifierType, Result, SubjectId, unseen::is_unseen};

/// One person who fits, shown so that an officer recognises them and nobody else can use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The id to name them by.
    pub id: SubjectId,
    /// The controller that holds them.
    pub controller: String,
    /// Names, masked to the first letter of each part.
    pub names: Vec<String>,
    /// Identifiers, masked.
    pub identifiers: Vec<(IdentifierType, String)>,
    /// What fitted: `iin`, …, `name`, `ref`, `id`.
    pub matched_by: &'static str,
    /// Whether only a look-alike fitted.
    pub hint: bool,
}

/// A person who fits, not yet shown.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Match {
    root: i64,
    by: &'static str,
    hint: bool,
}

impl View<'_> {
    /// Everybody with this identifier; then, as hints, everybody with one that looks like it.
    ///
    /// # Errors
    /// As any read.
    pub fn by_identifier(&self, controller: &str, identifier: &Identifier) -> Result<Vec<Candidate>> {
        self.candidates(controller, |row| self.match_identifier(row, identifier))
    }

    /// Everybody whose name has all these words, in any order.
    ///
    /// # Errors
    /// As any read.
    pub fn by_name(&self, controller: &str, name: &str) -> Result<Vec<Candidate>> {
        self.candidates(controller, |row| self.match_name(row, name))
    }

    /// The person of this id or this reference, and nobody whose name happens to look like one: a look
    /// into an index, where [`View::find`] reads every name.
    ///
    /// # Errors
    /// As any read.
    pub fn by_own(&self, controller: &str, text: &str) -> Result<Vec<Candidate>> {
        self.candidates(controller, |_| self.match_own(controller, text))
    }

    /// Everybody whom this text could mean: an id, a reference, any identifier, a name.
    ///
    /// # Errors
    /// As any read.
    pub fn find(&self, controller: &str, text: &str) -> Result<Vec<Candidate>> {
        self.candidates(controller, |row| {
            let mut all = self.match_own(controller, text)?;
            for kind in IdentifierType::ALL {
                if let Ok(identifier) = Identifier::parse(*kind, text) {
                    all.extend(self.match_identifier(row, &identifier)?);
                }
            }
            all.extend(self.match_name(row, text)?);
            Ok(all)
        })
    }

    fn candidates(
        &self,
        code: &str,
        search: impl FnOnce(i64) -> Result<Vec<Match>>,
    ) -> Result<Vec<Candidate>> {
        let Some(controller) = self.controller(code)? else { return Ok(Vec::new()) };
        let mut all = search(controller)?;
        all.sort_by_key(|found| found.hint);
        let mut seen = std::collections::HashSet::new();
        all.retain(|found| seen.insert(found.root));
        all.into_iter().map(|found| self.show(code, found)).collect()
    }

    fn match_own(&self, controller: &str, text: &str) -> Result<Vec<Match>> {
        let text = text.trim();
        let by_id = text.parse().ok().map(|id| self.by_id(controller, id)).transpose()?.flatten();
        let by_ref = self.by_ref(controller, text)?;
        let mut all = Vec::new();
        for (found, by) in [(by_id, "id"), (by_ref, "ref")] {
            let row = found.map(|id| self.rows_of(controller, id)).transpose()?.unwrap_or_default();
            all.extend(row.first().map(|row| Match { root: row.id, by, hint: false }));
        }
        Ok(all)
    }

    fn match_identifier(&self, controller: i64, identifier: &Identifier) -> Result<Vec<Match>> {
        let sought = SearchKey::of(identifier);
        let by = identifier.kind().as_str();
        let mut all = self.match_column(controller, "i.key", sought.code, &sought.key, by, false)?;
        // A hint equal to its key is not stored, so both columns are asked.
        if sought.hint.is_some() || !matches!(identifier.kind(), IdentifierType::Iin | IdentifierType::Phone)
        {
            all.extend(self.match_column(controller, "i.hint", sought.code, sought.loose(), by, true)?);
            all.extend(self.match_column(controller, "i.key", sought.code, sought.loose(), by, true)?);
        }
        Ok(all)
    }

    fn match_column(
        &self,
        controller: i64,
        which: &str,
        code: i64,
        text: &str,
        by: &'static str,
        hint: bool,
    ) -> Result<Vec<Match>> {
        let mut query = self.prepare(&format!(
            "SELECT DISTINCT ifnull(s.same_as, s.id) FROM identifier i JOIN subject s ON s.id = i.subject
              WHERE i.controller = ?1 AND i.type = ?2 AND {which} = ?3 ORDER BY 1"
        ))?;
        let rows = query.query_map((controller, code, text), |row| row.get(0))?;
        rows.map(|root| Ok(Match { root: root?, by, hint })).collect()
    }

    /// SQL narrows to names that contain the longest word; word by word is compared here.
    fn match_name(&self, controller: i64, name: &str) -> Result<Vec<Match>> {
        let Some(sought) = SearchKey::name(name) else { return Ok(Vec::new()) };
        let longest = words(sought.loose()).max_by_key(|word| word.len()).unwrap_or_default();
        let mut query = self.prepare(
            "SELECT ifnull(s.same_as, s.id), i.key, ifnull(i.hint, i.key)
               FROM identifier i CROSS JOIN subject s ON s.id = i.subject
              WHERE i.controller = ?1 AND i.type = ?2 AND instr(ifnull(i.hint, i.key), ?3) > 0 ORDER BY 1",
        )?;
        let mut rows = query.query((controller, key::NAME, longest))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let (root, exact) = (row.get(0)?, covers(column::text(row, 1)?, &sought.key));
            if exact || covers(column::text(row, 2)?, sought.loose()) {
                all.push(Match { root, by: "name", hint: !exact });
            }
        }
        Ok(all)
    }

    fn show(&self, controller: &str, found: Match) -> Result<Candidate> {
        let mut query = self.prepare("SELECT uid FROM subject WHERE id = ?1")?;
        let uid = query.query_row([found.root], |row| row.get(0)).optional()?.unwrap_or_default();
        let person = "subject IN (SELECT ?1 UNION ALL SELECT id FROM subject WHERE same_as = ?1)";
        let (names, identifiers) = self.masked(person, found.root)?;
        Ok(Candidate {
            id: SubjectId::from_bytes(uid),
            controller: controller.to_owned(),
            names,
            identifiers,
            matched_by: found.by,
            hint: found.hint,
        })
    }

    /// The entries under which one person is held, each with what it alone holds, so that a wrong link can
    /// be seen. The one that stands for all is first; none: not held.
    ///
    /// # Errors
    /// As any read.
    pub fn entries(&self, controller: &str, id: SubjectId) -> Result<Vec<Candidate>> {
        let entry = |row: SubjectRow| {
            let (names, identifiers) = self.masked("subject = ?1", row.id)?;
            let controller = controller.to_owned();
            Ok(Candidate { id: row.uid, controller, names, identifiers, matched_by: "id", hint: false })
        };
        self.rows_of(controller, id)?.into_iter().map(entry).collect()
    }

    /// Names and identifiers, masked, of the entries that fit the condition.
    fn masked(&self, condition: &str, row: i64) -> Result<Masked> {
        let mut query = self.prepare(&format!(
            "SELECT DISTINCT type, key, ifnull(value, key) FROM identifier WHERE {condition} ORDER BY type, key"
        ))?;
        let mut rows = query.query([row])?;
        let mut shown = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            mask(&mut shown, row.get(0)?, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?);
        }
        Ok(shown)
    }
}

/// Names, and identifiers with their kind.
type Masked = (Vec<String>, Vec<(IdentifierType, String)>);

fn mask((names, identifiers): &mut Masked, code: i64, canonical: &str, written: &str) {
    let Some(kind) = key::kind(code) else {
        let name = masked_name(written);
        if !names.contains(&name) {
            names.push(name);
        }
        return;
    };
    if let Ok(identifier) = Identifier::parse(kind, canonical) {
        identifiers.push((kind, identifier.masked()));
    }
}

/// Words of a folded name; the halves of a double name count too.
fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split([' ', '-']).filter(|word| !word.is_empty())
}

fn covers(held: &str, sought: &str) -> bool {
    words(sought).all(|word| words(held).any(|other| other == word))
}

/// `Омарова Асель` → `О… А…`.
fn masked_name(written: &str) -> String {
    let initials = written.split_whitespace().filter_map(|word| word.chars().find(|c| !is_unseen(*c)));
    initials.map(|first| format!("{first}…")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::cast::{self, uid};

    fn found(controller: &str, text: &str) -> Vec<(SubjectId, &'static str, bool)> {
        let all = cast::dealership().read(|view| view.find(controller, text)).unwrap();
        all.into_iter().map(|c| (c.id, c.matched_by, c.hint)).collect()
    }

    #[test]
    fn by_any_text() {
        for (about, text, expected) in [
            ("an IIN", "900101 399998", vec![(uid(1), "iin", false)]),
            (
                "a shared phone is two people",
                "8 (701) 000-00-01",
                vec![(uid(1), "phone", false), (uid(2), "phone", false)],
            ),
            (
                "a figure dash",
                "+7 701\u{2012}000\u{2012}00\u{2012}01",
                vec![(uid(1), "phone", false), (uid(2), "phone", false)],
            ),
            ("a plate in Latin", "001 abc 02", vec![(uid(1), "plate", false)]),
            ("a plate in Cyrillic is a hint", "001 АВС 02", vec![(uid(1), "plate", true)]),
            ("an e-mail of another case", "Aida@Example.kz", vec![(uid(2), "email", false)]),
            ("a reference", "C-3", vec![(uid(3), "ref", false)]),
            ("an id", "02020202020202020202020202020202", vec![(uid(2), "id", false)]),
            ("a whole name in another order", "Асель Омарова", vec![(uid(1), "name", false)]),
            ("a surname", "омарова", vec![(uid(1), "name", false)]),
            ("no part of a word", "Омар", vec![]),
            ("ё typed decomposed", "Семе\u{308}нов", vec![(uid(3), "name", false)]),
            ("е for ё is a hint", "Семенов", vec![(uid(3), "name", true)]),
            ("a Latin letter in a Cyrillic name", "Oмaрова", vec![(uid(1), "name", true)]),
            ("nobody", "87779999999", vec![]),
            ("nothing", " ", vec![]),
        ] {
            assert_eq!(found("mycar", text), expected, "{about}");
        }
    }

    #[test]
    fn two_controllers_are_strangers() {
        assert_eq!(
            found("automaster", "900101399998"),
            [(uid(9), "iin", false)],
            "the same IIN, another row"
        );
        assert_eq!(found("automaster", "87010000001"), []);
        assert_eq!(found("nobody", "900101399998"), []);
    }

    #[test]
    fn linked_rows_are_one_candidate() {
        let mut store = cast::dealership();
        store.transact(|tx| tx.link("mycar", uid(2), uid(1))).unwrap();
        let all = store.read(|view| view.find("mycar", "87010000001")).unwrap();
        assert_eq!(all.iter().map(|c| c.id).collect::<Vec<_>>(), [uid(2)]);
        assert!(all[0].identifiers.iter().any(|(kind, _)| *kind == IdentifierType::Iin), "of both rows");
    }

    #[test]
    fn candidates_are_masked() {
        let all = cast::dealership().read(|view| view.find("mycar", "Омарова")).unwrap();
        let shown = format!("{all:?}");
        for secret in ["Омарова", "омарова", "Асель", "399998", "9998", "0000001", "ABC"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert_eq!(all[0].names, ["О… А…"]);
    }
}
