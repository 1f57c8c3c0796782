use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::{System, spawn};
use users_http::{
    AddressLog, AllowedOrigins, BuildInfo, CertificateFiles, CertificateRenewal, HttpSettings, MetricsPage,
    PublicUrl, RateLimits, RequestMetrics, Services, Tls, metrics_server, server,
};
use users_ports::{
    Clock, Directory, HealthCheck, IdempotencyRecords, MockProcessMetrics, MockStoreMetrics, Scope, Scopes,
    TokenRecord, TokenRepository, Users,
};
use users_testkit::{
    FixedClock, MemoryStore, SequentialIds, UserStore, full_user, minimal_user, noon, token_record,
};
use users_use_cases::{
    Authenticate, BulkUsers, CheckReadiness, CountUsers, CreateUser, DeleteUser, GetUser, IdempotencyGuard,
    ListUsers, PatchUser, ReadTurns, SearchUsers, Token, UpdateUser, Writes,
};

/// The entity tag of a user that was made at [`noon`].
pub const FIRST_TAG: &str = "\"00065f35c4cfd240\"";

/// A server of the test's own, and its clock.
pub struct Wire {
    pub address: SocketAddr,
    pub clock: Arc<FixedClock>,
    pub handle: ServerHandle,
    /// What the server counts its requests in.
    pub metrics: RequestMetrics,
    limits: RateLimits,
    authenticate: Arc<Authenticate>,
}

/// What a server is made of, where a test wants something else than the store in memory.
pub struct Parts {
    pub users: Arc<dyn Users>,
    pub directory: Arc<dyn Directory>,
    pub records: Arc<dyn IdempotencyRecords>,
    pub health: Arc<dyn HealthCheck>,
    pub idempotency: IdempotencyGuard,
    pub request_timeout: Duration,
}

impl Parts {
    pub fn of(store: &Arc<MemoryStore>) -> Self {
        let (users, directory, records) =
            (Arc::clone(store) as _, Arc::clone(store) as _, Arc::clone(store) as _);
        let health = Arc::clone(store) as _;
        Self {
            users,
            directory,
            records,
            health,
            idempotency: IdempotencyGuard::default(),
            request_timeout: Duration::from_secs(5),
        }
    }
}

impl Wire {
    /// Starts a server with the users `ada` (full) and `bob` (bare), and a token for each purpose.
    pub fn start() -> Self {
        let store = Arc::new(MemoryStore::default());
        Self::start_with(Arc::clone(&store), Parts::of(&store))
    }

    /// The same, by TLS with the certificate of these files; where they change, it is renewed within an instant.
    pub fn start_encrypted(files: CertificateFiles) -> Self {
        let store = Arc::new(MemoryStore::default());
        let (tls, renewal) = Tls::open(files).unwrap();
        let encrypt = |settings: &mut HttpSettings| settings.tls = Some(tls);
        Self::start_as(Arc::clone(&store), Parts::of(&store), encrypt, Some(renewal))
    }

    /// Starts a server of these parts; tokens are kept in `store`.
    pub fn start_with(store: Arc<MemoryStore>, parts: Parts) -> Self {
        Self::start_limited(store, parts, RateLimits::default())
    }

    /// The same, where a token and an address may make so many requests.
    pub fn start_limited(store: Arc<MemoryStore>, parts: Parts, limits: RateLimits) -> Self {
        Self::start_as(store, parts, |settings| settings.rate_limits = limits, None)
    }

    /// The same as [`start`](Self::start), reached by clients below this URL.
    pub fn start_below(public_url: PublicUrl) -> Self {
        let store = Arc::new(MemoryStore::default());
        let parts = Parts::of(&store);
        Self::start_as(store, parts, |settings| settings.public_url = public_url, None)
    }

    /// The same as [`start`](Self::start), where pages of these origins may use the service.
    pub fn start_for_pages(origins: &str) -> Self {
        let store = Arc::new(MemoryStore::default());
        let origins = origins.parse().unwrap();
        Self::start_as(Arc::clone(&store), Parts::of(&store), |settings| settings.origins = origins, None)
    }

