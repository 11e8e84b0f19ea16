"""The forms in which a goal's rules and phases, and the circumstances of an activity, stand in the database.

Reading is cached by text: most reads of a goal find the same rules as the one before.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from services.goals.domain.activity import Context
from services.goals.domain.days import Calendar, Period
from services.goals.domain.goal import Amount, Excused, MonthEnd, NoEntry, Phase, Policy, Rule, Status
from services.goals.domain.schedule import Schedule

_Document = dict[str, Any]


def rules_document(rules: Sequence[Rule]) -> list[_Document]:
    """All versions, oldest first."""
    return [
        {
            "effective_from": _iso(rule.effective_from),
            "known_from": rule.known_from.isoformat(),
            "period": rule.schedule.period.value,
            "times": rule.schedule.times,
            "weekdays": sorted(rule.schedule.weekdays),
            "excused": rule.policy.excused.value,
            "month_end": rule.policy.month_end.value,
            "no_entry": rule.policy.no_entry.value,
            "amount": {"unit": rule.amount.unit, "min_value": rule.amount.min_value} if rule.amount else None,
            "timezone": rule.calendar.timezone,
            "day_start_hour": rule.calendar.day_start_hour,
            "week_start": rule.calendar.week_start,
            "floor": _iso(rule.floor),
        }
        for rule in rules
    ]


@lru_cache(maxsize=4096)
def read_rules(text: str) -> tuple[Rule, ...]:
    """What `rules_document` wrote."""
    return tuple(_rule(document) for document in json.loads(text))


def phases_document(phases: Sequence[Phase]) -> list[_Document]:
    """All phases, oldest first."""
    return [
        {
            "effective_from": _iso(phase.effective_from),
            "known_from": phase.known_from.isoformat(),
            "status": phase.status.value,
            "deadline": _iso(phase.deadline),
        }
        for phase in phases
    ]


@lru_cache(maxsize=4096)
def read_phases(text: str) -> tuple[Phase, ...]:
    """What `phases_document` wrote."""
    return tuple(
        Phase(
            _day(document["effective_from"]) or 0,
            datetime.fromisoformat(document["known_from"]),
            Status(document["status"]),
            _day(document["deadline"]),
        )
        for document in json.loads(text)
    )


def context_document(context: Context | None) -> _Document | None:
    """The circumstances, without what was not said."""
    if context is None:
        return None
    said = {
        "location": context.location,
        "energy": context.energy,
        "with_wingman": context.with_wingman,
        "tags": list(context.tags),
    }
    return {name: value for name, value in said.items() if value}


def read_context(document: Mapping[str, Any] | None) -> Context | None:
    """What `context_document` wrote."""
    if document is None:
        return None
    return Context(
        document.get("location", ""),
        document.get("energy", 0),
        document.get("with_wingman", False),
        tuple(document.get("tags", ())),
    )


def _rule(document: Mapping[str, Any]) -> Rule:
    amount = document["amount"]
    return Rule(
        effective_from=_day(document["effective_from"]) or 0,
        known_from=datetime.fromisoformat(document["known_from"]),
        schedule=Schedule(Period(document["period"]), document["times"], frozenset(document["weekdays"])),
        policy=Policy(Excused(document["excused"]), MonthEnd(document["month_end"]), NoEntry(document["no_entry"])),
        amount=Amount(amount["unit"], float(amount["min_value"])) if amount else None,
        calendar=Calendar(document["timezone"], document["day_start_hour"], document["week_start"]),
        floor=_day(document["floor"]) or 0,
    )


def _iso(day: int | None) -> str | None:
    return date.fromordinal(day).isoformat() if day else None


def _day(text: str | None) -> int | None:
    return date.fromisoformat(text).toordinal() if text else None
