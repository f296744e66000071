//! A plan on paper: what `--plan-out` writes and `dsr apply` carries out, exactly or not at all.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{cases::Receipt, order::Order};
use crate::{
    audit::Hash,
    domain::{CaseNumber, Channel, Error, IdentityMethod, Kind, Moment, Remark, Result, SubjectId},
};

const SCHEMA: &str = "dsr/plan-file/v1";

/// The file. It may hold new values of a rectification, so it is written with mode 0600.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    schema: String,
    /// The controller.
    pub controller: String,
    subject: String,
    order: Order,
    receipt: ReceiptFile,
    digest: String,
    policy_sha256: String,
    /// Over all of the above: the plan's own digest knows neither the person nor a new value.
    seal: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ReceiptFile {
    received: Option<String>,
    channel: Option<String>,
    tracking: Option<String>,
    language: Option<String>,
    representative: Option<String>,
    authority: Option<String>,
    identity: Option<String>,
    case: Option<String>,
    #[serde(default)]
    late: Option<String>,
}

/// A plan read back.
pub struct Planned {
    /// Whom it is about.
    pub subject: SubjectId,
    /// What was asked.
    pub order: Order,
    /// How it came.
    pub receipt: Receipt,
    /// The plan that was shown.
    pub digest: [u8; 32],
    /// The policy it was made by.
    pub policy_sha256: String,
}

impl PlanFile {
    /// A plan to be written.
    pub fn new(
        order: &Order,
        receipt: &Receipt,
        subject: SubjectId,
        controller: &str,
        digest: [u8; 32],
        policy_sha256: &str,
    ) -> Self {
        let receipt = ReceiptFile {
            received: receipt.received.map(Moment::rfc3339),
            channel: receipt.channel.map(|channel| channel.to_string()),
            tracking: receipt.tracking.clone(),
            language: receipt.language.clone(),
            representative: receipt.representative.clone(),
            authority: receipt.authority.clone(),
            identity: receipt.identity.map(|method| method.to_string()),
            case: receipt.case.as_ref().map(ToString::to_string),
            late: receipt.late.as_ref().map(ToString::to_string),
        };
        let plan = Self {
            schema: SCHEMA.into(),
            controller: controller.to_owned(),
            subject: subject.to_string(),
            order: order.clone(),
            receipt,
            digest: Hash::from_bytes(digest).to_string(),
            policy_sha256: policy_sha256.to_owned(),
            seal: String::new(),
        };
        Self { seal: plan.sealed(), ..plan }
    }

    /// SHA-256 over everything but the seal.
    fn sealed(&self) -> String {
        let rest = json!([
            self.schema,
            self.controller,
            self.subject,
            self.order,
            self.receipt,
            self.digest,
            self.policy_sha256
        ]);
        Hash::from_bytes(Sha256::digest(rest.to_string()).into()).to_string()
    }

    /// The file's text.
    ///
    /// # Errors
    /// Failed (exit 1), which is a defect.
    pub fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n")
            .map_err(|error| Error::new(Kind::Failed, "the plan cannot be written").because(error))
    }

    /// Reads a file's text; the cause of a fault is not said, since it could quote a value.
    ///
    /// # Errors
    /// Usage (exit 2): no plan of this program. Stale (exit 5): it was edited.
    pub fn read(text: &str) -> Result<Self> {
        let wrong =
            || Error::usage("the file is no plan of this program").hint("write one with --plan-out FILE");
        let plan: Self = serde_json::from_str(text).map_err(|_| wrong())?;
        if plan.schema != SCHEMA {
            return Err(wrong());
        }
        if plan.seal != plan.sealed() {
            return Err(Error::new(Kind::Ambiguous, "the plan file was changed after it was written")
                .hint("nothing was done; write it again with --plan-out FILE"));
        }
        Ok(plan)
    }

    /// The plan in types.
    ///
    /// # Errors
    /// Usage (exit 2): a word of the file is none of ours.
    pub fn planned(self) -> Result<Planned> {
        let receipt = self.receipt;
        let channel: Option<Channel> = parsed(receipt.channel.as_deref())?;
        let identity: Option<IdentityMethod> = parsed(receipt.identity.as_deref())?;
        let case: Option<CaseNumber> = parsed(receipt.case.as_deref())?;
        let received = receipt.received.as_deref().map(Moment::parse).transpose().map_err(Error::usage)?;
        Ok(Planned {
            subject: self.subject.parse().map_err(Error::usage)?,
            order: self.order,
            digest: *self.digest.parse::<Hash>().map_err(Error::usage)?.as_bytes(),
            policy_sha256: self.policy_sha256,
            receipt: Receipt {
                received,
                channel,
                identity,
                case,
                tracking: receipt.tracking,
                language: receipt.language,
                representative: receipt.representative,
                authority: receipt.authority,
                late: receipt.late.as_deref().map(Remark::kept),
                ..Receipt::default()
            },
        })
    }
}

fn parsed<T: std::str::FromStr<Err = String>>(word: Option<&str>) -> Result<Option<T>> {
    word.map(str::parse).transpose().map_err(Error::usage)
}
