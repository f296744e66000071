//! What a letter owes of what was done and what was not: each is looked for in the finished text.

use super::{Facts, Told};
use crate::{
    domain::{
        LetterKind,
        letter::{Item, PUT_OFF},
    },
    render::{answer::holdings::terms::DASH, letter::item},
};

impl Facts {
    /// What a refusal owes.
    pub(in crate::render::letter) fn refusal_items(&self) -> Vec<Item> {
        vec![item("ground", &self.refusal.ground), item("you_can", &self.refusal.you_can)]
    }
}

impl Told {
    /// What a letter about things done owes: every list whole.
    pub(in crate::render::letter) fn items(&self, kind: LetterKind) -> Vec<Item> {
        let mut items = Vec::new();
        let mut owe = |name: &str, text: &str| items.push(item(name, text));
        self.found.iter().filter(|_| kind.is_to_person()).for_each(|line| owe("found", line));
        if kind == LetterKind::Recipient {
            self.changed.iter().for_each(|[_, field, ..]| owe("fields", field));
            return items;
        }
        self.asked.iter().for_each(|line| owe("asked", line));
        self.effects.iter().for_each(|line| owe("effects", line));
        self.destroyed.iter().for_each(|[what, ..]| owe("destroyed", what));
        self.acts.iter().for_each(|act| owe("act", &act.number));
        self.stopped_too.iter().for_each(|what| owe("stopped", what));
        self.archived.iter().for_each(|[what, _, until, why]| {
            // Of papers that had to stay whoever found them says until when.
            let known = [what, until, why].into_iter().filter(|text| *text != DASH);
            known.for_each(|text| owe("archived", text));
        });
        self.kept
            .iter()
            .for_each(|[what, _, _, why]| [what, why].into_iter().for_each(|text| owe("kept", text)));
        if !matches!(kind, LetterKind::Rectification) {
            self.waits.iter().for_each(|line| owe("waits", line));
        }
        if kind.tells_what_waits() {
            let rows = self.put_off.iter();
            rows.for_each(|[what, _, why]| [what, why].into_iter().for_each(|text| owe(PUT_OFF, text)));
        }
        self.recipients.iter().for_each(|name| owe("recipients", name));
        self.changed.iter().for_each(|[_, field, ..]| owe("fields", field));
        items
    }
}
