use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::PgConnection;
use diesel::result::Error;

use crate::pool::Session;

/// Does the work in a transaction, or within one in a savepoint; what fails is taken back.
///
/// As [`diesel::Connection::transaction`], for a whole session.
pub(crate) fn in_transaction<T, E: From<Error>>(
    session: &mut Session,
    work: impl FnOnce(&mut Session) -> Result<T, E>,
) -> Result<T, E> {
    type Manager = AnsiTransactionManager;
    fn connection(session: &mut Session) -> &mut PgConnection {
        &mut session.connection
    }

    Manager::begin_transaction(connection(session))?;
    match work(session) {
        Ok(done) => {
            Manager::commit_transaction(connection(session))?;
            Ok(done)
        }
        Err(error) => {
            // Where this fails too the connection is broken, which whoever uses it next sees.
            let _ = Manager::rollback_transaction(connection(session));
            Err(error)
        }
    }
}
