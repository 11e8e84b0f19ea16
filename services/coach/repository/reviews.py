"""SQL of what the coach writes unasked: reviews, rounds of suggestions, posts to groups. Once for each period."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import vault
from chassis.db import Record, Transaction
from chassis.sql import text_statement
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.report import MoodFact
from services.coach.domain.reviews.writer import Review, ReviewKind
from services.coach.repository.conversations import Position

_REVIEW_BODY = "coach.reviews.body"
_POST_BODY = "coach.group_posts.body"

_COLUMNS = "r.review_id, r.member_id, r.kind, r.start_date, r.end_date, r.body, r.provider, r.degraded, r.created_at"
_FIND = text_statement(
    f"""SELECT {_COLUMNS}, {vault.lookup("coach")} FROM coach.reviews AS r
    WHERE r.member_id = :member_id AND r.kind = :kind AND r.start_date = :start_date"""  # noqa: S608 - of constants
)
_LIST = text_statement(
    f"""SELECT {_COLUMNS}, {vault.lookup("coach")} FROM coach.reviews AS r
    WHERE r.member_id = :member_id
      AND (CAST(:kind AS text) IS NULL OR r.kind = :kind)
      AND (CAST(:before_time AS timestamptz) IS NULL OR (r.created_at, r.review_id) < (:before_time, :before_id))
    ORDER BY r.created_at DESC, r.review_id DESC
    LIMIT :limit"""  # noqa: S608 - composed of constants
)
_ADD = text_statement(
    """INSERT INTO coach.reviews (review_id, member_id, kind, start_date, end_date, body, provider, degraded,
        context_used, created_at)
    VALUES (:review_id, :member_id, :kind, :start_date, :end_date, :body, :provider, :degraded, :context_used,
        :created_at)
    ON CONFLICT ON CONSTRAINT reviews_period_key DO NOTHING
    RETURNING review_id"""
)
_MOODS = text_statement(
    """SELECT entry_id, member_id, local_date, sentiment, mood_tags FROM coach.journal_entries
    WHERE member_id = :member_id AND local_date BETWEEN :first AND :last
    ORDER BY local_date, entry_id LIMIT 500"""
)
_ROUND = text_statement("SELECT suggestions FROM coach.suggestion_rounds WHERE member_id = :member_id AND week = :week")
_ADD_ROUND = text_statement(
    """INSERT INTO coach.suggestion_rounds (member_id, week, suggestions, created_at)
    VALUES (:member_id, :week, :suggestions, :created_at)
    ON CONFLICT ON CONSTRAINT suggestion_rounds_pkey DO NOTHING"""
)
_POST = text_statement(
    f"""SELECT p.post_id, p.group_id, p.body, p.provider, p.degraded, p.created_at, {vault.lookup("coach")}
    FROM coach.group_posts AS p
    WHERE p.group_id = :group_id AND p.week = :week"""  # noqa: S608 - composed of constants
)
_ADD_POST = text_statement(
    """INSERT INTO coach.group_posts (post_id, group_id, week, body, provider, degraded, created_at)
    VALUES (:post_id, :group_id, :week, :body, :provider, :degraded, :created_at)
    ON CONFLICT ON CONSTRAINT group_posts_week_key DO NOTHING
    RETURNING post_id"""
)


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review as it is kept."""

    review_id: UUID
    member_id: UUID
    kind: ReviewKind
    first: date
    last: date
    review: Review
    provider: str
    degraded: bool
    create_time: datetime

    def __repr__(self) -> str:
        """Without the text."""
        return f"StoredReview(review_id={self.review_id}, kind={self.kind})"


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A group's post as it is kept."""

    post_id: UUID
    group_id: UUID
    text: str
    provider: str
    degraded: bool
    create_time: datetime


