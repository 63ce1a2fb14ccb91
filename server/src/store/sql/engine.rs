//! What is asked of a database, written once for both: the only place with the bounds.

use futures_util::future::BoxFuture;
use sqlx::{
    Arguments, AssertSqlSafe, ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Row, Type, query_with,
};

use super::statement::{Arg, Statement};

/// A database that runs [`Statement`]s and answers whole numbers, text and bytes.
pub(super) trait Engine: Database {
    /// Runs a statement to its end; all its rows.
    fn rows<'c>(
        connection: &'c mut Self::Connection,
        statement: Statement,
    ) -> BoxFuture<'c, sqlx::Result<Vec<Self::Row>>>;
    fn int(row: &Self::Row, column: usize) -> sqlx::Result<Option<i64>>;
    fn text(row: &Self::Row, column: usize) -> sqlx::Result<Option<String>>;
    fn bytes(row: &Self::Row, column: usize) -> sqlx::Result<Option<Vec<u8>>>;
}

impl<DB: Database> Engine for DB
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'q> Option<i64>: Encode<'q, DB> + Type<DB>,
    for<'q> Option<String>: Encode<'q, DB> + Type<DB>,
    for<'q> Option<Vec<u8>>: Encode<'q, DB> + Type<DB>,
    for<'r> i64: Decode<'r, DB> + Type<DB>,
    for<'r> String: Decode<'r, DB> + Type<DB>,
    for<'r> Vec<u8>: Decode<'r, DB> + Type<DB>,
    usize: ColumnIndex<DB::Row>,
{
    fn rows<'c>(connection: &'c mut DB::Connection, statement: Statement) -> BoxFuture<'c, sqlx::Result<Vec<DB::Row>>> {
        Box::pin(async move {
            let mut arguments = DB::Arguments::default();
            for arg in statement.args {
                match arg {
                    Arg::Int(value) => arguments.add(value),
                    Arg::Text(value) => arguments.add(value),
                    Arg::Bytes(value) => arguments.add(value),
                }
                .map_err(sqlx::Error::Encode)?;
            }
            connection.fetch_all(query_with(AssertSqlSafe(statement.text), arguments)).await
        })
    }

    fn int(row: &DB::Row, column: usize) -> sqlx::Result<Option<i64>> {
        row.try_get(column)
    }

    fn text(row: &DB::Row, column: usize) -> sqlx::Result<Option<String>> {
        row.try_get(column)
    }

    fn bytes(row: &DB::Row, column: usize) -> sqlx::Result<Option<Vec<u8>>> {
        row.try_get(column)
    }
}

/// Reads a row's columns from left to right, as the store's types.
pub(super) struct Columns<'r, DB: Engine> {
    row: &'r DB::Row,
    next: usize,
}

/// A stored value that this version cannot understand: the database is damaged, or newer.
#[derive(Debug, thiserror::Error)]
#[error("column {column} holds what it should not")]
pub(super) struct BadValue {
    column: usize,
}

impl<'r, DB: Engine> Columns<'r, DB> {
    pub(super) fn of(row: &'r DB::Row) -> Self {
        Self { row, next: 0 }
    }

    fn column(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    pub(super) fn int_or_null(&mut self) -> anyhow::Result<Option<i64>> {
        let column = self.column();
        Ok(DB::int(self.row, column)?)
    }

    pub(super) fn int(&mut self) -> anyhow::Result<i64> {
        let column = self.next;
        Ok(self.int_or_null()?.ok_or(BadValue { column })?)
    }

    pub(super) fn text(&mut self) -> anyhow::Result<String> {
        let column = self.column();
        Ok(DB::text(self.row, column)?.ok_or(BadValue { column })?)
    }

    pub(super) fn bytes(&mut self) -> anyhow::Result<Vec<u8>> {
        let column = self.column();
        Ok(DB::bytes(self.row, column)?.ok_or(BadValue { column })?)
    }

    /// An identifier of fixed length, or null.
    pub(super) fn id_or_null<T: for<'a> TryFrom<&'a [u8]>>(&mut self) -> anyhow::Result<Option<T>> {
        let column = self.column();
        let Some(bytes) = DB::bytes(self.row, column)? else { return Ok(None) };
        let id = T::try_from(&bytes).map_err(|_| BadValue { column })?;
        Ok(Some(id))
    }

    pub(super) fn id<T: for<'a> TryFrom<&'a [u8]>>(&mut self) -> anyhow::Result<T> {
        let column = self.next;
        Ok(self.id_or_null()?.ok_or(BadValue { column })?)
    }

    /// Bytes of a fixed length that are no identifier.
    pub(super) fn fixed<const N: usize>(&mut self) -> anyhow::Result<[u8; N]> {
        let column = self.next;
        let bytes = self.bytes()?;
        Ok(bytes.try_into().map_err(|_| BadValue { column })?)
    }

    /// A number that stands for something, through `from`.
    pub(super) fn number<T>(&mut self, from: impl FnOnce(i64) -> Option<T>) -> anyhow::Result<T> {
        let column = self.next;
        let number = self.int()?;
        Ok(from(number).ok_or(BadValue { column })?)
    }
}
