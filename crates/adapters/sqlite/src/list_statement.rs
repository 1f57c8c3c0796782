use diesel::QueryResult;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use users_domain::{Country, Direction, Label, SearchKey, UserFilter, UserPage, UserQuery, UsernameKey};

use crate::schema::users;
use crate::user_reader;
use crate::user_row::UserRow;

/// Reads a page with one statement, and so from one snapshot.
pub(crate) fn page(connection: &mut SqliteConnection, query: &UserQuery) -> QueryResult<UserPage> {
    let rows: Vec<UserRow> = PageStatement::new(query).load(connection)?;
    let users: QueryResult<Vec<_>> = rows.into_iter().map(user_reader::user).collect();
    Ok(UserPage::of(users?, query.bounds))
}

/// Counts the users that the filter fits.
pub(crate) fn count(connection: &mut SqliteConnection, filter: &UserFilter) -> QueryResult<u64> {
    let count: i64 = CountStatement::new(filter).get_result(connection)?;
    Ok(count.unsigned_abs())
}

/// A piece of a statement: SQL, or a value.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Sql(&'static str),
    Text(&'a str),
    Flag(bool),
    Number(i64),
}

/// A column that a filter names, and the value that it asks for.
type Wanted<'a> = (&'static str, Piece<'a>);

/// What a filter asks for, in the order of how few users it usually leaves.
fn wanted(filter: &UserFilter) -> Vec<Wanted<'_>> {
    let UserFilter { username, email, organization, country, active } = filter;
    let texts = [
        ("users.username_key", username.as_ref().map(UsernameKey::as_str)),
        ("users.email_key", email.as_ref().map(SearchKey::as_str)),
        ("users.organization", organization.as_ref().map(Label::as_str)),
        ("users.country", country.as_ref().map(Country::as_str)),
    ];
    let texts = texts.into_iter().filter_map(|(column, text)| Some((column, Piece::Text(text?))));
    texts.chain(active.map(|active| ("users.active", Piece::Flag(active)))).collect()
}

/// The conditions that these stand for.
fn conditions(wanted: Vec<Wanted<'_>>) -> Vec<Vec<Piece<'_>>> {
    let mut conditions = Vec::new();
    for (place, (column, value)) in wanted.into_iter().enumerate() {
        let sign = if place == 0 { "" } else { "+" };
        conditions.push(vec![Piece::Sql(sign), Piece::Sql(column), Piece::Sql(" = "), value]);
    }
    conditions
}

/// Reads the users of a page, and one more where there is one.
///
/// ```sql
/// SELECT users.id, ... FROM users WHERE users.country = ? AND +users.active = ? AND users.id > ?
/// ORDER BY users.id LIMIT ? OFFSET ?
/// ```
///
/// The signs keep SQLite from taking another index than that of the column that usually leaves the fewest users: it
/// knows nothing of the values there. Along that index it reads from the place where the page begins.
struct PageStatement<'a>(Vec<Piece<'a>>);

impl<'a> PageStatement<'a> {
    fn new(query: &'a UserQuery) -> Self {
        let UserQuery { filter, direction, after, bounds } = query;
        let (behind, suffix) = match direction {
            Direction::Ascending => ("users.id > ", ""),
            Direction::Descending => ("users.id < ", " DESC"),
        };
        let after = after.as_ref().map(|after| vec![Piece::Sql(behind), Piece::Text(after.as_str())]);
        let mut pieces = joined(" FROM users", conditions(wanted(filter)).into_iter().chain(after).collect());
        pieces.extend([Piece::Sql(" ORDER BY users.id"), Piece::Sql(suffix)]);
        pieces.extend([Piece::Sql(" LIMIT "), Piece::Number(bounds.limit() + 1)]);
        pieces.extend([Piece::Sql(" OFFSET "), Piece::Number(bounds.offset())]);
        Self(pieces)
    }
}

/// Counts users: `SELECT count(*) FROM users WHERE users.country = ?`.
struct CountStatement<'a>(Vec<Piece<'a>>);

impl<'a> CountStatement<'a> {
    fn new(filter: &'a UserFilter) -> Self {
        Self(joined("SELECT count(*) FROM users", conditions(wanted(filter))))
    }
}

