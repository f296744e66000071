//! Every command that writes, each with what stands before it.

/// What lies in the directory before the setup of a scene.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Nothing,
    Dealer,
    /// The same with a CRM and a site, databases of their own.
    Office,
    OldStore,
}

/// One command, to be struck at every call that writes.
pub struct Scene {
    pub name: &'static str,
    pub start: Start,
    /// Commands before it, which nothing strikes.
    pub setup: &'static [&'static str],
    pub command: &'static str,
    /// Values that no file may hold any more once an act says *destroyed*.
    pub gone: &'static [&'static str],
    /// A value that may be shown only after its entry is in the log.
    pub shows: Option<&'static str>,
}

const fn scene(name: &'static str, setup: &'static [&'static str], command: &'static str) -> Scene {
    Scene { name, start: Start::Dealer, setup, command, gone: &[], shows: None }
}

const fn destroying(
    name: &'static str,
    setup: &'static [&'static str],
    command: &'static str,
    gone: &'static [&'static str],
) -> Scene {
    Scene { gone, ..scene(name, setup, command) }
}

const fn showing(name: &'static str, command: &'static str, value: &'static str) -> Scene {
    Scene { shows: Some(value), ..scene(name, &[], command) }
}

/// Values of the person whom most scenes erase.
pub const SAULE: &[&str] = &["930830499110", "7010000023", "saule@again.example", "Искакова"];
const OPEN: &str = "request open --right access --subject ref:C-1 --received 2026-11-20 --channel email";
const VERIFY: &str = "request verify 2026-000001 --identity document";
/// An erasure of contract data that somebody else has proposed.
const PROPOSED: &[&str] =
    &["two people", "4: erase --subject ref:C-1 --identity document --yes", "proposed by another"];
const APPROVED: &[&str] = &[
    "two people",
    "4: erase --subject ref:C-1 --identity document --yes",
    "proposed by another",
    "request approve 2026-000001",
    "agreed by another",
];
const ERASE: &str = "erase --subject ref:C-23 --identity document --yes";

