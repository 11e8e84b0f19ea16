"""The gRPC face of the coach: proto to domain, use case, domain to proto. Nothing here logs what passes."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from google.type.date_pb2 import Date

from chassis import idempotency
from chassis.identity.principal import Principal
from chassis.pages import PageTokens, page_size
from chassis.request import current
from chassis.rpc.policy import GENERATE, LIST, Allow
from chassis.rpc.server import Servicing
from services.coach.domain.conversation import Author, Exchange, Message, SafetyNotice, Thread, check_thread_id
from services.coach.domain.planning import proposal
from services.coach.domain.planning.schedules import WEEK_MINUTES, Schedule
from services.coach.domain.planning.slots import Allowance, Quantity
from services.coach.domain.planning.task import SCHEDULED, OwnHabit, PlanTask, Step, TargetTerms
from services.coach.domain.tiers import Tier
from services.coach.errors import invalid_plan_request
from services.coach.repository import Position
from services.coach.usecases import ChatUseCases, Draft, HistoryUseCases, PlanUseCases
from tandem.coach.v1 import coach_pb2 as pb
from tandem.coach.v1 import coach_pb2_grpc
from tandem.goals.v1 import goal_pb2

PLAN: Final = timedelta(seconds=12)
POLICIES: Final = {
    "SendMessage": Allow.members("gateway", deadline=GENERATE),
    "StreamMessage": Allow.members("gateway", deadline=GENERATE),
    "ListMessages": Allow.members("gateway", deadline=LIST),
    "ListThreads": Allow.members("gateway", deadline=LIST),
    # Also asked for goals whose member is not there any more to wait, so for nobody; the request says whose plan it is.
    "MakePlan": Allow.services("goals", deadline=PLAN),
}
_AUTHORS = {Author.MEMBER: pb.AUTHOR_MEMBER, Author.COACH: pb.AUTHOR_COACH}
_TIERS = {
    Tier.NONE: pb.SAFETY_TIER_NONE,
    Tier.WATCH: pb.SAFETY_TIER_WATCH,
    Tier.RISK: pb.SAFETY_TIER_RISK,
    Tier.IMMINENT: pb.SAFETY_TIER_IMMINENT,
    Tier.THIRD_PARTY: pb.SAFETY_TIER_THIRD_PARTY,
}
_PATTERNS = {
    goal_pb2.PATTERN_RECURRING: "recurring",
    goal_pb2.PATTERN_MILESTONE: "milestone",
    goal_pb2.PATTERN_TARGET: "target",
    goal_pb2.PATTERN_STREAK: "streak",
    goal_pb2.PATTERN_LIMIT: "limit",
}
_PERIODS = {
    "day": goal_pb2.PERIOD_DAY,
    "week": goal_pb2.PERIOD_WEEK,
    "month": goal_pb2.PERIOD_MONTH,
    "quarter": goal_pb2.PERIOD_QUARTER,
    "year": goal_pb2.PERIOD_YEAR,
}
_PERIOD_NAMES = {number: name for name, number in _PERIODS.items()}
_WINDOW_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


class CoachServicer(coach_pb2_grpc.CoachServiceServicer):
    """Serves `tandem.coach.v1.CoachService`, whose names its methods have."""

    def __init__(
        self, chat: ChatUseCases, history: HistoryUseCases, plans: PlanUseCases, page_tokens: PageTokens
    ) -> None:
        self._chat = chat
        self._history = history
        self._plans = plans
        self._page_tokens = page_tokens

    async def SendMessage(self, request: pb.SendMessageRequest, context: Any) -> pb.SendMessageResponse:  # noqa: N802
        """The coach's whole reply."""
        exchange = await self._chat.send(current().principal, _draft(request), key=idempotency.key_for(request))
        return _exchange(exchange)

    async def StreamMessage(  # noqa: N802
        self, request: pb.SendMessageRequest, context: Any
    ) -> AsyncIterator[pb.StreamMessageResponse]:
        """The reply in pieces, then the exchange."""
        pieces = self._chat.stream(current().principal, _draft(request), key=idempotency.key_for(request))
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Exchange):
                    yield pb.StreamMessageResponse(done=_exchange(piece))
                else:
                    yield pb.StreamMessageResponse(delta=piece)

    async def ListMessages(self, request: pb.ListMessagesRequest, context: Any) -> pb.ListMessagesResponse:  # noqa: N802
        """A page of messages, newest first."""
        principal, limit = current().principal, page_size(request.page_size)
        scope = _scope("messages", principal, request.thread_id)
        # One more than asked tells whether there is another page.
        found = await self._history.list_messages(
            principal,
            thread_id=check_thread_id(request.thread_id),
            before=self._position(scope, request.page_token),
            limit=limit + 1,
        )
        last = found[limit - 1] if len(found) > limit else None
        return pb.ListMessagesResponse(
            messages=[_message(message) for message in found[:limit]],
            next_page_token=self._token(scope, last.create_time, last.message_id) if last else "",
        )

    async def ListThreads(self, request: pb.ListThreadsRequest, context: Any) -> pb.ListThreadsResponse:  # noqa: N802
        """A page of threads, the latest used first."""
        principal, limit = current().principal, page_size(request.page_size)
        scope = _scope("threads", principal, "")
        found = await self._history.list_threads(
            principal, before=self._position(scope, request.page_token), limit=limit + 1
        )
        last = found[limit - 1] if len(found) > limit else None
        return pb.ListThreadsResponse(
            threads=[_thread(thread) for thread in found[:limit]],
            next_page_token=self._token(scope, last.update_time, last.thread_id) if last else "",
        )

    async def MakePlan(self, request: pb.MakePlanRequest, context: Any) -> pb.MakePlanResponse:  # noqa: N802
        """How a goal is to be reached. A repetition is answered anew; by rules it reads the same."""
        made = await self._plans.make_plan(_task(request), member_id=_member_id(request.member_id))
        return pb.MakePlanResponse(plan=plan_message(made.plan, made.generate_time), degraded=made.degraded)

    def _position(self, scope: str, token: str) -> Position | None:
        if not token:
            return None
        time, row_id = self._page_tokens.open(scope, token)
        return Position(datetime.fromisoformat(time), UUID(row_id))

    def _token(self, scope: str, time: datetime, row_id: UUID) -> str:
        return self._page_tokens.seal(scope, time.isoformat(), str(row_id))


