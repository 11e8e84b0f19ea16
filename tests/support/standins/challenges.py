"""Challenges, in memory: two of them, and a run of each for whoever starts it."""
# ruff: noqa: N802 - methods have the names of the protocol

from typing import Any

from chassis.errors import FailedPrecondition, InvalidArgument, NotFound, PermissionDenied
from tandem.goals.v1 import challenge_pb2
from tests.support.standins.care import StandInCare
from tests.support.standins.shared import fresh_id, member_id, now

_CHALLENGES = {
    "three-smiles": challenge_pb2.Challenge(
        challenge_id="three-smiles", level=1, title="Smile", description="At three people.", venue_kinds=["park"]
    ),
    "two-questions": challenge_pb2.Challenge(
        challenge_id="two-questions", level=4, title="Ask", description="Twice.", venue_kinds=["cafe", "event"]
    ),
}


class AdultsOnly(PermissionDenied):
    """As the service has it."""

    reason = "ADULTS_ONLY"


class StandInChallenges(StandInCare):
    """The part of the stand-in for goals that keeps challenges."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[tuple[str, str], challenge_pb2.ChallengeRun] = {}
        self.are_for_adults = False
        self.last_submission: Any = None

    async def ListChallenges(
        self, request: challenge_pb2.ListChallengesRequest, context: Any
    ) -> challenge_pb2.ListChallengesResponse:
        self._check_adult()
        shown = []
        for name, kept in _CHALLENGES.items():
            challenge = challenge_pb2.Challenge()
            challenge.CopyFrom(kept)
            if (member_id(), name) in self.runs:
                challenge.run.CopyFrom(self.runs[member_id(), name])
            shown.append(challenge)
        first = int(request.page_token or 0)
        following = first + request.page_size
        return challenge_pb2.ListChallengesResponse(
            challenges=shown[first:following], next_page_token=str(following) if following < len(shown) else ""
        )

    async def StartChallenge(
        self, request: challenge_pb2.StartChallengeRequest, context: Any
    ) -> challenge_pb2.ChallengeRun:
        self._check(request.challenge_id)
        if request.goal_id:
            self._own(request.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        place = member_id(), request.challenge_id
        if place in self.runs and self.runs[place].status == challenge_pb2.CHALLENGE_RUN_STATUS_OPEN:
            raise FailedPrecondition("This challenge is started already.")
        self.runs[place] = challenge_pb2.ChallengeRun(
            run_id=fresh_id(),
            challenge_id=request.challenge_id,
            goal_id=request.goal_id,
            start_time=now(),
            expire_time=now(),
            status=challenge_pb2.CHALLENGE_RUN_STATUS_OPEN,
        )
        return self._replays.remember(request, self.runs[place])  # type: ignore[no-any-return]

    async def SubmitChallenge(
        self, request: challenge_pb2.SubmitChallengeRequest, context: Any
    ) -> challenge_pb2.ChallengeSubmission:
        self.last_submission = request
        self._check(request.challenge_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        if request.witnessed_by:
            raise InvalidArgument.of("witnessed_by", "names nobody who is your wingman")
        run = self.runs.get((member_id(), request.challenge_id))
        if run is None or run.status != challenge_pb2.CHALLENGE_RUN_STATUS_OPEN:
            raise FailedPrecondition("No run of this challenge is open.")
        run.status = challenge_pb2.CHALLENGE_RUN_STATUS_COMPLETED
        goal_id = request.goal_id if request.HasField("goal_id") else run.goal_id
        submission = challenge_pb2.ChallengeSubmission(
            submission_id=fresh_id(),
            run_id=run.run_id,
            challenge_id=run.challenge_id,
            comfort_before=request.comfort_before,
            comfort_after=request.comfort_after,
            note=request.note,
            goal_id=goal_id,
            activity_id=fresh_id() if goal_id else "",
            create_time=now(),
        )
        return self._replays.remember(request, submission)  # type: ignore[no-any-return]

    def _check(self, challenge_id: str) -> None:
        self._check_adult()
        if challenge_id not in _CHALLENGES:
            raise NotFound("There is no such challenge.")

    def _check_adult(self) -> None:
        if self.are_for_adults:
            raise AdultsOnly("Challenges are for adults.")
