"""What a message's context costs to lay out, with as much known of a member as may come: processor time."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.coach.clients.texts import load_texts
from services.coach.domain.context import Known, build_context
from services.coach.domain.conversation import Author, Message
from services.coach.domain.facts import EntryFact, GoalFact, Overview
from services.coach.domain.framing import Frame
from services.coach.domain.memory import JournalFact, Memory, MemoryKind
from services.coach.domain.moods import Mood
from tests.bench.engine import timed

# Source: COACHING, goal G2.
GOALS, HABITS_OF_ONE, ENTRIES, JOURNAL, TURNS, MEMORIES = 30, 3, 500, 60, 200, 100
_NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
_MEMBER = UUID(int=1)
_WORDS = ("run", "evening", "work", "tired", "again", "friend", "walk", "tomorrow", "better", "café", "sleep", "week")


def measure(tell: Callable[[str], None]) -> list[float]:
    """Milliseconds of each build."""
    tell("context")
    texts, chance = load_texts(), random.Random(4)
    overview, known = _overview(chance), _known(chance)
    turns = [_message(chance, number) for number in range(TURNS)]
    asked = _message(chance, TURNS)
    return timed(
        lambda: build_context(
            _MEMBER,
            asked,
            overview=overview,
            turns=turns,
            frame=Frame("k7f3"),
            system=texts.system,
            prompt_version=texts.prompt_version,
            known=known,
        ),
        turns=300,
    )


def _overview(chance: random.Random) -> Overview:
    today = _NOW.date()
    goals = tuple(
        GoalFact(
            _id(100 + n), _MEMBER, _said(chance, 8), "recurring", times=3, period="week", adherence=70.0, streak=n,
            deadline=today + timedelta(days=30 + n), next_step=_said(chance, 8),
            habits=tuple(_said(chance, 6) for _ in range(HABITS_OF_ONE)),
        )
        for n in range(GOALS)
    )  # fmt: skip
    entries = tuple(
        EntryFact(
            _id(1_000 + n),
            _MEMBER,
            goals[n % GOALS].goal_id,
            "check_in",
            today - timedelta(days=n // GOALS),
            completed=chance.random() < 0.8,
            note=_said(chance, 12) if n % 3 == 0 else "",
        )
        for n in range(ENTRIES)
    )
    return Overview(today, goals, entries, 70.0, 65.0)


def _known(chance: random.Random) -> Known:
    memories = tuple(
        Memory(
            _id(3_000 + n), _MEMBER, MemoryKind.FACT, _said(chance, 15), n < 5, b"f", b"w", (_id(n),),
            _NOW - timedelta(days=n), _NOW - timedelta(days=n),
        )
        for n in range(MEMORIES)
    )  # fmt: skip
    journal = tuple(
        JournalFact(
            _id(4_000 + n), _MEMBER, _NOW.date() - timedelta(days=n % 14), 0.2, (Mood.CALM, Mood.TIRED),
            _said(chance, 30),
        )
        for n in range(JOURNAL)
    )  # fmt: skip
    return Known(memories=memories, journal=journal)


def _message(chance: random.Random, number: int) -> Message:
    author = (Author.MEMBER, Author.COACH)[number % 2]
    return Message(
        _id(5_000 + number), _id(2), _MEMBER, author, _said(chance, 60), _NOW - timedelta(minutes=TURNS - number)
    )


def _said(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_WORDS, k=count))


def _id(number: int) -> UUID:
    return UUID(int=(0x0193 << 112) | (0x7 << 76) | (0b10 << 62) | number)
