"""The steps on the way: numbers from a start to the goal, or what a kind of goal asks for, spread over the days.

The last step is the goal, on the last day. Dates rise and lie between the first day and the last.
"""

from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Final

from services.coach.domain.planning.brief import Brief
from services.coach.domain.planning.guards import SafePace, weight_to_lose
from services.coach.domain.planning.proposal import MAX_SUBGOALS, MAX_TITLE, Subgoal
from services.coach.domain.planning.schedules import per_week
from services.coach.domain.planning.slots import Kind
from services.coach.domain.planning.texts import Course

# Of what is to be done, where nobody said where they stand.
ASSUMED_BASE: Final = 0.3
FIRST_STEP: Final = timedelta(days=6)
_FROM_A_BASE = frozenset({"km", "mi", "m", "kg", "lb", "reps", "min"})
_MONEY = {"USD": "$", "EUR": "€", "GBP": "£"}
_WHOLE = frozenset({"reps", "books", "dates", "days", "USD", "EUR", "GBP", "%", "points", "steps", "words", "pages"})
_MOST_UNITS = 1e12
_CENTURY_DAYS = 36_525
_WEEKS_OF = {"week": 1.0, "month": 4.35, "quarter": 13.0, "year": 52.2}


def ladder(brief: Brief, course: Course, *, pace: SafePace | None) -> tuple[Subgoal, ...]:
    """The steps of a plan, in order."""
    count = rungs(brief)
    if brief.task.milestones:
        return _of_milestones(brief) if len(brief.task.milestones) > 1 else _up_to_one(brief, course, count)
    numbered = _numbered(brief, count, pace)
    whole = numbered or _told(brief, course, count)
    # What is there already is not proposed again, and the goal itself always stands.
    titles = [*(title for title in whole[:-1] if title not in brief.task.own_subgoals), whole[-1]]
    days = _days(brief, len(titles))
    if not numbered and len(days) > 1:
        # What is told begins at once; numbers take their share of the time.
        days[0] = min(days[0], brief.begin + FIRST_STEP)
    return tuple(Subgoal(_short(title), day) for title, day in zip(titles, days, strict=True))


def rungs(brief: Brief) -> int:
    """How many steps: one for about three weeks, two to six, and no more than there are days."""
    days = (brief.end - brief.begin).days
    return max(1, min(max(2, round(brief.weeks / 3)), MAX_SUBGOALS, days + 1))


def assumed_base(brief: Brief) -> str:
    """The start that was assumed, in words; empty where none had to be."""
    said = brief.slots.target
    if brief.target or brief.task.milestones or brief.task.streak_length or said is None or not said.value:
        return ""
    if brief.slots.baseline is not None:
        return ""
    if said.unit not in _FROM_A_BASE or weight_to_lose(brief) or _is_end_state(brief):
        return ""
    return measure(_rounded(said.value * ASSUMED_BASE, said.value, said.unit), said.unit)


def measure(value: float, unit: str) -> str:
    """A value with its unit as people write it."""
    number = f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.6g}"
    symbol = _MONEY.get(unit.upper())
    if symbol:
        return f"{symbol}{number}"
    named = ("repetition" if value == 1 else "repetitions") if unit == "reps" else unit
    return f"{number} {named}".strip()


def _of_milestones(brief: Brief) -> tuple[Subgoal, ...]:
    """The member's own milestones; those with a day keep it, the others are spread between."""
    steps = brief.task.milestones
    if len(steps) > MAX_SUBGOALS:
        steps = (*steps[: MAX_SUBGOALS - 1], steps[-1])
    spread = _days(brief, len(steps))
    return tuple(
        Subgoal(_short(step.title), _inside(brief, step.due_date) if step.due_date else day)
        for step, day in zip(steps, spread, strict=True)
    )


def _up_to_one(brief: Brief, course: Course, count: int) -> tuple[Subgoal, ...]:
    """A single milestone is the last step; what its kind of goal asks for comes before."""
    only = brief.task.milestones[0]
    last = _inside(brief, only.due_date) if only.due_date else brief.end
    before = [title for title in course.steps[: count - 1] if title not in brief.task.own_subgoals]
    days = _days(brief, len(before) + 1)[:-1]
    days[:1] = [min(day, brief.begin + FIRST_STEP) for day in days[:1]]
    steps = [Subgoal(title, day) for title, day in zip(before, days, strict=True) if last is None or day <= last]
    return (*steps, Subgoal(_short(only.title), last))


def _inside(brief: Brief, day: date) -> date | None:
    return day if brief.task.today <= day <= brief.end else None


