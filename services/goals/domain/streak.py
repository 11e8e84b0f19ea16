"""Runs of units kept in a row."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.goals.domain.goal import Excused
from services.goals.domain.units import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Ledger, Stretch

LENGTHENS, BREAKS, PASSES, FROZEN = ord("+"), ord("x"), ord(" "), ord("*")
# A miss, whole or in part, that may be frozen (ADR-0155); an excused unit that breaks the streak by policy may not.
_MISS = ord("m")
_RUN = re.compile(rb"\+[+ *]*")
_ENDING = re.compile(rb"[mx]")


def _table(excused: int, *, miss: int) -> bytes:
    table = bytearray(range(256))
    table[DONE] = LENGTHENS
    table[MISSED] = table[PARTIAL] = miss
    table[PENDING] = table[NOT_DUE] = PASSES
    table[EXCUSED] = excused
    return bytes(table)


_ACTS = {Excused.NEUTRAL: PASSES, Excused.COUNTS: LENGTHENS, Excused.BREAKS: BREAKS}
_TABLES = {policy: _table(act, miss=BREAKS) for policy, act in _ACTS.items()}
_TABLES_WITH_FREEZES = {policy: _table(act, miss=_MISS) for policy, act in _ACTS.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """Units kept in a row; `first` and `last` are days, `length` counts units."""

    first: int
    last: int
    length: int


@dataclass(frozen=True, slots=True)
class Streak:
    """The run that lasts (None when it is broken or has not begun) and the longest of all.

    Attributes:
        freezes_left: How many misses of the local month that holds today would still be frozen; 0 without freezes.
    """

    current: Run | None
    longest: Run | None
    freezes_left: int = 0


def marks_of(ledger: Ledger) -> bytes:
    """What every unit does to the streak, each by the policy of its own version.

    `+` lengthens it, `x` breaks it, a blank passes, `*` is a miss that is frozen.
    """
    if not any(stretch.rule.chain and stretch.rule.chain.freezes_per_month for stretch in ledger.stretches):
        return b"".join(s.outcomes.translate(_TABLES[s.rule.policy.excused]) for s in ledger.stretches)
    return _frozen(ledger.stretches)


def _frozen(stretches: Sequence[Stretch]) -> bytes:
    """The first misses of each local month that meet a run are frozen; a miss belongs to the month of its last day."""
    marks, used = bytearray(), dict[tuple[int, int], int]()
    broken = -1
    for stretch in stretches:
        freezes = stretch.rule.chain.freezes_per_month if stretch.rule.chain else 0
        offset = len(marks)
        marks += stretch.outcomes.translate(_TABLES_WITH_FREEZES[stretch.rule.policy.excused])
        for match in _ENDING.finditer(marks[offset:]):
            index = offset + match.start()
            has_run = marks.find(b"+", broken + 1, index) >= 0
            if freezes and has_run and marks[index] == _MISS:
                month = _month(stretch.lasts[match.start()])
                if used.get(month, 0) < freezes:
                    used[month] = used.get(month, 0) + 1
                    marks[index] = FROZEN
                    continue
            marks[index], broken = BREAKS, index
    return bytes(marks)


def _month(day: int) -> tuple[int, int]:
    at = date.fromordinal(day)
    return at.year, at.month


def current_streak(ledger: Ledger) -> int:
    """The length of the run that lasts; the same as `streak_of(ledger).current`, without the dates."""
    marks = marks_of(ledger)
    return marks.count(b"+", marks.rfind(b"x") + 1)


def streak_of(ledger: Ledger) -> Streak:
    """The current and the longest run, out of one list of runs."""
    marks = marks_of(ledger)
    left = _freezes_left(ledger, marks)
    runs = [(match[0].count(b"+"), match.start(), match[0].rfind(b"+")) for match in _RUN.finditer(marks)]
    if not runs:
        return Streak(None, None, left)
    lasts = b"x" not in marks[marks.rfind(b"+") :]
    longest = max(runs, key=lambda run: run[0])
    return Streak(_run(ledger.stretches, *runs[-1]) if lasts else None, _run(ledger.stretches, *longest), left)


def reached_at(ledger: Ledger, length: int) -> int | None:
    """The index, over all units, of the one with which a run first came to `length`; None where none did."""
    run = 0
    for index, mark in enumerate(marks_of(ledger)):
        run = run + 1 if mark == LENGTHENS else 0 if mark == BREAKS else run
        if run == length:
            return index
    return None


def bounds_of(stretches: Iterable[Stretch], index: int) -> tuple[int, int]:
    """First and last day of the unit with that index over all units."""
    for stretch in stretches:
        if index < len(stretch.firsts):
            return stretch.firsts[index], stretch.lasts[index]
        index -= len(stretch.firsts)
    raise IndexError(index)


def _freezes_left(ledger: Ledger, marks: bytes) -> int:
    chain = ledger.goal.rule.chain
    if chain is None or not chain.freezes_per_month:
        return 0
    month = _month(ledger.today)
    frozen = [index for index, mark in enumerate(marks) if mark == FROZEN]
    used = sum(_month(bounds_of(ledger.stretches, index)[1]) == month for index in frozen)
    return max(0, chain.freezes_per_month - used)


def _run(stretches: list[Stretch], length: int, start: int, reach: int) -> Run:
    return Run(bounds_of(stretches, start)[0], bounds_of(stretches, start + reach)[1], length)
