use chrono::{DateTime, Utc};
use users_domain::{Change, Precondition, Profile, User, UserId, UserUpdate, Username};
use users_ports::{CommandOutcome, IdempotentRequest, UserCommand};

use super::dice::Dice;
use super::update_order::any_update;
use crate::{UserStore, full_profile, odd_profile, other_profile, stamp, user_id, username};

/// The command to create a user.
pub fn create(user: &User) -> UserCommand {
    UserCommand::Create(Box::new(user.clone()))
}

/// The command to update a user, whatever version it is in.
pub fn update(id: &str, update: UserUpdate) -> UserCommand {
    update_if(id, update, Precondition::Exists)
}

/// The command to update a user where the precondition holds.
pub fn update_if(id: &str, update: UserUpdate, precondition: Precondition) -> UserCommand {
    UserCommand::Update { id: user_id(id), update: Box::new(update), precondition }
}

/// The command to delete a user, whatever version it is in.
pub fn delete(id: &str) -> UserCommand {
    delete_if(id, Precondition::Exists)
}

/// The command to delete a user where the precondition holds.
pub fn delete_if(id: &str, precondition: Precondition) -> UserCommand {
    UserCommand::Delete { id: user_id(id), precondition }
}

/// A request of the caller `caller` with this key.
pub fn request(key: &str, fingerprint: u8) -> IdempotentRequest {
    IdempotentRequest {
        caller: "caller".to_owned(),
        is_self_service: false,
        key: key.to_owned(),
        fingerprint: [fingerprint; 32],
    }
}

/// Carries out a command by itself, by the call that does nothing else.
pub async fn carry_out(users: &dyn UserStore, command: UserCommand, now: DateTime<Utc>) -> CommandOutcome {
    match users.write(command, &stamp(now)).await {
        Ok(user) => Ok(user),
        Err(error) => error.into_outcome().unwrap(),
    }
}

/// A command of any kind, for a user who will be this one when its turn comes; the users of one `world` compete for
/// the same few usernames.
pub fn any_command(
    dice: &mut Dice,
    world: &str,
    id: &UserId,
    current: Option<User>,
    now: DateTime<Utc>,
) -> UserCommand {
    let exists = current.is_some();
    let current = current.unwrap_or_else(|| User::create(id.clone(), Profile::default(), now));
    // A user who is there is most often updated, and one who is not is most often made.
    match dice.roll(8) {
        0 => UserCommand::Create(Box::new(User::create(id.clone(), any_profile(dice, world), now))),
        1..5 if !exists => {
            UserCommand::Create(Box::new(User::create(id.clone(), any_profile(dice, world), now)))
        }
        1 => UserCommand::Delete { id: id.clone(), precondition: any_update(dice, &current).1 },
        _ => {
            let (update, precondition) = any_update(dice, &current);
            let update = UserUpdate { username: any_username(dice, world), ..update };
            UserCommand::Update { id: id.clone(), update: Box::new(update), precondition }
        }
    }
}

fn any_profile(dice: &mut Dice, world: &str) -> Profile {
    let profile = dice.pick(&[Profile::default(), full_profile(), other_profile(), odd_profile()]);
    let name = any_username(dice, world).set().cloned();
    Profile { username: name, ..profile }
}

/// One of a few names in some form; often the one that is there.
fn any_username(dice: &mut Dice, world: &str) -> Change<Username> {
    const NAMES: [&str; 8] = ["ada", "Ada", "\u{FF21}da", "grace", "GRACE", "alan", "Alan", "barbara"];
    match dice.roll(6) {
        0 => Change::Clear,
        1 | 2 => Change::Set(username(&format!("{}{world}", dice.pick(&NAMES)))),
        _ => Change::Keep,
    }
}
