use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::middleware::Notes;
use crate::problem::{ErrorCode, Problem};

/// The largest body that is read: 256 KiB.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Reads the whole body, at most [`MAX_BODY_BYTES`].
///
/// A body that is announced to be larger is refused before any of it is read.
pub async fn read_body(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    read_body_up_to(MAX_BODY_BYTES, request, payload).await
}

/// Reads the whole body as [`read_body`] does, but at most `max` bytes.
pub async fn read_body_up_to(
    max: usize,
    request: &HttpRequest,
    mut payload: Payload,
) -> Result<Bytes, Problem> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.trim().parse::<usize>().ok());
    if announced.is_some_and(|length| length > max) {
        return Err(too_large(max));
    }
    let notes = Notes::of(request);
    notes.set_reading_body(true);
    // Most bodies come in one piece, which is taken as it is.
    let first =
        payload.next().await.transpose().map_err(|error| unreadable(&error, max))?.unwrap_or_default();
    let body = match payload.next().await {
        None => first,
        Some(second) => join(first, second.map_err(|error| unreadable(&error, max))?, payload, max).await?,
    };
    notes.set_reading_body(false);
    if body.len() > max { Err(too_large(max)) } else { Ok(without_mark(body)) }
}

/// The body without the byte order mark that some programs begin it with. A parser of JSON may ignore the mark (RFC 8259,
/// section 8.1).
fn without_mark(body: Bytes) -> Bytes {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    if body.starts_with(MARK) { body.slice(MARK.len()..) } else { body }
}

async fn join(first: Bytes, second: Bytes, mut payload: Payload, max: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::with_capacity((first.len() + second.len()) * 2);
    body.extend_from_slice(&first);
    body.extend_from_slice(&second);
    while let Some(piece) = payload.next().await {
        body.extend_from_slice(&piece.map_err(|error| unreadable(&error, max))?);
        if body.len() > max {
            return Err(too_large(max));
        }
    }
    Ok(body.freeze())
}

fn too_large(max: usize) -> Problem {
    Problem::new(ErrorCode::PayloadTooLarge, format!("A body may have at most {max} bytes."))
}

fn unreadable(error: &PayloadError, max: usize) -> Problem {
    match error {
        PayloadError::Overflow => too_large(max),
        _ => Problem::new(
            ErrorCode::MalformedRequest,
            "The body ends early, or is not coded as its headers say.",
        ),
    }
}
