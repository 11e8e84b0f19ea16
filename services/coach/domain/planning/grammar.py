"""Reads the text of a goal by an ordered grammar whose rules take away what they read: "3 months" is not "3 a month".

Plain English. What is ambiguous stays unread rather than be guessed. Source: ADR-0054.
"""

import re
from collections.abc import Sequence
from datetime import date

from services.coach.domain.planning.cadences import WEEKEND, find_cadence
from services.coach.domain.planning.deadlines import find_deadline
from services.coach.domain.planning.quantities import (
    Spell,
    find_amount_per_period,
    find_baseline,
    find_level,
    find_limit,
    find_quantity,
    find_session,
    find_time,
    find_time_to_reach,
)
from services.coach.domain.planning.slots import Cadence, Kind, Slots
from services.coach.domain.planning.wording import Reader, counted, plain_goal

_NOT_AVOIDING = re.compile(
    r"\b(?:don't|do not|never) (?:give up|quit|stop)\b|\bwithout \w+|\bquit (?:my|the|this) (?:day )?job\b"
    r"|\bstop at\b|\bnever (?:too|mind)\b"
)
_AVOID = re.compile(
    r"\b(?:quit(?:ting)?|stop(?:ping)?|give up|giving up|avoid|no more|never|don't|do not|abstain|cease|refrain|kick"
    r"|get rid of|break (?:the|my) habit|stay away from|free from|get off|stay off)\b"
    r"|(?:^|[,.;:!] ?|\band |\beat |\bdrink |\bhave |\bwith )(?:no|zero) [a-z]|^[a-z]+-free\b|\b(?:alcohol"
    r"|smoke|sugar)-free\b"
)
_REDUCE = re.compile(
    r"\b(?:cut (?:down|back)|cut [a-z ]{2,20} (?:down|in half)|limit|reduce|(?:spend|eat|drink|watch|use"
    r"|smoke|play|scroll|swear|complain|worry)(?: [a-z]+){0,2} less"
    r"|fewer|(?:eat|drink|watch|use|spend|smoke|play) (?:much )?less|less (?:time|sugar|tv|coffee|alcohol"
    r"|meat|screen|sodas?|salt|money|food|scrolling|gaming|social|phone))\b"
)
_NOT_REDUCING = re.compile(r"\breduce (?:my |the )?(?:stress|anxiety|debt|weight|body|pain|risk|worry)")
_FREE_WEEKENDS = re.compile(
    r"\b(?:only |just )?(?:have |got )?(?:only |just )?(?:the )?weekends? (?:free|only|available|off)\b"
    r"|\bonly (?:have |on |at )?(?:the )?weekends?\b(?: free)?|\bfree (?:on|at) (?:the )?weekends?\b"
)
_FREE_DAYS = re.compile(
    r"\b(?:only |just )?(?:free|available|have time) (?:on |only on )?((?:(?:mon|tues|wednes|thurs|fri|satur"
    r"|sun)days?(?:, | and |,? or | )?){1,7})"
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_goal(text: str, *, today: date) -> Slots:
    """What the text says; anything may be missing. At most 10,000 characters are read."""
    reader = Reader(counted(plain_goal(text)))
    words = reader.text
    available = _availability(reader)
    baseline = find_baseline(reader)
    allowance = find_limit(reader)
    spell, second = find_time(reader), None
    if spell is not None:
        second = find_time(reader)
    each = find_amount_per_period(reader)
    end = find_deadline(reader, today)
    cadence = Cadence(allowance.period) if allowance else find_cadence(reader)
    faster = find_time_to_reach(reader)
    spells = [one for one in (spell, second) if one]
    session = next((one.session for one in spells if one.session), None) or find_session(reader)
    level = find_level(reader)
    amount, target = (each[0] if each else None), level or faster
    if allowance is None and (found := find_quantity(reader)):
        quantity, is_each = found
        amount, target = (amount or quantity, target) if is_each else (amount, target or quantity)
    implied = next((one.cadence for one in spells if one.cadence), None)
    kind = _kind(words, has_allowance=allowance is not None)
    return Slots(
        cadence=cadence or (each[1] if each else None) or implied,
        budget_minutes=next((one.budget for one in spells if one.budget), None),
        # What is not done takes no time: "no screens for an hour before bed".
        session_minutes=None if kind is Kind.AVOID else session,
        deadline=end.day if end and end.day >= today else None,
        target=target,
        baseline=baseline if target and baseline != target.value else None,
        amount=amount,
        allowance=allowance,
        kind=kind,
        available=available or (end.available if end else frozenset()) or _spelled(spells),
        past_deadline=end is not None and end.day < today,
    )


def _spelled(spells: Sequence[Spell]) -> frozenset[int]:
    return next((one.available for one in spells if one.available), frozenset())


def _availability(reader: Reader) -> frozenset[int]:
    if reader.take(_FREE_WEEKENDS):
        return WEEKEND
    found = reader.take(_FREE_DAYS)
    return frozenset(_DAYS.index(name) + 1 for name in re.findall("|".join(_DAYS), found[1])) if found else frozenset()


def _kind(words: str, *, has_allowance: bool) -> Kind:
    if has_allowance:
        return Kind.LIMIT
    if _REDUCE.search(words) and not _NOT_REDUCING.search(words):
        return Kind.LIMIT
    return Kind.AVOID if _AVOID.search(_NOT_AVOIDING.sub(" ", words)) else Kind.DO
