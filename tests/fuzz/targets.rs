//! What is fed, and what must hold of what comes out.

use std::{io::Cursor, path::PathBuf, time::Duration};

use dsr::{
    audit::{Checkpoint, Entry, Hash, Note, PrivateKey, Proof, PublicKey, Signed},
    calendar::Calendar,
    domain::{Moment, Result, Selector, SubjectId},
    execute::{
        import::{Dates, Encoding, Input, Options, Vocabulary, import, json},
        plan_file::PlanFile,
        verify, vocabulary,
    },
    policy::{Library, cases, lint, officer::Officer, yaml},
    store::{CreateOptions, KeyFile, Mode, Store, backup::Manifest, ledger},
};
use tempfile::TempDir;

use crate::common::{NOW, World, fixture};

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// A sentence and no value of it: an error says where, never what.
fn told<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(|error| assert!(!error.message().is_empty())).ok()
}

/// Another company's policy, over the statute that it names.
pub fn policy(input: &[u8]) {
    let mut library = Library::embedded();
    for law in ["gdpr.yaml", "california.yaml"] {
        let content = std::fs::read_to_string(fixture(&format!("other-laws/{law}"))).unwrap();
        library.replace(law, law, content);
    }
    library.replace("fuzzed.yaml", "fuzzed.yaml", text(input).replace("policy: shop", "policy: fuzzed"));
    if let Some(rulebook) = told(library.rulebook("fuzzed")) {
        let _ = told(lint::lint(&library, "fuzzed"));
        let _ = vocabulary::of(&rulebook);
    }
}

/// A statute under a sound policy, a calendar, and a file of cases.
pub fn statute(input: &[u8]) {
    let mut library = Library::embedded();
    let shop = std::fs::read_to_string(fixture("other-laws/shop.yaml")).unwrap();
    library.replace("shop.yaml", "shop.yaml", shop);
    library.replace("gdpr.yaml", "gdpr.yaml", text(input));
    let _ = told(library.rulebook("shop"));
    let _ = told(cases::read("x.cases.yaml", &text(input)));
    let raw = yaml::read::<dsr::calendar::RawCalendar>("x", &text(input));
    if let Some(raw) = told(raw) {
        let _ = told(Calendar::from_raw(raw, "00".repeat(32)));
    }
}

pub fn officer(input: &[u8]) {
    let _ = told(Officer::read("dsr.yaml", &text(input)));
}

pub fn line(input: &[u8]) {
    if let Err(complaint) = json::parse(1, &text(input)) {
        assert!(complaint.to_string().len() < 4_096);
    }
}

pub fn selector(input: &[u8]) {
    let typed = text(input);
    let _ = told(Selector::parse(&typed));
    let _ = Moment::parse(&typed);
    let _ = Dates::Iso.parse(&typed);
    let _ = Dates::DayFirst.parse(&typed);
}

/// A store that takes imports and undoes them.
pub struct Bench {
    _home: TempDir,
    store: Store,
    words: Vocabulary,
    drawn: u64,
}

impl Bench {
    pub fn new() -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = home.path().join("store.db");
        let now = Moment::parse(NOW).unwrap();
        let options = CreateOptions { controller: None, drill_since: Some(now), store_id: [9; 16], now };
        Store::create(&path, &options).unwrap().leave();
        KeyFile::create(&KeyFile::default_path(&path), [7; 32]).unwrap();
        let words = vocabulary::of(&Library::embedded().rulebook("mycar").unwrap());
        let store = Store::open(&path, Mode::ReadWrite, Duration::from_secs(1)).unwrap();
        Self { _home: home, store, words, drawn: 0 }
    }

    pub fn import(&mut self, input: &[u8]) {
        let options = Options {
            controller: "mycar".into(),
            encoding: if self.drawn.is_multiple_of(3) { Encoding::Windows1251 } else { Encoding::Utf8 },
            dates: if self.drawn.is_multiple_of(2) { Dates::DayFirst } else { Dates::Iso },
            keep_going: self.drawn.is_multiple_of(5),
            dry_run: true,
            now: Moment::parse(NOW).unwrap(),
        };
        self.drawn += 1;
        let drawn = &mut self.drawn;
        let mut ids = || {
            *drawn += 1;
            let mut id = [0; 16];
            id[..8].copy_from_slice(&drawn.to_be_bytes());
            SubjectId::from_bytes(id)
        };
        let stream = Input::stream("fuzzed", Cursor::new(input.to_vec()));
        let ran =
            import(stream, &options, &self.words, (&mut self.store, None), &mut ids, &mut |_| (), |_, _| {
                Ok(())
            });
        let _ = told(ran);
        let left = self.store.read(|view| view.controllers()).unwrap();
        assert!(left.is_empty(), "a dry run left something");
    }
}

/// A log with a key, and proofs of it that are right.
pub struct Sound {
    key: PublicKey,
    right: Vec<String>,
    entries: Vec<Vec<u8>>,
    heads: Vec<String>,
}

