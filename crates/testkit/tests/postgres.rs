//! The private PostgreSQL: what tests of the service rely on.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fs, io, path::Path};

use users_testkit::PrivatePostgres;

#[test]
fn every_database_is_new_and_empty() {
    let postgres = PrivatePostgres::shared();
    let (one, two) = (postgres.create_database(), postgres.create_database());
    assert_ne!(one, two);
    postgres.psql(&one, "CREATE TABLE kept (n int)");
    assert_eq!(postgres.psql(&one, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'"), "1");
    assert_eq!(postgres.psql(&two, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'"), "0");
    assert_eq!(
        postgres.psql(&two, "SHOW server_encoding; SHOW max_connections; SHOW fsync"),
        "UTF8\n500\noff"
    );
}

#[test]
fn what_is_committed_survives_a_restart_and_a_kill() {
    let postgres = PrivatePostgres::builder().durable(true).setting("application_name", "it's").start();
    let url = postgres.create_database();
    assert_eq!(postgres.psql(&url, "SHOW fsync"), "on");
    postgres.psql(&url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)");
    postgres.stop();
    assert_eq!(postgres.process_id(), None);
    postgres.start();
    postgres.psql(&url, "INSERT INTO kept VALUES (2)");
    postgres.kill();
    assert_eq!(postgres.process_id(), None);
    postgres.start();
    assert_eq!(postgres.psql(&url, "SELECT n FROM kept ORDER BY n"), "1\n2");
}

#[test]
fn a_frozen_server_answers_when_it_thaws() {
    let postgres = PrivatePostgres::builder().start();
    postgres.freeze();
    let psql = Command::new(postgres.programs().join("psql"))
        .args(["--no-psqlrc", "--tuples-only", "--command", "SELECT 42", &postgres.url("postgres")])
        .stdout(Stdio::piped())
        .spawn();
    let mut psql = psql.unwrap();
    sleep(Duration::from_millis(300));
    assert_eq!(psql.try_wait().unwrap(), None, "a frozen server answered");
    postgres.thaw();
    let answer = io::read_to_string(psql.stdout.take().unwrap()).unwrap();
    assert_eq!(answer.trim(), "42");
    assert!(psql.wait().unwrap().success());
}

#[test]
fn a_dropped_server_is_gone_with_its_folder() {
    let postgres = PrivatePostgres::builder().start();
    let folder = postgres.psql("postgres", "SHOW unix_socket_directories");
    let process = format!("/proc/{}", postgres.process_id().unwrap());
    assert!(Path::new(&process).exists() && Path::new(&folder).exists());
    postgres.freeze();
    drop(postgres);
    assert!(!Path::new(&process).exists() && !Path::new(&folder).exists());
}

/// The test process in [`a_killed_test_process_leaves_nothing_behind`]; by itself it does nothing.
#[test]
fn victim() {
    if let Some(file) = std::env::var_os("USERS_TESTKIT_VICTIM") {
        let postgres = PrivatePostgres::shared();
        let folder = postgres.psql("postgres", "SHOW unix_socket_directories");
        let process = postgres.process_id().unwrap();
        fs::write(file, format!("/proc/{process}\n{folder}\n")).unwrap();
        sleep(Duration::from_mins(1));
    }
}

#[test]
fn a_killed_test_process_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("victim");
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim"])
        .env("USERS_TESTKIT_VICTIM", &file)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let read = || fs::read_to_string(&file).ok().filter(|text| text.lines().count() == 2);
    let traces = wait_for(read);
    assert!(traces.lines().all(|path| Path::new(path).exists()));
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_for(|| traces.lines().all(|path| !Path::new(path).exists()).then_some(()));
}

/// Waits until there is a value: for 30 seconds at most.
fn wait_for<T>(mut get: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = get() {
            return value;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain");
        sleep(Duration::from_millis(20));
    }
}
