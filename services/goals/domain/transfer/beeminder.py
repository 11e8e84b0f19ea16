"""Beeminder's JSON: one goal with its datapoints, a list of them, or an object that holds them under `goals`.

`hustler` does more and `drinker` less of what adds up; `biker`, `fatloser`, `gainer` and `inboxer` watch a value. A
`custom` goal says by `kyoom` (adds up) and `yaw` (which side is good) which of them it is.
Source: Beeminder's API reference (facts about the format only).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from services.goals.domain.activity import MAX_NOTE_LENGTH, ActivityDraft, ActivityType
from services.goals.domain.days import Period
from services.goals.domain.goal import (
    MAX_DESCRIPTION_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_UNIT_LENGTH,
    Aggregation,
    Amount,
    Limit,
    Pattern,
    Status,
    Target,
)
from services.goals.domain.planning import GoalDraft
from services.goals.domain.schedule import ScheduleDraft
from services.goals.domain.transfer import values
from services.goals.domain.transfer.containers import read_json
from services.goals.domain.transfer.model import Parsed, ParsedEntry, ParsedGoal, Remarks, Unfit, refused
from services.goals.domain.transfer.values import Fields

# By `runits`: the period asked for here, and how often the unit goes into it. A rate is met over days, so days and
# hours become weeks where more is asked for; a limit of a day stays one.
_MORE: Final = {
    "h": (Period.WEEK, 168), "d": (Period.WEEK, 7), "w": (Period.WEEK, 1), "m": (Period.MONTH, 1),
    "y": (Period.YEAR, 1),
}  # fmt: skip
_LESS: Final = {
    "h": (Period.DAY, 24), "d": (Period.DAY, 1), "w": (Period.WEEK, 1), "m": (Period.MONTH, 1), "y": (Period.YEAR, 1),
}  # fmt: skip
_ADDING: Final = {"hustler": True, "drinker": True}
_WATCHING: Final = frozenset({"biker", "fatloser", "gainer", "inboxer"})
# Beeminder's word for "without end".
_ENDLESS: Final = date(2099, 1, 1)


def parse(content: bytes) -> Parsed:
    """What is in the file.

    Raises:
        InvalidArgument: It is no export of Beeminder, or takes more than it may.
    """
    parsed = Parsed()
    seen: set[str] = set()
    for index, document in enumerate(_goals(read_json(content))):
        where = f"goals[{index}]"
        try:
            goal = _goal(Fields(document, "goal"), where, parsed.remarks)
        except Unfit as unfit:
            parsed.remarks.add(where, unfit.reason)
            continue
        if goal.key in seen:
            parsed.remarks.add(where, "is there twice")
            continue
        seen.add(goal.key)
        parsed.goals.append(goal)
    return parsed.check_size()


def _goals(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping):
        if isinstance(document.get("goals"), list):
            goals: list[Any] = document["goals"]
            return goals
        if "slug" in document:
            return [document]
    raise refused("holds no goals of Beeminder")


def _goal(fields: Fields, where: str, remarks: Remarks) -> ParsedGoal:
    slug = values.line(fields.text("slug"), longest=MAX_TITLE_LENGTH)
    key = fields.text("id") or slug
    if not key:
        raise Unfit("it has neither id nor slug")
    title = values.line(fields.text("title"), longest=MAX_TITLE_LENGTH, otherwise=slug or "Goal")
    draft = _draft(fields, title)
    pattern = draft.pattern or Pattern.RECURRING
    entries = _entries(fields, where, pattern, remarks)
    status = Status.ARCHIVED if fields.flag("won") else Status.PAUSED if fields.flag("frozen") else Status.ACTIVE
    return ParsedGoal(where, key, title, pattern, draft, status, entries=entries)


def _draft(fields: Fields, title: str) -> GoalDraft:
    unit = values.line(fields.text("gunits") or fields.text("yaxis"), longest=MAX_UNIT_LENGTH, otherwise="units")
    description = fields.text("fineprint") or fields.text("description")
    shared: dict[str, Any] = {
        "title": title,
        "description": values.body(description, longest=MAX_DESCRIPTION_LENGTH),
        "deadline": _deadline(fields),
        "start_date": _day(fields, "initday"),
    }
    if not _adds_up(fields):
        return GoalDraft(pattern=Pattern.TARGET, target=_watched(fields, unit), **shared)
    if _is_less(fields):
        period, times = _LESS[_runits(fields)]
        maximum = _rate(fields) * times
        if maximum < 0:
            raise Unfit("its rate is negative, and nothing can be done less than never")
        limit = Limit(unit, maximum)
        return GoalDraft(pattern=Pattern.LIMIT, schedule=ScheduleDraft(period), limit=limit, **shared)
    if fields.has("goalval"):
        # What is entered adds up from nothing, whatever the line begins with.
        target = Target(unit, 0.0, fields.number("goalval"), Aggregation.SUM)
        return GoalDraft(pattern=Pattern.TARGET, target=target, **shared)
    period, times = _MORE[_runits(fields)]
    amount = _rate(fields) * times
    if amount <= 0:
        raise Unfit("its rate asks for nothing")
    return GoalDraft(pattern=Pattern.RECURRING, schedule=ScheduleDraft(period), amount=Amount(unit, amount), **shared)


def _adds_up(fields: Fields) -> bool:
    kind = fields.text("goal_type")
    if kind in _ADDING or kind in _WATCHING:
        return kind in _ADDING
    if not fields.has("kyoom"):
        raise Unfit("its goal_type is not known here")
    return fields.flag("kyoom")


def _is_less(fields: Fields) -> bool:
    kind = fields.text("goal_type")
    return kind == "drinker" or (kind not in _ADDING and fields.number("yaw", 1) < 0)


def _watched(fields: Fields, unit: str) -> Target:
    end = fields.number("goalval") if fields.has("goalval") else _of_line(fields, 1)
    if end is None:
        raise Unfit("it has no goalval")
    start = fields.number("initval") if fields.has("initval") else _first_value(fields)
    if start is None:
        raise Unfit("it has neither initval nor datapoints")
    if start == end:
        raise Unfit("it ends at the value that it starts with")
    return Target(unit, start, end, Aggregation.LAST)


def _first_value(fields: Fields) -> float | None:
    points = [Fields(point, "datapoint") for point in fields.items("datapoints")[:100_000]]
    dated = [(point.number("timestamp", 0.0), point.number("value")) for point in points if point.has("value")]
    return min(dated)[1] if dated else None


def _rate(fields: Fields) -> float:
    rate = fields.number("rate") if fields.has("rate") else _of_line(fields, 2)
    if rate is None:
        raise Unfit("it has no rate")
    return rate


def _of_line(fields: Fields, index: int) -> float | None:
    """What Beeminder itself worked out where the member set the other two: date, value and rate."""
    worked_out = fields.items("mathishard")
    value = worked_out[index] if len(worked_out) == 3 else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _runits(fields: Fields) -> str:
    runits = fields.text("runits", "w")
    if runits not in _MORE:
        raise Unfit("its runits are none of y, m, w, d and h")
    return runits


def _deadline(fields: Fields) -> date | None:
    day = _day(fields, "goaldate")
    return None if day is None or day >= _ENDLESS else day


def _day(fields: Fields, name: str) -> date | None:
    return values.instant_of(fields.number(name)).date() if fields.has(name) else None


def _entries(fields: Fields, where: str, pattern: Pattern, remarks: Remarks) -> list[ParsedEntry]:
    entries: list[ParsedEntry] = []
    seen: dict[str, int] = {}
    for document in fields.items("datapoints"):
        try:
            entry = _entry(Fields(document, "datapoint"), pattern, seen)
        except Unfit as unfit:
            remarks.add(f"{where}.datapoints", unfit.reason)
            continue
        entries.append(entry)
    return entries


def _entry(point: Fields, pattern: Pattern, seen: dict[str, int]) -> ParsedEntry:
    if point.flag("is_dummy"):
        raise Unfit("is Beeminder's own and not the member's (is_dummy)")
    value = point.number("value")
    if point.flag("is_initial") and value == 0 and pattern is not Pattern.TARGET:
        raise Unfit("is a placeholder for the start (is_initial)")
    day = values.day_of(point.text("daystamp")) if point.has("daystamp") else None
    at = values.instant_of(point.number("timestamp")) if point.has("timestamp") else None
    if day is None and at is None:
        raise Unfit("has neither daystamp nor timestamp")
    # Without an id, the how-many-eth of its day.
    name = point.text("id") or (day.isoformat() if day else at.isoformat() if at else "")
    seen[name] = seen.get(name, 0) + 1
    if seen[name] > 1 and point.has("id"):
        raise Unfit("has the id of a datapoint before it")
    key = name if seen[name] == 1 else f"{name}#{seen[name]}"
    note = values.body(point.text("comment"), longest=MAX_NOTE_LENGTH)
    return ParsedEntry(key, ActivityDraft(ActivityType.PROGRESS, day, at, value=value, note=note))
