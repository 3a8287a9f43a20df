//! Ids of records.

use std::sync::atomic::{AtomicU16, Ordering};

use jiff::Timestamp;
use uuid::Uuid;

/// The id of a record: a UUID of version 1 to 8 with the variant of RFC 9562.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(Uuid);

/// Orders ids that are made in the same millisecond. Twelve bits of it are used.
static SEQUENCE: AtomicU16 = AtomicU16::new(0);

impl RecordId {
    /// Reads `8-4-4-4-12` hexadecimal digits in either case. The nil UUID is none.
    pub fn parse(text: &str) -> Option<Self> {
        // `Uuid` reads other spellings too, which clients of the contract never send.
        if text.len() != 36 {
            return None;
        }
        let id = Uuid::try_parse(text).ok()?;
        let has_version = (1..=8).contains(&id.get_version_num());
        (has_version && id.get_variant() == uuid::Variant::RFC4122).then_some(Self(id))
    }

    /// A fresh id that sorts after the ones made before `now`: 48 bits of milliseconds, a sequence
    /// of 12 bits, 62 random bits. It is labelled version 4, since clients of the contract may
    /// refuse others; the time prefix keeps new rows together in their indexes.
    pub fn generate(now: Timestamp) -> Self {
        let mut bytes = *Uuid::new_v4().as_bytes();
        let millis = now.as_millisecond().max(0).to_be_bytes();
        bytes[..6].copy_from_slice(&millis[2..]);
        let [high, low] = SEQUENCE.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes[6] = 0x40 | (high & 0x0f);
        bytes[7] = low;
        Self(Uuid::from_bytes(bytes))
    }
}

impl From<RecordId> for Uuid {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_one_to_eight_are_ids() {
        for (text, accepted) in [
            ("7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11", true),
            ("7D0C3A2E-5A41-4C7B-9F0A-3F6F0C1D2E11", true),
            ("0192f0c1-7a41-7c7b-9f0a-3f6f0c1d2e11", true),
            ("7d0c3a2e-5a41-0c7b-9f0a-3f6f0c1d2e11", false),
            ("7d0c3a2e-5a41-4c7b-cf0a-3f6f0c1d2e11", false),
            ("00000000-0000-0000-0000-000000000000", false),
            ("7d0c3a2e5a414c7b9f0a3f6f0c1d2e11", false),
            ("{7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e1}", false),
            ("first", false),
        ] {
            assert_eq!(RecordId::parse(text).is_some(), accepted, "{text}");
        }
    }

    #[test]
    fn generated_ids_sort_by_time_and_look_like_version_4() {
        let earlier = RecordId::generate("2026-01-01T00:00:00Z".parse().unwrap());
        let later = RecordId::generate("2026-01-01T00:00:00.001Z".parse().unwrap());
        assert!(earlier < later);
        assert_eq!(Uuid::from(later).get_version_num(), 4);
        assert!(RecordId::parse(&Uuid::from(later).to_string()).is_some());
    }
}
