"""Values of files that nobody vouches for: read by type, made fit for our fields, never trusted."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from services.goals.domain.fields import MAX_DATE, MIN_DATE
from services.goals.domain.transfer.model import Unfit

Word = TypeVar("Word", bound=StrEnum)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SECONDS: Final = 10**11
_BLANKS: Final = re.compile(r"\s+")
_DAY: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?", re.ASCII)


def line(text: str, *, longest: int, otherwise: str = "") -> str:
    """A text as one line that can be shown: controls become blanks, what is too long is cut."""
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text[: longest * 4])
    plain = "".join(c for c in plain if not "\u202a" <= c <= "\u202e" and not "\u2066" <= c <= "\u2069")
    plain = _BLANKS.sub(" ", plain).strip()
    if len(plain) > longest:
        plain = plain[: longest - 1].rstrip() + "…"
    return plain or otherwise


def body(text: str, *, longest: int) -> str:
    """A text of many lines that can be kept: without NUL and broken characters, cut where it is too long."""
    plain = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def day_of(text: str) -> date:
    """A day, `2026-03-20` or `20260320`, within the calendar.

    Raises:
        Unfit: It is none.
    """
    found = _DAY.fullmatch(text)
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Unfit("the date is none of the calendar")
    return check_day(day)


def check_day(day: date) -> date:
    """The day, if it lies between 1900 and 2200.

    Raises:
        Unfit: It does not.
    """
    if not MIN_DATE <= day <= MAX_DATE:
        raise Unfit("the date does not lie between 1900 and 2200")
    return day


def instant_of(seconds: float) -> datetime:
    """The instant so many seconds after 1970.

    Raises:
        Unfit: It is none of the calendar.
    """
    if not math.isfinite(seconds) or abs(seconds) > _MAX_SECONDS:
        raise Unfit("the time is none of the calendar")
    try:
        at = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise Unfit("the time is none of the calendar") from None
    check_day(at.date())
    return at


def instant_in(text: str) -> datetime:
    """An instant in ISO 8601 with its offset, or in UTC where there is none.

    Raises:
        Unfit: It is none.
    """
    try:
        at = datetime.fromisoformat(text[:40])
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit("the time cannot be read") from None
    check_day(at.date())
    return at


def number_of(text: str) -> float:
    """A finite number, written with a point.

    Raises:
        Unfit: It is none.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise Unfit("the value is no number")
    return finite(float(text))


def finite(number: float) -> float:
    """The number, unless it is none or infinite.

    Raises:
        Unfit: It is.
    """
    if not math.isfinite(number):
        raise Unfit("the value is no number")
    return number


class Fields:
    """Fields of an object in a file, by type. What is absent or null takes the default; another type is unfit."""

    __slots__ = ("_document", "_name")

    def __init__(self, document: object, name: str = "") -> None:
        if not isinstance(document, Mapping):
            raise Unfit(f"{name or 'it'} must be an object")
        self._document: Mapping[str, Any] = document
        self._name = f"{name}." if name else ""

    def has(self, name: str) -> bool:
        """It is there and not null."""
        return self._document.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A text, as it stands."""
        return str(self._get(name, str, "a text", default))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        return bool(self._get(name, bool, "true or false", default))

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        value = self._document.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unfit(f"{self._name}{name} must be a number")
        try:
            return finite(float(value))
        except (OverflowError, Unfit):
            raise Unfit(f"{self._name}{name} must be a number") from None

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.number(name, default)
        if value != int(value) or abs(value) > _MAX_SECONDS:
            raise Unfit(f"{self._name}{name} must be a whole number")
        return int(value)

    def day(self, name: str) -> date | None:
        """A day as text."""
        text = self.text(name)
        try:
            return day_of(text) if text else None
        except Unfit as unfit:
            raise Unfit(f"{self._name}{name}: {unfit.reason}") from None

    def instant(self, name: str) -> datetime | None:
        """An instant as text."""
        text = self.text(name)
        try:
            return instant_in(text) if text else None
        except Unfit as unfit:
            raise Unfit(f"{self._name}{name}: {unfit.reason}") from None

    def word(self, name: str, words: type[Word]) -> Word:
        """One of the words of an enum."""
        try:
            return words(self.text(name))
        except ValueError:
            raise Unfit(f"{self._name}{name} must be one of {', '.join(words)}") from None

    def items(self, name: str) -> Sequence[Any]:
        """A list."""
        found: Sequence[Any] = self._get(name, list, "a list", [])
        return found

    def part(self, name: str) -> "Fields | None":
        """An object within it."""
        value = self._document.get(name)
        return None if value is None else Fields(value, f"{self._name}{name}")

    def _get(self, name: str, kind: type, words: str, default: object) -> Any:
        value = self._document.get(name)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise Unfit(f"{self._name}{name} must be {words}")
        return value
