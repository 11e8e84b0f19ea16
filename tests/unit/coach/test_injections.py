"""G15: sixty payloads in six places stay data in every prompt, and a model that obeys them gets nothing out."""

import re
import tomllib
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from services.coach.clients.guarded import Guarded
from services.coach.clients.providers import (
    Chain,
    Delta,
    End,
    EndKind,
    FakeProvider,
    OfflineProvider,
    PromptBundle,
    ProviderText,
    StreamEvent,
)
from services.coach.clients.texts import load_texts
from services.coach.domain.context import Known as KnownToCoach
from services.coach.domain.context import build_context
from services.coach.domain.copilot.grounding import check
from services.coach.domain.copilot.records import Records
from services.coach.domain.facts import Overview
from services.coach.domain.framing import Frame
from services.coach.domain.intake.proposing import Proposal, checked, intake_request
from services.coach.domain.intake.topics import OWN_WORDS, Slot
from services.coach.domain.memory import JournalFact
from services.coach.domain.prompting import Prompt, prompt_of
from services.coach.domain.verdicts import gives_a_directive, names_a_diagnosis, names_a_method
from tests.unit.coach.factories import ANNA, TODAY, a_goal, a_message, an_entry, an_occasion, uuid
from tests.unit.coach.test_copilot import a_known

TEXTS = load_texts()
INSTRUCTIONS = TEXTS.quotations
FRAME = Frame("k7f3")
PAYLOADS: Final[list[tuple[str, str]]] = [
    (text, obeyed.replace("{S0}", TEXTS.system))
    for text, obeyed in tomllib.loads((Path(__file__).parent / "data" / "injections.toml").read_text(encoding="utf-8"))[
        "payloads"
    ]
]
HARMLESS: Final = "I ran in the rain"
OURS: Final = re.compile(r"[a-z_]+(?: [a-z0-9]+){0,3}")
CANARY: Final = "zebra-canary-7731"
FRAMED: Final = re.compile(r"<member_text_k7f3 kind=[\\\w\"]+ id=[\\\w\"]+>(.*?)</member_text_k7f3>", re.DOTALL)
PLAYS_A_ROLE: Final = re.compile(
    r"[<>\u200b\u202e]|(?:^|\\n)\s*(?:system|assistant|user|human|developer|tool):", re.IGNORECASE | re.MULTILINE
)
# What must not leave: links, markup, our marks.
LEFT: Final = re.compile(r"(?i)https?:|ftp:|www\.\w|\bevil\.\w|192\.168|@evil|!\[|\]\(|[<>]|member_text")


def _chat(text: str = HARMLESS, *, title: str = "Run", note: str = "", journal: str = "") -> PromptBundle:
    entries = (an_entry(note=note),) if note else ()
    overview = Overview(TODAY, (a_goal(title=title),), entries)
    known = KnownToCoach(journal=(JournalFact(uuid(31), ANNA, TODAY, 0.0, (), journal),) if journal else ())
    context = build_context(
        ANNA,
        a_message(text),
        overview=overview,
        turns=(a_message(text, number=450),),
        frame=FRAME,
        system=TEXTS.system,
        prompt_version=TEXTS.prompt_version,
        known=known,
    )
    return PromptBundle(context, an_occasion(text, overview), may_ask_vendors=True)


def _mentee(text: str) -> Records:
    goal = a_goal(title=text)
    known = a_known(entries=(an_entry(note=text, goal_id=goal.goal_id),))
    return Records.lay_out(replace(known, messages=(a_message(text),)), FRAME)


CHAT: Final[dict[str, Callable[[str], PromptBundle]]] = {
    "message": lambda text: _chat(text),
    "goal": lambda text: _chat(title=text),
    "check_in": lambda text: _chat(note=text),
    "journal": lambda text: _chat(journal=text),
}
PLACES: Final = (*CHAT, "intake", "mentee")


def _prompt(place: str, text: str) -> Prompt:
    """What a model reads where `text` stands in a place."""
    if place == "intake":
        return Prompt("v", TEXTS.intake_system.text, intake_request(Slot.GOALS, text, FRAME))
    if place == "mentee":
        return Prompt("v", TEXTS.copilot_system.text, "question", data=_mentee(text).text)
    return prompt_of(CHAT[place](text).context, member_id=ANNA)