class ReviewRepository:
    """Reviews within one transaction: of the member at hand, or as the system login of groups."""

    def __init__(self, transaction: Transaction, keys: MemberKeys) -> None:
        self._tx = transaction
        self._keys = keys

    async def find(self, member_id: UUID, kind: ReviewKind, first: date) -> StoredReview | None:
        """The review of a period, if it was written."""
        row = await self._tx.fetch_one(
            _FIND, member_id=member_id, vault_member=member_id, kind=str(kind), start_date=first
        )
        key = self._keys.of_row(row, member_id)
        return _review(row, key) if row is not None and key is not None else None

    async def list_of(
        self, member_id: UUID, *, kind: ReviewKind | None, before: Position | None, limit: int
    ) -> tuple[StoredReview, ...]:
        """Reviews, newest first."""
        rows = await self._tx.fetch_all(
            _LIST,
            member_id=member_id,
            vault_member=member_id,
            kind=str(kind) if kind else None,
            before_time=before.time if before else None,
            before_id=before.row_id if before else None,
            limit=limit,
        )
        key = self._keys.of_row(rows[0], member_id) if rows else None
        return tuple(_review(row, key) for row in rows) if key is not None else ()

    async def add(self, stored: StoredReview, context_used: Mapping[str, Any]) -> bool:
        """Adds a review; False where the period has one already."""
        key = await self._keys.find_or_make(self._tx, stored.member_id)
        body = json.dumps({"text": stored.review.text, "action_steps": stored.review.action_steps}, ensure_ascii=False)
        added = await self._tx.fetch_one(
            _ADD,
            review_id=stored.review_id,
            member_id=stored.member_id,
            kind=str(stored.kind),
            start_date=stored.first,
            end_date=stored.last,
            body=key.seal(body, table=_REVIEW_BODY, row_id=stored.review_id),
            provider=stored.provider,
            degraded=stored.degraded,
            context_used=context_used,
            created_at=stored.create_time,
        )
        return added is not None

    async def moods(self, member_id: UUID, first: date, last: date) -> tuple[MoodFact, ...]:
        """What journal entries say of days, without opening any."""
        rows = await self._tx.fetch_all(_MOODS, member_id=member_id, first=first, last=last)
        return tuple(
            MoodFact(row["entry_id"], row["member_id"], row["local_date"], row["sentiment"], tuple(row["mood_tags"]))
            for row in rows
        )

    async def find_round(self, member_id: UUID, week: date) -> dict[str, str] | None:
        """What was suggested in a week, by goal; None where nobody has looked yet."""
        found = await self._tx.fetch_value(_ROUND, member_id=member_id, week=week)
        return None if found is None else dict(found)

    def add_round(self, member_id: UUID, week: date, suggestions: Mapping[str, str], now: datetime) -> None:
        """Queues that a week was looked through."""
        self._tx.write(_ADD_ROUND, member_id=member_id, week=week, suggestions=dict(suggestions), created_at=now)

    async def find_post(self, group_id: UUID, week: date) -> StoredPost | None:
        """A group's post of a week, if it was written."""
        row = await self._tx.fetch_one(_POST, group_id=group_id, vault_member=group_id, week=week)
        key = self._keys.of_row(row, group_id)
        if row is None or key is None:
            return None
        text = key.open(row["body"], table=_POST_BODY, row_id=row["post_id"])
        return StoredPost(row["post_id"], group_id, text, row["provider"], row["degraded"], row["created_at"])

    async def add_post(self, post: StoredPost, week: date) -> bool:
        """Adds a post; False where the week has one already."""
        key = await self._keys.find_or_make(self._tx, post.group_id)
        added = await self._tx.fetch_one(
            _ADD_POST,
            post_id=post.post_id,
            group_id=post.group_id,
            week=week,
            body=key.seal(post.text, table=_POST_BODY, row_id=post.post_id),
            provider=post.provider,
            degraded=post.degraded,
            created_at=post.create_time,
        )
        return added is not None


def _review(row: Record, key: DataKey) -> StoredReview:
    body: dict[str, Any] = json.loads(key.open(row["body"], table=_REVIEW_BODY, row_id=row["review_id"]))
    steps: Sequence[str] = body["action_steps"]
    return StoredReview(
        row["review_id"],
        row["member_id"],
        ReviewKind(row["kind"]),
        row["start_date"],
        row["end_date"],
        Review(body["text"], tuple(steps)),
        row["provider"],
        row["degraded"],
        row["created_at"],
    )
