"""Which of a member's numbers the offline coach says, by what the member is about. Pure; every number is a fact's."""

from calendar import day_name
from collections.abc import Iterable

from services.coach.domain.facts import GoalFact, Overview, counted, spoken, spoken_day
from services.coach.domain.limit_figures import Fact, Offer, limit_offers
from services.coach.domain.purposes import Intent

# About what happens to people, and about the coach: no figure has a place there.
OF_LIFE = frozenset({Intent.LOSS, Intent.HARDSHIP, Intent.SELF_BLAME, Intent.NEWS, Intent.BETTER, Intent.ABOUT_YOU})
# Where low figures would only weigh.
LOW = frozenset({Intent.MISSED, Intent.STUCK, Intent.EMOTION, Intent.DATING})
# Parts of what lies ahead; they read well with the goal as "it" once it has been named.
AHEAD = frozenset(
    {"to_go", "open_today", "anew", "out_of_reach", "weak_weekday", "slack", "no_slack", "limit_left", "limit_weekday"}
)
# Nothing was kept, or nothing is reached yet: nothing that sounds like praise or a balance may stand beside it.
ZERO = frozenset({"month_none", "way_none", "all_week_none", "all_month_none", "limit_none"})
# An entry this old is worth saying so.
STALE_DAYS = 4
# A streak of one is no streak, a low figure is no affirmation, and a very low one wants other words.
_MIN_STREAK = 2
_AFFIRMING_PERCENT = 50
_LOW_PERCENT = 20
_HOW_MANY = {Intent.PROGRESS: 2, Intent.REVIEW: 2, Intent.OUTLOOK: 3}
# That there is no entry yet is no answer to these.
_OF_SOMETHING_ELSE = frozenset({Intent.EMOTION, Intent.DATING, Intent.OFF_TOPIC, Intent.THANKS})
# Where the member asks for figures.
ASKED = frozenset({Intent.PROGRESS, Intent.REVIEW, Intent.OUTLOOK, Intent.CHANGE_PLAN})
_QUIET = frozenset({Intent.THANKS, Intent.GREETING})
_NO_UNIT = "time"


def facts_for(intent: Intent, goal: GoalFact | None, overview: Overview | None) -> list[Fact]:
    """What is said of the numbers: one fact, two where the member asked for figures, three of what lies ahead.

    Args:
        goal: What the reply is about.
        overview: The member's numbers; None when they could not be read.
    """
    if intent in OF_LIFE:
        return []
    if overview is None:
        return [] if intent is Intent.THANKS else [("unavailable", {})]
    if goal is None:
        return [] if overview.goals else [("no_goals", {})]
    if goal.is_limit:
        found = _best(intent, _of_all(intent, limit_offers(intent)), goal, overview)
        return found or ([("limit_open", {})] if goal.adherence is None else [])
    if _has_nothing(goal) and goal.week_due == 0 and goal.adherence is None:
        return [] if intent in _OF_SOMETHING_ELSE else [("nothing_logged", {})]
    found = _best(intent, _offers(intent), goal, overview)
    # Little or nothing is told where figures were asked for; elsewhere it would only weigh.
    return found or (_found((_none_week, _adherence), goal, overview)[:1] if intent in ASKED else [])


def _has_nothing(goal: GoalFact) -> bool:
    """No entry is known, and there is none that was not read."""
    return goal.last_logged_on is None and goal.is_read_whole


def _best(intent: Intent, offers: Iterable[Offer], goal: GoalFact, overview: Overview) -> list[Fact]:
    found = _found(offers, goal, overview)[: _HOW_MANY.get(intent, 1)]
    none = [fact for fact in found if fact[0] in ZERO]
    return none[:1] or found


def _found(offers: Iterable[Offer], goal: GoalFact, overview: Overview) -> list[Fact]:
    return [fact for offer in offers if (fact := offer(goal, overview))]


