//! Where a request ends among the bytes of a connection (RFC 9112, section 6).

use memchr::memchr;

/// Follows the bytes of a connection from request to request.
///
/// It judges nothing: whatever it does not understand it gives up on, and the HTTP library, which reads the same bytes,
/// refuses it or not. In all that the library accepts both agree where a request ends.
#[derive(Debug, Default)]
pub struct Framing(Part);

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    /// The first line of a request, or an empty line before it.
    #[default]
    Start,
    /// Another line of a head that has told so much of its body.
    Head(Body),
    /// A body, or a chunk, of which so many bytes are to come.
    Bytes { left: u64, chunked: bool },
    /// The line that tells the size of a chunk.
    ChunkSize,
    /// The end of the line of a chunk.
    ChunkEnd,
    /// What follows the last chunk, to an empty line.
    Trailer,
    /// Malformed chunked body.
    Broken,
    /// Framing unknown; pass everything through.
    Lost,
}

/// What a head tells of the body that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// It has so many bytes.
    Length(u64),
    /// It comes in chunks.
    Chunked,
    /// Nobody knows.
    Lost,
}

/// How far [`Framing::take`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many bytes are of the request under way, in whole lines where it is made of lines.
    pub bytes: usize,
    /// Whether the request ends with them.
    pub ends: bool,
}

impl Framing {
    /// Takes the bytes that are of the request under way, and none beyond its end nor of an unfinished line.
    ///
    /// `Upgrade` and what `Connection` says of it become blank: a server may ignore them (RFC 9110, section 7.8), while the
    /// HTTP library takes it for granted that whoever asks for a WebSocket gets one, and then finds no end of the request;
    /// and it closes the connection after the answer without saying so.
    pub fn take(&mut self, bytes: &mut [u8]) -> Taken {
        let length = bytes.len();
        let mut rest = bytes;
        while !rest.is_empty() {
            let ends;
            (rest, ends) = match self.0 {
                Part::Lost => return Taken { bytes: length, ends: false },
                Part::Broken => break,
                Part::Bytes { left, chunked } => {
                    let taken = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                    (rest.split_at_mut(taken).1, self.took(left - taken as u64, chunked))
                }
                Part::Start | Part::Head(_) | Part::ChunkSize | Part::ChunkEnd | Part::Trailer => {
                    let Some(end) = memchr(b'\n', rest) else { break };
                    let left = rest.len();
                    let (line, after) = rest.split_at_mut(end + 1);
                    let ends = self.line(line);
                    if self.is_broken() {
                        return Taken { bytes: length - left, ends };
                    }
                    (after, ends)
                }
            };
            if ends {
                return Taken { bytes: length - rest.len(), ends };
            }
        }
        Taken { bytes: length - rest.len(), ends: false }
    }

    /// Whether a request has begun and not ended.
    pub fn is_within_request(&self) -> bool {
        self.0 != Part::Start
    }

    /// Whether the next byte is of a head.
    pub const fn is_within_head(&self) -> bool {
        matches!(self.0, Part::Start | Part::Head(_))
    }

    /// Whether what follows is no part of the body that was announced, so that the body never ends.
    pub fn is_broken(&self) -> bool {
        self.0 == Part::Broken
    }

    /// Gives up: from now on everything is taken, and no request ends.
    pub const fn give_up(&mut self) {
        self.0 = Part::Lost;
    }

