"""What revisions are written with: the tables every service has, row-level security, and backfills."""

from typing import Literal, Protocol

from sqlalchemy import Connection, text

from chassis.sql import in_schema


class Operations(Protocol):
    """Alembic's `op`."""

    def execute(self, sql: str, /) -> None:
        """Runs a statement in the revision's transaction."""
        ...

    def get_bind(self) -> Connection:
        """The revision's connection."""
        ...


# Privileges: roles.sql gives both logins all rows of new tables by default; here they are narrowed to what each does.
_PLATFORM_V1 = (
    # The outbox is append-only. `xid` orders rows safely against transactions that commit late (docs/adr/0022).
    """CREATE TABLE {schema}.outbox (
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        position bigint GENERATED ALWAYS AS IDENTITY,
        event_id uuid NOT NULL,
        event_type text NOT NULL,
        payload bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT outbox_pkey PRIMARY KEY (xid, position)
    )""",
    "REVOKE ALL ON {schema}.outbox FROM {schema}_app",
    "GRANT INSERT ON {schema}.outbox TO {schema}_app",
    # One row: how far the relay has published, and the name of the Redis data it published into.
    """CREATE TABLE {schema}.relay_position (
        is_only_row boolean NOT NULL DEFAULT true CHECK (is_only_row),
        xid xid8 NOT NULL DEFAULT '0',
        position bigint NOT NULL DEFAULT 0,
        epoch uuid NOT NULL DEFAULT gen_random_uuid(),
        CONSTRAINT relay_position_pkey PRIMARY KEY (is_only_row)
    )""",
    "INSERT INTO {schema}.relay_position DEFAULT VALUES",
    "REVOKE ALL ON {schema}.relay_position FROM {schema}_app",
    # One row per event whose effect is in the database.
    """CREATE TABLE {schema}.inbox (
        event_id uuid NOT NULL,
        consumer text NOT NULL,
        handled_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT inbox_pkey PRIMARY KEY (event_id, consumer)
    )""",
    "REVOKE ALL ON {schema}.inbox FROM {schema}_app",
    "GRANT SELECT, INSERT ON {schema}.inbox TO {schema}_app",
    # Events that failed: waiting for the next attempt, or dead after the fifth.
    """CREATE TABLE {schema}.inbox_retry (
        event_id uuid NOT NULL,
        consumer text NOT NULL,
        event_type text NOT NULL,
        payload bytea NOT NULL,
        attempts smallint NOT NULL,
        next_at timestamptz NOT NULL,
        dead_at timestamptz,
        last_failure text NOT NULL,
        CONSTRAINT inbox_retry_pkey PRIMARY KEY (event_id, consumer)
    )""",
    "CREATE INDEX inbox_retry_next_at_idx ON {schema}.inbox_retry (next_at) WHERE dead_at IS NULL",
    "CREATE INDEX inbox_retry_dead_at_idx ON {schema}.inbox_retry (dead_at, event_id) WHERE dead_at IS NOT NULL",
    "REVOKE ALL ON {schema}.inbox_retry FROM {schema}_app",
    # Enough to leave alone what waits here when the stream repeats it.
    "GRANT SELECT (event_id, consumer) ON {schema}.inbox_retry TO {schema}_app",
    """CREATE TABLE {schema}.idempotency (
        member_id uuid NOT NULL,
        operation text NOT NULL,
        key text NOT NULL,
        fingerprint bytea NOT NULL,
        resource_id uuid,
        failure jsonb,
        answer bytea,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT idempotency_pkey PRIMARY KEY (member_id, operation, key),
        CONSTRAINT idempotency_outcome_check CHECK ((resource_id IS NULL) <> (failure IS NULL))
    )""",
    "CREATE INDEX idempotency_created_at_idx ON {schema}.idempotency (created_at)",
    "REVOKE ALL ON {schema}.idempotency FROM {schema}_app",
    "GRANT SELECT, INSERT, UPDATE ON {schema}.idempotency TO {schema}_app",
    "ALTER TABLE {schema}.idempotency ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {schema}.idempotency FORCE ROW LEVEL SECURITY",
    # Services acting for nobody keep their keys under the nil UUID.
    """CREATE POLICY member ON {schema}.idempotency TO {schema}_app
        USING (member_id = coalesce((SELECT sec.member_id()), '00000000-0000-0000-0000-000000000000'))
        WITH CHECK (member_id = coalesce((SELECT sec.member_id()), '00000000-0000-0000-0000-000000000000'))""",
    "CREATE POLICY system ON {schema}.idempotency TO {schema}_system USING (true) WITH CHECK (true)",
)

_SYSTEM_POLICIES = {
    "none": (),
    "read": ("CREATE POLICY system ON {schema}.{table} FOR SELECT TO {schema}_system USING (true)",),
    "write": ("CREATE POLICY system ON {schema}.{table} TO {schema}_system USING (true) WITH CHECK (true)",),
}


def platform_v1(op: Operations, schema: str) -> None:
    """Makes outbox, relay position, inbox, inbox_retry and idempotency; in each schema's first revision."""
    for statement in _PLATFORM_V1:
        op.execute(in_schema(statement, schema))


def enable_rls(
    op: Operations,
    schema: str,
    table: str,
    owner_column: str,
    *,
    system: Literal["none", "read", "write"] = "none",
) -> None:
    """Shows members their own rows only; in the revision that makes the table.

    Args:
        op: Alembic's.
        schema: The service's.
        table: Without the schema.
        owner_column: Holds the member's id; index it.
        system: What the system login may do with all rows, for relays, feeds, sweeps and backfills.
    """
    owned = f"{owner_column} = (SELECT sec.member_id())"
    for statement in (
        "ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY",
        # Forced, so that the owner, and views and functions with its rights, see nothing either.
        "ALTER TABLE {schema}.{table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY member ON {{schema}}.{{table}} TO {{schema}}_app USING ({owned}) WITH CHECK ({owned})",
        *_SYSTEM_POLICIES[system],
    ):
        op.execute(in_schema(statement, schema).replace("{table}", table))


def backfill(op: Operations, schema: str, statement: str, *, expected: str) -> None:
    """Changes existing rows in a revision, as the system login: the owner sees none under forced row-level security.

    The table needs `enable_rls(..., system="write")`.

    Args:
        op: Alembic's.
        schema: The service's.
        statement: The UPDATE, INSERT or DELETE.
        expected: A query for the number of rows that the statement has to change.

    Raises:
        RuntimeError: Another number of rows was changed; the revision is rolled back.
    """
    connection = op.get_bind()
    op.execute(in_schema("SET LOCAL ROLE {schema}_system", schema))
    wanted = connection.execute(text(expected)).scalar_one()
    changed = connection.execute(text(statement)).rowcount
    op.execute(in_schema("SET LOCAL ROLE {schema}_owner", schema))
    if changed != wanted:
        raise RuntimeError(f"the backfill of {schema} changed {changed} rows instead of {wanted}")
