use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Instant;

use actix_web::dev::Server;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::rt::{System, spawn};
use clap::CommandFactory as _;
use futures_util::future::{Either, select};
use tracing::{info, warn};
use users_http::{CertificateRenewal, RequestMetrics, Tls, metrics_server};
use users_ports::Clock as _;

use crate::cli::Cli;
use crate::config::{self, PoolerMode};
use crate::failure::Failure;
use crate::idempotency_sweep::{SWEEP_PAUSE, keep_sweeping};
use crate::listener::{Listener, bind, local_url};
use crate::process::SystemProcess;
use crate::schema::{FirstLook, SchemaTask};
use crate::serve_args::ServeArgs;
use crate::system::{SystemClock, SystemIds};
use crate::tls_args::RENEWAL_PAUSE;
use crate::traces::Traces;
use crate::wiring::{Store, http_settings};
use crate::{dev, open_files, output};

/// Serves until the process is told to stop, or until the database turns out to be one that this version cannot use.
pub fn run(args: &ServeArgs, traces: Option<&Traces>) -> Result<(), Failure> {
    open_files::raise_limit()?;
    let process = SystemProcess::new(SystemClock.now());
    config::check(&[&args.database, &args.pool, &args.http, &args.idempotency], &Cli::command())?;
    let url = args.database.url()?;
    let store = Store::open(&url, &args.database, &args.pool)?;
    let store = store.with_idempotency_limits(args.idempotency.limits());
    // Before the schema is touched: a second start by mistake must not migrate the database of the first.
    let listeners = Listeners::bind(args)?;
    let url_here = local_url(listeners.api.address, listeners.tls.is_some());
    let preparation = Preparation {
        store,
        // Through a pooler of transactions nothing can be migrated: whether the schema fits is all there is to see.
        schema: if args.no_migrate || args.database.db_pooler == PoolerMode::Transaction {
            SchemaTask::Inspect
        } else {
            SchemaTask::Migrate
        },
        dev: args.dev.then(|| DevMode { token_file: dev::token_file(&url), url: url_here }),
    };
    info!(version = env!("CARGO_PKG_VERSION"), database = %url, "starting");
    System::new().block_on(serve(listeners, process, args, traces, &preparation))?;
    info!("stopped");
    Ok(())
}

/// What the service listens on, and what it encrypts with where requests are served.
struct Listeners {
    api: Listener,
    metrics: Option<Listener>,
    tls: Option<(Tls, CertificateRenewal)>,
}

impl Listeners {
    fn bind(ServeArgs { http, tls, .. }: &ServeArgs) -> Result<Self, Failure> {
        let tls = tls.open()?;
        let api = bind(http.listen, "USERS_LISTEN (--listen)")?;
        let metrics =
            http.metrics_listen.map(|address| bind(address, "USERS_METRICS_LISTEN (--metrics-listen)"));
        Ok(Self { api, metrics: metrics.transpose()?, tls })
    }

    /// Says loudly that tokens and users can be read on their way. Whoever names proxies has something in front that
    /// clients may speak TLS to.
    fn warn_of_plain_http(&self, args: &ServeArgs) {
        let is_local = self.api.address.ip().to_canonical().is_loopback();
        if !is_local && self.tls.is_none() && args.rate_limits.trusted_proxies.is_none() {
            warn!(
                address = %self.api.address,
                "plain HTTP beyond this machine: tokens and users can be read on their way. Set USERS_TLS_CERT and \
                 USERS_TLS_KEY, or listen behind a proxy that speaks TLS and name it in USERS_TRUSTED_PROXIES"
            );
        }
    }
}

