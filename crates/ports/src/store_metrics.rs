use crate::Trouble;

/// Tells how busy a store is.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait StoreMetrics: Send + Sync {
    /// What the store has to do now, and what it has done since it was opened.
    ///
    /// - It MUST answer at once, without asking the database.
    /// - What is counted MUST never become less. A write or lookup that was answered MUST be counted already.
    fn usage(&self) -> StoreUsage;
}

/// What a store has to do now, and what it has done since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreUsage {
    /// What is written: users and tokens.
    pub writes: QueueUsage,
    /// Users that are read one by one, and tokens.
    pub reads: QueueUsage,
    /// Pages of lists and searches.
    pub lists: QueueUsage,
    /// Reads that visit very many users: counts, and pages behind a large offset.
    pub visits: QueueUsage,
    /// The connections to the database.
    pub connections: ConnectionUsage,
    /// How often there was trouble with the database, by its kind.
    pub troubles: Vec<(Trouble, u64)>,
}

/// What waits and what was done for one kind of request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueUsage {
    /// Requests that wait to be begun.
    pub waiting: usize,
    /// Requests that were refused since too many were waiting.
    pub refused: u64,
    /// Requests that were begun.
    pub begun: u64,
    /// The threads, each with a connection of its own, that serve them.
    pub threads: usize,
    /// The threads that are at work.
    pub busy: usize,
    /// The batches in which they were begun, by size; the smallest size first.
    pub batches: Vec<BatchCount>,
}

/// Batches of about one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchCount {
    /// The most requests that such a batch has; it has more than those of the size before.
    pub largest: usize,
    /// How many such batches there were.
    pub count: u64,
}

/// Connections to a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionUsage {
    /// Connections that are open.
    pub open: u32,
    /// Connections that may be open at most.
    pub most: u32,
}
