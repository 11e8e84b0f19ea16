"""Events in: the coach listens to nobody yet. And the sweep of replies that nobody finished."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from chassis.consumer import Handler
from chassis.errors import TandemError
from chassis.telemetry.logs import get_logger
from services.coach.usecases import ReplyUseCases

_log = get_logger(__name__)

# With a lease of 90 s no reply looks pending for longer than 120 s.
SWEEP_EVERY = timedelta(seconds=20)


def handlers() -> Mapping[str, Handler]:
    """What to do with the events of others, by event type."""
    return {}


def sweeping(replies: ReplyUseCases, *, every: timedelta = SWEEP_EVERY) -> Callable[[], Awaitable[None]]:
    """A loop that marks replies as failed whose maker is gone; a retry with the same key still takes them up."""

    async def sweep() -> None:
        while True:
            try:
                failed = await replies.fail_overdue()
                if failed:
                    _log.warning("replies_given_up", count=failed)
            except TandemError as problem:
                _log.warning("reply_sweep_failed", reason=problem.reason)
            await asyncio.sleep(every.total_seconds())

    return sweep
