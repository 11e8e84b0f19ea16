"""What was measured, for people and for programs."""

import json
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.chats import CROWD, STREAMS, ChatFigures
from tests.bench.engine import quantile
from tests.bench.load import CONNECTIONS, THREADS, Leg
from tests.bench.paths import BATCH, ListFigures
from tests.bench.rounds import Law, Series
from tests.bench.subjects import TITLES
from tests.bench.system import SystemFigures
from tests.bench.verdicts import MAX_IDLE_MB, Alone, Verdict


@dataclass(frozen=True)
class Result:
    """All of one run.

    Attributes:
        failures: Rounds that count for nothing, and why.
    """

    law: Law | None
    series: Sequence[Series]
    system: SystemFigures | None
    alone: Alone
    verdicts: Sequence[Verdict]
    failures: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Every requirement that could be measured holds, on rounds without failures."""
        return not self.failures and all(verdict.holds is not False for verdict in self.verdicts)


def show(result: Result, console: Console) -> None:
    """Prints tables, and last what was missed."""
    if result.law is not None:
        law = result.law
        console.print(
            f"Members drawn with shares k^-{law.exponent:.2f}: at {law.rate:.0f} requests/s the busiest sends "
            f"{law.busiest_rate:.1f}/s, within its limits.",
            soft_wrap=True,
        )
    for series in result.series:
        console.print(_series_table(series))
        if any(series.unpublished):
            console.print(f"Events still to publish at the end of each round of a: {series.unpublished}")
    _show_alone(result.alone, console)
    if result.system is not None:
        console.print(_system_table(result.system))
    console.print(_verdict_table(result.verdicts))
    for failure in result.failures:
        console.print(f"Not all answers were good: {failure}", style="red", soft_wrap=True)
    missed = [verdict.name for verdict in result.verdicts if verdict.holds is False]
    if missed:
        console.print(f"Missed: {', '.join(missed)}.", style="bold red")
    elif not result.failures:
        console.print("All that was measured is reached.", style="green")


def write(result: Result, file: Path) -> None:
    """Writes everything as JSON."""
    content: dict[str, Any] = {
        "machine": {
            "cpus": psutil.cpu_count(),
            "memory_mb": psutil.virtual_memory().total // 2**20,
            "python": platform.python_version(),
            "kernel": platform.release(),
        },
        "load": {"connections": CONNECTIONS, "threads": THREADS, "tool": "wrk"},
        "law": asdict(result.law) if result.law else None,
        "series": [_series_content(series) for series in result.series],
        "system": asdict(result.system) | {"idle_mb": result.system.idle_mb} if result.system else None,
        "alone": asdict(result.alone),
        "verdicts": [asdict(verdict) | {"holds": verdict.holds} for verdict in result.verdicts],
        "failures": list(result.failures),
        "good": result.is_good,
    }
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _show_alone(alone: Alone, console: Console) -> None:
    if alone.engine:
        table = Table(title="report of three years of daily entries, processor time", title_justify="left")
        table.add_column("goal")
        for name in ("p50 ms", "p95 ms", "one entry more by it"):
            table.add_column(name, justify="right")
        for each in alone.engine:
            table.add_row(each.title, f"{each.p50_ms:.2f}", f"{each.p95_ms:.2f}", f"{each.entry_share:.4f}")
        console.print(table)
    if alone.lists:
        for title, values in (("list of 50 goals", alone.lists.list_ms), ("read of one of them", alone.lists.read_ms)):
            console.print(f"{title}: p50 {quantile(values, 0.5):.1f} ms, p95 {quantile(values, 0.95):.1f} ms")
        _show_changed(alone.lists, console)
    if alone.batches:
        batch, posts = (statistics.median(rates) for rates in (alone.batches.batch_rates, alone.batches.post_rates))
        console.print(f"entries logged: {batch:.0f}/s in batches of {BATCH}, {posts:.0f}/s one by one", soft_wrap=True)

    if alone.feed:
        feed, copy = (statistics.median(rates) for rates in (alone.feed.feed_rates, alone.feed.copy_rates))
        console.print(
            f"feed read: {feed:.0f} rows/s, COPY in binary to nowhere {copy:.0f}, "
            f"feed by it {_median(alone.feed.extraction)} ({_range(alone.feed.extraction)})",
            soft_wrap=True,
        )
    _show_coach(alone, console)


def _show_coach(alone: Alone, console: Console) -> None:
    if alone.context_ms:
        p50, p99 = (quantile(alone.context_ms, share) for share in (0.5, 0.99))
        console.print(f"context of a message: p50 {p50:.1f} ms, p99 {p99:.1f} ms of processor time", soft_wrap=True)
    if alone.card:
        measured = {"crisis card": alone.card.card_ms, "screen": alone.card.screen_ms, "moods": alone.card.mood_ms}
        for title, values in measured.items():
            console.print(f"{title}: p50 {quantile(values, 0.5):.1f} ms, p99 {quantile(values, 0.99):.1f} ms")
    if alone.chats:
        _show_chats(alone.chats, console)


def _show_changed(lists: ListFigures, console: Console) -> None:
    if lists.changed_ms:
        p50, p95 = (quantile(lists.changed_ms, share) for share in (0.5, 0.95))
        by_read = p95 / quantile(lists.changed_read_ms, 0.95)
        console.print(
            f"list after an entry on each of them: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {by_read:.2f} by a read",
            soft_wrap=True,
        )


def _show_chats(chats: ChatFigures, console: Console) -> None:
    def of(rounds: Sequence[Sequence[float]], share: float) -> float:
        return statistics.median(quantile(values, share) for values in rounds)

    sdk_ms = quantile(chats.sdk_ms, 0.5)
    console.print(
        f"{STREAMS} chats at once, added to a model's first word: p50 {of(chats.added_ms, 0.5):.1f} ms, "
        f"p99 {of(chats.added_ms, 0.99):.1f} ms; by the SDK alone p50 {sdk_ms:.1f} ms, "
        f"{of(chats.added_ms, 0.5) / sdk_ms:.1f} and {of(chats.added_ms, 0.99) / sdk_ms:.1f} times that",
        soft_wrap=True,
    )
    console.print(
        f"{CROWD} chats at once, {statistics.median(chats.crowd_pieces):.0f} pieces of text a second; other requests "
        f"beside them p50 {of(chats.crowded_ms, 0.5):.1f} ms, p99 {of(chats.crowded_ms, 0.99):.1f} ms; "
        f"alone p50 {of(chats.quiet_ms, 0.5):.1f} ms, p99 {of(chats.quiet_ms, 0.99):.1f} ms",
        soft_wrap=True,
    )


def _series_content(series: Series) -> dict[str, Any]:
    return {
        "kind": series.kind,
        "unpublished": series.unpublished,
        "subjects": {
            letter: {
                "title": TITLES[letter],
                "median_rate": statistics.median(leg.rate for leg in legs),
                "median_p50_ms": statistics.median(leg.p50_ms for leg in legs),
                "median_p99_ms": statistics.median(leg.p99_ms for leg in legs),
                "legs": [asdict(leg) | {"rate": leg.rate} for leg in legs],
            }
            for letter, legs in series.legs.items()
        },
    }


def _series_table(series: Series) -> Table:
    rounds = len(series.legs["a"])
    table = Table(title=f"{series.kind}, medians of {rounds} rounds", title_justify="left")
    table.add_column("")
    table.add_column("subject")
    for name in ("requests/s", "p50 ms", "p99 ms", "a by it", "of the rounds", "p99 a by it", "not 2xx"):
        table.add_column(name, justify="right")
    for letter in series.legs:
        table.add_row(letter, TITLES[letter], *_figures(series, letter))
    return table


def _figures(series: Series, letter: str) -> list[str]:
    legs = series.legs[letter]
    rates = series.ratios("a", letter, lambda leg: leg.rate)
    slow = series.ratios("a", letter, lambda leg: leg.p99_ms)
    return [
        f"{series.median(letter, lambda leg: leg.rate):.0f}",
        f"{series.median(letter, lambda leg: leg.p50_ms):.1f}",
        f"{series.median(letter, lambda leg: leg.p99_ms):.1f}",
        *(("", "", "") if letter == "a" else (f"{statistics.median(rates):.2f}", _range(rates), _median(slow))),
        str(sum(_errors(leg) for leg in legs)),
    ]


def _errors(leg: Leg) -> int:
    return sum(leg.errors.values())


def _median(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f}"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f}–{max(values):.2f}"


def _system_table(system: SystemFigures) -> Table:
    table = Table(title="whole system at rest", title_justify="left")
    table.add_column("process")
    table.add_column("PSS, MB", justify="right")
    for name, megabytes in system.process_mb.items():
        table.add_row(name, f"{megabytes:.0f}")
    table.add_section()
    table.add_row("all", f"{system.idle_mb:.0f} of {MAX_IDLE_MB:.0f}")
    table.add_row("PostgreSQL's shared memory, not counted", f"{system.shared_mb:.0f}", style="dim")
    return table


def _verdict_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(title="what has to be reached", title_justify="left")
    for name in ("", "measured", "of the rounds", "required", ""):
        table.add_column(name, justify="right" if name else "left")
    marks = {True: "[green]reached[/]", False: "[red]missed[/]", None: "not measured"}
    for verdict in verdicts:
        value = "" if verdict.value is None else f"{verdict.value:.2f}"
        spread = _range(verdict.spread) if verdict.spread else ""
        sign = "≤" if verdict.is_upper else "≥"
        table.add_row(verdict.name, value, spread, f"{sign} {verdict.bound:g}", marks[verdict.holds])
    return table