    /// Reads a line, and tells whether the request ends with it.
    fn line(&mut self, line: &mut [u8]) -> bool {
        let whole = line.ends_with(b"\r\n");
        let (text, _) = line.split_at_mut(line.len().saturating_sub(if whole { 2 } else { 1 }));
        // Like the library, RFC 9112, section 2.2, lets a line of a head end by a line feed alone; none of a body.
        if !whole && !self.is_within_head() {
            self.0 = Part::Broken;
            return false;
        }
        let (next, ends) = match (self.0, text.is_empty()) {
            (Part::Start, true) => (Part::Start, false),
            (Part::Start, false) => (Part::Head(start(text)), false),
            (Part::Head(Body::Length(0)) | Part::Trailer, true) => (Part::Start, true),
            (Part::Head(Body::Length(left)), true) => (Part::Bytes { left, chunked: false }, false),
            (Part::Head(Body::Chunked) | Part::ChunkEnd, true) => (Part::ChunkSize, false),
            (Part::Head(body), false) => (Part::Head(field(text, body)), false),
            (Part::ChunkSize, _) => (chunk(text), false),
            (Part::Trailer, false) if !text.contains(&b'\r') => (Part::Trailer, false),
            (Part::ChunkEnd | Part::Trailer | Part::Broken, _) => (Part::Broken, false),
            (Part::Head(Body::Lost), true) | (Part::Bytes { .. } | Part::Lost, _) => (Part::Lost, false),
        };
        self.0 = next;
        ends
    }

    /// Goes on where so many bytes are left, and tells whether the request ends there.
    const fn took(&mut self, left: u64, chunked: bool) -> bool {
        self.0 = match (left, chunked) {
            (0, false) => Part::Start,
            (0, true) => Part::ChunkEnd,
            _ => Part::Bytes { left, chunked },
        };
        matches!(self.0, Part::Start)
    }
}

/// The body of a request with this first line, as far as that tells.
fn start(line: &[u8]) -> Body {
    // After it comes what is not HTTP any more.
    if line.starts_with(b"CONNECT ") { Body::Lost } else { Body::Length(0) }
}

/// The body of a request with this line in its head, where the lines before told of such a one.
fn field(line: &mut [u8], body: Body) -> Body {
    // Nearly all headers begin with another letter, or soon are seen to be others.
    if !line.first().is_some_and(|first| matches!(first | 0x20, b'c' | b't' | b'u')) {
        return body;
    }
    let Some(colon) = memchr(b':', line) else { return body };
    let (name, value) = line.split_at_mut(colon);
    let value = value.get_mut(1..).unwrap_or_default();
    if name.eq_ignore_ascii_case(b"content-length") && body != Body::Lost {
        return decimal(value.trim_ascii()).map_or(Body::Lost, Body::Length);
    }
    if name.eq_ignore_ascii_case(b"transfer-encoding") && value.trim_ascii().eq_ignore_ascii_case(b"chunked")
    {
        return Body::Chunked;
    }
    if name.eq_ignore_ascii_case(b"upgrade") {
        value.fill(b' ');
    } else if name.eq_ignore_ascii_case(b"connection") {
        let options = value.split_mut(|byte| *byte == b',');
        options.filter(|it| it.trim_ascii().eq_ignore_ascii_case(b"upgrade")).for_each(|it| it.fill(b' '));
    }
    body
}

