-- Makes the search keys of names and organizations anew that have letters outside of ASCII. No SQL can: the program does it,
-- in the same transaction (crates/adapters/sqlite/src/migrations.rs).
SELECT 1;
