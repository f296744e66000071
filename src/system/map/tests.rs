//! Maps as people write them, right and wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::{
    ColumnOrWord, DataType, Direction, Ownership,
    link::link,
    read::read,
    sample::{CRM, complaints, map, rulebook},
};
use crate::domain::IdentifierType;

fn without(line: &str) -> String {
    assert!(CRM.contains(line), "{line}");
    CRM.replace(line, "")
}

fn with(old: &str, new: &str) -> String {
    assert!(CRM.contains(old), "{old}");
    CRM.replace(old, new)
}

#[test]
fn a_map_says_what_lies_where() {
    let map = map(CRM);
    let customer = map.collection("sales.customer").unwrap();
    let say = |name: &str| {
        let field = customer.field(name).unwrap();
        let category = field.category.as_ref().map(ToString::to_string).unwrap_or_default();
        (category, field.field.clone().unwrap_or_default())
    };
    for (name, category, field) in [
        ("id", "", ""),
        ("iin", "identity", ""),
        ("tel", "contact", "phone"),
        ("tel_2", "contact", ""),
        ("given_name", "contact", ""),
        ("home.street", "contact", ""),
        ("created_at", "", ""),
        ("stopped", "", ""),
    ] {
        assert_eq!(say(name), (category.to_owned(), field.to_owned()), "{name}");
    }
    assert_eq!(customer.key(), ["id"]);
    let tel = customer.field("tel").unwrap();
    assert_eq!(
        (tel.kind, tel.length, tel.identity),
        (Some(DataType::Text), Some(20), Some(IdentifierType::Phone))
    );
    let deal = map.collection("sales.deal").unwrap();
    let link = &deal.field("customer_id").unwrap().references[0];
    assert_eq!((link.to.collection.as_str(), link.to.field.as_str()), ("sales.customer", "id"));
    assert_eq!((link.direction, link.ownership), (Direction::From, Ownership::Accessor));
    assert_eq!(link.blank, ["number"]);
    assert_eq!(deal.meaning.obligation.as_ref().unwrap().kind, ColumnOrWord::Word("purchase".into()));
    assert_eq!(deal.erase_after[0].collection, "call");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (about, text, complaint) in [
        (
            "two of a name",
            with("- name: call", "- name: sales.deal"),
            "the collection `sales.deal` stands twice",
        ),
        ("field twice", with("- { name: tel_2,", "- { name: tel,"), "the field `tel` stands twice"),
        (
            "column meant",
            with("collected_at: created_at", "collected_at: created"),
            "the column `created` is not known",
        ),
        ("blanked", with("blank: [number]", "blank: [nomber]"), "the column `nomber` is not known"),
        (
            "meant inside a column",
            with("collected_at: created_at", "collected_at: home.street"),
            "`home.street` lies inside a column",
        ),
        (
            "flag inside a column",
            with("column: stopped", "column: home.street"),
            "`home.street` lies inside a column",
        ),
        (
            "category",
            with("category: contract", "category: contrakt"),
            "the category `contrakt` is not known",
        ),
        ("deal", with("word: purchase", "word: rent"), "the type of deal `rent` is not known"),
        ("identity", with("identity: iin", "identity: inn"), "the identity `inn` is not known"),
        ("reference", with("customer.id", "customer.nr"), "there is no `customer.nr` in the dataset `crm`"),
        ("type", with("data_type: string", "data_type: strin"), "the type `strin` is not known"),
        (
            "data category",
            with("[user.name.first]", "[userx.name.first]"),
            "the data category `userx.name.first` is not known",
        ),
        (
            "identity inside a column",
            with("[user.contact.address.street]", "[user.contact.email], fides_meta: { identity: email }"),
            "nobody is found by the email `home.street`, which lies inside a column",
        ),
        (
            "reference inside a column",
            with(
                "- { name: street,",
                "- { name: deal, fides_meta: { references: [{ dataset: crm, field: sales.deal.id, direction: to }] } }\n              - { name: street,",
            ),
            "no row is found by `home.deal`, which lies inside a column",
        ),
        (
            "reference to inside a column",
            with("customer.id", "customer.home.street"),
            "no row is found by `customer.home.street`, which lies inside a column",
        ),
        ("word", with("free_text: true", "freetext: true"), "unknown field `freetext`"),
    ] {
        let said = complaints(&text);
        assert!(
            said.iter().any(|one| one.contains(complaint) && one.starts_with("crm.yaml:")),
            "{about}: {said:?}"
        );
    }
    let three = CRM.replace("customer.id", "customer.nr").replace("word: purchase", "word: rent");
    assert_eq!(complaints(&three).len(), 2, "every fault is told");
}

