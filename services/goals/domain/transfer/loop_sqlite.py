"""Loop Habit Tracker's backup: an SQLite database with the tables Habits and Repetitions.

A stranger's database is opened in memory from a copy of its bytes: no file, no extension, no attached database, no
trigger and no view is ever touched, and every statement ends after a number of steps (docs/adr/0048).
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from typing import Any, Final

from services.goals.domain.care import Reminder
from services.goals.domain.transfer.loop import Habit, Repetition, goal_of
from services.goals.domain.transfer.model import MAX_ENTRIES, MAX_GOALS, Parsed, Remarks, Unfit, refused

MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
# File format versions in the header: 2 is write-ahead logging, whose log is not here.
_VERSIONS: Final = slice(18, 20)
_ROLLBACK: Final = b"\x01\x01"
_STEPS_PER_CHECK: Final = 100_000
_MAX_CHECKS: Final = 500
_MAX_VALUE_BYTES: Final = 1024 * 1024
_EPOCH: Final = date(1970, 1, 1)
_DAY_MS: Final = 86_400_000
_TABLES: Final = {
    "habits": ("id", "name", "freq_num", "freq_den"),
    "repetitions": ("habit", "timestamp"),
}
_OPTIONAL: Final = {
    "habits": (
        "question", "description", "archived", "type", "target_type", "target_value", "unit", "uuid",
        "reminder_hour", "reminder_min", "reminder_days", "position",
    ),
    "repetitions": ("value", "notes"),
}  # fmt: skip
_PLAIN: Final = re.compile(r"\s*CREATE\s+TABLE\b(?!.*\bGENERATED\b)(?!.*\bAS\s*\()", re.IGNORECASE | re.DOTALL)

Record = dict[str, Any]


def parse(content: bytes) -> Parsed:
    """What is in the backup.

    Raises:
        InvalidArgument: It is no backup of Loop, or takes more than it may.
    """
    parsed = Parsed()
    try:
        with closing(_opened(content)) as database:
            habits = list(_rows(database, "habits", MAX_GOALS))
            repetitions: dict[int, list[Record]] = {}
            for row in _rows(database, "repetitions", MAX_ENTRIES):
                repetitions.setdefault(row["habit"], []).append(row)
    except (sqlite3.Error, sqlite3.Warning, OverflowError, MemoryError):
        raise refused("is damaged, or no backup of Loop") from None
    habits.sort(key=lambda row: row["position"] if isinstance(row.get("position"), int) else 0)
    for row in habits:
        where = f"Habits, id {row['id']}" if isinstance(row["id"], int) else "Habits"
        mine = repetitions.pop(row["id"], []) if isinstance(row["id"], int) else []
        try:
            habit = _habit(row, where)
            parsed.goals.append(goal_of(habit, _repetitions(mine, where, parsed.remarks), parsed.remarks))
        except Unfit as unfit:
            parsed.remarks.add(where, unfit.reason)
    for rest in repetitions.values():
        for _ in rest:
            parsed.remarks.add("Repetitions", "belongs to no habit")
    return parsed.check_size()


def _opened(content: bytes) -> sqlite3.Connection:
    if len(content) < _HEADER_BYTES or not content.startswith(MAGIC):
        raise refused("is no SQLite database")
    image = bytearray(content)
    image[_VERSIONS] = _ROLLBACK
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=True)
    try:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(_MAX_VALUE_BYTES, len(content)))
        database.deserialize(bytes(image))
        for pragma in ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        checks = iter(range(_MAX_CHECKS))
        database.set_progress_handler(lambda: next(checks, None) is None, _STEPS_PER_CHECK)
        database.set_authorizer(_authorize)
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    except BaseException:
        database.close()
        raise
    return database


def _authorize(action: int, table: str | None, column: str | None, _database: str | None, _source: str | None) -> int:
    """Reading of three tables, and nothing else: no function, no recursion, no pragma, no attaching."""
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    is_ours = table is not None and table.lower() in {*_TABLES, "sqlite_master", "sqlite_schema"}
    return sqlite3.SQLITE_OK if action == sqlite3.SQLITE_READ and is_ours else sqlite3.SQLITE_DENY


def _rows(database: sqlite3.Connection, table: str, most: int) -> Iterator[Record]:
    """The rows of a table by the names of its columns; what an older version of Loop does not have is left out."""
    definition = [
        sql
        for name, kind, sql in database.execute(_reading(("name", "type", "sql"), "sqlite_master"))
        if isinstance(name, str) and name.lower() == table and kind == "table" and isinstance(sql, str)
    ]
    if len(definition) != 1 or not _PLAIN.match(definition[0]):
        raise refused("is no backup of Loop: the tables Habits and Repetitions are missing")
    there = {word.lower() for word in re.findall(r"\w+", definition[0])}
    columns = [*_TABLES[table], *(name for name in _OPTIONAL[table] if name in there)]
    for number, row in enumerate(database.execute(_reading(columns, table))):
        if number == most:
            raise refused(f"holds more than {most} {table}; split it")
        yield dict(zip(columns, row, strict=True))


def _reading(columns: Sequence[str], table: str) -> str:
    """Reads the whole table; all names are constants of this module."""
    return f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608


def _habit(row: Record, where: str) -> Habit:
    number = _number(row.get("target_value"), 0.0)
    uuid = row.get("uuid")
    return Habit(
        where,
        uuid if isinstance(uuid, str) and uuid else f"id {row['id']}",
        _text(row["name"]),
        _text(row.get("question")),
        _text(row.get("description")),
        times=_integer(row["freq_num"], "the frequency"),
        days=_integer(row["freq_den"], "the frequency"),
        is_numerical=row.get("type") == 1,
        is_limit=row.get("target_type") == 1,
        target=number,
        unit=_text(row.get("unit")),
        is_archived=row.get("archived") not in (None, 0),
        reminders=_reminders(row),
    )


def _reminders(row: Record) -> tuple[Reminder, ...]:
    """Loop's reminder: a time, and its days as bits from Saturday on; none of them set means all."""
    hour, minute, bits = (row.get(name) for name in ("reminder_hour", "reminder_min", "reminder_days"))
    if not isinstance(hour, int) or not isinstance(minute, int) or not 0 <= hour < 24 or not 0 <= minute < 60:
        return ()
    days = bits if isinstance(bits, int) else 0
    weekdays = sorted((bit + 5) % 7 + 1 for bit in range(7) if days >> bit & 1)
    return (Reminder(hour * 60 + minute, () if len(weekdays) == 7 else tuple(weekdays)),)


def _repetitions(rows: list[Record], where: str, remarks: Remarks) -> Iterator[Repetition]:
    for row in rows:
        try:
            value = row.get("value", 2)
            yield Repetition(_day(row["timestamp"]), value if isinstance(value, int) else None, _text(row.get("notes")))
        except Unfit as unfit:
            remarks.add(where, unfit.reason)


def _day(timestamp: object) -> date:
    """Loop dates an entry by the milliseconds at which its day begins in UTC."""
    if not isinstance(timestamp, int):
        raise Unfit("the time is none of the calendar")
    try:
        return _EPOCH + timedelta(days=timestamp // _DAY_MS)
    except OverflowError:
        raise Unfit("the time is none of the calendar") from None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _integer(value: object, what: str) -> int:
    if not isinstance(value, int):
        raise Unfit(f"{what} is no number")
    return value


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default
