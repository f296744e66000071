//! What the tests of the log share.

use super::{Act, Actor, Appended, Clock, Files, Hash, Log, State, Word};
use crate::domain::{LogId, Moment, SubjectId};

/// The eight leaves of the Certificate Transparency test data.
pub const RFC_LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// The roots over the first 1 to 8 of them.
pub const RFC_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// The recursive definition of RFC 6962 section 2.1, word by word.
pub fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY,
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            Hash::node(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

/// Leaves that differ.
pub fn numbered_leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| Hash::leaf(&n.to_be_bytes())).collect()
}

/// A word of a test.
pub fn word(text: &str) -> Word {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The log of a test.
pub fn log_id(byte: u8) -> LogId {
    LogId::from_bytes([byte; 16])
}

/// The `n`th thing done in a test; every third without the optional parts.
pub fn act(n: u64) -> Act {
    let full = !n.is_multiple_of(3);
    Act {
        at: Moment::from_unix(1_774_000_000 + n as i64),
        clock: if full { Clock::Ok } else { Clock::Drill },
        actor: Actor::new("Айгүл О'Хара-2", 1000).unwrap_or_else(|error| panic!("{error}")),
        command: word(if full { "export" } else { "import" }),
        case: full.then(|| crate::domain::CaseNumber::new(2026, n as u32 + 1)),
        controller: Some(word("mycar")),
        subject: full.then(|| SubjectId::from_bytes([n as u8; 16])),
        run: None,
        state: if full { State::Disclosed } else { State::Imported },
        counts: [(word("contact"), n), (word("service"), 2)].into(),
        rules: [word("MC-8.5"), word("KZ-25.8a")].into(),
        files: Files {
            policy: Some(Hash::of(b"policy")),
            statute: Some(Hash::of(b"law")),
            ..Files::default()
        },
        leaves: full.then(|| Hash::of(b"leaves")),
        output: full.then(|| Hash::of(b"output")),
        program: word("0.1.0"),
    }
}

/// A sound log of this many entries.
pub fn log(id: LogId, entries: u64) -> Vec<Appended> {
    let mut log = Log::new(id);
    (0..entries).map(|n| log.append(act(n))).collect()
}