#[test]
fn erasing_that_cannot_work_is_refused() {
    let column = |name: &str, meta: &str| {
        let strategy = "masking_strategy_override: { strategy: hmac }";
        with(
            &format!("- {{ name: {name}"),
            &format!("- {{ name: extra, fides_meta: {{ {meta} {strategy} }} }}\n          - {{ name: {name}"),
        )
    };
    for (about, text, why) in [
        ("key", column("given_name", "primary_key: true,"), "part of the key"),
        ("read-only", column("given_name", "read_only: true,"), "read-only"),
        ("number", column("given_name", "data_type: integer,"), "a hash is text"),
        (
            "link",
            column("number", "references: [{ dataset: crm, field: customer.id, direction: from }],"),
            "other rows",
        ),
        (
            "reversible",
            column("number", "").replace("strategy: hmac", "strategy: aes_encrypt"),
            "can be read again",
        ),
        (
            "column as row",
            column("number", "").replace("strategy: hmac", "strategy: delete"),
            "a column cannot be deleted",
        ),
        (
            "unknown",
            column("number", "").replace("strategy: hmac", "strategy: hmacc"),
            "the strategy `hmacc`",
        ),
    ] {
        let said = complaints(&text);
        assert!(said.iter().any(|one| one.contains(why)), "{about}: {said:?}");
    }
    assert!(read("crm.yaml", &column("number", ""), None, &rulebook()).is_ok());
}

#[test]
fn maps_are_linked_across_systems() {
    let site = |field: &str, direction: &str| {
        format!(
            "dataset: [{{ fides_key: site, collections: [{{ name: visit, dsr_meta: {{ category: usage }}, fields: [
              {{ name: id, fides_meta: {{ primary_key: true }} }}, {{ name: page }},
              {{ name: who, fides_meta: {{ references: [{{ dataset: crm, field: {field}, direction: {direction} }}] }} }} ] }} ] }} ]"
        )
    };
    for (about, text, complaint) in [
        ("found", site("customer.id", "from"), ""),
        (
            "inside a column",
            site("customer.home.street", "from"),
            "names `crm.sales.customer.home.street`, which lies inside a column",
        ),
        ("no field", site("customer.nr", "from"), "names `crm.customer.nr`, which no map has"),
        ("wrong way", site("customer.id", "to"), "nobody's rows can be found in `visit`"),
    ] {
        let mut maps = vec![("crm".to_owned(), map(CRM)), ("site".to_owned(), map(&text))];
        let said = link(&mut maps).err().map(|error| error.message().to_owned()).unwrap_or_default();
        assert!(said.contains(complaint) && said.is_empty() == complaint.is_empty(), "{about}: {said}");
    }
    let mut twice = vec![("crm".to_owned(), map(CRM)), ("crm-2".to_owned(), map(CRM))];
    assert!(link(&mut twice).unwrap_err().message().contains("the same dataset"));
    let circle =
        map(&with("- name: call\n", "- name: call\n        fides_meta: { erase_after: [crm.deal] }\n"));
    let said = link(&mut [("crm".to_owned(), circle)]).unwrap_err();
    assert!(said.message().contains("circle: crm.call, crm.sales.deal"), "{said}");
    let lost = map(&without("- { name: tel, fides_meta: { identity: phone_number } }"));
    let said = link(&mut [("crm".to_owned(), lost)]).unwrap_err();
    assert!(said.message().contains("`call`"), "{said}");
}

