use std::io;
use std::pin::pin;

use actix_web::rt::signal::unix::{SignalKind, signal};
use futures_util::future::select;

use crate::failure::Failure;

/// Waits for SIGINT (Ctrl-C) or SIGTERM, neither of which ends the process any more.
pub fn interrupted() -> Result<impl Future<Output = ()>, Failure> {
    let listen =
        || -> io::Result<_> { Ok((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)) };
    let (mut interrupt, mut terminate) =
        listen().map_err(|source| Failure::System { doing: "cannot listen to signals", source })?;
    Ok(async move {
        select(pin!(interrupt.recv()), pin!(terminate.recv())).await;
    })
}
