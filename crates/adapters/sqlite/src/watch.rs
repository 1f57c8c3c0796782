use std::sync::Arc;

use diesel::connection::{Instrumentation, InstrumentationEvent};
use tracing::Span;
use users_gather::statement_span;
use users_ports::TroubleCounts;

use crate::errors::is_answer;
use crate::trouble::trouble_in;

/// Watches over the statements of one connection: counts those that fail, and traces them where their requests are traced.
pub(crate) struct Watch {
    troubles: Arc<TroubleCounts>,
    /// The statement that is under way.
    statement: Span,
}

impl Watch {
    /// Counts trouble in `troubles`.
    pub(crate) const fn new(troubles: Arc<TroubleCounts>) -> Self {
        Self { troubles, statement: Span::none() }
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                self.statement = statement_span("sqlite", query);
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                if let Some(error) = error.filter(|error| !is_answer(error)) {
                    self.statement.record("otel.status_code", "error");
                    self.troubles.count(trouble_in(&error.to_string()));
                }
                self.statement = Span::none();
            }
            _ => {}
        }
    }
}
