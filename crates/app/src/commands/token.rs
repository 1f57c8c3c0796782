use std::fmt::Write as _;

use actix_web::rt::System;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::CommandFactory as _;
use serde_json::json;
use users_domain::UserId;
use users_ports::{Clock as _, Scope};
use users_use_cases::{Grant, ManageTokens, RotateTokenError, Rotation, Token, TokenRecord};

use crate::cli::{
    Cli, CreateTokenArgs, ListTokensArgs, PruneTokensArgs, RevokeTokenArgs, RotateTokenArgs, TokenCommand,
};
use crate::config::{self, DatabaseArgs, PoolArgs};
use crate::failure::Failure;
use crate::output;
use crate::period::Period;
use crate::schema::require_schema;
use crate::system::SystemClock;
use crate::wiring::Store;

/// Runs one of the `users token` commands.
pub fn run(command: &TokenCommand) -> Result<(), Failure> {
    let database = match command {
        TokenCommand::Create(args) => {
            config::check(&[args], &Cli::command())?;
            &args.database
        }
        TokenCommand::List(args) => &args.database,
        TokenCommand::Rotate(args) => {
            config::check(&[args], &Cli::command())?;
            &args.database
        }
        TokenCommand::Revoke(args) => &args.database,
        TokenCommand::Prune(args) => {
            config::check(&[args], &Cli::command())?;
            &args.database
        }
    };
    let store = open(database)?;
    let tokens = store.manage_tokens();
    System::new().block_on(async {
        require_schema(&*store.migrator).await?;
        match command {
            TokenCommand::Create(args) => {
                warn_of_no_user(&store, args).await?;
                create(&tokens, args).await
            }
            TokenCommand::List(args) => list(&tokens, args).await,
            TokenCommand::Rotate(args) => rotate(&tokens, args).await,
            TokenCommand::Revoke(args) => revoke(&tokens, args).await,
            TokenCommand::Prune(args) => prune(&tokens, args).await,
        }
    })
}

fn open(database: &DatabaseArgs) -> Result<Store, Failure> {
    config::check(&[database], &Cli::command())?;
    Store::open_existing(&database.url()?, database, &PoolArgs::ONE_AT_A_TIME)
}

/// Says that a self-service token is for nobody yet: most likely the id has a slip.
async fn warn_of_no_user(store: &Store, args: &CreateTokenArgs) -> Result<(), Failure> {
    if let Some(user) = &args.user
        && store.services().get_user.execute(user).await?.is_none()
    {
        output::note(&format!(
            "Warning: there is no user with the id \"{user}\". The token is of use once there is one."
        ));
    }
    Ok(())
}

async fn create(tokens: &ManageTokens, args: &CreateTokenArgs) -> Result<(), Failure> {
    let grant = match &args.user {
        Some(user) => Grant::SelfService { user: user.clone(), may_set: args.may_set.unwrap_or_default() },
        None => args.scope.unwrap_or_default().into(),
    };
    let (token, record) = tokens.create(args.name.clone(), grant, args.expires.map(time)).await?;
    show(&token, &record)
}

async fn rotate(tokens: &ManageTokens, args: &RotateTokenArgs) -> Result<(), Failure> {
    let RotateTokenArgs { id, overlap, expires, .. } = args;
    let id = &id_of(tokens, id).await?;
    let rotation = tokens.rotate(id, time(*overlap), expires.map(time)).await;
    let Rotation { token, record, until } = rotation.map_err(|error| match error {
        RotateTokenError::Unknown => Failure::UnknownToken(id.clone()),
        RotateTokenError::Over => Failure::TokenIsOver(id.clone()),
        RotateTokenError::Repository(error) => error.into(),
    })?;
    output::note(&format!("Token {id} is accepted until {}.", to_second(until)));
    show(&token, &record)
}

/// The id of the token with this id, or else of the only valid one with this name.
async fn id_of(tokens: &ManageTokens, id_or_name: &str) -> Result<String, Failure> {
    // A whole token must not come to stand in a message, and by that in a log.
    if id_or_name.starts_with("usr_") {
        return Err(Failure::TokenForId);
    }
    named(&tokens.list().await?, id_or_name, SystemClock.now())
}

