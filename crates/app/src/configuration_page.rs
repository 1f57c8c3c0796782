//! Writes `docs/configuration.md` from the definitions of the command line, and holds the page against them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use crate::cli::Cli;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");

const OPENING: &str = "\
# Configuration

<!-- Generated from the definitions of the command line in crates/app/src by `make docs`. Do not edit. -->

Every setting is a flag or an environment variable; a flag wins. There is no settings file. A period is a whole number
and a unit: `ms`, `s`, `m`, `h` or `d`. A setting that cannot be used ends the start with one sentence that names it:
exit status 1 or 2 ([below](#exit-statuses)).

## Settings

| variable | flag | default | commands | meaning |
|---|---|---|---|---|
";

const CLOSING: &str = "
## The development token

`users serve --dev` makes a token that may do everything, and a sample user `ada`, and prints a request to paste. The
token is the same after a restart: it is kept in a file that only its owner can read (mode 0600), for SQLite beside the
database (`users.db` has `users.db.dev-token`), for PostgreSQL in the current directory (`users.dev-token`). Where the
token was revoked, the next start with `--dev` makes another one. To be rid of it, revoke it and delete the file. Nothing
of this happens without the flag.

## Logs

Logs go to standard error: readable lines with colours on a terminal (none where `NO_COLOR` is set), else one JSON object
a line. Standard output has a command's result alone.

## Exit statuses

| status | when |
|---|---|
| 0 | Done. `serve`: it was told to end by SIGTERM or SIGINT, and has finished what was under way within `USERS_SHUTDOWN_TIMEOUT`. |
| 1 | `serve`, `migrate`, `token` and `openapi`: a setting is out of its range, or the work could not be done; standard error has the reason. `import`: lines were refused. `user`: the change was refused, or there is no such user. |
| 2 | A flag or a variable cannot be read. `import`, `export` and `user`: a setting is out of its range, or the work could not be begun or not be brought to its end. |
| 130 | `import` and `export` were stopped by Ctrl-C or SIGTERM. |
";

/// A setting with the commands that take it.
struct Setting {
    argument: Arg,
    commands: Vec<String>,
}

fn page() -> String {
    let mut root = Cli::command();
    root.build();
    let mut settings = Vec::new();
    let mut flags = BTreeMap::new();
    collect(&root, "users", &mut settings, &mut flags);
    let mut page = OPENING.to_owned();
    for setting in &settings {
        write_row(&mut page, setting);
    }
    page.push_str("\n## Commands and their own flags\n");
    for (command, section) in flags {
        write!(page, "\n### `{command}`\n\n{section}").unwrap();
    }
    page + CLOSING
}

/// Walks through the commands: an argument with a variable is a setting, any other belongs to its command.
fn collect(command: &Command, name: &str, settings: &mut Vec<Setting>, flags: &mut BTreeMap<String, String>) {
    let mut section = format!("{}\n", command.get_about().map(ToString::to_string).unwrap_or_default());
    for argument in command.get_arguments().filter(|argument| !is_built_in(argument)) {
        if argument.get_env().is_some() {
            let known = settings.iter_mut().find(|setting| setting.argument.get_id() == argument.get_id());
            match known {
                Some(setting) => setting.commands.push(name.to_owned()),
                None => {
                    settings.push(Setting { argument: argument.clone(), commands: vec![name.to_owned()] });
                }
            }
        } else {
            write!(section, "\n- `{argument}`: {}", help(argument)).unwrap();
        }
    }
    if section.contains("\n- ") {
        section.push('\n');
    }
    if name != "users" {
        flags.insert(name.to_owned(), section);
    }
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        collect(subcommand, &format!("{name} {}", subcommand.get_name()), settings, flags);
    }
}

fn is_built_in(argument: &Arg) -> bool {
    matches!(argument.get_id().as_str(), "help" | "version")
}

fn write_row(page: &mut String, Setting { argument, commands }: &Setting) {
    let default = argument.get_default_values().first();
    let default = default.map_or("–".to_owned(), |value| format!("`{}`", value.display()));
    // A global setting is an argument of the root, and by that of every command.
    let commands = if commands.iter().any(|command| command == "users") {
        "all".to_owned()
    } else {
        commands
            .iter()
            .map(|command| format!("`{}`", command.trim_start_matches("users ")))
            .collect::<Vec<_>>()
            .join(", ")
    };
    writeln!(
        page,
        "| `{}` | `--{}` | {default} | {commands} | {} |",
        argument.get_env().unwrap().display(),
        argument.get_long().unwrap(),
        help(argument),
    )
    .unwrap();
}

/// The whole help of an argument on one line that a table can hold.
fn help(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help()).unwrap().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    // A flag without a value has words that its variable may be set to.
    let values =
        if argument.get_action().takes_values() { argument.get_possible_values() } else { Vec::new() };
    let values: Vec<_> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
    if values.is_empty() {
        help
    } else {
        format!("{}. One of {}", help.trim_end_matches('.'), values.join(", "))
    }
}

#[test]
fn the_page_is_in_step_with_the_definitions() {
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(committed == page, "docs/configuration.md is out of step: run `make docs`");
}

#[test]
fn every_setting_of_the_command_line_is_on_the_page() {
    let page = page();
    for variable in [
        "DATABASE_URL",
        "USERS_LISTEN",
        "USERS_RATE_LIMIT_TOKEN",
        "USERS_WORKERS",
        "USERS_LOG",
        "USERS_QUEUE_CAPACITY",
    ] {
        assert_eq!(page.matches(&format!("| `{variable}` |")).count(), 1, "{variable}");
    }
}
