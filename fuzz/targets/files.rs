//! The files of `users import`: each row lies behind the one before, and none is endless.
#![no_main]

use libfuzzer_sys::fuzz_target;
use users_fuzz::transfer::lines_of_rows;

fuzz_target!(|file: &[u8]| {
    let lines = file.split(|byte| *byte == b'\n').count() as u64;
    for is_csv in [false, true] {
        let Ok(places) = lines_of_rows(file, is_csv) else { continue };
        let mut last = 0;
        for (first_line, last_line) in places {
            assert!(last < first_line && first_line <= last_line && last_line <= lines);
            last = last_line;
        }
    }
});
