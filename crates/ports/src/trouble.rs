use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What can be wrong with a database, as far as an operator would do something else about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is not there: nobody listens, it starts or stops, or the connection broke.
    Unreachable,
    /// It refuses the service: the user, the password, the database's name, or the rules for who may connect.
    AccessRefused,
    /// It did not answer in time.
    TimedOut,
    /// It has as many connections as it takes, or others hold what was to be written.
    Busy,
    /// It takes no writes: a standby, or set to be read only.
    ReadOnly,
    /// It has no room left on its disk.
    DiskFull,
    /// A table or a column is not there.
    Schema,
    /// A pooler in front of it gives each transaction another session, which mixes up what callers prepared.
    Pooler,
    /// The file of the database was deleted, or another one was put in its place, while it was in use.
    Replaced,
    /// Its encoding cannot hold every text.
    Encoding,
    /// Anything else.
    Other,
}

impl Trouble {
    /// All that can be wrong.
    pub const ALL: [Self; 11] = [
        Self::Unreachable,
        Self::AccessRefused,
        Self::TimedOut,
        Self::Busy,
        Self::ReadOnly,
        Self::DiskFull,
        Self::Schema,
        Self::Pooler,
        Self::Replaced,
        Self::Encoding,
        Self::Other,
    ];

    /// What it is called where a program reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::AccessRefused => "access_refused",
            Self::TimedOut => "timed_out",
            Self::Busy => "busy",
            Self::ReadOnly => "read_only",
            Self::DiskFull => "disk_full",
            Self::Schema => "schema",
            Self::Pooler => "pooler",
            Self::Replaced => "file_replaced",
            Self::Encoding => "encoding",
            Self::Other => "other",
        }
    }

    /// What an operator is told, as the end of a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unreachable => "the database does not answer",
            Self::AccessRefused => "the database refuses the service",
            Self::TimedOut => "the database does not answer in time",
            Self::Busy => "the database is busy",
            Self::ReadOnly => "the database takes no writes",
            Self::DiskFull => "the database has no room left on its disk",
            Self::Schema => "the database does not have the tables of this version",
            Self::Pooler => {
                "a pooler in front of the database gives each transaction another session: use its session mode"
            }
            Self::Replaced => "the database file was deleted or replaced while the service runs: restart it",
            Self::Encoding => "the database's encoding is not UTF8",
            Self::Other => "the database does not work",
        }
    }

    /// The first whose marks, parts of what a database says, stand in `message`.
    pub fn told_by(message: &str, marks: &[(Self, &[&str])]) -> Option<Self> {
        let says = |marks: &[&str]| marks.iter().any(|mark| message.contains(mark));
        marks.iter().find(|(_, marks)| says(marks)).map(|(trouble, _)| *trouble)
    }
}

/// How often there was trouble, by its kind. To count takes one addition.
#[derive(Debug, Default)]
pub struct TroubleCounts([AtomicU64; Trouble::ALL.len()]);

impl TroubleCounts {
    /// Counts one.
    pub fn count(&self, trouble: Trouble) {
        if let Some(count) = self.0.get(trouble as usize) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// How often there was each.
    pub fn counted(&self) -> [(Trouble, u64); Trouble::ALL.len()] {
        let count = |trouble: Trouble| self.0.get(trouble as usize).map_or(0, |count| count.load(Relaxed));
        Trouble::ALL.map(|trouble| (trouble, count(trouble)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Trouble, TroubleCounts};

    #[test]
    fn each_kind_is_counted_by_itself() {
        let counts = TroubleCounts::default();
        for (times, trouble) in (0..).zip(Trouble::ALL) {
            (0..times).for_each(|_| counts.count(trouble));
        }
        assert_eq!(counts.counted().map(|(_, times)| times), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(counts.counted().map(|(trouble, _)| trouble), Trouble::ALL);
    }
}
