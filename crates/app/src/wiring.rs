use std::sync::Arc;

use users_http::{
    AddressLog, HttpSettings, MetricsPage, RateLimits, RequestMetrics, RequestTracer, Services, SpanCounts,
    Tls,
};
use users_ports::{
    Directory, HealthCheck, IdGenerator as _, IdempotencyRecords, Migrator, StoreMetrics, TokenRepository,
    Users,
};
use users_postgres::{Pooling, PostgresSettings, PostgresStore};
use users_sqlite::{SqliteSettings, SqliteStore};
use users_use_cases::{
    Authenticate, BulkUsers, CheckReadiness, CountUsers, CreateUser, DeleteUser, GetUser, IdempotencyGuard,
    IdempotencyLimits, ListUsers, ManageTokens, PatchUser, ReadTurns, SearchUsers, SweepIdempotencyRecords,
    UpdateUser, Writes,
};

use crate::config::{DatabaseArgs, PoolArgs, PoolerMode};
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::process::SystemProcess;
use crate::serve_args::ServeArgs;
use crate::system::{SystemClock, SystemIds};
use crate::version::BUILD;

/// The store that the settings chose, port by port. Nothing but this file knows which one it is.
#[derive(Clone)]
pub struct Store {
    /// Where users are stored.
    users: Arc<dyn Users>,
    /// How many users are found.
    directory: Arc<dyn Directory>,
    /// The records of requests that take effect once.
    records: Arc<dyn IdempotencyRecords>,
    /// Where tokens are stored.
    pub tokens: Arc<dyn TokenRepository>,
    /// Whether the store can be used.
    pub health: Arc<dyn HealthCheck>,
    /// What brings the store to the schema of this version.
    pub migrator: Arc<dyn Migrator>,
    /// How busy the store is.
    pub metrics: Arc<dyn StoreMetrics>,
    /// What guards requests with idempotency keys.
    idempotency: IdempotencyGuard,
}

impl Store {
    /// Opens the store that `url` names. An unreachable PostgreSQL is not an error here.
    pub fn open(url: &DatabaseUrl, database: &DatabaseArgs, pool: &PoolArgs) -> Result<Self, Failure> {
        match url {
            DatabaseUrl::Postgres(url) => {
                let settings = PostgresSettings {
                    url: url.clone(),
                    write_connections: pool.db_writers,
                    read_connections: pool.db_readers,
                    queue_capacity: pool.queue_capacity,
                    connect_timeout: database.connect_timeout.duration(),
                    statement_timeout: database.statement_timeout.duration(),
                    pooling: match database.db_pooler {
                        PoolerMode::Session => Pooling::Session,
                        PoolerMode::Transaction => Pooling::Transaction,
                    },
                };
                PostgresStore::open(&settings).map(Self::of)
            }
            DatabaseUrl::Sqlite(path) => {
                let settings = SqliteSettings {
                    path: path.clone(),
                    read_connections: pool.db_readers,
                    queue_capacity: pool.queue_capacity,
                    busy_timeout: database.statement_timeout.duration(),
                };
                SqliteStore::open(&settings).map(Self::of)
            }
        }
        .map_err(Failure::Open)
    }

    /// The same for a command that has nothing to do where there is no database: a file of SQLite is not made.
    pub fn open_existing(
        url: &DatabaseUrl,
        database: &DatabaseArgs,
        pool: &PoolArgs,
    ) -> Result<Self, Failure> {
        match url {
            DatabaseUrl::Sqlite(path) if !path.exists() => Err(Failure::NoDatabase(path.clone())),
            _ => Self::open(url, database, pool),
        }
    }

    fn of<S>(store: S) -> Self
    where
        S: Users
            + Directory
            + IdempotencyRecords
            + TokenRepository
            + HealthCheck
            + Migrator
            + StoreMetrics
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            users: store.clone(),
            directory: store.clone(),
            records: store.clone(),
            tokens: store.clone(),
            health: store.clone(),
            migrator: store.clone(),
            metrics: store,
            idempotency: IdempotencyGuard::default(),
        }
    }

    /// The same with these limits for idempotency records.
    pub fn with_idempotency_limits(self, limits: IdempotencyLimits) -> Self {
        Self { idempotency: IdempotencyGuard::new(limits), ..self }
    }

    /// The use cases that the routes call.
    pub fn services(&self) -> Services {
        let clock = Arc::new(SystemClock);
        let writes = self.writes();
        let directory = || self.directory.clone();
        let turns = ReadTurns::default();
        Services {
            update_user: UpdateUser::new(writes.clone()),
            patch_user: PatchUser::new(writes.clone()),
            create_user: self.create_user(),
            delete_user: DeleteUser::new(writes.clone()),
            bulk_users: BulkUsers::new(writes, Arc::new(SystemIds)),
            get_user: GetUser::new(self.users.clone()),
            list_users: ListUsers::new(directory(), turns.clone()),
            count_users: CountUsers::new(directory(), turns.clone()),
            search_users: SearchUsers::new(directory(), turns),
            authenticate: Arc::new(Authenticate::new(self.tokens.clone(), clock.clone())),
            check_readiness: CheckReadiness::new(self.health.clone()),
            clock,
        }
    }

    /// The page that shows what is measured of the requests that `services` answer.
    pub fn metrics_page(
        &self,
        services: &Services,
        requests: &RequestMetrics,
        rate_limits: &RateLimits,
        spans: Arc<SpanCounts>,
        process: SystemProcess,
    ) -> MetricsPage {
        MetricsPage {
            requests: requests.clone(),
            rate_limits: rate_limits.clone(),
            authenticate: services.authenticate.clone(),
            idempotency: self.idempotency.clone(),
            store: self.metrics.clone(),
            process: Arc::new(process),
            spans,
            build: BUILD,
        }
    }

    /// The use case that creates users.
    pub fn create_user(&self) -> CreateUser {
        CreateUser::new(self.writes(), Arc::new(SystemIds))
    }

    fn writes(&self) -> Writes {
        let (users, records) = (self.users.clone(), self.records.clone());
        Writes::new(users, records, Arc::new(SystemClock), self.idempotency.clone())
    }

    /// The use case that removes expired idempotency records.
    pub fn sweep_idempotency_records(&self) -> SweepIdempotencyRecords {
        SweepIdempotencyRecords::new(self.records.clone(), Arc::new(SystemClock), self.idempotency.clone())
    }

    /// The use case behind `users token`.
    pub fn manage_tokens(&self) -> ManageTokens {
        ManageTokens::new(self.tokens.clone(), Arc::new(SystemIds), Arc::new(SystemClock))
    }
}

/// How the server behaves, as the settings tell.
pub fn http_settings(
    args: &ServeArgs,
    rate_limits: RateLimits,
    tls: Option<Tls>,
    tracer: Option<Arc<dyn RequestTracer>>,
) -> HttpSettings {
    let ServeArgs { http, browsers, log_addresses, .. } = args;
    let addresses = AddressLog {
        every_request: *log_addresses,
        trusted_proxies: args.rate_limits.trusted_proxies.clone().unwrap_or_default(),
    };
    HttpSettings {
        workers: http.worker_count(),
        request_timeout: http.request_timeout.duration(),
        shutdown_timeout: http.shutdown_timeout.duration(),
        // Random and short, as the id of a token is: two processes must not make up the same request id.
        request_id_prefix: SystemIds.token_id(),
        rate_limits,
        public_url: http.public_url.clone().unwrap_or_default(),
        origins: browsers.cors_origins.clone().unwrap_or_default(),
        addresses,
        tls,
        tracer,
    }
}
