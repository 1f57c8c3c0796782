use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use users_ports::{GrantText, RepositoryError, TokenRecord, TokenRepository};

use crate::PostgresStore;
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
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_on: Option<NaiveDate>,
    user_id: Option<String>,
    may_set: Option<String>,
}

impl From<TokenRecord> for TokenRow {
    fn from(record: TokenRecord) -> Self {
        let TokenRecord { id, name, secret_hash, grant, created_at, expires_at, revoked_at, last_used_on } =
            record;
        let secret_hash = secret_hash.to_vec();
        let GrantText { scopes, user_id, may_set } = grant.into();
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
        Ok(Self { id, name, secret_hash, grant, created_at, expires_at, revoked_at, last_used_on })
    }
}

impl PostgresStore {
    async fn on_tokens<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RepositoryError> {
        let work =
            move |connection: &mut PgConnection| work(connection).map_err(|error| repository_error(&error));
        chore(&self.writers, work).await
    }
}

#[async_trait]
impl TokenRepository for PostgresStore {
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
            tokens::table.find(&id).first::<TokenRow>(connection).optional()
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
        // PostgreSQL would round to the microsecond.
        let (id, now) = (id.to_owned(), now.trunc_subsecs(6));
        self.on_tokens(move |connection| {
            // The first time of revocation stays.
            let first =
                sql::<Nullable<Timestamptz>>("coalesce(revoked_at, ").bind::<Timestamptz, _>(now).sql(")");
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
        // PostgreSQL would round to the microsecond.
        let (id, now, until) = (id.to_owned(), successor.created_at, until.trunc_subsecs(6));
        let successor = TokenRow::from(successor);
        let work = move |connection: &mut PgConnection| {
            // The smaller of the two; of one and NULL it is the one.
            let end =
                sql::<Nullable<Timestamptz>>("least(expires_at, ").bind::<Timestamptz, _>(until).sql(")");
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
        self.on_tokens(move |connection| connection.transaction(work)).await
    }

    async fn prune(&self, end: DateTime<Utc>) -> Result<u64, RepositoryError> {
        self.on_tokens(move |connection| {
            let is_over = tokens::revoked_at.lt(end).or(tokens::expires_at.lt(end));
            diesel::delete(tokens::table.filter(is_over)).execute(connection)
        })
        .await
        .map(|count| count as u64)
    }

    async fn mark_used(&self, id: &str, day: NaiveDate) -> Result<(), RepositoryError> {
        let id = id.to_owned();
        self.on_tokens(move |connection| {
            let earlier = tokens::last_used_on.is_null().or(tokens::last_used_on.lt(day));
            let token = tokens::table.find(id).filter(earlier);
            diesel::update(token).set(tokens::last_used_on.eq(day)).execute(connection)
        })
        .await?;
        Ok(())
    }
}
