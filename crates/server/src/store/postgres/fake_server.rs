//! Servers that say one thing, for tests of what the driver makes of it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

/// The fields of an error, by their letters in the protocol (manual, 55.8).
pub(super) type Fields<'a> = &'a [(u8, &'a str)];

/// What the driver says when a server answers the first message with these bytes and hangs up.
pub(super) async fn failure(answer: Vec<u8>, ssl_mode: SslMode) -> tokio_postgres::Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(&answer).await;
    });
    let mut config = Config::new();
    config.host("127.0.0.1").port(port).user("ada").ssl_mode(ssl_mode);
    config.connect(NoTls).await.err().expect("no connection comes of one answer")
}

/// What the driver says when a server refuses with these fields.
pub(super) async fn refusal(fields: Fields<'_>) -> tokio_postgres::Error {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.push(*name);
        body.extend(value.as_bytes());
        body.push(0);
    }
    body.push(0);
    let mut message = vec![b'E'];
    message.extend((body.len() as u32 + 4).to_be_bytes());
    message.extend(body);
    failure(message, SslMode::Disable).await
}

/// What the driver says when nothing listens.
pub(super) async fn nobody() -> tokio_postgres::Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut config = Config::new();
    config.host("127.0.0.1").port(port).user("ada");
    config.connect(NoTls).await.err().expect("nobody listens")
}
