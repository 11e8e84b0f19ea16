"""What all messages are made of."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from gateway.routes import views

# Enum numbers by word of the API. The stubs give every enum a type of its own; at run time they are numbers.
Words = Mapping[str, Any]
WEEKDAY: Final[Words] = {word: number for number, word in enumerate(views.WEEKDAYS) if word}


def day(value: date) -> Date:
    """A civil day."""
    return Date(year=value.year, month=value.month, day=value.day)


def instant(value: datetime) -> Timestamp:
    """An instant."""
    message = Timestamp()
    message.FromDatetime(value)
    return message


def weekdays(words: Iterable[str] | None) -> list[int]:
    """Weekdays in order, each once; none for all."""
    return sorted({WEEKDAY[word] for word in words or ()})
