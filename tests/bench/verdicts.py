"""What has to be reached, and whether it was."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench.card import CardFigures
from tests.bench.chats import ChatFigures
from tests.bench.engine import EngineFigure, quantile
from tests.bench.feed import FeedFigures
from tests.bench.load import Leg
from tests.bench.paths import BatchFigures, ListFigures
from tests.bench.rounds import Series
from tests.bench.subjects import Kind
from tests.bench.system import SystemFigures

MAX_IDLE_MB: Final = 900.0
MAX_UP_S: Final = 15.0
MAX_REPORT_MS: Final = 5.0
MAX_LIST_BY_READ: Final = 3.0
MIN_BATCH_BY_POSTS: Final = 20.0
MAX_FEED_SINGLE: Final = 1.03
MAX_FEED_BULK: Final = 1.15
MIN_FEED_BY_COPY: Final = 0.85
MAX_CONTEXT_MS: Final = 20.0
MAX_CARD_MS: Final = 50.0
MAX_SCREEN_MS: Final = 5.0
MAX_MOOD_MS: Final = 1.0
MAX_ADDED_MS: Final = {0.5: 10.0, 0.99: 40.0}
MAX_GONE_MS: Final = 200.0
MAX_WAITING: Final = 1.5


@dataclass
class Alone:
    """What is measured of the system alone; None where it was not."""

    engine: Sequence[EngineFigure] = ()
    lists: ListFigures | None = None
    batches: BatchFigures | None = None
    feed: FeedFigures | None = None
    context_ms: Sequence[float] = ()
    card: CardFigures | None = None
    chats: ChatFigures | None = None


@dataclass(frozen=True)
class Verdict:
    """One requirement.

    Attributes:
        value: What was measured; None when it could not be.
        spread: Smallest and largest of the rounds.
        is_upper: The bound is the most that there may be, not the least.
    """

    name: str
    value: float | None
    bound: float
    is_upper: bool
    spread: tuple[float, float] | None = None

    @property
    def holds(self) -> bool | None:
        """None when it could not be measured."""
        if self.value is None:
            return None
        return self.value <= self.bound if self.is_upper else self.value >= self.bound


_NOTHING: Final = Alone()


def judge(series: Sequence[Series], system: SystemFigures | None, alone: Alone = _NOTHING) -> list[Verdict]:
    """All requirements on what was measured."""
    found = [verdict for each in series for verdict in _judge_series(each)]
    if alone.engine:
        slowest = max(each.p95_ms for each in alone.engine)
        found.append(Verdict("report of three years, slowest p95, ms", slowest, MAX_REPORT_MS, True))
    if alone.lists:
        found.append(Verdict("list of 50 by read, p95", alone.lists.ratio, MAX_LIST_BY_READ, True))
    if alone.batches:
        ratios = alone.batches.ratios
        name = "entries/s, batch by single posts"
        found.append(Verdict(name, alone.batches.ratio, MIN_BATCH_BY_POSTS, False, _spread(ratios)))
    if alone.feed:
        for name, ratios, bound in (
            ("single insert, with feed by without", alone.feed.single, MAX_FEED_SINGLE),
            ("bulk insert, with feed by without", alone.feed.bulk, MAX_FEED_BULK),
        ):
            found.append(Verdict(name, statistics.median(ratios), bound, True, _spread(ratios)))
        ratios = alone.feed.extraction
        found.append(
            Verdict("feed by COPY, rows/s", statistics.median(ratios), MIN_FEED_BY_COPY, False, _spread(ratios))
        )
    if alone.context_ms:
        slow = quantile(alone.context_ms, 0.99)
        found.append(Verdict("context of a message, p99, ms", slow, MAX_CONTEXT_MS, True))
    if alone.card:
        slow, screened = quantile(alone.card.card_ms, 0.99), quantile(alone.card.screen_ms, 0.99)
        found.append(Verdict("crisis card while all else hangs, p99, ms", slow, MAX_CARD_MS, True))
        scored = quantile(alone.card.mood_ms, 0.5)
        found.append(Verdict("moods of 1,000 characters, p50, ms", scored, MAX_MOOD_MS, True))
        found.append(Verdict("screen of 4,000 characters, p99, ms", screened, MAX_SCREEN_MS, True))
    if alone.chats:
        found.extend(_judge_chats(alone.chats))
    if system is not None:
        found.append(Verdict("idle system, MB", system.idle_mb, MAX_IDLE_MB, True))
        found.append(Verdict("make up, s", statistics.median(system.up_s), MAX_UP_S, True, _spread(system.up_s)))
    return found


def _judge_chats(chats: ChatFigures) -> Iterator[Verdict]:
    for share, bound in MAX_ADDED_MS.items():
        values = chats.added(share)
        name = f"added to a model's first word, p{100 * share:.0f}, ms"
        yield Verdict(name, statistics.median(values), bound, True, _spread(values))
    yield Verdict("until a model knows that nobody listens, ms", max(chats.gone_ms), MAX_GONE_MS, True)
    ratios = chats.waiting
    yield Verdict(
        "others beside 200 chats, p99 by alone", statistics.median(ratios), MAX_WAITING, True, _spread(ratios)
    )


def failed_legs(series: Sequence[Series]) -> list[str]:
    """Rounds in which something was refused or broke; they count for nothing."""
    return [
        f"{each.kind}, round {number}, {letter}: {', '.join(f'{n} × {kind}' for kind, n in leg.errors.items())}"
        for each in series
        for letter, legs in each.legs.items()
        for number, leg in enumerate(legs, start=1)
        if leg.errors
    ]


def _judge_series(series: Series) -> list[Verdict]:
    if series.kind is Kind.READ:
        rates = [_rate(series, "b", 1.0), _rate(series, "c", 0.6)]
    else:
        rates = [_rate(series, "b", 0.8)]
    ratios = series.ratios("a", "b", _p99)
    slowest = Verdict(f"{series.kind} p99 a/b", statistics.median(ratios), 1.5, True, _spread(ratios))
    return [*rates, slowest]


def _rate(series: Series, peer: str, bound: float) -> Verdict:
    name = f"{series.kind} a/{peer}"
    if peer not in series.legs:
        return Verdict(name, None, bound, False)
    ratios = series.ratios("a", peer, lambda leg: leg.rate)
    return Verdict(name, statistics.median(ratios), bound, False, _spread(ratios))


def _p99(leg: Leg) -> float:
    return leg.p99_ms


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)
