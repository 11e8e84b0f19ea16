"""Rules and phases of our own export, read back and checked as planning checks what members ask for."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.goals.domain.activity import ActivityDraft
from services.goals.domain.bounds import MAX_VERSIONS
from services.goals.domain.days import MAX_DAY_START_HOUR, Calendar, Period, is_zone
from services.goals.domain.fields import Checks
from services.goals.domain.goal import (
    Aggregation,
    Amount,
    Chain,
    Excused,
    Limit,
    MonthEnd,
    NoEntry,
    Pattern,
    Phase,
    Policy,
    Rule,
    Status,
    Target,
)
from services.goals.domain.schedule import Schedule, ScheduleDraft, Window, plan_schedule
from services.goals.domain.terms import COUNTED, SCHEDULED, plan_amount, plan_chain, plan_limit, plan_target
from services.goals.domain.transfer.documents import WEEKDAYS
from services.goals.domain.transfer.model import ParsedEntry, Unfit
from services.goals.domain.transfer.values import Fields

# A goal that has as many as may follow by themselves can still be closed, opened and exported.
_MAX_VERSIONS: Final = MAX_VERSIONS + 100


def rules(fields: Fields, pattern: Pattern, checks: Checks) -> tuple[Rule, ...]:
    """All versions, oldest first."""
    documents = fields.items("rules")
    if not 1 <= len(documents) <= _MAX_VERSIONS:
        raise Unfit(f"rules must be 1 to {_MAX_VERSIONS} versions")
    return tuple(_rule(Fields(each, "rule"), pattern, checks) for each in documents)


def phases(fields: Fields, status: Status) -> tuple[Phase, ...]:
    """All phases, oldest first; the last one is that of the goal."""
    documents = [Fields(each, "phase") for each in fields.items("phases")]
    if not 1 <= len(documents) <= _MAX_VERSIONS:
        raise Unfit(f"phases must be 1 to {_MAX_VERSIONS}")
    found = tuple(
        Phase(
            _ordinal(each, "effective_from"),
            required_instant(each, "known_from"),
            each.word("status", Status),
            _ordinal(each, "deadline") or None,
            each.flag("is_derived"),
        )
        for each in documents
    )
    if found[0].effective_from or found[-1].status is not status:
        raise Unfit("phases must begin without a day, and end with the goal's status")
    return found


def schedule(fields: Fields | None, checks: Checks) -> Schedule:
    """When something is due; absent is the default."""
    return plan_schedule(schedule_draft(fields) or ScheduleDraft(), checks=checks)


def schedule_draft(fields: Fields | None) -> ScheduleDraft | None:
    """A schedule as asked for."""
    if fields is None:
        return None
    return ScheduleDraft(
        period=fields.word("period", Period) if fields.has("period") else None,
        times=fields.integer("times", 1),
        weekdays=weekdays(fields),
        rrule=fields.text("rrule"),
        window=fields.word("window", Window) if fields.has("window") else None,
        window_days=fields.integer("window_days") if fields.has("window_days") else None,
    )


def weekdays(fields: Fields) -> tuple[int, ...]:
    """ISO weekdays by their names; none for all."""
    names = fields.items("weekdays")
    if any(name not in WEEKDAYS[1:] for name in names):
        raise Unfit("weekdays must be names of days, mon to sun")
    return tuple(WEEKDAYS.index(name) for name in names)


def required_instant(fields: Fields, name: str) -> datetime:
    """An instant that must be there."""
    at = fields.instant(name)
    if at is None:
        raise Unfit(f"{name} must be given")
    return at


def required_day(fields: Fields, name: str) -> date:
    """A day that must be there."""
    day = fields.day(name)
    if day is None:
        raise Unfit(f"{name} must be given")
    return day


def parsed_entry(
    key: str,
    draft: ActivityDraft,
    *,
    timezone: str,
    known: tuple[datetime | None, datetime | None],
) -> ParsedEntry:
    """An entry, if its zone is one; `known` are when it was made and last corrected."""
    if timezone and not is_zone(timezone):
        raise Unfit("timezone is none that is known")
    return ParsedEntry(key, draft, timezone=timezone, create_time=known[0], update_time=known[1])


def optional_uuid(text: str) -> UUID | None:
    """A UUID, or None for an empty text."""
    return uuid(text) if text else None


def uuid(text: str) -> UUID:
    """A UUID in its canonical form."""
    try:
        if len(text) != 36:
            raise ValueError
        return UUID(text)
    except ValueError:
        raise Unfit("an id must be a UUID") from None


def _rule(fields: Fields, pattern: Pattern, checks: Checks) -> Rule:
    amount, limit, target, chain = (fields.part(name) for name in ("amount", "limit", "target", "streak"))
    if (amount and pattern not in COUNTED) or _strangers(pattern, limit, target, chain):
        raise Unfit(f"a rule holds what does not belong to a {pattern} goal")
    return Rule(
        effective_from=_ordinal(fields, "effective_from"),
        known_from=required_instant(fields, "known_from"),
        schedule=schedule(fields.part("schedule"), checks) if pattern in SCHEDULED else Schedule(),
        policy=_policy(fields.part("policy")),
        amount=plan_amount(Amount(amount.text("unit"), amount.number("min_value")), checks) if amount else None,
        calendar=_calendar(fields),
        floor=_ordinal(fields, "floor"),
        anchor=_ordinal(fields, "anchor"),
        limit=plan_limit(_limit(limit), checks) if pattern is Pattern.LIMIT else None,
        target=plan_target(_target(target), checks) if pattern is Pattern.TARGET else None,
        chain=plan_chain(_chain(chain), checks) if pattern is Pattern.STREAK else None,
    )


def _strangers(pattern: Pattern, limit: Fields | None, target: Fields | None, chain: Fields | None) -> bool:
    owners = ((limit, Pattern.LIMIT), (target, Pattern.TARGET), (chain, Pattern.STREAK))
    return any(part is not None and pattern is not owner for part, owner in owners)


def _limit(fields: Fields | None) -> Limit | None:
    return Limit(fields.text("unit"), fields.number("max_value")) if fields else None


def _target(fields: Fields | None) -> Target | None:
    if fields is None:
        return None
    start, end = fields.number("start_value"), fields.number("target_value")
    return Target(fields.text("unit"), start, end, fields.word("aggregation", Aggregation))


def _chain(fields: Fields | None) -> Chain | None:
    return Chain(fields.integer("target_length"), fields.integer("freezes_per_month", 0)) if fields else None


def _policy(fields: Fields | None) -> Policy:
    if fields is None:
        return Policy()
    return Policy(fields.word("excused", Excused), fields.word("month_end", MonthEnd), fields.word("no_entry", NoEntry))


def _calendar(fields: Fields) -> Calendar:
    timezone, hour, week_start = fields.text("timezone"), fields.integer("day_start_hour", 0), fields.text("week_start")
    if not is_zone(timezone) or not 0 <= hour <= MAX_DAY_START_HOUR or week_start not in WEEKDAYS[1:]:
        raise Unfit("timezone, day_start_hour and week_start must be those of a calendar")
    return Calendar(timezone, hour, WEEKDAYS.index(week_start))


def _ordinal(fields: Fields, name: str) -> int:
    day = fields.day(name)
    return day.toordinal() if day else 0
