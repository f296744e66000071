//! HTML: self-contained pages, UTF-8, no scripts, nothing fetched, made to print on A4.
//!
//! The template engine escapes every value; a strict policy in a page's head forbids whatever an
//! escape might ever miss. A template that names a word which does not exist is an error, not a hole.

use minijinja::{
    AutoEscape, Environment, UndefinedBehavior,
    value::{Serde, Value},
};
use serde::Serialize;

use super::guard;
use crate::domain::{Error, Kind, Result};

/// Fills a template.
///
/// # Errors
/// Only a defect of the template.
pub fn page(template: &str, values: impl Serialize) -> Result<String> {
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.render_str(template, Value::from(Serde(values))).map(|page| guard::page(&page)).map_err(broken)
}

fn broken(error: minijinja::Error) -> Error {
    // The error may quote values of the person: only its kind is said.
    Error::new(Kind::Failed, format!("the page could not be made: {:?}", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_holes_are_errors() {
        let values = std::collections::BTreeMap::from([("name", "<b>\"O'Hara\" & co</b>")]);
        let page = page("<p title=\"{{ name }}\">{{ name }}</p>", &values).unwrap_or_default();
        let safe = "&lt;b&gt;&quot;O&#x27;Hara&quot; &amp; co&lt;&#x2f;b&gt;";
        assert_eq!(page, format!("<p title=\"{safe}\">{safe}</p>"));
        assert!(super::page("{{ nmae }}", &values).is_err());
        let hidden = std::collections::BTreeMap::from([("name", "a\u{202e}b\u{1b}\nc")]);
        let shown = super::page("<p>{{ name }}</p>\n", &hidden).unwrap_or_default();
        assert_eq!(
            shown,
            "<p>a\\u{202e}b\\u{1b}\nc</p>\n".trim_end_matches('\n'),
            "whatever a value hides is seen"
        );
    }
}
