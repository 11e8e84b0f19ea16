"""SQL of the journal: rows in, entries out."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis import idempotency, vault
from chassis.db import Record, Transaction
from chassis.errors import Aborted
from chassis.idempotency import IdempotencyKey
from chassis.sql import text_statement
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.journal import JournalEntry, Origin
from services.coach.domain.moods import Mood
from services.coach.domain.safety import SafetyState
from services.coach.repository.safety import safety_of

BODY = "coach.journal_entries.body"
_COLUMNS = """e.entry_id, e.member_id, e.local_date, e.body, e.sentiment, e.sentiment_origin, e.mood_tags,
    e.mood_tags_origin, e.method, e.created_at, e.updated_at"""

# One row whatever there is, because key, idempotency and safety state ride along.
_LOAD = text_statement(
    f"""SELECT {_COLUMNS}, s.tier, s.until, s.plan_signal, {vault.lookup("coach")}, {idempotency.lookup("coach")}
    FROM (SELECT 1) AS always
    LEFT JOIN coach.journal_entries AS e ON e.entry_id = :entry_id AND e.member_id = :member_id
    LEFT JOIN coach.safety_states AS s ON s.member_id = :member_id"""  # noqa: S608 - composed of constants
)
_LIST = text_statement(
    f"""SELECT {_COLUMNS}, {vault.lookup("coach")}
    FROM coach.journal_entries AS e
    WHERE e.member_id = :member_id
      AND (CAST(:first AS date) IS NULL OR e.local_date >= :first)
      AND (CAST(:last AS date) IS NULL OR e.local_date <= :last)
      AND (CAST(:before_date AS date) IS NULL OR (e.local_date, e.entry_id) < (:before_date, :before_id))
    ORDER BY e.local_date DESC, e.entry_id DESC
    LIMIT :limit"""  # noqa: S608 - composed of constants
)
_ADD = text_statement(
    """INSERT INTO coach.journal_entries (entry_id, member_id, local_date, body, sentiment, sentiment_origin, mood_tags,
        mood_tags_origin, method, created_at, updated_at)
    VALUES (:entry_id, :member_id, :local_date, :body, :sentiment, :sentiment_origin, :mood_tags,
        :mood_tags_origin, :method, :created_at, :updated_at)"""
)
# Whoever changed it since it was read makes this one read again.
_SAVE = text_statement(
    """UPDATE coach.journal_entries SET body = :body, sentiment = :sentiment, sentiment_origin = :sentiment_origin,
        mood_tags = :mood_tags, mood_tags_origin = :mood_tags_origin, method = :method, updated_at = :updated_at
    WHERE entry_id = :entry_id AND updated_at = :seen_at"""
)
_REMOVE = text_statement("DELETE FROM coach.journal_entries WHERE entry_id = :entry_id")


@dataclass(frozen=True, slots=True)
class JournalPosition:
    """Where a page begins: behind this entry."""

    local_date: date
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class JournalLoad:
    """What a write needs to know.

    Attributes:
        entry: The one asked for, if it is the member's.
        key: None while the member has none.
    """

    entry: JournalEntry | None
    safety: SafetyState | None
    key: DataKey | None


class JournalRepository:
    """The journal of the member at hand, within one transaction."""

    def __init__(self, transaction: Transaction, keys: MemberKeys) -> None:
        self._tx = transaction
        self._keys = keys

    async def load(self, member_id: UUID, entry_id: UUID | None, key: IdempotencyKey | None) -> JournalLoad:
        """Everything that a write needs, in one trip.

        Raises:
            KeptAnswer: The request was answered before.
            IdempotencyKeyReused: The key came with another request before.
        """
        row = await self._tx.fetch_one(
            _LOAD, entry_id=entry_id, member_id=member_id, vault_member=member_id, **idempotency.parameters(key)
        )
        if row is None:
            raise Aborted("The journal could not be read. Please try again.")
        idempotency.recall(row, key)
        data_key = self._keys.of_row(row, member_id)
        found = _entry(row, data_key) if row["entry_id"] is not None and data_key is not None else None
        return JournalLoad(found, safety_of(row), data_key)

    async def list_entries(
        self,
        member_id: UUID,
        *,
        first: date | None,
        last: date | None,
        before: JournalPosition | None,
        limit: int,
    ) -> tuple[JournalEntry, ...]:
        """Entries of the days from `first` to `last`, newest first."""
        rows = await self._tx.fetch_all(
            _LIST,
            member_id=member_id,
            vault_member=member_id,
            first=first,
            last=last,
            before_date=before.local_date if before else None,
            before_id=before.entry_id if before else None,
            limit=limit,
        )
        key = self._keys.of_row(rows[0], member_id) if rows else None
        # Without its key a text is gone for good, as after an erasure that is still under way.
        return tuple(_entry(row, key) for row in rows) if key is not None else ()

    def add(self, entry: JournalEntry, key: DataKey | None) -> None:
        """Queues a new entry; makes the member's first key where there is none."""
        key = key or self._keys.make(self._tx, entry.member_id)
        self._tx.write(
            _ADD,
            expect=1,
            member_id=entry.member_id,
            local_date=entry.local_date,
            created_at=entry.create_time,
            **_columns(entry, key),
        )

    def save(self, entry: JournalEntry, seen: JournalEntry, key: DataKey) -> None:
        """Queues a changed entry; when it changed since it was `seen`, the whole transaction runs again."""
        self._tx.write(_SAVE, expect=1, seen_at=seen.update_time, **_columns(entry, key))

    def remove(self, entry_id: UUID) -> None:
        """Queues the end of an entry."""
        self._tx.write(_REMOVE, entry_id=entry_id)


def _columns(entry: JournalEntry, key: DataKey) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "body": key.seal(entry.text, table=BODY, row_id=entry.entry_id),
        "sentiment": entry.sentiment,
        "sentiment_origin": str(entry.sentiment_origin),
        "mood_tags": [str(mood) for mood in entry.moods],
        "mood_tags_origin": str(entry.moods_origin),
        "method": entry.method,
        "updated_at": entry.update_time,
    }


def _entry(row: Record, key: DataKey) -> JournalEntry:
    return JournalEntry(
        entry_id=row["entry_id"],
        member_id=row["member_id"],
        text=key.open(row["body"], table=BODY, row_id=row["entry_id"]),
        local_date=row["local_date"],
        sentiment=row["sentiment"],
        sentiment_origin=Origin(row["sentiment_origin"]),
        moods=tuple(map(Mood, row["mood_tags"])),
        moods_origin=Origin(row["mood_tags_origin"]),
        method=row["method"],
        create_time=row["created_at"],
        update_time=row["updated_at"],
    )
