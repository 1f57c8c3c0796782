use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::result::{DatabaseErrorKind, Error};
use tracing::Span;
use users_gather::statement_span;
use users_ports::{Trouble, TroubleCounts};

use crate::errors::is_answer;
use crate::trouble::trouble_in;

/// Watches over the statements of one connection: counts those that fail, and traces them where their requests are traced.
pub(crate) struct Watch {
    troubles: Arc<TroubleCounts>,
    /// Whether a statement has failed for the sake of the connection: the server was gone, or takes no writes on it.
    lost: Arc<AtomicBool>,
    /// The statement that is under way.
    statement: Span,
}

impl Watch {
    /// Counts trouble in `troubles`, and notes in `lost` that the connection is of no more use.
    pub(crate) const fn new(troubles: Arc<TroubleCounts>, lost: Arc<AtomicBool>) -> Self {
        Self { troubles, lost, statement: Span::none() }
    }

    fn failed(&self, error: &Error) {
        if is_answer(error) {
            return;
        }
        let trouble = trouble_in(&error.to_string());
        // A session keeps the default that it was begun with: after it has changed only a new one takes writes.
        if tells_of_a_loss(error) || trouble == Trouble::ReadOnly {
            self.lost.store(true, Ordering::Relaxed);
        }
        self.statement.record("otel.status_code", "error");
        self.troubles.count(trouble);
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                self.statement = statement_span("postgresql", query);
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                if let Some(error) = error {
                    self.failed(error);
                }
                self.statement = Span::none();
            }
            _ => {}
        }
    }
}

const fn tells_of_a_loss(error: &Error) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    matches!(error, Error::DatabaseError(ClosedConnection | UnableToSendCommand, _))
}
