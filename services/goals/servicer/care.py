"""RPCs of what a member makes of a goal: habits, subgoals, reminders, and goals made anew."""

from typing import Any

from chassis import idempotency
from chassis.request import current
from services.goals.domain.care import Care, HabitDraft, Reminder, SubgoalDraft
from services.goals.servicer import incoming, outgoing
from services.goals.usecases import UseCases
from tandem.goals.v1 import care_pb2, goal_pb2


class CareRpcs:
    """Habits, subgoals and reminders by hand; copying and restoring goals."""

    _use_cases: UseCases

    async def CreateHabit(self, request: care_pb2.CreateHabitRequest, context: Any) -> goal_pb2.Habit:  # noqa: N802 - the contract's name
        """One habit more."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        key = idempotency.key_for(request, outgoing.habit)
        return outgoing.habit(
            await self._use_cases.care.add_habit(current().principal, goal_id, _habit(request.habit), key=key)
        )

    async def UpdateHabit(self, request: care_pb2.UpdateHabitRequest, context: Any) -> goal_pb2.Habit:  # noqa: N802 - the contract's name
        """Changes the fields in the mask."""
        changed = await self._use_cases.care.change_habit(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            incoming.uuid_of(request.habit.habit_id, "habit_id"),
            _habit(request.habit),
            fields=frozenset(request.update_mask.paths),
            key=idempotency.key_for(request, outgoing.habit),
        )
        return outgoing.habit(changed)

    async def DeleteHabit(  # noqa: N802 - the contract's name
        self, request: care_pb2.DeleteHabitRequest, context: Any
    ) -> care_pb2.DeleteHabitResponse:
        """One habit less."""
        await self._use_cases.care.remove_habit(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            incoming.uuid_of(request.habit_id, "habit_id"),
            key=idempotency.key_for(request, _habit_deleted),
        )
        return care_pb2.DeleteHabitResponse()

    async def CreateSubgoal(self, request: care_pb2.CreateSubgoalRequest, context: Any) -> goal_pb2.Subgoal:  # noqa: N802 - the contract's name
        """One subgoal more."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        key = idempotency.key_for(request, outgoing.subgoal)
        return outgoing.subgoal(
            await self._use_cases.care.add_subgoal(current().principal, goal_id, _subgoal(request.subgoal), key=key)
        )

    async def UpdateSubgoal(self, request: care_pb2.UpdateSubgoalRequest, context: Any) -> goal_pb2.Subgoal:  # noqa: N802 - the contract's name
        """Changes the fields in the mask."""
        changed = await self._use_cases.care.change_subgoal(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            incoming.uuid_of(request.subgoal.subgoal_id, "subgoal_id"),
            _subgoal(request.subgoal),
            fields=frozenset(request.update_mask.paths),
            key=idempotency.key_for(request, outgoing.subgoal),
        )
        return outgoing.subgoal(changed)

    async def DeleteSubgoal(  # noqa: N802 - the contract's name
        self, request: care_pb2.DeleteSubgoalRequest, context: Any
    ) -> care_pb2.DeleteSubgoalResponse:
        """One subgoal less."""
        await self._use_cases.care.remove_subgoal(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            incoming.uuid_of(request.subgoal_id, "subgoal_id"),
            key=idempotency.key_for(request, _subgoal_deleted),
        )
        return care_pb2.DeleteSubgoalResponse()

    async def GetReminders(self, request: care_pb2.GetRemindersRequest, context: Any) -> care_pb2.Reminders:  # noqa: N802 - the contract's name
        """All reminders of a goal."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        return outgoing.reminders(await self._use_cases.care.get_reminders(current().principal, goal_id))

    async def SetReminders(self, request: care_pb2.SetRemindersRequest, context: Any) -> care_pb2.Reminders:  # noqa: N802 - the contract's name
        """Replaces all reminders of a goal."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        asked = [Reminder(each.minute_of_day, tuple(each.weekdays)) for each in request.reminders]
        key = idempotency.key_for(request, outgoing.reminders)
        return outgoing.reminders(
            await self._use_cases.care.set_reminders(current().principal, goal_id, asked, key=key)
        )

    async def CopyGoal(self, request: care_pb2.CopyGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """A new goal that asks for the same from today on."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        key = idempotency.key_for(request, outgoing.shown_goal)
        return outgoing.shown_goal(await self._use_cases.goals.copy_goal(current().principal, goal_id, key=key))

    async def RestoreGoal(self, request: care_pb2.RestoreGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """Takes a goal out of the archive."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        key = idempotency.key_for(request, outgoing.shown_goal)
        return outgoing.shown_goal(await self._use_cases.goals.restore_goal(current().principal, goal_id, key=key))


def _habit(message: goal_pb2.Habit) -> HabitDraft:
    return HabitDraft(
        title=message.title,
        schedule=incoming.schedule_draft(message.schedule) if message.HasField("schedule") else None,
        minutes=message.minutes,
        if_then=message.if_then,
    )


def _subgoal(message: goal_pb2.Subgoal) -> SubgoalDraft:
    return SubgoalDraft(
        title=message.title,
        due_date=incoming.date_of(message.due_date, "due_date") if message.HasField("due_date") else None,
        status=incoming.word_of(message.status, incoming.SUBGOAL_STATUSES, "status"),
    )


def _habit_deleted(_: Care) -> care_pb2.DeleteHabitResponse:
    return care_pb2.DeleteHabitResponse()


def _subgoal_deleted(_: Care) -> care_pb2.DeleteSubgoalResponse:
    return care_pb2.DeleteSubgoalResponse()
