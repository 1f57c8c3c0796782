use clap::Args;
use users_http::AllowedOrigins;

/// What browsers let pages from elsewhere do with the service.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Browsers")]
pub struct BrowserArgs {
    /// The origins of pages that may use the service in a browser (CORS), with commas between, such as
    /// `https://app.example.org,http://localhost:5173`, or * for every one [default: none].
    ///
    /// An origin is a scheme, a host in lower case, and a port where it is not the scheme's own. Programs other than
    /// browsers do not care, and a page needs a token all the same.
    #[arg(long, env = "USERS_CORS_ORIGINS", value_name = "ORIGINS")]
    pub cors_origins: Option<AllowedOrigins>,
}
