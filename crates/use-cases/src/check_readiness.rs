use std::sync::Arc;

use users_ports::{HealthCheck, SchemaState, Unhealthy};

/// Tells whether the service can do its work now.
#[derive(Clone)]
pub struct CheckReadiness {
    store: Arc<dyn HealthCheck>,
}

impl CheckReadiness {
    /// The use case over this port.
    pub fn new(store: Arc<dyn HealthCheck>) -> Self {
        Self { store }
    }

    /// Checks what the service cannot do without.
    pub async fn execute(&self) -> Result<SchemaState, Unhealthy> {
        self.store.check().await
    }
}
