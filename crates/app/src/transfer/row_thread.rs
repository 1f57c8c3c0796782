use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use flate2::read::MultiGzDecoder;
use tokio::sync::mpsc::{Receiver, channel};
use users_domain::Member;
use users_ports::Clock;

use super::csv_rows::{CsvRows, HeaderError};
use super::file_kind::other_kind;
use super::json_array::{self, JsonArrayRows};
use super::json_user::JsonUser;
use super::lines::Lines;
use super::ndjson_rows::NdjsonRows;
use super::row::{Place, Row, Rows};
use super::{Columns, Format};
use crate::failure::Failure;

/// How much of the file is read at once, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// What a file begins with that is compressed by gzip (RFC 1952, section 2.3.1).
const GZIP: &[u8] = b"\x1f\x8b";

const CANNOT_READ: &str = "cannot read the file";

/// How many rows may be ready to be loaded.
const ROWS_READY: usize = 256;

/// Where users are read from.
pub struct Source {
    input: Box<dyn BufRead + Send>,
    /// How many bytes there are, if that is known.
    pub size: Option<u64>,
}

impl Source {
    /// Opens the file, or standard input if the path is `-`. What is compressed by gzip (RFC 1952) is read uncompressed.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Self::of(io::stdin(), None);
        }
        let opened = File::open(path).and_then(|file| {
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Ok((file, metadata.is_file().then_some(metadata.len())))
        });
        let (file, size) = opened.map_err(|source| Failure::file("read", path, source))?;
        Self::of(file, size)
    }

    fn of(input: impl Read + Send + 'static, size: Option<u64>) -> Result<Self, Failure> {
        let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
        let start = input.fill_buf().map_err(|source| Failure::System { doing: CANNOT_READ, source })?;
        if !start.starts_with(GZIP) {
            return Ok(Self { input: Box::new(input), size });
        }
        let input = BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(input));
        Ok(Self { input: Box::new(input), size: None })
    }
}

/// Reads and checks rows on a thread of its own, a little ahead of whoever loads them.
pub struct RowThread {
    /// The rows, in their order.
    pub rows: Receiver<io::Result<Row>>,
    /// Where in a row its id is.
    pub id_place: Place,
    /// Where in a row its username is.
    pub username_place: Place,
}

impl RowThread {
    /// Starts to read; a header that is not one is told at once. The thread ends with the file, or when nobody
    /// takes its rows any more.
    pub fn start(
        source: Source,
        format: Format,
        columns: &Columns,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let mut input = source.input;
        let start = input.fill_buf().map_err(|source| Failure::System { doing: CANNOT_READ, source })?;
        let is_array = json_array::begins_with(start);
        if let Some(sentence) = other_kind(start, format) {
            return Err(HeaderError::Refused(sentence.to_owned()).into());
        }
        let json = JsonUser::new(columns);
        let mut rows: Box<dyn Rows> = match format {
            Format::Ndjson if is_array => Box::new(JsonArrayRows::new(input, json)),
            Format::Ndjson => Box::new(NdjsonRows::new(Lines::new(input), json)),
            Format::Csv => Box::new(CsvRows::open(Lines::new(input), columns)?),
        };
        let [id_place, username_place] =
            [Member::Id, Member::Username].map(|member| rows.place(member.name()));
        let (sender, receiver) = channel(ROWS_READY);
        let read = move || {
            while let Some(row) = rows.next(clock.now()).transpose() {
                let is_over = row.is_err();
                if sender.blocking_send(row).is_err() || is_over {
                    break;
                }
            }
        };
        let started = thread::Builder::new().name("rows".to_owned()).spawn(read);
        started.map_err(|source| Failure::System { doing: "cannot start a thread", source })?;
        Ok(Self { rows: receiver, id_place, username_place })
    }
}
