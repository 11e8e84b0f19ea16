"""Which goal a reply is about: the one that is named, else the one that fits what the member is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.coach.domain.facts import GoalFact, Overview
from services.coach.domain.figures import ASKED, LOW
from services.coach.domain.framing import speakable_title
from services.coach.domain.intents import mentioned_goal
from services.coach.domain.plain_text import plain
from services.coach.domain.purposes import Intent

_BROKEN: Final = frozenset({"behind", "at_risk"})
# Words of what people leave. Who drinks water or tea is about something else.
_OF_LIMITS: Final = re.compile(
    r"^(?!.*\b(?:water|tea|juice|smoothies?|milk|lit(?:er|re)s?)\b).*\b(?:drank|drunk|drink\w*|sober|alcohol\w*|beers?"
    r"|wine|smok\w*|vap(?:e|ed|ing)|cigarettes?|relaps\w*|gambl\w*|scroll\w*|cravings?|stayed clean|days clean)\b",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a reply is about.

    Attributes:
        is_limit: It is about less of something, whether or not there is a goal for that.
    """

    goal: GoalFact | None
    is_limit: bool = False

    @property
    def title(self) -> str:
        """The goal's title in quotes, or `your goal`."""
        title = speakable_title(self.goal.title) if self.goal else None
        return f"“{title}”" if title else "your goal"


def subject_of(message: str, overview: Overview | None, intent: Intent, today: date) -> Subject:
    """The goal that the message names, else the one that fits its intent best; ties by id."""
    is_of_limits = bool(_OF_LIMITS.search(plain(message))) and intent in {Intent.MISSED, Intent.WIN, Intent.STUCK}
    named = mentioned_goal(message, overview)
    if named is not None:
        return Subject(named, named.is_limit)
    goals = _of_the_kind(overview.goals if overview else (), intent, is_of_limits=is_of_limits)
    goal = min(goals, key=lambda each: (_distance(each, intent, today), each.goal_id.hex), default=None)
    return Subject(goal, is_of_limits if goal is None else goal.is_limit)


def _of_the_kind(goals: Sequence[GoalFact], intent: Intent, *, is_of_limits: bool) -> Sequence[GoalFact]:
    """What somebody wants to leave is brought up by them, or where they ask for figures: it is nobody's small talk."""
    if intent in ASKED:
        return goals
    fitting = [goal for goal in goals if goal.is_limit == is_of_limits]
    return fitting if fitting or is_of_limits else goals


def _distance(goal: GoalFact, intent: Intent, today: date) -> int:
    """Days by which a goal is away from what the intent is about; smaller is nearer."""
    since_entry = (today - goal.last_logged_on).days if goal.last_logged_on else 1_000
    if intent in LOW or intent is Intent.CHANGE_PLAN:
        return since_entry - (2_000 if goal.state in _BROKEN else 0)
    if intent in {Intent.PROGRESS, Intent.REVIEW} and goal.adherence is None and not goal.week_due:
        # There is little to tell of it.
        return since_entry + 2_000
    if intent is Intent.OUTLOOK:
        return 1_000 if goal.safe_days is None else goal.safe_days
    if intent in {Intent.GREETING, Intent.OFF_TOPIC}:
        return since_entry - (2_000 if goal.due_today and not goal.done_today else 0)
    return since_entry
