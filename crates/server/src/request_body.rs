//! Reading the body of a request, up to a limit.

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use futures_util::StreamExt;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// The largest body that the server takes, in bytes (`platform.md` 11.2).
pub(crate) const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// What is read of a larger body before it is refused, in bytes. A client that still sends does not
/// read an answer; one that sends without end is cut off.
const MAX_DISCARDED_BYTES: usize = 4 * MAX_BODY_BYTES;

/// The whole body. One that came in one piece is not copied.
///
/// # Errors
/// `BodyTooLarge` over [`MAX_BODY_BYTES`], `MalformedBody` when the client breaks off.
pub(crate) async fn read_body(body: Body) -> ApiResult<Bytes> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut pieces = body.into_data_stream();
    if let Err(error) = check_size(announced) {
        discard(&mut pieces).await;
        return Err(error);
    }
    let Some(first) = pieces.next().await.transpose().map_err(|_| broken_off())? else {
        return Ok(Bytes::new());
    };
    if first.len() == announced {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(announced.max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| broken_off())?;
        if let Err(error) = check_size(whole.len() + piece.len()) {
            drop(whole);
            discard(&mut pieces).await;
            return Err(error);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

async fn discard(pieces: &mut BodyDataStream) {
    let mut left = MAX_DISCARDED_BYTES;
    while let Some(Ok(piece)) = pieces.next().await {
        match left.checked_sub(piece.len()) {
            Some(fewer) => left = fewer,
            None => return,
        }
    }
}

fn check_size(bytes: usize) -> ApiResult<()> {
    if bytes <= MAX_BODY_BYTES {
        return Ok(());
    }
    let message = format!("the body is larger than the {} MB that the server takes", MAX_BODY_BYTES >> 20);
    Err(ApiError::new(ErrorCode::BodyTooLarge, message))
}

fn broken_off() -> ApiError {
    ApiError::new(ErrorCode::MalformedBody, "the body broke off before its end")
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn in_pieces(pieces: Vec<Result<Vec<u8>, std::io::Error>>) -> Body {
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn bodies_arrive_whole_or_not_at_all() {
        let half = vec![b'x'; MAX_BODY_BYTES / 2];
        let broken = std::io::Error::other("gone");
        for (case, body, expected) in [
            ("empty", Body::empty(), Ok(0)),
            ("one piece", Body::from("hello"), Ok(5)),
            ("pieces", in_pieces(vec![Ok(b"hel".to_vec()), Ok(b"lo".to_vec())]), Ok(5)),
            ("the limit", in_pieces(vec![Ok(half.clone()), Ok(half.clone())]), Ok(MAX_BODY_BYTES)),
            ("announced", Body::from(vec![0; MAX_BODY_BYTES + 1]), Err(ErrorCode::BodyTooLarge)),
            (
                "not announced",
                in_pieces(vec![Ok(half.clone()), Ok(half), Ok(vec![0])]),
                Err(ErrorCode::BodyTooLarge),
            ),
            ("broken", in_pieces(vec![Ok(b"hel".to_vec()), Err(broken)]), Err(ErrorCode::MalformedBody)),
        ] {
            let outcome = read_body(body).await.map(|bytes| bytes.len()).map_err(|error| error.code);
            assert_eq!(outcome, expected, "{case}");
        }
    }
}
