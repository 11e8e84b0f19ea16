"""Alternating rounds: every subject once a round, in an order that changes, each from the same beginning."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.bench import zipf
from tests.bench.load import Leg
from tests.bench.seeding import MEMBERS
from tests.bench.subjects import Kind, Subjects

CALIBRATION_S = 4
WARM_UP_S = 2
# The machine may turn out that much faster than it was while calibrating.
HEADROOM = 1.5


@dataclass(frozen=True)
class Law:
    """Who calls how often.

    Attributes:
        rate: Requests a second that the limits have to bear.
    """

    exponent: float
    rate: float

    @property
    def busiest_rate(self) -> float:
        """Requests a second of the busiest member at that rate."""
        return self.rate * zipf.shares(MEMBERS, self.exponent)[0]


@dataclass
class Series:
    """The legs of one kind, by subject, in the order of the rounds; and events left to publish after each of `a`."""

    kind: Kind
    legs: dict[str, list[Leg]] = field(default_factory=dict)
    unpublished: list[int] = field(default_factory=list)

    def median(self, letter: str, figure: Callable[[Leg], float]) -> float:
        """Over the rounds."""
        return statistics.median(figure(leg) for leg in self.legs[letter])

    def ratios(self, over: str, under: str, figure: Callable[[Leg], float]) -> list[float]:
        """One subject by another, round by round."""
        return [figure(x) / figure(y) for x, y in zip(self.legs[over], self.legs[under], strict=True)]


@dataclass
class Rounds:
    """Runs them."""

    subjects: Subjects
    since: datetime
    duration_s: float
    tell: Callable[[str], None]
    _seed: int = 0

    async def choose_law(self) -> Law:
        """Measures how fast `a` reads for members who all call alike; takes the most uneven law its limits bear."""
        even = zipf.cumulative(MEMBERS, 0)
        await self._leg("a", Kind.READ, even, WARM_UP_S)
        leg = await self._leg("a", Kind.READ, even, CALIBRATION_S)
        rate = leg.rate * HEADROOM
        return Law(zipf.choose_exponent(rate, MEMBERS, duration_s=self.duration_s), rate)

    async def run(self, kind: Kind, count: int, *, law: Law) -> Series:
        """All rounds of one kind."""
        sums = zipf.cumulative(MEMBERS, law.exponent)
        series = Series(kind, {letter: [] for letter in self.subjects.letters})
        for letter in self.subjects.letters:
            self.tell(f"{kind}: warming up {letter}")
            await self._leg(letter, kind, sums, WARM_UP_S)
        for number in range(count):
            for letter in order(self.subjects.letters, number):
                self.tell(f"{kind}: round {number + 1} of {count}, {letter}")
                series.legs[letter].append(await self._leg(letter, kind, sums, self.duration_s, series))
        return series

    async def _leg(
        self, letter: str, kind: Kind, sums: Sequence[float], duration_s: float, series: Series | None = None
    ) -> Leg:
        self._seed += 1
        leg = await self.subjects.measure(letter, kind, sums=sums, seed=self._seed, duration_s=duration_s)
        waiting = await self.subjects.stack.reset(self.since)
        if series is not None and letter == "a" and kind is Kind.CHECK_IN:
            series.unpublished.append(waiting)
        return leg


def order(letters: Sequence[str], number: int) -> list[str]:
    """Who comes when: each round begins with another, and every second one goes on backwards."""
    shift = number % len(letters)
    turned = [*letters[shift:], *letters[:shift]]
    return [turned[0], *turned[:0:-1]] if number % 2 else turned
