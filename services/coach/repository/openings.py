"""The one load of a message that comes in: its thread, its key, what the screen left, and what is remembered.

What is remembered and what stands in the journal ride along as JSON, sealed, so that a message costs no further trip.
Journal entries are opened only when they are asked for: the member may not allow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis import idempotency, vault
from chassis.db import Record, Transaction
from chassis.errors import Aborted
from chassis.idempotency import IdempotencyKey
from chassis.ids import read_id
from chassis.sql import text_statement
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.conversation import Thread
from services.coach.domain.memory import EXCERPT, JournalFact, Memory, MemoryKind
from services.coach.domain.moods import Mood
from services.coach.domain.safety import SafetyState
from services.coach.repository.conversations import thread_of
from services.coach.repository.journal import BODY as JOURNAL_BODY
from services.coach.repository.memory import opened
from services.coach.repository.safety import safety_of

_RECENT_REPLIES = 5
_ENTRIES = 60
_EXCERPTS = 3
# A day more than a context shows on either side: which day the member has is not known here.
_JOURNAL_DAYS = 16

_REMEMBERED = """(
    SELECT jsonb_agg(jsonb_build_array(m.memory_id, m.kind, encode(m.fact_key, 'hex'), encode(m.words_key, 'hex'),
        encode(m.body, 'hex'), m.pinned, to_jsonb(m.source_ids), m.created_at, m.updated_at))
    FROM coach.memories AS m
    WHERE m.member_id = :member_id AND (m.kind <> 'summary' OR m.fact_key = :thread_key)
) AS remembered"""
_FORGOTTEN = """ARRAY(SELECT f.fact_key FROM coach.forgotten AS f WHERE f.member_id = :member_id) AS forgotten"""
_PAUSED = """coalesce((SELECT o.paused FROM coach.memory_settings AS o WHERE o.member_id = :member_id), false)
    AS paused"""
_JOURNAL = f"""(
    SELECT jsonb_agg(jsonb_build_array(e.entry_id, e.local_date, e.sentiment, to_jsonb(e.mood_tags),
        CASE WHEN e.place <= {_EXCERPTS} THEN encode(e.body, 'hex') END))
    FROM (
        SELECT j.*, row_number() OVER (ORDER BY j.local_date DESC, j.entry_id DESC) AS place
        FROM coach.journal_entries AS j WHERE j.member_id = :member_id AND j.local_date >= :journal_from
        ORDER BY j.local_date DESC, j.entry_id DESC LIMIT {_ENTRIES}
    ) AS e
) AS journal"""  # noqa: S608 - composed of constants
# One row whatever there is.
_OPENING = text_statement(
    f"""SELECT t.thread_id, t.member_id, t.created_at, t.updated_at, s.tier, s.until, s.plan_signal,
        (SELECT count(*) FROM coach.replies AS r WHERE r.thread_id = :thread_id) AS turn,
        ARRAY(
            SELECT unnest(recent.part_ids) FROM (
                SELECT r.part_ids FROM coach.replies AS r WHERE r.member_id = :member_id AND r.state = 'done'
                ORDER BY r.created_at DESC, r.message_id DESC LIMIT {_RECENT_REPLIES}
            ) AS recent
        ) AS recent_parts,
        {_REMEMBERED}, {_FORGOTTEN}, {_PAUSED}, {_JOURNAL},
        {vault.lookup("coach")}, {idempotency.lookup("coach")}
    FROM (SELECT 1) AS always
    LEFT JOIN coach.threads AS t ON t.thread_id = :thread_id
    LEFT JOIN coach.safety_states AS s ON s.member_id = :member_id"""  # noqa: S608 - composed of constants
)


@dataclass(frozen=True, slots=True)
class JournalGlance:
    """Journal entries of the last days, still sealed."""

    member_id: UUID
    rows: Sequence[Sequence[Any]] = ()
    key: DataKey | None = None

    def open(self) -> tuple[JournalFact, ...]:
        """The entries, with the beginnings of the newest; for members who allow that."""
        if self.key is None:
            return ()
        return tuple(self._fact(row, self.key) for row in self.rows)

    def _fact(self, row: Sequence[Any], key: DataKey) -> JournalFact:
        entry_id, sealed = read_id(row[0]), row[4]
        return JournalFact(
            entry_id,
            self.member_id,
            date.fromisoformat(row[1]),
            float(row[2]),
            tuple(map(Mood, row[3])),
            key.open(bytes.fromhex(sealed), table=JOURNAL_BODY, row_id=entry_id)[:EXCERPT] if sealed else "",
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when a message comes in.

    Attributes:
        recalled: Id of the message that the first request with this key stored.
        thread: The thread asked for, if it is the member's.
        turn: How many replies it has had or is owed.
        recent_parts: Variants of the member's last replies.
        memories: Facts and confirmed goals.
        summary: Of the thread's older turns.
        forgotten: Keys of words that are not remembered again.
        paused: Nothing new is remembered.
    """

    recalled: UUID | None
    thread: Thread | None
    turn: int
    recent_parts: frozenset[str]
    safety: SafetyState | None
    key: DataKey | None
    memories: tuple[Memory, ...]
    summary: Memory | None
    forgotten: frozenset[bytes]
    paused: bool
    journal: JournalGlance


async def load_opening(
    transaction: Transaction,
    keys: MemberKeys,
    member_id: UUID,
    thread_id: UUID | None,
    *,
    thread_key: bytes,
    key: IdempotencyKey | None,
) -> Opening:
    """Everything that a new message needs, in one trip.

    Args:
        thread_key: Under which the thread's summary is remembered; empty for a new thread.

    Raises:
        IdempotencyKeyReused: The key came with another request before.
    """
    row = await transaction.fetch_one(
        _OPENING,
        thread_id=thread_id,
        member_id=member_id,
        vault_member=member_id,
        thread_key=thread_key,
        journal_from=transaction.database.clock.now().date() - timedelta(days=_JOURNAL_DAYS),
        **idempotency.parameters(key),
    )
    if row is None:
        raise Aborted("The conversation could not be read. Please try again.")
    data_key = keys.of_row(row, member_id)
    memories = _memories(row, member_id, data_key)
    return Opening(
        recalled=idempotency.recall(row, key),
        thread=thread_of(row) if row["thread_id"] is not None else None,
        turn=row["turn"],
        recent_parts=frozenset(row["recent_parts"]),
        safety=safety_of(row),
        key=data_key,
        memories=tuple(each for each in memories if each.kind is not MemoryKind.SUMMARY),
        summary=next((each for each in memories if each.kind is MemoryKind.SUMMARY), None),
        forgotten=frozenset(row["forgotten"]),
        paused=row["paused"],
        journal=JournalGlance(member_id, row["journal"] or (), data_key),
    )


def _memories(row: Record, member_id: UUID, key: DataKey | None) -> list[Memory]:
    if key is None:
        return []
    return [opened(_columns(each, member_id), key) for each in row["remembered"] or ()]


def _columns(found: Sequence[Any], member_id: UUID) -> dict[str, Any]:
    return {
        "memory_id": read_id(found[0]),
        "member_id": member_id,
        "kind": found[1],
        "fact_key": bytes.fromhex(found[2]),
        "words_key": bytes.fromhex(found[3]) if found[3] is not None else None,
        "body": bytes.fromhex(found[4]),
        "pinned": found[5],
        "source_ids": map(read_id, found[6]),
        "created_at": datetime.fromisoformat(found[7]),
        "updated_at": datetime.fromisoformat(found[8]),
    }
