"""Whether the client of a streamed answer still listens.

The server tells who asks `receive`, and nobody else: it neither cancels a request whose client has gone nor fails what
is sent there (docs/adr/0149).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.app.call import Receive


class ClientLeft(Exception):
    """Nobody is there to hear the answer any more."""


@asynccontextmanager
async def while_listening(receive: Receive) -> AsyncIterator[None]:
    """Gives the block up as soon as the client has gone; within it nobody else may `receive`.

    Raises:
        ClientLeft: It has.
    """
    # A timeout that is due when the client goes: it tells its own cancellation from those of others.
    patience = asyncio.timeout(None)
    watch = asyncio.create_task(_watch(receive, patience))
    try:
        async with patience:
            yield
    except TimeoutError:
        if not patience.expired():
            raise
        raise ClientLeft from None
    finally:
        watch.cancel()
        await asyncio.wait({watch})


async def _watch(receive: Receive, patience: asyncio.Timeout) -> None:
    # What comes before is a body that nobody asked for.
    while (await receive())["type"] != "http.disconnect":
        pass
    patience.reschedule(asyncio.get_running_loop().time())
