//! What servers on one database tell each other: that the control data or a model has changed.
//!
//! A notification that is lost loses nothing: callers are looked up anew every second, and every read
//! and write checks the model that it was planned on.

use std::sync::Arc;
use std::time::Duration;

use fourfold_model::Value;
use fourfold_query::sql::Statement;
use futures_util::stream::{StreamExt, poll_fn};
use tokio::sync::mpsc;
use tokio_postgres::AsyncMessage;
use uuid::Uuid;

use super::connect_error::ConnectError;
use super::connection::Connector;

/// How long to wait before listening again when the database cannot be reached.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Changes that nobody has looked at yet; more only make the database keep the rest.
const WAITING: usize = 1024;

/// Something that servers keep copies of has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The control data, or anything: nothing was heard for a while.
    Control,
    /// The model of this workspace.
    Model(Uuid),
}

impl Change {
    /// Tells all servers, when the transaction is committed.
    pub(super) fn announcement(self) -> Statement {
        let text = match self {
            Self::Control => "control".to_owned(),
            Self::Model(workspace) => workspace.to_string(),
        };
        Statement::new("SELECT pg_notify('fourfold', $1)", vec![Value::Text(text)])
    }

    fn parse(payload: &str) -> Self {
        Uuid::try_parse(payload).map_or(Self::Control, Self::Model)
    }
}

/// Hears what all servers announce, this one included, until the receiver is dropped. Each time that it
/// begins to hear, it reports [`Change::Control`] first, since it cannot know what it has missed.
pub(crate) fn listen(connector: Arc<Connector>) -> mpsc::Receiver<Change> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        while !sender.is_closed() {
            tokio::select! {
                ended = hear(&connector, &sender) => {
                    if let Err(error) = ended {
                        tracing::info!(reason = %error, "changes of other servers are not heard");
                    }
                }
                () = sender.closed() => return,
            }
            tokio::time::sleep(RETRY_AFTER).await;
        }
    });
    receiver
}

async fn hear(connector: &Connector, changes: &mpsc::Sender<Change>) -> Result<(), ConnectError> {
    let (client, mut driven) = connector.open().await?;
    let failed = |error| ConnectError::from_driver(&error, connector.url());
    let mut messages = poll_fn(move |context| driven.poll_message(context));
    let listening = client.batch_execute("LISTEN fourfold");
    let mut listening = std::pin::pin!(listening);
    let mut is_listening = false;
    loop {
        tokio::select! {
            began = &mut listening, if !is_listening => {
                began.map_err(failed)?;
                is_listening = true;
                let _ = changes.send(Change::Control).await;
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(notification))) => {
                    let _ = changes.send(Change::parse(notification.payload())).await;
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(failed(error)),
                None => return Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_understood() {
        for change in [Change::Control, Change::Model(Uuid::from_u128(7))] {
            let Some(Value::Text(payload)) = change.announcement().binds.pop() else { panic!("no payload") };
            assert_eq!(Change::parse(&payload), change);
        }
        assert_eq!(Change::parse("of a newer version"), Change::Control);
    }
}
