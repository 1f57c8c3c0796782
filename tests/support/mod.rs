mod answer;
mod binary;
mod client;
mod collector;
mod command;
mod database;
mod lines;
mod on_both_databases;
mod patience;
mod service;

pub use answer::Answer;
pub use client::Client;
pub use collector::{Collector, Export, attribute};
pub use command::{Outcome, users, users_reading, users_writing};
pub use database::{Database, TestDatabase};
pub use lines::Lines;
pub use patience::until;
pub use service::Service;
