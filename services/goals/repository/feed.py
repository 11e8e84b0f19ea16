"""What analytics may follow of goals' tables: dates, figures and words of ours, nothing that a member wrote.

Rules and phases go out as the row holds them, field by field, so that a field that comes later goes out only when it is
named here. Titles, descriptions, notes, reasons, categories and the units of amounts stay. Closed units that no mask of
weekdays expresses go out with what became of them, so that the warehouse counts and derives no rule (docs/adr/0123).
"""

from collections.abc import Mapping
from typing import Final

from chassis.feed import Column, Entity

_RULE: Final = (
    "effective_from", "known_from", "period", "times", "weekdays", "rrule", "window_days", "anchor", "excused",
    "month_end", "no_entry", "timezone", "day_start_hour", "week_start", "floor",
)  # fmt: skip
# Of the parts with a unit, everything but it.
_RULE_PARTS: Final = {
    "amount": ("min_value",),
    "limit": ("max_value",),
    "target": ("start_value", "target_value", "aggregation"),
    "chain": ("target_length", "freezes_per_month"),
}
_PHASE: Final = ("effective_from", "known_from", "status", "deadline", "is_derived")
# Those of the past have an `until`.
_MILESTONE: Final = ("id", "weight", "due_date", "known_from", "until")
_NONE: Final[Mapping[str, tuple[str, ...]]] = {}


def _only(column: str, fields: tuple[str, ...], parts: Mapping[str, tuple[str, ...]] = _NONE) -> str:
    """SQL for a column's array of documents with these fields and parts alone, in order, as text."""
    pairs = [f"'{field}', item->'{field}'" for field in fields]
    for part, inner in parts.items():
        listed = ", ".join(f"'{field}', item->'{part}'->'{field}'" for field in inner)
        pairs.append(f"'{part}', CASE jsonb_typeof(item->'{part}') WHEN 'object' THEN jsonb_build_object({listed}) END")
    return (
        f"(SELECT jsonb_agg(jsonb_build_object({', '.join(pairs)}) ORDER BY number)::text "  # noqa: S608
        f"FROM jsonb_array_elements({column}) WITH ORDINALITY AS listed (item, number))"
    )


_MEMBER: Final = Column("member_id", "uuid")
_GOAL: Final = Column("goal_id", "uuid")

ENTITIES: Final = (
    Entity(
        "goals.goals",
        key="goal_id",
        columns=(
            _MEMBER,
            Column("pattern", "string"),
            Column("status", "string"),
            Column("start_date", "date"),
            Column("deadline", "date"),
            Column("completed_on", "date"),
            Column("rules", "json", _only("rules", _RULE, _RULE_PARTS)),
            Column("phases", "json", _only("phases", _PHASE)),
            Column("milestones", "json", _only("milestones", _MILESTONE)),
            Column("created_at", "timestamp"),
            Column("updated_at", "timestamp"),
        ),
    ),
    Entity(
        "goals.activities",
        key="activity_id",
        columns=(
            _MEMBER,
            _GOAL,
            Column("type", "string"),
            Column("local_date", "date"),
            Column("occurred_at", "timestamp"),
            Column("completed", "bool"),
            Column("value", "double"),
            Column("mood", "int16"),
            Column("milestone_id", "uuid"),
        ),
    ),
    Entity(
        "goals.vacations",
        key="vacation_id",
        columns=(
            _MEMBER,
            _GOAL,
            Column("from_date", "date"),
            Column("to_date", "date"),
            Column("created_at", "timestamp"),
            Column("removed_at", "timestamp"),
        ),
    ),
    Entity(
        "goals.suggestions",
        key="suggestion_id",
        columns=(
            _MEMBER,
            _GOAL,
            Column("source", "string"),
            Column("status", "string"),
            Column("created_at", "timestamp"),
            Column("decided_at", "timestamp"),
        ),
    ),
    Entity(
        "goals.due_units",
        key="unit_id",
        columns=(
            _MEMBER,
            _GOAL,
            Column("first_date", "date"),
            Column("last_date", "date"),
            Column("number", "int16"),
            Column("outcome", "string"),
            Column("effective_from", "date"),
        ),
    ),
    Entity(
        "goals.member_calendars",
        key="member_id",
        columns=(
            Column("timezone", "string"),
            Column("day_start_hour", "int16"),
            Column("week_start", "int16"),
        ),
    ),
)
