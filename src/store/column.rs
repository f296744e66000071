//! Typed columns: a stored word that no longer reads is a damaged store, not a panic and not a guess.

use std::str::FromStr;

use chrono::NaiveDate;
use rusqlite::{
    Row,
    types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use super::fault::damaged;
use crate::{
    audit::Hash,
    domain::{Moment, Result},
};

/// A digest lies in the store as its 32 bytes.
impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self::from_bytes)
    }
}

impl ToSql for Hash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_bytes().as_slice()))
    }
}

/// A word of a closed list, or a number with a form of its own.
pub(super) fn word<T: FromStr>(row: &Row<'_>, column: usize) -> Result<T> {
    text(row, column)?.parse().map_err(|_| unreadable(row, column))
}

/// [`word`], where the column may be empty.
pub(super) fn word_or_none<T: FromStr>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => word(row, column).map(Some),
    }
}

/// An ISO day.
pub(super) fn day(row: &Row<'_>, column: usize) -> Result<Option<NaiveDate>> {
    word_or_none(row, column)
}

/// An instant that must be there.
pub(super) fn moment(row: &Row<'_>, column: usize) -> Result<Moment> {
    Ok(Moment::from_unix(row.get(column)?))
}

/// An instant.
pub(super) fn moment_or_none(row: &Row<'_>, column: usize) -> Result<Option<Moment>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Moment::from_unix))
}

/// Text, without a copy.
pub(super) fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str> {
    row.get_ref(column)?.as_str().map_err(|_| unreadable(row, column))
}

/// Text; empty where there is none.
pub(super) fn text_or_empty(row: &Row<'_>, column: usize) -> Result<String> {
    Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
}

/// Words with spaces between.
pub(super) fn words<T>(row: &Row<'_>, column: usize, read: impl Fn(&str) -> T) -> Result<Vec<T>> {
    Ok(text(row, column)?.split_whitespace().map(read).collect())
}

fn unreadable(row: &Row<'_>, column: usize) -> crate::domain::Error {
    let name = row.as_ref().column_name(column).unwrap_or("?").to_owned();
    damaged(format!("a value in column {name} of the store cannot be read"))
}
