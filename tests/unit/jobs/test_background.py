"""The one loop beside Celery's threads."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from jobs.app.background import Background

SOON = timedelta(seconds=5)


@pytest.fixture
def background():
    made = Background()
    made.start()
    yield made
    made.stop()


def test_work_of_many_threads_runs_on_one_loop(background: Background):
    async def where() -> tuple[int, int]:
        await asyncio.sleep(0)
        return threading.get_ident(), id(asyncio.get_running_loop())

    with ThreadPoolExecutor(8) as threads:
        places = list(threads.map(lambda _: background.run(where, timeout=SOON), range(32)))

    assert len(set(places)) == 1
    assert places[0][0] != threading.get_ident()


def test_failures_come_back_to_who_asked(background: Background):
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        background.run(fail, timeout=SOON)


def test_what_takes_too_long_is_cancelled(background: Background):
    cancelled = threading.Event()

    async def hang() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(TimeoutError):
        background.run(hang, timeout=timedelta(milliseconds=50))

    assert cancelled.wait(5)
