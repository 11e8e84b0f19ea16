"""SQL of the dating-goals conversation: its sealed state, what was started over, and the memory that a yes makes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis import idempotency, vault
from chassis.db import Record, Transaction
from chassis.errors import Aborted
from chassis.idempotency import IdempotencyKey
from chassis.sql import text_statement
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.intake.state import Intake, from_document, to_document
from services.coach.domain.safety import SafetyState
from services.coach.repository.safety import safety_of

# COACHING: as long as the turns of a chat.
ARCHIVE_KEPT: Final = timedelta(days=180)
# One row of this kind a member: what they confirmed last.
FACT_KEY: Final = hashlib.sha256(b"dating_goals").digest()

_STATE = "coach.intakes.state"
_ARCHIVED = "coach.archived_intakes.state"
_MEMORY = "coach.memories.body"

# One row whatever there is, because key, idempotency, safety state and thread ride along.
_OPENING = text_statement(
    f"""SELECT i.intake_id, i.thread_id, i.revision, i.state, i.updated_at, s.tier, s.until, s.plan_signal,
        t.thread_id AS kept_thread_id, coalesce(p.paused, false) AS paused, m.memory_id,
        {vault.lookup("coach")}, {idempotency.lookup("coach")}
    FROM (SELECT 1) AS always
    LEFT JOIN coach.intakes AS i ON i.member_id = :member_id
    LEFT JOIN coach.safety_states AS s ON s.member_id = :member_id
    LEFT JOIN coach.threads AS t ON t.thread_id = coalesce(:thread_id, i.thread_id)
    LEFT JOIN coach.memory_settings AS p ON p.member_id = :member_id
    LEFT JOIN coach.memories AS m ON m.member_id = :member_id AND m.kind = 'dating_goals'
        AND m.fact_key = :fact_key"""  # noqa: S608 - composed of constants
)
# The revision is the fence: whoever was faster has counted one more.
_SAVE = text_statement(
    """INSERT INTO coach.intakes AS i
        (member_id, intake_id, thread_id, revision, state, percent, is_complete, created_at, updated_at)
    VALUES (:member_id, :intake_id, :thread_id, :revision, :state, :percent, :is_complete, :now, :now)
    ON CONFLICT ON CONSTRAINT intakes_pkey DO UPDATE
    SET intake_id = excluded.intake_id, thread_id = excluded.thread_id, revision = excluded.revision,
        state = excluded.state, percent = excluded.percent, is_complete = excluded.is_complete,
        updated_at = excluded.updated_at
    WHERE i.intake_id = :known_id AND i.revision = :known_revision"""
)
_ARCHIVE = text_statement(
    """INSERT INTO coach.archived_intakes (intake_id, member_id, state, archived_at)
    VALUES (:intake_id, :member_id, :state, :now)"""
)
_ARCHIVED_OF = text_statement("SELECT intake_id, state FROM coach.archived_intakes WHERE member_id = :member_id")
_DROP_ARCHIVED = text_statement("DELETE FROM coach.archived_intakes WHERE intake_id = ANY(CAST(:intake_ids AS uuid[]))")
_EXPIRE = text_statement("DELETE FROM coach.archived_intakes WHERE member_id = :member_id AND archived_at < :before")
_ADD_MEMORY = text_statement(
    """INSERT INTO coach.memories
        (memory_id, member_id, kind, fact_key, body, pinned, source_ids, created_at, updated_at)
    VALUES (:memory_id, :member_id, 'dating_goals', :fact_key, :body, true, :source_ids, :now, :now)
    ON CONFLICT DO NOTHING"""
)
_CHANGE_MEMORY = text_statement(
    """UPDATE coach.memories SET body = :body, source_ids = :source_ids, updated_at = :now
    WHERE memory_id = :memory_id"""
)
_FORGET = text_statement("DELETE FROM coach.memories WHERE member_id = :member_id AND kind = 'dating_goals'")
_ALLOW_AGAIN = text_statement("DELETE FROM coach.forgotten WHERE member_id = :member_id AND fact_key = :fact_key")


@dataclass(frozen=True, slots=True)
class IntakeOpening:
    """What is known when something is said.

    Attributes:
        intake: None before the first turn.
        updated_at: When it last changed; None before the first turn.
        has_thread: The asked thread, or the conversation's own, is there and the member's.
        is_paused: The coach is not to remember anything new.
        memory_id: Of the dating goals confirmed earlier.
    """

    intake: Intake | None
    updated_at: datetime | None
    has_thread: bool
    safety: SafetyState | None
    is_paused: bool
    memory_id: UUID | None
    key: DataKey | None


class IntakeRepository:
    """The conversation of the member at hand, within one transaction."""

    def __init__(self, transaction: Transaction, keys: MemberKeys) -> None:
        self._tx = transaction
        self._keys = keys

    async def open(
        self, member_id: UUID, *, thread_id: UUID | None = None, key: IdempotencyKey | None = None
    ) -> IntakeOpening:
        """Everything that a turn needs, in one trip.

        Raises:
            KeptAnswer: The request was answered before.
            IdempotencyKeyReused: The key came with another request before.
        """
        record = await self._tx.fetch_one(
            _OPENING,
            member_id=member_id,
            vault_member=member_id,
            thread_id=thread_id,
            fact_key=FACT_KEY,
            **idempotency.parameters(key),
        )
        if record is None:
            raise Aborted("The conversation could not be read. Please try again.")
        idempotency.recall(record, key)
        data_key = self._keys.of_row(record, member_id)
        return IntakeOpening(
            # Without its key a state is gone for good, as after an erasure that is still under way.
            intake=_intake(record, data_key) if record["intake_id"] is not None and data_key is not None else None,
            updated_at=record["updated_at"],
            has_thread=record["kept_thread_id"] is not None,
            safety=safety_of(record),
            is_paused=record["paused"],
            memory_id=record["memory_id"],
            key=data_key,
        )

    def make_key(self, member_id: UUID) -> DataKey:
        """Queues the member's first key."""
        return self._keys.make(self._tx, member_id)

    def save(self, member_id: UUID, intake: Intake, known: Intake | None, key: DataKey, *, now: datetime) -> None:
        """Queues the new state, in place of `known`; when somebody was faster the whole transaction runs again."""
        self._tx.write(
            _SAVE,
            expect=1,
            member_id=member_id,
            intake_id=intake.intake_id,
            thread_id=intake.thread_id,
            revision=intake.revision,
            state=_sealed(intake, key, table=_STATE),
            percent=intake.percent,
            is_complete=intake.is_complete,
            now=now,
            known_id=known.intake_id if known else None,
            known_revision=known.revision if known else None,
        )

    def archive(self, member_id: UUID, intake: Intake, key: DataKey, *, now: datetime) -> None:
        """Queues that a conversation is set aside; those that are set aside for long go."""
        self._tx.write(_EXPIRE, member_id=member_id, before=now - ARCHIVE_KEPT)
        self._tx.write(
            _ARCHIVE,
            expect=1,
            intake_id=intake.intake_id,
            member_id=member_id,
            state=_sealed(intake, key, table=_ARCHIVED),
            now=now,
        )

    async def drop_archived(self, member_id: UUID, source_id: UUID, key: DataKey) -> None:
        """Queues the end of conversations set aside in which something was read from a message."""
        rows = await self._tx.fetch_all(_ARCHIVED_OF, member_id=member_id)
        told = [row["intake_id"] for row in rows if _tells(row, source_id, key)]
        if told:
            self._tx.write(_DROP_ARCHIVED, intake_ids=told)

    def remember(
        self, member_id: UUID, text: str, key: DataKey, *, memory_id: UUID, is_new: bool, intake: Intake, now: datetime
    ) -> None:
        """Queues the confirmed dating goals as something that the coach remembers: one row a member, pinned."""
        body = key.seal(text, table=_MEMORY, row_id=memory_id)
        source_ids = list(intake.source_ids)
        if is_new:
            self._tx.write(
                _ADD_MEMORY,
                expect=1,
                memory_id=memory_id,
                member_id=member_id,
                fact_key=FACT_KEY,
                body=body,
                source_ids=source_ids,
                now=now,
            )
            # Whoever says yes to it wants it remembered, also after having it forgotten once.
            self._tx.write(_ALLOW_AGAIN, member_id=member_id, fact_key=FACT_KEY)
        else:
            self._tx.write(_CHANGE_MEMORY, expect=1, memory_id=memory_id, body=body, source_ids=source_ids, now=now)

    def forget(self, member_id: UUID) -> None:
        """Queues that what was confirmed is not remembered any more."""
        self._tx.write(_FORGET, member_id=member_id)


def _tells(row: Record, source_id: UUID, key: DataKey) -> bool:
    document = json.loads(key.open(row["state"], table=_ARCHIVED, row_id=row["intake_id"]))
    known = from_document(document, intake_id=row["intake_id"], thread_id=row["intake_id"], revision=0)
    return known.unsaid(source_id) is not known


def _sealed(intake: Intake, key: DataKey, *, table: str) -> bytes:
    text = json.dumps(to_document(intake), ensure_ascii=False)
    return key.seal(text, table=table, row_id=intake.intake_id)


def _intake(row: Record, key: DataKey) -> Intake:
    document = json.loads(key.open(row["state"], table=_STATE, row_id=row["intake_id"]))
    return from_document(document, intake_id=row["intake_id"], thread_id=row["thread_id"], revision=row["revision"])
