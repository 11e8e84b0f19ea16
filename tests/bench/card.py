"""The crisis card while all around it hangs, and what is read before any answer. Source: COACHING, goals G13 and G16.

Storage is locked, goals and mentor are stopped, the model says nothing; the coach is the process that members talk to.
"""

import asyncio
import base64
import os
import random
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import asyncpg
import grpc

from services.coach.clients.sentiment import sentiment_of
from services.coach.clients.texts import load_texts
from services.coach.domain.safety import screen
from tandem.coach.v1 import chat_pb2, coach_pb2_grpc
from tests.bench import stack
from tests.bench.engine import timed
from tests.bench.stack import Stack
from tests.vendors import KEY, StandIns

CARDS = 300
SCREENED, SCORED = 4_000, 1_000
_SENTENCES = (
    "I went for a run this morning and it was cold but good.",
    "My plan is to call a friend tonight, as she said that we should talk more.",
    "Work has been a lot, I slept badly, and I keep putting things off.",
    "Still, two of three days are done, and Saturday looks free.",
    "What would make it easier to start when I come home tired?",
    "Mum asked how I am, and I did not know what to say.",
    "I do not want to give up, but I am not sure that I believe in it.",
)


class CardMissing(RuntimeError):
    """A sign of crisis was not answered by the card."""


@dataclass
class CardFigures:
    """Milliseconds.

    Attributes:
        card_ms: From the start of a call to the first word of its card.
        screen_ms: Of processor time, for a message of 4,000 characters.
        mood_ms: Of processor time, for the score and the moods of 1,000 characters of a journal.
    """

    card_ms: list[float] = field(default_factory=list)
    screen_ms: list[float] = field(default_factory=list)
    mood_ms: list[float] = field(default_factory=list)


async def measure(tell: Callable[[str], None]) -> CardFigures:
    """Takes what they depend on away, and asks."""
    tell("screen")
    figures = CardFigures(screen_ms=timed(_reading(SCREENED, screen), turns=300))
    figures.mood_ms = timed(_reading(SCORED, _scored), turns=300)
    tell("starting")
    async with _alone() as (running, stub):
        tell("card")
        await _shown(running, stub)
        # The first ones also wait for a country, until the breaker of mentor opens.
        figures.card_ms = [await _shown(running, stub) for _ in range(CARDS)]
    return figures


def _reading(length: int, read: Callable[[str], object]) -> Callable[[], object]:
    chance = random.Random(13)
    texts = [" ".join(chance.choices(_SENTENCES, k=length // 20))[:length] for _ in range(20)]
    return lambda: read(chance.choice(texts))


def _scored(text: str) -> object:
    return sentiment_of(text), load_texts().moods.moods_in(text)


@asynccontextmanager
async def _alone() -> "AsyncIterator[tuple[Stack, coach_pb2_grpc.CoachServiceAsyncStub]]":
    async with StandIns.serving() as standins:
        variables = {
            "JOURNAL_ENCRYPTION_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": standins.anthropic_url,
            "ANTHROPIC_MODEL": "stub-hang",
        }
        async with stack.coaching(variables) as running, _locked(running), _channel(running) as channel:
            with _stopped(running, "goals"), _stopped(running, "mentor"):
                yield running, coach_pb2_grpc.CoachServiceStub(channel)


def _channel(running: Stack) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(running.deployment.address("coach"))


@asynccontextmanager
async def _locked(running: Stack) -> AsyncIterator[None]:
    """Whatever wants to store or load an exchange waits."""
    behind = await asyncpg.connect(running.deployment.database.admin_dsn)
    transaction = behind.transaction()
    await transaction.start()
    await behind.execute("LOCK TABLE coach.safety_states IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        await transaction.rollback()
        await behind.close()


@contextmanager
def _stopped(running: Stack, name: str) -> Iterator[None]:
    """Takes calls, as its socket stands, and never answers."""
    os.kill(running.process_ids[name], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(running.process_ids[name], signal.SIGCONT)


async def _shown(running: Stack, stub: "coach_pb2_grpc.CoachServiceAsyncStub") -> float:
    """Milliseconds to the first word; the rest is not waited for."""
    metadata = (("x-tandem-passport", running.deployment.identities.passport(uuid4())),)
    request = chat_pb2.SendMessageRequest(text="I want to kill myself")
    begun = time.monotonic()
    call = stub.StreamMessage(request, metadata=metadata, timeout=10)
    piece = await call.read()
    took = 1000 * (time.monotonic() - begun)
    call.cancel()
    if not isinstance(piece, chat_pb2.StreamMessageResponse) or not piece.delta:
        raise CardMissing("The card was not shown.")
    await asyncio.sleep(0.01)
    return took