#[test]
fn a_file_of_several_datasets_needs_a_name() {
    let one = "fides_key: KEY, collections: [{ name: t, fields: [{ name: a }] }]";
    let two = format!("dataset: [{{ {} }}, {{ {} }}]", one.replace("KEY", "a"), one.replace("KEY", "b"));
    let book = rulebook();
    assert_eq!(read("m.yaml", &two, Some("b"), &book).unwrap().map.key, "b");
    for (wanted, complaint) in [(None, "several"), (Some("c"), "no dataset `c`")] {
        let error = read("m.yaml", &two, wanted, &book).unwrap_err();
        assert!(error.message().contains(complaint), "{error}");
    }
    assert!(read("m.yaml", "dataset: []", None, &book).is_err());
}

/// Words of the format that mean nothing here, its older name for `fides_meta`, and nothing at all.
#[test]
fn a_map_made_for_another_program_works_as_it_is() {
    let text = "
dataset:
  - fides_key: shop
    organization_fides_key: default_organization
    tags: null
    meta: null
    data_categories: null
    fides_meta: { resource_id: shop.x, after: null, namespace: { schema: shop } }
    collections:
      - name: customer
        description: null
        data_categories: null
        fides_meta: { after: null, erase_after: [shop.orders], skip_processing: false, partitioning: null }
        fields:
          - { name: id, data_categories: [user.unique_id], fidesops_meta: { primary_key: True } }
          - { name: email, data_categories: [user.contact.email], fidesops_meta: { identity: email, data_type: string } }
          - { name: mood, data_categories: [user.sensor], fides_meta: null, fields: null }
      - name: orders
        fields:
          - name: customer_id
            data_categories: [user.unique_id]
            fides_meta: { references: [{ dataset: shop, field: customer.id, direction: from }], identity: shop_user_id, length: null, custom_request_field: null }
          - { name: id, data_categories: [system.operations], fides_meta: { primary_key: True } }
";
    let read = read("shop.yaml", text, None, &rulebook()).unwrap();
    let customer = read.map.collection("shop.customer").unwrap();
    let category = |name: &str| customer.field(name).unwrap().category.as_ref().map(ToString::to_string);
    assert_eq!((category("id"), category("email")), (None, Some("contact".into())));
    assert_eq!(category("mood").as_deref(), Some("unlisted"), "held without a clause");
    assert_eq!(customer.erase_after[0].collection, "shop.orders");
    assert!(read.notes.iter().any(|note| note.contains("shop_user_id")), "{:?}", read.notes);
    link(&mut [("shop".to_owned(), read.map)]).unwrap();
}

/// A column is the policy's field where both mean the same, and not where the one is a part of the other.
#[test]
fn a_full_name_is_no_patronymic() {
    let field = |key: &str, name: &str| {
        let text = format!(
            "dataset: [{{ fides_key: a, collections: [{{ name: t, fields: [{{ name: id, fides_meta: {{ primary_key: true }} }}, {{ name: {name}, data_categories: [{key}] }}] }}] }}]"
        );
        let map = map(&text);
        let field = map.collections[0].field(name).unwrap().clone();
        format!("{} {}", field.category.unwrap(), field.field.unwrap_or_default()).trim().to_owned()
    };
    for (key, name, expected) in [
        ("user.name", "full_name", "contact"),
        ("user.name", "patronymic", "contact"),
        ("user.name.first", "imya", "contact given_name"),
        ("user.contact.address.city", "city", "contact"),
        ("user.contact.address", "where_to", "contact address"),
        ("user.contact.phone_number", "tel", "contact phone"),
        ("user.financial", "purse", "payment"),
        ("user.payment.method", "pan", "payment card"),
    ] {
        assert_eq!(field(key, name), expected, "{key} {name}");
    }
}
