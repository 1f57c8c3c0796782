//! The files of `users import`: each row lies behind the one before, and none is endless.
#![no_main]

use libfuzzer_sys::fuzz_target;
use users_fuzz::transfer::{FileKind, lines_of_rows};

fuzz_target!(|file: &[u8]| {
    let lines = file.split(|byte| *byte == b'\n').count() as u64;
    for kind in [FileKind::Csv, FileKind::Ndjson, FileKind::JsonArray] {
        let Ok(places) = lines_of_rows(file, kind) else { continue };
        // Two elements of an array may share a line.
        let least = u64::from(kind != FileKind::JsonArray);
        let mut last = 0;
        for (first_line, last_line) in places {
            assert!(last + least <= first_line && first_line <= last_line && last_line <= lines);
            last = last_line;
        }
    }
});
