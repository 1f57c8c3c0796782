use std::fmt::Write as _;

use actix_web::rt::System;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::CommandFactory as _;
use users_ports::Clock as _;
use users_use_cases::{Grant, ManageTokens, RotateTokenError, Rotation, Token, TokenRecord};

use crate::cli::{Cli, CreateTokenArgs, RevokeTokenArgs, RotateTokenArgs, TokenCommand};
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
            TokenCommand::List(_) => list(&tokens).await,
            TokenCommand::Rotate(args) => rotate(&tokens, args).await,
            TokenCommand::Revoke(args) => revoke(&tokens, args).await,
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
    require_id(id)?;
    let rotation = tokens.rotate(id, time(*overlap), expires.map(time)).await;
    let Rotation { token, record, until } = rotation.map_err(|error| match error {
        RotateTokenError::Unknown => Failure::UnknownToken(id.clone()),
        RotateTokenError::Over => Failure::TokenIsOver(id.clone()),
        RotateTokenError::Repository(error) => error.into(),
    })?;
    output::note(&format!("Token {id} is accepted until {}.", to_second(until)));
    show(&token, &record)
}

/// A whole token must not come to stand in a message, and by that in a log.
fn require_id(id: &str) -> Result<(), Failure> {
    if id.starts_with("usr_") { Err(Failure::TokenForId) } else { Ok(()) }
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

async fn list(tokens: &ManageTokens) -> Result<(), Failure> {
    output::write(&table(&tokens.list().await?, SystemClock.now()))
}

async fn revoke(tokens: &ManageTokens, args: &RevokeTokenArgs) -> Result<(), Failure> {
    require_id(&args.id)?;
    if tokens.revoke(&args.id).await? {
        output::note(&format!("Token {} is revoked.", args.id));
        Ok(())
    } else {
        Err(Failure::UnknownToken(args.id.clone()))
    }
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

    use super::table;

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
}
