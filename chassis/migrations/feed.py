"""What a change feed needs in a schema: its epoch and tombstones, and two columns, an index and triggers per table."""

from chassis.migrations.operations import Operations, enable_rls
from chassis.sql import in_schema

_TABLES_V1 = (
    # One row. Another value is another epoch: every reader takes a new snapshot.
    """CREATE TABLE {schema}.feed_state (
        is_only_row boolean NOT NULL DEFAULT true CHECK (is_only_row),
        epoch uuid NOT NULL DEFAULT gen_random_uuid(),
        CONSTRAINT feed_state_pkey PRIMARY KEY (is_only_row)
    )""",
    "INSERT INTO {schema}.feed_state DEFAULT VALUES",
    "REVOKE ALL ON {schema}.feed_state FROM {schema}_app, {schema}_system",
    "GRANT SELECT ON {schema}.feed_state TO {schema}_system",
    # What was deleted, in the order of the feed.
    """CREATE TABLE {schema}.feed_tombstones (
        entity text NOT NULL,
        txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        pk uuid NOT NULL,
        member_id uuid NOT NULL,
        row_version bigint NOT NULL,
        CONSTRAINT feed_tombstones_pkey PRIMARY KEY (entity, txid, pk)
    )""",
    "REVOKE ALL ON {schema}.feed_tombstones FROM {schema}_app",
    # Deleting is what writes them, whoever deletes.
    "GRANT INSERT ON {schema}.feed_tombstones TO {schema}_app",
    """CREATE FUNCTION {schema}.feed_moved() RETURNS trigger LANGUAGE plpgsql AS $moved$
    BEGIN
      NEW.txid := pg_current_xact_id();
      NEW.row_version := OLD.row_version + 1;
      RETURN NEW;
    END
    $moved$""",
)
_TABLE_V1 = (
    # The default is computed once for all rows that are there, so that nothing is rewritten.
    """ALTER TABLE {schema}.{table}
        ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        ADD COLUMN row_version bigint NOT NULL DEFAULT 1""",
    "CREATE INDEX {table}_feed_idx ON {schema}.{table} (txid, {key})",
    """CREATE TRIGGER {table}_feed_moved BEFORE UPDATE ON {schema}.{table}
        FOR EACH ROW EXECUTE FUNCTION {schema}.feed_moved()""",
    """CREATE FUNCTION {schema}.{table}_feed_deleted() RETURNS trigger LANGUAGE plpgsql AS $deleted$
    BEGIN
      INSERT INTO {schema}.feed_tombstones (entity, pk, member_id, row_version)
      SELECT '{schema}.{table}', {key}, {owner}, row_version + 1 FROM deleted_rows;
      RETURN NULL;
    END
    $deleted$""",
    """CREATE TRIGGER {table}_feed_deleted AFTER DELETE ON {schema}.{table} REFERENCING OLD TABLE AS deleted_rows
        FOR EACH STATEMENT EXECUTE FUNCTION {schema}.{table}_feed_deleted()""",
)
_SYSTEM_READS = "CREATE POLICY system ON {schema}.{table} FOR SELECT TO {schema}_system USING (true)"


def feed_tables_v1(op: Operations, schema: str) -> None:
    """Makes the schema's epoch and tombstones; once, before the first `feed_v1`."""
    for statement in _TABLES_V1:
        op.execute(in_schema(statement, schema))
    enable_rls(op, schema, "feed_tombstones", "member_id", system="write")


def feed_v1(
    op: Operations, schema: str, table: str, *, key: str, owner: str = "member_id", grant_read: bool = False
) -> None:
    """Lets a table's changes be followed; describe it with `chassis.feed.columns.add_feed_columns` in `tables`.

    Every insert and update carries its transaction's id, every update counts `row_version`, every delete leaves a
    tombstone. Keys must be UUIDs that are never used again.

    Args:
        op: Alembic's.
        schema: The service's.
        table: Without the schema.
        key: The column of the primary key.
        owner: The column of the member whose row it is.
        grant_read: Also let the system login read all rows, where `enable_rls` did not.
    """
    statements = (*_TABLE_V1, *((_SYSTEM_READS,) if grant_read else ()))
    for statement in statements:
        sql = in_schema(statement, schema).replace("{table}", table).replace("{key}", key).replace("{owner}", owner)
        op.execute(sql)
