use std::fmt::{self, Display, Write};

use tracing::field::Empty;
use tracing::{Span, info_span};

/// The target of the spans that tell what a traced request waits for. Nothing is made of them where nobody listens to it,
/// or where the request is not traced.
pub const TRACE_TARGET: &str = "users_trace";

/// The wait of one job of a request that is traced.
pub(crate) struct Wait {
    request: Span,
    queued: Span,
}

impl Wait {
    /// Begins where the current request is traced, and ends when it is dropped.
    pub(crate) fn begin(queue: &'static str) -> Option<Box<Self>> {
        let queued = info_span!(target: TRACE_TARGET, "wait", queue.name = queue);
        (!queued.is_disabled()).then(|| Box::new(Self { request: Span::current(), queued }))
    }
}

/// The span of a batch of `size` jobs, from the waits of those that are traced; they end with it.
///
/// A span has one parent, which is the first request. Those of the others are linked with it in both directions, so that
/// each trace leads to the statements that served it.
pub(crate) fn batch(queue: &'static str, size: usize, mut waits: impl Iterator<Item = Box<Wait>>) -> Span {
    let Some(first) = waits.next() else { return Span::none() };
    let batch = first.request.in_scope(
        || info_span!(target: TRACE_TARGET, "batch", queue.name = queue, db.operation.batch.size = Empty),
    );
    // The semantic conventions want it for two and more.
    if size > 1 {
        batch.record("db.operation.batch.size", size);
    }
    for other in waits {
        batch.follows_from(&other.request);
        other.queued.follows_from(&batch);
    }
    batch
}

/// The span of a statement, named after what it does, in a database of the kind `system`; it ends when it is dropped.
///
/// Of the statement's text the first word is told and nothing else: what follows may hold what people wrote.
pub fn statement_span(system: &'static str, statement: &(impl Display + ?Sized)) -> Span {
    let span = info_span!(
        target: TRACE_TARGET,
        "statement",
        otel.name = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
        db.system.name = system,
        db.operation.name = Empty,
    );
    if !span.is_disabled() {
        let operation = first_word(statement);
        span.record("otel.name", operation.as_str()).record("db.operation.name", operation.as_str());
    }
    span
}

/// The first word of a text, of which no more is written than that.
fn first_word(text: &(impl Display + ?Sized)) -> String {
    let mut word = FirstWord(String::new());
    // It fails once there is a word, so that the rest is not written.
    let _ = write!(word, "{text}");
    word.0
}

struct FirstWord(String);

impl Write for FirstWord {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                letter if letter.is_ascii_alphabetic() && self.0.len() < 16 => self.0.push(letter),
                _ if self.0.is_empty() => {}
                _ => return Err(fmt::Error),
            }
        }
        Ok(())
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::first_word;

    #[test]
    fn no_more_than_the_first_word_is_told() {
        for (text, word) in [
            ("UPDATE users SET bio = 'x'", "UPDATE"),
            ("  BEGIN", "BEGIN"),
            ("SELECT", "SELECT"),
            ("", ""),
            ("(SELECT 1)", "SELECT"),
        ] {
            assert_eq!(first_word(text), word);
        }
    }
}
