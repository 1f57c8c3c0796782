use diesel::QueryResult;
use diesel::r2d2::R2D2Connection;
use diesel::result::Error;
use users_ports::RepositoryError;

use crate::errors::{is_rejection, repository_error};
use crate::pool::Session;
use crate::transaction::in_transaction;

/// Something to be written together with others of its kind.
pub(crate) trait Work: Sized {
    /// Tries all of it with as few statements as it takes, answers what is done, and leaves the rest, in its order, to be
    /// tried anew. On an error nothing of what is left was written.
    fn round(session: &mut Session, work: &mut Vec<Self>) -> QueryResult<()>;

    /// Answers that the repository failed.
    fn fail(self, error: &RepositoryError);

    /// Answers what the error means for work that was tried alone.
    fn refuse(self, error: &Error) {
        self.fail(&repository_error(error));
    }
}

/// How often work is tried anew when other writers keep changing its rows in between. Each time one of
/// them has come further, so this is not reached by any load that the database can carry.
const MAX_ROUNDS: usize = 100;

/// Does all of the work, each piece on its own terms.
pub(crate) fn carry_out<W: Work>(session: &mut Session, work: Vec<W>) {
    carry_out_trying(session, work, Tries::Two);
}

/// Whether work may be tried again with statements that are prepared anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tries {
    One,
    Two,
}

fn carry_out_trying<W: Work>(session: &mut Session, mut work: Vec<W>, tries: Tries) {
    for _ in 0..MAX_ROUNDS {
        if work.is_empty() {
            return;
        }
        if let Err(error) = W::round(session, &mut work) {
            if tries == Tries::Two && session.forget_stale_statements() {
                carry_out_trying(session, work, Tries::One);
            } else {
                one_by_one(session, work, &error);
            }
            return;
        }
    }
    fail_all(work, &contended());
}

/// What failed together is tried alone, so that one piece's failure is no other's.
fn one_by_one<W: Work>(session: &mut Session, work: Vec<W>, error: &Error) {
    if session.connection.is_broken() {
        return fail_all(work, &repository_error(error));
    }
    let together = work.len() > 1;
    for piece in work {
        if together {
            carry_out_trying(session, vec![piece], Tries::One);
        } else {
            piece.refuse(error);
        }
    }
}

/// The same as a part of a transaction, which an error is the end of.
pub(crate) fn carry_out_within<W: Work>(session: &mut Session, mut work: Vec<W>) -> QueryResult<()> {
    for _ in 0..MAX_ROUNDS {
        if work.is_empty() {
            return Ok(());
        }
        W::round(session, &mut work)?;
    }
    fail_all(work, &contended());
    Ok(())
}

/// The same for work that the database can refuse with an error: then the transaction goes on from a savepoint.
pub(crate) fn carry_out_username_changes_within<W: Work>(
    session: &mut Session,
    mut work: Vec<W>,
) -> QueryResult<()> {
    for _ in 0..MAX_ROUNDS {
        if work.is_empty() {
            return Ok(());
        }
        match in_transaction(session, |session| W::round(session, &mut work)) {
            Ok(()) => {}
            Err(error) if !is_rejection(&error) => return Err(error),
            Err(error) if work.len() == 1 => {
                work.drain(..).for_each(|piece| piece.refuse(&error));
            }
            Err(_) => {
                return work
                    .into_iter()
                    .try_for_each(|piece| carry_out_username_changes_within(session, vec![piece]));
            }
        }
    }
    fail_all(work, &contended());
    Ok(())
}

/// Answers to all that the repository failed.
pub(crate) fn fail_all<W: Work>(work: Vec<W>, error: &RepositoryError) {
    for piece in work {
        piece.fail(error);
    }
}

fn contended() -> RepositoryError {
    RepositoryError::Unavailable("other writers kept changing the row".to_owned())
}
