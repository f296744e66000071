//! `dsr rectify`: correction of what a document confirms.

use std::path::PathBuf;

use super::{
    Outcome,
    acting::{self, Acting},
    world::{self, World},
};
use crate::{
    domain::{Error, Result},
    execute::order::{NewValue, Order},
};

const EXAMPLES: &str = "\
Examples:
  dsr rectify --subject ref:C-1 --set contact.phone='+7 701 000 00 91' \\
      --document 'statement of 20.11.2026' --identity document
  dsr rectify --subject ref:C-1 --set-file changes.json \\
      --document 'ID card' --identity document
";

/// Correct data that a document confirms
///
/// Primary documents (contract, order, payment) are annotated, not overwritten. The old value is nowhere in
/// clear afterwards; who received it is named to be told. --set-file keeps values out of the process list: a
/// JSON object {"category.field": "value"}.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Rectify {
    /// A correction; may be repeated
    #[arg(long, value_name = "CATEGORY.FIELD=VALUE", required_unless_present = "set_file")]
    set: Vec<String>,
    /// Corrections from a file
    #[arg(long, value_name = "FILE")]
    set_file: Option<PathBuf>,
    /// The document that confirms them, by its kind and date; no copy is kept (art. 7(10))
    #[arg(long, value_name = "TEXT")]
    document: Option<String>,
    #[command(flatten)]
    acting: Acting,
}

impl Rectify {
    /// Runs the rectification.
    ///
    /// # Errors
    /// As [`acting::run`]; usage (exit 2) for a correction that cannot be read.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut changes = self.set.iter().map(|typed| change(typed)).collect::<Result<Vec<_>>>()?;
        if let Some(path) = &self.set_file {
            changes.extend(file(&world::read_input(path)?)?);
        }
        let document =
            self.document.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        acting::run(&self.acting, &Order::Rectify { changes, document }, world)
    }
}

fn change(typed: &str) -> Result<NewValue> {
    let split = typed.split_once('=').and_then(|(name, value)| Some((name.trim().split_once('.')?, value)));
    let wrong =
        || Error::usage("--set is written CATEGORY.FIELD=VALUE").hint("for example contact.phone='+7 …'");
    let ((category, field), value) = split.ok_or_else(wrong)?;
    Ok(NewValue { category: category.into(), field: field.into(), value: value.trim().into() })
}

/// A JSON object of names and values; the fault of a file that is none is not quoted.
fn file(text: &str) -> Result<Vec<NewValue>> {
    let wrong = || Error::usage("--set-file holds a JSON object of `category.field` and value");
    let fields: std::collections::BTreeMap<String, String> =
        serde_json::from_str(text).map_err(|_| wrong())?;
    let one = |(name, value): (String, String)| {
        let (category, field) = name.split_once('.').ok_or_else(wrong)?;
        Ok(NewValue { category: category.into(), field: field.into(), value })
    };
    fields.into_iter().map(one).collect()
}