def _whole(prompt: Prompt) -> str:
    return "\n".join([prompt.data, *(turn.text for turn in prompt.turns), prompt.user])


class Gullible(FakeProvider):
    """Does what it reads anywhere: where the payload stands in its prompt, it obeys."""

    def __init__(self, obeyed: str) -> None:
        super().__init__("anthropic")
        self.obeyed = obeyed

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """What it was told to say."""
        return ProviderText(self._said(request), End(EndKind.COMPLETE, self.name))

    async def stream(self, request: PromptBundle, *, deadline: float) -> AsyncGenerator[StreamEvent, None]:
        """The same, word by word."""
        for word in re.findall(r"\S+\s*", self._said(request)):
            yield Delta(word)
        yield End(EndKind.COMPLETE, self.name, action_steps=(self.obeyed[:200],))

    def _said(self, request: PromptBundle) -> str:
        assert CANARY in _whole(prompt_of(request.context, member_id=ANNA))
        return f"Of course. {self.obeyed}"


def test_there_are_sixty_in_six_places():
    assert len({text for text, _ in PAYLOADS}) >= 60
    assert len(PLACES) == 6


@pytest.mark.parametrize("place", PLACES)
def test_a_payload_stays_data(place: str):
    expected = FRAMED.sub("…", _whole(_prompt(place, f"{CANARY} {HARMLESS}")))
    assert "member_text" not in expected
    for text, _ in PAYLOADS:
        prompt = _prompt(place, f"{CANARY} {text}")

        told = _whole(prompt)
        # Whatever was written, everything around it is the same.
        assert FRAMED.sub("…", told) == expected, text
        inside = FRAMED.findall(told)
        assert any(CANARY in framed for framed in inside)
        for framed in inside:
            assert not PLAYS_A_ROLE.search(framed), framed
        assert prompt.system == _prompt(place, HARMLESS).system


@pytest.mark.parametrize("place", CHAT)
@pytest.mark.parametrize("is_streamed", [True, False], ids=["stream", "plain"])
async def test_a_model_that_obeys_gets_nothing_out(place: str, is_streamed: bool):
    for text, obeyed in PAYLOADS:
        guarded = Guarded(Gullible(obeyed), TEXTS.phrases, INSTRUCTIONS)
        chain = Chain((guarded,), OfflineProvider(TEXTS.phrases), interrupted=TEXTS.phrases.interrupted)
        write = chain.stream if is_streamed else chain.whole

        events = [event async for event in write(CHAT[place](f"{CANARY} {text}"), deadline=1e9)]

        end = events[-1]
        assert isinstance(end, End)
        said = " ".join(["".join(event.text for event in events if isinstance(event, Delta)), *end.action_steps])
        assert end.provider == "anthropic"
        assert_harmless(said.split(" … ")[0], text)


def test_a_reading_that_obeys_fills_nothing_that_was_not_said():
    for text, obeyed in PAYLOADS:
        read = checked([Proposal(slot, obeyed, text) for slot in Slot], f"{CANARY} {text}")

        for slot, said in read.items():
            is_own = slot in OWN_WORDS | {Slot.TARGET, Slot.TIMEFRAME}
            for value in said.values:
                # Elsewhere a value is a word of ours, whatever it was read from.
                assert value.casefold() in text.casefold() if is_own else OURS.fullmatch(value), (text, value)


def test_advice_that_obeys_does_not_reach_a_mentor():
    for text, obeyed in PAYLOADS:
        records = _mentee(text)
        for reply, actions in ((obeyed[:3_000], ()), ("All is well.", (obeyed[:300],))):
            try:
                check(reply, actions, records, INSTRUCTIONS)
            except ValueError:
                continue
            assert_harmless(" ".join((reply, *actions)), text)


def assert_harmless(said: str, payload: str) -> None:
    """No link, no markup, no mark, no instructions, nothing that no reply may say."""
    assert not LEFT.search(said), (payload, said)
    words = re.findall(r"\w+", said.lower())
    assert not any(tuple(words[at : at + 10]) in INSTRUCTIONS for at in range(len(words))), (payload, said)
    assert not names_a_diagnosis(said), (payload, said)
    assert not gives_a_directive(said), (payload, said)
    assert not names_a_method(said), (payload, said)
