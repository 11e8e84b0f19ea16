"""Challenges: listed with one's runs, taken on, and submitted. All of it is for adults (docs/adr/0057)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.clients import Members, Wingmen
from services.goals.domain import challenges as rules
from services.goals.domain.activity import Activity, check_takes_activities
from services.goals.domain.challenges import Challenge, Run, RunId, RunStatus, Submission, SubmissionDraft, SubmissionId
from services.goals.domain.days import local_day
from services.goals.domain.goal import MemberId
from services.goals.domain.planning import is_adult
from services.goals.errors import AdultsOnly, GoalClosed, GoalNotFound
from services.goals.repository import GoalRepository
from services.goals.repository.challenges import ChallengeRepository
from services.goals.usecases.activities import ActivityUseCases
from services.goals.usecases.calendars import CalendarUnknown, CalendarUseCases
from services.goals.usecases.goals import member_of


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run and where it stands now."""

    run: Run
    status: RunStatus


@dataclass(frozen=True, slots=True)
class ShownChallenge:
    """A challenge with the member's latest run of it."""

    challenge: Challenge
    latest: ShownRun | None


class ChallengeUseCases:
    """The verbs of challenges. All raise `AdultsOnly` for members who are not known to be adults."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        members: Members,
        wingmen: Wingmen,
        *,
        calendars: CalendarUseCases,
        activities: ActivityUseCases,
        duration_days: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._members = members
        self._wingmen = wingmen
        self._calendars = calendars
        self._activities = activities
        self._duration_days = duration_days

    async def list_challenges(self, principal: Principal, *, after: str | None, limit: int) -> list[ShownChallenge]:
        """At most `limit` challenges from behind the one with the id `after`, the easiest first."""
        member_id = member_of(principal)
        await self._check_adult(member_id)

        async def work(transaction: Transaction) -> dict[str, Run]:
            return await ChallengeRepository(transaction).latest_runs(member_id)

        runs = await self._database.run(principal, work, read_only=True)
        return [ShownChallenge(each, self._latest(runs.get(each.id))) for each in _behind(after)[:limit]]

    async def start_challenge(
        self, principal: Principal, challenge_id: str, *, goal_id: UUID | None, key: IdempotencyKey | None
    ) -> ShownRun:
        """Takes a challenge on, in the service of a goal where one is named.

        Raises:
            ChallengeNotFound, GoalNotFound: None, or none that the caller may know of.
            GoalClosed: The goal takes no activities any more.
            ChallengeStarted: A run of it is open.
        """
        member_id = member_of(principal)
        await self._check_adult(member_id)
        challenge = rules.get_challenge(challenge_id)

        async def work(transaction: Transaction) -> ShownRun:
            goals = GoalRepository(transaction)
            # Locks the calendar: what the member starts at once is started one after the other.
            ground = await goals.prepare_creation(member_id, key)
            if ground is None:
                raise CalendarUnknown
            if goal_id is not None:
                await _check_goal(goals, goal_id)
            run = rules.start_run(
                challenge,
                run_id=RunId(new_id(self._clock)),
                member_id=member_id,
                goal_id=goal_id,
                calendar=ground.calendar,
                duration_days=self._duration_days,
                now=self._clock.now(),
            )
            ChallengeRepository(transaction).add(run)
            events.tell_challenge_started(transaction, challenge, run)
            shown = ShownRun(run, RunStatus.OPEN)
            idempotency.remember(transaction, key, run.id, outcome=shown)
            return shown

        try:
            return await self._database.run(principal, work, idempotency=key)
        except CalendarUnknown:
            await self._calendars.fetch(principal, member_id)
            return await self._database.run(principal, work, idempotency=key)

    async def submit_challenge(
        self, principal: Principal, challenge_id: str, draft: SubmissionDraft, *, key: IdempotencyKey | None
    ) -> Submission:
        """Completes the latest run of a challenge, and logs it on the goal that it serves, both or neither.

        Raises:
            ChallengeNotFound, GoalNotFound: None, or none that the caller may know of.
            InvalidArgument: A field breaks a rule, names somebody who is no wingman, or a goal that cannot take it.
            ChallengeNotOpen: No run is open: none was started, or the latest has expired or was submitted.
            GoalClosed: The goal takes no activities any more.
        """
        member_id = member_of(principal)
        await self._check_adult(member_id)
        challenge = rules.get_challenge(challenge_id)
        rules.check_submission(draft)
        await self._check_witness(member_id, draft.witnessed_by)

        async def work(transaction: Transaction) -> Submission:
            repository = ChallengeRepository(transaction)
            now = self._clock.now()
            run = rules.check_open(await repository.lock_latest(member_id, challenge.id, key), now)
            goal_id = rules.goal_of(run, draft)
            logged = await self._log(transaction, goal_id, challenge, draft) if goal_id is not None else None
            completed, submission = rules.complete_run(
                run, draft, submission_id=SubmissionId(new_id(self._clock)), logged=logged, now=now
            )
            repository.complete(completed, submission)
            events.tell_challenge_completed(transaction, challenge, completed, goal_id=submission.goal_id)
            idempotency.remember(transaction, key, submission.id, outcome=submission)
            return submission

        return await self._database.run(principal, work, idempotency=key)

    async def _log(
        self, transaction: Transaction, goal_id: UUID, challenge: Challenge, draft: SubmissionDraft
    ) -> Activity:
        loaded = await GoalRepository(transaction).find(goal_id)
        if loaded is None:
            raise GoalNotFound("goal_id")
        activity = rules.activity_of(challenge, draft, loaded.goal.pattern)
        try:
            return (await self._activities.log_on(transaction, loaded, activity)).activity
        except InvalidArgument as problem:
            # What does not fit is the goal: it has not begun yet.
            raise InvalidArgument.of("goal_id", f"cannot take it: {problem.message}") from None
        except GoalClosed:
            raise GoalClosed(loaded.goal.status, "goal_id") from None

    async def _check_adult(self, member_id: MemberId) -> None:
        profile = await self._members.get(member_id)
        if not is_adult(profile.birth_year, today=local_day(self._clock.now(), profile.calendar)):
            raise AdultsOnly("Challenges")

    async def _check_witness(self, member_id: MemberId, witness_id: UUID | None) -> None:
        if witness_id is not None and not await self._wingmen.are_matched(member_id, witness_id):
            raise InvalidArgument.of("witnessed_by", "names nobody who is your wingman")

    def _latest(self, run: Run | None) -> ShownRun | None:
        return ShownRun(run, run.status(self._clock.now())) if run else None


def _behind(after: str | None) -> Sequence[Challenge]:
    """The challenges behind the one of this id."""
    ladder = rules.all_challenges()
    if after is None:
        return ladder
    return ladder[next(place for place, each in enumerate(ladder) if each.id == after) + 1 :]


async def _check_goal(goals: GoalRepository, goal_id: UUID) -> None:
    loaded = await goals.find_bare(goal_id, None)
    if loaded is None:
        raise GoalNotFound("goal_id")
    try:
        check_takes_activities(loaded.goal)
    except GoalClosed:
        raise GoalClosed(loaded.goal.status, "goal_id") from None
