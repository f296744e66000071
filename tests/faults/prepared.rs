//! A scene made ready: what lies in the directory before it, and every state that it may leave behind.
//!
//! Randomness and time are given, so the same command does the same each time. The states come from the command
//! itself, run once without a fault: what each of its commits left. A fault may leave one of these and nothing
//! else. That each commit by itself is right is what all other tests are for; here it must not be without its entry.

use std::{
    path::Path,
    sync::{Mutex, OnceLock},
};

use rusqlite::Connection;

use crate::{
    common::{World, fixture},
    power::Disk,
    scenes::{SCENES, Scene, Start},
    shim::{Op, log, under},
    state::{NOTHING, State, Tree, lay, reopen, tree},
};

pub struct Prepared {
    pub scene: &'static Scene,
    pub words: Vec<String>,
    /// Before.
    pub base: Tree,
    /// Every call that wrote.
    pub ops: Vec<Op>,
    /// What each commit left, the state before first.
    pub states: Vec<State>,
    /// After.
    pub done: Tree,
    /// Where it ran. Power cuts are played here: a journal that speaks of another file names it by its whole path.
    home: Mutex<World>,
}

impl Prepared {
    /// The state before anything is done, and the one after everything.
    pub fn ends(&self) -> (State, State) {
        (self.states[0], self.states[self.states.len() - 1])
    }

    /// What `look` sees where these files are all there is.
    pub fn replay<T>(&self, files: &Tree, look: impl FnOnce(&World) -> T) -> T {
        let home = self.home.lock().unwrap_or_else(|broken| broken.into_inner());
        only(files, &home);
        look(&home)
    }

    /// A directory as it is before the command.
    pub fn world(&self) -> World {
        let world = World::empty_in_memory();
        lay(&self.base, world.path());
        world
    }
}

/// All scenes; each is made ready once.
pub fn all(shim: &Path) -> &'static [Prepared] {
    static ALL: OnceLock<Vec<Prepared>> = OnceLock::new();
    ALL.get_or_init(|| {
        let dealer = dealer();
        SCENES.iter().map(|scene| prepare(scene, &dealer, shim)).collect()
    })
}

fn dealer() -> Tree {
    let world = World::in_memory("mycar");
    let _ = world.dsr(["import", fixture("mycar.ndjson").to_str().unwrap()]).ok();
    std::fs::copy(fixture("automaster.ndjson"), world.path().join("automaster.ndjson")).unwrap();
    let _ = world.write("calls.csv", "name,phone\nA,+7 701 000 00 01\nB,+7 701 999 99 99\n");
    tree(world.path())
}

/// The systems of the stories over several of them.
fn office(world: &World) {
    let source = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reach").join(name)).unwrap()
    };
    for name in ["dsr.yaml", "crm.yaml", "site.yaml"] {
        let _ = world.write(name, source(name));
    }
    for name in ["crm", "site"] {
        let conn = Connection::open(world.path().join(format!("{name}.db"))).unwrap();
        conn.execute_batch(&source(&format!("{name}.sql"))).unwrap();
    }
}

