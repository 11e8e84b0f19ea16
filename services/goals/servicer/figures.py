"""RPCs of figures looked at closely: calendars and explanations."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from chassis.errors import InvalidArgument
from chassis.request import current
from services.goals.domain.agenda import AgendaDay, AgendaUnit
from services.goals.domain.explanation import Metric, Step
from services.goals.domain.units import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING
from services.goals.servicer import incoming, outgoing
from services.goals.usecases import ShownExplanation, UseCases
from tandem.goals.v1 import explanation_pb2 as pb

OUTCOMES: Final = {
    DONE: pb.OUTCOME_DONE,
    PARTIAL: pb.OUTCOME_PARTIAL,
    MISSED: pb.OUTCOME_MISSED,
    EXCUSED: pb.OUTCOME_EXCUSED,
    PENDING: pb.OUTCOME_PENDING,
    NOT_DUE: pb.OUTCOME_NOT_DUE,
}
_METRICS: Final = {
    pb.METRIC_STREAK: Metric.STREAK,
    pb.METRIC_STRENGTH: Metric.STRENGTH,
    pb.METRIC_ADHERENCE: Metric.ADHERENCE,
    pb.METRIC_PACE: Metric.PACE,
}
_METRIC_NUMBERS: Final = {metric: number for number, metric in _METRICS.items()}


class FigureRpcs:
    """The calendar of a goal, and the units behind a number."""

    _use_cases: UseCases

    async def GetCalendar(self, request: pb.GetCalendarRequest, context: Any) -> pb.GetCalendarResponse:  # noqa: N802 - the contract's name
        """What is due and what became of it, day by day."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        if not request.HasField("from_date"):
            raise InvalidArgument.of("from", "must be given")
        if not request.HasField("to_date"):
            raise InvalidArgument.of("to", "must be given")
        shown = await self._use_cases.figures.get_calendar(
            current().principal,
            goal_id,
            incoming.date_of(request.from_date, "from"),
            incoming.date_of(request.to_date, "to"),
        )
        return pb.GetCalendarResponse(
            days=[_day(day) for day in shown.days], pattern=outgoing.pattern_of(shown.goal.pattern)
        )

    async def GetExplanation(self, request: pb.GetExplanationRequest, context: Any) -> pb.Explanation:  # noqa: N802 - the contract's name
        """The units behind a figure, in order."""
        metric = incoming.word_of(request.metric, _METRICS, "metric")
        if metric is None:
            raise InvalidArgument.of("metric", f"must be one of {', '.join(Metric)}")
        shown = await self._use_cases.figures.explain(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            metric,
            incoming.date_of(request.date, "date") if request.HasField("date") else None,
        )
        return _explanation(shown)


def _day(day: AgendaDay) -> pb.CalendarDay:
    return pb.CalendarDay(
        date=outgoing.day(day.day),
        due=day.is_due,
        outcome=OUTCOMES[day.outcome],
        value=day.value,
        excused_by=day.excused_by or "",
        unit=_unit(day.unit) if day.unit else None,
    )


def _unit(unit: AgendaUnit | Step) -> pb.Unit:
    return pb.Unit(
        start_date=outgoing.day(unit.first),
        end_date=outgoing.day(unit.last),
        outcome=OUTCOMES[unit.outcome],
        done=unit.done,
        needed=unit.needed,
    )


def _explanation(shown: ShownExplanation) -> pb.Explanation:
    explained = shown.explanation
    return pb.Explanation(
        goal_id=str(shown.goal.id),
        metric=_METRIC_NUMBERS[explained.metric],
        date=outgoing.day(explained.day),
        value=explained.value,
        start_value=explained.start_value,
        steps=[_step(step, ids) for step, ids in zip(explained.steps, shown.named, strict=True)],
        rule=explained.rule,
        truncated=explained.is_truncated,
    )


def _step(step: Step, ids: Sequence[UUID]) -> pb.ExplainedStep:
    return pb.ExplainedStep(
        unit=_unit(step),
        rule_version=step.version,
        activity_ids=[str(entry_id) for entry_id in ids],
        effect=step.effect,
        value=step.value,
        worth=step.worth,
        memory=step.memory,
    )
