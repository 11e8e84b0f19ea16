"""RPCs of challenges."""

from collections.abc import Sequence
from typing import Any, Final

from chassis import idempotency
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.goals.domain.challenges import RunStatus, Submission, SubmissionDraft
from services.goals.servicer import incoming, outgoing
from services.goals.servicer.paging import Pager
from services.goals.usecases import ShownChallenge, ShownRun, UseCases
from tandem.goals.v1 import challenge_pb2

_STATUSES: Final = {
    RunStatus.OPEN: challenge_pb2.CHALLENGE_RUN_STATUS_OPEN,
    RunStatus.COMPLETED: challenge_pb2.CHALLENGE_RUN_STATUS_COMPLETED,
    RunStatus.EXPIRED: challenge_pb2.CHALLENGE_RUN_STATUS_EXPIRED,
}


class ChallengeRpcs:
    """Listing challenges, taking them on and submitting them."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def ListChallenges(  # noqa: N802 - the contract's name
        self, request: challenge_pb2.ListChallengesRequest, context: Any
    ) -> challenge_pb2.ListChallengesResponse:
        """A page of challenges, the easiest first."""
        limit = page_size(request.page_size)
        pager = Pager(self._page_tokens, "challenges")
        position = pager.position(request.page_token)
        found = await self._use_cases.challenges.list_challenges(
            current().principal, after=position[0] if position else None, limit=limit + 1
        )
        shown, token = pager.cut(found, limit, _key, _challenge)
        return challenge_pb2.ListChallengesResponse(challenges=shown, next_page_token=token)

    async def StartChallenge(  # noqa: N802 - the contract's name
        self, request: challenge_pb2.StartChallengeRequest, context: Any
    ) -> challenge_pb2.ChallengeRun:
        """Takes a challenge on."""
        started = await self._use_cases.challenges.start_challenge(
            current().principal,
            request.challenge_id,
            goal_id=incoming.optional_uuid(request.goal_id, "goal_id"),
            key=idempotency.key_for(request, _run),
        )
        return _run(started)

    async def SubmitChallenge(  # noqa: N802 - the contract's name
        self, request: challenge_pb2.SubmitChallengeRequest, context: Any
    ) -> challenge_pb2.ChallengeSubmission:
        """Tells what became of the latest run."""
        draft = SubmissionDraft(
            comfort_before=request.comfort_before if request.HasField("comfort_before") else None,
            comfort_after=request.comfort_after if request.HasField("comfort_after") else None,
            note=request.note,
            witnessed_by=incoming.optional_uuid(request.witnessed_by, "witnessed_by"),
            goal_id=incoming.optional_uuid(request.goal_id, "goal_id"),
            is_untied=request.HasField("goal_id") and not request.goal_id,
        )
        submitted = await self._use_cases.challenges.submit_challenge(
            current().principal, request.challenge_id, draft, key=idempotency.key_for(request, _submission)
        )
        return _submission(submitted)


def _challenge(shown: ShownChallenge) -> challenge_pb2.Challenge:
    challenge = shown.challenge
    return challenge_pb2.Challenge(
        challenge_id=challenge.id,
        level=challenge.level,
        title=challenge.title,
        description=challenge.description,
        venue_kinds=challenge.venue_kinds,
        run=_run(shown.latest) if shown.latest else None,
    )


def _run(shown: ShownRun) -> challenge_pb2.ChallengeRun:
    run = shown.run
    return challenge_pb2.ChallengeRun(
        run_id=str(run.id),
        challenge_id=run.challenge_id,
        goal_id=str(run.goal_id) if run.goal_id else "",
        start_time=outgoing.instant(run.start_time),
        expire_time=outgoing.instant(run.expire_time),
        status=_STATUSES[shown.status],
    )


def _submission(submission: Submission) -> challenge_pb2.ChallengeSubmission:
    return challenge_pb2.ChallengeSubmission(
        submission_id=str(submission.id),
        run_id=str(submission.run_id),
        challenge_id=submission.challenge_id,
        comfort_before=submission.comfort_before,
        comfort_after=submission.comfort_after,
        note=submission.note,
        witnessed_by=str(submission.witnessed_by) if submission.witnessed_by else "",
        goal_id=str(submission.goal_id) if submission.goal_id else "",
        activity_id=str(submission.activity_id) if submission.activity_id else "",
        create_time=outgoing.instant(submission.create_time),
    )


def _key(shown: ShownChallenge) -> Sequence[str]:
    return (shown.challenge.id,)
