"""What the coach remembers of a member: facts said in chat, confirmed dating goals, and summaries of older turns."""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.coach.domain.moods import Mood
from services.coach.domain.remembering import Fact
from services.coach.errors import PinnedTooMuch, invalid_memory

MAX_TEXT: Final = 1_000
# More than anybody says; a new fact takes the place of the oldest that is not pinned.
MAX_FACTS: Final = 100
# Bytes of all that is pinned, each with its frame, so that pinned ones do stay in every context.
PINNED_BYTES: Final = 2_600
_FRAME_BYTES: Final = 70
MAX_SOURCES: Final = 20
EXCERPT: Final = 200


class MemoryKind(StrEnum):
    """What is remembered."""

    FACT = "fact"
    DATING_GOALS = "dating_goals"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing remembered.

    Attributes:
        fact_key: Keeps one row for each thing known, whoever says it again.
        words_key: Of the words that it was remembered from; None where there were none.
        source_ids: The messages that it comes from; none once the member has written it anew.
    """

    memory_id: UUID
    member_id: UUID
    kind: MemoryKind
    text: str
    pinned: bool
    fact_key: bytes
    words_key: bytes | None
    source_ids: tuple[UUID, ...]
    create_time: datetime
    update_time: datetime

    def __repr__(self) -> str:
        """Without the text."""
        return f"Memory(memory_id={self.memory_id}, kind={self.kind})"


@dataclass(frozen=True, slots=True)
class JournalFact:
    """One journal entry as a context may show it.

    Attributes:
        excerpt: The beginning of its text; empty where it is not shown.
    """

    entry_id: UUID
    member_id: UUID
    local_date: date
    sentiment: float
    moods: tuple[Mood, ...] = ()
    excerpt: str = ""

    def __repr__(self) -> str:
        """Without the text."""
        return f"JournalFact(entry_id={self.entry_id})"


@dataclass(frozen=True, slots=True)
class MemoryKeys:
    """Hashes of what is remembered; without the secret nobody can try words against them."""

    secret: bytes

    def of_fact(self, member_id: UUID, fact: Fact) -> bytes:
        """The key of what a fact is about."""
        return self._key(member_id, "fact", fact.slot)

    def of_words(self, member_id: UUID, fact: Fact) -> bytes:
        """The key of the words that say it."""
        return self._key(member_id, "words", fact.words)

    def of_thread(self, member_id: UUID, thread_id: UUID) -> bytes:
        """The key of a thread's summary."""
        return self._key(member_id, "summary", str(thread_id))

    def _key(self, member_id: UUID, kind: str, what: str) -> bytes:
        return hmac.digest(self.secret, f"{member_id}|{kind}|{what}".encode(), hashlib.sha256)


def remember(
    fact: Fact,
    known: Collection[Memory],
    forgotten: Collection[bytes],
    *,
    keys: MemoryKeys,
    member_id: UUID,
    source_id: UUID,
    memory_id: UUID,
    now: datetime,
) -> Memory | None:
    """The memory that a fact makes or changes; None where there is nothing to do.

    The same words again add where they were said and nothing else, so what the member wrote anew stays. Other words on
    the same thing replace it. Words that were forgotten are not remembered.
    """
    fact_key, words_key = keys.of_fact(member_id, fact), keys.of_words(member_id, fact)
    if words_key in forgotten:
        return None
    there = next((each for each in known if each.kind is MemoryKind.FACT and each.fact_key == fact_key), None)
    if there is None:
        return Memory(
            memory_id, member_id, MemoryKind.FACT, fact.text, False, fact_key, words_key, (source_id,), now, now
        )
    if there.words_key == words_key:
        return replace(there, source_ids=(*there.source_ids, source_id)[-MAX_SOURCES:]) if there.source_ids else None
    return replace(there, text=fact.text, words_key=words_key, source_ids=(source_id,), update_time=now)


def to_make_room(known: Iterable[Memory], new: Collection[UUID]) -> tuple[Memory, ...]:
    """The facts that go so that those of ids `new` have room: the oldest that are not pinned."""
    facts = [each for each in known if each.kind is MemoryKind.FACT]
    over = len(facts) + len(new) - MAX_FACTS
    loose = sorted((each for each in facts if not each.pinned), key=lambda each: (each.update_time, each.memory_id.hex))
    return tuple(loose[: max(0, over)])


def may_repeat(other: Memory, memory: Memory) -> bool:
    """True for a summary that may hold what `memory` says: it covers a message that it comes from, or none is known."""
    if other.kind is not MemoryKind.SUMMARY or other.memory_id == memory.memory_id:
        return False
    if not memory.source_ids:
        return memory.kind is MemoryKind.FACT
    return not set(other.source_ids).isdisjoint(memory.source_ids)


def change_memory(memory: Memory, *, text: str | None, pinned: bool | None, now: datetime) -> Memory:
    """The memory as it is to be; a text that the member writes comes from no message any more."""
    changed = memory
    if text is not None:
        changed = replace(changed, text=text, source_ids=(), update_time=now)
    if pinned is not None and pinned is not memory.pinned:
        changed = replace(changed, pinned=pinned, update_time=now)
    return changed


def check_pinned(memory: Memory, others: Iterable[Memory]) -> None:
    """Keeps what is pinned within what every context has room for.

    Raises:
        PinnedTooMuch: It is not.
    """
    if not memory.pinned:
        return
    pinned = [each for each in others if each.pinned and each.memory_id != memory.memory_id]
    if sum(len(each.text.encode()) + _FRAME_BYTES for each in (*pinned, memory)) > PINNED_BYTES:
        raise PinnedTooMuch


def check_memory(text: str) -> str:
    """A text that may be remembered, as it was written.

    Raises:
        InvalidArgument: It is blank or longer than 1,000 characters.
    """
    if not text.strip():
        raise invalid_memory("text", "must not be empty")
    if len(text) > MAX_TEXT:
        raise invalid_memory("text", f"must have at most {MAX_TEXT:,} characters")
    return text
