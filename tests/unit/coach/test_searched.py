"""Rules that read only where they may match find what they find in the whole text: the same rules, the same places."""

import random
import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coach.domain.literals import Clue, Every, Group, Piece, compiled
from services.coach.domain.plain_text import views
from services.coach.domain.safety_rules import DENIAL, PLAN_SIGNALS, RULES
from services.coach.domain.searched import Searched
from services.coach.domain.tiers import Phrase
from tests.unit.coach.test_safety import FOUND, HELD_BACK, LEFT_ALONE

PHRASES = {"denial": DENIAL, "plan": PLAN_SIGNALS} | {rule.rule_id: rule.phrase for rule in RULES}
EVERYDAY = (
    "I went for a run this morning and it was cold but good.",
    "My plan is to call a friend tonight, as she said that we should talk more.",
    "What would make it easier to start when I come home tired?",
    "Mum asked how I am, and I did not know what to say.",
    "I do not want to give up, but I am not sure that I believe in it.",
)
TOLD = tuple(
    dict.fromkeys(
        (*(text for _, text in FOUND), *LEFT_ALONE, *(line for lines in HELD_BACK.values() for line in lines))
    )
)


# So many words before a line, and behind it.
AROUND = ((150, 0), (0, 150), (90, 90))


def pieces(clue: Clue) -> set[str]:
    """All literals of it."""
    return {clue.text} if isinstance(clue, Piece) else {text for part in clue.parts for text in pieces(part)}


LITERALS = sorted({text for phrase in PHRASES.values() for text in pieces(phrase.needs.clue)})
BETWEEN = (" ", " ", "", ". ", ", ", "\n", "!", " my ", " i ", " the ", " to ", " not ", "s ", "ing ", " 12 ", " a b ")


def places(found: Iterable[re.Match[str]]) -> list[tuple[int, int]]:
    return [match.span() for match in found]


def narrowly(phrase: Phrase, text: str) -> Iterable[re.Match[str]]:
    """By all that is known of the pattern, however short the text; `Searched` asks only as long as it pays."""
    searched = Searched(text, few=-1)
    return searched.matches_at(searched.beginnings(phrase.needs), phrase.pattern, phrase.needs.reach)


def differences(text: str) -> list[str]:
    """Phrases that are found elsewhere than in the whole text."""
    usual = Searched(text)
    return [
        name
        for name, phrase in PHRASES.items()
        for whole in [places(phrase.pattern.finditer(text))]
        if places(phrase.matches(usual)) != whole or places(narrowly(phrase, text)) != whole
    ]


def test_every_line_of_the_tables_is_read_alike():
    chance = random.Random(5)

    assert len(TOLD) > 900
    assert [(line, found) for line in TOLD for view in views(line) if (found := differences(view))] == []
    # In a long text that says nothing else, first, last and between.
    some = chance.sample(TOLD, 200)
    lines = [f"{'la ' * before}{line}{' la' * after}" for line in some for before, after in (chance.choice(AROUND),)]
    assert [(line, found) for line in lines for view in views(line) if (found := differences(view))] == []


@pytest.mark.parametrize("seed", range(12))
def test_many_lines_after_each_other_are_read_alike(seed: int):
    """In long texts literals of all rules stand side by side, and most windows touch others."""
    chance = random.Random(seed)
    for length in (3, 12, 60):
        lines = [chance.choice(TOLD if chance.random() < seed / 12 else EVERYDAY) for _ in range(length)]
        text = "".join(f"{line}{chance.choice(BETWEEN)}" for line in lines)

        assert [found for view in views(text) for found in differences(view)] == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LITERALS), st.sampled_from(BETWEEN)), min_size=1, max_size=40))
def test_whatever_is_made_of_their_literals_is_read_alike(parts: list[tuple[str, str]]):
    text = "".join(f"{literal}{between}" for literal, between in parts)

    assert differences(text) == []


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(TOLD), st.sampled_from(TOLD))
def test_cut_and_mended_lines_are_read_alike(data: st.DataObject, one: str, other: str):
    """Matches that end with the text, or begin with it, or have their last word cut."""
    text = views(one)[-1] + data.draw(st.sampled_from(BETWEEN)) + views(other)[-1]
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))

    assert differences(text[first:last]) == []


# Whatever a pattern may hold: what stands around a match, repeats, either of several, and lengths without a bound.
SHAPES = (
    r"\bab(?:cd|e)?(?= x{1,3}\b)",
    r"(?<!b)(?:ab|cde?){1,3}(?! ab)",
    r"(?<= )ab.{0,4}?(?:cd|ee)$",
    r"ab.*cd",
    r"(ab|cd)\w*\1",
    r"(?:ab\b|a{2,} b|cd$)",
    r"(?=ab)a.{1,3}(?:b|cd)",
    r"(?:(?:ab|ba)(?!c)|c+d)(?:a|b c){0,2}",
    r"a*",
    r"(?i)AB",
    r"(?i:ab) ?cd",
    r"(?>ab|a)c?d",
    r"aa(?!a)",
    r"\babx{1,6}\b",
)
SHAPED = {shape: Phrase.of(shape) for shape in SHAPES}


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet="abcdex AB\n", max_size=40))
def test_patterns_of_every_shape_are_read_alike(shape: str, text: str):
    phrase = SHAPED[shape]

    whole = places(phrase.pattern.finditer(text))
    assert places(phrase.matches(Searched(text))) == whole
    if phrase.needs.groups:
        assert places(narrowly(phrase, text)) == whole


def test_what_begins_behind_a_window_is_seen_as_a_whole():
    phrase = SHAPED[r"\babx{1,6}\b"]

    assert places(narrowly(phrase, "ab     abxxxxxx")) == [(7, 15)]


@pytest.mark.parametrize(
    "text", [" ".join(EVERYDAY) * 8, "i want to die. " * 3 + "a day. " * 400, "kill myself " * 300], ids=len
)
def test_long_texts_are_read_alike(text: str):
    assert differences(text) == []


def test_a_clue_tells_where_a_literal_stands():
    _, needs = compiled(r"(?:i|we) (?:really )?hope(?:d)? so(?! far)")

    assert needs.clue == Every((Piece("hope", 2, 10), Piece(" so", 6, 15)))
    assert needs.reach == len("we really hoped so") + len(" far") + len(".\n")


def test_most_rules_read_nothing_of_an_everyday_text():
    searched = Searched(" ".join(EVERYDAY))

    assert sum(searched.may_match(phrase.needs.groups) for phrase in PHRASES.values()) < 20
    assert searched.may_match(())
    assert Searched("it").may_match([Group.of({"it"})])
    assert not Searched("it").may_match([Group.of({"is", "its"})])
    assert Searched("a b").may_match([Group.of({"a b"})])