def servicing(chat: ChatUseCases, history: HistoryUseCases, plans: PlanUseCases, page_tokens: PageTokens) -> Servicing:
    """What the process serves."""
    return Servicing(
        add=coach_pb2_grpc.add_CoachServiceServicer_to_server,
        servicer=CoachServicer(chat, history, plans, page_tokens),
        descriptor=pb.DESCRIPTOR.services_by_name["CoachService"],
        policies=POLICIES,
    )


def _scope(name: str, principal: Principal, thread_id: str) -> str:
    return f"coach.{name}|{principal.member_id}|{thread_id}"


def _draft(request: pb.SendMessageRequest) -> Draft:
    return Draft(text=request.text, thread_id=request.thread_id)


def _exchange(exchange: Exchange) -> pb.SendMessageResponse:
    return pb.SendMessageResponse(
        user_message=_message(exchange.user_message),
        reply=_message(exchange.reply),
        action_steps=exchange.action_steps,
        provider=exchange.provider,
        degraded=exchange.degraded,
        safety=_safety(exchange.safety),
        unsaved=not exchange.kept,
    )


def _safety(notice: SafetyNotice) -> pb.Safety:
    return pb.Safety(
        tier=_TIERS[notice.tier],
        resources=[
            pb.SafetyResource(name=one.name, contact=one.contact, country=one.country) for one in notice.resources
        ],
    )


def _message(message: Message) -> pb.Message:
    shown = pb.Message(
        message_id=str(message.message_id),
        thread_id=str(message.thread_id),
        author=_AUTHORS[message.author],
        text=message.text,
    )
    shown.create_time.FromDatetime(message.create_time)
    return shown


def _thread(thread: Thread) -> pb.Thread:
    shown = pb.Thread(thread_id=str(thread.thread_id))
    shown.create_time.FromDatetime(thread.create_time)
    shown.update_time.FromDatetime(thread.update_time)
    return shown


def plan_message(plan: proposal.Plan, made_at: datetime) -> goal_pb2.Plan:
    """A plan as goals takes it."""
    message = goal_pb2.Plan(
        source=plan.source,
        summary=plan.summary,
        subgoals=[_planned_subgoal(step) for step in plan.subgoals],
        habits=[_planned_habit(habit) for habit in plan.habits],
        fits=plan.fits,
        warnings=plan.warnings,
    )
    message.generate_time.FromDatetime(made_at)
    return message


