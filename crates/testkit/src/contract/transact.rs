//! Contracts of [`Users::transact`](users_ports::Users::transact): what becomes of the commands, and of those that are taken back.

use chrono::{SubsecRound, TimeDelta};
use users_domain::{
    Change, Precondition, Profile, SearchPage, User, UserFilter, UserId, UserQuery, UserUpdate, Username,
    Version,
};
use users_ports::{CommandOutcome, Ending, Rejection, UserCommand, WriteError};

use super::Users;
use super::commands::{any_command, carry_out, create, delete, delete_if, request, update, update_if};
use super::dice::Dice;
use super::search::search_for;
use crate::{
    MemoryStore, UserStore, bio_update, full_user, minimal_user, named_user, noon, other_profile, update_to,
    user_id, username_update,
};

/// The outcomes of commands that are carried out under an idempotency record that is new.
async fn carry_out_once(users: &Users, key: &str, commands: Vec<UserCommand>) -> Vec<CommandOutcome> {
    let transacted = users.transact_at(commands, Ending::Once(request(key, 1)), noon()).await.unwrap();
    assert!(!transacted.replayed, "{key} is not new");
    transacted.outcomes
}

/// The outcomes of commands that are taken back.
async fn try_out(users: &Users, commands: Vec<UserCommand>) -> Vec<CommandOutcome> {
    let transacted = users.transact_at(commands, Ending::RollBack, noon()).await.unwrap();
    assert!(!transacted.replayed);
    transacted.outcomes
}

/// Commands of every kind have the outcomes that they would have one by one, whether they are taken back or not.
pub async fn commands_have_the_outcomes_of_single_calls(users: Users) {
    let (oracle, mut dice) = (MemoryStore::default(), Dice::new(17));
    for (round, length) in [1, 2, 3, 30, 1, 60, 7, 40, 20].into_iter().enumerate() {
        check_against_memory(&users, &oracle, &mut dice, round, length).await;
    }
}

/// So do 300 of them in one transaction.
pub async fn many_commands_are_carried_out_in_order(users: Users) {
    check_against_memory(&users, &MemoryStore::default(), &mut Dice::new(19), 0, 300).await;
}

async fn check_against_memory(
    users: &Users,
    oracle: &MemoryStore,
    dice: &mut Dice,
    round: usize,
    length: usize,
) {
    let ids: Vec<_> = (0..12).map(|number| user_id(&format!("u{number}"))).collect();
    let before = all_of(oracle, &ids).await;
    let now = noon() + TimeDelta::seconds(i64::try_from(round).unwrap());
    let (mut commands, mut expected) = (Vec::new(), Vec::new());
    for _ in 0..length {
        let id = &dice.pick(&ids);
        let current = users_ports::Users::find(oracle, id).await.unwrap();
        let command = any_command(dice, "", id, current, now);
        commands.push(command.clone());
        expected.push(carry_out(oracle, command, now).await);
    }
    let tried = users.transact_at(commands.clone(), Ending::RollBack, now).await.unwrap();
    assert_eq!(tried.outcomes, expected, "round {round}, taken back");
    assert_eq!(all_of(&**users, &ids).await, before, "round {round}, taken back");
    let ending = Ending::Once(request(&round.to_string(), 1));
    let done = users.transact_at(commands, ending, now).await.unwrap();
    assert_eq!(done.outcomes, expected, "round {round}");
    assert_eq!(all_of(&**users, &ids).await, all_of(oracle, &ids).await, "round {round}");
    if length == 300 {
        let done = expected.iter().filter(|outcome| outcome.is_ok()).count();
        assert!((60..240).contains(&done), "{done} of 300 were carried out");
    }
}

async fn all_of(users: &dyn UserStore, ids: &[UserId]) -> Vec<Option<User>> {
    let mut all = Vec::new();
    for id in ids {
        all.push(users.find(id).await.unwrap());
    }
    all
}

/// No commands have no outcomes, and do nothing.
pub async fn no_commands_have_no_outcomes(users: Users) {
    assert!(try_out(&users, Vec::new()).await.is_empty());
    assert!(carry_out_once(&users, "none", Vec::new()).await.is_empty());
    // Nothing was refused, but nothing was done either that could be kept.
    assert_eq!(users.recall(&request("none", 1), noon()).await, Ok(None));
}

