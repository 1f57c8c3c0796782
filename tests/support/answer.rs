use std::io::Read;

/// An answer as it came over the wire, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Name and value of each header but `date`, in alphabetical order.
    pub headers: Vec<String>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Reads an answer to its end.
    ///
    /// A service that has refused a request waits a while for the rest of it before it closes the connection, so the
    /// end is where `Content-Length` says, or the end of the connection where it says nothing.
    pub fn read(stream: &mut impl Read) -> Self {
        let mut bytes = Vec::new();
        let mut piece = [0; 16 * 1024];
        // What came before the connection broke counts.
        while !is_whole(&bytes)
            && let Ok(length @ 1..) = stream.read(&mut piece)
        {
            bytes.extend(piece.iter().take(length));
        }
        Self::parse(&String::from_utf8(bytes).unwrap())
    }

    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {text:?}"));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        // Proxies write the names in capitals.
        let lower = |line: &str| match line.split_once(": ") {
            Some((name, value)) => format!("{}: {value}", name.to_ascii_lowercase()),
            None => line.to_owned(),
        };
        let mut headers: Vec<_> = lines.map(lower).filter(|line| !line.starts_with("date: ")).collect();
        headers.sort();
        let answer = Self { status, headers, body: body.to_owned() };
        if !body.is_empty() {
            // The answer is whole, and nothing follows it.
            let length = body.len().to_string();
            assert_eq!(answer.header("content-length"), Some(length.as_str()), "{answer:?}");
        }
        answer
    }

    /// The value of a header; of the first one where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The entity tag; panics where there is none.
    pub fn etag(&self) -> &str {
        self.header("etag").unwrap_or_else(|| panic!("no entity tag in {self:?}"))
    }

    /// The body, read as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The answer as text, without what must differ from one run to the next: entity tags and times of change.
    pub fn transcript(&self) -> String {
        let steady = self.headers.iter().map(|line| match line.split_once(": ") {
            Some((name @ ("etag" | "last-modified"), _)) => format!("{name}: …"),
            _ => line.clone(),
        });
        format!("{}\n{}\n\n{}", self.status, steady.collect::<Vec<_>>().join("\n"), self.body)
    }
}

/// Whether an answer has as much of a body as it announces.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.split("\r\n").find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= head.len() + 4 + length)
}