def _member_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid_plan_request("member_id", "must be a UUID") from None


def _task(request: pb.MakePlanRequest) -> PlanTask:
    """What there is to plan.

    Raises:
        InvalidArgument: The day, the title or a number is not what it can be.
    """
    goal, constraints = request.goal, request.constraints
    if not request.HasField("today"):
        raise invalid_plan_request("today", "must be the member's civil day")
    if not goal.title.strip():
        raise invalid_plan_request("goal.title", "must not be empty")
    if not 0 <= constraints.minutes_per_week <= WEEK_MINUTES:
        raise invalid_plan_request("constraints.minutes_per_week", f"must be between 1 and {WEEK_MINUTES}")
    last_days = [
        _date(days.deadline, f"{field}.deadline")
        for field, days in (("goal", goal), ("constraints", constraints))
        if days.HasField("deadline")
    ]
    pattern = _PATTERNS.get(goal.pattern, "recurring")
    planned = {step.title for step in goal.plan.subgoals}
    brought = {(habit.title, habit.minutes, habit.if_then) for habit in goal.plan.habits}
    return PlanTask(
        title=goal.title,
        today=_date(request.today, "today"),
        pattern=pattern,
        description=goal.description,
        category=goal.category,
        start_date=_date(goal.start_date, "goal.start_date") if goal.HasField("start_date") else None,
        last_day=min(last_days, default=None),
        schedule=_schedule(goal.schedule) if goal.HasField("schedule") and pattern in SCHEDULED else None,
        amount=Quantity(goal.amount.min_value, goal.amount.unit) if goal.HasField("amount") else None,
        target=TargetTerms(goal.target.unit, goal.target.start_value, goal.target.target_value)
        if goal.HasField("target")
        else None,
        limit=Allowance(Quantity(goal.limit.max_value, goal.limit.unit), _schedule(goal.schedule).period)
        if goal.HasField("limit")
        else None,
        streak_length=max(0, goal.streak.target_length),
        milestones=tuple(_step(step) for step in goal.milestones if not step.HasField("done_time")),
        # What an earlier plan brought makes room for the new one; the rest is the member's own and stays.
        own_habits=tuple(
            OwnHabit(habit.title, _schedule(habit.schedule), max(0, habit.minutes))
            for habit in goal.habits
            if (habit.title, habit.minutes, habit.if_then) not in brought
        ),
        own_subgoals=tuple(
            step.title
            for step in goal.subgoals
            if step.status == goal_pb2.SUBGOAL_STATUS_DONE or step.title not in planned
        ),
        minutes_per_week=constraints.minutes_per_week,
    )


def _date(day: Date, field: str) -> date:
    try:
        return date(day.year, day.month, day.day)
    except ValueError:
        raise invalid_plan_request(field, "must be a day of the calendar") from None


def _step(step: goal_pb2.Milestone) -> Step:
    return Step(step.title, _date(step.due_date, "goal.milestones.due_date") if step.HasField("due_date") else None)


def _schedule(message: goal_pb2.Schedule) -> Schedule:
    period = _PERIOD_NAMES.get(message.period, "day")
    rolling = message.window == goal_pb2.WINDOW_ROLLING
    return Schedule(
        period=period,
        times=max(1, message.times) if message.HasField("times") else 1,
        weekdays=frozenset(message.weekdays),
        rrule=message.rrule,
        window_days=max(1, message.window_days or _WINDOW_DAYS[period]) if rolling else 0,
    )


def _planned_subgoal(step: proposal.Subgoal) -> goal_pb2.PlannedSubgoal:
    day = step.due_date
    return goal_pb2.PlannedSubgoal(
        title=step.title, due_date=Date(year=day.year, month=day.month, day=day.day) if day else None
    )


def _planned_habit(habit: proposal.Habit) -> goal_pb2.PlannedHabit:
    due = habit.schedule
    return goal_pb2.PlannedHabit(
        title=habit.title,
        schedule=goal_pb2.Schedule(
            period=_PERIODS[due.period],
            times=due.times,
            weekdays=sorted(due.weekdays),
            rrule=due.rrule,
            window=goal_pb2.WINDOW_ROLLING if due.window_days else goal_pb2.WINDOW_CALENDAR,
            window_days=due.window_days or None,
        ),
        minutes=habit.minutes,
        if_then=habit.said,
    )
