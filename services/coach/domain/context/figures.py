"""S2 and S3 of a context: the member's goals with their figures, and what was logged lately."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.coach.domain.context.bundle import Item, canonical
from services.coach.domain.facts import EntryFact, GoalFact, Overview, newest_first
from services.coach.domain.framing import Frame
from services.coach.domain.plain_text import words

_NOTES: Final = 5
_NOTE_CHARACTERS: Final = 200
CHECK_IN_DAYS: Final = 14


def goals_of(overview: Overview | None, frame: Frame, asked: frozenset[str]) -> list[Item]:
    """Active goals, the newest first; those that the message names stay longest."""
    if overview is None:
        return []
    return [
        Item(
            ref=f"g{index}",
            source_id=goal.goal_id,
            text=canonical(
                {"ref": f"g{index}", "title": frame.of("goal_title", f"g{index}", goal.title), **_figures(goal)}
            ),
            score=2.0 * bool(asked & words(goal.title)) + recency(goal.last_logged_on, overview.today),
        )
        for index, goal in enumerate(_newest_goals_first(overview), start=1)
    ]


def _newest_goals_first(overview: Overview) -> list[GoalFact]:
    def newest(goal: GoalFact) -> tuple[float, str]:
        created = goal.create_time or datetime.fromtimestamp(0, UTC)
        return -created.timestamp(), goal.goal_id.hex

    return sorted(overview.goals, key=newest)


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
    """A line for each goal with its last two weeks, then the newest notes, which go first when space is short."""
    if overview is None:
        return []
    refs = {goal.goal_id: f"g{index}" for index, goal in enumerate(_newest_goals_first(overview), start=1)}
    by_goal: dict[UUID, list[EntryFact]] = defaultdict(list)
    noted: list[EntryFact] = []
    for entry in newest_first(overview.entries):
        if (overview.today - entry.local_date).days < CHECK_IN_DAYS:
            by_goal[entry.goal_id].append(entry)
            if entry.note and len(noted) < _NOTES:
                noted.append(entry)
    lines = [
        _days(f"c{index}", refs.get(goal_id, ""), entries, overview.today)
        for index, (goal_id, entries) in enumerate(by_goal.items(), start=1)
    ]
    return lines + [_note(index, entry, refs, frame) for index, entry in enumerate(noted, start=1)]


def _days(ref: str, goal: str, entries: Sequence[EntryFact], today: date) -> Item:
    """What was logged on a goal day by day, the oldest first: kept, not kept, how much, or nothing."""
    by_day: dict[date, list[EntryFact]] = defaultdict(list)
    for entry in entries:
        by_day[entry.local_date].append(entry)
    days = (today - timedelta(days=back) for back in reversed(range(CHECK_IN_DAYS)))
    line: dict[str, object] = {"ref": ref, "goal": goal, "days": " ".join(_mark(by_day.get(day, ())) for day in days)}
    if moods := [entry.mood for entry in entries if entry.mood is not None]:
        line["mood"] = moods[0]
    first, *others = (entry.entry_id for entry in entries)
    return Item(ref, first, canonical(line), recency(entries[0].local_date, today), more_ids=tuple(others))


def _mark(entries: Sequence[EntryFact]) -> str:
    values = [entry.value for entry in entries if entry.value is not None]
    if values:
        return f"{round(sum(values), 2):g}"
    if not entries:
        return "-"
    return "N" if all(entry.completed is False for entry in entries) else "Y"


def _note(index: int, entry: EntryFact, refs: Mapping[UUID, str], frame: Frame) -> Item:
    ref = f"n{index}"
    note = frame.of("check_in_note", ref, entry.note[:_NOTE_CHARACTERS])
    line = {"ref": ref, "goal": refs.get(entry.goal_id, ""), "date": entry.local_date, "note": note}
    return Item(ref, entry.entry_id, canonical(line), -1.0 - index)


def recency(day: date | None, today: date) -> float:
    """1 today, less with every day; 0 for never."""
    return math.exp(-max(0, (today - day).days) / 14) if day else 0.0
