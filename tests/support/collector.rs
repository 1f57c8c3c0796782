use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

/// What takes traces by OTLP over HTTP; it ends with the test's process.
#[derive(Clone, Debug)]
pub struct Collector {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Export>>>,
}

/// One request to the collector.
#[derive(Clone, Debug)]
pub struct Export {
    /// The request line and the headers.
    pub head: Vec<String>,
    /// The body, as it was sent.
    pub body: Vec<u8>,
}

impl Collector {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, requests) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<Export>>>::default());
        let taken = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let taken = Arc::clone(&taken);
                thread::spawn(move || {
                    while let Some(export) = answer(&stream) {
                        taken.lock().unwrap().push(export);
                    }
                });
            }
        });
        Self { address, requests }
    }

    /// Where it is, as the base of a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was sent so far.
    pub fn exports(&self) -> Vec<Export> {
        self.requests.lock().unwrap().clone()
    }

    /// The spans that it was sent so far.
    pub fn spans(&self) -> Vec<Span> {
        let requests = self
            .exports()
            .into_iter()
            .map(|export| ExportTraceServiceRequest::decode(export.body.as_slice()).unwrap());
        let resources = requests.flat_map(|request| request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// The attributes of the resource that the first spans are of.
    pub fn resource(&self) -> Vec<(String, String)> {
        let exports = self.exports();
        let request = ExportTraceServiceRequest::decode(exports.first().unwrap().body.as_slice()).unwrap();
        let resource = request.resource_spans.into_iter().next().unwrap().resource.unwrap();
        resource
            .attributes
            .into_iter()
            .map(|it| (it.key, text(it.value.and_then(|value| value.value))))
            .collect()
    }
}

/// An attribute of a span, as text; empty where there is none.
pub fn attribute(span: &Span, key: &str) -> String {
    text(span.attributes.iter().find(|it| it.key == key).and_then(|it| it.value.clone()?.value))
}

fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        None => String::new(),
        other => panic!("{other:?}"),
    }
}

/// Reads a request and accepts it; `None` at the end of the connection.
fn answer(stream: &TcpStream) -> Option<Export> {
    let mut reader = BufReader::new(stream);
    let lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let head: Vec<_> = lines.map(|line| line.to_ascii_lowercase()).collect();
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "))?.parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    // An empty ExportTraceServiceResponse.
    let accepted = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
    (&*stream).write_all(accepted.as_bytes()).ok()?;
    Some(Export { head, body })
}
