//! The service as a client and an operator see it: each test has a process of its own, on a database of its own.

mod update;