/// Answers requests from the first look at the database on, whether it is there or not.
async fn serve(
    listeners: Listeners,
    process: SystemProcess,
    args: &ServeArgs,
    traces: Option<&Traces>,
    preparation: &Preparation,
) -> Result<(), Failure> {
    listeners.warn_of_plain_http(args);
    let Listeners { api, metrics, tls } = listeners;
    let tls = if let Some((tls, renewal)) = tls {
        drop(spawn(renewal.keep_looking(RENEWAL_PAUSE)));
        Some(tls)
    } else {
        outlast_hangups()?;
        None
    };
    let ready = preparation.first_try().await?;
    let (started, requests) = (Instant::now(), RequestMetrics::default());
    let limits = args.rate_limits.limits(api.address.ip(), move || started.elapsed());
    let scheme = if tls.is_some() { "https" } else { "http" };
    let request_tracer = traces.map(|traces| traces.request_tracer(api.address, scheme));
    let settings = http_settings(args, limits.clone(), tls, request_tracer);
    let services = preparation.store.services();
    let page = preparation.store.metrics_page(
        &services,
        &requests,
        &limits,
        traces.map(Traces::counts).unwrap_or_default(),
        process,
    );
    let server = users_http::server(api.socket, services, requests, &settings).map_err(cannot_serve)?;
    let metrics_address = metrics.as_ref().map(|metrics| metrics.address);
    if let Some(metrics) = metrics {
        let server = metrics_server(metrics.socket, page, &settings).map_err(cannot_serve)?;
        // It serves until the process ends, so that the last requests under way can still be watched.
        drop(spawn(server));
    }
    drop(spawn(keep_sweeping(preparation.store.sweep_idempotency_records(), SWEEP_PAUSE)));
    let (address, workers) = (api.address, args.http.worker_count());
    let (tls, rate_limits) = (settings.tls.is_some(), limits.is_on());
    info!(%address, metrics.address = metrics_address.map(display), workers, tls, rate_limits, "listening");
    until_stopped(server, ready, preparation).await
}

/// Lets SIGHUP do nothing, but for a line in the log: who sends it wants settings to be read anew, and none can be.
///
/// At a terminal the signal tells that the terminal is gone, and the process ends with it.
fn outlast_hangups() -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    let mut hangups = signal(SignalKind::hangup())
        .map_err(|source| Failure::System { doing: "cannot listen to signals", source })?;
    drop(spawn(async move {
        while hangups.recv().await.is_some() {
            warn!("SIGHUP does nothing without TLS: settings are read at the start alone");
        }
    }));
    Ok(())
}

/// Serves, and goes on to look for a database that was away at first.
async fn until_stopped(server: Server, ready: FirstLook, preparation: &Preparation) -> Result<(), Failure> {
    let handle = server.handle();
    let rest = pin!(async {
        match ready {
            FirstLook::Done => Ok(()),
            FirstLook::Away => preparation.keep_trying().await,
        }
    });
    match select(server, rest).await {
        Either::Left((outcome, _)) => outcome.map_err(cannot_serve),
        Either::Right((Ok(()), server)) => server.await.map_err(cannot_serve),
        Either::Right((Err(failure), server)) => {
            // The order is given by the call; waiting for it is the server's own part.
            drop(handle.stop(true));
            server.await.map_err(cannot_serve)?;
            Err(failure)
        }
    }
}

fn cannot_serve(source: io::Error) -> Failure {
    Failure::System { doing: "cannot serve", source }
}

/// What has to be done in the database before the service is of use.
struct Preparation {
    store: Store,
    schema: SchemaTask,
    dev: Option<DevMode>,
}

/// What the development mode needs to know.
struct DevMode {
    token_file: PathBuf,
    url: String,
}

impl Preparation {
    async fn first_try(&self) -> Result<FirstLook, Failure> {
        let look = self.schema.first_try(&*self.store.migrator).await?;
        if look == FirstLook::Done {
            self.greet().await?;
        }
        Ok(look)
    }

    async fn keep_trying(&self) -> Result<(), Failure> {
        self.schema.keep_trying(&*self.store.migrator).await?;
        self.greet().await
    }

    async fn greet(&self) -> Result<(), Failure> {
        let Some(DevMode { token_file, url }) = &self.dev else {
            self.warn_of_no_token().await;
            return Ok(());
        };
        let token = dev::ensure_token(token_file, &*self.store.tokens, &SystemIds, &SystemClock).await?;
        dev::ensure_sample_user(&self.store.create_user(), &SystemClock).await?;
        output::write(&dev::invitation(url, &token))
    }

    /// Says that nobody can use the service yet.
    async fn warn_of_no_token(&self) {
        let now = SystemClock.now();
        if let Ok(tokens) = self.store.tokens.list().await
            && !tokens.iter().any(|token| token.is_valid_at(now))
        {
            warn!("there is no valid token, so nobody can call: make one with `users token create`");
        }
    }
}