pub const SCENES: &[Scene] = &[
    Scene { start: Start::Nothing, ..scene("init", &[], "init --controller mycar") },
    Scene { start: Start::OldStore, ..scene("upgrade", &[], "find ref:C-1") },
    scene("import", &[], "import automaster.ndjson --controller automaster"),
    showing("find", "find ref:C-1", "…01"),
    showing("access", "access --subject ref:C-1 --identity document", "MC-"),
    showing("export", "export --subject ref:C-1 --identity document --format json", "assel@omarova.example"),
    scene("export to a file", &[], "export --subject ref:C-1 --identity document --output copy.html"),
    destroying(
        "rectify",
        &[],
        "rectify --subject ref:C-8 --set contact.email=new@ulpan.example --document d --identity document --yes",
        &["ulpan@example.example"],
    ),
    destroying("erase", &[], ERASE, SAULE),
    destroying(
        "erase, destroyed later",
        &[],
        "erase --subject ref:C-23 --identity document --yes --defer-destruction",
        SAULE,
    ),
    destroying(
        "sanitize",
        &["erase --subject ref:C-23 --identity document --yes --defer-destruction"],
        "sanitize",
        SAULE,
    ),
    destroying(
        "revoke",
        &[],
        "revoke --subject ref:C-1 --identity document --yes",
        &["assel@omarova.example"],
    ),
    destroying(
        "apply",
        &["erase --subject ref:C-23 --identity document --plan-out plan.json"],
        "apply plan.json --yes",
        SAULE,
    ),
    destroying("purge-expired", &[], "purge-expired --enable --max-share 100 --batch 3", &["Тимур"]),
    scene("restrict", &[], "restrict --subject ref:C-1 --reason disputed --yes"),
    scene(
        "lift",
        &["restrict --subject ref:C-1 --reason disputed --yes"],
        "restrict --subject ref:C-1 --lift --finding accurate --identity document --yes",
    ),
    scene("object", &[], "object --subject ref:C-1 --purpose promotion --yes"),
    scene("request open", &[], OPEN),
    scene("request verify", &[OPEN], VERIFY),
    scene("request note", &[OPEN], "request note 2026-000001 asked"),
    scene(
        "request answer",
        &[OPEN, VERIFY, "access --subject ref:C-1 --request 2026-000001"],
        "request answer 2026-000001 --channel email --number 01-17",
    ),
    scene(
        "request refuse",
        &["request open --right erase --subject ref:C-1 --received 2026-11-20 --channel email"],
        "request refuse 2026-000001 --ground RF-ID --facts asked --signed-by A.Officer",
    ),
    scene(
        "request reopen",
        &[OPEN, "request cancel 2026-000001 --reason withdrawn"],
        "request reopen 2026-000001 --reason mistake",
    ),
    scene(
        "request told",
        &[
            "rectify --subject ref:C-26 --set contact.email=n@n.example --document d --identity document --yes",
        ],
        "request told 2026-000001 --recipient Example~Motor~Works~Co.",
    ),
    destroying(
        "lift, unlawful",
        &["restrict --subject ref:C-23 --reason disputed --yes"],
        "restrict --subject ref:C-23 --lift --finding unlawful --identity document --yes",
        SAULE,
    ),
    // Two entries in the transaction that destroys: the erasure that waited is opened again.
    destroying(
        "lift, unlawful, an erasure waits",
        &[
            "restrict --subject ref:C-23 --reason disputed --yes",
            "erase --subject ref:C-23 --identity document --yes",
        ],
        "restrict --subject ref:C-23 --lift --finding unlawful --identity document --yes",
        SAULE,
    ),
    Scene {
        start: Start::Office,
        ..scene("erase over systems", &[], "erase --subject iin:900101499994 --identity document --yes")
    },
    Scene {
        setup: &["map check"],
        start: Start::Office,
        ..scene("a night over systems", &[], "purge-expired --enable --max-share 100 --batch 3")
    },
    Scene { start: Start::Office, ..scene("map check", &[], "map check") },
    scene("a plan to a file", &[], "erase --subject ref:C-23 --identity document --plan-out plan.json"),
    showing(
        "export for another",
        "export --for third-party --subject ref:C-1 --recipient Insurer --purpose analytics",
        "R-101",
    ),
    Scene {
        setup: &[OPEN, VERIFY, "access --subject ref:C-1 --request 2026-000001"],
        ..showing("request letter", "request letter 2026-000001", "Омарова")
    },
    destroying(
        "request done",
        &["a paper archive", ERASE],
        "request done 2026-000001 --step 1 --evidence act~12",
        SAULE,
    ),
    scene(
        "request extend",
        &[
            "request open --right access --received 2026-11-20 --channel email --controller shop --policies {laws}",
        ],
        "request extend 2026-000001 --told --reason many~systems --policies {laws}",
    ),
    scene("request approve", PROPOSED, "request approve 2026-000001"),
    destroying("request resume", APPROVED, "request resume 2026-000001 --yes", &["assel@omarova.example"]),
    showing("subject show", "subject show ref:C-1", "…01"),
    scene("request cancel", &[OPEN], "request cancel 2026-000001 --reason withdrawn"),
    scene("hold add", &[], "hold add --subject ref:C-17 --basis court"),
    scene("hold release", &["hold add --subject ref:C-17 --basis court"], "hold release H-1"),
    scene(
        "consent add",
        &[],
        "consent add --subject ref:C-1 --scope promotion --purpose promotion --method paper",
    ),
    scene("suppress scrub", &[], "suppress scrub calls.csv --column phone --output clean.csv"),
    scene("subject link", &[], "subject link ref:C-24 ref:C-25"),
    scene("subject unlink", &["subject link ref:C-24 ref:C-25"], "subject unlink {C-25}"),
    scene("policy publish", &[], "policy publish"),
    scene(
        "policy told",
        &["policy publish --controller automaster"],
        "policy told --place email --people 12 --controller automaster",
    ),
    scene("audit key new", &["lose the key"], "audit key new"),
    scene("audit head", &[], "audit head --out today.note"),
    scene("audit prove", &[], "audit prove 1 --out receipt.tlog-proof"),
    scene("audit key rotate", &[], "audit key rotate"),
    scene("report to a file", &[], "report compliance --output report.html"),
    scene("audit export", &[], "audit export --output bundle"),
    scene("backup", &[], "backup friday.sqlite"),
    destroying("restore", &["backup friday.sqlite", ERASE], "restore friday.sqlite --yes", &[]),
    scene("restore over nothing", &["backup friday.sqlite", "lose the store"], "restore friday.sqlite --yes"),
];

/// Commands that write nothing to the store (a report to a file is struck once, with `report compliance`). A command is
/// struck above, stands here, or stands in [`TOURS`].
pub const READERS: &[&str] = &[
    "audit key show",
    "audit list",
    "audit verify",
    "completions",
    "consent list",
    "deadline",
    "doctor",
    "hold list",
    "man",
    "map grants",
    "map graph",
    "map scan",
    "policy check",
    "policy coverage",
    "policy diff",
    "policy explain",
    "policy schema",
    "policy show",
    "policy test",
    "policy versions",
    "report consents",
    "report deadlines",
    "report destruction",
    "report disclosures",
    "report inventory",
    "report register",
    "report retention",
    "report suppression",
    "request list",
    "request show",
    "status",
    "suppress list",
    "version",
];

/// What writes only by commands that are struck above, about invented people, in a new directory that is nobody's: a tour
/// that is cut off is thrown away and begun in another directory. Struck whole it would be ten commands at each call.
pub const TOURS: &[&str] = &["demo"];
