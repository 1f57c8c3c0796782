use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool, Text};
use users_domain::{
    Country, Direction, Label, SearchKey, User, UserFilter, UserId, UserPage, UserQuery, UsernameKey,
};

use crate::user_row::{UserColumns, UserRow, push_columns};

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
        ("users.email_key", email.as_ref().map(SearchKey::as_str)),
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
/// from the place where the page begins. Written as `country = $1 AND active = $2 ORDER BY id`, which means the same,
/// PostgreSQL may as well go along the primary key and look at every user on the way, which takes long where those that
/// fit are far away. A username is of one user at most, who needs no order.
struct PageStatement<'a>(Vec<Piece<'a>>);

impl<'a> PageStatement<'a> {
    fn new(query: &'a UserQuery) -> Self {
        let UserQuery { filter, direction, after, bounds } = query;
        let mut wanted = wanted(filter);
        let is_one_user = filter.username.is_some();
        let lead = if is_one_user || wanted.is_empty() { None } else { Some(wanted.remove(0)) };
        let mut conditions = range(lead, *direction, after.as_ref());
        conditions.extend(wanted.into_iter().map(equal));

        let mut pieces = joined(" FROM users", conditions);
        if !is_one_user {
            pieces.extend(order(lead, *direction));
        }
        pieces.extend([Piece::Sql(" LIMIT "), Piece::Number(bounds.limit() + 1)]);
        pieces.extend([Piece::Sql(" OFFSET "), Piece::Number(bounds.offset())]);
        Self(pieces)
    }
}

/// The order of the lead's index, which among users with one value there is that of their ids.
fn order(lead: Option<Wanted<'_>>, direction: Direction) -> Vec<Piece<'_>> {
    let end = match direction {
        Direction::Ascending => "",
        Direction::Descending => " DESC",
    };
    let mut pieces = vec![Piece::Sql(" ORDER BY ")];
    if let Some((column, _)) = lead {
        pieces.extend([column, Piece::Sql(end), Piece::Sql(", ")]);
    }
    pieces.extend([Piece::Sql("users.id"), Piece::Sql(end)]);
    pieces
}

fn equal((column, value): Wanted<'_>) -> Vec<Piece<'_>> {
    vec![column, Piece::Sql(" = "), value]
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
        let conditions = wanted(filter).into_iter().map(equal).collect();
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
        push_columns(&mut out);
        walk(&self.0, out)
    }
}

impl QueryFragment<Pg> for CountStatement<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        walk(&self.0, out)
    }
}

impl Query for PageStatement<'_> {
    type SqlType = UserColumns;
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

impl RunQueryDsl<PgConnection> for PageStatement<'_> {}

