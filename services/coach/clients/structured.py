"""Who answers in a fixed form: the port that models stand behind, the rules, and the chain that falls back to them.

Half an answer is no answer, so unlike a chat nothing is committed before the whole of it is accepted: whatever a
provider breaks, the next one is asked, and the last of every chain is offline. Source: ADR-0051, ADR-0055.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from chassis.telemetry.logs import get_logger
from services.coach.clients.providers import BEFORE_OFFLINE_S, OFFLINE
from services.coach.domain.planning.brief import Brief

_log = get_logger(__name__)

# Kept back of the caller's time for the rules and the way home.
KEPT_BACK_S = 1.0

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StructuredRequest:
    """What is to be answered.

    Attributes:
        purpose: `plan`; decides a model's instructions and names the call in logs.
        brief: What a model is told.
        by_rules: The answer's content without a model; takes milliseconds and cannot fail.
    """

    purpose: str
    brief: Brief
    by_rules: Callable[[], Mapping[str, Any]]


class StructuredProvider(Protocol):
    """Someone who answers in a fixed form."""

    @property
    def name(self) -> str:
        """The word stored and shown: `offline`, `anthropic`, `gemini`."""
        ...

    async def structured(self, request: StructuredRequest, schema: type[M], *, deadline: float) -> M:
        """The whole answer, checked against `schema`; raises whatever went wrong."""
        ...


class OfflineStructured:
    """The rules. Their work takes a thread, so that long texts hold nobody up."""

    name = OFFLINE

    async def structured(self, request: StructuredRequest, schema: type[M], *, deadline: float) -> M:
        """The rules' content in the form."""
        return schema.model_validate(await asyncio.to_thread(request.by_rules))


class FakeStructured:
    """Answers with the given content, or raises, or never answers."""

    def __init__(self, name: str, answer: Mapping[str, Any] | None = None, *, failure: Exception | None = None) -> None:
        self.name = name
        self.calls = 0
        self._answer = answer
        self._failure = failure

    async def structured(self, request: StructuredRequest, schema: type[M], *, deadline: float) -> M:
        """What it was given."""
        self.calls += 1
        if self._failure is not None:
            raise self._failure
        if self._answer is None:
            await asyncio.Event().wait()
        return schema.model_validate(self._answer)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """An accepted answer.

    Attributes:
        failed: Providers that were asked before.
    """

    value: T
    provider: str
    failed: tuple[str, ...]


class StructuredChain:
    """Providers in order, the rules last."""

    def __init__(self, vendors: Sequence[StructuredProvider], offline: StructuredProvider) -> None:
        self._vendors = tuple(vendors)
        self._offline = offline

    async def answer(
        self, request: StructuredRequest, schema: type[M], *, accept: Callable[[M, str], T], deadline: float
    ) -> Answered[T]:
        """The first answer that is accepted.

        Args:
            request: What to answer.
            schema: The form.
            accept: Makes of an answer, and its provider's name, what is wanted; raises where it does not do.
            deadline: Reading of the event loop's clock at which the answer is too late.
        """
        loop = asyncio.get_running_loop()
        vendors_until = min(loop.time() + BEFORE_OFFLINE_S, deadline - KEPT_BACK_S)
        failed: list[str] = []
        for vendor in self._vendors:
            try:
                async with asyncio.timeout_at(vendors_until):
                    made = await vendor.structured(request, schema, deadline=vendors_until)
                return Answered(accept(made, vendor.name), vendor.name, tuple(failed))
            except Exception as problem:
                _log.warning(
                    "structured_failed", provider=vendor.name, purpose=request.purpose, kind=type(problem).__name__
                )
                failed.append(vendor.name)
        made = await self._offline.structured(request, schema, deadline=deadline)
        return Answered(accept(made, self._offline.name), self._offline.name, tuple(failed))
