use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::result::{DatabaseErrorKind, Error};
use users_ports::TroubleCounts;

use crate::errors::is_answer;
use crate::trouble::trouble_in;

/// Watches over the statements of one connection.
pub(crate) struct Watch {
    troubles: Arc<TroubleCounts>,
    /// Whether a statement has failed because the server was gone.
    lost: Arc<AtomicBool>,
}

impl Watch {
    /// Counts trouble in `troubles`, and notes in `lost` that the server is gone.
    pub(crate) const fn new(troubles: Arc<TroubleCounts>, lost: Arc<AtomicBool>) -> Self {
        Self { troubles, lost }
    }

    fn failed(&self, error: &Error) {
        if tells_of_a_loss(error) {
            self.lost.store(true, Ordering::Relaxed);
        }
        if !is_answer(error) {
            self.troubles.count(trouble_in(&error.to_string()));
        }
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = event {
            self.failed(error);
        }
    }
}

const fn tells_of_a_loss(error: &Error) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    matches!(error, Error::DatabaseError(ClosedConnection | UnableToSendCommand, _))
}
