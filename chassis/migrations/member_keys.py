"""The table of members' wrapped keys, which `chassis.vault` reads and writes."""

from chassis.migrations.operations import Operations, enable_rls
from chassis.sql import in_schema

_TABLE = """CREATE TABLE {schema}.wrapped_keys (
    member_id uuid NOT NULL,
    version integer NOT NULL,
    kid text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wrapped_keys_pkey PRIMARY KEY (member_id, version)
)"""


def member_keys_v1(op: Operations, schema: str) -> None:
    """Makes `wrapped_keys`, with row-level security, in a revision of the owning schema."""
    op.execute(in_schema(_TABLE, schema))
    enable_rls(op, schema, "wrapped_keys", "member_id", system="write")
