"""S2 and S3 of a context: the member's goals with their figures, and what was logged lately."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.coach.domain.context.bundle import Item, canonical
from services.coach.domain.facts import CompletedFact, EntryFact, GoalFact, LoggedDay, Overview, newest_first
from services.coach.domain.framing import Frame
from services.coach.domain.plain_text import words

_NOTES: Final = 5
_NOTE_CHARACTERS: Final = 200
CHECK_IN_DAYS: Final = 14
_HABITS: Final = 3
_STEP_BYTES: Final = 120
_STAYS: Final = 10.0
_KEPT: Final = "Y"
_UNKNOWN: Final = "?"


def goals_of(overview: Overview | None, frame: Frame, asked: frozenset[str]) -> list[Item]:
    """Active goals, the newest first, what was reached lately, and the goals' habits.

    Those that the message names stay longest; habits go first when space is short, then what was reached.
    """
    if overview is None or not (overview.goals or overview.completed):
        return []
    goals = list(enumerate(_newest_goals_first(overview), start=1))
    return [
        _all(overview),
        *(_goal(index, goal, frame, asked, overview.today) for index, goal in goals),
        *(_reached(index, goal, frame, overview.today) for index, goal in enumerate(overview.completed, start=1)),
        *(_habits(index, goal, frame) for index, goal in goals if goal.habits),
    ]


def _all(overview: Overview) -> Item:
    """What holds over all goals; stays."""
    line = {"ref": "all", "rate_7d": overview.rate_7d, "rate_30d": overview.rate_30d}
    owner = overview.goals[0].owner_id if overview.goals else overview.completed[0].owner_id
    return Item("all", owner, canonical(line), _STAYS)


def _goal(index: int, goal: GoalFact, frame: Frame, asked: frozenset[str], today: date) -> Item:
    ref = f"g{index}"
    line = {"ref": ref, "title": frame.of("goal_title", ref, goal.title), **_figures(goal)}
    if goal.next_step:
        line["next_step"] = frame.of("step", ref, goal.next_step, max_bytes=_STEP_BYTES)
    score = 2.0 * bool(asked & words(goal.title)) + recency(goal.last_logged_on, today)
    return Item(ref, goal.goal_id, canonical(line), score)


def _reached(index: int, goal: CompletedFact, frame: Frame, today: date) -> Item:
    ref = f"d{index}"
    line = {"ref": ref, "title": frame.of("goal_title", ref, goal.title), "completed_on": goal.completed_on}
    return Item(ref, goal.goal_id, canonical(line), recency(goal.completed_on, today) - 1.0)


def _habits(index: int, goal: GoalFact, frame: Frame) -> Item:
    ref = f"h{index}"
    told = " ".join(frame.of("habit", ref, title, max_bytes=_STEP_BYTES) for title in goal.habits[:_HABITS])
    return Item(ref, goal.goal_id, canonical({"ref": ref, "goal": f"g{index}", "habits": told}), -1.0 - index)


def _newest_goals_first(overview: Overview) -> list[GoalFact]:
    def newest(goal: GoalFact) -> tuple[float, int]:
        created = goal.create_time or datetime.fromtimestamp(0, UTC)
        return -created.timestamp(), goal.goal_id.int

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
        "target": goal.target_value,
        "limit": goal.limit_value,
        "now": goal.current_value,
        "unit": goal.unit_of_value,
        "steps": None if goal.steps_done is None else [goal.steps_done, goal.steps_total],
        "needed": goal.needed,
        "open_until": goal.open_until if goal.needed else None,
        "safe_days": goal.safe_days,
        "weakest_weekday": goal.weak_weekday,
        "due_today": goal.due_today,
        "done_today": goal.done_today,
        "last_logged_on": goal.last_logged_on,
    }
    return {name: value for name, value in figures.items() if value is not None and value != ""}


def check_ins_of(overview: Overview | None, frame: Frame) -> list[Item]:
    """A line for each goal with its last two weeks, then the newest notes, which go first when space is short."""
    if overview is None:
        return []
    goals = {goal.goal_id: (f"g{index}", goal) for index, goal in enumerate(_newest_goals_first(overview), start=1)}
    by_goal: dict[UUID, list[EntryFact]] = defaultdict(list)
    noted: list[EntryFact] = []
    for entry in newest_first(overview.entries):
        if (overview.today - entry.local_date).days < CHECK_IN_DAYS:
            by_goal[entry.goal_id].append(entry)
            if entry.note and len(noted) < _NOTES:
                noted.append(entry)
    for goal_id, (_, goal) in goals.items():
        if any((overview.today - logged.day).days < CHECK_IN_DAYS for logged in goal.logged):
            by_goal.setdefault(goal_id, [])
    refs = {goal_id: ref for goal_id, (ref, _) in goals.items()}
    lines = [
        _days(f"c{index}", refs.get(goal_id, ""), entries, overview, overview.goal(goal_id))
        for index, (goal_id, entries) in enumerate(by_goal.items(), start=1)
    ]
    return lines + [_note(index, entry, refs, frame) for index, entry in enumerate(noted, start=1)]


def _days(ref: str, name: str, entries: Sequence[EntryFact], overview: Overview, goal: GoalFact | None) -> Item:
    """What was logged on a goal day by day, the oldest first; without entries it stands on the goal itself."""
    on_days: dict[date, list[EntryFact]] = defaultdict(list)
    for entry in entries:
        on_days[entry.local_date].append(entry)
    # Who travelled west may have logged tomorrow already.
    days = [overview.today - timedelta(days=back) for back in reversed(range(CHECK_IN_DAYS))]
    marks = [_mark(day, on_days.get(day, ()), overview, goal) for day in days]
    line: dict[str, object] = {"ref": ref, "goal": name, "days": " ".join(marks)}
    if moods := [entry.mood for entry in entries if entry.mood is not None]:
        line["mood"] = moods[0]
    sources = [entry.entry_id for entry in entries] or [goal.goal_id for goal in (goal,) if goal]
    newest = entries[0].local_date if entries else goal.logged[-1].day if goal and goal.logged else None
    return Item(ref, sources[0], canonical(line), recency(newest, overview.today), more_ids=tuple(sources[1:]))


def _mark(day: date, entries: Sequence[EntryFact], overview: Overview, goal: GoalFact | None) -> str:
    """What became of a day: by its entries where all of them were read, else by what goals says of it."""
    if day >= overview.reaches_back_to:
        return _sign(_summed(day, entries))
    if goal is not None and overview.logged_from is not None and day >= overview.logged_from:
        return _sign(next((logged for logged in goal.logged if logged.day == day), LoggedDay(day)))
    # Of what may be only a part of a day, what no other entry can change.
    return _KEPT if any(entry.is_kept and entry.value is None for entry in entries) else _UNKNOWN


def _summed(day: date, entries: Sequence[EntryFact]) -> LoggedDay:
    values = [entry.value for entry in entries if entry.value is not None]
    return LoggedDay(
        day,
        kept=any(entry.is_kept for entry in entries),
        slipped=any(entry.completed is False for entry in entries),
        skipped=any(entry.type == "skip" for entry in entries),
        value=sum(values) if values else None,
    )


def _sign(logged: LoggedDay) -> str:
    if logged.value is not None:
        return f"{round(logged.value, 2):g}"
    if logged.kept:
        return _KEPT
    return "N" if logged.slipped else "S" if logged.skipped else "-"


def _note(index: int, entry: EntryFact, refs: Mapping[UUID, str], frame: Frame) -> Item:
    ref = f"n{index}"
    note = frame.of("check_in_note", ref, entry.note[:_NOTE_CHARACTERS])
    line = {"ref": ref, "goal": refs.get(entry.goal_id, ""), "date": entry.local_date, "note": note}
    return Item(ref, entry.entry_id, canonical(line), -1.0 - index)


def recency(day: date | None, today: date) -> float:
    """1 today, less with every day; 0 for never."""
    return math.exp(-max(0, (today - day).days) / 14) if day else 0.0
