"""Facts with evidence about how a goal is going, and what to do by rule. Nothing is said from fewer than 5 units."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.goals.domain.days import Period, iso_weekday, period_bounds
from services.goals.domain.goal import Pattern, Status
from services.goals.domain.outlook import ADHERENCE_DAYS, Counts, closed_counts, counts_between, today_of
from services.goals.domain.pace import is_last_chance, pace_of
from services.goals.domain.streak import Streak
from services.goals.domain.units import DONE, MISSED, PARTIAL, Ledger

FEWEST_UNITS = 5

# Differences that are worth a sentence: percentage points, and steps of mood from 1 to 5.
_WORTH_SAYING_POINTS = 20
_WORTH_SAYING_MOOD = 0.5
_ENOUGH_TO_RAISE = 90
_TOO_LITTLE = 50

_WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the entries show.

    Attributes:
        kind: What sort of fact: `best_weekday`, `worst_weekday`, `change`, `streak_at_risk`, `pace_needed`, `mood`.
        text: The fact in words.
        numbers: The figures that it stands on, by name.
        days: First and last day looked at.
        goal_id: The goal that it is about.
    """

    kind: str
    text: str
    numbers: Mapping[str, float]
    days: tuple[date, date]
    goal_id: UUID | None = None

    @property
    def id(self) -> str:
        """Names it among all facts: the same figure of the same goal over the same days has the same."""
        first, last = self.days
        return f"{self.goal_id}:{self.kind}:{first.isoformat()}:{last.isoformat()}"


class Moods:
    """Moods (1 to 5) noted with entries.

    Args:
        codes: What is known already: `day << 3 | mood` each.
    """

    __slots__ = ("_by_day", "_codes")

    def __init__(self, codes: Iterable[int] = ()) -> None:
        self._codes = codes
        self._by_day: dict[int, list[int]] | None = None

    @property
    def by_day(self) -> dict[int, list[int]]:
        """All of them by local day, gathered when they are first asked for."""
        if self._by_day is None:
            by_day: dict[int, list[int]] = {}
            for code in self._codes:
                by_day.setdefault(code >> 3, []).append(code & 7)
            self._by_day = by_day
        return self._by_day

    def note(self, day: int, mood: int) -> None:
        """Adds one."""
        self.by_day.setdefault(day, []).append(mood)

    def until(self, day: int) -> "Moods":
        """Those of days up to `day`."""
        return Moods([on << 3 | mood for on, noted in self.by_day.items() if on <= day for mood in noted])


def find_facts(ledger: Ledger, streak: Streak, period: Period, moods: Moods) -> list[Fact]:
    """All that can be said, the most urgent first."""
    if _evidence(ledger) < FEWEST_UNITS:
        return []
    urgent = [_streak_at_risk(ledger, streak), _pace_needed(ledger)]
    found = [*urgent, _change(ledger, period), *_weekdays(ledger), _mood(ledger, moods)]
    return [replace(fact, goal_id=ledger.goal.id) for fact in found if fact is not None]


def _evidence(ledger: Ledger) -> int:
    """How many units speak for what is said; of a target, which has none, how many days with an entry."""
    if ledger.goal.pattern is Pattern.TARGET:
        return len(ledger.entries.amounts)
    return counts_between(ledger, ledger.goal.start_day, ledger.today).counting


def _pace_needed(ledger: Ledger) -> Fact | None:
    """What it takes a day from now on to reach a target by its deadline, where that is more than was planned."""
    goal, pace = ledger.goal, pace_of(ledger)
    left = (goal.deadline or 0) - ledger.today
    target = goal.rule.target
    if target is None or pace.delta is None or pace.actual is None or pace.delta >= 0 or left <= 0:
        return None
    a_day = abs(target.target_value - pace.actual) / left
    text = f"{a_day:.4g} {target.unit} a day from now on reach the target in time; {pace.day_worth:.4g} were planned."
    numbers = {"needed_a_day": a_day, "planned_a_day": pace.day_worth, "days_left": float(left), "delta": pace.delta}
    return Fact("pace_needed", text, numbers, _span(ledger))


def _span(ledger: Ledger) -> tuple[date, date]:
    return date.fromordinal(ledger.goal.start_day), date.fromordinal(ledger.today)


def _streak_at_risk(ledger: Ledger, streak: Streak) -> Fact | None:
    run = streak.current
    if run is None or run.length < FEWEST_UNITS or not is_last_chance(ledger):
        return None
    text = f"A streak of {run.length} ends today unless something is logged."
    days = (date.fromordinal(run.first), date.fromordinal(run.last))
    return Fact("streak_at_risk", text, {"streak": run.length, "safe_days": 0}, days)


def _change(ledger: Ledger, period: Period) -> Fact | None:
    """This period so far against the one before it."""
    first, last = period_bounds(period, ledger.today, ledger.goal.rule.calendar.week_start)
    before_first, before_last = period_bounds(period, first - 1, ledger.goal.rule.calendar.week_start)
    now, before = counts_between(ledger, first, last), counts_between(ledger, before_first, before_last)
    if now.counting < FEWEST_UNITS or before.counting < FEWEST_UNITS:
        return None
    return _told_change(now, before, period, (date.fromordinal(before_first), date.fromordinal(ledger.today)))


