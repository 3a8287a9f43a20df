//! Whether a pooler stands between us and the server: PgBouncer or another that gives one session of
//! the server to many clients.
//!
//! Behind one nothing may be left in a session, neither settings nor prepared statements. A server
//! tells each client its process id for cancelling; a pooler makes up an id of its own, since its
//! clients have no process of theirs. So the id that was told differs from the one that SQL finds.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{CancelToken, Client, SimpleQueryMessage};

/// The request to cancel: its length, its code, the process id and the secret, 4 bytes each (manual,
/// 55.7).
const CANCEL_REQUEST_BYTES: usize = 16;

/// Asks the server for its process id, and compares.
pub(super) async fn is_pooled(client: &Client) -> Result<bool, tokio_postgres::Error> {
    let told = told_process_id(client.cancel_token()).await;
    let answer = client.simple_query("SELECT pg_backend_pid()").await?;
    let found = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse::<i32>().ok(),
        _ => None,
    });
    // Without an answer nothing speaks for a session of our own.
    Ok(told.is_none() || told != found)
}

/// The process id that the server told when the connection began. The driver keeps it to itself, but
/// writes it into a request to cancel, which here goes nowhere.
async fn told_process_id(token: CancelToken) -> Option<i32> {
    let recorder = Recorder::default();
    token.cancel_query_raw(recorder.clone(), PassThrough).await.ok()?;
    let written = recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
    // It may have asked for TLS before.
    let request = written.last_chunk::<CANCEL_REQUEST_BYTES>()?;
    request[8..].first_chunk().map(|bytes| i32::from_be_bytes(*bytes))
}

/// A stream that keeps what is written, and answers every question for TLS with yes.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<u8>>>);

impl AsyncRead for Recorder {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if 0 < buffer.remaining() {
            buffer.put_slice(b"S");
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for Recorder {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// "TLS" that changes nothing.
struct PassThrough;

impl TlsConnect<Recorder> for PassThrough {
    type Stream = Recorder;
    type Error = io::Error;
    type Future = Ready<io::Result<Recorder>>;

    fn connect(self, stream: Recorder) -> Self::Future {
        ready(Ok(stream))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_postgres::config::{Config, SslMode};

    use super::*;

    /// A stream to something that lets everybody in as process 7 and answers no question.
    fn greeting_server() -> tokio::io::DuplexStream {
        let (client, mut server) = tokio::io::duplex(1024);
        tokio::spawn(async move {
            let mut buffer = [0; 1024];
            loop {
                let read = server.read(&mut buffer).await.unwrap();
                let answer: &[u8] = match buffer[..read] {
                    [] => return,
                    [0, 0, 0, 8, ..] => b"N",
                    _ => b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x07\0\0\0\x09Z\0\0\0\x05I",
                };
                server.write_all(answer).await.unwrap();
            }
        });
        client
    }

    #[tokio::test]
    async fn the_process_id_is_the_one_that_was_told() {
        for mode in [SslMode::Disable, SslMode::Prefer] {
            let mut config = Config::new();
            config.user("ada").ssl_mode(mode);
            let connected = config.connect_raw(greeting_server(), tokio_postgres::NoTls).await;
            let (client, _connection) = connected.unwrap();
            assert_eq!(told_process_id(client.cancel_token()).await, Some(7), "{mode:?}");
        }
    }
}
