"""Units of a rolling window: every day is one, and it is ok when some window that holds it holds enough.

A window of n days that begins with a done day and holds enough makes the n days from that day on ok: each of them lies
in it, with a done day on or before it. A window that begins elsewhere makes no other day ok, so the windows that begin
with a done day are all that is looked at. Excused days do not count among the n: days are measured by their place, the
number of days before them that are not excused.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from services.goals.domain.goal import FOREVER, Rule, Span
from services.goals.domain.units import daily
from services.goals.domain.units.outcomes import EXCUSED, MISSED, PENDING, Chance, Stretch

if TYPE_CHECKING:
    from services.goals.domain.units.ledger import Ledger


@dataclass(slots=True)
class Windows:
    """The windows that begin with a done day, up to today.

    Attributes:
        days: Done days, in order.
        worth: How much was done on each, where the window holds an amount; else empty, and each counts as one.
        excused: Excused days, in order, future ones too.
        places: Their places.
        length: Days of a window.
        needed: What a window has to hold.
        is_amount: It holds an amount, of which a single day can bring any.
    """

    days: Sequence[int]
    worth: Sequence[float]
    excused: Sequence[int]
    places: Sequence[int]
    length: int
    needed: float
    is_amount: bool

    def place(self, day: int) -> int:
        """How many days before it are not excused, counted from day 0."""
        return day - bisect_left(self.excused, day)

    def day_at(self, place: int) -> int:
        """The day of that place."""
        return place + bisect_right(self.places, place)

    def end(self, index: int) -> int:
        """The last day of the window that begins with the index-th done day."""
        return self.day_at(self.place(self.days[index]) + self.length - 1)

    def held(self, index: int, last: int) -> float:
        """What the done days from the index-th to `last` come to."""
        behind = bisect_right(self.days, last)
        return round(fsum(self.worth[index:behind]), 9) if self.is_amount else behind - index

    def count_days(self, first: int, last: int) -> int:
        """How many days of [first, last] are not excused."""
        return max(0, self.place(last + 1) - self.place(first))

    def is_full(self, index: int) -> bool:
        """The window that begins with the index-th done day holds enough."""
        return self.held(index, self.end(index)) >= self.needed

    def around(self, day: int) -> Iterator[int]:
        """The windows that hold `day`, by the index of their first done day, the latest first."""
        for index in range(bisect_right(self.days, day) - 1, -1, -1):
            if self.end(index) < day:
                return
            yield index


def windows_of(ledger: "Ledger", rule: Rule) -> Windows:
    """All windows under a version, gathered once; done days from before the version count in them."""
    key = ("windows", id(rule))
    if key not in ledger.kept:
        ledger.kept[key] = _windows_of(ledger, rule)
    found: Windows = ledger.kept[key]
    return found


def _windows_of(ledger: "Ledger", rule: Rule) -> Windows:
    by_day, today = ledger.by_day(rule), ledger.today
    days = sorted(day for day, value in by_day.items() if value > 0 and day <= today)
    if ledger.closed:
        days = [day for day in days if not ledger.is_closed(day, kept=True)]
    excused = ledger.excusing_days(rule)
    return Windows(
        days=days,
        worth=[by_day[day] for day in days] if rule.amount else (),
        excused=excused,
        places=[day - index for index, day in enumerate(excused)],
        length=rule.schedule.window_days,
        needed=rule.amount.min_value if rule.amount else rule.schedule.times,
        is_amount=rule.amount is not None,
    )


def stretch(ledger: "Ledger", span: Span) -> Stretch:
    """The days under a version whose window is rolling."""
    first, last, today = span.first, min(span.last, ledger.today), ledger.today
    windows = windows_of(ledger, span.rule)
    outcomes = bytearray(b"m") * (last - first + 1)
    for index in _reaching(windows, today):
        begin, end = max(0, windows.days[index] - first), windows.end(index) - first + 1
        if end > begin and _may_fill(windows, index, ledger):
            outcomes[begin:end] = b"." * len(outcomes[begin:end])
    for kept_from, kept_to in _kept(windows):
        begin, end = max(0, kept_from - first), kept_to - first + 1
        if end > begin:
            outcomes[begin:end] = b"d" * len(outcomes[begin:end])
    for day in windows.excused:
        if first <= day <= last:
            outcomes[day - first] = EXCUSED
    daily.close(ledger, outcomes, first)
    if last == today and outcomes[-1] == MISSED:
        outcomes[-1] = PENDING
    days = range(first, last + 1)
    return Stretch(span.rule, days, days, outcomes, {})


def _kept(windows: Windows) -> Iterator[tuple[int, int]]:
    """First and last days of the runs that full windows cover."""
    length, excused = windows.length, windows.excused
    places = [windows.place(day) for day in windows.days] if excused else windows.days
    begin = behind = -length
    for place in _full(windows, places):
        if place > behind:
            if behind > begin:
                yield windows.day_at(begin), windows.day_at(behind - 1)
            begin = place
        behind = place + length
    if behind > begin:
        yield windows.day_at(begin), windows.day_at(behind - 1)


def _full(windows: Windows, places: Sequence[int]) -> list[int]:
    """The places, among those of the done days, with which a full window begins."""
    length = windows.length
    if windows.is_amount:
        return [place for index, place in enumerate(places) if windows.is_full(index)]
    last_needed = places[int(windows.needed) - 1 :]
    return [place for place, last in zip(places, last_needed, strict=False) if last - place < length]


def _reaching(windows: Windows, today: int) -> range:
    """The windows that today or a later day lies in, by the index of their first done day."""
    begin = windows.place(today) - windows.length + 1
    return range(bisect_left(windows.days, windows.day_at(begin)), len(windows.days))


def _may_fill(windows: Windows, index: int, ledger: "Ledger") -> bool:
    """The window could still hold enough if every day from today on were done."""
    days_left = windows.count_days(ledger.today, min(windows.end(index), _open_until(ledger)))
    if windows.is_amount:
        return days_left > 0
    return windows.held(index, ledger.today - 1) + days_left >= windows.needed


def _open_until(ledger: "Ledger") -> int:
    """The last day from today on that can still be done, as far as is known."""
    for span in ledger.closed:
        if span.last >= ledger.today:
            return max(span.first, ledger.today) - 1
    return FOREVER


def next_loss(ledger: "Ledger", rule: Rule, horizon: int) -> Chance | None:
    """The day that is lost first of those that are not ok yet; None where none ever is.

    Args:
        ledger: Of a goal that is active.
        rule: The version in force, with a rolling window.
        horizon: The last day that is looked at.
    """
    windows, today = windows_of(ledger, rule), ledger.today
    best: tuple[int, int, int | None] | None = None
    day = _first_pending(ledger)
    while day <= min(horizon, horizon if best is None else best[0]):
        if _is_open(ledger, windows, day) and not any(map(windows.is_full, windows.around(day))):
            chances: list[tuple[int, int | None]] = [(day if day >= today else today - 1, None)]
            chances += [(_chance(windows, index, ledger), index) for index in windows.around(day)]
            chance, index = max(chances, key=lambda each: each[0])
            if best is None or chance < best[0]:
                best = chance, day, index
        day += 1
    return _lost(ledger, rule, best[1], best[2]) if best else None


def _lost(ledger: "Ledger", rule: Rule, day: int, index: int | None) -> Chance:
    """A day, and what still saves it: the window of that index, or one that begins with the day itself."""
    windows, today = windows_of(ledger, rule), ledger.today
    takes, days = 1, [day]
    if index is not None:
        end = windows.end(index)
        takes = 1 if windows.is_amount else int(windows.needed - windows.held(index, today))
        days = [windows.day_at(windows.place(end) - left) for left in range(takes - 1, -1, -1)]
    done = windows.held(index, today) if index is not None else 0
    return Chance(day, day, done, windows.needed, takes, [each for each in days if each >= today], rule)


def _first_pending(ledger: "Ledger") -> int:
    stretch = ledger.stretches[-1] if ledger.stretches else None
    if stretch is None:
        return ledger.goal.start_day
    index = stretch.outcomes.find(PENDING)
    return ledger.today if index < 0 else stretch.firsts[index]


def _is_open(ledger: "Ledger", windows: Windows, day: int) -> bool:
    index = bisect_left(windows.excused, day)
    is_excused = index < len(windows.excused) and windows.excused[index] == day
    return not is_excused and not ledger.is_closed(day)


def _chance(windows: Windows, index: int, ledger: "Ledger") -> int:
    """The last day from which on doing every day fills the window; before today where nothing does."""
    end = windows.end(index)
    if windows.is_amount:
        return end
    missing = int(windows.needed - windows.held(index, ledger.today))
    chance = windows.day_at(windows.place(end) - missing + 1)
    return chance if chance >= ledger.today else ledger.today - 1


def window_around(ledger: "Ledger", rule: Rule, day: int) -> tuple[float, float, tuple[int, int]]:
    """(what the window that speaks for a day holds, what it takes, the days of the window up to today).

    It is the latest one that makes the day ok; where none does, the one that begins first. Where no done day lies in
    reach it holds nothing, and no days.
    """
    windows = windows_of(ledger, rule)
    index = _speaking_for(day, windows, _full_windows(ledger, rule))
    if index is None:
        return 0.0, windows.needed, (1, 0)
    end = windows.end(index)
    return float(windows.held(index, end)), windows.needed, (windows.days[index], min(end, ledger.today))


def _speaking_for(day: int, windows: Windows, full: Sequence[int]) -> int | None:
    """The latest full window that holds `day`, else the first window that does, else None; by its first done day."""
    found = bisect_right(full, day, key=windows.days.__getitem__) - 1
    if found >= 0 and windows.end(full[found]) >= day:
        return full[found]
    first = bisect_left(windows.days, windows.day_at(windows.place(day) - windows.length + 1))
    return first if first < len(windows.days) and windows.days[first] <= day else None


def _full_windows(ledger: "Ledger", rule: Rule) -> list[int]:
    """The windows that hold enough, by the index of their first done day; sought once."""
    key = ("full windows", id(rule))
    if key not in ledger.kept:
        windows = windows_of(ledger, rule)
        ledger.kept[key] = [index for index in range(len(windows.days)) if windows.is_full(index)]
    found: list[int] = ledger.kept[key]
    return found
