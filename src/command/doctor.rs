//! `dsr doctor`: whether everything is in order, and how to mend what is not.

mod engine;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    Exit, Outcome, acting,
    world::{self, World},
};
use crate::{
    decide::by_hand,
    domain::{CaseNumber, Error, Kind, Moment, Result, quoted},
    execute::{context, halts, verify},
    render::{Cell, Head, Rows, Words},
    store::{
        KeyFile, Mode, Store, View,
        backup::begun::CutOff,
        destroy::Destruction as Act,
        health::{self, FileMode, Left},
    },
};

/// Check store, key, policies, calendar and pending work
///
/// Each line says what was looked at, whether it is well, and how to mend it. Exit 0: all well; 6: something
/// needs mending; 9: the store is damaged, or the audit log does not verify.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr doctor\n")]
pub struct Doctor {}

/// One finding: what, whether it is well, what to say, and on a second line what to do about it.
type Finding = (&'static str, bool, String);

/// What is not well, and what the error says to do about it.
fn ill(what: &'static str, error: &Error) -> Finding {
    (what, false, [error.message()].into_iter().chain(error.hint_text()).collect::<Vec<_>>().join("\n"))
}

impl Doctor {
    /// Looks at everything; changes nothing.
    ///
    /// # Errors
    /// The kinds of store and policy, where they cannot be opened at all.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open_as_it_is(Mode::ReadOnly)?;
        let mut findings = engine::engine(&store)?;
        let pages = engine::pages(&mut store);
        let is_sound = pages.iter().all(|page| page.1);
        findings.extend(pages);
        let backups = store.read(|view| view.backup_place())?;
        let path = store.path().to_owned();
        let cut_off = store.read(|view| view.cut_off_backups(&path))?;
        findings.extend(files(&store));
        findings.extend(copies(&path, backups.as_deref(), &cut_off));
        findings.push(disk(&store)?);
        findings.push(clock(&mut store, world)?);
        findings.extend(beside(&mut store));
        findings.push(key(&mut store));
        findings.extend(policies(world));
        let unread = world.roles().and_then(|_| world.officer()).err();
        findings.extend(match unread {
            Some(error) => Some(ill("dsr.yaml", &error.or_hint(FILE))),
            None => world.officer_file_is_open().map(open_to_others),
        });
        findings.push(pending(&mut store, world).or_else(engine::unread_act)?);
        let intact = log(&mut store, world, &mut findings)?;
        show(world, &findings)?;
        Ok(match (intact && is_sound, findings.iter().all(|finding| finding.1)) {
            (false, _) => Exit::With(Kind::Integrity),
            (true, false) => Exit::With(Kind::Config),
            (true, true) => Exit::Done,
        })
    }
}

/// Whether the log verifies. A file beside the store that cannot be used is a finding like others.
fn log(store: &mut Store, world: &World<'_, '_>, findings: &mut Vec<Finding>) -> Result<bool> {
    let found = match verify::verify(store, Vec::new()) {
        Err(error) if matches!(error.kind(), Kind::Config | Kind::Integrity) => {
            findings.push(ill("audit log", &error));
            return Ok(error.kind() == Kind::Config);
        }
        found => found?,
    };
    let faults = found.faults();
    let entries = || format!("entries: {}", found.verdict.entries);
    let says = faults.first().map_or_else(entries, |fault| format!("{}\n{LOG}", fault.1));
    findings.push(("audit log", faults.is_empty(), says));
    findings.extend(found.headless.then(|| ("kept heads", false, verify::HEADLESS.to_owned())));
    findings.extend(match store.signing().usable(store.log_id()) {
        Ok(()) if !store.signing().has_key() => None,
        Ok(()) => found.keyed.map(|since| key_age(since, world.now())),
        Err(error) => Some(ill("signing key", &error)),
    });
    Ok(faults.is_empty())
}

