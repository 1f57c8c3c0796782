use std::net::SocketAddr;

use actix_web::error::ErrorInternalServerError;
use actix_web::{HttpResponse, web};
use anyhow::Result;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz};

use super::body::{BareUpdate, BareUser};

/// Few, so that each is used often, and what it works with stays in the caches.
const CONNECTIONS: u32 = 2;

type Connections = Pool<ConnectionManager<PgConnection>>;

/// Serves `PUT /v1/users/{id}` from PostgreSQL with diesel: a pool, a hop to a blocking thread for each update, and one
/// statement that stays prepared.
pub fn serve(url: &str, address: SocketAddr) -> Result<()> {
    let pool = Pool::builder().max_size(CONNECTIONS).test_on_check_out(false);
    let pool: Connections = pool.build(ConnectionManager::new(url))?;
    super::serve_sharing(pool, address, update)
}

async fn update(
    id: web::Path<String>,
    update: web::Json<BareUpdate>,
    pool: web::Data<Connections>,
) -> actix_web::Result<HttpResponse> {
    let statement = Statement { id: id.into_inner(), update: update.into_inner() };
    let user = web::block(move || write(&pool, statement)).await?.map_err(ErrorInternalServerError)?;
    Ok(user.map_or_else(|| HttpResponse::NotFound().finish(), |user| HttpResponse::Ok().json(user)))
}

fn write(pool: &Connections, statement: Statement) -> Result<Option<BareUser>> {
    let mut connection = pool.get()?;
    Ok(statement.get_result(&mut *connection).optional()?)
}

struct Statement {
    id: String,
    update: BareUpdate,
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE users SET bio = ");
        out.push_bind_param::<Text, _>(&self.update.bio)?;
        out.push_sql(", location = ");
        out.push_bind_param::<Text, _>(&self.update.location)?;
        out.push_sql(", last_seen = ");
        out.push_bind_param::<Timestamptz, _>(&self.update.last_seen)?;
        out.push_sql(", version = version + 1, modified_at = now() WHERE id = ");
        out.push_bind_param::<Text, _>(&self.id)?;
        out.push_sql(
            " RETURNING id, active, avatar, bio, birthday::text, country, email, first_name, last_name, last_seen, \
             last_typed, location, organization, phone, regions, title, twitter, username",
        );
        Ok(())
    }
}

impl Query for Statement {
    type SqlType = (
        Text,
        Bool,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
    );
}

/// There is one text, so the prepared statement is kept by the type.
impl QueryId for Statement {
    type QueryId = Self;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for Statement {}
