use tokio::task::{JoinError, JoinHandle};
use users_domain::{PageBounds, User, UserFilter, UserPage, UserQuery};
use users_use_cases::{Caller, ListUsers, Listing, RepositoryError};

use super::{Format, Progress, Target, csv_user};
use crate::failure::Failure;
use crate::output;

/// Writes all users that the filter fits to `target`, in the order of their ids, and tells how many they are.
///
/// Users that come, go or change meanwhile are in it or not; each that is there all the time is in it once. One page is
/// held in memory while the next one is read.
pub async fn export(
    list_users: &ListUsers,
    filter: UserFilter,
    writer: UserWriter,
    target: &mut Target,
    progress: &mut Progress,
) -> Result<u64, Failure> {
    let bounds = PageBounds::new(PageBounds::MAX_LIMIT, 0).unwrap_or_default();
    let mut query = UserQuery { filter, bounds, ..UserQuery::default() };
    let (mut count, mut text) = (0, Vec::new());
    writer.begin(&mut text);
    let mut coming = Some(read(list_users, query.clone()));
    while let Some(page) = coming.take() {
        let Listing { page: UserPage { users, has_more }, total: _ } =
            page.await.map_err(|error| not_read(&error))??;
        if let Some(last) = users.last().filter(|_| has_more) {
            query.after = Some(last.id().clone());
            coming = Some(read(list_users, query.clone()));
        }
        for user in &users {
            writer.write(user, &mut text)?;
        }
        if !target.write(&text)? {
            output::note("Standard output was closed before the end: not all users are written.");
            break;
        }
        text.clear();
        count += users.len() as u64;
        progress.at(count, count);
    }
    Ok(count)
}

/// Begins to read a page.
fn read(list_users: &ListUsers, query: UserQuery) -> JoinHandle<Result<Listing, RepositoryError>> {
    let list_users = list_users.clone();
    tokio::spawn(async move { list_users.execute(&Caller::command("export"), &query, false).await })
}

fn not_read(error: &JoinError) -> RepositoryError {
    RepositoryError::Internal(format!("a page was not read to the end: {error}"))
}

/// How users are written.
#[derive(Clone, Copy, Debug)]
pub enum UserWriter {
    /// One JSON object a line.
    Ndjson,
    /// The exact CSV.
    Csv,
    /// CSV for spreadsheets.
    Spreadsheet,
}

impl UserWriter {
    /// A writer of this format; `spreadsheet` tells for whom CSV is.
    pub const fn new(format: Format, spreadsheet: bool) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson,
            Format::Csv if spreadsheet => Self::Spreadsheet,
            Format::Csv => Self::Csv,
        }
    }

    fn begin(self, text: &mut Vec<u8>) {
        match self {
            Self::Ndjson => {}
            Self::Csv => csv_user::write_header(text),
            Self::Spreadsheet => {
                // Without it, some spreadsheets read UTF-8 in another encoding.
                text.extend("\u{feff}".as_bytes());
                csv_user::write_guarded_header(text);
            }
        }
    }

    fn write(self, user: &User, text: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Csv => csv_user::write_user(user, text),
            Self::Spreadsheet => csv_user::write_guarded_user(user, text),
            Self::Ndjson => {
                let json = users_http::write_user(user, false);
                let json = json.map_err(|error| {
                    RepositoryError::Internal(format!("the user {} cannot be written: {error}", user.id()))
                })?;
                text.extend(json);
                text.push(b'\n');
            }
        }
        Ok(())
    }
}