def _days(brief: Brief, count: int) -> list[date]:
    """Days spread evenly, the last on the last day."""
    span = (brief.end - brief.begin).days
    return [brief.begin + timedelta(days=span * number // count) for number in range(1, count)] + [brief.end] * (
        count > 0
    )


def _numbered(brief: Brief, count: int, pace: SafePace | None) -> list[str]:
    """Steps in numbers; empty where the goal has none, or none between."""
    if brief.task.streak_length:
        return _in_a_row(brief.task.streak_length, count)
    if brief.kind is not Kind.DO:
        return []
    losing = weight_to_lose(brief)
    if losing and (pace or brief.target is None):
        amount, unit = (pace.capped, pace.unit) if pace else losing
        return [f"{measure(value, unit)} down" for value in _between(0, amount, count, unit)]
    if brief.target is not None:
        terms = brief.target
        values = _between(terms.start, terms.target, count, terms.unit)
        word = "Down to" if terms.target < terms.start else "Reach"
        return [f"{word} {measure(value, terms.unit)}" for value in values]
    said = brief.slots.target
    if said is None or not said.value or _is_end_state(brief):
        return []
    base = brief.slots.baseline
    if base is None:
        base = said.value * ASSUMED_BASE if said.unit in _FROM_A_BASE else 0.0
    steps = _between(base, said.value, count, said.unit)
    return [_label(value, said.unit, brief) for value in steps]


def _is_end_state(brief: Brief) -> bool:
    """A value to come down to, whose start nobody said."""
    title = brief.task.title.lower()
    if brief.slots.target is not None and brief.slots.target.unit == "min":
        return True
    return (
        brief.target is None
        and brief.slots.baseline is None
        and any(phrase in title for phrase in ("down to ", "get to ", "weigh "))
    )


def _label(value: float, unit: str, brief: Brief) -> str:
    said = measure(value, unit)
    if unit in _MONEY:
        return (
            f"{said} paid off"
            if any(word in brief.task.title.lower() for word in ("pay", "debt", "loan"))
            else f"{said} put aside"
        )
    if unit == "reps":
        return f"{said} in one go"
    return (
        f"{said} in one go" if unit in {"km", "mi", "m"} and brief.category.name == "fitness" else f"The first {said}"
    )


def _in_a_row(length: int, count: int) -> list[str]:
    return [f"{int(value)} in a row" for value in _between(0, length, count, "days")]


def _between(start: float, target: float, count: int, unit: str) -> list[float]:
    """Values from behind the start to the target, rounded as the unit is spoken of, each nearer than the one before."""
    if abs(start) > _MOST_UNITS or abs(target) > _MOST_UNITS:
        return [target]
    span = target - start
    values = [_rounded(start + span * number / count, span, unit) for number in range(1, count)]
    kept: list[float] = []
    for value in values:
        behind = kept[-1] if kept else start
        if min(behind, target) < value < max(behind, target):
            kept.append(value)
    return [*kept, target]


def _rounded(value: float, span: float, unit: str) -> float:
    """To a step that suits the distance: 0.5 of a few, 5 of a hundred, 500 of ten thousand; halves go up."""
    distance = abs(span)
    if not distance:
        return value
    step = 10.0 ** (floor(log10(distance)) - 1) / 2
    if unit in _WHOLE or unit.upper() in _MONEY or (span == int(span) and unit not in _FROM_A_BASE):
        step = max(1.0, step)
    elif unit in {"km", "mi", "kg", "lb"} and distance >= 2:
        step = max(0.5, step)
    return round(floor(value / step + 0.5) * step, 6)


def _told(brief: Brief, course: Course, count: int) -> list[str]:
    """Steps in words, then the goal itself."""
    return [*course.steps[: max(0, count - 1)], _reached(brief)]


def _reached(brief: Brief) -> str:
    if brief.kind is not Kind.DO:
        return (
            f"{brief.title}, kept until the last day"
            if brief.has_deadline
            else f"{brief.title}, the way you want it to stay"
        )
    if brief.schedule is not None and brief.target is None and brief.slots.target is None:
        return (
            f"{brief.title}, kept up until here"
            if brief.has_deadline
            else f"{brief.title}, a part of your weeks by now"
        )
    return f"{brief.title}, done" if brief.title != "your goal" else "Your goal, done"


def _short(title: str) -> str:
    shown = " ".join(title.split())[:MAX_TITLE].strip() or "A step on the way"
    return shown[:1].upper() + shown[1:]


def earliest_end(brief: Brief) -> date | None:
    """The first day on which a streak can have its length; None where it is no streak."""
    length, schedule = brief.task.streak_length, brief.schedule
    if not length or schedule is None:
        return None
    if schedule.period == "day":
        units_per_week = float(per_week(schedule)) if schedule.rrule else float(len(schedule.weekdays) or 7)
    else:
        units_per_week = 1 / _WEEKS_OF[schedule.period]
    return brief.begin + timedelta(days=min(_CENTURY_DAYS, max(0, ceil(length / units_per_week * 7) - 1)))
