-- Makes the keys anew of usernames and of email addresses beyond ASCII: the final sigma is folded, and a domain has one key in
-- both of its forms. No SQL can: the program does it, in the same transaction (crates/adapters/sqlite/src/migrations.rs).
SELECT 1;
