"""Approach challenges: small things to dare with other people, by level, as data in `challenges.toml`.

A member takes a challenge on and has a number of local days for it: that is a run. One submission completes it; a run
that nobody submitted in time has expired (docs/adr/0056).
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final, NewType
from uuid import UUID

from services.goals.domain.activity import MAX_NOTE_LENGTH, Activity, ActivityDraft, ActivityType, Context
from services.goals.domain.days import Calendar, day_begins, local_day
from services.goals.domain.fields import Checks
from services.goals.domain.goal import MemberId, Pattern
from services.goals.errors import ChallengeNotFound, ChallengeNotOpen

RunId = NewType("RunId", UUID)
SubmissionId = NewType("SubmissionId", UUID)

LEVELS: Final = range(1, 8)
COMFORT: Final = range(101)
VENUE_KINDS: Final = frozenset(
    {
        "bookshop", "cafe", "class", "community_centre", "dog_park", "event", "gym", "library", "market", "museum",
        "park", "shop", "sports_club", "street", "transit_stop",
    }
)  # fmt: skip
_TAG: Final = "challenge"


class RunStatus(StrEnum):
    """Where a run stands."""

    OPEN = "open"
    COMPLETED = "completed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Something to dare.

    Attributes:
        id: A slug that stays for ever.
        level: How much it asks of somebody shy, one of `LEVELS`.
        venue_kinds: Where it goes, some of `VENUE_KINDS`.
    """

    id: str
    level: int
    title: str
    description: str
    venue_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A challenge that a member took on.

    Attributes:
        goal_id: The goal that it serves.
        expire_time: The end of a local day, as the member's days were cut at the start; the run has expired then.
        complete_time: When it was submitted.
    """

    id: RunId
    challenge_id: str
    member_id: MemberId
    goal_id: UUID | None
    start_time: datetime
    expire_time: datetime
    complete_time: datetime | None = None

    def status(self, now: datetime) -> RunStatus:
        """Where it stands."""
        if self.complete_time is not None:
            return RunStatus.COMPLETED
        return RunStatus.OPEN if now < self.expire_time else RunStatus.EXPIRED


@dataclass(frozen=True, slots=True)
class SubmissionDraft:
    """What became of a run, as somebody tells it; None is left out.

    Attributes:
        goal_id: The goal to log it on, in place of the run's.
        is_untied: It is logged on no goal, whatever the run says.
    """

    comfort_before: int | None = None
    comfort_after: int | None = None
    note: str = ""
    witnessed_by: UUID | None = None
    goal_id: UUID | None = None
    is_untied: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a run; comfort is 0 to 100."""

    id: SubmissionId
    run_id: RunId
    challenge_id: str
    comfort_before: int
    comfort_after: int
    note: str
    witnessed_by: UUID | None
    goal_id: UUID | None
    activity_id: UUID | None
    create_time: datetime


def all_challenges() -> Sequence[Challenge]:
    """The whole ladder, the easiest first."""
    return tuple(_ladder().values())


def get_challenge(challenge_id: str) -> Challenge:
    """The challenge of this id.

    Raises:
        ChallengeNotFound: There is none.
    """
    found = _ladder().get(challenge_id)
    if found is None:
        raise ChallengeNotFound
    return found


def start_run(
    challenge: Challenge,
    *,
    run_id: RunId,
    member_id: MemberId,
    goal_id: UUID | None,
    calendar: Calendar,
    duration_days: int,
    now: datetime,
) -> Run:
    """A run from now on: what is left of today, and `duration_days` whole local days after it."""
    first_day_after = local_day(now, calendar) + duration_days + 1
    return Run(run_id, challenge.id, member_id, goal_id, now, day_begins(first_day_after, calendar))


def check_submission(draft: SubmissionDraft) -> None:
    """What is told of a run is well formed.

    Raises:
        InvalidArgument: A field breaks a rule.
    """
    checks = Checks()
    for field, value in (("comfort_before", draft.comfort_before), ("comfort_after", draft.comfort_after)):
        if value is None:
            checks.fail(field, "must be given")
        elif value not in COMFORT:
            checks.fail(field, f"must be between {COMFORT[0]} and {COMFORT[-1]}")
    checks.body("note", draft.note, longest=MAX_NOTE_LENGTH)
    checks.finish()


def check_open(run: Run | None, now: datetime) -> Run:
    """The run may be submitted.

    Raises:
        ChallengeNotOpen: There is none, it has expired, or it was submitted.
    """
    status = run.status(now) if run is not None else None
    if run is None or status is not RunStatus.OPEN:
        raise ChallengeNotOpen(status)
    return run


def goal_of(run: Run, draft: SubmissionDraft) -> UUID | None:
    """The goal to log a submission on."""
    return None if draft.is_untied else draft.goal_id or run.goal_id


def complete_run(
    run: Run, draft: SubmissionDraft, *, submission_id: SubmissionId, logged: Activity | None, now: datetime
) -> tuple[Run, Submission]:
    """The run once it is submitted, and the submission; the draft was checked."""
    submission = Submission(
        id=submission_id,
        run_id=run.id,
        challenge_id=run.challenge_id,
        comfort_before=draft.comfort_before or 0,
        comfort_after=draft.comfort_after or 0,
        note=draft.note,
        witnessed_by=draft.witnessed_by,
        goal_id=logged.goal_id if logged else None,
        activity_id=logged.id if logged else None,
        create_time=now,
    )
    return replace(run, complete_time=now), submission


def activity_of(challenge: Challenge, draft: SubmissionDraft, pattern: Pattern) -> ActivityDraft:
    """How a submission is logged on a goal: done, where the goal counts what is done; else a note."""
    counts = pattern in (Pattern.RECURRING, Pattern.STREAK)
    return ActivityDraft(
        type=ActivityType.CHECK_IN if counts else ActivityType.NOTE,
        completed=True if counts else None,
        note=draft.note or challenge.title,
        context=Context(with_wingman=draft.witnessed_by is not None, tags=(_TAG, challenge.id)),
    )


@cache
def _ladder() -> dict[str, Challenge]:
    text = files("services.goals.domain").joinpath("challenges.toml").read_text(encoding="utf-8")
    documents = tomllib.loads(text)["challenges"]
    return {
        document["id"]: Challenge(**{**document, "venue_kinds": tuple(document["venue_kinds"])})
        for document in sorted(documents, key=lambda document: document["level"])
    }
