"""The coach with a model: what is added to its first word, who goes away, and how many chats one process carries.

The model is a stand-in of this process: it sends its first byte after 50 ms, so what a member waits for
besides is ours. Members are real ones of mentor and goals, with a goal and 90 days of entries each. What the vendor's
SDK adds when nothing is around it says how fast the machine is at this.
"""

import asyncio
import base64
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from google.type.date_pb2 import Date

from chassis.clock import SystemClock
from tandem.coach.v1 import chat_pb2, coach_pb2_grpc, journal_pb2
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc
from tests.bench import stack
from tests.bench.engine import quantile
from tests.bench.seeding import Member, seed
from tests.bench.stack import Stack
from tests.vendors import KEY, Recorded, StandIns

STREAMS = 20
CROWD = 200
_FIRST_BYTE = "stub-steady-50ms"
_TALK = "stub-talk-50ms"
_AT_ONCE = "stub-ok-50ms"
_ROUND_S = 8
_SDK_ALONE, _SDK_WARM = 50, 10
_LEAVING = 20
_CROWD_LOOK_S = 5.0
# Of one chat of the crowd.
_CHAT_S = 10.0
_PATIENCE_S = 60
_GOLDEN = (5**0.5 - 1) / 2


class ChatFailed(RuntimeError):
    """A chat did not go as it should; the message says how."""


@dataclass
class ChatFigures:
    """Milliseconds.

    Attributes:
        added_ms: To a first word, by round: from the call to the first delta, less what the stand-in took to its
            first byte.
        sdk_ms: The same of the vendor's SDK alone, one request after the other.
        gone_ms: From a client's leaving until the stand-in saw its connection close.
        quiet_ms: Of a journal entry written, or messages listed, while nobody chats, by round.
        crowded_ms: The same beside 200 chats.
        crowd_pieces: Pieces of text a second that the crowd got.
    """

    added_ms: list[list[float]] = field(default_factory=list)
    sdk_ms: list[float] = field(default_factory=list)
    gone_ms: list[float] = field(default_factory=list)
    quiet_ms: list[list[float]] = field(default_factory=list)
    crowded_ms: list[list[float]] = field(default_factory=list)
    crowd_pieces: list[float] = field(default_factory=list)

    def added(self, share: float) -> list[float]:
        """A quantile, by round."""
        return [quantile(values, share) for values in self.added_ms]

    @property
    def waiting(self) -> list[float]:
        """p99 of other requests beside the crowd by p99 without it, by round."""
        pairs = zip(self.crowded_ms, self.quiet_ms, strict=True)
        return [quantile(crowded, 0.99) / quantile(quiet, 0.99) for crowded, quiet in pairs]


async def measure(rounds: int, tell: Callable[[str], None]) -> ChatFigures:
    """Starts a coach and asks it, then another whose model talks for ten seconds.

    Raises:
        ChatFailed: A reply was not the model's.
    """
    figures = ChatFigures()
    tell("starting")
    async with _talking(_FIRST_BYTE) as talk:
        tell(f"{STREAMS} chats")
        for _ in range(rounds):
            figures.added_ms.append(await _first_words(talk))
        figures.sdk_ms = await _by_the_sdk_alone(talk)
        tell("leaving")
        figures.gone_ms = [await _leave(talk) for _ in range(_LEAVING)]
    tell("starting")
    async with _talking(_TALK) as talk:
        tell(f"{CROWD} chats")
        for _ in range(rounds):
            figures.quiet_ms.append(await _others(talk, _CROWD_LOOK_S))
            await _crowd(talk, figures)
    return figures


@dataclass
class _Talk:
    """A running coach, its model, and who may talk."""

    stack: Stack
    standins: StandIns
    members: Sequence[Member]
    stub: "coach_pb2_grpc.CoachServiceAsyncStub"
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def metadata(self, index: int) -> tuple[tuple[str, str], ...]:
        """The passport of a member."""
        return (("x-tandem-passport", _passport(self.stack, self.members[index])),)

    def asked(self, mark: str) -> Recorded:
        """What the stand-in was asked with this mark in it."""
        return next(request for request in reversed(self.standins.requests) if mark in request.text)


@asynccontextmanager
async def _talking(model: str) -> AsyncIterator[_Talk]:
    ring = base64.b64encode(secrets.token_bytes(32)).decode()
    async with StandIns.serving() as standins:
        variables = {
            "JOURNAL_ENCRYPTION_KEYS": f"k1:{ring}",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": standins.anthropic_url,
            "ANTHROPIC_MODEL": model,
            # What is measured is the way to a model, not what may be spent on it.
            "COACH_VENDOR_REQUESTS_PER_MINUTE": "100000",
        }
        async with stack.coaching(variables) as running:
            members = (await seed(running.admin, SystemClock()))[: CROWD + 1]
            await _introduce(running, members)
            async with grpc.aio.insecure_channel(running.deployment.address("coach")) as channel:
                talk = _Talk(running, standins, members, coach_pb2_grpc.CoachServiceStub(channel))
                await asyncio.gather(*(_say(talk, index) for index in range(STREAMS)))
                yield talk


def _passport(running: Stack, member: Member) -> str:
    return running.deployment.identities.passport(member.member_id)


async def _introduce(running: Stack, members: Sequence[Member]) -> None:
    """Makes the members known to mentor, as registering does."""
    async with grpc.aio.insecure_channel(running.deployment.address("mentor")) as channel:
        mentor = mentor_pb2_grpc.MentorServiceStub(channel)
        for member in members:
            profile = mentor_pb2.Member(
                member_id=str(member.member_id), name="Anna", timezone="UTC", locale="en", week_start=1
            )
            passport = _passport(running, member)
            await mentor.EnsureMember(
                mentor_pb2.EnsureMemberRequest(member=profile), metadata=(("x-tandem-passport", passport),)
            )


