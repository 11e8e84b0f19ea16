"""Typed changes that a copilot proposes, checked one by one: only what is there can be changed, and only so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.coach.domain.copilot.records import Record, Records
from services.coach.domain.holdback import HoldBack, Quotations
from services.coach.domain.reviews.changes import (
    Change,
    LaterDay,
    NewHabit,
    NewSubgoal,
    NoHabit,
    Proposal,
    SmallerHabit,
)

MOST_OPERATIONS: Final = 6
_LATEST: Final = timedelta(days=731)
_MOST_TIMES: Final = 14
_MOST_MINUTES: Final = 240
_TITLE: Final = 200
_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation as a model writes it.

    Attributes:
        op: `add_habit`, `update_habit`, `remove_habit`, `move_deadline` or `add_subgoal`.
        ref: Of the goal, or of the habit that is changed.
        field: Of a habit: `times` or `minutes`; else empty.
    """

    op: str
    ref: str
    field: str
    value_text: str
    value_int: int
    value_date: date | None
    reason: str


def proposals(asked: Sequence[Asked], records: Records, *, today: date, summary: str) -> tuple[Proposal, ...]:
    """The operations by goal.

    Raises:
        ValueError: One names what is not there, or goes too far; the message tells which and why.
    """
    if len(asked) > MOST_OPERATIONS:
        raise ValueError(f"plan_patch has more than {MOST_OPERATIONS} operations")
    by_goal: dict[str, list[tuple[Record, Change]]] = {}
    for number, one in enumerate(asked):
        record = records.by_ref.get(one.ref)
        wanted = "habit" if one.op in {"update_habit", "remove_habit"} else "goal"
        if record is None or record.kind != wanted or record.goal_id is None:
            raise ValueError(f"plan_patch[{number}]: ref must name a {wanted} of the data")
        change = _change(one, record, number, today)
        by_goal.setdefault(record.goal_id.hex, []).append((record, change))
    return tuple(
        Proposal(pairs[0][0].goal_id, summary, tuple(change for _, change in pairs))
        for pairs in by_goal.values()
        if pairs[0][0].goal_id is not None
    )


def _change(one: Asked, record: Record, number: int, today: date) -> Change:
    place = f"plan_patch[{number}]"
    reason = _text(one.reason, _REASON, f"{place}.reason")
    if one.op == "move_deadline":
        if one.value_date is None or not today < one.value_date <= today + _LATEST:
            raise ValueError(f"{place}: value_date must lie in the next two years")
        return LaterDay(one.value_date, reason)
    if one.op == "remove_habit":
        return NoHabit(record.record_id, reason)
    if one.op == "update_habit":
        return _habit(one, record, place, reason)
    title = _text(one.value_text, _TITLE, f"{place}.value_text")
    if one.op == "add_habit":
        minutes = one.value_int or 10
        if not 1 <= minutes <= _MOST_MINUTES:
            raise ValueError(f"{place}: value_int must be between 1 and {_MOST_MINUTES} minutes")
        return NewHabit(title, 1, minutes, reason)
    if one.op == "add_subgoal":
        if one.value_date is not None and not today <= one.value_date <= today + _LATEST:
            raise ValueError(f"{place}: value_date must lie in the next two years")
        return NewSubgoal(title, one.value_date, reason)
    raise ValueError(f"{place}: there is no operation of that name")


def _habit(one: Asked, record: Record, place: str, reason: str) -> Change:
    most = {"times": _MOST_TIMES, "minutes": _MOST_MINUTES}.get(one.field)
    if most is None:
        raise ValueError(f"{place}: field must be times or minutes")
    if not 1 <= one.value_int <= most:
        raise ValueError(f"{place}: value_int must be between 1 and {most}")
    times, minutes = (one.value_int, None) if one.field == "times" else (None, one.value_int)
    return SmallerHabit(record.record_id, times, minutes, "week", reason)


def _text(text: str, limit: int, place: str) -> str:
    """A text that a member may read.

    Raises:
        ValueError: It is empty, too long, or says what no reply may.
    """
    holding = HoldBack(Quotations(""))
    shown = text.strip()
    passed = holding.feed(shown) + holding.end()
    if not 0 < len(shown) <= limit or holding.stopped is not None or passed != shown:
        raise ValueError(f"{place} must be a plain sentence of at most {limit} characters")
    return shown