/// What a fault of the log calls for, whichever it is.
const LOG: &str = "keep every file as it is and see all of it: dsr audit verify; a file beside the store that is another's \
    goes back where it belongs, and its own comes back; the rest needs: dsr restore BACKUP";

/// Each file of the store, and its directory.
fn files(store: &Store) -> Vec<Finding> {
    let path = store.path();
    let mut found: Vec<Finding> =
        health::files(path).iter().filter(|file| is_asked(file)).map(file).collect();
    found.push(match health::directory_mode(path) {
        Some(mode) if mode & 0o077 != 0 => {
            let directory = quoted(path.parent().unwrap_or(path).display());
            let says = if mode & 0o022 == 0 {
                format!("others may look into it (mode {mode:04o}): chmod 700 {directory}")
            } else {
                format!("others may write into it (mode {mode:04o}): chmod 700 {directory}")
            };
            ("directory", mode & 0o022 == 0, says)
        }
        mode => ("directory", true, format!("mode {:04o}", mode.unwrap_or_default())),
    });
    found
}

/// Drafts and copies that lie about, and backups that were cut off on a disk that is away.
fn copies(store: &Path, backups: Option<&Path>, cut_off: &[CutOff]) -> Vec<Finding> {
    let (mut lying, mut away) = (Vec::new(), BTreeSet::new());
    for found in cut_off {
        match found {
            CutOff::Left(draft) => lying.push(draft.clone()),
            CutOff::Away(directory) => drop(away.insert(directory)),
        };
    }
    let Left { drafts, small, copies } = health::leftovers(store, backups).and(lying);
    let named = |paths: &BTreeSet<PathBuf>| {
        paths.iter().map(|path| quoted(path.display())).collect::<Vec<_>>().join(" ")
    };
    let mut found = Vec::new();
    if !drafts.is_empty() {
        let names = named(&drafts);
        found.push(format!(
            "a kill left drafts, perhaps whole copies of the store ({names}): dsr sanitize takes them away, and the log says so"
        ));
    }
    if !small.is_empty() {
        let names = named(&small);
        found.push(format!(
            "a kill left drafts of the ledger or of another small file, no copies of the store ({names}): dsr sanitize takes them away, and the log says so"
        ));
    }
    if !copies.is_empty() {
        let whole = if copies.iter().any(|path| path.is_dir()) { "-r " } else { "" };
        let names = format!("{whole}{}", named(&copies));
        found.push(format!("no destruction reaches them; if nothing needs them: rm {names}"));
    }
    let lying = found
        .is_empty()
        .then(|| ("copies", true, "no forgotten copies or drafts of the store lie about".to_owned()));
    let ill = found.into_iter().map(|says| ("copies", false, says));
    let away = away.into_iter().map(|directory| {
        let name = quoted(directory.display());
        let says = format!(
            "a backup into {name} was cut off, and that or its disk is not there: once it is back, run dsr sanitize; \
             if it is gone for good: dsr sanitize --gone {name}"
        );
        ("copies", true, says)
    });
    lying.into_iter().chain(ill).chain(away).collect()
}

/// The key file has a line of its own, and so has a ledger that is gone.
fn is_asked(file: &FileMode) -> bool {
    let is = |ending: &str| file.path.extension().is_some_and(|end| end == ending);
    !is("key") && (file.mode.is_some() || !is("ledger"))
}

fn file(file: &FileMode) -> Finding {
    let path = file.path.display();
    match file.mode {
        _ if file.is_other => ("file", false, format!("`{path}` is no file\n{}", health::NO_FILE)),
        Some(0o600) => ("file", true, format!("{path}: mode 0600")),
        Some(mode) if mode & 0o077 == 0 => ("file", true, format!("{path}: mode {mode:04o}")),
        Some(mode) => {
            ("file", false, format!("others may open it (mode {mode:04o}): chmod 600 {}", quoted(path)))
        }
        None => ("file", false, format!("{path} is missing: {}", file.without)),
    }
}

