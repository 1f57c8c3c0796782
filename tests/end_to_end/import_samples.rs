//! Files as other systems write them are loaded by the commands of `docs/import.md`.

use std::fs;

use serde_json::{Value, json};
use users_tests::{Database, TestDatabase, users};

/// Imports a CSV file with this text, with these names of columns, and gives the users.
fn loaded(text: &str, names: &[&str]) -> Vec<Value> {
    loaded_from("users.csv", text.as_bytes(), names)
}

fn loaded_from(file: &str, content: &[u8], names: &[&str]) -> Vec<Value> {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    fs::write(database.folder().join(file), content).unwrap();
    fs::write(database.folder().join("map"), names.join("\n")).unwrap();
    let outcome = users(&database, &format!("import {file} --ignore-unknown --map-file map"), &[]);
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
}

#[test]
fn auth0() {
    let text = r#"{"user_id":"auth0|5f7c8ec7c33c6c004bbafe82","email":"ada@example.org","given_name":"Ada","picture":"/a.png","logins_count":3,"user_metadata":{"phone":"+44 20 7946 0018","theme":"dark"}}
{"user_id":"google-oauth2|1","name":"Grace","identities":[{"provider":"google-oauth2"}]}
"#;
    let names = ["user_id=id", "given_name=firstName", "picture=avatar", "/user_metadata/phone=phone"];
    let found = loaded_from("auth0.ndjson", text.as_bytes(), &names);
    assert_eq!(
        members(&found[0], &["id", "email", "firstName", "avatar", "phone"]),
        json!({
            "id": "auth0|5f7c8ec7c33c6c004bbafe82", "email": "ada@example.org", "firstName": "Ada", "avatar": "/a.png",
            "phone": "+44 20 7946 0018"
        })
    );
    assert_eq!(found[1]["id"], "google-oauth2|1");
}

#[test]
fn okta_by_its_api() {
    let text = r#"[
      {"id": "00ub0oNGTSWTBKOLGLNR", "status": "ACTIVE", "profile": {"login": "ada@example.org", "firstName": "Ada"}},
      {"id": "00u1", "status": "SUSPENDED", "profile": {"login": "bob@example.org", "mobilePhone": null}, "_links": {}}
    ]"#;
    let names = [
        "status=active",
        "/profile/login=username",
        "/profile/firstName=firstName",
        "/profile/mobilePhone=phone",
    ];
    let found = loaded_from("okta.json", text.as_bytes(), &names);
    assert_eq!(members(&found[1], &["id", "active"]), json!({"id": "00ub0oNGTSWTBKOLGLNR", "active": true}));
    assert_eq!(
        members(&found[0], &["id", "active", "username"]),
        json!({"id": "00u1", "active": false, "username": "bob@example.org"})
    );
}

#[test]
fn a_file_that_is_compressed() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, b"[{\"id\":\"a\"},{\"id\":\"b\"}]").unwrap();
    let whole = gzip.finish().unwrap();
    assert_eq!(loaded_from("users.json.gz", &whole, &[]).len(), 2);

    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    fs::write(database.folder().join("users.json.gz"), &whole[..whole.len() - 4]).unwrap();
    let outcome = users(&database, "import users.json.gz", &[]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains("cannot read the file any further"), "{outcome:?}");
}

/// What a spreadsheet does: it reads all cells as texts, and writes them again with its own quotation marks.
#[test]
fn a_sheet_that_was_exported_edited_and_saved() {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    let before = r#"{"id":"007","firstName":"Vero","bio":"=1+1","title":"","phone":"+44 20 7946 0018","birthday":"1915-12-10"}
{"id":"b","firstName":"Ada","bio":"'x'","active":false}
"#;
    fs::write(database.folder().join("before.ndjson"), before).unwrap();
    users(&database, "import before.ndjson", &[]).success();
    let exported = users(&database, "export -", &[]).success();
    users(&database, "export people.csv --spreadsheet", &[]).success();

    let sheet = fs::read_to_string(database.folder().join("people.csv")).unwrap();
    assert!(sheet.starts_with("\u{feff}'id,active,'avatar,"), "{sheet}");
    let mut reader = csv::Reader::from_reader(sheet.trim_start_matches('\u{feff}').as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let cells = record.iter().map(|cell| match cell {
            "true" | "false" => cell.to_uppercase(),
            cell => cell.to_owned(),
        });
        writer.write_record(cells).unwrap();
    }
    fs::write(database.folder().join("saved.csv"), writer.into_inner().unwrap()).unwrap();
    let told = users(&database, "import saved.csv --upsert", &[]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(users(&database, "export -", &[]).success(), exported);
}

#[test]
fn a_dry_run_tells_what_would_happen() {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    fs::write(database.folder().join("users.csv"), "id,email\na,a@example.org\nb,nobody\n").unwrap();
    let outcome = users(&database, "import users.csv --dry-run", &[]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let told = "Nothing was written. Checked 1 users in";
    assert!(
        outcome.stderr.contains(told) && outcome.stderr.contains("1 created, 0 updated; 1 rejected"),
        "{outcome:?}"
    );
    assert_eq!(users(&database, "export -", &[]).success(), "");
}
