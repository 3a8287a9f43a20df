//! A client that keeps a server busy: a few connections that stay open, one request at a time on each.
//!
//! It takes its cores from the servers that it measures, so it does as little as it can: requests are
//! bytes made beforehand, and of an answer only status and length are looked at.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Outcome;

/// Connections that send at the same time.
pub(crate) const CONNECTIONS: usize = 8;

/// Requests of a kind, sent in turn.
pub(crate) type Requests = Arc<[Request]>;

/// Text in a request that another number takes the place of each time it is sent.
pub(crate) const SERIAL: &str = "@@@@@@@@@@";

/// Counts what was sent.
static SENT: AtomicU64 = AtomicU64::new(1);

/// A request as it goes over the wire.
pub(crate) struct Request {
    bytes: Vec<u8>,
    /// Where it has [`SERIAL`].
    serials: Vec<usize>,
}

impl Request {
    fn new(text: String) -> Self {
        let serials = text.match_indices(SERIAL).map(|(place, _)| place).collect();
        Self { bytes: text.into_bytes(), serials }
    }

    /// The request with `number` in it, where it has one, made in `buffer`.
    fn numbered<'b>(&'b self, number: u64, buffer: &'b mut Vec<u8>) -> &'b [u8] {
        if self.serials.is_empty() {
            return &self.bytes;
        }
        buffer.clone_from(&self.bytes);
        let digits = format!("{number:0width$}", width = SERIAL.len());
        for place in &self.serials {
            buffer[*place..][..SERIAL.len()].copy_from_slice(digits.as_bytes());
        }
        buffer
    }
}

/// What one server did in one stretch of time.
pub(crate) struct Sample {
    pub(crate) requests_per_second: f64,
    /// Microseconds from sending a request to having all of its answer.
    pub(crate) latencies_us: Vec<u32>,
}

/// A request without a body.
pub(crate) fn get(path: &str, token: &str) -> Request {
    Request::new(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"))
}

/// A request with a body of JSON.
pub(crate) fn post(path: &str, token: &str, body: &serde_json::Value) -> Request {
    with_body("POST", path, token, body)
}

/// The same for a change.
pub(crate) fn patch(path: &str, token: &str, body: &serde_json::Value) -> Request {
    with_body("PATCH", path, token, body)
}

fn with_body(method: &str, path: &str, token: &str, body: &serde_json::Value) -> Request {
    let body = body.to_string();
    let length = body.len();
    Request::new(format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

/// The JSON that answers one request.
///
/// # Errors
/// When the connection fails, or the status is not 2xx; the answer is part of the message.
pub(crate) async fn fetch(address: SocketAddr, request: &Request) -> Outcome<serde_json::Value> {
    let mut connection = Connection::open(address).await?;
    let body = connection.send(request.numbered(0, &mut Vec::new())).await?;
    Ok(serde_json::from_slice(body)?)
}

/// Sends `requests` over and over for some time.
///
/// # Errors
/// As [`fetch`], for any of them.
pub(crate) async fn run(address: SocketAddr, requests: &Requests, time: Duration) -> Outcome<Sample> {
    let started = Instant::now();
    let mut connections = JoinSet::new();
    for first in 0..CONNECTIONS {
        connections.spawn(send_until(started + time, address, Arc::clone(requests), first));
    }
    let mut latencies_us = Vec::new();
    while let Some(finished) = connections.join_next().await {
        latencies_us.extend(finished??);
    }
    let requests_per_second = latencies_us.len() as f64 / started.elapsed().as_secs_f64();
    Ok(Sample { requests_per_second, latencies_us })
}

/// Every [`CONNECTIONS`]th request from `first` on belongs to this connection.
async fn send_until(
    end: Instant,
    address: SocketAddr,
    requests: Requests,
    first: usize,
) -> Outcome<Vec<u32>> {
    let mut connection = Connection::open(address).await?;
    let (mut latencies_us, mut buffer) = (Vec::new(), Vec::new());
    for request in requests.iter().cycle().skip(first).step_by(CONNECTIONS) {
        let request = request.numbered(SENT.fetch_add(1, Ordering::Relaxed), &mut buffer);
        let sent = Instant::now();
        if end <= sent {
            break;
        }
        connection.send(request).await?;
        latencies_us.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(latencies_us)
}

struct Connection {
    stream: TcpStream,
    /// The last answer; its length is the most that was needed so far.
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 << 10] })
    }

    /// The body of the answer. Both servers say how long it is.
    async fn send(&mut self, request: &[u8]) -> Outcome<&[u8]> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let head = loop {
            filled += self.read(filled).await?;
            if let Some(head) = Head::parse(&self.buffer[..filled])? {
                break head;
            }
        };
        let end = head.bytes + head.body_bytes;
        while filled < end {
            filled += self.read(filled).await?;
        }
        let body = &self.buffer[head.bytes..end];
        match head.status {
            200..300 => Ok(body),
            status => Err(format!("answered {status}: {}", String::from_utf8_lossy(body)).into()),
        }
    }

    async fn read(&mut self, filled: usize) -> Outcome<usize> {
        if filled == self.buffer.len() {
            self.buffer.resize(2 * filled, 0);
        }
        match self.stream.read(&mut self.buffer[filled..]).await? {
            0 => Err("the server closed the connection".into()),
            read => Ok(read),
        }
    }
}

/// What must be known of an answer's head.
#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    /// None when `received` does not hold the whole head yet.
    fn parse(received: &[u8]) -> Outcome<Option<Self>> {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&received[..end])?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or("no status line")?.parse()?;
        let length = lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse())
        });
        let body_bytes = length.ok_or("an answer without content-length")??;
        Ok(Some(Self { status, bytes: end + 4, body_bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_gets_a_number_wherever_it_wants_one() {
        let body = serde_json::json!([format!("a{SERIAL}"), SERIAL]);
        let (numbered, plain) = (post("/x", "t", &body), get("/x", "t"));
        let mut buffer = Vec::new();
        let text = String::from_utf8(numbered.numbered(42, &mut buffer).to_vec()).unwrap();
        assert!(text.ends_with("\r\n\r\n[\"a0000000042\",\"0000000042\"]"), "{text}");
        assert_eq!(plain.numbered(42, &mut buffer), plain.bytes);
    }

    #[test]
    fn heads_are_read_when_they_are_whole() {
        let whole = "HTTP/1.1 201 Created\r\ncontent-type: a/b\r\nContent-Length: 12\r\n\r\n{";
        let head = Head { status: 201, bytes: whole.len() - 1, body_bytes: 12 };
        assert_eq!(Head::parse(whole.as_bytes()).unwrap(), Some(head));
        assert_eq!(Head::parse(&whole.as_bytes()[..40]).unwrap(), None);
        for broken in ["HTTP/1.1 200 OK\r\n\r\n", "\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"]
        {
            assert!(Head::parse(broken.as_bytes()).is_err(), "{broken}");
        }
    }
}
