use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use actix_web::error::ErrorInternalServerError;
use actix_web::{HttpResponse, web};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::body::{BareUpdate, BareUser};

const UPDATE: &str = "UPDATE users SET bio = ?2, location = ?3, last_seen = ?4, version = version + 1, \
     modified_at = ?4 WHERE id = ?1 \
     RETURNING id, active, avatar, bio, birthday, country, email, first_name, last_name, last_seen, last_typed, \
     location, organization, phone, regions, title, twitter, username";

/// Serves `PUT /v1/users/{id}` from a file of SQLite: WAL, `synchronous=FULL`, one transaction for each update.
///
/// SQLite lets one writer in at a time, so there is one connection, and whoever has it writes. A thread hop for each
/// request was slower.
pub fn serve(file: &Path, address: SocketAddr) -> Result<()> {
    let connection = Connection::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    super::serve_sharing(Mutex::new(connection), address, update)
}

async fn update(
    id: web::Path<String>,
    update: web::Json<BareUpdate>,
    connection: web::Data<Mutex<Connection>>,
) -> actix_web::Result<HttpResponse> {
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    let mut statement = connection.prepare_cached(UPDATE).map_err(ErrorInternalServerError)?;
    let last_seen = update.last_seen.timestamp_micros();
    let user = statement
        .query_row(params![id.as_str(), update.bio, update.location, last_seen], read)
        .optional()
        .map_err(ErrorInternalServerError)?;
    Ok(user.map_or_else(|| HttpResponse::NotFound().finish(), |user| HttpResponse::Ok().json(user)))
}

fn read(row: &Row<'_>) -> rusqlite::Result<BareUser> {
    let instant = |micros: Option<i64>| micros.and_then(DateTime::<Utc>::from_timestamp_micros);
    Ok(BareUser {
        id: row.get(0)?,
        active: row.get(1)?,
        avatar: row.get(2)?,
        bio: row.get(3)?,
        birthday: row.get(4)?,
        country: row.get(5)?,
        email: row.get(6)?,
        first_name: row.get(7)?,
        last_name: row.get(8)?,
        last_seen: instant(row.get(9)?),
        last_typed: instant(row.get(10)?),
        location: row.get(11)?,
        organization: row.get(12)?,
        phone: row.get(13)?,
        regions: row.get(14)?,
        title: row.get(15)?,
        twitter: row.get(16)?,
        username: row.get(17)?,
    })
}
