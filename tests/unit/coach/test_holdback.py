"""What a model's reply may not say never leaves, however it is cut into pieces; everything else leaves unchanged."""

import random
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.coach.clients.texts import load_texts
from services.coach.domain.holdback import LINK_LEFT_OUT, HoldBack, Quotations, Stop
from services.coach.domain.verdicts import gives_a_directive, names_a_diagnosis

REPLIES = tomllib.loads((Path(__file__).parent / "data" / "provider_replies.toml").read_text(encoding="utf-8"))
SYSTEM = load_texts().system
INSTRUCTIONS = Quotations(SYSTEM)
PARTS = load_texts().phrases.parts
OWN = ("reflection", "fact", "step", "question", "limit_reflection", "limit_step", "limit_question", "recall")
BEFORE = "Two runs this week. "


def cuts(text: str) -> Iterator[list[str]]:
    """A text by words, by letters, by threes, whole, and at random."""
    yield re.findall(r"\S+\s*|\s+", text)
    yield re.findall(r"\s*\S+", text)
    yield list(text)
    yield [text[at : at + 3] for at in range(0, len(text), 3)]
    yield [text]
    lot = random.Random(text)
    marks = sorted(lot.sample(range(1, len(text)), min(4, len(text) - 1)))
    yield [text[left:right] for left, right in zip([0, *marks], [*marks, len(text)], strict=True)]


def passed(pieces: list[str]) -> tuple[str, Stop | None]:
    holding = HoldBack(INSTRUCTIONS)
    said = "".join(map(holding.feed, pieces))
    said += holding.end()
    return said, holding.stopped


@pytest.mark.parametrize("line", REPLIES["diagnoses"])
def test_no_diagnosis_leaves(line: str):
    for pieces in cuts(BEFORE + line):
        said, stopped = passed(pieces)

        assert stopped is Stop.DIAGNOSIS, pieces
        assert said.startswith("Two runs this week.")
        assert not names_a_diagnosis(said), said


@pytest.mark.parametrize("line", REPLIES["directives"])
def test_no_directive_leaves(line: str):
    for pieces in cuts(BEFORE + line):
        said, stopped = passed(pieces)

        assert stopped is Stop.DIRECTIVE, pieces
        assert not gives_a_directive(said), said


@pytest.mark.parametrize("line", REPLIES["links"])
def test_no_link_and_no_markup_leaves(line: str):
    for pieces in cuts(BEFORE + line):
        said, stopped = passed(pieces)

        assert stopped is None
        assert not re.search(r"(?i)https?:|www\.|evil\.|192\.|[<\[\]]|q=secret", said), said
        assert said.split()[-1] in line or LINK_LEFT_OUT in said


@pytest.mark.parametrize("line", REPLIES["leaks"])
def test_the_instructions_are_not_recited(line: str):
    start = SYSTEM.index("You are warm")
    recited = SYSTEM[start : start + 400]

    for pieces in cuts(line.replace("{S0}", recited)):
        said, stopped = passed(pieces)

        assert stopped is Stop.INSTRUCTIONS
        assert len(said.split()) < 16


@pytest.mark.parametrize("line", REPLIES["benign"])
def test_everything_else_leaves_as_it_came(line: str):
    for pieces in cuts(BEFORE + line):
        assert passed(pieces) == (BEFORE + line, None), pieces


def test_our_own_sentences_are_no_diagnosis_whatever_leads_up_to_them():
    parts = [text for name, texts in PARTS.items() if name.split(".")[0] in OWN for text in texts]

    assert len(parts) > 300
    for text in parts:
        line = f"It sounds like a start, and you are on your way: {re.sub('{.*?}', 'it', text)}"
        assert passed([f"{word} " for word in line.split()]) == (f"{line} ", None)


@pytest.mark.parametrize("line", ["A lethal dose would be", "You could tie a noose", "people overdose on it"])
def test_no_method_leaves(line: str):
    for pieces in cuts(BEFORE + line + " quickly."):
        said, stopped = passed(pieces)

        assert stopped is Stop.METHOD, pieces
        assert not re.search(r"noose|dose would|overdose on", said)


@pytest.mark.parametrize("length", range(184, 204))
@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize(
    ("before", "after", "why"),
    [("Then take a ", "lethal dose of it", Stop.METHOD), ("you probably have (", "bipolar). Yes", Stop.DIAGNOSIS)],
)
def test_a_name_behind_a_long_run_without_spaces_does_not_leave(
    before: str, after: str, why: Stop, length: int, size: int
):
    text = f"{before}{'…' * length}{after}"
    _, stopped = passed([text[at : at + size] for at in range(0, len(text), size)])

    assert stopped is why


def test_a_plain_reply_is_passed_on_word_by_word_at_once():
    holding = HoldBack(INSTRUCTIONS)

    sent = [holding.feed(piece) for piece in ("Two", " runs", " went", " well", " this", " week")]

    assert sent == ["Two", " runs", " went", " well", " this", " week"]


def test_a_sentence_without_an_end_costs_no_more_than_its_length():
    def cost(words: int) -> float:
        holding, began = HoldBack(INSTRUCTIONS), time.process_time()
        for _ in range(words):
            holding.feed("you have seen it ")
        return time.process_time() - began

    short = min(cost(300) for _ in range(3))

    assert cost(3_000) < 30 * short
