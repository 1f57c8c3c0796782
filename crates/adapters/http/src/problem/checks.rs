use serde::Serialize;
use users_use_cases::{SchemaState, Trouble, Unhealthy};

/// The state of each thing that the service cannot do without.
///
/// Causes are words of the service's own. What a database says may name hosts and users, so it goes to the log alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Checks {
    database: Check,
    schema: Check,
}

/// The state of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Check {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Failed,
    /// Something before it has failed, so it could not be looked at.
    Unknown,
}

impl Checks {
    /// What can be wrong with the database.
    pub fn database_causes() -> Vec<&'static str> {
        Trouble::ALL.iter().map(|trouble| trouble.name()).chain(["overloaded"]).collect()
    }

    /// What can be said of the schema.
    pub const SCHEMA_CAUSES: [&str; 3] = ["missing", "behind", "ahead"];

    /// What is told of a store that is well.
    pub const fn of(schema: SchemaState) -> Self {
        let cause = match schema {
            SchemaState::Current => None,
            SchemaState::Ahead => Some("ahead"),
        };
        Self { database: Check::OK, schema: Check { cause, ..Check::OK } }
    }
}

impl From<&Unhealthy> for Checks {
    fn from(unhealthy: &Unhealthy) -> Self {
        let database = |cause| Self { database: Check::failed(cause), schema: Check::UNKNOWN };
        let schema = |cause| Self { database: Check::OK, schema: Check::failed(cause) };
        match unhealthy {
            Unhealthy::Database { trouble, .. } => database(trouble.name()),
            Unhealthy::Overloaded => database("overloaded"),
            Unhealthy::SchemaMissing => schema("missing"),
            Unhealthy::SchemaBehind => schema("behind"),
        }
    }
}

impl Check {
    const OK: Self = Self { status: Status::Ok, cause: None };
    const UNKNOWN: Self = Self { status: Status::Unknown, cause: None };

    const fn failed(cause: &'static str) -> Self {
        Self { status: Status::Failed, cause: Some(cause) }
    }
}
