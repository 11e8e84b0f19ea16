"""By when an answer has to be there: no later than its caller waits for it."""

import asyncio

from chassis.clock import Clock
from chassis.request import find_current


def deadline(clock: Clock, longest_s: float, *, kept_s: float = 0.0) -> float:
    """Reading of the event loop's clock at which nobody has use for an answer any more.

    Args:
        longest_s: Nobody waits for longer.
        kept_s: Left of the caller's own deadline for what comes after the answer.
    """
    left_s, request = longest_s, find_current()
    if request is not None and request.deadline is not None:
        left_s = min(left_s, request.deadline - clock.monotonic() - kept_s)
    return asyncio.get_running_loop().time() + left_s
