"""Writes the copilot's answer by rules, in three forms: a quick check, a deep dive, and help for a hard talk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from services.coach.domain.copilot.patterns import Pattern
from services.coach.domain.copilot.records import Known, Records, Scope, by_week, last_week
from services.coach.domain.facts import GoalFact, spoken
from services.coach.domain.framing import speakable_title
from services.coach.domain.helplines import Helplines, Need
from services.coach.domain.phrases import Seed
from services.coach.domain.report import GoalReport
from services.coach.domain.reviews.texts import ReviewTexts

_MIN_STREAK: Final = 2
_MOST_GOALS: Final = 4
_OF_LIMITS: Final = frozenset({"silence", "missed_in_a_row", "streak_broken"})


class Mode(StrEnum):
    """What a mentor wants."""

    QUICK_CHECK = "quick_check"
    DEEP_DIVE = "deep_dive"
    RISK_INTERVENTION = "risk_intervention"


MOST_ACTIONS: Final = {Mode.QUICK_CHECK: 2, Mode.DEEP_DIVE: 4, Mode.RISK_INTERVENTION: 4}


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said, with what the mentor could do."""

    reply: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a mentor asks, with all that an answer may draw on.

    Attributes:
        is_about_diagnosis: It asks for a condition's name.
        is_out_of_bounds: It asks for something else that the copilot does not do.
        tells_of_danger: The mentor's own words tell of a crisis.
    """

    mode: Mode
    known: Known
    records: Records
    patterns: tuple[Pattern, ...]
    scopes: frozenset[Scope]
    today: date
    is_about_diagnosis: bool = False
    is_out_of_bounds: bool = False
    tells_of_danger: bool = False

    @property
    def shows_lines(self) -> bool:
        """Whom the member can call belongs to the answer."""
        crisis = any(pattern.pattern_id == "crisis_sign" for pattern in self.patterns)
        return self.mode is Mode.RISK_INTERVENTION or self.tells_of_danger or crisis


@dataclass(slots=True)
class _Draft:
    texts: ReviewTexts
    key: str
    sentences: list[str] = field(default_factory=list)
    part_ids: set[str] = field(default_factory=set)

    def say(self, part: str, **slots: str) -> None:
        """Adds a variant of `part`."""
        self.sentences.append(self.of(part, **slots))

    def of(self, part: str, **slots: str) -> str:
        """A variant of `part` that was not used yet, with its slots filled."""
        picked = self.texts.pick(part, Seed(self.key, frozenset(self.part_ids)))
        self.part_ids.add(picked.part_id)
        said = picked.text.format(**slots)
        return said[:1].upper() + said[1:]


def write_advice(question: Question, texts: ReviewTexts) -> Advice:
    """The answer; the same question, the same words."""
    draft = _Draft(texts, f"{question.known.member_id}|{question.mode}|{question.today.isoformat()}")
    if question.is_about_diagnosis or question.is_out_of_bounds:
        draft.say("boundary.diagnosis" if question.is_about_diagnosis else "boundary.other")
    write = {Mode.QUICK_CHECK: _quick, Mode.DEEP_DIVE: _deep, Mode.RISK_INTERVENTION: _risk}[question.mode]
    write(draft, question)
    return Advice("\n".join(draft.sentences), _actions(draft, question))


def _quick(draft: _Draft, question: Question) -> None:
    """Three lines: where it stands, what stands out, what to build on."""
    _tell_state(draft, question, limit=1)
    _tell_patterns(draft, question.patterns[:1])
    _tell_strength(draft, question)


def _deep(draft: _Draft, question: Question) -> None:
    _tell_state(draft, question, limit=_MOST_GOALS)
    for reported in _due(question)[:_MOST_GOALS]:
        weeks = [spoken(week) for week in by_week(reported, question.known.report.last) if week is not None]
        if len(weeks) > 1:
            draft.say("timeline.goal", goal=_title(reported.goal), weeks=", ".join(weeks), ref=_ref(question, reported))
    _tell_patterns(draft, question.patterns)
    _tell_strength(draft, question)
    for part in dict.fromkeys(_about(question, pattern) for pattern in question.patterns[:3]):
        draft.say(f"hypothesis.{part}")


def _risk(draft: _Draft, question: Question) -> None:
    _tell_patterns(draft, question.patterns[:3])
    draft.say("opening.warm")
    draft.say("avoid.words")
    draft.say("steps.risk")


def _tell_state(draft: _Draft, question: Question, *, limit: int) -> None:
    if Scope.GOALS not in question.scopes:
        draft.say("state.unshared")
        return
    told = 0
    for reported in _due(question)[:limit]:
        week = last_week(reported, question.known.report.last)
        done, due = spoken(week.done), spoken(week.due)
        draft.say("state.kept", goal=_title(reported.goal), done=done, due=due, ref=_ref(question, reported))
        told += 1
    for reported in question.known.report.goals:
        percent = reported.goal.percent
        if told < limit and reported.goal.pattern in {"target", "milestone"} and percent is not None:
            shown = spoken(round(percent))
            draft.say("state.level", goal=_title(reported.goal), percent=shown, ref=_ref(question, reported))
            told += 1
    if not told:
        draft.say("state.nothing")


def _tell_patterns(draft: _Draft, patterns: Sequence[Pattern]) -> None:
    if not patterns:
        draft.say("pattern.none")
    draft.sentences.extend(pattern.text for pattern in patterns)


def _tell_strength(draft: _Draft, question: Question) -> None:
    goals = [reported for reported in question.known.report.goals if reported.goal.streak >= _MIN_STREAK]
    best = max(goals, key=lambda each: (each.goal.streak, each.goal.goal_id.hex), default=None)
    if best is None:
        draft.say("strength.none")
        return
    streak = spoken(best.goal.streak)
    draft.say("strength.best", goal=_title(best.goal), streak=streak, ref=_ref(question, best))


def _actions(draft: _Draft, question: Question) -> tuple[str, ...]:
    parts = list(dict.fromkeys(_about(question, pattern) for pattern in question.patterns))
    actions = [draft.of(f"action.{part}") for part in parts] + [draft.of("action.any")]
    return tuple(actions[: MOST_ACTIONS[question.mode]])


def _about(question: Question, pattern: Pattern) -> str:
    """The name of a pattern's parts; about limits alone it has its own: a smaller version of one is none."""
    goals = question.known.report.goals
    limits = {question.records.ref(each.goal.goal_id) for each in goals if each.goal.is_limit}
    of_limits = limits.intersection(pattern.refs) or (pattern.pattern_id == "silence" and len(limits) == len(goals) > 0)
    return f"{pattern.pattern_id}_of_limit" if of_limits and pattern.pattern_id in _OF_LIMITS else pattern.pattern_id


def _due(question: Question) -> list[GoalReport]:
    """Goals with anything due in the last week, the least kept first."""
    last = question.known.report.last
    due = [each for each in question.known.report.goals if last_week(each, last).due]
    return sorted(due, key=lambda each: (last_week(each, last).percent or 0, each.goal.goal_id.hex))


def _ref(question: Question, reported: GoalReport) -> str:
    return f"[{question.records.ref(reported.goal.goal_id)}]"


def _title(goal: GoalFact) -> str:
    title = speakable_title(goal.title)
    return f"“{title}”" if title else "the goal"


def resource_line(helplines: Helplines, country: str, texts: ReviewTexts, *, key: str) -> str:
    """Whom the member can call: reviewed data, so it cites no record."""
    line = helplines.first(country, need=Need.CRISIS)
    return texts.pick("resources.line", Seed(key, frozenset())).text.format(
        line=line.name, contact=line.contact, emergency=helplines.of(country).emergency
    )
