"""What stand-ins share: answers by key, who is asking, and how they are served."""

from datetime import UTC, date
from typing import Any
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis.clock import SystemClock, new_id
from chassis.errors import IdempotencyKeyReused
from chassis.request import current
from chassis.rpc.policy import WRITE, Allow
from chassis.rpc.server import Servicing

_CLOCK = SystemClock()
_MAX_REQUEST_BYTES = 21 * 1024 * 1024


class Replays:
    """Answers by member, operation and key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[UUID | None, str, str], tuple[bytes, Any]] = {}

    def recall(self, request: Any) -> Any:
        """The first answer to this request, or None."""
        kept = self._kept.get(self._scope(request))
        if kept is None:
            return None
        if kept[0] != self._words(request):
            raise IdempotencyKeyReused("This key came with another request.")
        current().replayed = True
        return kept[1]

    def remember(self, request: Any, answer: Any) -> Any:
        """Keeps the answer and returns it."""
        self._kept[self._scope(request)] = (self._words(request), answer)
        return answer

    @staticmethod
    def _scope(request: Any) -> tuple[UUID | None, str, str]:
        return current().principal.member_id, current().method, request.idempotency_key

    @staticmethod
    def _words(request: Any) -> bytes:
        bare = type(request)()
        bare.CopyFrom(request)
        bare.ClearField("idempotency_key")
        return bytes(bare.SerializeToString(deterministic=True))


def servicing(descriptor: Any, servicer: Any, add: Any) -> Servicing:
    """A stand-in with policies that let every member in."""
    allow = Allow.members("gateway", deadline=WRITE, max_request_bytes=_MAX_REQUEST_BYTES)
    policies = {method.name: allow for method in descriptor.methods}
    return Servicing(descriptor=descriptor, servicer=servicer, add=add, policies=policies)


def member_id() -> str:
    """Who is asking."""
    return str(current().principal.member_id)


def fresh_id() -> str:
    """The id of something new."""
    return str(new_id(_CLOCK))


def now() -> Timestamp:
    """This instant."""
    stamp = Timestamp()
    stamp.FromDatetime(_CLOCK.now())
    return stamp


def today() -> Date:
    """This day in UTC."""
    day: date = _CLOCK.now().astimezone(UTC).date()
    return Date(year=day.year, month=day.month, day=day.day)
