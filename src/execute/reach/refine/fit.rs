//! Whether a column can take a new value: what it cannot take is people's work, and is not sent to be refused.

use crate::system::{
    check::{Live, live, refuses},
    map::{DataType, Field},
    project::value,
};

/// Whether length and type allow it, as far as the map or the database says. Of times and of forms of its own the database
/// alone knows.
pub(super) fn takes(field: &Field, new: &str) -> bool {
    let (new, declared) = (new.trim(), field.declared.as_ref());
    let lengths = [field.length, declared.and_then(|column| column.length)];
    let is_short =
        lengths.into_iter().flatten().min().is_none_or(|most| new.chars().count() <= most as usize);
    let kinds = [field.kind, declared.map(|column| live(&column.kind).data_type())];
    let unlisted = declared
        .filter(|column| live(&column.kind) == Live::Choice)
        .is_some_and(|column| refuses(column, new).is_some());
    is_short && !unlisted && kinds.into_iter().flatten().all(|kind| is_of(kind, new))
}

fn is_of(kind: DataType, new: &str) -> bool {
    match kind {
        DataType::Integer => new.parse::<i128>().is_ok(),
        DataType::Float => new.parse::<f64>().is_ok_and(f64::is_finite),
        DataType::Boolean => value(new, Some(kind)).is_boolean(),
        DataType::Text | DataType::Object | DataType::ObjectId => true,
    }
}

#[test]
fn what_a_column_takes() {
    use crate::system::engine::Column;
    let column = |kind: &str, length| {
        let kind = kind.to_owned();
        Some(Column { name: String::new(), kind, length, nullable: true, generated: false })
    };
    for (kind, length, by_map, new, fits) in [
        ("text", None, None, "any length", true),
        ("varchar(5)", Some(5), None, "\u{410}\u{441}\u{435}\u{43b}\u{44c}", true),
        ("varchar(5)", Some(5), None, "longer", false),
        ("text", None, Some(3), "four", false),
        ("varchar(9)", Some(9), Some(3), "four", false),
        ("bigint", None, None, " 17 ", true),
        ("bigint", None, None, "17.5", false),
        ("numeric(9,2)", None, None, "17.5", true),
        ("double precision", None, None, "NaN", false),
        ("boolean", None, None, "true", true),
        ("boolean", None, None, "perhaps", false),
        ("enum('a','b')", None, None, "b", true),
        ("enum('a','b')", None, None, "c", false),
        ("date", None, None, "2026-11-22", true),
    ] {
        let field = Field { declared: column(kind, length), length: by_map, ..Field::default() };
        assert_eq!(takes(&field, new), fits, "{kind} {by_map:?} {new}");
    }
}
