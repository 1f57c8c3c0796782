use std::sync::Arc;

use diesel::connection::{Instrumentation, InstrumentationEvent};
use users_ports::TroubleCounts;

use crate::errors::is_answer;
use crate::trouble::trouble_in;

/// Watches over the statements of one connection.
pub(crate) struct Watch {
    troubles: Arc<TroubleCounts>,
}

impl Watch {
    /// Counts trouble in `troubles`.
    pub(crate) const fn new(troubles: Arc<TroubleCounts>) -> Self {
        Self { troubles }
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = event
            && !is_answer(error)
        {
            self.troubles.count(trouble_in(&error.to_string()));
        }
    }
}
