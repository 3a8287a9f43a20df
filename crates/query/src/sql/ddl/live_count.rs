//! How many live records each object has, kept exact by triggers.
//!
//! The total of a list without a filter is read from there instead of being counted. Triggers see every
//! change, those that foreign keys cause too.

use fourfold_model::{Object, Scalar, Value};

use crate::sql::{Dialect, SqlTarget, SqlWriter, Statement};

/// The table of the counts: object, shard, records. On PostgreSQL an object has a row for each of some
/// groups of connections, so that writers seldom wait for each other; their sum is the count.
pub(crate) const LIVE_TABLE: &str = "_live";

/// What happens to a table, and how a trigger counts it.
struct Event {
    name: &'static str,
    /// SQLite's triggers run for each row.
    sqlite: SqliteTrigger,
    /// PostgreSQL's run for each statement, and see its rows as tables.
    postgres: &'static str,
}

struct SqliteTrigger {
    event: &'static str,
    when: &'static str,
    change: &'static str,
}

const EVENTS: [Event; 3] = [
    Event {
        name: "added",
        sqlite: SqliteTrigger {
            event: " AFTER INSERT ON ",
            when: " WHEN new.\"deletedAt\" IS NULL",
            change: " + 1",
        },
        postgres: " AFTER INSERT ON ",
    },
    Event {
        name: "removed",
        sqlite: SqliteTrigger {
            event: " AFTER DELETE ON ",
            when: " WHEN old.\"deletedAt\" IS NULL",
            change: " - 1",
        },
        postgres: " AFTER DELETE ON ",
    },
    Event {
        name: "changed",
        sqlite: SqliteTrigger {
            event: " AFTER UPDATE OF \"deletedAt\" ON ",
            when: " WHEN (old.\"deletedAt\" IS NULL) <> (new.\"deletedAt\" IS NULL)",
            change: " + CASE WHEN new.\"deletedAt\" IS NULL THEN 1 ELSE -1 END",
        },
        postgres: " AFTER UPDATE ON ",
    },
];

/// `CREATE TRIGGER …` for each event, and the first count.
pub(super) fn install(object: &Object, mut push: impl FnMut(&dyn Fn(&mut SqlWriter))) {
    let id = Value::Uuid(object.id);
    push(&|sql| {
        sql.raw("INSERT INTO ").table(LIVE_TABLE).raw(" (object, shard, records) VALUES (");
        sql.bind(id.clone()).raw(", 0, 0)");
    });
    count(object, push);
}

/// `CREATE TRIGGER …` for each event.
pub(super) fn count(object: &Object, mut push: impl FnMut(&dyn Fn(&mut SqlWriter))) {
    let id = Value::Uuid(object.id);
    for event in &EVENTS {
        push(&|sql| {
            // No object's name holds an underscore.
            sql.raw("CREATE TRIGGER ").ident(&format!("{}_{}", object.name_singular, event.name));
            match sql.dialect() {
                Dialect::Sqlite => {
                    let SqliteTrigger { event, when, change } = event.sqlite;
                    sql.raw(event).table(&object.name_singular).raw(when).raw(" BEGIN UPDATE ");
                    sql.table(LIVE_TABLE).raw(" SET records = records").raw(change);
                    sql.raw(" WHERE object = ").literal(&id).raw("; END");
                }
                Dialect::Postgres => {
                    sql.raw(event.postgres).table(&object.name_singular).raw(" REFERENCING");
                    sql.raw(if event.name == "removed" { "" } else { " NEW TABLE AS added" });
                    sql.raw(if event.name == "added" { "" } else { " OLD TABLE AS removed" });
                    sql.raw(" FOR EACH STATEMENT EXECUTE FUNCTION ").table(FUNCTION).raw("(");
                    sql.literal(&id).raw(")");
                }
            }
        });
    }
}

/// `DROP TRIGGER …` for each event. The count stays.
pub(super) fn stop(object: &Object, mut push: impl FnMut(&dyn Fn(&mut SqlWriter))) {
    for event in &EVENTS {
        push(&|sql| {
            sql.raw("DROP TRIGGER ").ident(&format!("{}_{}", object.name_singular, event.name));
            if sql.dialect() == Dialect::Postgres {
                sql.raw(" ON ").table(&object.name_singular);
            }
        });
    }
}

/// Forgets the count of an object whose table, with its triggers, is gone.
pub(super) fn forget(object: &Object, sql: &mut SqlWriter) {
    sql.raw("DELETE FROM ").table(LIVE_TABLE).raw(" WHERE object = ").bind(Value::Uuid(object.id));
}

const FUNCTION: &str = "_count_live";

/// Reads how many live records each object has: its id, then the number.
pub fn live_counts(target: &SqlTarget) -> Statement {
    let mut sql = SqlWriter::new(target);
    // The sum of whole numbers is a decimal on PostgreSQL.
    sql.raw("SELECT object, CAST(sum(records) AS BIGINT) FROM ").table(LIVE_TABLE).raw(" GROUP BY object");
    sql.statement()
}

/// What keeps the counts, before there are objects.
pub(super) fn create(target: &SqlTarget) -> Vec<Statement> {
    let mut table = SqlWriter::new(target);
    let [id, number] = [Scalar::Uuid, Scalar::BigInt].map(|scalar| target.dialect().column_type(scalar));
    table
        .raw("CREATE TABLE ")
        .table(LIVE_TABLE)
        .raw(" (object ")
        .raw(id)
        .raw(" NOT NULL, shard ")
        .raw(number);
    table.raw(" NOT NULL, records ").raw(number).raw(" NOT NULL, PRIMARY KEY (object, shard))");
    table.raw(target.dialect().table_options());
    let function = match target.dialect() {
        Dialect::Sqlite => None,
        Dialect::Postgres => Some(function(target)),
    };
    [table.statement()].into_iter().chain(function).collect()
}

/// The function that PostgreSQL's triggers call.
fn function(target: &SqlTarget) -> Statement {
    let mut sql = SqlWriter::new(target);
    sql.raw("CREATE FUNCTION ").table(FUNCTION).raw(
        "() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE change BIGINT;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT count(*) INTO change FROM added WHERE \"deletedAt\" IS NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT -count(*) INTO change FROM removed WHERE \"deletedAt\" IS NULL;
    ELSE
        SELECT (SELECT count(*) FROM added WHERE \"deletedAt\" IS NULL)
            - (SELECT count(*) FROM removed WHERE \"deletedAt\" IS NULL) INTO change;
    END IF;
    IF change <> 0 THEN
        INSERT INTO ",
    );
    sql.table(LIVE_TABLE).raw(
        " AS live (object, shard, records)
        VALUES (TG_ARGV[0]::UUID, pg_backend_pid() % 32, change)
        ON CONFLICT (object, shard) DO UPDATE SET records = live.records + excluded.records;
    END IF;
    RETURN NULL;
END $$",
    );
    sql.statement()
}
