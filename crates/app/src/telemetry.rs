use std::io::{self, IsTerminal as _};

use tracing::Subscriber;
use tracing::subscriber::set_global_default;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, registry};
use users_http::TRACE_TARGET;

use crate::failure::Failure;
use crate::log_writer::{LogWriter, LogWriterGuard};
use crate::traces::{TraceArgs, Traces};

/// Keeps the log and the traces going; what is still waiting to be written or sent is so when it is dropped.
#[must_use]
pub struct Telemetry {
    /// Where requests are traced. Dropped first: what goes wrong then is logged.
    pub traces: Option<Traces>,
    _writer: LogWriterGuard,
}

/// Starts the log on standard error: for people on a terminal, one JSON object a line otherwise.
///
/// A thread of its own writes, many lines at once, so that no request waits for the reader of the log. No line is dropped
/// while the process lives: when a mebibyte is waiting, whoever logs waits.
///
/// Where `traces` names a collector, spans are sent there; they are never logged.
pub fn start(level: &str, traces: Option<&TraceArgs>) -> Result<Telemetry, Failure> {
    let filter = parse_level(level)?;
    let traces = traces.map(Traces::start).transpose()?.flatten();
    let stderr = io::stderr();
    let for_people = stderr.is_terminal();
    let failed = |source| Failure::System { doing: "cannot start the log", source };
    let (writer, guard) = LogWriter::start(stderr).map_err(failed)?;
    let installed = match (&traces, for_people) {
        (None, true) => set_global_default(registry().with(filter).with(fmt::layer().with_writer(writer))),
        (None, false) => set_global_default(registry().with(filter).with(json(writer))),
        (Some(traces), true) => set_global_default(
            registry().with(traces.layer()).with(fmt::layer().with_writer(writer).with_filter(filter)),
        ),
        (Some(traces), false) => {
            set_global_default(registry().with(traces.layer()).with(json(writer).with_filter(filter)))
        }
    };
    installed.map_err(|error| failed(io::Error::other(error)))?;
    Ok(Telemetry { traces, _writer: guard })
}

/// One JSON object a line: `timestamp` (RFC 3339, UTC), `level`, `target`, `message`, the event's fields, and those of the
/// innermost span under `span`.
fn json<S, W>(writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(writer)
}

/// The crate that reads requests, and tells of those that it cannot read as errors.
const FRAMEWORK: &str = "actix_http";

/// Reads `LEVEL` or `LEVEL,MODULE=LEVEL,…`, for everything but the spans of traces.
///
/// `Targets` alone would take a misspelt level for the name of a module, and then log nothing.
fn parse_level(text: &str) -> Result<Targets, Failure> {
    // An empty level would be read as "error".
    let level_is_bad = |level: &str| level.is_empty() || level.parse::<LevelFilter>().is_err();
    let is_bad = |part: &str| level_is_bad(part.split_once('=').map_or(part, |(_, level)| level));
    let refused = || {
        Failure::Settings(format!(
            "USERS_LOG (--log) must be error, warn, info, debug, trace or off, also by module such as \
             info,users_http=debug, not \"{}\"",
            text.escape_debug()
        ))
    };
    if text.split(',').any(is_bad) {
        return Err(refused());
    }
    let targets: Targets = text.parse().map_err(|_| refused())?;
    // What strangers send that is no HTTP is told of in the line of its request, and is no error of the service.
    let targets =
        if text.contains(FRAMEWORK) { targets } else { targets.with_target(FRAMEWORK, LevelFilter::OFF) };
    Ok(targets.with_target(TRACE_TARGET, LevelFilter::OFF))
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use rstest::rstest;
    use tracing_subscriber::filter::LevelFilter;

    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::registry;
    use users_http::TRACE_TARGET;

    use super::{json, parse_level};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_json_object_a_line() {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = registry().with(parse_level("info").unwrap()).with(json(move || writer.clone()));
        tracing::subscriber::with_default(log, || {
            let _span = tracing::info_span!("request", request_id = "r-1").entered();
            tracing::info!(user.id = "ada", duration_ms = 3, "user\nupdated");
            tracing::debug!("not shown");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "user\nupdated");
        assert_eq!(line["user.id"], "ada");
        assert_eq!(line["duration_ms"], 3);
        assert_eq!(line["span"]["request_id"], "r-1");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn a_level_may_be_set_by_module() {
        let targets = parse_level("warn,users_http=debug").unwrap();
        assert_eq!(targets.default_level(), Some(LevelFilter::WARN));
        assert!(targets.would_enable("users_http::problem", &tracing::Level::DEBUG));
        assert!(!targets.would_enable("users_app", &tracing::Level::INFO));
    }

    #[test]
    fn what_strangers_send_is_no_error_unless_it_is_asked_for() {
        let error = &tracing::Level::ERROR;
        assert!(!parse_level("trace").unwrap().would_enable("actix_http::h1::dispatcher", error));
        assert!(
            parse_level("info,actix_http=warn").unwrap().would_enable("actix_http::h1::dispatcher", error)
        );
    }

    #[test]
    fn the_spans_of_traces_are_not_for_the_log() {
        for level in ["trace", "users_trace=trace", "off,users_trace=info"] {
            assert!(
                !parse_level(level).unwrap().would_enable(TRACE_TARGET, &tracing::Level::ERROR),
                "{level}"
            );
        }
    }

    #[rstest]
    #[case("")]
    #[case("loud")]
    #[case("info,loud")]
    #[case("users_http=loud")]
    #[case("users_http=")]
    fn what_is_no_level_is_refused(#[case] text: &str) {
        let sentence = parse_level(text).unwrap_err().to_string();
        assert!(sentence.starts_with("USERS_LOG (--log) must be error, warn, info"), "{sentence}");
    }
}
