//! Plans as short lines, so that a story reads like one.

use serde_json::Value;

use super::{Run, World};

impl World {
    /// A command with confirmed identity and without a question; words are split at spaces.
    pub fn does(&self, words: &str) -> Run {
        self.asks(&format!("{words} --identity document"))
    }

    /// The same for somebody not yet recognised.
    pub fn asks(&self, words: &str) -> Run {
        let args = words.split(' ').chain(["--yes", "--format", "json"]);
        self.dsr(args)
    }

    /// The copy of a person's data.
    pub fn copy(&self, subject: &str, controller: &str) -> Value {
        let args = ["export", "--subject", subject, "--controller", controller, "--format", "json"];
        self.dsr(args.into_iter().chain(["--identity", "document"])).ok().json()
    }

    /// `contact R-101` of every record held, sorted.
    pub fn holds(&self, subject: &str, controller: &str) -> Vec<String> {
        let copy = self.copy(subject, controller);
        let one = |r: &Value| format!("{} {}", text(&r["category"]), text(&r["id"]));
        let mut all: Vec<String> = list(&copy["records"]).iter().map(one).collect();
        all.sort();
        all
    }

    /// What is suppressed at a controller, by purpose.
    pub fn stopped(&self, controller: &str) -> Vec<String> {
        let args = ["suppress", "list", "--controller", controller, "--format", "json"];
        let found = self.dsr(args).ok().json();
        let mut all: Vec<String> =
            list(&found["suppressions"]).iter().map(|s| text(&s["purpose"]).to_owned()).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// The items of a list.
#[track_caller]
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| panic!("no list: {value}"), Vec::as_slice)
}

/// A text, or nothing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `4 destroy biometric x1 by RULE until DAY`, for each step; what is missing is left out.
pub fn steps(plan: &Value) -> Vec<String> {
    list(&plan["steps"]).iter().map(line).collect()
}

/// The same for what stays.
pub fn kept(plan: &Value) -> Vec<String> {
    list(&plan["kept"]).iter().map(line).collect()
}

fn line(step: &Value) -> String {
    let effect = step["effect"].as_u64().map(|n| n.to_string());
    let count = step["count"].as_u64().filter(|n| *n > 0).map(|n| format!("x{n}"));
    let about = list(&step["about"]).iter().map(|word| format!("({})", text(word))).collect::<String>();
    let fields = list(&step["fields"]).iter().map(text).collect::<Vec<_>>().join("+");
    let until = step["until"].as_str().map(|day| format!("until {day}"));
    let parts = [
        effect,
        Some(text(&step["action"]).to_owned()),
        step["category"].as_str().map(str::to_owned),
        Some(fields),
        count,
        Some(about),
        Some(format!("by {}", text(&step["rule"]))),
        until,
    ];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
