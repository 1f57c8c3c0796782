use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use users_domain::{User, UserId};

use crate::schema::users;
use crate::user_row::UserRow;

/// The users with these ids, by id.
pub(crate) fn find<'a>(
    connection: &mut PgConnection,
    ids: impl IntoIterator<Item = &'a UserId>,
) -> QueryResult<HashMap<String, User>> {
    let ids: Vec<_> = ids.into_iter().map(UserId::as_str).collect();
    let rows = users::table.filter(users::id.eq_any(ids)).select(UserRow::as_select()).load(connection)?;
    Ok(by_id(rows))
}

/// The users of these rows, by id.
pub(crate) fn by_id(rows: Vec<UserRow>) -> HashMap<String, User> {
    rows.into_iter().map(|row| (row.id.clone(), row.into())).collect()
}
