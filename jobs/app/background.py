"""One event loop on one thread, for everything asynchronous in a process whose main thread is Celery's.

gRPC's asyncio client works with one loop per process and does not survive a fork: hence one loop, one client per
service on it, and Celery's pool of threads instead of processes (docs/adr/0062).
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from chassis.telemetry.logs import describe_loop_failures

T = TypeVar("T")

STOP_PATIENCE: Final = timedelta(seconds=5)


class Background:
    """The loop and its thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        describe_loop_failures(self._loop)
        self._thread = threading.Thread(target=self._loop.run_forever, name="background-loop", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def run(self, work: Callable[[], Awaitable[T]], *, timeout: timedelta) -> T:
        """Runs `work` on the loop and waits for it; a run that takes longer is cancelled.

        Raises:
            TimeoutError: It took longer than `timeout`.
        """

        async def awaited() -> T:
            return await work()

        future = asyncio.run_coroutine_threadsafe(awaited(), self._loop)
        try:
            return future.result(timeout.total_seconds())
        except TimeoutError:
            future.cancel()
            raise

    def stop(self, *closing: Callable[[], Awaitable[Any]]) -> None:
        """Runs `closing` on the loop and ends it."""
        try:
            for close in closing:
                self.run(close, timeout=STOP_PATIENCE)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(STOP_PATIENCE.total_seconds())
