//! Who may do what: every role, operation, target and member, each cell against an oracle.

mod cells;
mod oracle;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use users_domain::{Member, Precondition, SelfEditable, User, UserQuery};
use users_http::{openapi_json, write_user};
use users_ports::{Directory, Grant, Scope, Scopes, TokenRecord, TokenRepository};
use users_testkit::UserStore;
use users_testkit::{MemoryStore, full_user, minimal_user, noon, token_record, user_id};
use users_use_cases::Token;

use self::cells::{Format, Operation, Role, Target, Value, new_value, operations};
use self::oracle::{Expected, of_member, of_operation};
use crate::support::{Answer, Parts, Wire, secret_token, token};

/// A server with a token for each role, and the store behind it.
struct Matrix {
    wire: Wire,
    store: Arc<MemoryStore>,
    users: Vec<User>,
    cells: usize,
}

/// What a call to the store in memory answers, which is there at once.
fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().unwrap()
}

impl Matrix {
    fn start() -> Self {
        // Two stores: a user that is deleted and made anew must not take its tokens along.
        let (store, tokens_of_all) = (Arc::new(MemoryStore::default()), Arc::new(MemoryStore::default()));
        for user in [full_user("ada"), minimal_user("bob")] {
            now(UserStore::create(&*store, user)).unwrap();
        }
        let parts = Parts { request_timeout: Duration::from_secs(20), ..Parts::of(&store) };
        let wire = Wire::start_with(Arc::clone(&tokens_of_all), parts);
        let scopes = |id: &str, scopes: Scopes| TokenRecord { grant: scopes.into(), ..record(id) };
        let own = |id: &str, may_set: &str| {
            let may_set = if may_set.is_empty() { SelfEditable::default() } else { may_set.parse().unwrap() };
            let grant = Grant::SelfService { user: user_id("ada"), may_set };
            TokenRecord { grant, ..record(id) }
        };
        let every_one: Vec<_> = Member::ALL.into_iter().skip(2).map(Member::name).collect();
        let tokens = [
            scopes("bare", Scopes::default()),
            scopes("delete", Scopes::from_iter([Scope::Delete])),
            own("own", ""),
            own("narrow", "avatar,bio"),
            own("wide", &every_one.join(",")),
            TokenRecord { expires_at: Some(noon()), ..own("expiredown", "") },
            TokenRecord { revoked_at: Some(noon()), ..own("revokedown", "") },
        ];
        for token in tokens {
            now(TokenRepository::create(&*tokens_of_all, token)).unwrap();
        }
        let users = users(&store);
        Self { wire, store, users, cells: 0 }
    }

    /// Sends a request as `role`, and holds answer and effect against what is expected.
    fn check(
        &mut self,
        role: Role,
        request_line: &str,
        content_type: &str,
        body: &str,
        expected: &Expected,
    ) -> Answer {
        self.cells += 1;
        let headers = format!("{}{}", authorization(role), content_type_line(content_type));
        let answer = self.wire.send_as(request_line, &headers, body);
        let after = users(&self.store);
        let refused = answer.status >= 400 && !request_line.starts_with("HEAD");
        let seen = Expected {
            status: answer.status,
            code: if answer.status >= 400 { expected.code } else { "" },
            errors: if answer.status == 403 && refused { answer.errors() } else { Vec::new() },
            effect: after != self.users,
        };
        assert_eq!(seen, *expected, "{role:?}: {request_line} {body}\n{answer:?}");
        if refused {
            assert_eq!(answer.code(), expected.code, "{role:?}: {request_line} {body}");
        }
        self.reset(&after);
        answer
    }

    /// Makes the users again what they were at first.
    fn reset(&mut self, after: &[User]) {
        if after == self.users {
            return;
        }
        for user in after {
            now(self.store.delete(user.id(), Precondition::Exists, noon())).unwrap();
        }
        for user in [full_user("ada"), minimal_user("bob")] {
            now(UserStore::create(&*self.store, user)).unwrap();
        }
        self.users = users(&self.store);
    }

    fn operations(&mut self, role: Role) {
        for operation in operations() {
            for target in Target::ALL {
                let Operation { method, path, query, content_type, body, .. } = operation;
                let [path, body] = [path, body].map(|text| text.replace("{id}", target.id()));
                let expected = of_operation(role, &operation, target);
                self.check(role, &format!("{method} {path}{query}"), content_type, &body, &expected);
            }
        }
    }