impl Sound {
    pub fn new() -> Self {
        let world = World::with_fixtures();
        (0..6).for_each(|_| drop(world.dsr(["find", "ref:C-1"]).ok()));
        let _ = world.dsr(["audit", "head", "--out", "old.note"]).ok();
        (0..3).for_each(|_| drop(world.dsr(["find", "ref:C-2"]).ok()));
        for no in 1..=12 {
            let _ = world.dsr(["audit", "prove", &no.to_string(), "--out", &format!("{no}.tlog-proof")]).ok();
        }
        let _ = world.dsr(["audit", "prove", "--since", "old.note", "--out", "on.proof"]).ok();
        let read = |name: &str| std::fs::read_to_string(world.path().join(name)).unwrap();
        let right: Vec<String> =
            (1..=12).map(|no| read(&format!("{no}.tlog-proof"))).chain([read("on.proof")]).collect();
        let inclusion = |text: &String| match Proof::parse(text).unwrap() {
            Proof::Inclusion(proof) => Some(proof.entry),
            Proof::Consistency(_) => None,
        };
        let entries = right.iter().filter_map(inclusion).collect();
        let heads = right.iter().map(|text| Proof::parse(text).unwrap().head().text().to_owned());
        let heads = heads.chain([Note::parse(&read("old.note")).unwrap().text().to_owned()]).collect();
        let key = PublicKey::parse(read("store.sqlite.vkeys").trim()).unwrap();
        Self { key, right, entries, heads }
    }

    pub fn seeds(&self) -> Vec<Vec<u8>> {
        self.right.iter().map(|text| text.clone().into_bytes()).collect()
    }

    /// What a mutation makes of a proof is no proof, or proves the same entry under a head that was really signed.
    pub fn check(&self, input: &[u8]) {
        let text = text(input);
        let _ =
            (Note::parse(&text), PublicKey::parse(&text), PrivateKey::parse(&text), Checkpoint::parse(&text));
        let _ = Entry::parse(input);
        let Ok(proof) = Proof::parse(&text) else { return };
        if proof.head().signed_by(&self.key) != Signed::Yes {
            return;
        }
        assert!(self.heads.iter().any(|head| head == proof.head().text()), "a head that nobody signed");
        match proof {
            Proof::Inclusion(proof) => {
                if proof.check().is_ok() {
                    assert!(self.entries.contains(&proof.entry), "an entry that is not in the log");
                }
            }
            Proof::Consistency(proof) => {
                let old = Checkpoint::parse(&self.heads[self.heads.len() - 1]).unwrap();
                let other = Checkpoint { root: Hash::leaf(b"another"), ..old };
                assert!(proof.check(&other).is_err(), "it goes on from a head that never was");
            }
        }
    }
}

/// What stands for a backup where only its digest counts.
const BACKED_UP: &[u8] = b"a backup";

/// Where files are laid that came from elsewhere.
pub struct Place {
    home: TempDir,
    store: Vec<u8>,
    ledger: Vec<u8>,
    manifest: Vec<u8>,
    plan: Vec<u8>,
}

impl Place {
    pub fn new() -> Self {
        let world = World::with_store("mycar");
        let lines = std::fs::read_to_string(fixture("mycar.ndjson")).unwrap();
        let few: Vec<&str> = lines.lines().filter(|line| line.contains("\"C-23\"")).collect();
        let _ = world.write("few.ndjson", few.join("\n") + "\n");
        let _ = world.dsr(["import", "few.ndjson"]).ok();
        let _ = world.dsr(["backup", "b.sqlite"]).ok();
        let plan = ["erase", "--subject", "ref:C-23", "--identity", "document", "--plan-out", "plan.json"];
        let _ = world.dsr(plan).ok();
        let _ = world.dsr(["erase", "--subject", "ref:C-23", "--identity", "document", "--yes"]).ok();
        let read = |name: &str| std::fs::read(world.path().join(name)).unwrap();
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let [store, ledger, plan] = ["b.sqlite", "store.sqlite.ledger", "plan.json"].map(read);
        // A manifest vouches for any file: a small one is digested fast.
        let small = world.write("small", BACKED_UP);
        let made = Manifest::of(&small, "2026-11-22".into(), "2026-12-22".into(), "a head".into()).unwrap();
        made.write(&small).unwrap();
        let manifest = read("small.manifest");
        let this = Self { home, store, ledger, manifest, plan };
        let _ = this.lay("small", BACKED_UP);
        this
    }

    pub fn seeds(&self) -> Vec<Vec<u8>> {
        vec![self.store.clone()]
    }

    pub fn beside(&self) -> Vec<Vec<u8>> {
        vec![self.ledger.clone(), self.manifest.clone(), self.plan.clone()]
    }

    fn lay(&self, name: &str, bytes: &[u8]) -> PathBuf {
        use std::{io::Write, os::unix::fs::OpenOptionsExt};
        let path = self.home.path().join(name);
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.unwrap().write_all(bytes).unwrap();
        path
    }

    /// A database that came back from somewhere: refused, or read without harm.
    pub fn open(&self, input: &[u8]) {
        let path = self.lay("back.sqlite", input);
        for beside in ["-journal", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{beside}", path.display()));
        }
        let Some(mut store) = told(Store::open(&path, Mode::ReadOnly, Duration::ZERO)) else { return };
        let _ = told(store.quick_check());
        let _ = told(verify::verify(&mut store, Vec::new()));
        let _ = told(store.read(|view| {
            for controller in view.controllers()? {
                view.for_each_subject(&controller, |subject| view.facts(&controller, subject).map(drop))?;
            }
            view.pending_destructions().map(drop)
        }));
    }

    pub fn read_beside(&self, input: &[u8]) {
        let path = self.home.path().join("back.sqlite");
        let _ = self.lay("back.sqlite.ledger", input);
        let _ = told(ledger::after(&path, None, 0));
        let _ = self.lay("small.manifest", input);
        if let Some(found) = told(Manifest::find(&self.home.path().join("small"))) {
            assert_eq!(found.bytes, BACKED_UP.len() as u64, "a manifest that vouches for another file");
        }
        if let Some(plan) = told(PlanFile::read(&text(input))) {
            let _ = told(plan.planned());
        }
    }
}
