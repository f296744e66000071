//! The closed words of a policy. Each list is complete, so that lint and explanations can be too.

use crate::domain::channel::words;

pub use crate::domain::StartEvent;

words! {
    /// Why a purpose may go on: what withdrawal of consent does to it (law file 5.2).
    Class, "purpose class" {
        /// Needed for a contract or the person's own request: goes through the obligation check.
        Contract = "contract",
        /// Rests on consent alone: stops at once on withdrawal.
        Consent = "consent",
        /// Security and fraud; no ground of refusal by itself.
        Fraud = "fraud",
        /// Demanded by a law.
        Legal = "legal",
    }
}

words! {
    /// The legal footing a controller claims.
    Basis, "basis" {
        /// Consent (Law 94-V art. 7(1)).
        Consent = "consent",
        /// Performance of a contract.
        Contract = "contract",
        /// An obligation set by law.
        Law = "law",
        /// "Legitimate interest": unknown to Law 94-V, so it supports no refusal.
        LegitimateInterest = "legitimate_interest",
    }
}

words! {
    /// How carefully a category is handled.
    Sensitivity, "sensitivity" {
        /// Personal data.
        Ordinary = "ordinary",
        /// Restricted access: never whole in a letter or a log.
        Restricted = "restricted",
        /// Biometric: destroyed with a line of its own in the act.
        Biometric = "biometric",
    }
}

words! {
    /// What a field holds in the import.
    FieldType, "field type" {
        /// Text.
        Text = "text",
        /// A number.
        Number = "number",
        /// `true` or `false`.
        Bool = "bool",
        /// A list of texts; in CSV separated by `|`.
        List = "list",
        /// A date or date-time.
        Date = "date",
    }
}

words! {
    /// What withdrawal of consent does to data (law file 5.3: D, R, D*).
    OnWithdrawal, "outcome of withdrawal" {
        /// Destroy.
        Destroy = "destroy",
        /// Keep out of use while a document law holds it.
        Restrict = "restrict",
        /// Destroy, unless it is part of a contract document.
        DestroyUnlessDocument = "destroy_unless_document",
    }
}

words! {
    /// How sure the text of a statute's rule is.
    Mark, "mark" {
        /// Read in a public copy of the statute.
        Found = "found",
        /// Read in somebody else's note about the statute.
        Secondary = "secondary",
        /// From memory: never printed in a letter.
        Memory = "memory",
        /// A careful officer's choice where the text is silent.
        Judgement = "judgement",
    }
}

words! {
    /// A duty with a term of its own that no person asks for.
    Duty, "duty" {
        /// Destroy what was processed unlawfully.
        DestroyUnlawful = "destroy_unlawful",
        /// Remove from public sources.
        RemovePublic = "remove_public",
        /// Tell the person of a transfer.
        NotifyTransfer = "notify_transfer",
        /// Refuse with reasons.
        ReasonedRefusal = "reasoned_refusal",
    }
}

words! {
    /// One of the four effects of MyCar's withdrawal (clause 8.10), in order.
    Effect, "effect" {
        /// Removed from the users.
        RemovedFromUsers = "removed_from_users",
        /// Account and cabinet deleted.
        AccountDeleted = "account_deleted",
        /// Personal data destroyed.
        PersonalDataDestroyed = "personal_data_destroyed",
        /// Biometric data destroyed, certified apart.
        BiometricDataDestroyed = "biometric_data_destroyed",
    }
}

impl Effect {
    /// Its number in the clause, from 1.
    pub fn number(self) -> u8 {
        match self {
            Self::RemovedFromUsers => 1,
            Self::AccountDeleted => 2,
            Self::PersonalDataDestroyed => 3,
            Self::BiometricDataDestroyed => 4,
        }
    }
}

words! {
    /// What a refusal ground leads to (law file 1.5).
    RefusalEffect, "effect of a refusal" {
        /// That part is not done.
        Refuse = "refuse",
        /// Kept out of use instead of destroyed.
        Restrict = "restrict",
        /// Kept.
        Keep = "keep",
        /// The block ends.
        Unblock = "unblock",
        /// Left out of the answer.
        Redact = "redact",
        /// Outside the right or the law.
        Outside = "outside",
    }
}

words! {
    /// What a ban forbids.
    Ban, "ban" {
        /// Showing a third party that an IP address and a person belong together.
        IpIdentity = "ip_identity",
        /// Any transfer that no exception allows.
        Transfer = "transfer",
        /// Use beyond the named purposes.
        BeyondPurpose = "beyond_purpose",
        /// Paper copies of identity documents.
        DocumentCopies = "document_copies",
        /// Storage outside the country.
        StorageAbroad = "storage_abroad",
        /// Collecting more than the purposes need.
        Excess = "excess",
    }
}

words! {
    /// Why a transfer to a recipient is allowed.
    Exception, "exception" {
        /// The person's explicit consent.
        Consent = "consent",
        /// A service provider under confidentiality.
        Provider = "provider",
        /// A lawful demand of a state body.
        StateDemand = "state_demand",
        /// Protection of rights and safety; needs a lawyer's approval.
        Defence = "defence",
        /// Needed for the goods, service or contract.
        Contract = "contract",
        /// The controller's own staff.
        Staff = "staff",
        /// An affiliate.
        Affiliate = "affiliate",
        /// A named purpose of the policy.
        Purpose = "purpose",
        /// Assignment of rights or duties.
        Assignment = "assignment",
    }
}

words! {
    /// On what a policy is silent.
    Silence, "silence" {
        /// Terms of the answers.
        Deadline = "deadline",
        /// A fee.
        Fee = "fee",
        /// Transfers abroad and place of storage.
        CrossBorder = "cross_border",
        /// Portability.
        Portability = "portability",
    }
}

words! {
    /// What only the officer can fill in, by its name in `dsr.yaml` (law file 6.5).
    OfficerField, "field of dsr.yaml" {
        /// Legal name of the company.
        LegalName = "legal_name",
        /// Its number.
        Bin = "bin",
        /// Affiliated companies.
        Affiliates = "affiliates",
        /// Sites and applications.
        Domains = "domains",
        /// Where data lies, paper too.
        Systems = "systems",
        /// Working week.
        WeekDays = "week_days",
        /// Where the cookie policy is, and its term.
        CookiePolicy = "cookie_policy",
        /// Who receives data.
        Recipients = "recipients",
        /// Size class of the operator.
        SizeClass = "size_class",
        /// The person responsible.
        Responsible = "responsible",
    }
}

words! {
    /// Where a notice of a change is given.
    NoticeTo, "notice" {
        /// On the home page.
        HomePage = "home_page",
        /// By e-mail, where an address is held.
        Email = "email",
        /// In the date line of the text.
        DateLine = "date_line",
        /// To the authorised body.
        Authority = "authority",
        /// To the person.
        Subject = "subject",
    }
}

words! {
    /// What an obligation is about.
    ObligationKind, "obligation type" {
        /// A car was bought and is not delivered or paid.
        Purchase = "purchase",
        /// A work order is open.
        WorkOrder = "work_order",
        /// A credit request is under review.
        Credit = "credit",
        /// A claim is not answered.
        Claim = "claim",
        /// A warranty runs.
        Warranty = "warranty",
    }
}
