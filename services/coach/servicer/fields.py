"""Fields of requests that are no value of their type, refused under the name that clients know them by."""

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from google.type.date_pb2 import Date

from chassis.errors import InvalidArgument

_UUID_LENGTH: Final = 36


def uuid_of(text: str, field: str) -> UUID:
    """An id.

    Raises:
        InvalidArgument: It is not one.
    """
    try:
        if len(text) == _UUID_LENGTH:
            return UUID(text)
    except ValueError:
        pass
    raise InvalidArgument.of(field, "must be a UUID")


def day_of(message: Date, field: str) -> date:
    """A civil day.

    Raises:
        InvalidArgument: There is no such day.
    """
    try:
        return date(message.year, message.month, message.day)
    except ValueError:
        raise InvalidArgument.of(field, "must be a day of the calendar") from None


def mask_of(paths: Iterable[str], *known: str) -> frozenset[str]:
    """The fields that are to change; may be none.

    Raises:
        InvalidArgument: One cannot be changed.
    """
    given = frozenset(paths)
    if given - set(known):
        raise InvalidArgument.of("update_mask", f"must name some of: {', '.join(known)}")
    return given
