use users_tests::{Database, Service, on_both_databases};

fn an_unknown_user_is_not_created(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    assert_eq!(client.put("/v1/users/nobody", r#"{"title":"x"}"#).status, 404);
    assert_eq!(client.get("/v1/users/nobody").status, 404);
}

on_both_databases!(an_unknown_user_is_not_created);
