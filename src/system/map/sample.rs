//! Maps for the tests.

#![expect(clippy::unwrap_used, reason = "only tests use this")]

use super::{Map, read::read};
use crate::policy::{Library, Rulebook};

/// The rules of the company that the maps are of.
pub fn rulebook() -> Rulebook {
    Library::embedded().rulebook("mycar").unwrap()
}

/// A customer with deals, and a paper trail of calls.
pub const CRM: &str = "
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: sales.customer
        dsr_meta:
          category: contact
          collected_at: created_at
          restriction: { column: stopped, blocked: 'true', free: 'false' }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, data_categories: [user.government_id.national_identification_number], dsr_meta: { identity: iin } }
          - { name: tel, data_categories: [user.contact.phone_number], fides_meta: { identity: phone_number, data_type: string, length: 20 } }
          - { name: tel_2, data_categories: [user.contact.phone_number] }
          - { name: given_name, data_categories: [user.name.first] }
          - name: home
            fides_meta: { data_type: object }
            fields:
              - { name: street, data_categories: [user.contact.address.street] }
          - { name: created_at, data_categories: [system.operations] }
          - { name: stopped, dsr_meta: { not_personal: true } }
      - name: sales.deal
        fides_meta: { erase_after: [crm.call] }
        dsr_meta:
          category: contract
          obligation: { kind: { word: purchase }, opened_at: opened_at, closed_at: closed_at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: customer_id
            fides_meta: { references: [{ dataset: crm, field: customer.id, direction: from }] }
            dsr_meta: { ownership: accessor, blank: [number] }
          - { name: number, data_categories: [user.account] }
          - { name: opened_at }
          - { name: closed_at }
      - name: call
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: tel, fides_meta: { identity: phone_number } }
          - { name: text, data_categories: [user.content.private], dsr_meta: { free_text: true } }
";

/// A map that has to be right.
pub fn map(text: &str) -> Map {
    read("crm.yaml", text, None, &rulebook()).unwrap().map
}

/// Every complaint about a map that has to be wrong.
pub fn complaints(text: &str) -> Vec<String> {
    let (first, more) = read("crm.yaml", text, None, &rulebook()).unwrap_err().apart();
    [first].into_iter().chain(more).map(|error| error.message().to_owned()).collect()
}
