"""RPCs of activities."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import idempotency
from chassis.errors import FieldViolation, InvalidArgument
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.goals.domain.activity import MAX_BATCH, Activity
from services.goals.repository import ActivityPosition
from services.goals.servicer import incoming, outgoing
from services.goals.servicer.paging import Pager
from services.goals.usecases import AskedActivity, UseCases
from tandem.goals.v1 import activity_pb2, goals_service_pb2


class ActivityRpcs:
    """Logging, correcting, taking back and listing activities."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def LogActivity(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.LogActivityRequest, context: Any
    ) -> goals_service_pb2.LogActivityResponse:
        """Something done, skipped or noted on a goal."""
        goal_id = incoming.uuid_of(request.activity.goal_id, "goal_id")
        draft = incoming.activity_draft(request.activity)
        key = idempotency.key_for(request, outgoing.logged)
        return outgoing.logged(
            await self._use_cases.activities.log_activity(current().principal, goal_id, draft, key=key)
        )

    async def UpdateActivity(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.UpdateActivityRequest, context: Any
    ) -> goals_service_pb2.LogActivityResponse:
        """Changes the fields in the mask."""
        corrected = await self._use_cases.activities.correct_activity(
            current().principal,
            incoming.uuid_of(request.activity.goal_id, "goal_id"),
            incoming.uuid_of(request.activity.activity_id, "activity_id"),
            incoming.activity_draft(request.activity),
            fields=frozenset(request.update_mask.paths),
            key=idempotency.key_for(request, outgoing.logged),
        )
        return outgoing.logged(corrected)

    async def DeleteActivity(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.DeleteActivityRequest, context: Any
    ) -> goals_service_pb2.DeleteActivityResponse:
        """Takes an activity back."""
        await self._use_cases.activities.remove_activity(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            incoming.uuid_of(request.activity_id, "activity_id"),
            key=idempotency.key_for(request, _deleted),
        )
        return goals_service_pb2.DeleteActivityResponse()

    async def BatchLogActivities(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.BatchLogActivitiesRequest, context: Any
    ) -> goals_service_pb2.BatchLogActivitiesResponse:
        """Many activities over several goals, all or none."""
        asked, answer = _asked(request.activities), _BatchAnswer()
        key = idempotency.key_for(request, answer)
        return answer(await self._use_cases.batches.log_batch(current().principal, asked, key=key))

    async def ListActivities(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.ListActivitiesRequest, context: Any
    ) -> goals_service_pb2.ListActivitiesResponse:
        """A page of a goal's activities, newest first."""
        limit = page_size(request.page_size)
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        days = incoming.bounds_of(
            incoming.date_of(request.from_date, "from") if request.HasField("from_date") else None,
            incoming.date_of(request.to_date, "to") if request.HasField("to_date") else None,
        )
        pager = Pager(self._page_tokens, "activities", goal_id, *days, request.type)
        found = await self._use_cases.activities.list_activities(
            current().principal,
            goal_id,
            days=days,
            kind=incoming.word_of(request.type, incoming.ACTIVITY_TYPES, "type"),
            after=_position(pager.position(request.page_token)),
            limit=limit + 1,
        )
        shown, token = pager.cut(found, limit, _key, outgoing.activity)
        return goals_service_pb2.ListActivitiesResponse(activities=shown, next_page_token=token)


class _BatchAnswer:
    """Makes the answer of a batch once, for the key and for the caller."""

    def __init__(self) -> None:
        self._of: Sequence[Activity] | None = None
        self._message = goals_service_pb2.BatchLogActivitiesResponse()

    def __call__(self, logged: Sequence[Activity]) -> goals_service_pb2.BatchLogActivitiesResponse:
        if self._of is not logged:
            self._of, self._message = logged, outgoing.logged_batch(logged)
        return self._message


def _deleted(_: Activity) -> goals_service_pb2.DeleteActivityResponse:
    return goals_service_pb2.DeleteActivityResponse()


def _asked(messages: Sequence[activity_pb2.Activity]) -> list[AskedActivity]:
    """What a batch asks for; everything that is no value of its type is named at once."""
    if not 1 <= len(messages) <= MAX_BATCH:
        raise InvalidArgument.of("activities", f"must be between 1 and {MAX_BATCH}")
    goal_ids: dict[str, UUID] = {}
    asked: list[AskedActivity] = []
    violations: list[FieldViolation] = []
    for index, message in enumerate(messages):
        try:
            goal_id = goal_ids.get(message.goal_id) or incoming.uuid_of(message.goal_id, "goal_id")
            goal_ids[message.goal_id] = goal_id
            asked.append(AskedActivity(goal_id, incoming.activity_draft(message)))
        except InvalidArgument as problem:
            violations += [
                FieldViolation(f"activities[{index}].{each.field}", each.message) for each in problem.violations
            ]
    if violations:
        raise InvalidArgument(f"{violations[0].field}: {violations[0].message}", violations=tuple(violations))
    return asked


def _position(key: tuple[str, ...] | None) -> ActivityPosition | None:
    if key is None:
        return None
    day, occurred_at, activity_id = key
    return ActivityPosition(date.fromisoformat(day), datetime.fromisoformat(occurred_at), UUID(activity_id))


def _key(last: Activity) -> Sequence[str]:
    return date.fromordinal(last.local_day).isoformat(), last.occur_time.isoformat(), str(last.id)
