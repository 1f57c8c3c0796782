//! The users in a file of SQLite.

use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::{Connection, ToSql};

use crate::people::{COLUMNS, Person};

/// Fills the table `users`, which the migrations have made, with the first so many people.
pub fn load(file: &Path, users: u64) -> Result<()> {
    let mut connection = Connection::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    // Nothing is lost if this is cut short: the file is made anew for every run of the benchmark.
    connection.pragma_update(None, "synchronous", "OFF")?;
    let transaction = connection.transaction()?;
    {
        let places: Vec<&str> = COLUMNS.iter().map(|_| "?").collect();
        let sql = format!("INSERT INTO users ({}) VALUES ({})", COLUMNS.join(", "), places.join(", "));
        let mut insert = transaction.prepare(&sql)?;
        for number in 0..users {
            let person = Person::numbered(number);
            insert.execute(values(&person).each_ref().map(AsRef::as_ref))?;
        }
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

fn values(person: &Person) -> [Box<dyn ToSql + '_>; COLUMNS.len()] {
    COLUMNS.map(|column| -> Box<dyn ToSql> {
        match column {
            "id" => Box::new(&person.id),
            "version" => Box::new(person.version),
            "modified_at" => Box::new(person.modified_at),
            "active" => Box::new(true),
            "last_seen" => Box::new(person.last_seen),
            "last_typed" => Box::new(person.last_typed),
            text => Box::new(person.text(text)),
        }
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::load;
    use crate::people::{COLUMNS, Person};

    #[test]
    fn people_are_loaded_column_by_column() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users.db");
        let connection = Connection::open(&file).unwrap();
        connection.execute_batch(&format!("CREATE TABLE users ({})", COLUMNS.join(", "))).unwrap();
        load(&file, 3).unwrap();

        let person = Person::numbered(2);
        let sql = "SELECT count(*) OVER (), id, last_seen, username FROM users ORDER BY id DESC LIMIT 1";
        let row: (i64, String, i64, String) = connection
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap();
        assert_eq!(row, (3, person.id.clone(), person.last_seen, person.text("username").to_owned()));
    }
}
