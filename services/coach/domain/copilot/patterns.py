"""Patterns of risk, computed: each with its evidence and a weight. A model may speak of them and adds none.

Source of the bounds: COACHING 4.6.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from services.coach.domain.copilot.records import (
    WEEK,
    Known,
    Records,
    broken_streak,
    days_without_any,
    last_week,
    missed_in_a_row,
    week_before,
)
from services.coach.domain.facts import newest_first
from services.coach.domain.report import GoalReport, MoodFact, Report

_SILENT_DAYS, _LONG_SILENT_DAYS = 5, 10
_MISSES, _MANY_MISSES = 3, 6
_DROP_POINTS: Final = 30
_MIN_DUE: Final = 3
_STREAK: Final = 7
_LOW_MOOD, _MOOD_FALL = -0.3, 0.4
_MIN_MOODS: Final = 3
_NEAR_DAYS, _HALF = 14, 50.0


class Severity(IntEnum):
    """How much a pattern weighs."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """Something that stands out.

    Attributes:
        text: In one sentence, citing its evidence.
        refs: The records that it stands on.
    """

    pattern_id: str
    severity: Severity
    text: str
    refs: tuple[str, ...]


def find_patterns(known: Known, records: Records) -> tuple[Pattern, ...]:
    """All of them, the heaviest first."""
    found = [*_crisis(known, records), *_silence(known, records), *_moods(known.report, records)]
    for reported in known.report.goals:
        found.extend(_of_goal(reported, known.report, records))
    return tuple(sorted(found, key=lambda pattern: (-pattern.severity, pattern.pattern_id, pattern.refs)))


def _pattern(pattern_id: str, severity: Severity, said: str, refs: Sequence[str]) -> Pattern:
    return Pattern(pattern_id, severity, f"{said} [{', '.join(refs)}].", tuple(refs))


def _crisis(known: Known, records: Records) -> Iterator[Pattern]:
    if known.flag is not None:
        days = (known.report.today - known.flag.day).days
        yield _pattern(
            "crisis_sign", Severity.HIGH, f"The safety screen saw a sign of crisis {days} days ago",
            (records.ref(known.flag.message_id),),
        )  # fmt: skip


def _silence(known: Known, records: Records) -> Iterator[Pattern]:
    latest = newest_first(known.report.entries)[:1]
    if latest:
        days = (known.report.today - latest[0].local_date).days
        yield from _silent(days, f"No entry for {days} days", records.ref(latest[0].entry_id))
    elif (longest := _longest_untouched(known.report)) is not None:
        days, goal_id = longest
        yield from _silent(days, f"No entry at all for {days} days", records.ref(goal_id))


def _silent(days: int, said: str, ref: str) -> Iterator[Pattern]:
    if days >= _SILENT_DAYS:
        severity = Severity.HIGH if days >= _LONG_SILENT_DAYS else Severity.MEDIUM
        yield _pattern("silence", severity, said, (ref,))


def _longest_untouched(report: Report) -> tuple[int, UUID] | None:
    """Where nothing was ever logged: the days since the first goal began, and that goal. A limit may well be quiet."""
    begun = [
        (days_without_any(each, report) or 0, each.goal.goal_id) for each in report.goals if not each.goal.is_limit
    ]
    return max(begun, key=lambda each: (each[0], each[1].hex), default=None)


def _of_goal(reported: GoalReport, report: Report, records: Records) -> Iterator[Pattern]:
    ref = (records.ref(reported.goal.goal_id),)
    goal, last = reported.goal, report.last
    missed = missed_in_a_row(reported)
    if missed >= _MISSES:
        severity = Severity.HIGH if missed >= _MANY_MISSES else Severity.MEDIUM
        yield _pattern("missed_in_a_row", severity, f"{missed} missed in a row", ref)
    now, before = last_week(reported, last), week_before(reported, last)
    if min(now.due, before.due) >= _MIN_DUE and (before.percent or 0) - (now.percent or 0) >= _DROP_POINTS:
        yield _pattern("ratio_drop", Severity.MEDIUM, f"From {before.percent} to {now.percent} percent in a week", ref)
    broken = broken_streak(reported, last)
    if broken >= _STREAK:
        yield _pattern("streak_broken", Severity.LOW, f"A streak of {broken} broke lately", ref)
    if goal.deadline is not None and goal.percent is not None and goal.percent < _HALF:
        days = (goal.deadline - report.today).days
        if 0 <= days < _NEAR_DAYS:
            said = f"{days} days left with {round(goal.percent)} percent done"
            yield _pattern("deadline_near", Severity.MEDIUM, said, ref)
    if not reported.plan_fits:
        yield _pattern("over_budget", Severity.LOW, "The plan asks for more time than there is", ref)


def _moods(report: Report, records: Records) -> Iterator[Pattern]:
    recent = [mood for mood in report.moods if report.today - mood.day <= WEEK]
    earlier = [mood for mood in report.moods if WEEK < report.today - mood.day <= 2 * WEEK]
    if len(recent) < _MIN_MOODS:
        return
    refs = [records.ref(mood.entry_id) for mood in sorted(recent, key=lambda mood: (mood.day, mood.entry_id.hex))]
    if _mean(recent) <= _LOW_MOOD:
        yield _pattern("low_mood", Severity.MEDIUM, "The journal reads low these days", refs)
    elif len(earlier) >= _MIN_MOODS and _mean(earlier) - _mean(recent) >= _MOOD_FALL:
        yield _pattern("falling_mood", Severity.LOW, "The journal reads lower than the week before", refs)


def _mean(moods: Sequence[MoodFact]) -> float:
    return sum(mood.score for mood in moods) / len(moods)
