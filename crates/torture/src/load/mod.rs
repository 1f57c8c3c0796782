//! Writers under load, and the ledger that holds what they were told against what is there afterwards.

mod ledger;
mod summary;
mod tag;
mod writer;

pub use ledger::Ledger;
pub use summary::Summary;
pub use tag::Tag;
pub use writer::{LoadPlan, Record};
