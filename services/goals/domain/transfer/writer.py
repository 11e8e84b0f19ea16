"""Our own export as pieces of a file: JSON with everything, or CSV with activities for spreadsheets.

A piece is made of what was read last, so that an export takes the memory of a page however much a member has.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from services.goals.domain.activity import Activity
from services.goals.domain.care import Care, Reminder, Vacation
from services.goals.domain.goal import Goal
from services.goals.domain.transfer.documents import (
    COLUMNS,
    FORMAT,
    VERSION,
    activity_document,
    activity_row,
    goal_document,
    instant,
    vacation_document,
)

# What spreadsheets take for the beginning of a formula, behind any number of apostrophes; one more makes it text.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r\n]")


def guarded(cell: str) -> str:
    """The cell so that no spreadsheet runs it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` made a cell of."""
    return cell[1:] if _GUARDED.match(cell) else cell


class Writer(Protocol):
    """Makes pieces of a file, in the order of the calls."""

    def begin(self, vacations: Sequence[Vacation]) -> bytes:
        """The head of the file; `vacations` are those of the member."""
        ...

    def goal(self, goal: Goal, care: Care, *, reminders: tuple[Reminder, ...], vacations: Sequence[Vacation]) -> bytes:
        """A goal; what was logged on it follows by `activities`, then `end_goal`."""
        ...

    def activities(self, activities: Iterable[Activity]) -> bytes:
        """Activities of the goal, in any number of calls."""
        ...

    def end_goal(self) -> bytes:
        """What closes the goal."""
        ...

    def end(self) -> bytes:
        """What closes the file."""
        ...


class JsonWriter:
    """The complete form."""

    def __init__(self, at: datetime) -> None:
        """Begins a file that is written at the instant `at`."""
        self._at = at
        self._is_first_goal = True
        self._is_first_activity = True

    def begin(self, vacations: Sequence[Vacation]) -> bytes:
        """The head."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": instant(self._at),
            "vacations": [vacation_document(each) for each in vacations],
        }
        return _json(head)[:-1] + b',"goals":['

    def goal(self, goal: Goal, care: Care, *, reminders: tuple[Reminder, ...], vacations: Sequence[Vacation]) -> bytes:
        """A goal, left open."""
        document = goal_document(goal, care, reminders)
        document["vacations"] = [vacation_document(each) for each in vacations]
        separator, self._is_first_goal = b"" if self._is_first_goal else b",", False
        self._is_first_activity = True
        return separator + b"\n" + _json(document)[:-1] + b',"activities":['

    def activities(self, activities: Iterable[Activity]) -> bytes:
        """More of them."""
        pieces = [b"\n" + _json(activity_document(each)) for each in activities]
        if not pieces:
            return b""
        separator, self._is_first_activity = b"" if self._is_first_activity else b",", False
        return separator + b",".join(pieces)

    def end_goal(self) -> bytes:
        """Closes list and goal."""
        return b"]}"

    def end(self) -> bytes:
        """Closes list and file."""
        return b"\n]}\n"


class CsvWriter:
    """Activities alone, a row each. It begins with a mark by which spreadsheets know UTF-8."""

    def __init__(self) -> None:
        self._goal: Goal | None = None

    def begin(self, vacations: Sequence[Vacation]) -> bytes:
        """The names of the columns."""
        return b"\xef\xbb\xbf" + _csv([COLUMNS])

    def goal(self, goal: Goal, care: Care, *, reminders: tuple[Reminder, ...], vacations: Sequence[Vacation]) -> bytes:
        """Nothing yet."""
        self._goal = goal
        return b""

    def activities(self, activities: Iterable[Activity]) -> bytes:
        """Rows, each with the goal's title."""
        goal = self._goal
        return _csv([activity_row(goal, each) for each in activities]) if goal else b""

    def end_goal(self) -> bytes:
        """Nothing."""
        return b""

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[guarded(cell) for cell in row] for row in rows])
    return text.getvalue().encode()