def _told_change(now: Counts, before: Counts, period: Period, days: tuple[date, date]) -> Fact | None:
    percent, percent_before = now.percent or 0.0, before.percent or 0.0
    change = percent - percent_before
    if abs(change) < _WORTH_SAYING_POINTS:
        return None
    way = "up from" if change > 0 else "down from"
    text = f"{percent:.0f} % done this {period}, {way} {percent_before:.0f} % the {period} before."
    return Fact("change", text, {"percent": percent, "percent_before": percent_before}, days)


def _weekdays(ledger: Ledger) -> list[Fact]:
    """The best and the worst weekday of a goal whose units are days."""
    done, counting = [0] * 8, [0] * 8
    if not ledger.is_by_day or ledger.goal.pattern is Pattern.MILESTONE:
        return []
    for stretch in ledger.stretches:
        for weekday in range(1, 8):
            outcomes = stretch.outcomes[(weekday - iso_weekday(stretch.firsts[0])) % 7 :: 7]
            kept = outcomes.count(DONE)
            done[weekday] += kept
            counting[weekday] += kept + outcomes.count(MISSED) + outcomes.count(PARTIAL)
    rates = {w: 100 * done[w] / counting[w] for w in range(1, 8) if counting[w] >= FEWEST_UNITS}
    if len(rates) < 2 or max(rates.values()) - min(rates.values()) < _WORTH_SAYING_POINTS:
        return []
    best, worst = max(rates, key=lambda w: rates[w]), min(rates, key=lambda w: rates[w])
    return [
        _told_weekday(kind, weekday, done[weekday], counting[weekday], _span(ledger))
        for kind, weekday in (("best_weekday", best), ("worst_weekday", worst))
    ]


def _told_weekday(kind: str, weekday: int, done: int, due: int, days: tuple[date, date]) -> Fact:
    word = "best" if kind == "best_weekday" else "hardest"
    text = f"{_WEEKDAY_NAMES[weekday - 1]} is the {word} day: {done} of {due} done."
    return Fact(kind, text, {"weekday": weekday, "done": done, "due": due}, days)


def _mood(ledger: Ledger, moods: Moods) -> Fact | None:
    """Mood on the days of units that were done against those of units that were missed; of a target there are none."""
    if len(moods.by_day) < 2 * FEWEST_UNITS:
        return None
    done, missed = _Noted(), _Noted()
    sides = {DONE: done, MISSED: missed, PARTIAL: missed}
    for outcome, noted in _noted_units(ledger, moods.by_day):
        if outcome in sides:
            sides[outcome].add(noted)
    if min(done.units, missed.units) < FEWEST_UNITS or abs(done.mean - missed.mean) < _WORTH_SAYING_MOOD:
        return None
    text = f"Mood is {done.mean:.1f} of 5 on days of what was done, {missed.mean:.1f} on days of what was missed."
    numbers = {
        "mood_done": done.mean,
        "mood_missed": missed.mean,
        "units_done": done.units,
        "units_missed": missed.units,
    }
    return Fact("mood", text, numbers, _span(ledger))


class _Noted:
    """Moods of one side, and the units that they were noted in."""

    def __init__(self) -> None:
        self.units, self._total, self._count = 0, 0, 0

    def add(self, moods: Sequence[int]) -> None:
        self.units, self._total, self._count = self.units + 1, self._total + sum(moods), self._count + len(moods)

    @property
    def mean(self) -> float:
        return self._total / self._count if self._count else 0.0


def _noted_units(ledger: Ledger, by_day: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, Sequence[int]]]:
    """Outcome and moods of every unit that has any, in one walk: looking a unit up for each day costs four times it."""
    for stretch in ledger.stretches:
        for first, last, outcome in zip(stretch.firsts, stretch.lasts, stretch.outcomes, strict=True):
            if first == last:
                noted = by_day.get(first)
            else:
                noted = [mood for day in range(first, last + 1) if day in by_day for mood in by_day[day]]
            if noted:
                yield outcome, noted


def recommend(ledger: Ledger) -> list[str]:
    """What to do next, by rule."""
    if ledger.goal.status is not Status.ACTIVE:
        return []
    if ledger.goal.pattern in (Pattern.TARGET, Pattern.MILESTONE):
        return _recommend_without_units(ledger)
    due, _ = today_of(ledger)
    counts = closed_counts(ledger, ADHERENCE_DAYS)
    rate, enough = counts.percent, counts.counting >= FEWEST_UNITS
    said = []
    if due and is_last_chance(ledger):
        said.append("Do it today: after today this one can no longer be met.")
    easier, harder = _EASE[ledger.goal.pattern is Pattern.LIMIT]
    if enough and rate is not None and rate < _TOO_LITTLE:
        said.append(easier)
    if enough and rate is not None and rate >= _ENOUGH_TO_RAISE:
        said.append(harder)
    return said


_EASE = {
    False: (
        "Make it smaller: fewer times or a shorter version that fits a bad day.",
        "This holds well; raise the goal a little if it feels easy.",
    ),
    True: (
        "Set the limit nearer to where you are now, then lower it step by step.",
        "This holds well; lower the limit a little if it feels easy.",
    ),
}


def _recommend_without_units(ledger: Ledger) -> list[str]:
    target, pace = ledger.goal.rule.target, pace_of(ledger)
    if target is not None:
        if not pace.needed_today:
            return []
        return [f"{pace.needed_today:.4g} {target.unit} today put you back on the line."]
    due, _ = today_of(ledger)
    return ["A step is due: do it, or give it a day that you can keep."] if due else []
