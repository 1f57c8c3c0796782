//! The files that `users import` reads, of the binary `users`.

#![expect(dead_code, reason = "writing them has no place here")]

#[path = "../../crates/app/src/transfer/csv_record.rs"]
mod csv_record;
#[path = "../../crates/app/src/transfer/csv_rows.rs"]
mod csv_rows;
#[path = "../../crates/app/src/transfer/csv_user.rs"]
mod csv_user;
#[path = "../../crates/app/src/transfer/lines.rs"]
mod lines;
#[path = "../../crates/app/src/transfer/ndjson_rows.rs"]
mod ndjson_rows;
#[path = "../../crates/app/src/transfer/row.rs"]
mod row;

use csv_rows::CsvRows;
use lines::Lines;
use ndjson_rows::NdjsonRows;
use row::Rows;

/// Reads a file to its end, as CSV or else as NDJSON, and tells where each row begins and ends; fails where the header says
/// that it is no such file.
pub fn lines_of_rows(file: &[u8], is_csv: bool) -> Result<Vec<(u64, u64)>, String> {
    let lines = Lines::new(file);
    let mut rows: Box<dyn Rows + '_> = if is_csv {
        Box::new(CsvRows::open(lines).map_err(|error| error.to_string())?)
    } else {
        Box::new(NdjsonRows::new(lines))
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
