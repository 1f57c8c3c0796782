use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::result::{DatabaseErrorKind, Error};
use tracing::Span;
use users_gather::statement_span;
use users_ports::TroubleCounts;

use crate::errors::is_answer;
use crate::trouble::trouble_in;

/// Watches over the statements of one connection: counts those that fail, and traces them where their requests are traced.
pub(crate) struct Watch {
    troubles: Arc<TroubleCounts>,
    /// Whether a statement has failed because the server was gone.
    lost: Arc<AtomicBool>,
    /// The statement that is under way.
    statement: Span,
}

impl Watch {
    /// Counts trouble in `troubles`, and notes in `lost` that the server is gone.
    pub(crate) const fn new(troubles: Arc<TroubleCounts>, lost: Arc<AtomicBool>) -> Self {
        Self { troubles, lost, statement: Span::none() }
    }

    fn failed(&self, error: &Error) {
        if tells_of_a_loss(error) {
            self.lost.store(true, Ordering::Relaxed);
        }
        if !is_answer(error) {
            self.statement.record("otel.status_code", "error");
            self.troubles.count(trouble_in(&error.to_string()));
        }
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
