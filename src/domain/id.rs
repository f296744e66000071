//! Names that `dsr` gives. They mean nothing anywhere else, so they may stand in a log.

use std::{fmt, str::FromStr};

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 16 random bytes; the caller brings the randomness.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes, as the store keeps them.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                super::hex::write(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
                if digits.len() != 32 || text.chars().count() != 32 {
                    return Err("an id is 32 hexadecimal digits, as `dsr find` prints it".into());
                }
                let mut bytes = [0; 16];
                for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
                    *byte = u8::try_from(pair[0] * 16 + pair[1]).unwrap_or_default();
                }
                Ok(Self(bytes))
            }
        }
    };
}

random_id! {
    /// A person, by a number drawn at random: the only name of theirs that the audit log knows.
    SubjectId
}
random_id! {
    /// One run of a command that works in batches.
    RunId
}
random_id! {
    /// One audit log, so that entries of two stores are never mistaken for each other.
    LogId
}

/// The number of a case, such as `2026-000017`: what an officer writes on the letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseNumber(String);

impl CaseNumber {
    /// The `nth` case of a year, counted from 1.
    pub fn new(year: i32, nth: u32) -> Self {
        Self(format!("{year}-{nth:06}"))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its year, and which case of the year it is.
    pub fn parts(&self) -> (i32, u32) {
        let (year, nth) = self.0.split_once('-').unwrap_or_default();
        (year.parse().unwrap_or_default(), nth.parse().unwrap_or_default())
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CaseNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "a case number looks like 2026-000017".to_owned();
        let (year, nth) = text.trim().split_once('-').ok_or_else(wrong)?;
        match (year.parse::<i32>(), nth.parse::<u32>()) {
            (Ok(year), Ok(nth)) if (2000..3000).contains(&year) && nth > 0 => Ok(Self::new(year, nth)),
            _ => Err(wrong()),
        }
    }
}

#[test]
fn ids_read_what_they_print() {
    let id = SubjectId::from_bytes([0xab; 16]);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert!("zz".parse::<SubjectId>().is_err());
    assert_eq!("2026-17".parse::<CaseNumber>().map(|n| n.to_string()), Ok("2026-000017".into()));
    assert_eq!(CaseNumber::new(2026, 1_000_017).parts(), (2026, 1_000_017));
    assert!("2026".parse::<CaseNumber>().is_err());
}
