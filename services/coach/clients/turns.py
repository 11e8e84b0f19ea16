"""Streams take turns: one step of one of them for every turn of the event loop.

Two hundred replies under way have several pieces ready at any moment. Handled all at once they would stand in front of
everybody who asks for a list or writes an entry, at each of the ten waits that such a request is made of. One at a
time they delay each other by milliseconds, which no reader of a reply sees. Source: ADR-0157.
"""

import asyncio
from collections import deque


class Turns:
    """Whose turn it is, in the order of coming. For one event loop."""

    def __init__(self) -> None:
        self._is_taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Waits for a turn; at once where nobody had one since the loop last looked around."""
        loop = asyncio.get_running_loop()
        if not self._is_taken:
            self._is_taken = True
            loop.call_soon(self._pass_on, loop)
            return
        waiter = loop.create_future()
        self._waiting.append(waiter)
        await waiter

    def _pass_on(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                # It runs before this is called again, and what came in meanwhile runs between.
                waiter.set_result(None)
                loop.call_soon(self._pass_on, loop)
                return
        self._is_taken = False
