//! Passwords: their rule, and their Argon2id hashes.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, password_hash};
use rand::distr::{Alphanumeric, SampleString};
use tokio::sync::Semaphore;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Hashes computed at the same time. Each takes 19 MiB and a core for some hundredths of a second.
const MAX_RUNNING: usize = 2;

/// Hashes that run or wait; further ones are refused.
const MAX_WAITING: usize = 64;

/// The hash of a password that nobody knows, verified against when an e-mail address is unknown, so
/// that the answer takes as long as for a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$GL4Fd6RYZOBXBJQ5+PNFaw$rZpe7P3/FE1ZTtHqEZyDDuGtgeiCEYeiU6qzcdsB3LQ";

/// A password that somebody may choose: 8 to 50 characters of any kind.
pub(crate) struct Password(String);

impl Password {
    /// # Errors
    /// `InvalidAccountInput` when it is shorter or longer.
    pub(crate) fn parse(text: &str) -> ApiResult<Self> {
        if is_allowed(text) {
            return Ok(Self(text.into()));
        }
        Err(ApiError::new(
            ErrorCode::InvalidAccountInput,
            "a password has 8 to 50 characters; choose another",
        ))
    }

    /// A password of 20 letters and digits, about 119 bits.
    pub(crate) fn generate() -> Self {
        Self(Alphanumeric.sample_string(&mut rand::rng(), 20))
    }

    /// The password itself, to show it once.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

fn is_allowed(text: &str) -> bool {
    (8..=50).contains(&text.chars().count())
}

/// Computes hashes away from the async runtime, a few at a time.
pub(crate) struct Passwords {
    running: Semaphore,
    waiting: Semaphore,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { running: Semaphore::new(MAX_RUNNING), waiting: Semaphore::new(MAX_WAITING) }
    }

    /// The hash to store, in the PHC string format.
    ///
    /// # Errors
    /// `Busy` when too many people sign in at once.
    pub(crate) async fn hash(&self, password: &Password) -> ApiResult<String> {
        let text = password.0.clone();
        self.compute(move || {
            let salt = SaltString::generate(&mut OsRng);
            Ok(Argon2::default().hash_password(text.as_bytes(), &salt)?.to_string())
        })
        .await
    }

    /// Whether `password` is the one that was hashed. Without a hash it takes as long, and is not.
    ///
    /// # Errors
    /// `Busy` when too many people sign in at once.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> ApiResult<bool> {
        // What could not have been chosen is not hashed: a password of megabytes would cost as much.
        let possible = hash.is_some() && is_allowed(password);
        let text = if is_allowed(password) { password.to_owned() } else { String::new() };
        let hash = hash.unwrap_or(NOBODY).to_owned();
        self.compute(move || {
            let parsed = PasswordHash::new(&hash)?;
            match Argon2::default().verify_password(text.as_bytes(), &parsed) {
                Ok(()) => Ok(possible),
                Err(password_hash::Error::Password) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> ApiResult<T> {
        let busy =
            || ApiError::new(ErrorCode::Busy, "too many people sign in at once; try again in a moment");
        let _waiting = self.waiting.try_acquire().map_err(|_full| busy())?;
        let _running = self.running.acquire().await.map_err(|_closed| busy())?;
        let computed = tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)?;
        computed.map_err(|error| ApiError::internal(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use argon2::Params;

    use super::*;

    #[tokio::test]
    async fn only_the_same_password_verifies() {
        let passwords = Passwords::new();
        let hash = passwords.hash(&Password::parse("correct-horse-9").unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        for (password, expected) in [("correct-horse-9", true), ("correct-horse-8", false), ("", false)] {
            assert_eq!(passwords.verify(password, Some(&hash)).await.unwrap(), expected, "{password}");
            assert!(!passwords.verify(password, None).await.unwrap(), "{password} without an account");
        }
    }

    #[test]
    fn an_unknown_address_costs_as_much_as_a_known_one() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(cost(&Params::try_from(&nobody).unwrap()), cost(&Params::default()));
        assert_eq!(nobody.hash.unwrap().len(), Params::DEFAULT_OUTPUT_LEN);
    }

    #[test]
    fn length_is_counted_in_characters() {
        for (password, allowed) in [
            ("1234567".to_owned(), false),
            ("12345678".to_owned(), true),
            ("é".repeat(50), true),
            ("a".repeat(51), false),
            (Password::generate().0, true),
        ] {
            assert_eq!(Password::parse(&password).is_ok(), allowed, "{password}");
        }
    }
}
