"""What surrounds goals, in memory: vacations, habits, subgoals and reminders."""
# ruff: noqa: N802 - methods have the names of the protocol

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from chassis.errors import MalformedRequest, NotFound
from tandem.goals.v1 import activity_pb2, care_pb2, goal_pb2
from tests.support.standins.shared import Replays, fresh_id, member_id, now


class StandInCare:
    """The part of the stand-in for goals that is not about their course."""

    def __init__(self) -> None:
        self.goals: dict[str, goal_pb2.Goal] = {}
        self.activities: dict[str, list[activity_pb2.Activity]] = defaultdict(list)
        self.vacations: dict[tuple[str, str], list[care_pb2.Vacation]] = defaultdict(list)
        self.reminders: dict[str, Sequence[care_pb2.Reminder]] = {}
        self._replays = Replays()

    async def CreateVacation(self, request: care_pb2.CreateVacationRequest, context: Any) -> care_pb2.Vacation:
        vacations = self._vacations(request.vacation.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        vacation = care_pb2.Vacation()
        vacation.CopyFrom(request.vacation)
        vacation.vacation_id = fresh_id()
        vacation.create_time.CopyFrom(now())
        vacations.insert(0, vacation)
        return self._replays.remember(request, vacation)  # type: ignore[no-any-return]

    async def ListVacations(
        self, request: care_pb2.ListVacationsRequest, context: Any
    ) -> care_pb2.ListVacationsResponse:
        if request.page_token not in ("", "2"):
            raise MalformedRequest("The page token is not one of ours.")
        vacations, first = self._vacations(request.goal_id), 0 if not request.page_token else 1
        shown = vacations[first : first + request.page_size]
        has_more = first + len(shown) < len(vacations)
        return care_pb2.ListVacationsResponse(vacations=shown, next_page_token="2" if has_more else "")

    async def DeleteVacation(
        self, request: care_pb2.DeleteVacationRequest, context: Any
    ) -> care_pb2.DeleteVacationResponse:
        vacations = self._vacations(request.goal_id)
        del vacations[self._place(vacations, "vacation_id", request.vacation_id)]
        return care_pb2.DeleteVacationResponse()

    async def CreateHabit(self, request: care_pb2.CreateHabitRequest, context: Any) -> goal_pb2.Habit:
        goal = self._own(request.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        habit = goal.habits.add()
        habit.CopyFrom(request.habit)
        habit.habit_id = fresh_id()
        if not habit.HasField("schedule"):
            habit.schedule.CopyFrom(goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY, times=1))
        return self._replays.remember(request, habit)  # type: ignore[no-any-return]

    async def UpdateHabit(self, request: care_pb2.UpdateHabitRequest, context: Any) -> goal_pb2.Habit:
        habits = self._own(request.goal_id).habits
        habit = habits[self._place(habits, "habit_id", request.habit.habit_id)]
        request.update_mask.MergeMessage(request.habit, habit, True, True)
        return habit

    async def DeleteHabit(self, request: care_pb2.DeleteHabitRequest, context: Any) -> care_pb2.DeleteHabitResponse:
        habits = self._own(request.goal_id).habits
        del habits[self._place(habits, "habit_id", request.habit_id)]
        return care_pb2.DeleteHabitResponse()

    async def CreateSubgoal(self, request: care_pb2.CreateSubgoalRequest, context: Any) -> goal_pb2.Subgoal:
        goal = self._own(request.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        subgoal = goal.subgoals.add()
        subgoal.CopyFrom(request.subgoal)
        subgoal.subgoal_id, subgoal.status = fresh_id(), goal_pb2.SUBGOAL_STATUS_OPEN
        return self._replays.remember(request, subgoal)  # type: ignore[no-any-return]

    async def UpdateSubgoal(self, request: care_pb2.UpdateSubgoalRequest, context: Any) -> goal_pb2.Subgoal:
        subgoals = self._own(request.goal_id).subgoals
        subgoal = subgoals[self._place(subgoals, "subgoal_id", request.subgoal.subgoal_id)]
        request.update_mask.MergeMessage(request.subgoal, subgoal, True, True)
        return subgoal

    async def DeleteSubgoal(
        self, request: care_pb2.DeleteSubgoalRequest, context: Any
    ) -> care_pb2.DeleteSubgoalResponse:
        subgoals = self._own(request.goal_id).subgoals
        del subgoals[self._place(subgoals, "subgoal_id", request.subgoal_id)]
        return care_pb2.DeleteSubgoalResponse()

    async def GetReminders(self, request: care_pb2.GetRemindersRequest, context: Any) -> care_pb2.Reminders:
        return care_pb2.Reminders(reminders=self.reminders.get(self._own(request.goal_id).goal_id, []))

    async def SetReminders(self, request: care_pb2.SetRemindersRequest, context: Any) -> care_pb2.Reminders:
        goal = self._own(request.goal_id)
        self.reminders[goal.goal_id] = sorted(request.reminders, key=lambda each: each.minute_of_day)
        return care_pb2.Reminders(reminders=self.reminders[goal.goal_id])

    def _own(self, goal_id: str) -> goal_pb2.Goal:
        goal = self.goals.get(goal_id)
        if goal is None or goal.member_id != member_id():
            raise NotFound("There is no such goal.")
        return goal

    def _vacations(self, goal_id: str) -> list[care_pb2.Vacation]:
        if goal_id:
            self._own(goal_id)
        return self.vacations[member_id(), goal_id]

    @staticmethod
    def _place(parts: Sequence[Any], name: str, wanted: str) -> int:
        """Where the one with this id stands."""
        for place, part in enumerate(parts):
            if getattr(part, name) == wanted:
                return place
        raise NotFound("There is no such thing here.")
