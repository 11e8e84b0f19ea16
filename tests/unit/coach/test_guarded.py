"""A model behind the guard: it is stopped at its source, a sentence of ours ends the reply, and the call is whole."""

from collections.abc import AsyncGenerator, Sequence

import pytest

from services.coach.clients.guarded import MOST_WORDS, Guarded
from services.coach.clients.providers import (
    Chain,
    Delta,
    End,
    EndKind,
    FakeProvider,
    OfflineProvider,
    PromptBundle,
    StreamEvent,
)
from services.coach.clients.texts import load_texts
from services.coach.domain.context import build_context
from services.coach.domain.framing import Frame
from services.coach.domain.holdback import Quotations
from services.coach.domain.verdicts import names_a_diagnosis
from tests.unit.coach.factories import ANNA, a_message, an_occasion

TEXTS = load_texts()
INSTRUCTIONS = Quotations(TEXTS.system)
FAR = 1e9


class Endless(FakeProvider):
    """Goes on talking until it is closed."""

    closed = False

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The pieces, then more."""
        try:
            for piece in self._pieces:
                yield Delta(piece)
            while True:
                yield Delta(" and on")
        finally:
            self.closed = True


def a_request(message: str = "why do I never finish") -> PromptBundle:
    context = build_context(
        ANNA,
        a_message(message),
        overview=None,
        turns=(),
        frame=Frame("k7f3"),
        system=TEXTS.system,
        prompt_version=TEXTS.prompt_version,
    )
    return PromptBundle(context, an_occasion(message, None), may_ask_vendors=True)


def guarded(provider: FakeProvider) -> Guarded:
    return Guarded(provider, TEXTS.phrases, INSTRUCTIONS)


async def streamed(provider: Guarded) -> tuple[str, End]:
    chain = Chain((provider,), OfflineProvider(TEXTS.phrases), interrupted=TEXTS.phrases.interrupted)
    events = [event async for event in chain.stream(a_request(), deadline=FAR)]
    assert [isinstance(event, End) for event in events].count(True) == 1
    end = events[-1]
    assert isinstance(end, End)
    return "".join(event.text for event in events[:-1] if isinstance(event, Delta)), end


@pytest.mark.parametrize(
    "pieces", [("Two runs. ", "It sounds like you ", "have AD", "HD", ". Take care."), ("You have ADHD",)]
)
async def test_a_diagnosis_ends_the_reply_with_a_boundary(pieces: Sequence[str]):
    said, end = await streamed(guarded(FakeProvider("anthropic", pieces)))

    assert not names_a_diagnosis(said.split("…")[0])
    assert "ADHD" not in said
    assert (end.kind, end.provider, end.fallback_chain) == (EndKind.STOPPED, "anthropic", ())
    assert end.part_ids[0].startswith("boundary.diagnosis#")
    assert len(end.action_steps) == 1


async def test_a_stopped_model_is_closed_at_once():
    provider = Endless(
        "gemini",
        (
            "You have ",
            "ADHD ",
        ),
    )

    said, end = await streamed(guarded(provider))

    assert provider.closed
    assert end.kind is EndKind.STOPPED
    assert "and on" not in said


async def test_a_whole_reply_is_held_to_the_same():
    whole = await guarded(FakeProvider("gemini", ("Stop taking your medication.",))).complete(a_request(), deadline=FAR)

    assert "taking your medication" not in whole.text
    assert whole.end.part_ids[0].startswith("boundary.medication#")


async def test_what_may_be_said_passes_piece_by_piece():
    pieces = ("Two", " runs", " this", " week", ".")

    said, end = await streamed(guarded(FakeProvider("anthropic", pieces)))

    assert said == "Two runs this week."
    assert end.kind is EndKind.COMPLETE


async def test_a_reply_that_runs_on_is_ended_and_its_model_closed():
    provider = Endless("anthropic", ["Good."])

    said, end = await streamed(guarded(provider))

    assert provider.closed
    assert said.endswith(" and on and …")
    assert len(said.removesuffix(" …").split()) == MOST_WORDS
    assert (end.kind, end.provider) == (EndKind.STOPPED, "anthropic")
    assert end.action_steps


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("words", [MOST_WORDS, MOST_WORDS + 1])
async def test_as_many_words_as_may_be_pass_however_they_come(words: int, size: int):
    text = " ".join(["again"] * words)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]

    said, end = await streamed(guarded(FakeProvider("gemini", pieces)))
    whole = await guarded(FakeProvider("gemini", pieces)).complete(a_request(), deadline=FAR)

    is_over = words > MOST_WORDS
    assert said == whole.text == " ".join(["again"] * MOST_WORDS) + (" …" if is_over else "")
    assert end.kind == whole.end.kind == (EndKind.STOPPED if is_over else EndKind.COMPLETE)


async def test_an_answer_that_was_lost_is_lost_behind_the_guard_too():
    said, end = await streamed(guarded(FakeProvider("anthropic", ("Two ",), failure=RuntimeError("cut"))))

    assert said.startswith("Two ")
    assert (end.kind, end.fallback_chain) == (EndKind.INTERRUPTED_RECOVERED, ("anthropic",))


async def test_the_next_provider_is_asked_where_nothing_was_said():
    said, end = await streamed(guarded(FakeProvider("anthropic", failure=RuntimeError("down"))))

    assert said
    assert (end.provider, end.fallback_chain) == ("offline", ("anthropic",))
