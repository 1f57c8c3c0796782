use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use users_ports::{GrantText, RepositoryError, TokenRecord, TokenRepository};

use crate::SqliteStore;
use crate::errors::repository_error;
use crate::jobs::{chore, read_chore};
use crate::schema::tokens;

/// A row of the table `tokens`, with the fields in the order of its columns.
#[derive(Queryable, Insertable)]
#[diesel(table_name = tokens)]
struct TokenRow {
    id: String,
    name: String,
    secret_hash: Vec<u8>,
    scopes: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_on: Option<String>,
    user_id: Option<String>,
    may_set: Option<String>,
}

impl From<TokenRecord> for TokenRow {
    fn from(record: TokenRecord) -> Self {
        let TokenRecord { id, name, secret_hash, grant, created_at, expires_at, revoked_at, last_used_on } =
            record;
        let secret_hash = secret_hash.to_vec();
        let GrantText { scopes, user_id, may_set } = grant.into();
        let created_at = created_at.timestamp_micros();
        let expires_at = expires_at.map(|end| end.timestamp_micros());
        let revoked_at = revoked_at.map(|end| end.timestamp_micros());
        let last_used_on = last_used_on.map(|day| day.to_string());
        Self {
            id,
            name,
            secret_hash,
            scopes,
            created_at,
            expires_at,
            revoked_at,
            last_used_on,
            user_id,
            may_set,
        }
    }
}

impl TryFrom<TokenRow> for TokenRecord {
    type Error = RepositoryError;

    fn try_from(row: TokenRow) -> Result<Self, Self::Error> {
        let TokenRow {
            id,
            name,
            secret_hash,
            scopes,
            created_at,
            expires_at,
            revoked_at,
            last_used_on,
            user_id,
            may_set,
        } = row;
        let unreadable =
            |what: &str| RepositoryError::Internal(format!("the {what} of the token {id} cannot be read"));
        let secret_hash = secret_hash.try_into().map_err(|_| unreadable("hash"))?;
        let grant = GrantText { scopes, user_id, may_set };
        let grant = grant.try_into().map_err(|_| unreadable("grant"))?;
        let time = |micros| DateTime::from_timestamp_micros(micros).ok_or_else(|| unreadable("times"));
        let created_at = time(created_at)?;
        let expires_at = expires_at.map(time).transpose()?;
        let revoked_at = revoked_at.map(time).transpose()?;
        let last_used_on =
            last_used_on.map(|day| day.parse().map_err(|_| unreadable("last day"))).transpose()?;
        Ok(Self { id, name, secret_hash, grant, created_at, expires_at, revoked_at, last_used_on })
    }
}

impl SqliteStore {
    async fn on_tokens<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RepositoryError> {
        let work = move |connection: &mut SqliteConnection| {
            work(connection).map_err(|error| repository_error(&error))
        };
        chore(&self.writer, work).await
    }
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn create(&self, token: TokenRecord) -> Result<(), RepositoryError> {
        let row = TokenRow::from(token);
        self.on_tokens(move |connection| diesel::insert_into(tokens::table).values(row).execute(connection))
            .await?;
        Ok(())
    }

    async fn find(&self, id: &str) -> Result<Option<TokenRecord>, RepositoryError> {
        let id = id.to_owned();
        // Every request waits for this one: it must not stand behind writes.
        let row = read_chore(&self.readers, move |connection| {
            tokens::table.find(id).first::<TokenRow>(connection).optional()
        });
        row.await?.map(TokenRecord::try_from).transpose()
    }

    async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError> {
        let rows = self.on_tokens(|connection| {
            tokens::table.order((tokens::created_at, tokens::id)).load::<TokenRow>(connection)
        });
        rows.await?.into_iter().map(TokenRecord::try_from).collect()
    }

    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        let id = id.to_owned();
        self.on_tokens(move |connection| {
            // The first time of revocation stays.
            let first = sql::<Nullable<BigInt>>("coalesce(revoked_at, ")
                .bind::<BigInt, _>(now.timestamp_micros())
                .sql(")");
            let revoked = diesel::update(tokens::table.find(id))
                .set(tokens::revoked_at.eq(first))
                .execute(connection)?;
            Ok(revoked > 0)
        })
        .await
    }

    async fn rotate(
        &self,
        id: &str,
        successor: TokenRecord,
        until: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        let id = id.to_owned();
        let (now, until) = (successor.created_at.timestamp_micros(), until.timestamp_micros());
        let successor = TokenRow::from(successor);
        let work = move |connection: &mut SqliteConnection| {
            // The smaller of the two, and the other where one is NULL.
            let end = sql::<Nullable<BigInt>>("min(coalesce(expires_at, ")
                .bind::<BigInt, _>(until)
                .sql("), ")
                .bind::<BigInt, _>(until)
                .sql(")");
            let valid =
                tokens::revoked_at.is_null().and(tokens::expires_at.is_null().or(tokens::expires_at.gt(now)));
            let rotated = diesel::update(tokens::table.find(id).filter(valid))
                .set(tokens::expires_at.eq(end))
                .execute(connection)?;
            if rotated == 0 {
                return Ok(false);
            }
            diesel::insert_into(tokens::table).values(successor).execute(connection)?;
            Ok(true)
        };
        self.on_tokens(move |connection| connection.immediate_transaction(work)).await
    }

    async fn prune(&self, end: DateTime<Utc>) -> Result<u64, RepositoryError> {
        let end = end.timestamp_micros();
        self.on_tokens(move |connection| {
            let is_over = tokens::revoked_at.lt(end).or(tokens::expires_at.lt(end));
            diesel::delete(tokens::table.filter(is_over)).execute(connection)
        })
        .await
        .map(|count| count as u64)
    }

    async fn mark_used(&self, id: &str, day: NaiveDate) -> Result<(), RepositoryError> {
        let (id, day) = (id.to_owned(), day.to_string());
        self.on_tokens(move |connection| {
            let earlier = tokens::last_used_on.is_null().or(tokens::last_used_on.lt(day.clone()));
            let token = tokens::table.find(id).filter(earlier);
            diesel::update(token).set(tokens::last_used_on.eq(day)).execute(connection)
        })
        .await?;
        Ok(())
    }
}
