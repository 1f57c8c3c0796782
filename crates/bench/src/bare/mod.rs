//! Bare servers to compare with: one statement or transaction for each request, as a framework's example does it,
//! without validation, authentication, versions or logs.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use actix_web::{App, FromRequest, Handler, HttpResponse, HttpServer, Responder, web};
use anyhow::Result;

use crate::server_process::{ServerProcess, free_address};

mod body;
mod diesel;
mod postgres;
mod sqlite;

pub use self::diesel::serve as serve_diesel;
pub use self::postgres::serve as serve_postgres;
pub use self::sqlite::serve as serve_sqlite;

/// Answers 200 as soon as the server is up.
const READY: &str = "/livez";

/// Starts a bare server on a file of SQLite, in a process of its own.
pub fn start_sqlite(file: &Path) -> Result<ServerProcess> {
    start("bare-sqlite", "--db", &file.to_string_lossy())
}

/// Starts a bare server on a database of PostgreSQL, in a process of its own.
pub fn start_postgres(url: &str) -> Result<ServerProcess> {
    start("bare-postgres", "--url", url)
}

/// The same with diesel.
pub fn start_diesel(url: &str) -> Result<ServerProcess> {
    start("bare-diesel", "--url", url)
}

fn start(command: &str, option: &str, value: &str) -> Result<ServerProcess> {
    let address = free_address()?;
    let mut program = Command::new(std::env::current_exe()?);
    program.args([command, option, value, "--listen", &address.to_string()]).stdin(Stdio::null());
    Ok(ServerProcess::start(&mut program, address, READY, None)?.0)
}

/// Serves `PUT /v1/users/{id}` by `update`, which all workers share `state` for.
fn serve_sharing<S, F, Args>(state: S, address: SocketAddr, update: F) -> Result<()>
where
    S: Send + Sync + 'static,
    F: Handler<Args, Output: Responder> + Send,
    Args: FromRequest + 'static,
{
    let state = web::Data::new(state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .route(READY, web::get().to(HttpResponse::Ok))
            .route("/v1/users/{id}", web::put().to(update.clone()))
    });
    actix_web::rt::System::new().block_on(server.bind(address)?.run())?;
    Ok(())
}
