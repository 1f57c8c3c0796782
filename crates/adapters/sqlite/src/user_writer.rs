use diesel::QueryResult;
use users_ports::RepositoryError;

use crate::errors::repository_error;
use crate::pending_write::PendingWrite;
use crate::pool::Session;

/// Carries out the writes that have gathered, one after the other in one transaction: they share the flush to disk,
/// which is nearly all that a write costs. Each is answered when the transaction is on disk.
pub(crate) fn carry_out(session: &mut Session, mut writes: Vec<Box<dyn PendingWrite>>) {
    match commit(session, &mut writes) {
        Ok(()) => writes.into_iter().for_each(PendingWrite::tell),
        Err(error) => match repository_error(&error) {
            // A row that cannot be read is the fault of those alone who want it.
            RepositoryError::Internal(_) if writes.len() > 1 => {
                for write in writes {
                    carry_out(session, vec![write]);
                }
            }
            error => refuse_all(writes, &error),
        },
    }
}

fn commit(session: &mut Session, writes: &mut [Box<dyn PendingWrite>]) -> QueryResult<()> {
    let Session { connection, texts } = session;
    connection.immediate_transaction(|connection| {
        writes.iter_mut().try_for_each(|write| write.carry_out(connection, texts))
    })
}

/// Answers each with the reason why nothing could be done for anybody.
pub(crate) fn refuse_all(writes: Vec<Box<dyn PendingWrite>>, error: &RepositoryError) {
    for write in writes {
        write.refuse(error.clone());
    }
}
