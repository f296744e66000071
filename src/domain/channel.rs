//! How a request came, and how the person was recognised.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $noun:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used on the command line and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::domain::suggest::one_of($noun, text, Self::ALL, |value| value.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The way a request reached the company. None is ever a reason to refuse (art. 8(1), 10(2)).
    Channel, "channel" {
        /// Registered letter, as MyCar's policy asks.
        RegisteredLetter = "registered_letter",
        /// Courier.
        Courier = "courier",
        /// E-mail.
        Email = "email",
        /// A form on the site.
        WebForm = "web_form",
        /// In person at the office.
        InPerson = "in_person",
        /// By telephone, written down by the officer.
        Phone = "phone",
        /// Any other way.
        Other = "other",
    }
}

words! {
    /// How the identity was confirmed (Digital Code art. 37(5)); only the method is kept, no copy.
    IdentityMethod, "identity method" {
        /// An identity document was shown; the law forbids keeping a paper copy (art. 7(10)).
        Document = "document",
        /// The person came and was recognised.
        InPerson = "in_person",
        /// A reply to a contact that was on file before the request.
        KnownContact = "known_contact",
        /// An electronic signature.
        ESignature = "e_signature",
        /// A power of attorney was checked.
        PowerOfAttorney = "power_of_attorney",
        /// A court act.
        Court = "court",
    }
}

impl IdentityMethod {
    /// How sure it makes: `contact` (a reply from a contact on file), `document`, `qualified` (a signature
    /// or an act that others vouch for).
    pub fn level(self) -> &'static str {
        match self {
            Self::KnownContact => "contact",
            Self::Document | Self::InPerson | Self::PowerOfAttorney => "document",
            Self::ESignature | Self::Court => "qualified",
        }
    }
}
