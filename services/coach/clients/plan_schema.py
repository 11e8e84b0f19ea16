"""The form of a plan that every provider answers in, rules and models alike; checked here, whoever made it.

Written so that both vendors can hold to it: no free objects, no unions beyond absence, no defaults that matter, and
limits for our own check. Source: ADR-0055.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.coach.domain.planning import proposal
from services.coach.domain.planning.schedules import Schedule as DomainSchedule

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
# Cue, response and small version together fit into the 500 characters that a goal's habit has for them.
Clause = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=190)]
Weekday = Annotated[int, Field(ge=1, le=7)]
_MOST_TIMES = {"day": 100, "week": 7, "month": 31, "quarter": 92, "year": 100}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Strict):
    """When a habit is due; the form of a goal's schedule.

    Attributes:
        rrule: RFC 5545 for what the other fields cannot say, then the period is `day`; empty for none.
        window_days: Of a rolling window; 0 where periods lie on the calendar.
    """

    period: Literal["day", "week", "month", "quarter", "year"]
    times: Annotated[int, Field(ge=1, le=100)]
    weekdays: Annotated[list[Weekday], Field(max_length=7)]
    rrule: Annotated[str, StringConstraints(max_length=2_000)]
    window_days: Annotated[int, Field(ge=0, le=366)]

    @model_validator(mode="after")
    def _can_be_met(self) -> "Schedule":
        if self.times > (self.window_days or _MOST_TIMES[self.period]):
            raise ValueError("more times than the period has days")
        if len(set(self.weekdays)) != len(self.weekdays):
            raise ValueError("a weekday named twice")
        if self.rrule and (self.period != "day" or self.weekdays):
            raise ValueError("a rule beside other fields")
        return self


class Subgoal(_Strict):
    """A part on the way."""

    title: Title
    due_date: date | None


class IfThen(_Strict):
    """When and where, read after "If"; what to do, read after "then"."""

    cue: Clause
    response: Clause


class Habit(_Strict):
    """What to do regularly; `minimum` is the version for a bad day, one sentence."""

    title: Title
    schedule: Schedule
    minutes: Annotated[int, Field(ge=1, le=1_440)]
    if_then: IfThen
    minimum: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=90)]


class Plan(_Strict):
    """How a goal is to be reached.

    Attributes:
        assumptions: What was guessed, a sentence each.
        question: One, where the goal is vague; else empty.
        warnings: What was changed and what needs care, a sentence each.
    """

    summary: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_200)]
    subgoals: Annotated[list[Subgoal], Field(max_length=proposal.MAX_SUBGOALS)]
    habits: Annotated[list[Habit], Field(max_length=proposal.MAX_HABITS)]
    assumptions: Annotated[list[Sentence], Field(max_length=5)]
    question: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
    warnings: Annotated[list[Sentence], Field(max_length=10)]

    def proposed(self) -> proposal.Proposal:
        """The same for the domain."""
        return proposal.Proposal(
            summary=self.summary,
            subgoals=tuple(proposal.Subgoal(step.title, step.due_date) for step in self.subgoals),
            habits=tuple(map(_habit, self.habits)),
            assumptions=tuple(self.assumptions),
            question=self.question,
            warnings=tuple(self.warnings),
        )


def content(made: proposal.Proposal) -> Mapping[str, Any]:
    """What a proposal of the rules has to say in this form."""
    whole = asdict(made)
    for habit in whole["habits"]:
        habit["schedule"]["weekdays"] = sorted(habit["schedule"]["weekdays"])
    return whole


def _habit(habit: Habit) -> proposal.Habit:
    schedule = habit.schedule
    return proposal.Habit(
        title=habit.title,
        schedule=DomainSchedule(
            schedule.period, schedule.times, frozenset(schedule.weekdays), schedule.rrule, schedule.window_days
        ),
        minutes=habit.minutes,
        if_then=proposal.IfThen(habit.if_then.cue, habit.if_then.response),
        minimum=habit.minimum,
    )