async def _first_words(talk: _Talk) -> list[float]:
    """Keeps as many chats going as there may be, each begun when the one before it ended."""
    until = time.monotonic() + _ROUND_S

    async def go_on(index: int) -> list[float]:
        await asyncio.sleep(_apart(index, 2.0))
        added = []
        while time.monotonic() < until:
            added.append(await _say(talk, index))
        return added

    return [each for some in await asyncio.gather(*map(go_on, range(STREAMS))) for each in some]


async def _by_the_sdk_alone(talk: _Talk) -> list[float]:
    """Milliseconds to a first word as a script would ask for it, on a connection that is there."""
    import anthropic

    added = []
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=talk.standins.anthropic_url, max_retries=0) as sdk:
        for _ in range(_SDK_ALONE):
            mark = f"number {next(talk.numbers)} of mine"
            question = f"How am I doing with {mark}?"
            begun, first = time.monotonic(), 0.0
            events = await sdk.messages.create(
                model=_AT_ONCE, max_tokens=700, messages=[{"role": "user", "content": question}], stream=True
            )
            async for event in events:
                if event.type == "content_block_delta":
                    first = first or time.monotonic()
            asked = talk.asked(mark)
            added.append(1000 * ((first - begun) - (asked.began - asked.came)))
    return added[_SDK_WARM:]


def _apart(index: int, seconds: float) -> float:
    """When the next of many begins: spread over a time so that no two keep step, as people's chats do not."""
    return index * _GOLDEN % 1.0 * seconds


async def _say(talk: _Talk, index: int) -> float:
    """One chat to its end; milliseconds added to its first word."""
    mark = f"number {next(talk.numbers)} of mine"
    request = chat_pb2.SendMessageRequest(text=f"How am I doing with {mark}?")
    begun, first = time.monotonic(), 0.0
    done: chat_pb2.SendMessageResponse | None = None
    async for event in talk.stub.StreamMessage(request, metadata=talk.metadata(index), timeout=_PATIENCE_S):
        first = first or time.monotonic()
        if event.HasField("done"):
            done = event.done
    _check(done)
    asked = talk.asked(mark)
    return 1000 * ((first - begun) - (asked.began - asked.came))


async def _leave(talk: _Talk) -> float:
    """Goes away after the first word; milliseconds until the model's side knows."""
    mark = f"number {next(talk.numbers)} of mine"
    call = talk.stub.StreamMessage(
        chat_pb2.SendMessageRequest(text=f"And what of {mark}?"), metadata=talk.metadata(0), timeout=_PATIENCE_S
    )
    await call.read()
    left_at = time.monotonic()
    call.cancel()
    asked = talk.asked(mark)
    async with asyncio.timeout(_PATIENCE_S):
        await asked.left.wait()
    return 1000 * (asked.left_at - left_at)


async def _crowd(talk: _Talk, figures: ChatFigures) -> None:
    """Keeps everybody chatting, and meanwhile lets one of them write and read."""
    is_over = asyncio.Event()
    pieces = 0

    async def chat(index: int) -> None:
        nonlocal pieces
        # A chat takes ten seconds, so as many begin at any moment as end.
        await asyncio.sleep(_apart(index, _CHAT_S))
        while not is_over.is_set():
            done: chat_pb2.SendMessageResponse | None = None
            request = chat_pb2.SendMessageRequest(text="How am I doing?")
            async for event in talk.stub.StreamMessage(request, metadata=talk.metadata(index), timeout=_PATIENCE_S):
                pieces += 1
                if event.HasField("done"):
                    done = event.done
            _check(done)

    chats = [asyncio.create_task(chat(index)) for index in range(1, CROWD + 1)]
    try:
        await asyncio.sleep(_CHAT_S)
        before = pieces
        figures.crowded_ms.append(await _others(talk, _CROWD_LOOK_S))
        figures.crowd_pieces.append((pieces - before) / _CROWD_LOOK_S)
        is_over.set()
        await asyncio.gather(*chats)
    finally:
        for each in chats:
            each.cancel()
        await asyncio.gather(*chats, return_exceptions=True)


def _check(done: chat_pb2.SendMessageResponse | None) -> None:
    if done is None or done.provider != "anthropic" or done.degraded:
        raise ChatFailed(f"A reply was not the model's: {done.provider if done else 'it has no end'}.")


async def _others(talk: _Talk, seconds: float) -> list[float]:
    """Milliseconds of requests that have nothing to do with a model, one after the other."""
    until, taken = time.monotonic() + seconds, []
    while time.monotonic() < until:
        for ask in (_write, _read):
            begun = time.monotonic()
            await ask(talk)
            taken.append(1000 * (time.monotonic() - begun))
            await asyncio.sleep(0.01)
    return taken


def _write(talk: _Talk) -> Awaitable[object]:
    day = Date(year=2026, month=11, day=29)
    entry = journal_pb2.CreateJournalEntryRequest(
        entry=journal_pb2.JournalEntry(text="A long day, and a good run at the end of it.", local_date=day)
    )
    return talk.stub.CreateJournalEntry(entry, metadata=talk.metadata(0), timeout=_PATIENCE_S)


def _read(talk: _Talk) -> Awaitable[object]:
    return talk.stub.ListMessages(
        chat_pb2.ListMessagesRequest(page_size=20), metadata=talk.metadata(0), timeout=_PATIENCE_S
    )
