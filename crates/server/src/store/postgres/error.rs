//! What an error of a statement means for whoever sent it.

use tokio_postgres::error::{DbError, Severity, SqlState};

use super::driver_error::{Stage, full_text};
use crate::store::StoreError;

/// The kind of an error, by its SQLSTATE (manual, appendix A) or by where the connection broke.
///
/// The server's own words, which may be in any language, reach only the log.
pub(super) fn store_error(error: tokio_postgres::Error) -> StoreError {
    match (error.as_db_error(), Stage::of(&error)) {
        (Some(answer), _) => from_answer(answer).unwrap_or_else(|| other(&error)),
        (None, Stage::Other) => other(&error),
        (None, _) => StoreError::Unavailable(full_text(&error)),
    }
}

/// Whether a prepared statement does not fit the schema any more, or is gone from the server. It has
/// to be prepared again.
pub(super) fn is_stale_statement(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(is_stale)
}

fn is_stale(answer: &DbError) -> bool {
    let code = answer.code();
    *code == SqlState::INVALID_SQL_STATEMENT_NAME
        // "cached plan must not change result type" shares its code with much that is our fault.
        || *code == SqlState::FEATURE_NOT_SUPPORTED && answer.routine() == Some("RevalidateCachedQuery")
}

fn other(error: &tokio_postgres::Error) -> StoreError {
    StoreError::Other(full_text(error))
}

fn from_answer(answer: &DbError) -> Option<StoreError> {
    let code = answer.code().code();
    Some(match code {
        "23505" => StoreError::Duplicate {
            table: answer.table().unwrap_or_default().into(),
            columns: answer.detail().and_then(key_columns).unwrap_or_default(),
        },
        "23503" | "23001" => StoreError::ForeignKey,
        "23502" => StoreError::NotNull(answer.column().unwrap_or_default().into()),
        "57014" | "25P03" => StoreError::TimedOut,
        "40001" | "40P01" => StoreError::Conflict,
        _ if is_stale(answer) => StoreError::Conflict,
        "55P03" => StoreError::Busy,
        "54000" if is_index_row(answer) => StoreError::TooLarge,
        // A statement with the wrong number of values; poolers end connections under the same code.
        "08P01" if answer.parsed_severity() == Some(Severity::Error) => return None,
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" | "53300" | "25006" => unavailable(answer),
        _ if code.starts_with("08") => unavailable(answer),
        _ => return None,
    })
}

fn unavailable(answer: &DbError) -> StoreError {
    StoreError::Unavailable(format!("{} (SQLSTATE {})", answer.message(), answer.code().code()))
}

/// Whether a limit of the program was the size of an index row. Messages are translated; the names
/// of the functions in PostgreSQL that complain are not.
fn is_index_row(answer: &DbError) -> bool {
    answer
        .routine()
        .is_some_and(|routine| routine == "_bt_check_third_page" || routine.starts_with("index_form_tuple"))
}

/// The columns of a unique index, from the detail of the error: `Key ("emailsPrimaryEmail",
/// lower(name))=(…, …) already exists.` gives `emailsPrimaryEmail` and `lower(name)`.
///
/// The words around it may be in any language. The values come after the columns, so a value cannot
/// pretend to be one. `None` when there is no such list: whoever may not read a column is told none.
fn key_columns(detail: &str) -> Option<Vec<String>> {
    detail.match_indices('(').find_map(|(start, _)| column_list(&detail[start + 1..]))
}

/// Reads `a, "B", lower(c))=(`, the list and what must follow it.
fn column_list(text: &str) -> Option<Vec<String>> {
    let mut columns = vec![String::new()];
    let mut depth = 0_usize;
    let mut is_quoted = false;
    for (place, character) in text.char_indices() {
        let column = columns.last_mut()?;
        match character {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => {
                let columns = columns.iter().map(|column| unquoted(column.trim()));
                return text[place..].starts_with(")=(").then(|| columns.collect());
            }
            ')' => depth -= 1,
            ',' if depth == 0 => {
                columns.push(String::new());
                continue;
            }
            _ => {}
        }
        column.push(character);
    }
    None
}

