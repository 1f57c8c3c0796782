use std::time::Duration;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Bool;
use users_ports::{HealthCheck, RepositoryError, SchemaState, Trouble, Unhealthy, schema_state};

use crate::PostgresStore;
use crate::jobs::session_chore;
use crate::migrator::{known_versions, recorded_versions};
use crate::pool::Session;
use crate::trouble::{trouble_in, trouble_of};

/// What a limit of the database itself gets to show first, with its own words.
const MARGIN: Duration = Duration::from_secs(1);

/// What can be asked of a database without writing to it, and holds in every language of its messages.
const QUESTIONS: &str = "\
    SELECT current_setting('transaction_read_only') = 'on' AS is_read_only, \
           coalesce((SELECT bool_and(has_table_privilege(name, privilege)) \
                     FROM unnest(ARRAY['users', 'tokens', 'idempotency_records']) AS name, \
                          unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege \
                     WHERE to_regclass(name) IS NOT NULL), true) AS may_write";

#[derive(QueryableByName)]
struct Answers {
    #[diesel(sql_type = Bool)]
    is_read_only: bool,
    #[diesel(sql_type = Bool)]
    may_write: bool,
}

#[async_trait]
impl HealthCheck for PostgresStore {
    async fn check(&self) -> Result<SchemaState, Unhealthy> {
        let limit = self.settings.connect_timeout.max(self.settings.statement_timeout) + MARGIN;
        let asked = session_chore(&self.writers, |session| Ok::<_, RepositoryError>(ask(session)));
        let asked = tokio::time::timeout(limit, asked).await.map_err(|_| Unhealthy::silent_for(limit))?;
        let asked: QueryResult<_> = asked.map_err(|error| Unhealthy::because_of(error, trouble_in))?;
        let (answers, applied) = asked.map_err(|error| Unhealthy::Database {
            trouble: trouble_of(&error, false),
            said: error.to_string(),
        })?;
        let broken = |trouble, said: String| {
            self.troubles.count(trouble);
            Unhealthy::Database { trouble, said }
        };
        if answers.is_read_only {
            return Err(broken(Trouble::ReadOnly, "transaction_read_only is on".to_owned()));
        }
        if !answers.may_write {
            let said = "the role lacks SELECT, INSERT, UPDATE or DELETE on a table of the service".to_owned();
            return Err(broken(Trouble::AccessRefused, said));
        }
        let known = known_versions().map_err(|said| Unhealthy::Database { trouble: Trouble::Other, said })?;
        schema_state(&applied, &known)
    }
}

fn ask(session: &mut Session) -> QueryResult<(Answers, Vec<String>)> {
    let answers: Answers = session.read(|connection| sql_query(QUESTIONS).get_result(connection))?;
    if answers.is_read_only {
        // A session keeps the default that it was begun with: after it has changed only a new one takes writes.
        session.give_up();
    }
    Ok((answers, recorded_versions(&mut session.connection)?))
}
