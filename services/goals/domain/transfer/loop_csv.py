"""Loop Habit Tracker's CSV export: a ZIP with `Habits.csv` and a folder with `Checkmarks.csv` for each habit.

Where the folders are missing, the `Checkmarks.csv` at the top is read, with a column for each habit. Scores are derived
figures and stay behind. Older exports name values by number and have no header in the folders.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.goals.domain.transfer import values
from services.goals.domain.transfer.containers import Archive, Row, read_rows
from services.goals.domain.transfer.loop import NO, SKIP, UNKNOWN, YES, YES_AUTO, Habit, Repetition, goal_of
from services.goals.domain.transfer.model import Parsed, Remarks, Unfit, refused

_WORDS: Final = {
    "YES_MANUAL": YES, "YES_AUTO": YES_AUTO, "NO": NO, "SKIP": SKIP, "UNKNOWN": UNKNOWN, "": UNKNOWN,
}  # fmt: skip
_FOLDER: Final = re.compile(r"(?:.*/)?(\d{3,5})(?: [^/]*)?/Checkmarks\.csv", re.ASCII)
_INTEGER: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_TRUE: Final = frozenset({"true", "1", "yes"})
_AT_MOST: Final = frozenset({"AT_MOST", "AT MOST"})
_NUMERICAL: Final = frozenset({"NUMERICAL", "MEASURABLE", "1"})


def parse(content: bytes) -> Parsed:
    """What is in the archive.

    Raises:
        InvalidArgument: It is no export of Loop, or takes more than it may.
    """
    archive = Archive(content)
    name = _at_top(archive, "Habits.csv")
    if name is None:
        raise refused("holds no Habits.csv; send the ZIP that Loop exports")
    parsed = Parsed()
    habits = list(_habits(list(read_rows(archive.read(name), where="Habits.csv")), parsed.remarks))
    folders = {int(found[1]): path for path in archive.names if (found := _FOLDER.fullmatch(path))}
    columns = {} if folders else _columns(archive, parsed.remarks)
    for position, habit in habits:
        path = folders.get(position)
        if path is not None:
            repetitions = _in_folder(archive.read(path), path, parsed.remarks)
        else:
            repetitions = iter(columns.get(habit.name, ()))
            if habit.name not in columns:
                parsed.remarks.add(habit.where, "no Checkmarks.csv goes with it")
        try:
            parsed.goals.append(goal_of(habit, repetitions, parsed.remarks))
        except Unfit as unfit:
            parsed.remarks.add(habit.where, unfit.reason)
    return parsed.check_size()


def _at_top(archive: Archive, name: str) -> str | None:
    """The path of a file by its name, the least deep one; some tools pack the export into a folder."""
    found = [path for path in archive.names if path.rsplit("/", 1)[-1] == name]
    return min(found, key=lambda path: (path.count("/"), path), default=None)


def _habits(rows: Sequence[Row], remarks: Remarks) -> Iterator[tuple[int, Habit]]:
    """Habits with their positions, by the names of the columns."""
    if not rows or "Name" not in rows[0]:
        raise refused("has a Habits.csv without a column Name")
    header = [name.strip() for name in rows[0]]
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=1):
        cells = dict(zip(header, row, strict=False))
        name = cells.get("Name", "")
        seen[name] = seen.get(name, 0) + 1
        # Without ids in the file, habits are known by their names; the second of a name by that.
        key = name if seen[name] == 1 else f"{name}#{seen[name]}"
        where = f"Habits.csv, row {number + 1}"
        try:
            yield _position(cells, number), _habit(cells, where=where, key=key)
        except Unfit as unfit:
            remarks.add(where, unfit.reason)


def _position(cells: Mapping[str, str], number: int) -> int:
    text = cells.get("Position", "").strip()
    return int(text) if re.fullmatch(r"\d{1,5}", text, re.ASCII) else number


def _habit(cells: Mapping[str, str], *, where: str, key: str) -> Habit:
    target_type, target = cells.get("Target Type", "").strip().upper(), cells.get("Target Value", "").strip()
    kind = cells.get("Type", "").strip().upper()
    return Habit(
        where,
        key,
        cells.get("Name", ""),
        cells.get("Question", ""),
        cells.get("Description", ""),
        times=_count(cells.get("FrequencyNumerator") or cells.get("NumRepetitions") or "1"),
        days=_count(cells.get("FrequencyDenominator") or cells.get("Interval") or "1"),
        is_numerical=kind in _NUMERICAL,
        is_limit=target_type in _AT_MOST,
        target=values.number_of(target) if target else 0.0,
        unit=cells.get("Unit", ""),
        is_archived=cells.get("Archived?", "").strip().lower() in _TRUE,
    )


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text.strip(), re.ASCII):
        raise Unfit("the frequency is no number")
    return int(text)


def _in_folder(content: bytes, path: str, remarks: Remarks) -> Iterator[Repetition]:
    """Rows of date, value and note; the name of the file is told cut, as it is the habit's."""
    where = f"Checkmarks.csv of habit {int(path.rsplit('/', 2)[-2][:5].split(' ')[0])}"
    for row in read_rows(content, where=where):
        if row[0].strip() == "Date":
            continue
        yield from _repetition(row[0], row[1] if len(row) > 1 else "", row[2] if len(row) > 2 else "", where, remarks)


def _columns(archive: Archive, remarks: Remarks) -> dict[str, list[Repetition]]:
    """Repetitions by habit from the file at the top, in whose header Loop does not quote names that hold commas."""
    name = _at_top(archive, "Checkmarks.csv")
    columns: dict[str, list[Repetition]] = {}
    if name is None:
        return columns
    rows = read_rows(archive.read(name), where="Checkmarks.csv")
    header = next(rows, [])[1:]
    names = [title.strip() for title in header]
    for row in rows:
        for title, cell in zip(names, row[1:], strict=False):
            if title:
                columns.setdefault(title, []).extend(_repetition(row[0], cell, "", "Checkmarks.csv", remarks))
    return columns


def _repetition(day: str, value: str, note: str, where: str, remarks: Remarks) -> Iterator[Repetition]:
    value = value.strip()
    number = _WORDS.get(value.upper())
    if number is None and _INTEGER.fullmatch(value):
        number = int(value)
    if number in (UNKNOWN, NO, YES_AUTO) and not note and value not in ("0", "1"):
        return
    try:
        yield Repetition(values.day_of(day.strip()), number, note)
    except Unfit as unfit:
        remarks.add(where, unfit.reason)
