//! How a rule was and how it is, and what a policy says of the company, in words.

use super::{Change, Class};
use crate::policy::{
    body::Body,
    explain::{self, Tongue},
    model::{Controller, Policy, Rule},
};

/// How a rule was and how it is. What reads otherwise is quoted: the words known of it in another language are those of
/// one version. Where the gist is the same, the difference lies in what the rule carries.
pub(super) fn both(
    old: Option<&Rule>,
    new: Option<&Rule>,
    t: &dyn Tongue,
) -> (Option<String>, Option<String>) {
    let alike = matches!((old, new), (Some(old), Some(new)) if old.says == new.says);
    if !alike {
        return (old.map(|rule| t.quoted(rule)), new.map(|rule| t.quoted(rule)));
    }
    let body = |rule: Option<&Rule>| rule.map(|rule| explain::body(rule, t).join(" "));
    let (was, is) = (body(old), body(new));
    if was != is {
        return (was, is);
    }
    let more = |rule: Option<&Rule>| rule.map(|rule| unsaid(&rule.body, t));
    (more(old), more(new))
}

/// What an explanation of a rule leaves out.
fn unsaid(body: &Body, t: &dyn Tongue) -> String {
    let list = |group: &str, words: &[String]| {
        words.iter().map(|word| t.word(group, word)).collect::<Vec<_>>().join(", ")
    };
    let or = |said: String, none: &str| if said.is_empty() { t.say(none) } else { said };
    match body {
        Body::Minors(minors) if minors.deny_access => t.say("they may be kept off the site"),
        Body::Minors(_) => t.say("nobody is kept off the site"),
        Body::Channel(channel) => {
            let rights: Vec<String> = channel.rights.iter().map(ToString::to_string).collect();
            or(list("right", &rights), "every right")
        }
        Body::Duty(duty) => {
            let right: Vec<String> = duty.right.iter().map(ToString::to_string).collect();
            or(list("right", &right), "every right")
        }
        Body::Change(change) => t.say(if change.told { "people are told" } else { "nobody is told" }),
        Body::Basis(basis) => or(list("vocabulary", &basis.events), "nothing"),
        Body::Recipient(recipient) => or(recipient.roles.join(", "), "whoever no other rule names"),
        other => other.kind().to_owned(),
    }
}

/// What the text says of the company, and on what law it rests.
pub(super) fn of_policy(before: &Policy, after: &Policy, changes: &mut Vec<Change>) {
    let of = |policy: &Policy| {
        let mut all = vec![("title", policy.title.clone()), ("law", policy.law.clone())];
        all.extend(controller(&policy.controller));
        all
    };
    for ((what, was), (_, is)) in of(before).into_iter().zip(of(after)).filter(|(was, is)| was != is) {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let one = super::change(Class::Other, what, "", given(was), given(is));
        changes.push(Change { group: "company", ..one });
    }
}

fn controller(one: &Controller) -> [(&'static str, String); 7] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        ("name", one.name.clone()),
        ("legal_form", text(&one.legal_form)),
        ("bin", text(&one.bin)),
        ("address", text(&one.address)),
        ("phone", text(&one.phone)),
        ("email", text(&one.email)),
        ("sites", one.sites.join(", ")),
    ]
}
