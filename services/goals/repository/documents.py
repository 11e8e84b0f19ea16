"""The forms in which a goal's rules and phases, and the circumstances of an activity, stand in the database.

Reading is cached by text, unless it is long: most reads of a goal find the same rules as the one before.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.goals.domain.activity import Context
from services.goals.domain.days import Calendar, Period
from services.goals.domain.goal import (
    Aggregation,
    Amount,
    Chain,
    Excused,
    Limit,
    Milestone,
    MonthEnd,
    NoEntry,
    PastStep,
    Phase,
    Policy,
    Rule,
    Status,
    Target,
)
from services.goals.domain.schedule import Schedule
from services.goals.repository.known_texts import known_texts

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
            "rrule": rule.schedule.rrule,
            "window_days": rule.schedule.window_days,
            "anchor": _iso(rule.anchor),
            "excused": rule.policy.excused.value,
            "month_end": rule.policy.month_end.value,
            "no_entry": rule.policy.no_entry.value,
            "amount": _fields(rule.amount),
            "limit": _fields(rule.limit),
            "target": _fields(rule.target),
            "chain": _fields(rule.chain),
            "timezone": rule.calendar.timezone,
            "day_start_hour": rule.calendar.day_start_hour,
            "week_start": rule.calendar.week_start,
            "floor": _iso(rule.floor),
        }
        for rule in rules
    ]


@known_texts(2048)
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
            "is_derived": phase.is_derived,
        }
        for phase in phases
    ]


@known_texts(2048)
def read_phases(text: str) -> tuple[Phase, ...]:
    """What `phases_document` wrote."""
    return tuple(
        Phase(
            _day(document["effective_from"]) or 0,
            datetime.fromisoformat(document["known_from"]),
            Status(document["status"]),
            _day(document["deadline"]),
            document.get("is_derived", False),
        )
        for document in json.loads(text)
    )


def milestones_document(milestones: Sequence[Milestone], past: Sequence[PastStep] = ()) -> list[_Document]:
    """All steps, in order, and behind them those of the past, which have an `until`."""
    return [
        *[_step_document(step) for step in milestones],
        *[{**_step_document(each.step), "until": each.until.isoformat()} for each in past],
    ]


def _step_document(step: Milestone) -> _Document:
    added = {"known_from": step.known_from.isoformat()} if step.known_from else {}
    due = _iso(step.due_day)
    return {"id": str(step.id), "title": step.title, "weight": step.weight, "due_date": due, **added}


@known_texts(1024)
def read_milestones(text: str) -> tuple[tuple[Milestone, ...], tuple[PastStep, ...]]:
    """What `milestones_document` wrote."""
    documents = [(_step(document), document.get("until")) for document in json.loads(text)]
    past = [PastStep(step, datetime.fromisoformat(until)) for step, until in documents if until]
    return tuple(step for step, until in documents if not until), tuple(past)


def _step(document: _Document) -> Milestone:
    added = document.get("known_from")
    return Milestone(
        UUID(document["id"]),
        document["title"],
        float(document["weight"]),
        _day(document["due_date"]),
        datetime.fromisoformat(added) if added else None,
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
    """A version; of parts that came later, older rows say nothing."""
    amount, limit, target, chain = (document.get(part) for part in ("amount", "limit", "target", "chain"))
    return Rule(
        effective_from=_day(document["effective_from"]) or 0,
        known_from=datetime.fromisoformat(document["known_from"]),
        schedule=Schedule(
            Period(document["period"]),
            document["times"],
            frozenset(document["weekdays"]),
            document.get("rrule", ""),
            document.get("window_days", 0),
        ),
        policy=Policy(Excused(document["excused"]), MonthEnd(document["month_end"]), NoEntry(document["no_entry"])),
        amount=Amount(amount["unit"], float(amount["min_value"])) if amount else None,
        calendar=Calendar(document["timezone"], document["day_start_hour"], document["week_start"]),
        floor=_day(document["floor"]) or 0,
        anchor=_day(document.get("anchor")) or 0,
        limit=Limit(limit["unit"], float(limit["max_value"])) if limit else None,
        target=_target(target) if target else None,
        chain=Chain(chain["target_length"], chain["freezes_per_month"]) if chain else None,
    )


def _target(document: Mapping[str, Any]) -> Target:
    return Target(
        document["unit"],
        float(document["start_value"]),
        float(document["target_value"]),
        Aggregation(document["aggregation"]),
    )


def _fields(part: Amount | Limit | Target | Chain | None) -> _Document | None:
    return asdict(part) if part else None


def _iso(day: int | None) -> str | None:
    return date.fromordinal(day).isoformat() if day else None


def _day(text: str | None) -> int | None:
    return date.fromisoformat(text).toordinal() if text else None
