use std::io;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy, sink};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use super::Tls;
use crate::middleware::RequestIds;
use crate::transport::{OneAtATime, ProblemStream, plain_http_refusal};

/// A connection as it is, or encrypted.
type Connection = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// How long a client may take to agree on how to encrypt.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// What a record of TLS begins with that carries a handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;
/// How much may still come from a client that was told that it should have encrypted, so that it comes to read that.
const MAX_UNREAD: u64 = 1024 * 1024;

/// Makes of each socket what requests are read from.
#[derive(Clone)]
pub struct Acceptor {
    /// How TLS is spoken, where it is.
    pub tls: Option<Tls>,
    /// How long the head of a request may take to arrive.
    pub patience: Duration,
    /// Where the ids come from of what is refused before it is a request.
    pub request_ids: RequestIds,
}

impl Acceptor {
    /// Shakes hands where TLS is spoken. Below it nothing is encrypted, above it the framework sees no difference.
    pub async fn accept(
        self,
        socket: TcpStream,
    ) -> Result<ProblemStream<OneAtATime<Connection>>, DispatchError> {
        // Answers go out at once; where that cannot be set, they still go out.
        let _ = socket.set_nodelay(true);
        let connection = match self.tls {
            None => Either::Left(socket),
            // In a box, so that a connection without TLS does not take the room that a handshake needs.
            Some(tls) => Either::Right(Box::pin(encrypt(socket, &tls, &self.request_ids)).await?),
        };
        Ok(ProblemStream::new(OneAtATime::new(connection, self.patience), self.request_ids))
    }
}

/// Brings up TLS, or tells a client that speaks plain HTTP that it should not.
async fn encrypt(
    socket: TcpStream,
    tls: &Tls,
    request_ids: &RequestIds,
) -> Result<Box<TlsStream<TcpStream>>, DispatchError> {
    let mut first = [0];
    let shake_hands = async {
        match socket.peek(&mut first).await? {
            // Whoever only looks whether somebody listens is nothing to tell of.
            0 => Err(Failed::Quietly),
            _ if first == [HANDSHAKE] => {
                TlsAcceptor::from(tls.newest()).accept(socket).await.map_err(Failed::Handshake)
            }
            _ => Err(Failed::Plain(socket)),
        }
    };
    let failed = match timeout(HANDSHAKE_TIMEOUT, shake_hands).await {
        Ok(Ok(stream)) => return Ok(Box::new(stream)),
        Ok(Err(failed)) => failed,
        Err(_) => Failed::Handshake(io::ErrorKind::TimedOut.into()),
    };
    match failed {
        Failed::Quietly => {}
        Failed::Handshake(error) => tracing::info!(%error, "no TLS connection"),
        Failed::Plain(socket) => {
            let _ = timeout(HANDSHAKE_TIMEOUT, refuse(socket, &plain_http_refusal(request_ids))).await;
        }
    }
    Err(DispatchError::Io(io::ErrorKind::ConnectionAborted.into()))
}

/// Why a connection is not encrypted.
enum Failed {
    /// The client left without a word.
    Quietly,
    /// Both sides did not come to agree.
    Handshake(io::Error),
    /// The client does not speak TLS.
    Plain(TcpStream),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Handshake(error)
    }
}

/// Writes the answer, and reads on for a while: a socket that is closed with something unread takes the answer with it.
async fn refuse(mut socket: TcpStream, answer: &str) -> io::Result<()> {
    socket.write_all(answer.as_bytes()).await?;
    socket.shutdown().await?;
    copy(&mut socket.take(MAX_UNREAD), &mut sink()).await.map(drop)
}
