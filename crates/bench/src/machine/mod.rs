//! What the machine says of itself and of its processes, from `/proc`.

mod description;
mod process;

pub use self::description::describe;
pub use self::process::{Snapshot, Usage, memory_high_mib, memory_mib, proportional_memory_mib};