/// Room to rebuild the file, without which nothing can be destroyed.
fn disk(store: &Store) -> Result<Finding> {
    let (free, needed) = health::room(store.path())?;
    let says = format!("{} MB free, {} MB needed to destroy", free >> 20, needed.div_ceil(1 << 20));
    Ok(("disk", free >= needed, if free >= needed { says } else { format!("{says}: free some space") }))
}

/// Entries that are made while the clock is behind are marked; terms counted meanwhile begin too early. Each entry counts, not
/// only the last: what was written meanwhile would hide it.
fn clock(store: &mut Store, world: &World<'_, '_>) -> Result<Finding> {
    let (latest, now) = (store.read(|view| view.latest_entry())?, world.now());
    Ok(match latest.filter(|(_, at)| context::went_back(*at, now)) {
        Some((seq, at)) => (
            "clock",
            false,
            format!(
                "it is behind entry {seq} of the log, of {}: set it right; if it is right, the clock was ahead then",
                at.rfc3339()
            ),
        ),
        None => ("clock", true, now.rfc3339()),
    })
}

/// A key that signs for years is read by more and more eyes.
const KEY_DAYS: i64 = 2 * 365;

fn key_age(since: Moment, now: Moment) -> Finding {
    let (day, old) = (since.day(), (now.day() - since.day()).num_days() > KEY_DAYS);
    let says = if old {
        format!("in use since {day}, longer than two years: dsr audit key rotate")
    } else {
        format!("in use since {day}")
    };
    ("signing key", !old, says)
}

/// The head beside the store, and the ledger.
fn beside(store: &mut Store) -> Vec<Finding> {
    let head = match health::head_behind(store) {
        Ok(Some(0)) => ("known head", true, "that of the last entry".into()),
        Ok(Some(n)) if health::head_is_writable(store.path()) => ("known head", true, cut_off_before_it(n)),
        Ok(Some(n)) => ("known head", false, format!("{n} entries behind: check who owns the .head file")),
        Ok(None) => ("known head", false, "none: the next command that writes makes it".into()),
        Err(error) => ill("known head", &error),
    };
    let ledger = match health::ledger_from(store) {
        Ok(Some(from)) => ("ledger", true, format!("backups from entry {from} on can be brought back")),
        Ok(None) => ("ledger", false, NO_LEDGER.into()),
        Err(error) => ill("ledger", &error),
    };
    vec![head, ledger]
}

/// The head comes after the commit: a kill between them loses nothing.
fn cut_off_before_it(entries: u64) -> String {
    format!(
        "behind by entries that are in the log: {entries}; a kill leaves that, and the next command that writes mends it"
    )
}

/// First what loses nothing.
const NO_LEDGER: &str = "none: bring it back from where its copies are kept; only if it is lost for good, begin a new one with \
    dsr backup: an older backup then needs --without-ledger";

/// What is lost with the key, said plainly.
fn key(store: &mut Store) -> Finding {
    let path = KeyFile::default_path(store.path());
    let found = acting::key_of(store);
    let known = |key: Option<KeyFile>| {
        key.map(|key| store.read(|view| view.check_key(&key).map(|()| key))).transpose()
    };
    match found.and_then(known) {
        Ok(Some(_)) => ("key file", true, format!("{}", path.display())),
        Ok(None) => (
            "key file",
            false,
            format!(
                "{} is missing: destroyed people and stopped purposes can no longer be recognised at an import, and \
                 nothing can be destroyed; restore it from where you keep it, or, if it is lost for good: dsr init --new-key",
                path.display()
            ),
        ),
        Err(error) => ill("key file", &error),
    }
}

/// It says who answers, and which data lie where.
fn open_to_others((path, mode): (PathBuf, u32)) -> Finding {
    let says = format!("others may change it (mode {mode:04o}): chmod go-w {}", quoted(path.display()));
    ("dsr.yaml", false, says)
}

/// The place stands before it.
const FILE: &str = "correct it there; dsr policy check says whether it is in order";

