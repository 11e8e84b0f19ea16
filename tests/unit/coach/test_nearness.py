"""Where a rule could find anything, the words that spare it are near; so sparing it misses nothing."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.coach.domain.nearness import Near, Nearness, read_word
from services.coach.domain.verdicts import (
    ENDANGERS,
    OBJECTS,
    TERMS,
    last_words,
    may_diagnose,
    may_direct,
    may_name_a_method,
)

REPLIES = tomllib.loads((Path(__file__).parent / "data" / "provider_replies.toml").read_text(encoding="utf-8"))
LINES = [line for kind in ("diagnoses", "directives", "benign") for line in REPLIES[kind]]
EVERYDAY = "you are have with and so it is that your week run of a step I said . , ; (and) — “now” who but OF A"


def spelled(name: str) -> st.SearchStrategy[str]:
    """A name whose letters stand apart, one of the ways in which that is done."""
    letters = re.findall("[a-z]", name)
    capitals = [letter.upper() for letter in letters]
    ways = [f"{'.'.join(letters)}.", f"{'.'.join(capitals)}.", *(mark.join(capitals) for mark in " -_*"), name.upper()]
    return st.sampled_from(ways)


def disguised(name: str) -> st.SearchStrategy[str]:
    """A name as a model may write it and as rules read it all the same."""
    ways = [name, name.title(), f"*{name}*,", "\u200b".join(name), f"({name})", name.replace("e", "é"), f"{name}."]
    return st.sampled_from(ways)


NAMES = st.one_of(*(st.from_regex(pattern) for pattern in (ENDANGERS, OBJECTS.said, TERMS.said)))
PIECES = st.one_of(
    st.sampled_from(EVERYDAY.split()),
    st.sampled_from(["\u200b", "\u00ad", "㎎", "ﬁne"]),
    NAMES,
    NAMES.flatmap(disguised),
    st.sampled_from(["adhd", "add", "did", "ocd", "bpd", "ssri", "meds"]).flatmap(spelled),
)


def far_and_found(text: str) -> list[tuple[Near, tuple[bool, bool, bool]]]:
    """For every beginning of a text what is near, and what the rules could find: a method, an object, a condition."""
    nearness, found = Nearness(), []
    words = re.findall(r"\S+", text)
    for count, word in enumerate(words, 1):
        near = nearness.after(read_word(word))
        tail = last_words(" ".join(words[:count]))
        found.append((near, (may_name_a_method(tail), may_direct(tail), may_diagnose(tail))))
    return found


def is_missed(near: Near, found: tuple[bool, bool, bool]) -> bool:
    return any(
        is_found and not is_near for is_near, is_found in zip((near.danger, near.object, near.term), found, strict=True)
    )


@given(st.lists(PIECES, max_size=60))
@example(["A", "D", "H", "D"])
@example(["a.d.h.d."])
@example(["ADD", "\u200b" * 30])
@example(["insomnia", *["\u200b"] * 100, "and"])
def test_what_a_rule_could_find_is_near(pieces: list[str]):
    assert not [each for each in far_and_found(" ".join(pieces)) if is_missed(*each)]


@pytest.mark.parametrize("line", LINES)
def test_so_it_is_in_what_models_say(line: str):
    assert not [each for each in far_and_found(f"{line} {line}") if is_missed(*each)]


def test_most_words_of_a_plain_reply_are_far_from_all_of_it():
    nears = [near for near, _ in chain.from_iterable(map(far_and_found, REPLIES["benign"]))]

    assert sum(map(bool, nears)) < len(nears) / 2


def test_a_name_is_near_until_it_is_out_of_reach():
    text = f"insomnia {'so it is ' * 20}"
    nears = [near.term for near, _ in far_and_found(text)]

    assert nears[0]
    assert not nears[-1]
    assert nears == sorted(nears, reverse=True)