fn old_store(world: &World) {
    let dump = std::fs::read_to_string(fixture("old/v1.sql")).unwrap();
    let conn = Connection::open(world.store()).unwrap();
    conn.execute_batch("PRAGMA journal_mode = TRUNCATE").unwrap();
    conn.execute_batch(&dump).unwrap();
    // A drill store, and without the dump's entry, which is no real one.
    conn.execute_batch(
        "INSERT INTO meta SELECT 'drill_since', value FROM meta WHERE key = 'created_at';
         DELETE FROM audit_entry; DELETE FROM audit_head; DELETE FROM audit_frontier;",
    )
    .unwrap();
    drop(conn);
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(world.store(), std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn prepare(scene: &'static Scene, dealer: &Tree, shim: &Path) -> Prepared {
    let world = World::empty_in_memory();
    match scene.start {
        Start::Nothing => {}
        Start::Dealer => lay(dealer, world.path()),
        Start::Office => {
            lay(dealer, world.path());
            office(&world);
        }
        Start::OldStore => old_store(&world),
    }
    for words in scene.setup {
        setup(&world, words);
    }
    let base = tree(world.path());
    let words: Vec<String> = scene.command.split(' ').map(|word| named(&world, word)).collect();
    let file = world.path().with_extension("log");
    let run = under(shim, &world, &words).env("DSR_SHIM_LOG", &file).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}: {:?}\n{said}", scene.name, run.status);
    let ops = log(&file, world.path());
    std::fs::remove_file(file).unwrap();
    let done = tree(world.path());
    let last = reopen(world.path());
    let states = states(&world, &base, &ops, scene);
    assert_eq!(last, Ok(states[states.len() - 1]), "{}: the log tells all", scene.name);
    Prepared { scene, words, base, ops, states, done, home: Mutex::new(world) }
}

/// These files in the directory, and no others.
fn only(files: &Tree, home: &World) {
    for entry in std::fs::read_dir(home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
    }
    lay(files, home.path());
}

/// One step of the setup: a command, `4:` before one that ends with that exit code, or what no command does.
fn setup(world: &World, words: &str) {
    let beside = |ending: &str| world.path().join(format!("store.sqlite{ending}"));
    let run = |words: &str| world.dsr(words.split(' ').map(|word| named(world, word)));
    match words {
        "lose the store" => std::fs::remove_file(world.store()).unwrap(),
        "lose the key" => std::fs::remove_file(beside(".signing")).unwrap(),
        "a paper archive" => officers_file(world, PAPER),
        // Nobody can be two people here: whoever runs this is officer and approver, and what one of them did becomes
        // somebody else's.
        "two people" => {
            let user = user(world);
            officers_file(
                world,
                &format!("roles: {{officer: [{user}], approver: [{user}]}}\ncontrollers: {{}}\n"),
            );
        }
        "proposed by another" => done_by(world, "proposed", ANOTHER),
        "agreed by another" => {
            done_by(world, "proposed", user(world));
            done_by(world, "approved", ANOTHER);
        }
        _ => match words.strip_prefix("4: ") {
            Some(words) => drop(run(words).exits(4)),
            None => drop(run(words).ok()),
        },
    }
}

/// The user id of a second person.
const ANOTHER: u32 = 77;

fn user(world: &World) -> u32 {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(world.store()).unwrap())
}

fn done_by(world: &World, event: &str, user: u32) {
    let sql = "UPDATE case_event SET payload = json_set(payload, '$.user', ?2) WHERE kind = ?1";
    assert_eq!(Connection::open(world.store()).unwrap().execute(sql, (event, user)).unwrap(), 1);
}

const PAPER: &str = "controllers:
  mycar:
    systems:
      paper: { kind: manual, owner: Archive, categories: [contact] }
";

fn officers_file(world: &World, text: &str) {
    let _ = world.write("dsr.yaml", text);
}

/// `{C-25}`: the id of that person; `{laws}`: where policies of other laws lie.
fn named(world: &World, word: &str) -> String {
    let Some(reference) = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) else {
        // A space within a word.
        return word.replace('~', " ");
    };
    if reference == "laws" {
        return fixture("other-laws").display().to_string();
    }
    let conn = Connection::open(world.store()).unwrap();
    let sql = "SELECT 'id:' || lower(hex(uid)) FROM subject WHERE ref = ?1";
    conn.query_row(sql, [reference], |row| row.get(0)).unwrap()
}

/// The state after each commit: a commit is a journal that is cut to nothing, or the store under its name.
fn states(home: &World, base: &Tree, ops: &[Op], scene: &Scene) -> Vec<State> {
    let reopened = |files: &Tree| {
        only(files, home);
        reopen(home.path()).unwrap_or(NOTHING)
    };
    let mut disk = Disk::new(base);
    let mut states = vec![reopened(base)];
    for op in ops {
        disk.write(op);
        let commit = op.kind == 't' && op.path == "store.sqlite-journal" && op.number == 0;
        let renamed = matches!(op.kind, 'r' | 'l' | 'u');
        let head = op.path == "store.sqlite.head";
        if !commit && !renamed && !head {
            continue;
        }
        let next = reopened(&disk.now());
        let last = states[states.len() - 1];
        if next == last {
            continue;
        }
        let effect = scene.start == Start::Dealer
            && last.entries > 0
            && next.entries > 0
            && next.effects != last.effects;
        assert!(!effect || next.entries > last.entries, "{}: an effect without an entry", scene.name);
        states.push(next);
    }
    states
}
