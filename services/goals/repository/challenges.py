"""Runs of challenges and their submissions. What the challenges are is data of the domain."""

from typing import Final
from uuid import UUID

from chassis import idempotency
from chassis.db import Record, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.sql import text_statement
from services.goals.domain.challenges import Run, RunId, Submission
from services.goals.domain.goal import MemberId
from services.goals.errors import ChallengeStarted

_RUN: Final = "r.run_id, r.challenge_id, r.member_id, r.goal_id, r.started_at, r.expires_at, r.completed_at"
_OF_CHALLENGE: Final = """FROM goals.challenge_runs AS r
    WHERE r.member_id = :member_id AND r.challenge_id = :challenge_id
    ORDER BY r.started_at DESC, r.run_id DESC LIMIT 1"""

_LATEST = text_statement(
    f"""SELECT DISTINCT ON (r.challenge_id) {_RUN} FROM goals.challenge_runs AS r
    WHERE r.member_id = :member_id ORDER BY r.challenge_id, r.started_at DESC, r.run_id DESC"""  # noqa: S608 - constants
)
# Submissions of one run wait for each other. Locked by a statement of its own, so that what the next one reads is what
# the one before left, its idempotency key included.
_LOCK = text_statement(f"SELECT r.run_id {_OF_CHALLENGE} FOR NO KEY UPDATE OF r")
_LOAD = text_statement(f"SELECT {_RUN}, {idempotency.lookup('goals')} {_OF_CHALLENGE}")
_ADD = text_statement(
    """INSERT INTO goals.challenge_runs (run_id, challenge_id, member_id, goal_id, started_at, expires_at)
    SELECT CAST(:run_id AS uuid), CAST(:challenge_id AS text), CAST(:member_id AS uuid), CAST(:goal_id AS uuid),
        CAST(:started_at AS timestamptz), CAST(:expires_at AS timestamptz)
    WHERE NOT EXISTS (
        SELECT 1 FROM goals.challenge_runs AS r
        WHERE r.member_id = :member_id AND r.challenge_id = :challenge_id
          AND r.completed_at IS NULL AND r.expires_at > :started_at
    )"""
)
_COMPLETE = text_statement(
    "UPDATE goals.challenge_runs SET completed_at = :completed_at WHERE run_id = :run_id AND completed_at IS NULL"
)
_SUBMIT = text_statement(
    """INSERT INTO goals.challenge_submissions (submission_id, run_id, member_id, comfort_before, comfort_after, note,
        witnessed_by, goal_id, activity_id, created_at)
    VALUES (:submission_id, :run_id, :member_id, :comfort_before, :comfort_after, :note,
        :witnessed_by, :goal_id, :activity_id, :created_at)"""
)


class ChallengeRepository:
    """Runs and submissions, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def latest_runs(self, member_id: MemberId) -> dict[str, Run]:
        """The member's latest run of each challenge that they ever took on, by challenge."""
        rows = await self._transaction.fetch_all(_LATEST, member_id=member_id)
        return {row["challenge_id"]: _run(row) for row in rows}

    async def lock_latest(self, member_id: MemberId, challenge_id: str, key: IdempotencyKey | None) -> Run | None:
        """The member's latest run of a challenge, for a request that is the first with its key.

        Nobody else submits it until the end of the transaction.
        """
        await self._transaction.fetch_one(_LOCK, member_id=member_id, challenge_id=challenge_id)
        row = await self._transaction.fetch_one(
            _LOAD, member_id=member_id, challenge_id=challenge_id, **idempotency.parameters(key)
        )
        idempotency.recall(row, key)
        return _run(row) if row else None

    def add(self, run: Run) -> None:
        """Queues a new run; refused while one of the challenge is open, which needs the member's calendar locked."""
        self._transaction.write(
            _ADD,
            expect=1,
            otherwise=ChallengeStarted(),
            run_id=run.id,
            challenge_id=run.challenge_id,
            member_id=run.member_id,
            goal_id=run.goal_id,
            started_at=run.start_time,
            expires_at=run.expire_time,
        )

    def complete(self, run: Run, submission: Submission) -> None:
        """Queues that the run is complete, with its submission."""
        self._transaction.write(_COMPLETE, expect=1, run_id=run.id, completed_at=run.complete_time)
        self._transaction.write(
            _SUBMIT,
            expect=1,
            submission_id=submission.id,
            run_id=run.id,
            member_id=run.member_id,
            comfort_before=submission.comfort_before,
            comfort_after=submission.comfort_after,
            note=submission.note,
            witnessed_by=submission.witnessed_by,
            goal_id=submission.goal_id,
            activity_id=submission.activity_id,
            created_at=submission.create_time,
        )


def _run(row: Record) -> Run:
    goal_id: UUID | None = row["goal_id"]
    return Run(
        RunId(row["run_id"]),
        row["challenge_id"],
        MemberId(row["member_id"]),
        goal_id,
        row["started_at"],
        row["expires_at"],
        row["completed_at"],
    )
