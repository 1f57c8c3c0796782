use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Bool, Date, HasSqlType, Nullable, SingleValue, Text, Timestamptz};
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Location, Moment, PersonName, Phone, Profile, Twitter,
    User, Username,
};

use crate::search_statement::KEYS;

/// Keeps any number of users at once, but for those whose id or username is taken, and returns the ids of those that it kept.
///
/// ```sql
/// INSERT INTO users (id, version, modified_at, active, avatar, ...)
/// SELECT * FROM unnest($1, $2, $3, $4, $5, ...)
/// ON CONFLICT DO NOTHING RETURNING id
/// ```
///
/// Where another transaction is about to keep the same id or username, PostgreSQL waits for what becomes of that. The text is
/// always the same, so it is prepared once.
///
/// The users must be in the order of their ids, as for an update, each id and each username once.
#[derive(Default)]
pub(crate) struct InsertStatement<'a> {
    ids: Vec<&'a str>,
    versions: Vec<i64>,
    instants_of_change: Vec<DateTime<Utc>>,
    flags: Vec<bool>,
    texts: Columns<&'a str>,
    keys: Columns<String>,
    days: Columns<NaiveDate>,
    instants: Columns<DateTime<Utc>>,
    /// The text before the values; diesel walks over the statement several times.
    text: String,
}

/// The columns of one type, by name, each with a value for every user.
type Columns<T> = BTreeMap<&'static str, Vec<Option<T>>>;

fn put<T>(columns: &mut Columns<T>, name: &'static str, value: Option<T>) {
    columns.entry(name).or_default().push(value);
}

impl<'a> InsertStatement<'a> {
    pub(crate) fn new(users: impl IntoIterator<Item = &'a User>) -> Self {
        let mut statement = Self::default();
        users.into_iter().for_each(|user| statement.add(user));
        statement.text = statement.text();
        statement
    }

    fn add(&mut self, user: &'a User) {
        let Profile {
            active,
            avatar,
            bio,
            birthday,
            country,
            email,
            first_name,
            last_name,
            last_seen,
            last_typed,
            location,
            organization,
            phone,
            regions,
            title,
            twitter,
            username,
        } = user.profile();
        self.ids.push(user.id().as_str());
        self.versions.push(user.version().number());
        self.instants_of_change.push(user.modified_at());
        self.flags.push(*active);
        put(&mut self.texts, "avatar", avatar.as_ref().map(Avatar::as_str));
        put(&mut self.texts, "bio", bio.as_ref().map(Bio::as_str));
        put(&mut self.days, "birthday", birthday.map(Birthday::day));
        put(&mut self.texts, "country", country.as_ref().map(Country::as_str));
        put(&mut self.texts, "email", email.as_ref().map(Email::as_str));
        put(&mut self.texts, "first_name", first_name.as_ref().map(PersonName::as_str));
        put(&mut self.texts, "last_name", last_name.as_ref().map(PersonName::as_str));
        put(&mut self.instants, "last_seen", last_seen.map(Moment::instant));
        put(&mut self.instants, "last_typed", last_typed.map(Moment::instant));
        put(&mut self.texts, "location", location.as_ref().map(Location::as_str));
        put(&mut self.texts, "organization", organization.as_ref().map(Label::as_str));
        put(&mut self.texts, "phone", phone.as_ref().map(Phone::as_str));
        put(&mut self.texts, "regions", regions.as_ref().map(Label::as_str));
        put(&mut self.texts, "title", title.as_ref().map(Label::as_str));
        put(&mut self.texts, "twitter", twitter.as_ref().map(Twitter::as_str));
        put(&mut self.texts, "username", username.as_ref().map(Username::as_str));
        for (column, key) in KEYS.into_iter().zip(user.search_keys()) {
            put(&mut self.keys, column, key.map(|key| key.as_str().to_owned()));
        }
    }

    fn text(&self) -> String {
        let Self { texts, keys, days, instants, .. } = self;
        let names = texts.keys().chain(keys.keys()).chain(days.keys()).chain(instants.keys());
        let names: Vec<_> = names.copied().collect();
        format!(
            "INSERT INTO users (id, version, modified_at, active, {}) SELECT * FROM unnest(",
            names.join(", ")
        )
    }
}

impl QueryFragment<Pg> for InsertStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&self.text);
        out.push_bind_param::<Array<Text>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.versions)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.instants_of_change)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Bool>, _>(&self.flags)?;
        bind::<Text, _>(&self.texts, &mut out)?;
        bind::<Text, _>(&self.keys, &mut out)?;
        bind::<Date, _>(&self.days, &mut out)?;
        bind::<Timestamptz, _>(&self.instants, &mut out)?;
        out.push_sql(") ON CONFLICT DO NOTHING RETURNING id");
        Ok(())
    }
}

fn bind<'b, ST, T>(columns: &'b Columns<T>, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>
where
    ST: SingleValue + 'static,
    Pg: HasSqlType<Array<Nullable<ST>>>,
    Vec<Option<T>>: ToSql<Array<Nullable<ST>>, Pg>,
{
    for values in columns.values() {
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<ST>>, _>(values)?;
    }
    Ok(())
}

impl Query for InsertStatement<'_> {
    type SqlType = Text;
}

/// Prepared statements are kept by their text.
impl QueryId for InsertStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for InsertStatement<'_> {}
