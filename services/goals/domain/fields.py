"""Checks of single values, gathered so that one answer names every field that breaks a rule."""

import math
import re
import unicodedata
from datetime import date

from chassis.errors import FieldViolation, InvalidArgument

MIN_DATE = date(1900, 1, 1)
MAX_DATE = date(2200, 12, 31)
MAX_NUMBER = 1e12
DECIMALS = 9

# Control characters and the marks that reorder a line; joiners stay, emoji and some scripts need them.
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def is_blank(text: str) -> bool:
    """Nothing in it can be seen: blanks and characters that only format."""
    return all(character.isspace() or unicodedata.category(character) == "Cf" for character in text)


class Checks:
    """Gathers violations; `finish` raises them together."""

    __slots__ = ("_violations",)

    def __init__(self) -> None:
        self._violations: list[FieldViolation] = []

    def fail(self, field: str, message: str) -> None:
        """Notes that `field` breaks a rule."""
        self._violations.append(FieldViolation(field, message))

    def finish(self) -> None:
        """Ends the gathering.

        Raises:
            InvalidArgument: At least one field broke a rule.
        """
        if self._violations:
            first = self._violations[0]
            raise InvalidArgument(f"{first.field}: {first.message}", violations=tuple(self._violations))

    def line(self, field: str, text: str, *, longest: int, required: bool = False) -> str:
        """A text of one line; lengths are in code points."""
        if required and is_blank(text):
            self.fail(field, "must not be empty")
        elif len(text) > longest:
            self.fail(field, f"must have at most {longest} characters")
        elif _NOT_IN_A_LINE.search(text):
            self.fail(field, "must not contain control characters or line breaks")
        return text

    def body(self, field: str, text: str, *, longest: int) -> str:
        """A text of many lines, kept as written."""
        if len(text) > longest:
            self.fail(field, f"must have at most {longest} characters")
        elif "\x00" in text:
            self.fail(field, "must not contain the NUL character")
        return text

    def number(self, field: str, value: float) -> float:
        """A finite number within ±1e12, kept to 9 decimals."""
        if not math.isfinite(value) or abs(value) > MAX_NUMBER:
            self.fail(field, "must be a finite number between -1e12 and 1e12")
            return 0.0
        return round(value, DECIMALS) + 0.0  # turns -0.0 into 0.0

    def day(self, field: str, day: date) -> date:
        """A civil day between 1900-01-01 and 2200-12-31."""
        if not MIN_DATE <= day <= MAX_DATE:
            self.fail(field, "must lie between 1900-01-01 and 2200-12-31")
        return day
