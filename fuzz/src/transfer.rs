//! The files that `users import` reads, of the binary `users`.

#![expect(dead_code, reason = "writing them has no place here")]

#[path = "../../crates/app/src/transfer/active_word.rs"]
mod active_word;
#[path = "../../crates/app/src/transfer/columns.rs"]
mod columns;
#[path = "../../crates/app/src/transfer/csv_guard.rs"]
mod csv_guard;
#[path = "../../crates/app/src/transfer/csv_record.rs"]
mod csv_record;
#[path = "../../crates/app/src/transfer/csv_rows.rs"]
mod csv_rows;
#[path = "../../crates/app/src/transfer/csv_user.rs"]
mod csv_user;
#[path = "../../crates/app/src/transfer/json_array.rs"]
mod json_array;
#[path = "../../crates/app/src/transfer/json_user.rs"]
mod json_user;
#[path = "../../crates/app/src/transfer/lines.rs"]
mod lines;
#[path = "../../crates/app/src/transfer/ndjson_rows.rs"]
mod ndjson_rows;
#[path = "../../crates/app/src/transfer/row.rs"]
mod row;

use columns::Columns;
use csv_rows::CsvRows;
use json_array::JsonArrayRows;
use json_user::JsonUser;
use lines::Lines;
use ndjson_rows::NdjsonRows;
use row::Rows;

/// What a file is read as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// CSV with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// One JSON array.
    JsonArray,
}

/// Reads a file to its end, and tells where each row begins and ends; fails if the header says that it is no such file.
pub fn lines_of_rows(file: &[u8], kind: FileKind) -> Result<Vec<(u64, u64)>, String> {
    let columns = Columns { map: vec!["/a/b=email".parse().expect("a column")], ignore_unknown: true };
    let json = || JsonUser::new(&columns);
    let mut rows: Box<dyn Rows + '_> = match kind {
        FileKind::Csv => {
            let rows = CsvRows::open(Lines::new(file), &Columns::default());
            Box::new(rows.map_err(|error| error.to_string())?)
        }
        FileKind::Ndjson => Box::new(NdjsonRows::new(Lines::new(file), json())),
        FileKind::JsonArray => Box::new(JsonArrayRows::new(file, json())),
    };
    let mut places = Vec::new();
    while let Some(row) = rows.next(crate::now()).expect("bytes in memory can be read") {
        assert!(row.bytes_read <= file.len() as u64);
        if let Err(faults) = row.content {
            assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.detail.is_empty()));
        }
        places.push((row.line, row.last_line));
    }
    Ok(places)
}
