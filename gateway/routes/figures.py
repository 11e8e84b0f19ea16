"""How goals are going: progress, the calendar, and the units behind a figure."""

from typing import Final

from gateway.app.call import Call, Reply
from gateway.app.operation import Routes
from gateway.routes import answers, messages, views
from gateway.routes.days import check_days
from gateway.routes.requests import CalendarQuery, ExplanationQuery, ProgressQuery
from tandem.goals.v1 import explanation_pb2
from tandem.goals.v1 import goals_service_pb2 as pb

routes: Final = Routes("Goals")

MAX_CALENDAR_DAYS: Final = 400


@routes.get("/v1/goals/{goal_id}/progress", answer=answers.Progress)
async def get_progress(call: Call, goal_id: str, query: ProgressQuery) -> Reply:
    """Tells how a goal is going: now, as of another day, or with what was known at an instant."""
    goals = call.parts.services.goals
    request = pb.GetProgressRequest(
        goal_id=goal_id,
        period=messages.PROGRESS_PERIOD[query.period],
        date=messages.day(query.date) if query.date is not None else None,
        known_at=messages.instant(query.known_at) if query.known_at is not None else None,
    )
    return Reply(views.progress(await goals(goals.stub.GetProgress, request)))


@routes.get("/v1/goals/{goal_id}/calendar", answer=answers.Calendar)
async def get_calendar(call: Call, goal_id: str, query: CalendarQuery) -> Reply:
    """Tells what is due and what became of it on each of up to 400 days, past and future."""
    check_days(query.from_, query.to, most=MAX_CALENDAR_DAYS)
    goals = call.parts.services.goals
    request = explanation_pb2.GetCalendarRequest(
        goal_id=goal_id, from_date=messages.day(query.from_), to_date=messages.day(query.to)
    )
    return Reply(views.calendar(await goals(goals.stub.GetCalendar, request)))


@routes.get("/v1/goals/{goal_id}/explain", answer=answers.Explanation)
async def explain_figure(call: Call, goal_id: str, query: ExplanationQuery) -> Reply:
    """Shows the units behind a figure, in order; replaying them gives it."""
    goals = call.parts.services.goals
    request = explanation_pb2.GetExplanationRequest(
        goal_id=goal_id,
        metric=messages.METRIC[query.metric],
        date=messages.day(query.date) if query.date is not None else None,
    )
    return Reply(views.explanation(await goals(goals.stub.GetExplanation, request)))