def _of_all(intent: Intent, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """In a review what is said of all goals comes before what is said of one."""
    return (_rate_7d, offers[0], _rate_30d, *offers[1:]) if intent is Intent.REVIEW else offers


def _offers(intent: Intent) -> tuple[Offer, ...]:
    if intent is Intent.OUTLOOK:
        return (_streak, _open_unit, _weak_weekday, _slack)
    if intent is Intent.REVIEW:
        return (_rate_7d, _week, _rate_30d, _streak, _last_entry)
    if intent is Intent.PROGRESS:
        return (_week, _streak, _percent, _adherence, _last_entry)
    if intent is Intent.EMOTION:
        return (_caring,)
    if intent is Intent.DATING:
        return (_week_begun, _longest, _good_month, _kept_entry)
    if intent is Intent.WIN:
        return (_streak, _week_begun, _kept_entry, _good_month, _longest)
    if intent in LOW or intent is Intent.CHANGE_PLAN:
        return (_stale, _good_month, _longest, _week_begun, _last_entry)
    if intent in _QUIET:
        return (_streak, _week_begun, _stale, _last_entry)
    if intent is Intent.OFF_TOPIC:
        return (_streak, _week_begun, _last_entry)
    return (_streak, _week_begun, _good_month, _last_entry)


def _caring(goal: GoalFact, overview: Overview) -> Fact | None:
    """To somebody who is down: what they did all the same, and no percentages."""
    for part, offer in (("care_entry", _kept_entry), ("care_week", _week_kept), ("care_longest", _longest)):
        fact = offer(goal, overview)
        if fact is not None:
            return part, fact[1]
    return None


def _week_kept(goal: GoalFact, overview: Overview) -> Fact | None:
    fact = _week_begun(goal, overview)
    return None if fact is None else ("", {"kept": " of ".join(fact[1].values())})


def _week(goal: GoalFact, overview: Overview) -> Fact | None:
    return _week_begun(goal, overview) or _none_week(goal, overview)


def _week_begun(goal: GoalFact, _: Overview) -> Fact | None:
    if goal.period == "week" and goal.week_logged and goal.times:
        return "logged_week", {"logged": spoken(goal.week_logged), "times": spoken(goal.times)}
    if goal.period != "week" and goal.week_done > 0:
        return "kept_week", {"done": spoken(goal.week_done), "due": spoken(goal.week_due)}
    return None


def _none_week(goal: GoalFact, _: Overview) -> Fact | None:
    return ("none_week", {}) if goal.week_logged == 0 else None


def _streak(goal: GoalFact, _: Overview) -> Fact | None:
    return ("streak", {"streak": counted(goal.streak, goal.unit or _NO_UNIT)}) if goal.streak >= _MIN_STREAK else None


def _longest(goal: GoalFact, _: Overview) -> Fact | None:
    return (
        ("longest", {"longest": counted(goal.longest_streak, goal.unit or _NO_UNIT)})
        if goal.longest_streak >= _MIN_STREAK
        else None
    )


def _open_unit(goal: GoalFact, overview: Overview) -> Fact | None:
    """What the unit that holds today still needs; where nothing is to be done in it, what the next one asks for."""
    if goal.needed and goal.open_until and not goal.is_out_of_reach:
        needed = counted(goal.needed, "more check-in")
        if goal.open_until == overview.today:
            return "open_today", {"needed": needed}
        until = spoken_day(goal.open_until, today=overview.today)
        return "to_go", {"needed": needed, "until": until, "unit": goal.unit}
    if goal.next_from and goal.times:
        begins = spoken_day(goal.next_from, today=overview.today)
        part = "out_of_reach" if goal.is_out_of_reach else "anew"
        return part, {"day": begins, "unit": goal.unit, "times": counted(goal.times, "check-in")}
    return None


def _weak_weekday(goal: GoalFact, _: Overview) -> Fact | None:
    return ("weak_weekday", {"weekday": day_name[goal.weak_weekday - 1]}) if goal.weak_weekday else None


def _slack(goal: GoalFact, _: Overview) -> Fact | None:
    if goal.safe_days:
        return "slack", {"days": counted(goal.safe_days, "day")}
    # Nothing today helps a unit that is kept already, or that can no longer be.
    can_be_helped = goal.open_until is None or (goal.needed and not goal.is_out_of_reach)
    return ("no_slack", {}) if goal.safe_days == 0 and can_be_helped else None


def _percent(goal: GoalFact, _: Overview) -> Fact | None:
    if goal.pattern not in {"milestone", "target"} or goal.percent is None:
        return None
    return _by_height("percent", "way", goal.percent, "percent")


def _adherence(goal: GoalFact, _: Overview) -> Fact | None:
    return None if goal.adherence is None else _by_height("adherence", "month", goal.adherence, "adherence")


def _by_height(part: str, other: str, percent: float, slot: str) -> Fact:
    """A percentage in words that fit it: none and very little have words of their own, without praise."""
    if spoken(percent) == "0":
        return f"{other}_none", {}
    return (f"{other}_low" if percent < _LOW_PERCENT else part), {slot: spoken(percent)}


def _good_month(goal: GoalFact, overview: Overview) -> Fact | None:
    good = goal.adherence is not None and goal.adherence >= _AFFIRMING_PERCENT
    return _adherence(goal, overview) if good else None


def _rate_7d(_: GoalFact, overview: Overview) -> Fact | None:
    return None if overview.rate_7d is None else _by_height("rate_7d", "all_week", overview.rate_7d, "rate")


def _rate_30d(_: GoalFact, overview: Overview) -> Fact | None:
    return None if overview.rate_30d is None else _by_height("rate_30d", "all_month", overview.rate_30d, "rate")


def _stale(goal: GoalFact, overview: Overview) -> Fact | None:
    if goal.last_logged_on is None or (overview.today - goal.last_logged_on).days < STALE_DAYS:
        return None
    return "last_entry", {"day": spoken_day(goal.last_logged_on, today=overview.today)}


def _last_entry(goal: GoalFact, overview: Overview) -> Fact | None:
    return _stale(goal, overview) or _kept_entry(goal, overview) or _noted_entry(goal, overview)


def _kept_entry(goal: GoalFact, overview: Overview) -> Fact | None:
    """Of the last days: an older one is told by how long it has been quiet."""
    if goal.last_kept_on is None or (overview.today - goal.last_kept_on).days >= STALE_DAYS:
        return None
    return "fresh_entry", {"day": spoken_day(goal.last_kept_on, today=overview.today)}


def _noted_entry(goal: GoalFact, overview: Overview) -> Fact | None:
    """A skip, a note or a check-in that was not kept is nothing to cheer."""
    if goal.last_logged_on is None:
        return None
    return "noted_entry", {"day": spoken_day(goal.last_logged_on, today=overview.today)}
