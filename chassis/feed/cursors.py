"""Where a reader of a feed is, as it keeps it: opaque, signed, and good for one entity of one epoch.

A new reader walks the rows by key below the horizon of its start (SNAPSHOT), then follows changes by transaction and
key (CHANGES) from that horizon on; what changed during the walk comes again with a higher version.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.errors import EpochChanged, InvalidArgument, MalformedRequest

NIL: Final = UUID(int=0)
LAST: Final = UUID(int=(1 << 128) - 1)
EVERY_TXID: Final = (1 << 64) - 1
_VERSION: Final = 1
_SIGNATURE_BYTES: Final = 16
_MAX_BYTES: Final = 512


class Phase(StrEnum):
    """What a reader is doing."""

    SNAPSHOT = "s"
    CHANGES = "c"


@dataclass(frozen=True, slots=True)
class Position:
    """The last row read.

    Attributes:
        phase: Says which of the other values count.
        pk: Of the last row.
        txid: Of the last row (CHANGES), or the horizon at which the snapshot began, where changes will start.
        bound: Rows of transactions from this one on are not in the snapshot (SNAPSHOT).
    """

    phase: Phase
    pk: UUID
    txid: int
    bound: int = 0

    @classmethod
    def start(cls, horizon: int, *, bound: int) -> "Position":
        """Before the first row of a snapshot."""
        return cls(Phase.SNAPSHOT, NIL, horizon, bound)

    @classmethod
    def settled(cls, horizon: int) -> "Position":
        """After everything below the horizon."""
        return cls(Phase.CHANGES, LAST, horizon - 1)

    def after(self, txid: int, pk: UUID) -> "Position":
        """The position of a later row of the same phase."""
        return replace(self, pk=pk) if self.phase is Phase.SNAPSHOT else replace(self, pk=pk, txid=txid)


class Cursors:
    """Makes and reads the cursors of one service."""

    def __init__(self, key: bytes) -> None:
        """Takes `derive(secret, "feed-cursor")`."""
        self._key = key

    def seal(self, entity: str, epoch: str, position: Position) -> bytes:
        """The cursor for what comes behind `position`."""
        content = json.dumps(
            [_VERSION, entity, epoch, position.phase, position.pk.hex, position.txid, position.bound],
            separators=(",", ":"),
        ).encode()
        return self._sign(content) + content

    def open(self, entity: str, cursor: bytes) -> tuple[str, Position]:
        """The epoch and position in a cursor.

        Raises:
            MalformedRequest: It was not made here, or was changed.
            InvalidArgument: It is another entity's.
            EpochChanged: It is of an older form.
        """
        signature, content = cursor[:_SIGNATURE_BYTES], cursor[_SIGNATURE_BYTES:]
        if len(cursor) > _MAX_BYTES or not hmac.compare_digest(signature, self._sign(content)):
            raise MalformedRequest.of("cursor", "must come from a batch of this feed")
        version, *rest = json.loads(content)
        if version != _VERSION:
            raise EpochChanged("The cursor is of an older form; read again from an empty one.")
        of_entity, epoch, phase, pk, txid, bound = rest
        if of_entity != entity:
            raise InvalidArgument.of("cursor", "belongs to another entity")
        return epoch, Position(Phase(phase), UUID(pk), txid, bound)

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)[:_SIGNATURE_BYTES]