/// What follows the line `chunk-size [ chunk-ext ]` (RFC 9112, section 7.1), as strictly as the library reads it.
fn chunk(line: &[u8]) -> Part {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, rest) = line.split_at(digits);
    let extension = rest.trim_ascii_start();
    let sound = extension.is_empty() || extension.first() == Some(&b';');
    let control = rest.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t');
    let size = std::str::from_utf8(size).ok().and_then(|size| u64::from_str_radix(size, 16).ok());
    match size.filter(|_| sound && !control) {
        Some(0) => Part::Trailer,
        Some(left) => Part::Bytes { left, chunked: true },
        None => Part::Broken,
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Framing, Taken};

    /// The requests that these bytes are taken for, when they come in pieces of this size; then what is left.
    fn requests(bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut framing = Framing::default();
        let (mut whole, mut request, mut held) = (Vec::new(), Vec::new(), Vec::new());
        for piece in bytes.chunks(piece.max(1)) {
            held.extend_from_slice(piece);
            loop {
                let Taken { bytes, ends } = framing.take(&mut held);
                request.extend(held.drain(..bytes));
                if !ends {
                    break;
                }
                whole.push(std::mem::take(&mut request));
            }
        }
        request.extend(held);
        (whole, request)
    }

    const REQUESTS: [&str; 10] = [
        "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        "\r\n\r\nHEAD / HTTP/1.1\r\n\r\n",
        "PUT / HTTP/1.1\r\nContent-Length:  4 \r\nconnection: close\r\n\r\n\r\n\r\n",
        "PUT / HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
        "PUT / HTTP/1.1\r\nTRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n",
        "PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2;a=b\r\n\r\n\r\nA \r\n0123456789\r\n00\r\nx: y\r\n\r\n",
        "POST / HTTP/1.1\r\ncookie: a=b\r\ntransfer: x\r\ncontent-length: 2\r\n\r\n{}",
        "rubbish\r\n\r\n",
        "\nGET / HTTP/1.1\nhost: x\n\n",
        "GET / HTTP/1.1\ncontent-length: 1\r\n\n\n",
    ];

    proptest! {
        #[test]
        fn each_request_ends_where_it_ends(
            order in prop::collection::vec(prop::sample::select(REQUESTS.to_vec()), 0..6),
            piece in 1..200_usize,
        ) {
            let (whole, rest) = requests(order.concat().as_bytes(), piece);
            prop_assert_eq!(whole, order.iter().map(|request| request.as_bytes().to_vec()).collect::<Vec<_>>());
            prop_assert_eq!(rest, b"".to_vec());
        }

        #[test]
        fn no_byte_is_lost_and_none_makes_it_panic(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "(GET|CONNECT) / HTTP/1.1\r?\n((content-length|transfer-encoding|x): ?(chunked|-?[0-9]{0,22})\r?\n){0,3}\r?\n[0-9a-f;\r\n]{0,40}"
                    .prop_map(String::into_bytes),
            ],
            piece in 1..64_usize,
        ) {
            let (whole, rest) = requests(&bytes, piece);
            prop_assert_eq!([whole.concat(), rest].concat(), bytes);
        }
    }

    #[rstest]
    #[case::no_length("PUT / HTTP/1.1\r\ncontent-length: +2\r\n\r\n{}")]
    #[case::long_length("PUT / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n{}")]
    #[case::tunnel("CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n")]
    fn what_is_not_understood_has_no_end(#[case] start: &str) {
        let mut bytes = [start, "GET / HTTP/1.1\r\n\r\n"].concat().into_bytes();
        let length = bytes.len();
        assert_eq!(Framing::default().take(&mut bytes), Taken { bytes: length, ends: false });
    }

    #[rstest]
    #[case::no_size("zz\r\n", "")]
    #[case::nothing("\r\n", "")]
    #[case::long_size("ffffffffffffffff0\r\n", "")]
    #[case::more_than_a_size("2 2\r\n{}\r\n", "")]
    #[case::control_character("2;a=\x01\r\n{}\r\n", "")]
    #[case::line_feed("2\n{}\r\n", "")]
    #[case::too_long("2\r\n{} }\r\n", "2\r\n{}")]
    #[case::line_feed_behind("2\r\n{}\n", "2\r\n{}")]
    #[case::trailer_in_two("0\r\na: b\rc\r\n", "0\r\n")]
    fn chunks_that_are_none_are_not_taken(#[case] chunks: &str, #[case] taken: &str) {
        let head = "PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
        let mut bytes = [head, chunks, "0\r\n\r\n"].concat().into_bytes();
        let mut framing = Framing::default();
        assert_eq!(framing.take(&mut bytes), Taken { bytes: head.len() + taken.len(), ends: false });
        assert!(framing.is_broken());
    }

    #[test]
    fn nobody_asks_for_another_protocol() {
        let mut bytes =
            b"GET / HTTP/1.1\r\nupGrade: websocket\r\nConnection: x, Upgrade ,upgrade\r\nx: upgrade\r\n\r\n"
                .to_vec();
        Framing::default().take(&mut bytes);
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            "GET / HTTP/1.1\r\nupGrade:          \r\nConnection: x,         ,       \r\nx: upgrade\r\n\r\n"
        );
    }
}
