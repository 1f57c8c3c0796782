use std::sync::atomic::{AtomicBool, Ordering};

use users_domain::{Precondition, UserId, UserUpdate};
use users_use_cases::{Caller, CreateUser, Rejection, UpdateUser, WriteError, WriteMode};

use super::row::Wish;

/// What became of a row that was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// There is a new user.
    Created,
    /// The user was there, and is now as the row says.
    Updated,
}

/// Loads users, one at a call.
pub struct Loader {
    create_user: CreateUser,
    update_user: UpdateUser,
    caller: Caller,
    /// Whether a user that is there already is updated.
    upsert: bool,
    mode: WriteMode,
    /// Whether the last user was there: the next one is likely to be, too.
    was_there: AtomicBool,
}

impl Loader {
    /// How often a user may come and go under our hands before its row is refused.
    const ROUNDS: u32 = 20;

    /// A loader that calls these; `upsert` tells whether users that are there already are updated, and `dry_run` whether
    /// nothing is written.
    pub fn new(create_user: CreateUser, update_user: UpdateUser, upsert: bool, dry_run: bool) -> Self {
        let mode = if dry_run { WriteMode::DryRun } else { WriteMode::Real };
        Self {
            create_user,
            update_user,
            caller: Caller::command("import"),
            upsert,
            mode,
            was_there: AtomicBool::new(false),
        }
    }

    /// Loads one user.
    pub async fn load(&self, wish: Wish) -> Result<Loaded, WriteError> {
        match wish {
            Wish { id: Some(id), update } if self.upsert => self.create_or_update(&id, &update).await,
            Wish { id, update } => self.create(id, update).await,
        }
    }

    /// Tries first what was right the last time: a file is mostly of users that are there, or of new ones.
    async fn create_or_update(&self, id: &UserId, update: &UserUpdate) -> Result<Loaded, WriteError> {
        let mut is_there = self.was_there.load(Ordering::Relaxed);
        for _ in 0..Self::ROUNDS {
            let outcome = if is_there {
                self.update(id, update.clone()).await
            } else {
                self.create(Some(id.clone()), update.clone()).await
            };
            match outcome {
                Err(WriteError::Rejected(Rejection::NotFound)) => is_there = false,
                Err(WriteError::Rejected(Rejection::IdTaken)) => is_there = true,
                outcome => {
                    self.was_there.store(is_there, Ordering::Relaxed);
                    return outcome;
                }
            }
        }
        Err(Rejection::IdTaken.into())
    }

    async fn create(&self, id: Option<UserId>, update: UserUpdate) -> Result<Loaded, WriteError> {
        self.create_user
            .execute(&self.caller, id, update.into(), self.mode.clone())
            .await
            .map(|_| Loaded::Created)
    }

    async fn update(&self, id: &UserId, update: UserUpdate) -> Result<Loaded, WriteError> {
        let updated =
            self.update_user.execute(&self.caller, id, update, Precondition::Exists, self.mode.clone());
        updated.await.map(|_| Loaded::Updated)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use users_domain::{Precondition, UserUpdate};
    use users_ports::{MockUsers, UserCommand, Users};
    use users_testkit::{MemoryStore, bio_update, user_id, username_update};
    use users_use_cases::{Rejection, WriteError};

    use super::{Loaded, Loader};
    use crate::transfer::round_trip::{dry_loader, loader};
    use crate::transfer::row::Wish;

    const ID_TAKEN: Result<Loaded, WriteError> = Err(WriteError::Rejected(Rejection::IdTaken));
    const USERNAME_TAKEN: Result<Loaded, WriteError> = Err(WriteError::Rejected(Rejection::UsernameTaken));

    async fn load(loader: &Loader, id: &str, update: UserUpdate) -> Result<Loaded, WriteError> {
        loader.load(Wish { id: Some(user_id(id)), update }).await
    }

    #[tokio::test]
    async fn without_upsert_what_is_taken_is_refused() {
        let loader = loader(Arc::new(MemoryStore::default()), false);
        assert_eq!(load(&loader, "a", username_update("ada")).await, Ok(Loaded::Created));
        assert_eq!(load(&loader, "a", bio_update("x")).await, ID_TAKEN);
        assert_eq!(load(&loader, "b", username_update("ADA")).await, USERNAME_TAKEN);
        let new = Wish { id: None, update: UserUpdate::default() };
        assert_eq!(loader.load(new).await, Ok(Loaded::Created));
    }

    #[tokio::test]
    async fn with_upsert_what_is_mentioned_is_updated() {
        let store = Arc::new(MemoryStore::default());
        let loader = loader(store.clone(), true);
        assert_eq!(load(&loader, "a", username_update("ada")).await, Ok(Loaded::Created));
        assert_eq!(load(&loader, "a", bio_update("x")).await, Ok(Loaded::Updated));
        assert_eq!(load(&loader, "b", bio_update("y")).await, Ok(Loaded::Created));
        assert_eq!(load(&loader, "b", username_update("Ada")).await, USERNAME_TAKEN);
        let ada = Users::find(&*store, &user_id("a")).await.unwrap().unwrap();
        let profile = ada.profile();
        let (bio, name) = (profile.bio.as_ref().unwrap(), profile.username.as_ref().unwrap());
        assert_eq!((bio.as_str(), name.as_str()), ("x", "ada"));
    }

    #[tokio::test]
    async fn a_dry_run_checks_and_writes_nothing() {
        let store = Arc::new(MemoryStore::default());
        let real = loader(store.clone(), false);
        assert_eq!(load(&real, "a", username_update("ada")).await, Ok(Loaded::Created));
        for (upsert, of_a) in [(false, ID_TAKEN), (true, Ok(Loaded::Updated))] {
            let dry = dry_loader(store.clone(), upsert);
            assert_eq!(load(&dry, "a", bio_update("x")).await, of_a);
            assert_eq!(load(&dry, "b", username_update("Ada")).await, USERNAME_TAKEN);
            assert_eq!(load(&dry, "c", bio_update("x")).await, Ok(Loaded::Created));
        }
        let ada = Users::find(&*store, &user_id("a")).await.unwrap().unwrap();
        assert_eq!(ada.profile().bio, None);
        assert_eq!(Users::find(&*store, &user_id("c")).await, Ok(None));
    }

    #[tokio::test]
    async fn a_user_that_comes_and_goes_all_the_time_is_given_up() {
        let mut users = MockUsers::new();
        users.expect_write().returning(|command, _| match command {
            UserCommand::Create(_) => Err(Rejection::IdTaken.into()),
            UserCommand::Update { precondition: Precondition::Exists, .. } => Err(Rejection::NotFound.into()),
            other => panic!("{other:?}"),
        });
        let loader = loader(Arc::new(users), true);
        assert_eq!(load(&loader, "a", bio_update("x")).await, ID_TAKEN);
    }
}