fn named(tokens: &[TokenRecord], id_or_name: &str, now: DateTime<Utc>) -> Result<String, Failure> {
    if tokens.iter().any(|token| token.id == id_or_name) {
        return Ok(id_or_name.to_owned());
    }
    let with_name: Vec<_> =
        tokens.iter().filter(|token| token.name == id_or_name && token.is_valid_at(now)).collect();
    match with_name.as_slice() {
        [] => Err(Failure::UnknownToken(id_or_name.to_owned())),
        [token] => Ok(token.id.clone()),
        [first, second, ..] => Err(Failure::AmbiguousToken {
            name: id_or_name.to_owned(),
            ids: [first.id.clone(), second.id.clone()],
        }),
    }
}

/// Writes the token alone to standard output, so that a script can take it, and the rest to standard error.
fn show(token: &Token, record: &TokenRecord) -> Result<(), Failure> {
    output::write_whole(&format!("{}\n", token.reveal()))
        .map_err(|source| Failure::TokenNotShown { id: record.id.clone(), source })?;
    output::note(&format!(
        "Token {} for \"{}\" with {}, {}. Keep it safe: it is not shown again.",
        record.id,
        record.name,
        record.grant,
        record.expires_at.map_or("without expiry".to_owned(), |end| format!("until {}", to_second(end))),
    ));
    Ok(())
}

/// The period as time is counted with; the periods of tokens are far from too long for that.
fn time(period: Period) -> TimeDelta {
    TimeDelta::from_std(period.duration()).unwrap_or(TimeDelta::MAX)
}

async fn list(tokens: &ManageTokens, args: &ListTokensArgs) -> Result<(), Failure> {
    let (tokens, now) = (tokens.list().await?, SystemClock.now());
    let text = if args.json { json(&tokens, now) } else { table(&tokens, now) };
    output::write(&text)
}

async fn revoke(tokens: &ManageTokens, args: &RevokeTokenArgs) -> Result<(), Failure> {
    let id = id_of(tokens, &args.id).await?;
    if tokens.revoke(&id).await? {
        output::note(&format!("Token {id} is revoked."));
        Ok(())
    } else {
        Err(Failure::UnknownToken(id))
    }
}

async fn prune(tokens: &ManageTokens, args: &PruneTokensArgs) -> Result<(), Failure> {
    let count = tokens.prune(time(args.older_than)).await?;
    output::note(&format!("Removed {count} {}.", if count == 1 { "token" } else { "tokens" }));
    Ok(())
}

/// A line for each token, in columns; the name, which may be long, comes last.
fn table(tokens: &[TokenRecord], now: DateTime<Utc>) -> String {
    let mut text = format!(
        "{:16}  {:7}  {:20}  {:20}  {:10}  {:35}  NAME\n",
        "ID", "STATE", "CREATED", "EXPIRES", "LAST USED", "ALLOWS"
    );
    for token in tokens {
        let expires = token.expires_at.map_or("never".to_owned(), to_second);
        let last_used = token.last_used_on.map_or("never".to_owned(), |day| day.to_string());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:16}  {:7}  {:20}  {expires:20}  {last_used:10}  {:35}  {}",
            token.id,
            state(token, now),
            to_second(token.created_at),
            token.grant.to_string(),
            token.name,
        );
    }
    text
}

/// An object for each token, on a line of its own; what a token does not have is null.
fn json(tokens: &[TokenRecord], now: DateTime<Utc>) -> String {
    let mut text = String::new();
    for token in tokens {
        let (scopes, user, may_set) = match &token.grant {
            Grant::Scopes(scopes) => (Some(scopes), None, None),
            Grant::SelfService { user, may_set } => (None, Some(user), Some(may_set)),
        };
        let object = json!({
            "id": token.id,
            "name": token.name,
            "state": state(token, now),
            "scopes": scopes.map(|scopes| scopes.iter().map(Scope::as_str).collect::<Vec<_>>()),
            "user": user.map(UserId::as_str),
            "may_set": may_set.map(|members| members.to_string().split(',').map(ToOwned::to_owned).collect::<Vec<_>>()),
            "created_at": to_second(token.created_at),
            "expires_at": token.expires_at.map(to_second),
            "revoked_at": token.revoked_at.map(to_second),
            "last_used_on": token.last_used_on.map(|day| day.to_string()),
        });
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{object}");
    }
    text
}

