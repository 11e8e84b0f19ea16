"""What all answers are made of."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

Json = dict[str, Any]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def page(items: Sequence[Json], next_page_token: str) -> Json:
    """A page of a list."""
    return {"items": items, "next_page_token": next_page_token or None}


def day(message: Date) -> date:
    """A civil day."""
    return date(message.year, message.month, message.day)


def instant(message: Timestamp) -> datetime:
    """An instant, to the microsecond."""
    return _EPOCH + timedelta(0, message.seconds, message.nanos // 1000)
