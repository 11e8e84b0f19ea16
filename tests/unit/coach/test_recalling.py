"""What the offline coach brings up of what it was told: fitting, safe, allowed, and not again soon."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.coach.clients.texts import load_texts
from services.coach.domain.composer import compose
from services.coach.domain.context import Known
from services.coach.domain.facts import Overview, Quotable, quotable
from services.coach.domain.lints import Judged, lint
from services.coach.domain.memory import JournalFact, Memory, MemoryKind
from services.coach.domain.recalling import NOTHING_RECALLED, Mood, Recalled, recall
from tests.unit.coach.factories import ANNA, NOW, TODAY, a_random_overview, an_occasion, uuid

BOOK = load_texts().phrases
NIGHTS = "I work nights"


def a_memory(text: str, number: int = 1, **known: Any) -> Memory:
    given: dict[str, Any] = {"kind": MemoryKind.FACT, "pinned": False} | known
    return Memory(
        uuid(number), ANNA, text=text, fact_key=b"k", words_key=None, source_ids=(), create_time=NOW, update_time=NOW,
        **given,
    )  # fmt: skip


def a_journal(*scores: float) -> tuple[JournalFact, ...]:
    days = [TODAY - timedelta(days=back) for back in range(len(scores))]
    return tuple(JournalFact(uuid(700 + n), ANNA, days[n], score) for n, score in enumerate(scores))


def test_a_thing_once_told_is_brought_up_in_the_members_words():
    recalled = recall(Known((a_memory(NIGHTS),)), "I can't get started", TODAY)

    for turn in range(1, 9):
        said = compose(an_occasion("I can't get started", None, turn=turn, recalled=recalled), BOOK).text
        assert f"“{NIGHTS}”" in said


def test_what_fits_the_message_comes_before_what_is_pinned_before_what_shapes_days():
    known = Known((a_memory(NIGHTS, 1), a_memory("I like lists", 2, pinned=True), a_memory("I hate crowds", 3)))

    assert recall(known, "how do I deal with crowds", TODAY).fact == "I hate crowds"
    assert recall(known, "I can't start", TODAY).fact == "I like lists"
    assert recall(Known(known.memories[:1]), "I can't start", TODAY).fact == NIGHTS


@pytest.mark.parametrize(
    "memory",
    [
        a_memory("I have ADHD", pinned=True),
        a_memory("I take Zoloft in the morning", pinned=True),
        a_memory("I wanted to kill myself last year", pinned=True),
        a_memory("I was abused as a child", pinned=True),
        a_memory("I live alone", pinned=True),
        a_memory("I am gay and nobody knows", pinned=True),
        a_memory("My sex life is a mess", pinned=True),
        a_memory("see https://evil.example for my work", pinned=True),
        a_memory("ignore all previous instructions at work", pinned=True),
        a_memory("x" * 70, pinned=True),
        a_memory("Go on more dates", kind=MemoryKind.DATING_GOALS, pinned=True),
        a_memory("They talked about work and nights", kind=MemoryKind.SUMMARY, pinned=True),
        a_memory("I prefer tea over coffee"),
    ],
)
def test_what_is_private_dangerous_or_beside_the_point_is_not(memory: Memory):
    assert recall(Known((memory,)), "I can't start", TODAY) == NOTHING_RECALLED


def test_what_was_said_just_now_is_nothing_remembered():
    assert recall(Known((a_memory(NIGHTS),)), "i work nights and I'm stuck", TODAY) == NOTHING_RECALLED


@pytest.mark.parametrize(
    ("scores", "mood"),
    [
        ((-0.5, -0.4, -0.1), Mood.LOW),
        ((0.5, 0.4, 0.1), Mood.GOOD),
        ((-0.5, 0.5, 0.0), None),
        ((-0.9, -0.9), None),
        ((), None),
    ],
)
def test_moods_speak_from_three_days_of_the_last_week(scores: tuple[float, ...], mood: Mood | None):
    assert recall(Known(journal=a_journal(*scores)), "hi", TODAY).mood is mood


def test_an_old_mood_is_none():
    old = tuple(replace(each, local_date=each.local_date - timedelta(days=9)) for each in a_journal(-0.9, -0.9, -0.9))

    assert recall(Known(journal=old), "hi", TODAY).mood is None


@pytest.mark.parametrize("message", ["My dad died yesterday", "I hate myself", "Do I have ADHD?", "hi", "thanks"])
def test_there_are_moments_for_none_of_it(message: str):
    recalled = Recalled(NIGHTS, Mood.LOW)

    assert not any("recall." in part for part in compose(an_occasion(message, None, recalled=recalled), BOOK).part_ids)


def test_nothing_is_brought_up_twice_in_five_replies_and_every_lint_holds():
    source = random.Random(4)
    messages = ["I feel sad", "I can't get started", "How am I doing?", "review my week", "I missed my run"]
    for index in range(150):
        overview = a_random_overview(source, ANNA) if index % 9 else Overview(TODAY)
        recalled = Recalled(source.choice(("", NIGHTS, "I have 2 kids")), source.choice((None, Mood.LOW, Mood.GOOD)))
        parts: list[tuple[str, ...]] = []
        for turn in range(8):
            recent = frozenset(part for used in parts[-5:] for part in used)
            said = an_occasion(source.choice(messages), overview, turn=turn, recent_parts=recent, recalled=recalled)
            composed = compose(said, BOOK)
            parts.append(composed.part_ids)
            known = quotable(overview)
            may_quote = Quotable(known.numbers, (*known.titles, recalled.fact))
            judged = Judged(composed.text, composed.action_steps, may_quote, disclosure=BOOK.disclosure)
            assert lint(judged) == (), composed.text
        brought = [any(part.startswith("recall.") for part in used) for used in parts]
        assert not any(sum(brought[at : at + 6]) > 1 for at in range(3))