/// `"say ""hi"""` is the column `say "hi"`; an expression stays as it is.
fn unquoted(column: &str) -> String {
    match column.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => column.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_server::{Fields, nobody, refusal};
    use super::*;

    /// What becomes of an error with this code, told short.
    async fn outcome(code: &str, severity: &str, more: Fields<'_>) -> String {
        let mut fields = vec![(b'S', severity), (b'V', severity), (b'C', code), (b'M', "words")];
        fields.extend(more);
        match store_error(refusal(&fields).await) {
            StoreError::Duplicate { table, columns } => format!("duplicate {table} {}", columns.join("|")),
            StoreError::NotNull(column) => format!("not null {column}"),
            other => other.to_string(),
        }
    }

    #[tokio::test]
    async fn each_code_has_its_kind() {
        let conflict = StoreError::Conflict.to_string();
        let timed_out = StoreError::TimedOut.to_string();
        let too_large = StoreError::TooLarge.to_string();
        let cases: [(&str, &str, Fields<'_>, &str); 19] = [
            (
                "23505",
                "ERROR",
                &[(b't', "person"), (b'D', "Key (\"emailsPrimaryEmail\")=(a@b.c) already exists.")],
                "duplicate person emailsPrimaryEmail",
            ),
            ("23505", "ERROR", &[(b't', "person")], "duplicate person "),
            ("23503", "ERROR", &[], &StoreError::ForeignKey.to_string()),
            ("23502", "ERROR", &[(b'c', "name")], "not null name"),
            ("57014", "ERROR", &[], &timed_out),
            ("25P03", "FATAL", &[], &timed_out),
            ("40001", "ERROR", &[], &conflict),
            ("40P01", "ERROR", &[], &conflict),
            ("26000", "ERROR", &[], &conflict),
            ("0A000", "ERROR", &[(b'R', "RevalidateCachedQuery")], &conflict),
            ("0A000", "ERROR", &[], "database: words (SQLSTATE 0A000)"),
            ("55P03", "ERROR", &[], &StoreError::Busy.to_string()),
            ("54000", "ERROR", &[(b'R', "_bt_check_third_page")], &too_large),
            ("54000", "ERROR", &[(b'R', "index_form_tuple_context")], &too_large),
            ("54000", "ERROR", &[], "database: words (SQLSTATE 54000)"),
            ("08P01", "FATAL", &[], "the database cannot be reached: words (SQLSTATE 08P01)"),
            ("08P01", "ERROR", &[], "database: words (SQLSTATE 08P01)"),
            ("57P01", "FATAL", &[], "the database cannot be reached: words (SQLSTATE 57P01)"),
            ("42P01", "ERROR", &[], "database: words (SQLSTATE 42P01)"),
        ];
        for (code, severity, more, expected) in cases {
            assert_eq!(outcome(code, severity, more).await, expected, "{code} {more:?}");
        }
        for code in ["08000", "08003", "08006", "57P02", "57P03", "53300", "25006"] {
            let outcome = outcome(code, "FATAL", &[]).await;
            assert!(outcome.starts_with("the database cannot be reached"), "{code}: {outcome}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_gone_is_unavailable() {
        let StoreError::Unavailable(text) = store_error(nobody().await) else { panic!("not unavailable") };
        assert!(text.contains("refused"), "{text}");
    }

    #[test]
    fn columns_are_read_from_details_in_any_language() {
        let cases: [(&str, Option<&[&str]>); 11] = [
            ("Key (name)=(x) already exists.", Some(&["name"])),
            ("Key (\"emailsPrimaryEmail\", x)=(a, b) already exists.", Some(&["emailsPrimaryEmail", "x"])),
            ("Schlüssel »(name)=(x)« existiert bereits.", Some(&["name"])),
            ("キー (name)=(x) はすでに存在します。", Some(&["name"])),
            ("Key (lower(name), id)=(x, y) already exists.", Some(&["lower(name)", "id"])),
            ("Key (COALESCE(a, b))=(x) already exists.", Some(&["COALESCE(a, b)"])),
            ("Key (\"a)=(b\", \"say \"\"hi\"\"\")=(1, 2) already exists.", Some(&["a)=(b", "say \"hi\""])),
            ("Key (name)=((y)=(z)) already exists.", Some(&["name"])),
            ("(parenthesis) (name)=(x)", Some(&["name"])),
            ("Key already exists.", None),
            ("Key (name", None),
        ];
        for (detail, columns) in cases {
            let read = key_columns(detail);
            let read: Option<Vec<&str>> = read.as_ref().map(|list| list.iter().map(String::as_str).collect());
            assert_eq!(read.as_deref(), columns, "{detail}");
        }
    }
}
