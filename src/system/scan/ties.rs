//! Which ties of the catalogue are drafted as references: those by which one person's rows are found, and no other's.

use super::Drafted;
use crate::system::engine::Table;

/// What a tie seems to be.
enum Tie {
    /// Rows are found by it: table and column.
    Reference(String, String),
    /// Perhaps others' rows are, too: why.
    Doubt(String),
}

/// Writes references, or doubts, into a draft.
pub fn tie(all: &mut [Drafted], tables: &[Table]) {
    for (drafted, table) in all.iter_mut().zip(tables) {
        for column in &mut drafted.columns {
            match of_column(table, tables, &column.name) {
                Some(Tie::Reference(other, end)) => column.reference = Some((other, end)),
                Some(Tie::Doubt(why)) => column.doubt = Some(why),
                None => {}
            }
        }
    }
    without_lists(all);
}

/// The first tie that is a reference, else the first of which there is a doubt.
fn of_column(table: &Table, tables: &[Table], column: &str) -> Option<Tie> {
    let mut doubt = None;
    for (own, other, theirs) in &table.foreign {
        let end = own.iter().position(|name| name == column).and_then(|at| theirs.get(at));
        let Some(end) = end else { continue };
        let ends = tables.iter().find(|table| table.name == *other);
        if *other == table.name {
            doubt.get_or_insert(format!("refers to another row of its own table ({other}.{end})"));
        } else if own.len() > 1 && !ends.is_some_and(|ends| is_single(ends, end)) {
            let whole = theirs.join(", ");
            doubt.get_or_insert(format!("one column of a key of several ({other}: {whole})"));
        } else {
            return Some(Tie::Reference(other.clone(), end.clone()));
        }
    }
    doubt.map(Tie::Doubt)
}

fn is_single(table: &Table, column: &str) -> bool {
    let is_it = |columns: &Vec<String>| columns.len() == 1 && columns[0] == *column;
    is_it(&table.key) || table.unique.iter().any(is_it)
}

/// A list of cities or clubs ties everybody to everybody: what refers to a table in which nobody is named, and from
/// which no reference leads to one, is no reference.
fn without_lists(all: &mut [Drafted]) {
    let mut people: Vec<String> = Vec::new();
    loop {
        let known = people.len();
        for table in all.iter().filter(|table| !people.contains(&table.name)).collect::<Vec<_>>() {
            let leads = |column: &super::DraftedColumn| {
                column.reference.as_ref().is_some_and(|(other, _)| people.contains(other))
            };
            if is_of_people(table) || table.columns.iter().any(leads) {
                people.push(table.name.clone());
            }
        }
        if people.len() == known {
            break;
        }
    }
    for column in all.iter_mut().flat_map(|table| &mut table.columns) {
        if let Some((other, end)) = column.reference.take_if(|(other, _)| !people.contains(other)) {
            column.doubt = Some(format!("refers to {other}.{end}, where nobody seems to be named"));
        }
    }
}

/// Whether somebody is named in it, or a thing of theirs.
fn is_of_people(table: &Drafted) -> bool {
    let names = |category: &str| category.starts_with("user.name") || category == "user.account.username";
    table.columns.iter().any(|column| {
        let guess = column.guess.as_ref();
        guess.is_some_and(|guess| guess.identity.is_some() || names(guess.category))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::DraftedColumn, *};
    use crate::system::{
        engine::Column,
        scan::{Guess, guess::guess},
    };

    fn table(name: &str, columns: &[&str], key: &[&str], foreign: &[(&[&str], &str, &[&str])]) -> Table {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let column = |name: &&str| Column {
            name: (*name).into(),
            kind: "text".into(),
            length: None,
            nullable: true,
            generated: false,
        };
        Table {
            name: name.into(),
            columns: columns.iter().map(column).collect(),
            key: own(key),
            foreign: foreign.iter().map(|(a, other, b)| (own(a), (*other).into(), own(b))).collect(),
            ..Table::default()
        }
    }

    fn drafted(tables: &[Table]) -> Vec<String> {
        let guessed = |name: &str| -> Option<Guess> { guess(name, None, true) };
        let column = |column: &Column| DraftedColumn {
            name: column.name.clone(),
            kind: column.kind.clone(),
            data_type: None,
            length: None,
            key: false,
            reference: None,
            doubt: None,
            guess: guessed(&column.name),
            generated: false,
            is_start: false,
        };
        let one = |table: &Table| Drafted {
            name: table.name.clone(),
            columns: table.columns.iter().map(column).collect(),
            unread: false,
        };
        let mut all: Vec<Drafted> = tables.iter().map(one).collect();
        tie(&mut all, tables);
        let columns = all.iter().flat_map(|table| table.columns.iter().map(|column| (&table.name, column)));
        let says = |(table, column): (&String, &DraftedColumn)| match (&column.reference, &column.doubt) {
            (Some((other, end)), None) => Some(format!("{table}.{} from {other}.{end}", column.name)),
            (None, Some(why)) => Some(format!("{table}.{}: {why}", column.name)),
            (None, None) => None,
            (Some(_), Some(_)) => Some("both".into()),
        };
        columns.filter_map(says).collect()
    }

    #[test]
    fn only_what_leads_to_one_person_is_a_reference() {
        let client =
            table("client", &["id", "iin", "parent_id"], &["id"], &[(&["parent_id"], "client", &["id"])]);
        let club = table("club", &["id", "title"], &["id"], &[]);
        let member = table(
            "member",
            &["client_id", "club_id"],
            &["client_id", "club_id"],
            &[(&["client_id"], "client", &["id"]), (&["club_id"], "club", &["id"])],
        );
        let visit = table("visit", &["member_id"], &[], &[(&["member_id"], "member", &["client_id"])]);
        assert_eq!(
            drafted(&[club, visit, client, member]),
            [
                "visit.member_id from member.client_id",
                "client.parent_id: refers to another row of its own table (client.id)",
                "member.client_id from client.id",
                "member.club_id: refers to club.id, where nobody seems to be named",
            ]
        );
    }

    #[test]
    fn a_key_of_several_columns_is_no_reference_by_one_of_them() {
        let buyer = |unique: &[&str]| Table {
            unique: unique.iter().map(|name| vec![(*name).to_owned()]).collect(),
            ..table("buyer", &["tenant", "id", "iin"], &["tenant", "id"], &[])
        };
        let order = table(
            "ord",
            &["tenant", "buyer_id"],
            &[],
            &[(&["tenant", "buyer_id"], "buyer", &["tenant", "id"])],
        );
        assert_eq!(
            drafted(&[buyer(&[]), order.clone()]),
            [
                "ord.tenant: one column of a key of several (buyer: tenant, id)",
                "ord.buyer_id: one column of a key of several (buyer: tenant, id)"
            ]
        );
        // Where the one column is single alone, it leads to one row.
        assert_eq!(
            drafted(&[buyer(&["id"]), order]),
            ["ord.tenant: one column of a key of several (buyer: tenant, id)", "ord.buyer_id from buyer.id"]
        );
    }
}
