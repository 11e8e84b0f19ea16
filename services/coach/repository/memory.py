"""SQL of what is remembered: rows in, memories out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import idempotency, vault
from chassis.db import Record, Transaction
from chassis.errors import Aborted
from chassis.idempotency import IdempotencyKey
from chassis.sql import text_statement
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.memory import Memory, MemoryKind
from services.coach.domain.safety import SafetyState
from services.coach.repository.safety import safety_of

BODY = "coach.memories.body"
_COLUMNS = """m.memory_id, m.member_id, m.kind, m.fact_key, m.words_key, m.body, m.pinned, m.source_ids, m.created_at,
    m.updated_at"""

# One row whatever there is, because key and idempotency ride along.
_STATE = text_statement(
    f"""SELECT coalesce(o.paused, false) AS paused, s.tier, s.until, s.plan_signal,
        {vault.lookup("coach")}, {idempotency.lookup("coach")}
    FROM (SELECT 1) AS always
    LEFT JOIN coach.memory_settings AS o ON o.member_id = :member_id
    LEFT JOIN coach.safety_states AS s ON s.member_id = :member_id"""  # noqa: S608 - composed of constants
)
_ALL = text_statement(
    f"SELECT {_COLUMNS} FROM coach.memories AS m WHERE m.member_id = :member_id"  # noqa: S608 - composed of constants
)
_LIST = text_statement(
    f"""SELECT {_COLUMNS} FROM coach.memories AS m
    WHERE m.member_id = :member_id
      AND (CAST(:before_id AS uuid) IS NULL
           OR (m.pinned, m.created_at, m.memory_id) < (:before_pinned, :before_time, :before_id))
    ORDER BY m.pinned DESC, m.created_at DESC, m.memory_id DESC
    LIMIT :limit"""  # noqa: S608 - composed of constants
)
_ADD = text_statement(
    """INSERT INTO coach.memories (memory_id, member_id, kind, fact_key, words_key, body, pinned, source_ids,
        created_at, updated_at)
    VALUES (:memory_id, :member_id, :kind, :fact_key, :words_key, :body, :pinned, :source_ids, :created_at, :updated_at)
    ON CONFLICT DO NOTHING"""
)
_SAVE = text_statement(
    """UPDATE coach.memories SET words_key = :words_key, body = :body, pinned = :pinned, source_ids = :source_ids,
        updated_at = :updated_at WHERE memory_id = :memory_id"""
)
_REMOVE = text_statement("DELETE FROM coach.memories WHERE memory_id = ANY(CAST(:memory_ids AS uuid[]))")
_FORGET = text_statement(
    """INSERT INTO coach.forgotten (member_id, fact_key, forgotten_at) VALUES (:member_id, :fact_key, :now)
    ON CONFLICT DO NOTHING"""
)
_PAUSE = text_statement(
    """INSERT INTO coach.memory_settings AS s (member_id, paused, updated_at) VALUES (:member_id, :paused, :now)
    ON CONFLICT ON CONSTRAINT memory_settings_pkey DO UPDATE SET paused = excluded.paused, updated_at = :now"""
)
# What stands on nothing but the rows that go, and every summary that covers one of them.
_DROP_DERIVED = text_statement(
    """DELETE FROM coach.memories WHERE member_id = :member_id AND source_ids && CAST(:ids AS uuid[])
      AND (kind = 'summary' OR source_ids <@ CAST(:ids AS uuid[]))"""
)
_DETACH = text_statement(
    """UPDATE coach.memories SET source_ids = ARRAY(
        SELECT source FROM unnest(source_ids) AS source WHERE source <> ALL(CAST(:ids AS uuid[])))
    WHERE member_id = :member_id AND kind <> 'summary' AND source_ids && CAST(:ids AS uuid[])
      AND NOT source_ids <@ CAST(:ids AS uuid[])"""
)


@dataclass(frozen=True, slots=True)
class MemoryPosition:
    """Where a page begins: behind this memory."""

    pinned: bool
    create_time: datetime
    memory_id: UUID


@dataclass(frozen=True, slots=True)
class MemoryState:
    """Whether anything new is remembered, what the screen left behind, and the key that opens what is remembered."""

    paused: bool
    safety: SafetyState | None
    key: DataKey | None


class MemoryRepository:
    """What is remembered of the member at hand, within one transaction."""

    def __init__(self, transaction: Transaction, keys: MemberKeys) -> None:
        self._tx = transaction
        self._keys = keys

    async def state(self, member_id: UUID, key: IdempotencyKey | None) -> MemoryState:
        """What holds for all of it.

        Raises:
            KeptAnswer: The request was answered before.
            IdempotencyKeyReused: The key came with another request before.
        """
        row = await self._tx.fetch_one(
            _STATE, member_id=member_id, vault_member=member_id, **idempotency.parameters(key)
        )
        if row is None:
            raise Aborted("The memory could not be read. Please try again.")
        idempotency.recall(row, key)
        return MemoryState(row["paused"], safety_of(row), self._keys.of_row(row, member_id))

    async def all(self, member_id: UUID, key: DataKey | None) -> tuple[Memory, ...]:
        """Everything; there is never much."""
        rows = await self._tx.fetch_all(_ALL, member_id=member_id)
        return tuple(_memory(row, key) for row in rows) if key is not None else ()

    async def page(
        self, member_id: UUID, key: DataKey | None, *, before: MemoryPosition | None, limit: int
    ) -> tuple[Memory, ...]:
        """A page: pinned ones first, then the newest."""
        rows = await self._tx.fetch_all(
            _LIST,
            member_id=member_id,
            before_pinned=before.pinned if before else None,
            before_time=before.create_time if before else None,
            before_id=before.memory_id if before else None,
            limit=limit,
        )
        return tuple(_memory(row, key) for row in rows) if key is not None else ()

    def add(self, memory: Memory, key: DataKey) -> None:
        """Queues a new memory; where a twin remembers the same thing first, the whole transaction runs again."""
        self._tx.write(
            _ADD,
            expect=1,
            member_id=memory.member_id,
            kind=str(memory.kind),
            fact_key=memory.fact_key,
            created_at=memory.create_time,
            **_columns(memory, key),
        )

    def save(self, memory: Memory, key: DataKey) -> None:
        """Queues a changed memory; where it is gone meanwhile, the whole transaction runs again."""
        self._tx.write(_SAVE, expect=1, **_columns(memory, key))

    def remove(self, memory_ids: Iterable[UUID]) -> None:
        """Queues the end of memories."""
        ids = list(memory_ids)
        if ids:
            self._tx.write(_REMOVE, memory_ids=ids)

    def forget(self, member_id: UUID, fact_key: bytes, now: datetime) -> None:
        """Queues that some words, or some thing, are not remembered again."""
        self._tx.write(_FORGET, member_id=member_id, fact_key=fact_key, now=now)

    def drop_derived(self, member_id: UUID, ids: Sequence[UUID]) -> None:
        """Queues the end of what was made of rows that go: summaries that cover one, facts that stand on nothing else.

        Args:
            ids: Of the messages or entries.
        """
        for statement in (_DROP_DERIVED, _DETACH):
            self._tx.write(statement, member_id=member_id, ids=list(ids))

    def pause(self, member_id: UUID, *, paused: bool, now: datetime) -> None:
        """Queues whether anything new is remembered."""
        self._tx.write(_PAUSE, member_id=member_id, paused=paused, now=now)


def _columns(memory: Memory, key: DataKey) -> dict[str, Any]:
    return {
        "memory_id": memory.memory_id,
        "words_key": memory.words_key,
        "body": key.seal(memory.text, table=BODY, row_id=memory.memory_id),
        "pinned": memory.pinned,
        "source_ids": list(memory.source_ids),
        "updated_at": memory.update_time,
    }


def _memory(row: Record, key: DataKey) -> Memory:
    return opened(dict(row.items()), key)


def opened(row: dict[str, Any], key: DataKey) -> Memory:
    """The memory of a row, by its columns' names."""
    return Memory(
        memory_id=row["memory_id"],
        member_id=row["member_id"],
        kind=MemoryKind(row["kind"]),
        text=key.open(row["body"], table=BODY, row_id=row["memory_id"]),
        pinned=row["pinned"],
        fact_key=row["fact_key"],
        words_key=row["words_key"],
        source_ids=tuple(row["source_ids"]),
        create_time=row["created_at"],
        update_time=row["updated_at"],
    )
