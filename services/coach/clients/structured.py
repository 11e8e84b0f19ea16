"""Who answers in a fixed form: the port that models stand behind, the rules, and the chain that falls back to them.

Half an answer is no answer, so unlike a chat nothing is committed before the whole of it is accepted. A model whose
answer does not do is told why and may answer once more; whatever a provider breaks, the next one is asked, and the last
of every chain is offline. A plan, a slot of the dating goals, a review, a group's post and advice to a mentor are all
asked for in the same way: a prompt, a form, and what the rules would say. The last vendor may go on beside the rules'
answer, for whoever has a use for its own afterwards. Source: ADR-0051, ADR-0055, ADR-0080, ADR-0120.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from services.coach.clients.attempts import PATIENCE, Attempts, Patience
from services.coach.clients.providers import NO_GATE, OFFLINE
from services.coach.clients.vendors.failures import FailureKind, VendorFailed
from services.coach.clients.vendors.gate import Gate, Passage
from services.coach.domain.prompting import Prompt

# Kept back of the caller's time for the rules and the way home.
KEPT_BACK_S: Final = 1.0
_TOLD: Final = 5

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class Size(StrEnum):
    """Which of a vendor's models is asked: the better one, or the fast one for a few words (one slot)."""

    FULL = "full"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class StructuredRequest:
    """What is to be answered.

    Attributes:
        purpose: `plan`, `intake`, …; names the call in logs and counters.
        prompt: What a model is told.
        by_rules: The answer's content without a model; takes milliseconds and cannot fail.
        may_ask_vendors: The member allows it (`Consents.ai_vendors`); otherwise the rules answer.
    """

    purpose: str
    prompt: Prompt
    by_rules: Callable[[], Mapping[str, Any]]
    may_ask_vendors: bool = False
    size: Size = Size.FULL


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, unchecked: JSON, if it did as it was told."""

    text: str
    model: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Without the text."""
        return f"Written(model={self.model!r})"


class StructuredProvider(Protocol):
    """A model that answers in a fixed form."""

    @property
    def name(self) -> str:
        """The word stored and shown: `anthropic`, `gemini`."""
        ...

    async def structured(self, request: StructuredRequest, schema: type[BaseModel], *, deadline: float) -> Written:
        """The whole answer, which nobody has checked yet; raises whatever went wrong."""
        ...


class OfflineStructured:
    """The rules. Their work takes a thread, so that long texts hold nobody up."""

    name = OFFLINE

    async def structured(self, request: StructuredRequest, schema: type[M]) -> M:
        """The rules' content in the form."""
        return schema.model_validate(await asyncio.to_thread(request.by_rules))


class FakeStructured:
    """Answers with the given contents, the last one again and again; or raises, or never answers.

    `until` is what it waits for first.
    """

    def __init__(
        self,
        name: str,
        *answers: Mapping[str, Any],
        failure: Exception | None = None,
        until: asyncio.Event | None = None,
    ) -> None:
        self.name = name
        self._until = until
        self.asked: list[StructuredRequest] = []
        self._answers = answers
        self._failure = failure

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self.asked)

    async def structured(self, request: StructuredRequest, schema: type[BaseModel], *, deadline: float) -> Written:
        """What it was given."""
        self.asked.append(request)
        if self._until is not None:
            await self._until.wait()
        if self._failure is not None:
            raise self._failure
        if not self._answers:
            await asyncio.Event().wait()
        answer = self._answers[min(self.calls, len(self._answers)) - 1]
        return Written(json.dumps(answer, default=str), f"{self.name}-model")


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """An accepted answer.

    Attributes:
        failed: Providers that were asked before.
        model: Empty where there is none.
        usage: Tokens by kind; empty where there are none.
        late: What the last vendor may still come to; only where that was asked for, who awaits or cancels it then.
    """

    value: T
    provider: str
    failed: tuple[str, ...]
    model: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)
    late: "asyncio.Task[Answered[T]] | None" = None


