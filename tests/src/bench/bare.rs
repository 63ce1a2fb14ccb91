//! The floor of storing: the same bytes put into a bare table, with the same durability.

use std::{path::Path, time::Instant};

use anyhow::Context;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// Rows that one statement inserts.
const ROWS_PER_STATEMENT: usize = 50;
const CREATE_SQLITE: &str = "create table bare (id integer primary key, bytes blob not null)";
const CREATE_POSTGRES: &str = "create table bare (id bigint primary key, bytes bytea not null)";

/// Rows per second into a new SQLite file in this folder, so many in a transaction.
pub(super) async fn sqlite(folder: &Path, rows: &[&[u8]], per_commit: usize) -> anyhow::Result<f64> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join(format!("bare-{per_commit}.sqlite")))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query(CREATE_SQLITE).execute(&mut connection).await?;
    let began = Instant::now();
    for (number, rows) in rows.chunks(per_commit).enumerate() {
        let mut transaction = connection.begin().await?;
        for (place, rows) in rows.chunks(ROWS_PER_STATEMENT).enumerate() {
            let first = number * per_commit + place * ROWS_PER_STATEMENT;
            let mut insert = sqlx::query(AssertSqlSafe(statement(rows.len())));
            for (id, bytes) in (first as i64..).zip(rows) {
                insert = insert.bind(id).bind(*bytes);
            }
            insert.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
    }
    let took = began.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(rows.len() as f64 / took)
}

/// Rows per second into a new table of this PostgreSQL database, so many in a transaction.
pub(super) async fn postgres(database: &str, rows: &[&[u8]], per_commit: usize) -> anyhow::Result<f64> {
    let mut connection = PgConnection::connect(database).await.context("the bare table's database")?;
    sqlx::query("drop table if exists bare").execute(&mut connection).await?;
    sqlx::query(CREATE_POSTGRES).execute(&mut connection).await?;
    let began = Instant::now();
    for (number, rows) in rows.chunks(per_commit).enumerate() {
        let mut transaction = connection.begin().await?;
        for (place, rows) in rows.chunks(ROWS_PER_STATEMENT).enumerate() {
            let first = number * per_commit + place * ROWS_PER_STATEMENT;
            let mut insert = sqlx::query(AssertSqlSafe(statement(rows.len())));
            for (id, bytes) in (first as i64..).zip(rows) {
                insert = insert.bind(id).bind(*bytes);
            }
            insert.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
    }
    let took = began.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(rows.len() as f64 / took)
}

fn statement(rows: usize) -> String {
    let tuples: Vec<String> = (0..rows).map(|row| format!("(${}, ${})", 2 * row + 1, 2 * row + 2)).collect();
    format!("insert into bare (id, bytes) values {}", tuples.join(", "))
}
