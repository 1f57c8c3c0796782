use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::result::{DatabaseErrorKind, Error};
use tracing::Span;
use users_gather::statement_span;
use users_ports::{Trouble, TroubleCounts};

use crate::errors::is_answer;
use crate::trouble::trouble_of;

/// Watches over the statements of one connection: counts those that fail, and traces them where their requests are traced.
pub(crate) struct Watch {
    troubles: Arc<TroubleCounts>,
    flags: Arc<SessionFlags>,
    /// The longest that a statement may take in the database.
    statement_timeout: Duration,
    /// The statement that is under way, and when it was begun.
    statement: (Span, Instant),
}

/// What a failed statement has shown of its session.
#[derive(Debug, Default)]
pub(crate) struct SessionFlags {
    /// The session is of no more use: the server was gone, or takes no writes on it.
    pub(crate) lost: AtomicBool,
    /// What was prepared may no longer fit the tables: a column may have got another type.
    pub(crate) stale: AtomicBool,
}

impl Watch {
    /// Counts trouble in `troubles`, and raises `flags`.
    pub(crate) fn new(
        troubles: Arc<TroubleCounts>,
        flags: Arc<SessionFlags>,
        statement_timeout: Duration,
    ) -> Self {
        Self { troubles, flags, statement_timeout, statement: (Span::none(), Instant::now()) }
    }

    fn failed(&self, error: &Error) {
        if is_answer(error) {
            return;
        }
        let (statement, begun) = &self.statement;
        let trouble = trouble_of(error, begun.elapsed() >= self.statement_timeout);
        // A session keeps the default that it was begun with: after it has changed only a new one takes writes.
        if tells_of_a_loss(error) || trouble == Trouble::ReadOnly {
            self.flags.lost.store(true, Ordering::Relaxed);
        } else if trouble != Trouble::TimedOut {
            self.flags.stale.store(true, Ordering::Relaxed);
        }
        statement.record("otel.status_code", "error");
        self.troubles.count(trouble);
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                self.statement = (statement_span("postgresql", query), Instant::now());
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                if let Some(error) = error {
                    self.failed(error);
                }
                self.statement.0 = Span::none();
            }
            _ => {}
        }
    }
}

const fn tells_of_a_loss(error: &Error) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    matches!(error, Error::DatabaseError(ClosedConnection | UnableToSendCommand, _))
}
