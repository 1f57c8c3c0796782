//! Files as other systems write them are loaded by the commands of `docs/import.md`.

use std::fs;

use serde_json::{Value, json};
use users_tests::{Database, TestDatabase, users};

/// Imports a file with this text, with these names of columns, and gives the users.
fn loaded(text: &str, names: &[&str]) -> Vec<Value> {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    fs::write(database.folder().join("users.csv"), text).unwrap();
    fs::write(database.folder().join("map"), names.join("\n")).unwrap();
    let outcome = users(&database, "import users.csv --ignore-unknown --map-file map", &[]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let exported = users(&database, "export -", &[]).success();
    exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Those members of a user.
fn members(user: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), user[*name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn a_sheet_that_was_saved_with_semicolons() {
    let text = "\u{feff}sep=;\r\nNr;First Name;Last Name;birthday\r\n1;Ada;Lovelace;1915-12-10\r\n;;;\r\n";
    let found = loaded(text, &["# names", "First Name=firstName", "Last Name=lastName"]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        members(&found[0], &["firstName", "lastName", "birthday"]),
        json!({"firstName": "Ada", "lastName": "Lovelace", "birthday": "1915-12-10"})
    );
}

#[test]
fn google_workspace() {
    let text = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path \
                [Required],Work Phone,Department\n\
                Ada,Lovelace,ada@example.org,****,/,+44 20 7946 0018,Engines\n";
    let found = loaded(
        text,
        &[
            "First Name [Required]=firstName",
            "Last Name [Required]=lastName",
            "Email Address [Required]=id",
            "Work Phone=phone",
            "Department=organization",
        ],
    );
    assert_eq!(
        members(&found[0], &["id", "firstName", "phone", "organization"]),
        json!({"id": "ada@example.org", "firstName": "Ada", "phone": "+44 20 7946 0018", "organization": "Engines"})
    );
}

#[test]
fn okta() {
    let text = "login,email,firstName,lastName,mobilePhone,countryCode,title,organization,status\n\
                ada@example.org,ada@example.org,Ada,Lovelace,+1 555 0100,GB,Countess,Engines,ACTIVE\n";
    let found = loaded(text, &["login=username", "email=email", "mobilePhone=phone", "countryCode=country"]);
    assert_eq!(
        members(&found[0], &["username", "email", "country", "title"]),
        json!({"username": "ada@example.org", "email": "ada@example.org", "country": "GB", "title": "Countess"})
    );
}

#[test]
fn microsoft_entra() {
    let text = "version:v1.0\nuserPrincipalName,givenName,surname,jobTitle,companyName,telephoneNumber,accountEnabled\n\
                ada@example.org,Ada,Lovelace,Countess,Engines,,True\n";
    let found = loaded(
        text,
        &[
            "userPrincipalName=username",
            "givenName=firstName",
            "surname=lastName",
            "jobTitle=title",
            "companyName=organization",
            "telephoneNumber=phone",
        ],
    );
    assert_eq!(
        members(&found[0], &["username", "lastName", "organization", "phone"]),
        json!({"username": "ada@example.org", "lastName": "Lovelace", "organization": "Engines", "phone": null})
    );
}

#[test]
fn a_column_that_is_not_there_is_told() {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    fs::write(database.folder().join("users.csv"), "id,Mail\na,b@example.org\n").unwrap();
    let told = users(&database, "import users.csv --map eMail=email", &[]).failure(2);
    assert!(told.contains("it has no column \"eMail\", which --map names"), "{told}");
    let told = users(&database, "import users.csv", &[]).failure(2);
    assert!(told.contains("--map \"COLUMN=MEMBER\" says which member a column holds"), "{told}");
    let told = users(&database, "import - --format ndjson --ignore-unknown", &[]).failure(2);
    assert!(told.contains("are for CSV"), "{told}");
}
