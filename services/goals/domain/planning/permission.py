"""Whether somebody may have one goal more, a goal of a category, or change a goal as they saw it."""

import unicodedata
from datetime import date

from chassis import etags
from services.goals.domain.goal import ADULT_YEARS, DATING, MAX_ACTIVE_GOALS, Goal
from services.goals.errors import AdultsOnly, GoalChangedMeanwhile, GoalQuotaExceeded


def check_quota(active_goals: int) -> None:
    """One more goal may become active.

    Raises:
        GoalQuotaExceeded: The member has as many as may be.
    """
    if active_goals >= MAX_ACTIVE_GOALS:
        raise GoalQuotaExceeded(MAX_ACTIVE_GOALS)


def is_dating(category: str) -> bool:
    """However it is written: case, blanks around it and invisible characters make no other category."""
    plain = unicodedata.normalize("NFKC", category)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf").strip().casefold() == DATING


def check_adult(category: str, *, birth_year: int, today: int) -> None:
    """Dating goals are for adults; a birth year of 0 is unknown.

    Raises:
        AdultsOnly: Not 19 calendar years after the birth year yet, or unknown.
    """
    if is_dating(category) and not is_adult(birth_year, today=today):
        raise AdultsOnly


def is_adult(birth_year: int, *, today: int) -> bool:
    """True from 19 calendar years after the birth year on; a birth year of 0 is unknown."""
    return birth_year > 0 and date.fromordinal(today).year - birth_year >= ADULT_YEARS


def check_etag(goal: Goal, etag: str) -> None:
    """The caller saw the goal as it is; `etag` as `chassis.etags` reads it.

    Raises:
        GoalChangedMeanwhile: It changed since.
    """
    if not etags.allows(etag, goal.etag):
        raise GoalChangedMeanwhile
