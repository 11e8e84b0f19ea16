"""The CSV form of our own export, read back: activities for goals that are there.

A table alone cannot say what a goal asks for, so nothing is made of a goal that is not there.
"""

from collections.abc import Mapping
from typing import Final

from services.goals.domain.activity import ActivityDraft, ActivityType, Context
from services.goals.domain.goal import MAX_TITLE_LENGTH, Pattern
from services.goals.domain.transfer import own_rules, values
from services.goals.domain.transfer.containers import read_rows
from services.goals.domain.transfer.documents import COLUMNS
from services.goals.domain.transfer.model import Parsed, ParsedEntry, ParsedGoal, Unfit, refused
from services.goals.domain.transfer.own_rules import parsed_entry, required_day
from services.goals.domain.transfer.values import Fields
from services.goals.domain.transfer.writer import unguarded

_FLAGS: Final = {"": None, "true": True, "false": False}


def parse(content: bytes) -> Parsed:
    """What is in the table.

    Raises:
        InvalidArgument: It is no export of ours.
    """
    rows = read_rows(content, where="the table")
    header = [unguarded(cell).strip() for cell in next(rows, [])]
    if not {"goal_id", "activity_id", "type", "local_date"} <= set(header):
        raise refused(f"is no export of ours: a table has the columns {', '.join(COLUMNS)}")
    parsed, gathered, seen = Parsed(), dict[str, list[ParsedEntry]](), set[str]()
    goals: dict[str, tuple[str, Pattern]] = {}
    for number, row in enumerate(rows, start=2):
        cells = {name: unguarded(cell) for name, cell in zip(header, row, strict=False)}
        try:
            entry = _row(cells)
            key = str(own_rules.uuid(cells["goal_id"]))
            if entry.key in seen:
                raise Unfit("is there twice")
            pattern = Fields(cells).word("goal_pattern", Pattern)
        except Unfit as unfit:
            parsed.remarks.add(f"row {number}", unfit.reason)
            continue
        seen.add(entry.key)
        title = values.line(cells.get("goal_title", ""), longest=MAX_TITLE_LENGTH, otherwise="Goal")
        goals.setdefault(key, (title, pattern))
        gathered.setdefault(key, []).append(entry)
    for key, (title, pattern) in goals.items():
        parsed.additions[key] = ParsedGoal(f"goal {key}", key, title, pattern, entries=gathered[key])
    return parsed


def _row(cells: Mapping[str, str]) -> ParsedEntry:
    fields = Fields({name: cell or None for name, cell in cells.items()})
    flags = {name: _FLAGS.get(cells.get(name, "").strip().lower()) for name in ("completed", "with_wingman")}
    context = Context(
        fields.text("location"),
        int(_optional_number(cells, "energy") or 0),
        bool(flags["with_wingman"]),
        tuple(tag for tag in cells.get("tags", "").split("\n") if tag),
    )
    return parsed_entry(
        str(own_rules.uuid(fields.text("activity_id"))),
        ActivityDraft(
            fields.word("type", ActivityType),
            required_day(fields, "local_date"),
            fields.instant("occurred_at"),
            flags["completed"],
            _optional_number(cells, "value"),
            fields.text("note"),
            int(_optional_number(cells, "mood") or 0),
            None if context == Context() else context,
            own_rules.optional_uuid(fields.text("milestone_id")),
            own_rules.optional_uuid(fields.text("habit_id")),
        ),
        timezone=fields.text("timezone"),
        known=(fields.instant("create_time"), fields.instant("update_time")),
    )


def _optional_number(cells: Mapping[str, str], name: str) -> float | None:
    text = cells.get(name, "")
    return values.number_of(text) if text else None
