//! Where an error of the driver arose, which the driver keeps to itself.

use std::error::Error as _;
use std::io;

/// Where an error arose. [`tokio_postgres::Error`] tells only by its text; a test below opens
/// connections that fail in each way, so that a driver with other texts is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Looking up the host or opening the socket.
    Connect,
    /// The TLS handshake, or the answer to whether there is TLS.
    Tls,
    /// Proving who we are, on our side; a refusal by the server is a `Server` error.
    Authentication,
    /// A connection that broke or was closed.
    Broken,
    /// The server answered with an error, which has a SQLSTATE.
    Server,
    /// A value or a message that one side could not read.
    Other,
}

impl Stage {
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        if error.as_db_error().is_some() {
            return Self::Server;
        }
        if error.is_closed() {
            return Self::Broken;
        }
        match error.to_string().as_str() {
            "error connecting to server" => Self::Connect,
            "error performing TLS handshake" => Self::Tls,
            "authentication error" | "invalid configuration" => Self::Authentication,
            "error communicating with the server" | "timeout waiting for server" => Self::Broken,
            _ => Self::Other,
        }
    }
}

/// The text of an error with its causes, on one line.
pub(super) fn full_text(error: &tokio_postgres::Error) -> String {
    if let Some(answer) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", answer.message(), answer.code().code());
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// The failure of the operating system, or of TLS, that caused an error.
pub(super) fn io_cause(error: &tokio_postgres::Error) -> Option<&io::Error> {
    error.source().and_then(|cause| cause.downcast_ref())
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::SslMode;

    use super::super::fake_server::{failure, nobody, refusal};
    use super::*;

    #[tokio::test]
    async fn each_stage_is_told_by_the_text_of_its_errors() {
        // `R` messages: method 3 wants the password in the clear, method 7 wants GSSAPI.
        for (answer, ssl_mode, stage) in [
            (&b"N"[..], SslMode::Require, Stage::Tls),
            (b"", SslMode::Require, Stage::Broken),
            (b"", SslMode::Disable, Stage::Broken),
            (b"R\0\0\0\x08\0\0\0\x03", SslMode::Disable, Stage::Authentication),
            (b"R\0\0\0\x08\0\0\0\x07", SslMode::Disable, Stage::Authentication),
            (b"Z\0\0\0\x05I", SslMode::Disable, Stage::Other),
        ] {
            let error = failure(answer.to_vec(), ssl_mode).await;
            assert_eq!(Stage::of(&error), stage, "{answer:?}: {error:?}");
        }
        let refused = refusal(&[(b'S', "FATAL"), (b'C', "3D000"), (b'M', "no")]).await;
        assert_eq!(Stage::of(&refused), Stage::Server, "{refused:?}");
        let unreached = nobody().await;
        assert_eq!(Stage::of(&unreached), Stage::Connect, "{unreached:?}");
        assert_eq!(io_cause(&unreached).unwrap().kind(), io::ErrorKind::ConnectionRefused);
    }
}