fn state(token: &TokenRecord, now: DateTime<Utc>) -> &'static str {
    match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        _ => "valid",
    }
}

fn to_second(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use users_domain::UserId;
    use users_use_cases::{Grant, Scopes, TokenRecord};

    use super::{json, named, table};

    fn token(id: &str, name: &str) -> TokenRecord {
        TokenRecord {
            id: id.to_owned(),
            name: name.to_owned(),
            secret_hash: [7; 32],
            grant: Scopes::all().into(),
            created_at: DateTime::<Utc>::UNIX_EPOCH,
            expires_at: None,
            revoked_at: None,
            last_used_on: None,
        }
    }

    #[test]
    fn the_list_shows_every_token_and_no_secret() {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(10);
        let revoked = TokenRecord { revoked_at: Some(now), ..token("bbbbbbbbbbbbbbbb", "old one") };
        let expired = TokenRecord {
            expires_at: Some(now),
            last_used_on: Some(now.date_naive()),
            grant: "users:read".parse::<Scopes>().unwrap().into(),
            ..token("cccccccccccccccc", "import")
        };
        let user = UserId::parse("ada").unwrap();
        let own = Grant::SelfService { user, may_set: "bio,avatar".parse().unwrap() };
        let own = TokenRecord { grant: own, ..token("dddddddddddddddd", "phone") };
        let text = table(&[token("aaaaaaaaaaaaaaaa", "crm"), revoked, expired, own], now);
        #[rustfmt::skip]
        let expected = "\
ID                STATE    CREATED               EXPIRES               LAST USED   ALLOWS                               NAME
aaaaaaaaaaaaaaaa  valid    1970-01-01T00:00:00Z  never                 never       users:read,users:write,users:delete  crm
bbbbbbbbbbbbbbbb  revoked  1970-01-01T00:00:00Z  never                 never       users:read,users:write,users:delete  old one
cccccccccccccccc  expired  1970-01-01T00:00:00Z  1970-01-11T00:00:00Z  1970-01-11  users:read                           import
dddddddddddddddd  valid    1970-01-01T00:00:00Z  never                 never       self-service of ada: avatar,bio      phone
";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_list_for_programs_has_an_object_on_each_line() {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(10);
        let user = UserId::parse("ada").unwrap();
        let own = Grant::SelfService { user, may_set: "bio,avatar".parse().unwrap() };
        let own = TokenRecord { grant: own, revoked_at: Some(now), ..token("dddddddddddddddd", "phone") };
        let lines = concat!(
            r#"{"created_at":"1970-01-01T00:00:00Z","expires_at":null,"id":"aaaaaaaaaaaaaaaa","last_used_on":null,"#,
            r#""may_set":null,"name":"crm","revoked_at":null,"scopes":["users:read","users:write","users:delete"],"#,
            r#""state":"valid","user":null}"#,
            "\n",
            r#"{"created_at":"1970-01-01T00:00:00Z","expires_at":null,"id":"dddddddddddddddd","last_used_on":null,"#,
            r#""may_set":["avatar","bio"],"name":"phone","revoked_at":"1970-01-11T00:00:00Z","scopes":null,"#,
            r#""state":"revoked","user":"ada"}"#,
            "\n",
        );
        assert_eq!(json(&[token("aaaaaaaaaaaaaaaa", "crm"), own], now), lines);
    }

    #[test]
    fn a_token_is_named_by_its_id_or_by_a_name_of_its_own() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let over = TokenRecord { revoked_at: Some(now), ..token("old", "crm") };
        let tokens =
            [over, token("new", "crm"), token("one", "twin"), token("two", "twin"), token("twin2", "new")];
        let told = |id_or_name| named(&tokens, id_or_name, now).map_err(|failure| failure.to_string());
        assert_eq!(told("old"), Ok("old".to_owned()));
        assert_eq!(told("crm"), Ok("new".to_owned()));
        assert_eq!(told("new"), Ok("new".to_owned()), "an id goes before a name");
        assert!(told("twin").unwrap_err().starts_with("more than one valid token has the name \"twin\""));
        assert!(
            told("nobody").unwrap_err().starts_with("there is no token with the id or the name \"nobody\"")
        );
    }
}
