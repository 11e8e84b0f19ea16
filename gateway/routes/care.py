"""What surrounds goals: vacations, habits, subgoals and reminders."""

from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask

from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, Routes
from gateway.routes import answers, messages, views
from gateway.routes.days import check_days
from gateway.routes.fields import PageQuery
from gateway.routes.requests import (
    HabitChange,
    HabitDraft,
    RemindersDraft,
    SubgoalChange,
    SubgoalDraft,
    VacationDraft,
)
from tandem.goals.v1 import care_pb2 as pb

routes: Final = Routes("Goals")

# A vacation without a goal is one from all goals of the member.
_ALL_GOALS: Final = ""


@routes.post("/v1/goals/{goal_id}/vacations", status=201, answer=answers.Vacation, refusals=("conflict",))
async def create_vacation(call: Call, goal_id: str, body: VacationDraft) -> Reply:
    """Enters days on which a goal asks for nothing."""
    return await _create_vacation(call, body, goal_id=goal_id, path=f"/v1/goals/{goal_id}/vacations")


@routes.get("/v1/goals/{goal_id}/vacations", answer=answers.Page[answers.Vacation], budget_s=LIST_S)
async def list_vacations(call: Call, goal_id: str, query: PageQuery) -> Reply:
    """Lists a goal's own vacations, the latest first."""
    return await _list_vacations(call, query, goal_id=goal_id)


@routes.delete("/v1/goals/{goal_id}/vacations/{vacation_id}", status=204, refusals=("conflict",))
async def delete_vacation(call: Call, goal_id: str, vacation_id: str) -> Reply:
    """Takes a goal's vacation back."""
    return await _delete_vacation(call, vacation_id, goal_id=goal_id)


@routes.post("/v1/members/me/vacations", status=201, answer=answers.Vacation, refusals=("conflict",))
async def create_my_vacation(call: Call, body: VacationDraft) -> Reply:
    """Enters days on which no goal of the caller asks for anything."""
    return await _create_vacation(call, body, goal_id=_ALL_GOALS, path="/v1/members/me/vacations")


@routes.get("/v1/members/me/vacations", answer=answers.Page[answers.Vacation], budget_s=LIST_S)
async def list_my_vacations(call: Call, query: PageQuery) -> Reply:
    """Lists the caller's vacations from all goals, the latest first."""
    return await _list_vacations(call, query, goal_id=_ALL_GOALS)


@routes.delete("/v1/members/me/vacations/{vacation_id}", status=204)
async def delete_my_vacation(call: Call, vacation_id: str) -> Reply:
    """Takes a vacation from all goals back."""
    return await _delete_vacation(call, vacation_id, goal_id=_ALL_GOALS)


@routes.post("/v1/goals/{goal_id}/habits", status=201, answer=answers.Habit, refusals=("conflict",))
async def create_habit(call: Call, goal_id: str, body: HabitDraft) -> Reply:
    """Adds a habit to a goal; without a schedule it is due every day."""
    goals = call.parts.services.goals
    request = pb.CreateHabitRequest(goal_id=goal_id, habit=messages.habit(body), idempotency_key=call.idempotency_key)
    habit = await goals(goals.stub.CreateHabit, request)
    return Reply.created(views.habit(habit), f"/v1/goals/{goal_id}/habits/{habit.habit_id}")


@routes.patch("/v1/goals/{goal_id}/habits/{habit_id}", answer=answers.Habit, refusals=("conflict",))
async def patch_habit(call: Call, goal_id: str, habit_id: str, body: HabitChange) -> Reply:
    """Changes the given fields of a habit."""
    goals = call.parts.services.goals
    habit, paths = messages.habit_change(habit_id, body)
    request = pb.UpdateHabitRequest(
        goal_id=goal_id, habit=habit, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key
    )
    return Reply(views.habit(await goals(goals.stub.UpdateHabit, request)))


@routes.delete("/v1/goals/{goal_id}/habits/{habit_id}", status=204, refusals=("conflict",))
async def delete_habit(call: Call, goal_id: str, habit_id: str) -> Reply:
    """Removes a habit; what was logged on it stays."""
    goals = call.parts.services.goals
    request = pb.DeleteHabitRequest(goal_id=goal_id, habit_id=habit_id, idempotency_key=call.idempotency_key)
    await goals(goals.stub.DeleteHabit, request)
    return Reply()


