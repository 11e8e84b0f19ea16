"""Waiting again and again under one timer: setting one for each piece of a reply costs more than handling the piece."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Waits:
    """Waits of one task, one after the other, each with a limit of its own.

    The timer is moved only when it rings: until then a wait notes its limit and goes.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._until = 0.0
        self._waiting: asyncio.Task[object] | None = None
        self._is_late = False

    async def wait(self, awaited: Awaitable[T], until: float) -> T:
        """What is awaited.

        Args:
            awaited: Waited for by the task that calls.
            until: Reading of the event loop's clock.

        Raises:
            TimeoutError: It is late.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine is run by one
        cancelling = task.cancelling()
        self._waiting, self._until = task, until
        if self._timer is None or until < self._rings_at:
            self._set()
        try:
            return await awaited
        except asyncio.CancelledError:
            if self._is_late and task.cancelling() <= cancelling + 1:
                raise TimeoutError from None
            raise
        finally:
            # However it ended: what is cancelled here is taken back here.
            if self._is_late:
                task.uncancel()
            self._waiting, self._is_late = None, False

    def close(self) -> None:
        """Stops the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _set(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = self._until
        self._timer = self._loop.call_at(self._until, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiting is None:
            return
        if self._loop.time() < self._until:
            self._set()
            return
        self._is_late = True
        self._waiting.cancel()
