use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::ServerBuilder;
use actix_service::{ServiceFactoryExt, map_config};
use actix_web::App;
use actix_web::dev::{AppConfig, Server, fn_service};
use actix_web::rt::net::TcpStream;
use actix_web::rt::spawn;
use actix_web::web::ServiceConfig;
use futures_util::future::select;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::middleware::{AddressLog, Leaving, Observe, RequestIds, RequestTracer};
use crate::routes::{configure, configure_metrics};
use crate::tls::{Acceptor, Tls};
use crate::{AllowedOrigins, MetricsPage, PublicUrl, RateLimits, RequestMetrics, Services};

/// How long a connection is kept open without a request. A proxy in front should give up its idle connections sooner.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long the head of a request, or the rest of one that was refused, may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client that was refused may go on sending its body, so that it comes to read the refusal.
const LINGER: Duration = Duration::from_secs(5);
/// How long answers end their connections before those that have no request are closed. The framework closes them without
/// looking whether a request has just come, so that one sent in that moment is lost.
const LEAVE: Duration = Duration::from_millis(250);
/// How many connections a worker holds; more wait to be accepted.
const MAX_CONNECTIONS: usize = 20_000;
/// The same for whoever asks for metrics.
const MAX_METRICS_CONNECTIONS: usize = 64;

/// How the server behaves.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Threads that serve requests, 1 to 512.
    pub workers: usize,
    /// The longest that a request may take before it is answered 503.
    pub request_timeout: Duration,
    /// The longest that requests under way may take to finish once the server is told to stop; whole seconds.
    pub shutdown_timeout: Duration,
    /// What the request ids start with that this process makes up; random, so that those of two processes differ.
    pub request_id_prefix: String,
    /// How many requests a token and an address may make.
    pub rate_limits: RateLimits,
    /// Below what clients reach the service.
    pub public_url: PublicUrl,
    /// Which pages from elsewhere may use the service in a browser.
    pub origins: AllowedOrigins,
    /// Which lines of the log have the address of the client.
    pub addresses: AddressLog,
    /// How TLS is spoken where requests are served; plain HTTP where it is not.
    pub tls: Option<Tls>,
    /// What decides which requests are traced; `None`: none is.
    pub tracer: Option<Arc<dyn RequestTracer>>,
}

/// Serves on `listener` until SIGTERM or SIGINT, then finishes the requests under way; counts them in `metrics`.
///
/// The backlog of connections that wait to be accepted is the listener's.
pub fn server(
    listener: TcpListener,
    services: Services,
    metrics: RequestMetrics,
    settings: &HttpSettings,
) -> std::io::Result<Server> {
    let ids = RequestIds::new(&settings.request_id_prefix);
    let (requests, patience) = (metrics.clone(), Duration::from_secs(settings.shutdown_timeout.as_secs()));
    let leaving = Leaving::default();
    let told = leaving.clone();
    let observe = Observe {
        route: Observe::UNKNOWN,
        time_limit: settings.request_timeout,
        request_ids: ids.clone(),
        metrics,
        limits: settings.rate_limits.clone(),
        origins: settings.origins.clone(),
        addresses: Arc::new(settings.addresses.clone()),
        tracer: settings.tracer.clone(),
        leaving,
    };
    let builder = Server::build()
        .workers(settings.workers.clamp(1, 512))
        .max_concurrent_connections(MAX_CONNECTIONS)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .shutdown_signal(async move {
            told_to_stop().await;
            told.begin();
            sleep(LEAVE).await;
            drop(spawn(tell_what_is_cut_off(requests, patience)));
        });
    let public_url = settings.public_url.clone();
    let acceptor = Acceptor { tls: settings.tls.clone(), patience: HEAD_TIMEOUT, request_ids: ids };
    serve(builder, "users", listener, acceptor, move |app| configure(app, &services, &public_url, &observe))
}

/// Says, just before it happens, that requests are still under way when the time for them to finish is over.
async fn tell_what_is_cut_off(metrics: RequestMetrics, patience: Duration) {
    sleep(patience.saturating_sub(Duration::from_millis(10))).await;
    let requests = metrics.under_way();
    if requests > 0 {
        tracing::warn!(requests, "the time to stop is over; requests under way are cut off");
    }
}

/// Serves `/metrics` on `listener`, by a thread of its own, until it is told to stop by its handle.
///
/// So the figures can be had also where the service has more to do than it can. Who asks for them is neither counted,
/// limited nor traced, and is answered without TLS.
pub fn metrics_server(
    listener: TcpListener,
    page: MetricsPage,
    settings: &HttpSettings,
) -> std::io::Result<Server> {
    let ids = RequestIds::new(&format!("{}-metrics", settings.request_id_prefix));
    let observe = Observe {
        route: Observe::UNKNOWN,
        time_limit: settings.request_timeout,
        request_ids: ids.clone(),
        metrics: RequestMetrics::default(),
        limits: RateLimits::default(),
        origins: AllowedOrigins::None,
        addresses: Arc::default(),
        tracer: None,
        leaving: Leaving::default(),
    };
    let builder = Server::build()
        .workers(1)
        .max_concurrent_connections(MAX_METRICS_CONNECTIONS)
        .shutdown_timeout(1)
        .disable_signals();
    let acceptor = Acceptor { tls: None, patience: HEAD_TIMEOUT, request_ids: ids };
    serve(builder, "metrics", listener, acceptor, move |app| configure_metrics(app, &page, &observe))
}

fn serve(
    builder: ServerBuilder,
    name: &str,
    listener: TcpListener,
    acceptor: Acceptor,
    routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<Server> {
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen(name, listener, move || {
        let (acceptor, stopping) = (acceptor.clone(), stopping.clone());
        let app = map_config(App::new().configure(routes.clone()), |()| AppConfig::default());
        let http = HttpService::build()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(LINGER)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .h1(app);
        fn_service(move |socket: TcpStream| {
            let (peer, acceptor) = (socket.peer_addr().ok(), acceptor.clone());
            async move { Ok((acceptor.accept(socket).await?, peer)) }
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}

/// Waits until the process is told to stop, by SIGTERM or by Ctrl-C at its terminal.
async fn told_to_stop() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            let (terminate, interrupt) = (pin!(terminate.recv()), pin!(interrupt.recv()));
            select(terminate, interrupt).await;
        }
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "cannot listen for signals: the server will have to be killed");
            std::future::pending::<()>().await;
        }
    }
}
