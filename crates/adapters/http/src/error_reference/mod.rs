//! The reference of every error code: once as Markdown for the repository, once as the page that the service serves.

mod texts;

use std::fmt::Write as _;

use crate::problem::{ErrorCode, FieldError, ProblemBody};
use texts::{Text, text_of};

const INTRODUCTION: &str = "Every answer with a status from 400 up is a problem of RFC 9457, \
`application/problem+json`. `code` never changes its meaning; `detail`, repeated as `message`, is for people and may change. \
`type` leads to the entry below, `instance` is the path that was asked for, and `request_id`, also in the header \
`X-Request-Id`, finds the request in the log of whoever runs the service. `errors` is there where single places of the \
body can be named: `pointer` is a JSON pointer (RFC 6901) into the body, empty for the body as a whole. For list, count and \
search, `pointer` is the parameter's name behind a slash (`/limit`), whether it came in the query or in a JSON body.";

/// The reference as Markdown.
pub fn error_reference() -> String {
    let mut page = format!("# Errors\n\n{INTRODUCTION}\n\n| code | status | title |\n|---|---|---|\n");
    for code in ErrorCode::ALL {
        let (name, status) = (code.name(), code.status().as_u16());
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(page, "| [`{name}`](#{}) | {status} | {} |", name.to_lowercase(), code.title());
    }
    for code in ErrorCode::ALL {
        let Text { meaning, remedy, .. } = text_of(code);
        let (name, status) = (code.name(), code.status());
        let _ = write!(page, "\n## {name}\n\n**{status}.** {meaning}\n\n**What to do:** {remedy}\n");
        let _ = write!(page, "\n```json\n{}\n```\n", example(code));
    }
    page
}

/// The style of the page, by whose hash a browser knows it.
pub const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}\
                         pre{background:#f4f4f4;padding:1rem;overflow:auto}section:target{background:#fff8d6}";

/// The reference as a page that needs nothing but itself.
pub fn error_reference_page() -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Errors</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n\
         <p><a href=\"/docs\">All operations</a></p>\n<h1>Errors</h1>\n",
    );
    let _ = writeln!(page, "<p>{}</p>", html(INTRODUCTION));
    for code in ErrorCode::ALL {
        let Text { meaning, remedy, .. } = text_of(code);
        let (name, status) = (code.name(), code.status());
        let _ = write!(
            page,
            "<section id=\"{name}\">\n<h2>{name}</h2>\n<p><b>{status}.</b> {}</p>\n<p><b>What to do:</b> {}</p>\n\
             <pre>{}</pre>\n</section>\n",
            html(meaning),
            html(remedy),
            escape(&example(code)),
        );
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// A problem with this code as a client may get it, as indented JSON.
fn example(code: ErrorCode) -> String {
    let Text { detail, instance, errors, .. } = text_of(code);
    let errors: Vec<_> = errors
        .iter()
        .map(|(pointer, code, detail)| FieldError {
            pointer: (*pointer).to_owned(),
            code,
            detail: (*detail).to_owned(),
        })
        .collect();
    let body = ProblemBody::new(code, detail, instance, "4f1c9a2e-1b", &errors);
    serde_json::to_string_pretty(&body).unwrap_or_default()
}

/// Turns what Markdown the texts have, words between backticks, into HTML.
fn html(text: &str) -> String {
    let mut page = String::new();
    for (i, part) in escape(text).split('`').enumerate() {
        if i > 0 {
            page.push_str(if i % 2 == 1 { "<code>" } else { "</code>" });
        }
        page.push_str(part);
    }
    page
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{error_reference, error_reference_page};
    use crate::problem::ErrorCode;

    #[test]
    fn both_have_an_entry_for_every_code() {
        let (reference, page) = (error_reference(), error_reference_page());
        for code in ErrorCode::ALL {
            assert!(reference.contains(&format!("\n## {}\n", code.name())));
            assert!(page.contains(&format!("<section id=\"{}\">", code.name())));
        }
    }

    #[test]
    fn the_page_is_whole_html() {
        let page = error_reference_page();
        assert_eq!(page.matches("<code>").count(), page.matches("</code>").count());
        assert_eq!(page.matches("<section").count(), ErrorCode::ALL.len());
        assert!(!page.contains('`'));
    }
}