/// Terms that end in a year without a list of its days off are provisional.
const CALENDAR: &str =
    "put a `kz.calendar.yaml` that knows it into a directory and name that with `--policies DIR`";

fn policies(world: &World<'_, '_>) -> Vec<Finding> {
    let checked = || -> Result<String> {
        let library = world.library()?;
        for controller in library.controllers() {
            library.rulebook(&controller)?;
        }
        Ok(library.controllers().join(", "))
    };
    let calendar = || Ok(world::calendar(&world.library()?)?.known_until());
    let today = world.now().day();
    let end: Result<chrono::NaiveDate> = calendar();
    vec![
        match checked() {
            Ok(names) => ("policies", true, names),
            Err(error) => ill("policies", &error.or_hint(FILE)),
        },
        match end {
            Ok(end) if end > today + chrono::Days::new(365) => {
                ("calendar", true, format!("known until {end}"))
            }
            Ok(end) => ("calendar", false, format!("known until {end}\n{CALENDAR}")),
            Err(error) => ill("calendar", &error),
        },
    ]
}

fn pending(store: &mut Store, world: &World<'_, '_>) -> Result<Finding> {
    let (closable, pending) =
        store.read(|view| Ok((view.closable_destructions()?, view.pending_destructions()?)))?;
    let owed = pending.iter().filter(|act| !act.is_clean() || closable.contains(&act.number)).count();
    if owed > 0 {
        return Ok(("destruction", false, format!("acts pending: {owed}; run dsr sanitize")));
    }
    // Where a step is open nothing is wrong here: the term of its case says when it is late.
    let acts: Vec<&Act> = pending.iter().filter(|act| act.case.is_some()).collect();
    let steps =
        store.read(|view| acts.iter().map(|act| step(view, act, world)).collect::<Result<Vec<_>>>())?;
    let steps: BTreeSet<String> = steps.into_iter().collect();
    let steps: Vec<String> = steps.into_iter().collect();
    let cases: BTreeSet<&CaseNumber> = acts.iter().filter_map(|act| act.case.as_ref()).collect();
    Ok(match cases.len() {
        0 => ("destruction", true, "nothing pending".to_owned()),
        n => ("destruction", true, format!("cases of which a step is open: {n}; {}", steps.join("; "))),
    })
}

/// How the open step is closed for which an act waits. Rules that cannot be read are a finding of their own.
fn step(view: &View<'_>, act: &Act, world: &World<'_, '_>) -> Result<String> {
    let Some(number) = &act.case else { return Ok(String::new()) };
    let case = view.case(number)?;
    let rulebook = world.library().and_then(|library| library.rulebook(&case.controller)).ok();
    let duties = halts::shown_by(view, &case, rulebook.as_ref(), view.duties_of_act(act)?)?;
    Ok(match duties.iter().filter(|duty| duty.bars()).min_by_key(|duty| duty.is_halted()) {
        Some(duty) => by_hand::closing(number.as_str(), duty),
        None => format!("dsr request resume {number} --yes"),
    })
}

/// Findings in which a day or a time is told.
const DATED: [&str; 3] = ["clock", "calendar", "signing key"];

fn show(world: &mut World<'_, '_>, findings: &[Finding]) -> Result<()> {
    let head = Head {
        schema: "dsr/doctor/v1",
        list: "findings",
        title: "State of the store".into(),
        columns: &["what", "well", "says"],
        members: Vec::new(),
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    let words = Words::new(style.lang);
    for (what, well, says) in findings {
        let said = says.lines().map(|line| words.phrase(line)).collect::<Vec<_>>().join(": ");
        // A day in the name of a file stays as it is typed.
        let said = if DATED.contains(what) { words.dated(&said) } else { said };
        rows.row(&[Cell::text(what), Cell::Flag(*well), Cell::Said(says.replace('\n', ": "), said)])?;
    }
    rows.finish(Vec::new())
}
