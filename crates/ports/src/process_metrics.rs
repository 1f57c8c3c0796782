use std::time::Duration;

use chrono::{DateTime, Utc};

/// Tells what the service's process takes of the machine.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait ProcessMetrics: Send + Sync {
    /// What the process takes now.
    ///
    /// - It MUST answer at once, and leave out what the system does not tell.
    fn usage(&self) -> ProcessUsage;
}

/// What a process takes of its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessUsage {
    /// When the process was started.
    pub started_at: DateTime<Utc>,
    /// The memory that it has in use, in bytes; `None`: the system does not tell.
    pub resident_bytes: Option<u64>,
    /// The processor time that it has taken, of all its threads; `None`: the system does not tell.
    pub processor_time: Option<Duration>,
}
