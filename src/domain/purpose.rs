//! Categories of data and purposes of processing: words that a policy defines.

use std::{fmt, sync::Arc};

macro_rules! dotted_word {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The word as the policy writes it.
            pub fn new(word: &str) -> Self {
                Self(word.into())
            }

            /// The word.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether this is `other` or lies under it: `promotion.sms` is under `promotion`,
            /// `promotional` is not.
            pub fn is_under(&self, other: &Self) -> bool {
                self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                Self::new(word)
            }
        }
    };
}

dotted_word! {
    /// A category of personal data, such as `contact`.
    Category
}
dotted_word! {
    /// A purpose of processing, such as `promotion` or, finer, `promotion.sms`.
    Purpose
}

#[test]
fn purposes_nest_on_dots() {
    let (sms, promotion) = (Purpose::from("promotion.sms"), Purpose::from("promotion"));
    assert!(sms.is_under(&promotion) && promotion.is_under(&promotion));
    assert!(!promotion.is_under(&sms) && !Purpose::from("promotional").is_under(&promotion));
}