    fn members(&mut self, role: Role, target: Target, member: Member) {
        let present = present_value(&self.users, target, member);
        for format in Format::ALL {
            for value in Value::ALL {
                let json = match value {
                    Value::New => new_value(member),
                    Value::Present => &present,
                    Value::Null => "null",
                };
                let (method, content_type, body) = match format {
                    Format::Put => ("PUT", "application/json", format!(r#"{{"{member}":{json}}}"#)),
                    Format::MergePatch => {
                        ("PATCH", "application/merge-patch+json", format!(r#"{{"{member}":{json}}}"#))
                    }
                    Format::JsonPatch => (
                        "PATCH",
                        "application/json-patch+json",
                        format!(r#"[{{"op":"replace","path":"/{member}","value":{json}}}]"#),
                    ),
                };
                for (dry_run, query) in [(false, ""), (true, "?dry_run=true")] {
                    let expected = of_member(role, target, member, (format, value), dry_run);
                    let request_line = format!("{method} /v1/users/{}{query}", target.id());
                    let before = document(&self.users, target.id());
                    let answer = self.check(role, &request_line, content_type, &body, &expected);
                    if answer.status == 200 {
                        // That member is what was sent, and all else as it was.
                        let mut before = before.unwrap();
                        before[member.name()] = serde_json::from_str(json).unwrap();
                        assert_eq!(answer.json(), before, "{role:?}: {request_line} {body}");
                    }
                }
            }
        }
    }
}

fn record(id: &str) -> TokenRecord {
    TokenRecord { secret_hash: secret_token(id).secret_hash(), ..token_record(id) }
}

fn users(store: &MemoryStore) -> Vec<User> {
    now(Directory::list(store, &UserQuery::default())).unwrap().users
}

fn authorization(role: Role) -> String {
    let shown = match role {
        Role::Nobody => return String::new(),
        Role::Garbage => "garbage".to_owned(),
        Role::Unknown => token("nobody"),
        Role::Forged => Token::new("all".to_owned(), [8; 32]).reveal(),
        Role::Expired => token("expired"),
        Role::Revoked => token("revoked"),
        Role::ExpiredOwn => token("expiredown"),
        Role::RevokedOwn => token("revokedown"),
        Role::Bare => token("bare"),
        Role::Read => token("read"),
        Role::Write => token("write"),
        Role::Delete => token("delete"),
        Role::All => token("all"),
        Role::Own => token("own"),
        Role::OwnNarrow => token("narrow"),
        Role::OwnWide => token("wide"),
    };
    format!("authorization: Token {shown}\r\n")
}

fn content_type_line(content_type: &str) -> String {
    if content_type.is_empty() { String::new() } else { format!("content-type: {content_type}\r\n") }
}

/// The user with this id as it is answered, if there is one.
fn document(users: &[User], id: &str) -> Option<serde_json::Value> {
    let user = users.iter().find(|user| user.id().as_str() == id)?;
    Some(serde_json::from_slice(&write_user(user, false).unwrap()).unwrap())
}

/// What the member is, as JSON; of somebody who is not there, what it is of `ada`.
fn present_value(users: &[User], target: Target, member: Member) -> String {
    let document = document(users, target.id()).or_else(|| document(users, "ada")).unwrap();
    document[member.name()].to_string()
}

#[test]
fn every_cell_answers_as_the_documentation_says() {
    // A few servers at once: the cells of each are asked one after the other, since they see what the others leave.
    let lanes = 4;
    let cells: usize = thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes)
            .map(|lane| {
                scope.spawn(move || {
                    let mut matrix = Matrix::start();
                    for role in Role::ALL.into_iter().skip(lane).step_by(lanes) {
                        matrix.operations(role);
                        for target in Target::ALL {
                            for member in Member::ALL {
                                matrix.members(role, target, member);
                            }
                        }
                    }
                    matrix.cells
                })
            })
            .collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).sum()
    });
    let (roles, targets) = (Role::ALL.len(), Target::ALL.len());
    assert_eq!(cells, roles * targets * (operations().len() + 18 * 3 * 3 * 2));
    let _ = writeln!(std::io::stderr(), "authorization matrix: {cells} cells, all as expected");
}

#[test]
fn the_matrix_has_every_operation_that_is_documented() {
    let document: serde_json::Value = serde_json::from_str(&openapi_json()).unwrap();
    let documented: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().filter(|name| *name != "parameters");
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let in_matrix: BTreeSet<_> = operations().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    let missing: Vec<_> = documented.difference(&in_matrix).collect();
    assert!(missing.is_empty(), "the matrix does not have {missing:?}");
}