@routes.post("/v1/goals/{goal_id}/subgoals", status=201, answer=answers.Subgoal, refusals=("conflict",))
async def create_subgoal(call: Call, goal_id: str, body: SubgoalDraft) -> Reply:
    """Adds a subgoal to a goal."""
    goals = call.parts.services.goals
    request = pb.CreateSubgoalRequest(
        goal_id=goal_id, subgoal=messages.subgoal(body), idempotency_key=call.idempotency_key
    )
    subgoal = await goals(goals.stub.CreateSubgoal, request)
    return Reply.created(views.subgoal(subgoal), f"/v1/goals/{goal_id}/subgoals/{subgoal.subgoal_id}")


@routes.patch("/v1/goals/{goal_id}/subgoals/{subgoal_id}", answer=answers.Subgoal, refusals=("conflict",))
async def patch_subgoal(call: Call, goal_id: str, subgoal_id: str, body: SubgoalChange) -> Reply:
    """Changes the given fields of a subgoal."""
    goals = call.parts.services.goals
    subgoal, paths = messages.subgoal_change(subgoal_id, body)
    request = pb.UpdateSubgoalRequest(
        goal_id=goal_id, subgoal=subgoal, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key
    )
    return Reply(views.subgoal(await goals(goals.stub.UpdateSubgoal, request)))


@routes.delete("/v1/goals/{goal_id}/subgoals/{subgoal_id}", status=204, refusals=("conflict",))
async def delete_subgoal(call: Call, goal_id: str, subgoal_id: str) -> Reply:
    """Removes a subgoal."""
    goals = call.parts.services.goals
    request = pb.DeleteSubgoalRequest(goal_id=goal_id, subgoal_id=subgoal_id, idempotency_key=call.idempotency_key)
    await goals(goals.stub.DeleteSubgoal, request)
    return Reply()


@routes.get("/v1/goals/{goal_id}/reminders", answer=answers.Reminders)
async def get_reminders(call: Call, goal_id: str) -> Reply:
    """Reads all reminders of a goal."""
    goals = call.parts.services.goals
    return Reply(views.reminders(await goals(goals.stub.GetReminders, pb.GetRemindersRequest(goal_id=goal_id))))


@routes.put("/v1/goals/{goal_id}/reminders", answer=answers.Reminders, refusals=("conflict",))
async def put_reminders(call: Call, goal_id: str, body: RemindersDraft) -> Reply:
    """Replaces all reminders of a goal."""
    goals = call.parts.services.goals
    request = pb.SetRemindersRequest(
        goal_id=goal_id, reminders=messages.reminders(body), idempotency_key=call.idempotency_key
    )
    return Reply(views.reminders(await goals(goals.stub.SetReminders, request)))


async def _create_vacation(call: Call, body: VacationDraft, *, goal_id: str, path: str) -> Reply:
    check_days(body.from_, body.to)
    goals = call.parts.services.goals
    request = pb.CreateVacationRequest(vacation=messages.vacation(goal_id, body), idempotency_key=call.idempotency_key)
    vacation = await goals(goals.stub.CreateVacation, request)
    return Reply.created(views.vacation(vacation), f"{path}/{vacation.vacation_id}")


async def _list_vacations(call: Call, query: PageQuery, *, goal_id: str) -> Reply:
    goals = call.parts.services.goals
    request = pb.ListVacationsRequest(goal_id=goal_id, page_size=query.page_size, page_token=query.page_token)
    listed = await goals(goals.stub.ListVacations, request)
    return Reply(views.page([views.vacation(each) for each in listed.vacations], listed.next_page_token))


async def _delete_vacation(call: Call, vacation_id: str, *, goal_id: str) -> Reply:
    goals = call.parts.services.goals
    request = pb.DeleteVacationRequest(vacation_id=vacation_id, goal_id=goal_id, idempotency_key=call.idempotency_key)
    await goals(goals.stub.DeleteVacation, request)
    return Reply()