/// The statement with all of these conditions.
fn joined<'a>(statement: &'static str, conditions: Vec<Vec<Piece<'a>>>) -> Vec<Piece<'a>> {
    let mut pieces = vec![Piece::Sql(statement)];
    for (place, condition) in conditions.into_iter().enumerate() {
        pieces.push(Piece::Sql(if place == 0 { " WHERE " } else { " AND " }));
        pieces.extend(condition);
    }
    pieces
}

fn walk<'b>(pieces: &'b [Piece<'_>], mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
    pieces.iter().try_for_each(|piece| match piece {
        Piece::Sql(sql) => {
            out.push_sql(sql);
            Ok(())
        }
        Piece::Text(text) => out.push_bind_param::<Text, _>(*text),
        Piece::Flag(flag) => out.push_bind_param::<Bool, _>(flag),
        Piece::Number(number) => out.push_bind_param::<BigInt, _>(number),
    })
}

impl QueryFragment<Sqlite> for PageStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        users::all_columns.walk_ast(out.reborrow())?;
        walk(&self.0, out)
    }
}

impl QueryFragment<Sqlite> for CountStatement<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        walk(&self.0, out)
    }
}

impl Query for PageStatement<'_> {
    type SqlType = <users::table as AsQuery>::SqlType;
}

impl Query for CountStatement<'_> {
    type SqlType = BigInt;
}

/// Prepared statements are kept by their text, of which there are fewer than 200.
impl QueryId for PageStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryId for CountStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for PageStatement<'_> {}

impl RunQueryDsl<SqliteConnection> for CountStatement<'_> {}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::sqlite::SqliteConnection;
    use users_domain::{Country, Direction, Email, Label, UserFilter, UserQuery};
    use users_testkit::{user_id, username};

    use super::PageStatement;
    use crate::explain;

    fn filters() -> [UserFilter; 6] {
        let country = Some(Country::parse("GB").unwrap());
        let organization = Some(Label::parse("Acme").unwrap());
        let email = Some(Email::parse("ada@example.org").unwrap().key());
        let (active, none) = (Some(true), UserFilter::default());
        [
            none.clone(),
            UserFilter { active, ..none.clone() },
            UserFilter { active, country: country.clone(), ..none.clone() },
            UserFilter {
                active,
                country: country.clone(),
                organization: organization.clone(),
                ..none.clone()
            },
            UserFilter { active, country, organization, email, ..none.clone() },
            UserFilter { username: Some(username("Ada").key()), active, ..none },
        ]
    }

    /// The plans of all queries with the filter, from the beginning of the list and from within, in both directions.
    fn plans(connection: &mut SqliteConnection, filter: &UserFilter) -> Vec<String> {
        let mut plans = Vec::new();
        for after in [None, Some("m")] {
            for direction in Direction::ALL {
                let after = after.map(user_id);
                let query = UserQuery { filter: filter.clone(), direction, after, ..UserQuery::default() };
                plans.push(explain::plan(connection, PageStatement::new(&query)).join("; "));
            }
        }
        plans
    }

    /// SQLite plans otherwise where `ANALYZE` has counted for it, so both are tried.
    #[test]
    fn every_filter_has_its_index_and_nothing_is_sorted() {
        let mut connection = explain::users();
        let fill = "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 5000) \
                    INSERT INTO users (id, version, modified_at, active, email_key, organization, country) \
                    SELECT i, i, i, i % 9 <> 0, i % 7 || '@example.org', i % 5, i % 3 FROM numbers";
        connection.batch_execute(fill).unwrap();
        let indexes = [
            "sqlite_autoindex_users_1",
            "users_active_id (active=?",
            "users_country_id (country=?",
            "users_organization_id (organization=?",
            "users_email_key_id (email_key=?",
            "sqlite_autoindex_users_2 (username_key=?",
        ];
        for analyze in ["", "ANALYZE"] {
            connection.batch_execute(analyze).unwrap();
            for (filter, index) in filters().iter().zip(indexes) {
                let plans = plans(&mut connection, filter);
                for (plan, from_within) in plans.iter().zip([false, false, true, true]) {
                    assert!(plan.contains(index), "{filter:?}: {plan}");
                    // The one user with a username is sorted at no cost.
                    let sorted = plan.contains("TEMP B-TREE") && filter.username.is_none();
                    assert!(!sorted && !plan.contains("; SCAN"), "{filter:?}: {plan}");
                    let by_id = ["id>?", "id<?"].iter().any(|id| plan.contains(id));
                    assert_eq!(by_id, from_within && filter.username.is_none(), "{filter:?}: {plan}");
                }
            }
        }
    }
}
