"""Writes a review or a report by rules: what was kept, what stands out, one obstacle, one idea, one question."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.coach.domain.facts import GoalFact, Quotable, counted, spoken
from services.coach.domain.framing import speakable_title
from services.coach.domain.phrases import Seed
from services.coach.domain.reviews.findings import CHANGE_POINTS, Findings
from services.coach.domain.reviews.texts import ReviewTexts

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_LOW_PERCENT: Final = 34
# Of goals on and off their line, so many are named.
_MOST_TRACKED: Final = 2


class ReviewKind(StrEnum):
    """What a review covers."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Review:
    """What is said, with small things to do next."""

    text: str
    action_steps: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    texts: ReviewTexts
    key: str
    sentences: list[str] = field(default_factory=list)
    part_ids: set[str] = field(default_factory=set)

    def say(self, part: str, **slots: str) -> None:
        """Adds a variant of `part` with its slots filled."""
        self.sentences.append(self.of(part, **slots))

    def of(self, part: str, **slots: str) -> str:
        """A variant of `part` with its slots filled."""
        picked = self.texts.pick(part, Seed(self.key, frozenset(self.part_ids)))
        self.part_ids.add(picked.part_id)
        text = picked.text.format(**slots)
        return text[:1].upper() + text[1:]


def write_review(kind: ReviewKind, findings: Findings, texts: ReviewTexts, *, member_id: UUID) -> Review:
    """The review of a span; the same findings, the same words."""
    draft = _Draft(texts, f"{member_id}|{kind}|{findings.first.isoformat()}")
    draft.say(f"opening.{kind}", first=spoken_date(findings.first), last=spoken_date(findings.last))
    _tell_ratio(draft, findings)
    _tell_wins(draft, findings)
    if kind is ReviewKind.MONTHLY:
        _tell_trend(draft, findings)
        _tell_track(draft, findings)
    _tell_rest(draft, findings)
    goal = _subject(findings)
    # More of a limit is what nobody wants: its steps are its own.
    own = "limit_" if goal is not None and goal.is_limit else ""
    _tell_step(draft, findings, own, title_of(goal))
    draft.say(f"question.{kind}")
    return Review(" ".join(draft.sentences), (draft.of(f"{own}action.{kind}", goal=title_of(goal)),))


def quotable(findings: Findings) -> Quotable:
    """Every number and title that a review of these findings may hold."""
    numbers = {spoken(number) for number in _numbers(findings)}
    goals = {found.goal for found in findings.goals} | {*findings.completed, *findings.on_track, *findings.off_track}
    if findings.streak is not None:
        goals.add(findings.streak)
    for goal in goals:
        numbers |= set("".join(c if c.isdigit() else " " for c in goal.title).split())
    return Quotable(frozenset(numbers), tuple(sorted(goal.title for goal in goals)))


def spoken_date(day: date) -> str:
    """`9 March`."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def weekday_name(weekday: int) -> str:
    """Of an ISO weekday."""
    return _WEEKDAYS[weekday - 1]


def title_of(goal: GoalFact | None) -> str:
    """“Run 10k”, or `your goal`."""
    title = speakable_title(goal.title) if goal else None
    return f"“{title}”" if title else "your goal"


def _tell_ratio(draft: _Draft, findings: Findings) -> None:
    tally, before, change = findings.tally, findings.before, findings.change
    if not tally.due:
        return
    part = "first" if change is None else _direction(change, "even")
    # To hold a level is nothing to praise where it is low; and of nothing only its own words are fit to speak.
    if not tally.done:
        part = "none"
    elif part in {"first", "even"} and (tally.percent or 0) < _LOW_PERCENT:
        part = "low"
    slots = {"done": spoken(tally.done), "due": spoken(tally.due)}
    draft.say(f"ratio.{part}", **slots, before_done=spoken(before.done), before_due=spoken(before.due))


def _tell_wins(draft: _Draft, findings: Findings) -> None:
    if findings.completed:
        draft.say("win.completed", goal=title_of(findings.completed[0]))
    best = findings.goals[0] if findings.goals else None
    if best is not None and best.tally.done and len(findings.goals) > 1:
        draft.say("win.best", goal=title_of(best.goal), done=spoken(best.tally.done), due=spoken(best.tally.due))
    if findings.strongest is not None:
        draft.say("day.best", weekday=weekday_name(findings.strongest.weekday))
    if findings.streak is not None:
        unit, length = findings.streak.unit, findings.streak.streak
        streak = counted(length, unit) if unit else spoken(length)
        draft.say("streak.running", goal=title_of(findings.streak), streak=streak)


def _tell_trend(draft: _Draft, findings: Findings) -> None:
    trend = findings.trend
    if trend is None:
        return
    draft.say(f"trend.{_direction(trend, 'steady')}", points=spoken(abs(trend)))


def _tell_track(draft: _Draft, findings: Findings) -> None:
    for goal in findings.on_track[:_MOST_TRACKED]:
        draft.say("track.on", goal=title_of(goal))
    for goal in findings.off_track[:_MOST_TRACKED]:
        draft.say("track.off", goal=title_of(goal))


def _tell_rest(draft: _Draft, findings: Findings) -> None:
    weakest = findings.weakest
    if weakest is not None:
        draft.say("obstacle.weekday", weekday=weekday_name(weakest.weekday), count=spoken(weakest.count))
    if findings.mood_word:
        draft.say(f"mood.{findings.mood_word}")


def _tell_step(draft: _Draft, findings: Findings, own: str, goal: str) -> None:
    if findings.weakest is not None:
        draft.say(f"{own}step.weekday", weekday=weekday_name(findings.weakest.weekday), goal=goal)
    else:
        draft.say(f"{own}step.any", goal=goal)


def _direction(points: int, level: str) -> str:
    return "up" if points >= CHANGE_POINTS else "down" if points <= -CHANGE_POINTS else level


def _subject(findings: Findings) -> GoalFact | None:
    """The goal that the next step is about: the one that was kept least."""
    return findings.goals[-1].goal if findings.goals else None


def _numbers(findings: Findings) -> Iterator[float]:
    for day in (findings.first, findings.last):
        yield from (day.day, day.month, day.year)
    for tally in (findings.tally, findings.before, *(found.tally for found in findings.goals)):
        yield from (tally.done, tally.due, tally.percent or 0)
    for weekday in (findings.strongest, findings.weakest):
        yield from () if weekday is None else (weekday.count,)
    yield from (week for week in findings.weeks if week is not None)
    yield from (abs(findings.change or 0), abs(findings.trend or 0))
    for found in findings.goals:
        yield from (found.goal.streak, found.goal.longest_streak, found.goal.percent or 0)
    if findings.streak is not None:
        yield findings.streak.streak