/// Every command sees what those before it did: one user is made, changed, deleted and made anew in one transaction.
pub async fn a_command_sees_those_before_it(users: Users) {
    let ada = named_user("ada", "Ada");
    let mut changed = ada.clone();
    changed.apply(bio_update("x"), &Precondition::Exists, noon()).unwrap();
    let anew = User::create(ada.id().clone(), ada.profile().clone(), noon() + TimeDelta::microseconds(5));
    let right = Precondition::VersionIn(vec![changed.version()]);
    let first = || Precondition::VersionIn(vec![ada.version()]);
    let refused = Rejection::PreconditionFailed { current: changed.version() };
    let steps = [
        (update("ada", bio_update("x")), Err(Rejection::NotFound)),
        (create(&ada), Ok(ada.clone())),
        (create(&ada), Err(Rejection::IdTaken)),
        (create(&named_user("other", "ADA")), Err(Rejection::UsernameTaken)),
        (update_if("ada", bio_update("x"), first()), Ok(changed.clone())),
        (update("ada", bio_update("x")), Ok(changed.clone())),
        (update_if("ada", bio_update("y"), first()), Err(refused.clone())),
        (delete_if("ada", first()), Err(refused)),
        (delete_if("ada", right), Ok(changed.clone())),
        (delete("ada"), Err(Rejection::NotFound)),
        (create(&named_user("other", "ADA")), Ok(named_user("other", "ADA"))),
        (create(&anew), Err(Rejection::UsernameTaken)),
        (delete("other"), Ok(named_user("other", "ADA"))),
        (create(&anew), Ok(anew.clone())),
    ];
    let (commands, expected): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    assert_eq!(try_out(&users, commands.clone()).await, expected);
    assert_eq!(users.count(&UserFilter::default()).await, Ok(0));
    assert_eq!(carry_out_once(&users, "key", commands).await, expected);
    assert_eq!(users.list(&UserQuery::default()).await.unwrap().users, [anew]);
}

/// Usernames are given up, swapped and taken by the next command.
pub async fn usernames_change_hands_within_a_transaction(users: Users) {
    for user in [named_user("a", "one"), named_user("b", "two"), minimal_user("c")] {
        users.create(user).await.unwrap();
    }
    let cleared = UserUpdate { username: Change::Clear, ..UserUpdate::default() };
    let steps = [
        (update("a", username_update("TWO")), Err(Rejection::UsernameTaken)),
        (update("a", cleared), Ok(())),
        (update("b", username_update("One")), Ok(())),
        (update("a", username_update("TWO")), Ok(())),
        (update("c", username_update("two")), Err(Rejection::UsernameTaken)),
        (delete("a"), Ok(())),
        (update("c", username_update("two")), Ok(())),
    ];
    let (commands, expected): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    let refusals = |outcomes: Vec<CommandOutcome>| {
        outcomes.into_iter().map(|outcome| outcome.map(|_| ())).collect::<Vec<_>>()
    };
    assert_eq!(refusals(try_out(&users, commands.clone()).await), expected);
    assert_eq!(refusals(carry_out_once(&users, "key", commands).await), expected);
    for (id, name) in [("b", "One"), ("c", "two")] {
        let kept = users.find(&user_id(id)).await.unwrap().unwrap();
        assert_eq!(kept.profile().username.as_ref().map(Username::as_str), Some(name));
    }
    let again = users.create(named_user("d", "TWO")).await;
    assert_eq!(again, Err(WriteError::Rejected(Rejection::UsernameTaken)));
}

