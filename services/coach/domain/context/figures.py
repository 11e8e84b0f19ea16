"""S2 and S3 of a context: the member's goals with their figures, and what was logged lately."""

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from services.coach.domain.context.bundle import Item, canonical
from services.coach.domain.facts import EntryFact, GoalFact, Overview, newest_first
from services.coach.domain.framing import Frame
from services.coach.domain.plain_text import words

_NOTES: Final = 5
_NOTE_CHARACTERS: Final = 200
_CHECK_IN_DAYS: Final = 14


def goals_of(overview: Overview | None, frame: Frame, asked: frozenset[str]) -> list[Item]:
    """Active goals, the newest first; those that the message names stay longest."""
    if overview is None:
        return []
    ordered = sorted(overview.goals, key=_newest_goal_first)
    return [
        Item(
            ref=f"g{index}",
            source_id=goal.goal_id,
            text=canonical(
                {"ref": f"g{index}", "title": frame.of("goal_title", f"g{index}", goal.title), **_figures(goal)}
            ),
            score=2.0 * bool(asked & words(goal.title)) + recency(goal.last_logged_on, overview.today),
        )
        for index, goal in enumerate(ordered, start=1)
    ]


def _newest_goal_first(goal: GoalFact) -> tuple[float, str]:
    created = goal.create_time or datetime.fromtimestamp(0, UTC)
    return -created.timestamp(), goal.goal_id.hex


def _figures(goal: GoalFact) -> dict[str, object]:
    figures: dict[str, object] = {
        "pattern": goal.pattern,
        "category": goal.category,
        "state": goal.state,
        "deadline": goal.deadline,
        "times": goal.times,
        "period": goal.period,
        "percent": goal.percent,
        "adherence_30d": goal.adherence,
        "streak": goal.streak,
        "longest_streak": goal.longest_streak,
        "week": [goal.week_done, goal.week_due],
        "week_logged": goal.week_logged,
        "due_today": goal.due_today,
        "done_today": goal.done_today,
        "last_logged_on": goal.last_logged_on,
    }
    return {name: value for name, value in figures.items() if value not in (None, "")}


def check_ins_of(overview: Overview | None, frame: Frame) -> list[Item]:
    """The last two weeks, newest first, with the newest notes verbatim; noted lines go first when space is short."""
    if overview is None:
        return []
    recent = [
        entry for entry in newest_first(overview.entries) if (overview.today - entry.local_date).days < _CHECK_IN_DAYS
    ]
    noted = [entry.entry_id for entry in recent if entry.note][:_NOTES]
    return [_entry(index, entry, frame, overview, noted) for index, entry in enumerate(recent, start=1)]


def _entry(index: int, entry: EntryFact, frame: Frame, overview: Overview, noted: Iterable[UUID]) -> Item:
    ref = f"c{index}"
    line: dict[str, object] = {
        "ref": ref,
        "goal": str(entry.goal_id),
        "type": entry.type,
        "date": entry.local_date,
        "completed": entry.completed,
        "value": entry.value,
        "mood": entry.mood,
    }
    if entry.entry_id in noted:
        line["note"] = frame.of("check_in_note", ref, entry.note[:_NOTE_CHARACTERS])
    text = canonical({name: value for name, value in line.items() if value is not None})
    return Item(ref, entry.entry_id, text, recency(entry.local_date, overview.today) - (0.5 if "note" in line else 0.0))


def recency(day: date | None, today: date) -> float:
    """1 today, less with every day; 0 for never."""
    return math.exp(-max(0, (today - day).days) / 14) if day else 0.0
