use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool, Text};
use users_domain::{
    Country, Direction, Email, Label, User, UserFilter, UserId, UserPage, UserQuery, UsernameKey,
};

use crate::schema::users;
use crate::user_row::UserRow;

/// Reads a page with one statement, and so from one snapshot.
pub(crate) fn page(connection: &mut PgConnection, query: &UserQuery) -> QueryResult<UserPage> {
    let rows: Vec<UserRow> = PageStatement::new(query).load(connection)?;
    Ok(UserPage::of(rows.into_iter().map(User::from).collect(), query.bounds))
}

/// Counts the users that the filter fits.
pub(crate) fn count(connection: &mut PgConnection, filter: &UserFilter) -> QueryResult<u64> {
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

/// A column that a filter names, as it stands in the column's index, and the value that it asks for.
type Wanted<'a> = (Piece<'a>, Piece<'a>);

/// What a filter asks for, in the order of how few users it usually leaves.
fn wanted(filter: &UserFilter) -> Vec<Wanted<'_>> {
    let UserFilter { username, email, organization, country, active } = filter;
    let texts = [
        ("users.username_key", username.as_ref().map(UsernameKey::as_str)),
        ("users.email COLLATE \"C\"", email.as_ref().map(Email::as_str)),
        ("users.organization COLLATE \"C\"", organization.as_ref().map(Label::as_str)),
        ("users.country COLLATE \"C\"", country.as_ref().map(Country::as_str)),
    ];
    let texts = texts.into_iter().filter_map(|(column, text)| Some((Piece::Sql(column), Piece::Text(text?))));
    texts.chain(active.map(|active| (Piece::Sql("users.active"), Piece::Flag(active)))).collect()
}

/// Reads the users of a page, and one more where there is one.
///
/// ```sql
/// SELECT users.id, ... FROM users
/// WHERE (users.country COLLATE "C", users.id) > ($1, $2) AND users.country COLLATE "C" <= $3
///   AND users.active = $4
/// ORDER BY users.country COLLATE "C", users.id LIMIT $5 OFFSET $6
/// ```
///
/// The text leaves the planner one way to go: along the index of the column that usually leaves the fewest users,
/// from the place where the page begins. Written as `country = $1 ORDER BY id`, which means the same, PostgreSQL may
/// as well go along the primary key and look at every user on the way, which takes long where those that fit are
/// few or far away. A username is of one user at most, and needs no such care.
struct PageStatement<'a>(Vec<Piece<'a>>);

impl<'a> PageStatement<'a> {
    fn new(query: &'a UserQuery) -> Self {
        let UserQuery { filter, direction, after, bounds } = query;
        let mut others = wanted(filter);
        let lead = if filter.username.is_some() || others.is_empty() { None } else { Some(others.remove(0)) };
        let mut conditions = range(lead, *direction, after.as_ref());
        conditions.extend(others.into_iter().map(|(column, value)| vec![column, Piece::Sql(" = "), value]));

        let mut pieces = joined(" FROM users", conditions);
        pieces.push(Piece::Sql(" ORDER BY "));
        let keys = lead.map(|(column, _)| column).into_iter().chain([Piece::Sql("users.id")]);
        for (place, key) in keys.enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            let suffix = if *direction == Direction::Descending { " DESC" } else { "" };
            pieces.extend([Piece::Sql(separator), key, Piece::Sql(suffix)]);
        }
        pieces.extend([Piece::Sql(" LIMIT "), Piece::Number(bounds.limit() + 1)]);
        pieces.extend([Piece::Sql(" OFFSET "), Piece::Number(bounds.offset())]);
        Self(pieces)
    }
}

/// From where the page begins to where the users that the lead asks for end.
fn range<'a>(
    lead: Option<Wanted<'a>>,
    direction: Direction,
    after: Option<&'a UserId>,
) -> Vec<Vec<Piece<'a>>> {
    let (behind, from, to) = match direction {
        Direction::Ascending => (" > ", " >= ", " <= "),
        Direction::Descending => (" < ", " <= ", " >= "),
    };
    let sql = Piece::Sql;
    match (lead, after.map(|after| Piece::Text(after.as_str()))) {
        (None, None) => vec![],
        (None, Some(after)) => vec![vec![sql("users.id"), sql(behind), after]],
        (Some((column, value)), None) => {
            vec![vec![column, sql(from), value], vec![column, sql(to), value]]
        }
        (Some((column, value)), Some(after)) => {
            let place = vec![
                sql("("),
                column,
                sql(", users.id)"),
                sql(behind),
                sql("("),
                value,
                sql(", "),
                after,
                sql(")"),
            ];
            vec![place, vec![column, sql(to), value]]
        }
    }
}

/// Counts users: `SELECT count(*) FROM users WHERE users.country COLLATE "C" = $1`.
struct CountStatement<'a>(Vec<Piece<'a>>);

impl<'a> CountStatement<'a> {
    fn new(filter: &'a UserFilter) -> Self {
        let conditions = wanted(filter).into_iter();
        let conditions = conditions.map(|(column, value)| vec![column, Piece::Sql(" = "), value]).collect();
        Self(joined("SELECT count(*) FROM users", conditions))
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

fn walk<'b>(pieces: &'b [Piece<'_>], mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
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

impl QueryFragment<Pg> for PageStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        users::all_columns.walk_ast(out.reborrow())?;
        walk(&self.0, out)
    }
}

impl QueryFragment<Pg> for CountStatement<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        walk(&self.0, out)
    }
}

impl Query for PageStatement<'_> {
    type SqlType = <users::table as AsQuery>::SqlType;
}

impl Query for CountStatement<'_> {
    type SqlType = BigInt;
}

/// Prepared statements are kept by their text, of which there are 160 at most.
impl QueryId for PageStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryId for CountStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for PageStatement<'_> {}

impl RunQueryDsl<PgConnection> for CountStatement<'_> {}
