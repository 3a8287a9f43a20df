//! The tag of a record: it changes with anything that is stored of the record, and with nothing else.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{Cell, Cells, Format, write_cell};

/// The first half of a SHA-256 over what is stored of a record, the same on both databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordTag([u8; 16]);

impl RecordTag {
    /// Reads what `Display` writes; every other text is the tag of no record.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_plain)?;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for RecordTag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// What a tag is made from: columns in the order of the model, at whose end new ones stand.
#[derive(Debug)]
pub(crate) struct TagShape(pub(crate) Vec<(usize, Format)>);

/// Room for what most records hold, in bytes.
const USUAL_BYTES: usize = 1024;

impl TagShape {
    /// Columns without a value are left out, so that a field that is added to the model changes no tag.
    pub(crate) fn tag(&self, row: &impl Cells) -> RecordTag {
        let mut content = Vec::with_capacity(USUAL_BYTES);
        for (place, (column, format)) in (0_u16..).zip(&self.0) {
            let cell = row.cell(*column);
            if cell != Cell::Null {
                content.extend_from_slice(&place.to_be_bytes());
                write_cell(cell, *format, &mut content);
                content.push(b',');
            }
        }
        let digest: [u8; 32] = Sha256::digest(&content).into();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        RecordTag(half)
    }
}

#[cfg(test)]
mod tests {
    use fourfold_model::{NullReads, Scalar};

    use super::*;

    struct Row<'a>(&'a [Cell<'a>]);

    impl Cells for Row<'_> {
        fn cell(&self, column: usize) -> Cell<'_> {
            self.0.get(column).copied().unwrap_or(Cell::Null)
        }
    }

    fn tag(cells: &[Cell<'_>]) -> RecordTag {
        let scalars = [Scalar::Uuid, Scalar::Date, Scalar::TextList, Scalar::Text];
        let formats = scalars.map(|scalar| Format { scalar, null_reads: NullReads::Null });
        TagShape(formats.into_iter().enumerate().collect()).tag(&Row(cells))
    }

    #[test]
    fn both_databases_give_a_record_one_tag() {
        let elements = [0, 0, 0, 1, b'x'];
        let sqlite = [
            Cell::Text(b"01010101-0101-0101-0101-010101010101"),
            Cell::Text(b"1970-01-02"),
            Cell::Text(br#"["x"]"#),
        ];
        let postgres = [Cell::Uuid(&[1; 16]), Cell::Date(1), Cell::Elements(&elements)];
        assert_eq!(tag(&sqlite), tag(&postgres));
    }

    #[test]
    fn every_value_counts_and_a_missing_one_is_not_an_empty_one() {
        let all = [
            tag(&[]),
            tag(&[Cell::Null, Cell::Null, Cell::Null, Cell::Text(b"")]),
            tag(&[Cell::Null, Cell::Null, Cell::Null, Cell::Text(b"x")]),
            tag(&[Cell::Null, Cell::Text(b"x")]),
            tag(&[Cell::Text(b"x")]),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[place + 1..].contains(one), "{place}");
        }
    }

    #[test]
    fn a_tag_is_read_as_it_is_written() {
        let written = tag(&[]).to_string();
        assert_eq!((written.len(), RecordTag::parse(&written)), (32, Some(tag(&[]))));
        for text in ["", "x", &written.to_uppercase(), &written[1..], &format!("+{}", &written[1..])] {
            assert_eq!(RecordTag::parse(text), None, "{text}");
        }
    }
}