impl RunQueryDsl<PgConnection> for CountStatement<'_> {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::debug_query;
    use diesel::deserialize::QueryableByName;
    use diesel::pg::Pg;
    use diesel::query_dsl::RunQueryDsl;
    use diesel::sql_types::Text;
    use users_domain::{Country, Direction, Email, Label, UserFilter, UserQuery};
    use users_ports::Migrator;
    use users_testkit::{PrivatePostgres, user_id, username};

    use super::{CountStatement, PageStatement};
    use crate::pool::{self, Lane};
    use crate::{Pooling, PostgresSettings, PostgresStore};

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

    /// The query, from the beginning of the list and from within, in both directions.
    fn queries(filter: &UserFilter) -> impl Iterator<Item = UserQuery> {
        let query = UserQuery { filter: filter.clone(), ..UserQuery::default() };
        [None, Some("m")].into_iter().flat_map(move |after| {
            let query = UserQuery { after: after.map(user_id), ..query.clone() };
            Direction::ALL.map(|direction| UserQuery { direction, ..query.clone() })
        })
    }

    fn sql(query: &UserQuery) -> String {
        let text = debug_query::<Pg, _>(&PageStatement::new(query)).to_string();
        text.split(" -- binds").next().unwrap().to_owned()
    }

    #[test]
    fn a_page_is_read_along_one_index_from_where_it_begins() {
        let [_, _, filter, ..] = filters();
        let texts: Vec<_> = queries(&filter).map(|query| sql(&query)).collect();
        let expected = [
            " FROM users WHERE users.country COLLATE \"C\" >= $1 AND users.country COLLATE \"C\" <= $2 \
             AND users.active = $3 \
             ORDER BY users.country COLLATE \"C\", users.id LIMIT $4 OFFSET $5",
            " FROM users WHERE users.country COLLATE \"C\" <= $1 AND users.country COLLATE \"C\" >= $2 \
             AND users.active = $3 \
             ORDER BY users.country COLLATE \"C\" DESC, users.id DESC LIMIT $4 OFFSET $5",
            " FROM users WHERE (users.country COLLATE \"C\", users.id) > ($1, $2) \
             AND users.country COLLATE \"C\" <= $3 AND users.active = $4 \
             ORDER BY users.country COLLATE \"C\", users.id LIMIT $5 OFFSET $6",
            " FROM users WHERE (users.country COLLATE \"C\", users.id) < ($1, $2) \
             AND users.country COLLATE \"C\" >= $3 AND users.active = $4 \
             ORDER BY users.country COLLATE \"C\" DESC, users.id DESC LIMIT $5 OFFSET $6",
        ];
        for (text, expected) in texts.iter().zip(expected) {
            assert!(text.ends_with(expected), "{text}");
        }
    }

    #[test]
    fn a_count_compares_alone() {
        let [none, .., username] = filters();
        let text = |filter| debug_query::<Pg, _>(&CountStatement::new(filter)).to_string();
        assert_eq!(text(&none), "SELECT count(*) FROM users -- binds: []");
        let expected =
            "SELECT count(*) FROM users WHERE users.username_key = $1 AND users.active = $2 -- binds: ";
        assert!(text(&username).starts_with(expected));
    }

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }

    /// The statements as the session plans them, once for all values, in a table where many users are alike.
    #[tokio::test]
    async fn every_filter_has_its_index_and_nothing_is_sorted() {
        let settings = PostgresSettings {
            url: PrivatePostgres::shared().create_database(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 1,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            pooling: Pooling::default(),
        };
        PostgresStore::open(&settings).unwrap().migrate().await.unwrap();
        let mut lane = Lane::new(pool::build(&settings, &settings.url), <_>::default(), &settings);
        let connection = &mut lane.session().unwrap().connection;
        let fill = "INSERT INTO users (id, version, modified_at, active, email_key, organization, country) \
                    SELECT i, i, now(), i % 9 <> 0, i % 7 || '@example.org', i % 5, i % 3 \
                    FROM generate_series(1, 20000) i";
        connection.batch_execute(&format!("{fill}; ANALYZE users")).unwrap();
        let indexes = [
            "users_pkey",
            "users_active_id",
            "users_country_id",
            "users_organization_id",
            "users_email_key_id",
            "users_username_key_unique",
        ];
        for (filter, index) in filters().iter().zip(indexes) {
            for query in queries(filter) {
                let sql = sql(&query);
                connection.batch_execute(&format!("PREPARE page AS {sql}")).unwrap();
                let nulls = vec!["NULL"; sql.matches('$').count()].join(", ");
                let plan: Vec<Line> =
                    diesel::sql_query(format!("EXPLAIN EXECUTE page({nulls})")).load(connection).unwrap();
                connection.batch_execute("DEALLOCATE page").unwrap();
                let plan: Vec<_> = plan.into_iter().map(|line| line.line).collect();
                let plan = plan.join("\n");
                assert!(plan.contains(&format!(" using {index} ")), "{sql}\n{plan}");
                assert!(!plan.contains("Sort"), "{sql}\n{plan}");
            }
        }
    }
}
