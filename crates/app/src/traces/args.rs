use std::collections::HashMap;

use clap::Args;
use percent_encoding::percent_decode_str;

use super::sampling::{Sampler, Sampling};
use crate::failure::Failure;

/// Where traces go. The variables are those of the OpenTelemetry specification.
///
/// `Debug` is left out on purpose: the headers may hold a secret.
#[expect(clippy::doc_markdown, reason = "clap shows these texts as they are")]
#[derive(Args, Clone)]
#[command(next_help_heading = "Traces")]
pub struct TraceArgs {
    /// Where an OpenTelemetry collector takes traces by OTLP over HTTP, such as http://127.0.0.1:4318; /v1/traces is added to it
    /// [default: nothing is traced].
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,

    /// Headers that the collector wants: name=value, with commas between, and percent-encoded where need be.
    ///
    /// Prefer the environment to the flag if they hold a secret: every user of the machine can read the flags of a process.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_HEADERS", hide_env_values = true, value_name = "HEADERS")]
    pub otlp_headers: Option<String>,

    /// What the service is called in traces.
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "NAME", default_value = "users")]
    pub trace_service_name: String,

    /// Which requests are traced. With parentbased the caller decides where it sends traceparent, and the rest of the name over
    /// all others; so parentbased_always_off traces what callers trace, and nothing else.
    #[arg(
        long,
        env = "OTEL_TRACES_SAMPLER",
        value_name = "SAMPLER",
        default_value = "parentbased_always_on"
    )]
    pub trace_sampler: Sampler,

    /// The share of requests that traceidratio and parentbased_traceidratio trace: 0 to 1.
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", value_name = "RATIO", default_value = "1", value_parser = ratio)]
    pub trace_sampler_arg: f64,
}

impl TraceArgs {
    /// Where traces are sent; `None`: there are none.
    pub fn url(&self) -> Result<Option<String>, Failure> {
        // The specification takes an empty value for none.
        let Some(endpoint) = self.otlp_endpoint.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let address = ["http://", "https://"].iter().find_map(|scheme| endpoint.strip_prefix(scheme));
        if address.is_none_or(|address| address.is_empty() || address.contains(|c: char| c.is_whitespace())) {
            return Err(Failure::Settings(
                "OTEL_EXPORTER_OTLP_ENDPOINT (--otlp-endpoint) must be a URL that begins with http:// or https://"
                    .to_owned(),
            ));
        }
        Ok(Some(format!("{}/v1/traces", endpoint.trim_end_matches('/'))))
    }

    /// The headers that go with them; a failure does not repeat them.
    pub fn headers(&self) -> Result<HashMap<String, String>, Failure> {
        let refused = || {
            Failure::Settings(
                "OTEL_EXPORTER_OTLP_HEADERS (--otlp-headers) must be name=value, with commas between"
                    .to_owned(),
            )
        };
        let text = self.otlp_headers.as_deref().unwrap_or_default();
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let header = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            let is_name = |name: &str| {
                !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            };
            let sane = is_name(name.trim()) && !value.bytes().any(|byte| byte.is_ascii_control());
            sane.then(|| (name.trim().to_owned(), value.into_owned()))
        };
        pairs.map(|pair| header(pair).ok_or_else(refused)).collect()
    }

    /// Which requests are traced.
    pub const fn sampling(&self) -> Sampling {
        Sampling { sampler: self.trace_sampler, ratio: self.trace_sampler_arg }
    }
}

fn ratio(text: &str) -> Result<f64, &'static str> {
    let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or("must be a number from 0 to 1")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use rstest::rstest;

    use super::TraceArgs;
    use crate::cli::{Cli, Command};

    fn args(flags: &[&str]) -> Result<TraceArgs, clap::Error> {
        let line = ["users", "serve"].iter().chain(flags);
        Cli::try_parse_from(line).map(|cli| match cli.command {
            Command::Serve(args) => args.traces,
            _ => unreachable!("`serve` was asked for"),
        })
    }

    #[rstest]
    #[case(&[], None)]
    #[case(&["--otlp-endpoint", ""], None)]
    #[case(&["--otlp-endpoint", "http://127.0.0.1:4318"], Some("http://127.0.0.1:4318/v1/traces"))]
    #[case(&["--otlp-endpoint", "https://c.example/otlp/"], Some("https://c.example/otlp/v1/traces"))]
    fn traces_go_to_their_place_below_the_endpoint(#[case] flags: &[&str], #[case] url: Option<&str>) {
        assert_eq!(args(flags).unwrap().url().unwrap().as_deref(), url);
    }

    #[rstest]
    #[case("localhost:4318")]
    #[case("http://")]
    #[case("grpc://c:4317")]
    fn what_is_no_endpoint_is_refused(#[case] endpoint: &str) {
        let sentence = args(&["--otlp-endpoint", endpoint]).unwrap().url().unwrap_err().to_string();
        assert!(sentence.starts_with("OTEL_EXPORTER_OTLP_ENDPOINT (--otlp-endpoint) must be"), "{sentence}");
    }

    #[test]
    fn headers_are_read_as_the_specification_has_them_and_never_repeated() {
        let headers = args(&["--otlp-headers", "api-key=a%20b, x=1,"]).unwrap().headers().unwrap();
        assert_eq!(headers.get("api-key").map(String::as_str), Some("a b"));
        assert_eq!(headers.get("x").map(String::as_str), Some("1"));
        for wrong in ["hunter2", "=hunter2", "a b=hunter2", "a=hunter2%0a"] {
            let sentence = args(&["--otlp-headers", wrong]).unwrap().headers().unwrap_err().to_string();
            assert!(sentence.contains("--otlp-headers") && !sentence.contains("hunter2"), "{sentence}");
        }
    }

    #[rstest]
    #[case("--trace-sampler", "sometimes")]
    #[case("--trace-sampler-arg", "1.1")]
    #[case("--trace-sampler-arg", "NaN")]
    fn what_cannot_be_read_is_a_usage_error(#[case] flag: &str, #[case] value: &str) {
        assert_eq!(args(&[flag, value]).err().unwrap().exit_code(), 2);
    }
}
