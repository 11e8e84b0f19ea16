"""G14: no diagnosis that a model writes reaches a member or a mentor, and next to nothing else is changed for it."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from services.coach.clients.guarded import Guarded
from services.coach.clients.providers import Chain, Delta, End, EndKind, FakeProvider, OfflineProvider
from services.coach.clients.texts import load_texts
from services.coach.domain.copilot.grounding import check
from services.coach.domain.copilot.records import Records
from services.coach.domain.holdback import Quotations
from services.coach.domain.verdicts import gives_a_directive, names_a_diagnosis
from tests.unit.coach.test_guarded import FAR, a_request

DATA: Final = Path(__file__).parent / "data"
FIRST, LATER = (
    tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
    for name in ("provider_replies", "provider_replies_later")
)
DIAGNOSES: Final = (*FIRST["diagnoses"], *LATER["diagnoses"])
DIRECTIVES: Final = (*FIRST["directives"], *LATER["directives"])
BENIGN: Final = (*FIRST["benign"], *LATER["benign"])
TEXTS = load_texts()
INSTRUCTIONS = Quotations(TEXTS.system)
BEFORE: Final = "Two runs this week. "


def a_chain(text: str) -> Chain:
    provider = FakeProvider("anthropic", re.findall(r"\S+\s*", text))
    guarded = Guarded(provider, TEXTS.phrases, INSTRUCTIONS)
    return Chain((guarded,), OfflineProvider(TEXTS.phrases), interrupted=TEXTS.phrases.interrupted)


async def said_by(text: str, *, is_streamed: bool) -> tuple[str, End]:
    chain = a_chain(text)
    write = chain.stream if is_streamed else chain.whole
    events = [event async for event in write(a_request(), deadline=FAR)]
    end = events[-1]
    assert isinstance(end, End)
    return "".join(event.text for event in events if isinstance(event, Delta)), end


def test_there_are_as_many_as_the_goal_asks_for():
    assert len(set(DIAGNOSES)) >= 120
    assert len(set(BENIGN)) >= 60


@pytest.mark.parametrize("is_streamed", [True, False], ids=["stream", "plain"])
async def test_no_diagnosis_leaves_the_chain(is_streamed: bool):
    for line in DIAGNOSES:
        said, end = await said_by(BEFORE + line, is_streamed=is_streamed)

        assert end.kind is EndKind.STOPPED, line
        assert end.part_ids[0].startswith("boundary.diagnosis#")
        assert not names_a_diagnosis(said.split(" … ")[0]), line


@pytest.mark.parametrize("is_streamed", [True, False], ids=["stream", "plain"])
async def test_no_directive_leaves_the_chain(is_streamed: bool):
    for line in DIRECTIVES:
        said, end = await said_by(BEFORE + line, is_streamed=is_streamed)

        assert end.kind is EndKind.STOPPED, line
        assert end.part_ids[0].startswith("boundary.medication#")
        assert not gives_a_directive(said.split(" … ")[0]), line


@pytest.mark.parametrize("place", ["reply", "action"])
def test_no_diagnosis_and_no_directive_reaches_a_mentor(place: str):
    for line in (*DIAGNOSES, *DIRECTIVES):
        reply, actions = (line, ()) if place == "reply" else ("All is well.", (line,))
        with pytest.raises(ValueError, match=r"diagnoses|quotes|record"):
            check(reply, actions, Records({}))


@pytest.mark.parametrize("is_streamed", [True, False], ids=["stream", "plain"])
async def test_next_to_nothing_else_is_changed(is_streamed: bool):
    changed = [line for line in BENIGN if (await said_by(line, is_streamed=is_streamed))[0] != line]

    assert len(changed) <= len(BENIGN) / 100, changed