    fn start_as(
        store: Arc<MemoryStore>,
        parts: Parts,
        adjust: impl FnOnce(&mut HttpSettings),
        renewal: Option<CertificateRenewal>,
    ) -> Self {
        let clock = Arc::new(FixedClock::default());
        let mut settings = settings(parts.request_timeout);
        let services = services(&store, &clock, parts);
        let authenticate = Arc::clone(&services.authenticate);
        adjust(&mut settings);
        let limits = settings.rate_limits.clone();
        let metrics = RequestMetrics::default();
        let counted = metrics.clone();
        let (address, handle) = serve(async move { seed(&store).await }, move |listener| {
            if let Some(renewal) = renewal {
                drop(spawn(renewal.keep_looking(Duration::from_millis(20))));
            }
            server(listener, services, counted, &settings).unwrap()
        });
        Self { address, clock, handle, metrics, limits, authenticate }
    }

    /// Starts a server for the metrics of this one, over a store and a process that tell these figures.
    pub fn start_metrics(&self, store: MockStoreMetrics, process: MockProcessMetrics) -> Self {
        let (metrics, authenticate) = (self.metrics.clone(), Arc::clone(&self.authenticate));
        let page = MetricsPage {
            requests: metrics.clone(),
            rate_limits: self.limits.clone(),
            authenticate: Arc::clone(&authenticate),
            idempotency: IdempotencyGuard::default(),
            store: Arc::new(store),
            process: Arc::new(process),
            spans: Arc::default(),
            build: BuildInfo { version: "1.2.3", revision: "unknown", rustc: "1.95.0" },
        };
        let limits = self.limits.clone();
        let settings = settings(Duration::from_secs(5));
        let (address, handle) =
            serve(async {}, move |listener| metrics_server(listener, page, &settings).unwrap());
        Self { address, clock: Arc::clone(&self.clock), handle, metrics, limits, authenticate }
    }

    /// Sends a request with a body and the token that may do everything, and gives back the answer.
    pub fn send(&self, request_line: &str, headers: &str, body: &str) -> Answer {
        let authorization = format!("authorization: Token {}\r\n", token("all"));
        self.send_as(request_line, &format!("{authorization}{headers}"), body)
    }

    /// Sends a request with no headers but these, `content-length` and what HTTP asks for.
    pub fn send_as(&self, request_line: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        self.exchange(
            format!(
                "{request_line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
            )
            .as_bytes(),
        )
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), "", "")
    }

    pub fn put(&self, path: &str, body: &str) -> Answer {
        self.send(&format!("PUT {path}"), "content-type: application/json\r\n", body)
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send(&format!("DELETE {path}"), "", "")
    }

    /// Sends a JSON patch.
    pub fn patch(&self, path: &str, body: &str) -> Answer {
        self.send(&format!("PATCH {path}"), "content-type: application/json-patch+json\r\n", body)
    }

    pub fn post(&self, body: &str) -> Answer {
        self.send("POST /v1/users", "content-type: application/json\r\n", body)
    }

    /// The same with a body of any bytes.
    pub fn send_bytes(&self, request_line: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!(
            "{request_line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Token {}\r\n{headers}\
             content-length: {}\r\n\r\n",
            token("all"),
            body.len()
        );
        self.exchange(&[head.as_bytes(), body].concat())
    }

    /// Writes these bytes to a new connection and reads until the server closes it.
    pub fn exchange(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that refuses may close before it has read everything.
        let _ = stream.write_all(bytes);
        Answer::read(&mut stream)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }
}

fn settings(request_timeout: Duration) -> HttpSettings {
    HttpSettings {
        workers: 1,
        request_timeout,
        shutdown_timeout: Duration::from_secs(5),
        request_id_prefix: "test".to_owned(),
        rate_limits: RateLimits::default(),
        public_url: PublicUrl::default(),
        origins: AllowedOrigins::None,
        addresses: AddressLog::default(),
        tls: None,
        tracer: None,
    }
}

