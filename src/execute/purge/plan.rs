//! A night on paper: what `purge-expired --plan-out` writes and `dsr apply` carries out, exactly or not at all.
//!
//! It names no record: the digest over all of them says whether the night is still the one that was shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Judged, Tonight};
use crate::{
    audit::Hash,
    domain::{Error, Kind, Result},
    execute::act,
};

/// The schema of the file.
pub const SCHEMA: &str = "dsr/purge-plan/v1";

/// The file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PurgePlan {
    schema: String,
    /// The day that was judged.
    pub as_of: String,
    /// The controllers that were judged.
    pub controllers: Vec<String>,
    /// Whose data is not in it, though a night goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_out: Option<LeftOut>,
    /// Records to destroy, by category.
    pub destroyed: BTreeMap<String, u64>,
    /// Records to archive, by category.
    pub archived: BTreeMap<String, u64>,
    /// Over every record, what happens to it and by which rule.
    pub digest: String,
    /// Over all of the above: whoever reads the numbers reads what is carried out.
    seal: String,
}

/// Other systems, and the command that goes there.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    systems: Vec<String>,
    command: String,
}

impl PurgePlan {
    /// The plan of a night that was only judged; `left_out`: the systems that it leaves out.
    pub fn of(tonight: &Tonight, left_out: &[String]) -> Self {
        let left_out = Some(left_out.to_vec()).filter(|systems| !systems.is_empty());
        let plan = Self {
            schema: SCHEMA.into(),
            as_of: tonight.as_of.to_string(),
            controllers: tonight.tallies.iter().map(|tally| tally.controller.clone()).collect(),
            left_out: left_out.map(|systems| LeftOut { systems, command: "dsr purge-expired".into() }),
            destroyed: tonight.sum(|tally| &tally.destroyed),
            archived: tonight.sum(|tally| &tally.archived),
            digest: tonight.digest.to_string(),
            seal: String::new(),
        };
        Self { seal: plan.sealed(), ..plan }
    }

    fn sealed(&self) -> String {
        let mut rest =
            json!([self.schema, self.as_of, self.controllers, self.destroyed, self.archived, self.digest]);
        // A plan without them is sealed as it always was.
        if let (Some(left_out), Some(rest)) = (&self.left_out, rest.as_array_mut()) {
            rest.push(json!(left_out));
        }
        Hash::of(rest.to_string().as_bytes()).to_string()
    }

    /// The file's text.
    ///
    /// # Errors
    /// Failed (exit 1), which is a defect.
    pub fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map(|text| text + "\n");
        text.map_err(|cause| Error::new(Kind::Failed, "the plan cannot be written").because(cause))
    }

    /// Reads a file, if it is one of these.
    ///
    /// # Errors
    /// Usage (exit 2): it is one, and was changed so that it cannot be read.
    pub fn read(text: &str) -> Option<Result<Self>> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        (value.get("schema")? == SCHEMA).then(|| {
            serde_json::from_value(value).map_err(|_| {
                Error::usage("the plan cannot be read")
                    .hint("write it again: dsr purge-expired --plan-out FILE")
            })
        })
    }

    /// The digest that the night must have.
    ///
    /// # Errors
    /// Stale (exit 5): the file was edited; usage (exit 2): it is no digest.
    pub fn expected(&self) -> Result<Hash> {
        if self.seal != self.sealed() {
            return Err(act::stale());
        }
        self.digest.parse().map_err(|_| Error::usage("the digest of the plan cannot be read"))
    }
}

/// Over everything that a night does: controller, record, category, rule, last day.
pub fn digest(controllers: impl Iterator<Item = String>, judged: &Judged) -> Hash {
    let mut text = String::new();
    let mut whole = Hash::EMPTY;
    for (controller, verdict) in controllers.zip(&judged.companies) {
        for (record, kind) in &verdict.due {
            let Some(kind) = verdict.kinds.list.get(usize::from(*kind)) else { continue };
            let until = kind.until.map(|day| day.to_string()).unwrap_or_default();
            text.clear();
            text.push_str(&format!("{controller} {record} {} {} {until}", kind.category, kind.rule));
            whole = Hash::node(&whole, &Hash::of(text.as_bytes()));
        }
    }
    whole
}
