"""The request at hand: who asks, until when, under which id. Set at the edge of a process, read anywhere below."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from chassis.identity.principal import Principal

# With less than this left nothing is begun any more, neither here nor elsewhere.
MIN_REMAINING_S: Final = 0.020


@dataclass(slots=True)
class RequestContext:
    """What holds for everything done while one request is answered.

    Attributes:
        method: Full method name, `/tandem.goals.v1.GoalsService/GetGoal`, or the operation id of an HTTP route.
        request_id: Correlates log lines and traces; not an idempotency key.
        principal: On whose behalf.
        deadline: Reading of the monotonic clock at which the answer is too late; None for background work.
        passport: The signed passport as received or minted, passed on to other services.
        traceparent: W3C trace context to pass on.
        replayed: Set when the answer repeats an earlier one for the same idempotency key.
        is_quick: Of the methods that read little, whose statements are given up soonest.
        facts: Figures for the canonical log line; ids, counts and durations only.
    """

    method: str
    request_id: str
    principal: Principal
    deadline: float | None = None
    passport: str | None = None
    traceparent: str | None = None
    replayed: bool = False
    is_quick: bool = False
    facts: dict[str, str | int | float | bool] = field(default_factory=dict)


_current: ContextVar[RequestContext | None] = ContextVar("tandem_request", default=None)


class NoRequest(RuntimeError):
    """Something that belongs to a request was asked for outside of one: a mistake in our code."""


def current() -> RequestContext:
    """The request at hand.

    Raises:
        NoRequest: There is none.
    """
    request = _current.get()
    if request is None:
        raise NoRequest("no request is being answered here")
    return request


def find_current() -> RequestContext | None:
    """The request at hand, or None in background work."""
    return _current.get()


class answering:  # noqa: N801 - reads as the verb it is: `with answering(request)`
    """Makes `request` the one at hand within the block."""

    __slots__ = ("_request", "_token")

    def __init__(self, request: RequestContext) -> None:
        self._request = request

    def __enter__(self) -> RequestContext:
        self._token = _current.set(self._request)
        return self._request

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