/// Commands that are refused for any reason keep none of those around them from being carried out.
pub async fn a_refused_command_keeps_no_other_from_being_carried_out(users: Users) {
    let (ada, holder) = (minimal_user("ada"), named_user("holder", "Taken"));
    for user in [&ada, &holder] {
        users.create(user.clone()).await.unwrap();
    }
    let (mut commands, mut expected, mut current) = (Vec::new(), Vec::new(), ada.clone());
    for number in 0..40 {
        let stale = || Precondition::VersionIn(vec![]);
        let refused = Rejection::PreconditionFailed { current: current.version() };
        let (command, refusal) = match number % 8 {
            0 => (create(&full_user("ada")), Rejection::IdTaken),
            1 => (create(&named_user(&format!("new{number}"), "tAKEN")), Rejection::UsernameTaken),
            2 => (update("nobody", bio_update("x")), Rejection::NotFound),
            3 => (update_if("ada", bio_update("x"), stale()), refused),
            4 => (update("ada", username_update("TAKEN")), Rejection::UsernameTaken),
            5 => (delete("nobody"), Rejection::NotFound),
            6 => (delete_if("ada", stale()), refused),
            _ => (update_if("ada", username_update("taken"), stale()), refused),
        };
        commands.push(command);
        expected.push(Err(refusal));
        let good = bio_update(&number.to_string());
        current.apply(good.clone(), &Precondition::Exists, noon()).unwrap();
        commands.push(update("ada", good));
        expected.push(Ok(current.clone()));
    }
    assert_eq!(try_out(&users, commands.clone()).await, expected);
    assert_eq!(users.find(ada.id()).await, Ok(Some(ada)));
    assert_eq!(carry_out_once(&users, "key", commands).await, expected);
    assert_eq!(users.find(current.id()).await, Ok(Some(current)));
    assert_eq!(users.count(&UserFilter::default()).await, Ok(2));
}

/// What is taken back has changed nothing: no user, no version, no username, no list, no search.
pub async fn what_is_taken_back_has_changed_nothing(users: Users) {
    let (ada, bare) = (full_user("ada"), minimal_user("bare"));
    for user in [&ada, &bare] {
        users.create(user.clone()).await.unwrap();
    }
    let commands = vec![
        update("ada", update_to(&other_profile())),
        create(&named_user("new", "Ada")),
        delete("bare"),
        create(&minimal_user("newer")),
        update("newer", username_update("fresh")),
    ];
    for _ in 0..3 {
        let outcomes = try_out(&users, commands.clone()).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let everybody = users.list(&UserQuery::default()).await.unwrap().users;
        assert_eq!(everybody, [ada.clone(), bare.clone()]);
        assert_eq!(users.count(&UserFilter::default()).await, Ok(2));
        for prefix in ["grace", "hopper", "fresh"] {
            assert_eq!(users.search(&search_for(prefix, 9)).await, Ok(SearchPage::default()), "{prefix}");
        }
        let page = SearchPage { users: vec![ada.clone()], next: None };
        assert_eq!(users.search(&search_for("love", 9)).await, Ok(page));
    }
    // The versions that were taken back are made again by what is not.
    let after = users.update(ada.id(), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
    assert_eq!(after.version(), ada.version().next());
    users.create(named_user("new", "fresh")).await.unwrap();
    users.create(named_user("newer", "grace.h")).await.unwrap();
    users.delete(bare.id(), Precondition::VersionIn(vec![bare.version()]), noon()).await.unwrap();
}

/// A transaction whose commands are all refused changes nothing, under an idempotency record too.
pub async fn a_transaction_of_refused_commands_changes_nothing(users: Users) {
    let ada = full_user("ada");
    users.create(ada.clone()).await.unwrap();
    let never = || Precondition::VersionIn(vec![Version::from_stored(0)]);
    let stale = Err(Rejection::PreconditionFailed { current: ada.version() });
    let commands = vec![update_if("ada", bio_update("x"), never()), delete_if("ada", never())];
    assert_eq!(try_out(&users, commands.clone()).await, [stale.clone(), stale.clone()]);
    assert_eq!(carry_out_once(&users, "key", commands).await, [stale.clone(), stale]);
    assert_eq!(users.find(ada.id()).await, Ok(Some(ada)));
}

/// A change is made as of the transaction's instant, to the microsecond, and never back in time.
pub async fn a_transaction_changes_as_of_its_instant(users: Users) {
    let created = User::create(user_id("ada"), Profile::default(), noon());
    users.create(created.clone()).await.unwrap();
    let later = noon() + TimeDelta::nanoseconds(1_999);
    let earlier = noon() - TimeDelta::hours(1);
    for (key, now, expected) in [("a", later, later.trunc_subsecs(6)), ("b", earlier, later.trunc_subsecs(6))]
    {
        for ending in [Ending::RollBack, Ending::Once(request(key, 1))] {
            let commands = vec![update("ada", bio_update(key))];
            let transacted = users.transact_at(commands, ending, now).await.unwrap();
            let after = transacted.outcomes.into_iter().next().unwrap().unwrap();
            assert_eq!(after.modified_at(), expected, "{key}");
        }
        assert_eq!(users.find(created.id()).await.unwrap().unwrap().modified_at(), expected, "{key}");
    }
}
