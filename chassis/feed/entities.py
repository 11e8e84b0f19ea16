"""What a feed offers: entities with their columns, each a contract with the warehouse, and the SQL that reads them.

Values go into the SQL as literals, because the COPY that extraction uses takes no parameters. They are integers and
UUIDs, never text.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from chassis.feed.cursors import Phase, Position

ColumnType = Literal["uuid", "string", "json", "date", "timestamp", "bool", "int16", "int64", "double"]
Mode = Literal["state"]

# How each type is read, and what stands in a tombstone's row in its place.
_POSTGRES: Final[dict[ColumnType, str]] = {
    "uuid": "uuid",
    "string": "text",
    "json": "text",
    "date": "date",
    "timestamp": "timestamptz",
    "bool": "boolean",
    "int16": "smallint",
    "int64": "bigint",
    "double": "double precision",
}
# 32 bits of key and version, so that sums of a day stay exact even where they are doubles. PostgreSQL may not change
# this hash, as partitions are found by it; a digest would cost more than all else of a row (docs/adr/0029).
_CHECK = "uuid_hash_extended({key}, row_version) & 4294967295"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an entity.

    Attributes:
        name: On the wire.
        type: On the wire; `json` is text.
        sql: What it is read from; the table's column of the same name when empty. It must yield the type.
    """

    name: str
    type: ColumnType
    sql: str = ""

    @property
    def expression(self) -> str:
        """As it stands in a SELECT."""
        return f"{self.sql} AS {self.name}" if self.sql else self.name

    @property
    def absent(self) -> str:
        """As it stands in a tombstone's row."""
        return f"NULL::{_POSTGRES[self.type]} AS {self.name}"


# What every row ends with: its version, the checksum of key and version, and whether it is a tombstone.
_TAIL: Final = (Column("row_version", "int64"), Column("row_check", "int64"), Column("deleted", "bool"))


@dataclass(frozen=True)
class Entity:
    """One table as its feed shows it.

    Attributes:
        name: `<schema>.<table>`.
        key: The table's primary key, one UUID; the first column on the wire.
        columns: What follows the key. A column `member_id` is also filled in tombstones.
        mode: `state`: the latest image of each row; images in between may be left out.
    """

    name: str
    key: str
    columns: tuple[Column, ...]
    mode: Mode = "state"

    @cached_property
    def wire_columns(self) -> tuple[Column, ...]:
        """All columns in their order on the wire."""
        return (Column(self.key, "uuid"), *self.columns, *_TAIL)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the names, types and order of columns, with the key and with the mode."""
        described = "\n".join((self.name, self.mode, *(f"{column.name} {column.type}" for column in self.wire_columns)))
        return hashlib.sha256(described.encode()).hexdigest()[:16]

    @property
    def schema(self) -> str:
        """The service's schema."""
        return self.name.partition(".")[0]

    def page(self, position: Position, *, horizon: int, limit: int) -> str:
        """The statement that reads what comes after `position`, in order; `txid` is its last column."""
        if position.phase is Phase.SNAPSHOT:
            after = f"{self.key} > '{position.pk}' AND {_below(position.bound)}"
            return f"{self._rows} WHERE {after} ORDER BY {self.key} LIMIT {limit:d}"
        behind = f"('{position.txid:d}'::xid8, '{position.pk}'::uuid) AND {_below(horizon)}"
        order = f"ORDER BY txid, {{key}} LIMIT {limit:d}"
        # Each half stops at the limit, so that each is a range of its index.
        rows = f"{self._rows} WHERE (txid, {self.key}) > {behind} {order.format(key=self.key)}"
        graves = f"{self._tombstones} AND (txid, pk) > {behind} {order.format(key='pk')}"
        return f"SELECT * FROM (({rows}) UNION ALL ({graves})) AS changes {order.format(key=self.key)}"  # noqa: S608

    def pending(self, phase: Phase) -> str:
        """An expression: whether there may be anything to read, in CHANGES behind the parameters `txid` and `pk`."""
        rows, graves = f"SELECT FROM {self.name}", f"SELECT FROM {self._graveyard} WHERE entity = '{self.name}'"
        if phase is Phase.SNAPSHOT:
            # Whether there is anything at all; paging tells whether it is behind the position.
            return f"EXISTS ({rows}) OR EXISTS ({graves})"
        after = "> (CAST(:txid AS xid8), :pk) AND txid < pg_snapshot_xmin(pg_current_snapshot())"
        return f"EXISTS ({rows} WHERE (txid, {self.key}) {after}) OR EXISTS ({graves} AND (txid, pk) {after})"

    @cached_property
    def _rows(self) -> str:
        columns = ", ".join((self.key, *(column.expression for column in self.columns), "row_version"))
        check = _CHECK.format(key=self.key)
        return f"SELECT {columns}, {check} AS row_check, false AS deleted, txid FROM {self.name}"  # noqa: S608

    @cached_property
    def _tombstones(self) -> str:
        known = (column.name if column.name == "member_id" else column.absent for column in self.columns)
        columns = ", ".join((f"pk AS {self.key}", *known, "row_version"))
        check = _CHECK.format(key="pk")
        return (
            f"SELECT {columns}, {check} AS row_check, true AS deleted, txid FROM {self._graveyard} "  # noqa: S608
            f"WHERE entity = '{self.name}'"
        )

    @property
    def _graveyard(self) -> str:
        return f"{self.schema}.feed_tombstones"


def _below(bound: int) -> str:
    return f"txid < '{bound:d}'::xid8"


def by_name(entities: Sequence[Entity]) -> dict[str, Entity]:
    """The entities of one feed."""
    return {entity.name: entity for entity in entities}
