"""What the offline coach says of a limit's numbers: how long it held and what it allows, never how quiet it is."""

import re
from calendar import day_name
from collections.abc import Callable
from typing import Final

from services.coach.domain.facts import GoalFact, Overview, counted, spoken, spoken_day
from services.coach.domain.purposes import Intent

Fact = tuple[str, dict[str, str]]
"""A part of the phrasebook below `fact.`, and what its slots are filled with besides the goal's title."""
Offer = Callable[[GoalFact, Overview], Fact | None]

_MIN_STREAK: Final = 2
_HELD_PERCENT: Final = 50
# A slip is spoken of while it is news.
_NEWS_DAYS: Final = 3
# A unit of measure that a sentence may hold.
_SPEAKABLE: Final = re.compile(r"[a-z]{3,16}")
_SPANS: Final = {"day": "today", "week": "this week", "month": "this month"}


def limit_offers(intent: Intent) -> tuple[Offer, ...]:
    """What may be said of a limit, the fittest first."""
    if intent is Intent.MISSED:
        return (_longest, _kept, _slip, _held_month)
    if intent is Intent.OUTLOOK:
        return (_streak, _left, _weekday, _month)
    if intent in {Intent.PROGRESS, Intent.REVIEW}:
        return (_streak, _kept, _month, _left)
    if intent is Intent.EMOTION:
        return (_streak, _kept, _held_month)
    return (_streak, _kept, _held_month, _longest, _left)


def _streak(goal: GoalFact, _: Overview) -> Fact | None:
    held = counted(goal.streak, goal.unit or "time")
    return ("limit_streak", {"streak": held}) if goal.streak >= _MIN_STREAK else None


def _longest(goal: GoalFact, _: Overview) -> Fact | None:
    held = counted(goal.longest_streak, goal.unit or "time")
    return ("limit_longest", {"longest": held}) if goal.longest_streak >= _MIN_STREAK else None


def _kept(goal: GoalFact, _: Overview) -> Fact | None:
    """Only days are counted within a week."""
    if goal.unit != "day" or not goal.week_done:
        return None
    return "limit_kept", {"done": spoken(goal.week_done), "due": counted(goal.week_due, "day")}


def _left(goal: GoalFact, _: Overview) -> Fact | None:
    span, is_speakable = _SPANS.get(goal.unit), bool(_SPEAKABLE.fullmatch(goal.unit_of_value))
    if not is_speakable or span is None or goal.left is None or goal.left < 1 or goal.left % 1:
        return None
    return "limit_left", {"left": f"{spoken(goal.left)} {goal.unit_of_value}", "span": span}


def _weekday(goal: GoalFact, _: Overview) -> Fact | None:
    return ("limit_weekday", {"weekday": day_name[goal.weak_weekday - 1]}) if goal.weak_weekday else None


def _slip(goal: GoalFact, overview: Overview) -> Fact | None:
    if goal.slipped_on is None or (overview.today - goal.slipped_on).days > _NEWS_DAYS:
        return None
    return "limit_slip", {"day": spoken_day(goal.slipped_on, today=overview.today)}


def _month(goal: GoalFact, overview: Overview) -> Fact | None:
    if goal.adherence is None:
        return None
    if spoken(goal.adherence) == "0":
        return "limit_none", {}
    part = "limit_month" if goal.adherence >= _HELD_PERCENT else "limit_low"
    return part, {"adherence": spoken(goal.adherence)}


def _held_month(goal: GoalFact, overview: Overview) -> Fact | None:
    is_held = goal.adherence is not None and goal.adherence >= _HELD_PERCENT
    return _month(goal, overview) if is_held else None