/// Starts a server in a thread of its own, on a free address, once what it needs is prepared.
fn serve(
    prepared: impl Future<Output = ()> + Send + 'static,
    server: impl FnOnce(TcpListener) -> Server + Send + 'static,
) -> (SocketAddr, ServerHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        System::new().block_on(async move {
            prepared.await;
            let server = server(listener);
            send.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (address, receive.recv().unwrap())
}

fn services(store: &Arc<MemoryStore>, clock: &Arc<FixedClock>, parts: Parts) -> Services {
    let Parts { users, directory, records, health, idempotency, request_timeout: _ } = parts;
    let clock = || Arc::clone(clock) as Arc<dyn Clock>;
    let writes = Writes::new(Arc::clone(&users), records, clock(), idempotency);
    let (directory, turns) = (|| Arc::clone(&directory), ReadTurns::default());
    let ids = || Arc::new(SequentialIds::default());
    Services {
        update_user: UpdateUser::new(writes.clone()),
        patch_user: PatchUser::new(writes.clone()),
        create_user: CreateUser::new(writes.clone(), ids()),
        delete_user: DeleteUser::new(writes.clone()),
        bulk_users: BulkUsers::new(writes, ids()),
        get_user: GetUser::new(users),
        list_users: ListUsers::new(directory(), turns.clone()),
        count_users: CountUsers::new(directory(), turns.clone()),
        search_users: SearchUsers::new(directory(), turns),
        authenticate: Arc::new(Authenticate::new(Arc::clone(store) as _, clock())),
        check_readiness: CheckReadiness::new(health),
        clock: clock(),
    }
}

async fn seed(store: &MemoryStore) {
    UserStore::create(store, full_user("ada")).await.unwrap();
    UserStore::create(store, minimal_user("bob")).await.unwrap();
    let record = |id: &str| TokenRecord { secret_hash: secret_token(id).secret_hash(), ..token_record(id) };
    let read = TokenRecord { grant: Scopes::from_iter([Scope::Read]).into(), ..record("read") };
    let write = TokenRecord { grant: Scopes::from_iter([Scope::Write]).into(), ..record("write") };
    let expired = TokenRecord { expires_at: Some(noon()), ..record("expired") };
    let revoked = TokenRecord { revoked_at: Some(noon()), ..record("revoked") };
    for token in [record("all"), read, write, expired, revoked] {
        TokenRepository::create(store, token).await.unwrap();
    }
}

/// The token with this id, of which a record may be kept.
pub fn secret_token(id: &str) -> Token {
    Token::new(id.to_owned(), [7; 32])
}

/// The token with this id: `all`, `read`, `write`, `expired` or `revoked`.
pub fn token(id: &str) -> String {
    secret_token(id).reveal()
}

/// An answer, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Name and value of each header but `date`, in alphabetical order.
    pub headers: Vec<String>,
    pub body: String,
}

impl Answer {
    /// Reads an answer: to the end of the body that it announces, otherwise to the end of the connection.
    pub fn read(stream: &mut impl Read) -> Self {
        let (mut bytes, mut piece) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let answer =
                std::str::from_utf8(&bytes).ok().filter(|text| text.contains("\r\n\r\n")).map(Self::parse);
            if let Some(answer) = answer.filter(Self::is_whole) {
                return answer;
            }
            match stream.read(&mut piece) {
                Ok(length @ 1..) => bytes.extend_from_slice(&piece[..length]),
                // A signal, such as the alarm of a fuzzer, says nothing about the connection.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // What was read before a connection was reset counts.
                Ok(0) | Err(_) => return Self::parse(&String::from_utf8(bytes).unwrap()),
            }
        }
    }

    fn is_whole(&self) -> bool {
        // These have no body, and need not say so.
        if matches!(self.status, 204 | 304) {
            return true;
        }
        let announced = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
        announced.is_some_and(|length| self.body.len() >= length)
    }

    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {text:?}"));
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers: Vec<_> =
            lines.filter(|line| !line.starts_with("date: ")).map(ToOwned::to_owned).collect();
        headers.sort();
        Self { status, headers, body: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Checks that the answer is a problem as every refusal is, and gives back its code.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let problem = self.json();
        let names: Vec<_> = problem.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = ["type", "title", "status", "detail", "instance", "code", "message", "request_id"];
        assert!(expected.iter().all(|name| names.contains(name)), "{names:?}");
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["message"], problem["detail"]);
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        let code = problem["code"].as_str().unwrap();
        assert_eq!(problem["type"], format!("/docs/errors#{code}"));
        code.to_owned()
    }

    /// Pointer and code of each of the problem's errors.
    pub fn errors(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|e| format!("{} {}", e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect()
    }
}
