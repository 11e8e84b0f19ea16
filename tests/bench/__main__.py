"""`python -m tests.bench`: measures, prints tables, and ends with 1 when a requirement is missed."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.clock import SystemClock
from tests.bench import agreement, card, chats, context, engine, feed, paths, report, stack, system, tools
from tests.bench.report import Result
from tests.bench.rounds import Law, Rounds, Series
from tests.bench.seeding import seed, seed_busy
from tests.bench.subjects import Credentials, Kind, Subjects
from tests.bench.system import SystemFigures
from tests.bench.verdicts import Alone, failed_legs, judge

LEAST_ROUNDS = 5
_PATHS = ("list", "batch")
_PARTS = (*Kind, "engine", *_PATHS, "feed", "context", "card", "chats", "system")


def main(arguments: Sequence[str]) -> int:
    """Runs what was asked for.

    Exit status: 0 when all that was measured is reached, 1 when something is missed, 2 when nothing could be measured.
    """
    options = _parse(arguments)
    console = Console(highlight=False)
    try:
        result = asyncio.run(_until_told(_measure(options, console)))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.stderr.write("bench: interrupted; everything it started is stopped\n")
        return 130
    except (
        tools.ToolMissing,
        agreement.Disagreement,
        paths.PathFailed,
        card.CardMissing,
        chats.ChatFailed,
        system.SystemFailed,
    ) as problem:
        sys.stderr.write(f"bench: {problem}\n")
        return 2
    report.show(result, console)
    if options.json is not None:
        report.write(result, options.json)
    return 0 if result.is_good else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help=f"at least {LEAST_ROUNDS} for a judgement")
    parser.add_argument("--seconds", type=int, default=6, help="of each subject in each round")
    parser.add_argument("--only", choices=_PARTS, action="append", help="leave the other parts out; may be repeated")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parsed = parser.parse_args(arguments)
    if parsed.rounds < 1 or not 2 <= parsed.seconds <= 60:
        parser.error("one round or more, of 2 to 60 seconds")
    return parsed


async def _until_told(measuring: Coroutine[Any, Any, Result]) -> Result:
    """Ends what was started also when this process is told to end."""
    task = asyncio.create_task(measuring)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


async def _measure(options: argparse.Namespace, console: Console) -> Result:
    parts = options.only or _PARTS
    kinds = [kind for kind in Kind if kind in parts]
    law: Law | None = None
    series: list[Series] = []
    figures: SystemFigures | None = None
    alone = Alone()
    if kinds:
        law, series = await _measure_subjects(kinds, options, console)
    if "engine" in parts:
        with _progress(console, engine.KINDS) as bar:
            alone.engine = engine.measure(bar.tell)
    if any(part in parts for part in _PATHS):
        await _measure_paths(parts, options, alone, console)
    if "feed" in parts:
        alone.feed = await _measure_feed(options, console)
    if "context" in parts:
        with _progress(console, 1) as bar:
            alone.context_ms = context.measure(bar.tell)
    if "card" in parts:
        with _progress(console, 3) as bar:
            alone.card = await card.measure(bar.tell)
    if "chats" in parts:
        with _progress(console, 5) as bar:
            alone.chats = await chats.measure(options.rounds, bar.tell)
    if "system" in parts:
        with _progress(console, 5) as bar:
            figures = await asyncio.to_thread(system.measure, bar.tell)
    if kinds and options.rounds < LEAST_ROUNDS:
        console.print(f"Fewer than {LEAST_ROUNDS} rounds: a look, not a judgement.", style="yellow")
    return Result(law, series, figures, alone, judge(series, figures, alone), failed_legs(series))


async def _measure_paths(parts: Sequence[str], options: argparse.Namespace, alone: Alone, console: Console) -> None:
    """What only the system itself is asked for; without the other subjects."""
    with _progress(console, 5) as bar:
        bar.tell("starting")
        async with stack.running(None, None) as running:
            bar.tell("seeding")
            members = await seed_busy(running.admin, SystemClock())
            if "list" in parts:
                alone.lists = await paths.measure_lists(running, members, bar.tell)
            if "batch" in parts:
                alone.batches = await paths.measure_batches(running, members, options.rounds, bar.tell)


async def _measure_feed(options: argparse.Namespace, console: Console) -> feed.FeedFigures:
    """On data of its own, as it adds to them."""
    with _progress(console, 3) as bar:
        bar.tell("starting")
        async with stack.running(None, None) as running:
            bar.tell("seeding")
            members = await seed(running.admin, SystemClock())
            return await feed.measure(running, members, options.rounds, bar.tell)


async def _measure_subjects(
    kinds: Sequence[Kind], options: argparse.Namespace, console: Console
) -> tuple[Law, list[Series]]:
    tools.require_wrk(console)
    packages, proxy = tools.install_peer_packages(), tools.find_envoy()
    if proxy is None:
        console.print("Envoy cannot be had here; its row is left out.", style="yellow")
    subject_count = 4 if proxy else 3
    with _progress(console, 3 + len(kinds) * subject_count * (options.rounds + 1)) as bar:
        bar.tell("starting")
        async with stack.running(packages, proxy) as running:
            bar.tell("seeding")
            members = await seed(running.admin, SystemClock())
            since = await running.admin.fetchval("SELECT clock_timestamp()")
            subjects = Subjects(running, members, Credentials(running, members))
            await agreement.check(subjects)
            await running.reset(since)
            bar.tell("finding how uneven the draws may be")
            rounds = Rounds(subjects, since, options.seconds, bar.tell)
            law = await rounds.choose_law()
            return law, [await rounds.run(kind, options.rounds, law=law) for kind in kinds]


class _Bar:
    """A bar that moves with each step it is told."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=steps)
        self._begun = False

    def tell(self, step: str) -> None:
        """A new step begins, so the one before is done."""
        self._progress.update(self._task, description=step, advance=1 if self._begun else 0)
        self._begun = True
        if not self._progress.console.is_terminal:
            self._progress.console.print(f"… {step}")


@contextmanager
def _progress(console: Console, steps: int) -> Iterator[_Bar]:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, steps)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
