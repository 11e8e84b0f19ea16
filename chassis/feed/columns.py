"""How feed columns stand in a service's `tables`, as `chassis.migrations.feed_v1` makes them."""

from typing import Any

import sqlalchemy as sa


class Xid8(sa.types.UserDefinedType[int]):
    """The id of a transaction: 64 bits, counted up by PostgreSQL, never reused."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """PostgreSQL's name of the type."""
        return "xid8"


def add_feed_columns(table: sa.Table) -> None:
    """Adds `txid`, `row_version` and their index to the description of a table with a primary key of one column."""
    (key,) = table.primary_key.columns
    table.append_column(sa.Column("txid", Xid8, nullable=False, server_default=sa.text("pg_current_xact_id()")))
    table.append_column(sa.Column("row_version", sa.BigInteger, nullable=False, server_default=sa.text("1")))
    sa.Index(f"{table.name}_feed_idx", table.c.txid, key)
