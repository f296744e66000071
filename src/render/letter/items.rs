//! What a letter has to say, in the words in which it says it: a finished text is looked through for these.

use super::{
    item,
    told::{Facts, Told},
};
use crate::{
    domain::{
        LetterKind,
        letter::{Item, PUT_OFF},
    },
    render::answer::holdings::terms::DASH,
};

impl Facts {
    /// What a refusal owes.
    pub(super) fn refusal_items(&self) -> Vec<Item> {
        vec![item("ground", &self.refusal.ground), item("you_can", &self.refusal.you_can)]
    }
}

impl Told {
    /// Whether anything was done of what was asked.
    pub(super) fn is_in_part(&self) -> bool {
        let rows = !self.destroyed.is_empty() || !self.archived.is_empty() || !self.acts.is_empty();
        let corrected = !self.changed.is_empty() || self.annotated;
        rows || corrected || self.withdrawn > 0 || !self.stopped.is_empty() || !self.resumed.is_empty()
    }

    /// What a refusal owes beside its ground: what was done of it all the same.
    pub(super) fn before(&self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut owe = |name: &str, text: &str| items.push(item(name, text));
        self.asked.iter().for_each(|line| owe("asked", line));
        self.destroyed.iter().for_each(|[what, ..]| owe("destroyed", what));
        self.acts.iter().for_each(|act| owe("act", &act.number));
        self.archived.iter().for_each(|[what, ..]| owe("archived", what));
        self.corrections().for_each(|text| owe("fields", text));
        self.stopped.iter().chain(&self.stopped_too).for_each(|line| owe("stopped", line));
        self.found.iter().for_each(|line| owe("found", line));
        self.looked.iter().for_each(|line| owe("looked", line));
        self.not_there.iter().for_each(|line| owe("not_there", line));
        items
    }

    /// What a letter about things done owes: every list whole.
    pub(super) fn items(&self, kind: LetterKind) -> Vec<Item> {
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
        self.corrections().for_each(|text| owe("fields", text));
        items
    }

    /// What was corrected and where, and the same of what nobody corrected, with the reason.
    fn corrections(&self) -> impl Iterator<Item = &String> {
        let made = self.changed.iter().flat_map(|[what, field, ..]| [what, field]);
        let not_made = self.not_made.iter().flat_map(|row| row.iter());
        made.chain(not_made).filter(|text| *text != DASH)
    }
}