class StructuredChain:
    """Providers in order, the rules last."""

    def __init__(
        self,
        vendors: Sequence[StructuredProvider],
        offline: OfflineStructured,
        *,
        gates: Mapping[str, Gate] = MappingProxyType({}),
        patience: Patience = PATIENCE,
    ) -> None:
        """Takes the vendors in order of preference.

        Args:
            vendors: Those that are configured; may be none.
            offline: The last of the chain.
            gates: What stands before each vendor, by its name; the same as before its chats.
            patience: How long is waited.
        """
        self._vendors = tuple(vendors)
        self._offline = offline
        self._gates = gates
        self._patience = patience

    @property
    def has_vendors(self) -> bool:
        """Whether it makes sense to ask what the member allows."""
        return bool(self._vendors)

    async def answer(
        self,
        request: StructuredRequest,
        schema: type[M],
        *,
        accept: Callable[[M, str], T],
        deadline: float,
        patience_s: float | None = None,
        late_s: float = 0.0,
    ) -> Answered[T]:
        """The first answer that is accepted.

        Args:
            request: What to answer.
            schema: The form.
            accept: Makes of an answer, and its provider's name, what is wanted; raises ValueError where it does not do,
                with a message that tells the model why.
            deadline: Reading of the event loop's clock at which the answer is too late.
            patience_s: How long vendors may take in all, where that is not as long as a person would wait.
            late_s: How long the last vendor may go on beside the rules' answer.
        """
        attempts = self._attempts(request, deadline, patience_s)
        for vendor in attempts:
            turn = _Turn(attempts.turn_until, late_s if attempts.is_last_turn else 0.0)
            asking = asyncio.create_task(self._ask_by(vendor, request, schema, accept, turn))
            try:
                await asyncio.wait({asking}, timeout=turn.patience_s)
            except asyncio.CancelledError:
                asking.cancel()
                raise
            if not asking.done():
                attempts.note(vendor, TimeoutError())
                return await self._by_rules(request, schema, accept, attempts.failed, asking)
            try:
                return replace(asking.result(), failed=tuple(attempts.failed))
            except Exception as problem:
                attempts.note(vendor, problem)
        return await self._by_rules(request, schema, accept, attempts.failed)

    def _attempts(
        self, request: StructuredRequest, deadline: float, patience_s: float | None
    ) -> Attempts[StructuredProvider]:
        patience = self._patience if patience_s is None else replace(self._patience, before_offline=patience_s)
        return Attempts(
            self._vendors if request.may_ask_vendors else (),
            patience,
            until=deadline - KEPT_BACK_S,
            purpose=request.purpose,
            prompt_version=request.prompt.version,
        )

    async def _ask_by(
        self,
        vendor: StructuredProvider,
        request: StructuredRequest,
        schema: type[M],
        accept: Callable[[M, str], T],
        turn: "_Turn",
    ) -> Answered[T]:
        """One vendor's answer, at the end of its turn in any case; who is late leaves its seat to others."""
        gate = self._gates.get(vendor.name, NO_GATE)
        async with gate.passing(until=turn.until) as passage:
            leaving = asyncio.get_running_loop().call_at(turn.until, passage.leave_seat)
            try:
                async with asyncio.timeout_at(turn.until + turn.late_s):
                    return await _ask(vendor, request, schema, accept, turn.until + turn.late_s, passage)
            finally:
                leaving.cancel()

    async def _by_rules(
        self,
        request: StructuredRequest,
        schema: type[M],
        accept: Callable[[M, str], T],
        failed: Sequence[str],
        late: "asyncio.Task[Answered[T]] | None" = None,
    ) -> Answered[T]:
        try:
            made = await self._offline.structured(request, schema)
            return Answered(accept(made, self._offline.name), self._offline.name, tuple(failed), late=late)
        except BaseException:
            if late is not None:
                late.cancel()
            raise


@dataclass(frozen=True, slots=True)
class _Turn:
    """How long a vendor is waited for, and how much longer it may go on beside the rules' answer."""

    until: float
    late_s: float

    @property
    def patience_s(self) -> float | None:
        """From now; None where the asking ends by itself."""
        return max(0.0, self.until - asyncio.get_running_loop().time()) if self.late_s else None


async def _ask(
    vendor: StructuredProvider,
    request: StructuredRequest,
    schema: type[M],
    accept: Callable[[M, str], T],
    until: float,
    passage: Passage,
) -> Answered[T]:
    """One vendor's answer; where it does not do, the vendor is told why and answers once more.

    Raises:
        ValueError: The second answer does not have the form either.
        VendorFailed: It does, and does not keep to its task.
        Exception: Whatever went wrong on the way.
    """
    written = await vendor.structured(request, schema, deadline=until)
    try:
        return _answered(vendor, written, accept(schema.model_validate_json(written.text), vendor.name))
    except ValueError as problem:
        prompt = request.prompt.answered(written.text, _why_not(problem))
    await passage.again()
    again = await vendor.structured(replace(request, prompt=prompt), schema, deadline=until)
    made = schema.model_validate_json(again.text)
    try:
        value = accept(made, vendor.name)
    except ValueError:
        raise VendorFailed(FailureKind.UNFIT) from None
    both = {kind: written.usage.get(kind, 0) + again.usage.get(kind, 0) for kind in {**written.usage, **again.usage}}
    return _answered(vendor, replace(again, usage=both), value)


def _answered(vendor: StructuredProvider, written: Written, value: T) -> Answered[T]:
    return Answered(value, vendor.name, (), written.model, written.usage)


def _why_not(problem: ValueError) -> str:
    """What the model is told; goes nowhere else."""
    said = str(problem)[:500]
    if isinstance(problem, ValidationError):
        found = problem.errors(include_input=False, include_url=False)[:_TOLD]
        said = "; ".join(f"{'.'.join(map(str, error['loc'])) or 'answer'}: {error['msg']}" for error in found)
    return f"Your answer does not do: {said}. Answer again, with the whole of it, in the same form."
