use std::net::SocketAddr;

use actix_web::error::ErrorInternalServerError;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use chrono::NaiveDate;
use tokio_postgres::{Client, NoTls, Row, Statement};

use super::body::{BareUpdate, BareUser};

const UPDATE: &str = "UPDATE users SET bio = $2, location = $3, last_seen = $4, version = version + 1, \
     modified_at = now() WHERE id = $1 \
     RETURNING id, active, avatar, bio, birthday, country, email, first_name, last_name, last_seen, last_typed, \
     location, organization, phone, regions, title, twitter, username";

/// A connection with its prepared statement; each worker has one of its own.
struct Prepared {
    client: Client,
    update: Statement,
}

/// Serves `PUT /v1/users/{id}` from PostgreSQL: an async client, one prepared statement for each update.
pub fn serve(url: &str, address: SocketAddr) -> Result<()> {
    let url = url.to_owned();
    let server = HttpServer::new(move || {
        let url = url.clone();
        let prepared = move || {
            let url = url.clone();
            async move { prepare(&url).await }
        };
        App::new()
            .data_factory(prepared)
            .route(super::READY, web::get().to(HttpResponse::Ok))
            .route("/v1/users/{id}", web::put().to(update))
    });
    actix_web::rt::System::new().block_on(server.bind(address)?.run())?;
    Ok(())
}

async fn prepare(url: &str) -> Result<Prepared, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    actix_web::rt::spawn(connection);
    let update = client.prepare(UPDATE).await?;
    Ok(Prepared { client, update })
}

async fn update(
    id: web::Path<String>,
    update: web::Json<BareUpdate>,
    prepared: web::Data<Prepared>,
) -> actix_web::Result<HttpResponse> {
    let id = id.into_inner();
    let row = prepared
        .client
        .query_opt(&prepared.update, &[&id, &update.bio, &update.location, &update.last_seen])
        .await
        .map_err(ErrorInternalServerError)?;
    let Some(row) = row else {
        return Ok(HttpResponse::NotFound().finish());
    };
    Ok(HttpResponse::Ok().json(read(&row).map_err(ErrorInternalServerError)?))
}

fn read(row: &Row) -> Result<BareUser, tokio_postgres::Error> {
    let birthday: Option<NaiveDate> = row.try_get(4)?;
    Ok(BareUser {
        id: row.try_get(0)?,
        active: row.try_get(1)?,
        avatar: row.try_get(2)?,
        bio: row.try_get(3)?,
        birthday: birthday.map(|day| day.to_string()),
        country: row.try_get(5)?,
        email: row.try_get(6)?,
        first_name: row.try_get(7)?,
        last_name: row.try_get(8)?,
        last_seen: row.try_get(9)?,
        last_typed: row.try_get(10)?,
        location: row.try_get(11)?,
        organization: row.try_get(12)?,
        phone: row.try_get(13)?,
        regions: row.try_get(14)?,
        title: row.try_get(15)?,
        twitter: row.try_get(16)?,
        username: row.try_get(17)?,
    })
}
