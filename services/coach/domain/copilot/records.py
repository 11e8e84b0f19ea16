"""The records that a mentor's copilot may speak of: each with a short name, its owner and the numbers that it holds.

A number in an answer has to stand in a record that its sentence cites (`[g1]`, `[g1, c2]`); nothing else is known.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.coach.domain.conversation import Author, Message
from services.coach.domain.facts import EntryFact, newest_first, spoken
from services.coach.domain.framing import Frame
from services.coach.domain.report import GoalReport, MoodFact, Report, Tally
from services.coach.domain.tiers import Tier
from services.coach.errors import ForeignFact

WEEK: Final = timedelta(days=7)
# How far back a mentor's copilot looks.
SPAN: Final = timedelta(days=28)
_MOST_ENTRIES: Final = 40
_NOTE: Final = 200
_WORDS: Final = 300
# How long the windows of a goal's figures are; an answer may say so.
_WINDOWS: Final = frozenset({"7", "28"})


class Scope(StrEnum):
    """What a member shares with a mentor."""

    GOALS = "goals"
    JOURNAL = "journal"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        ref: Short name within the answer.
        kind: `goal`, `habit`, `subgoal`, `check_in`, `journal`, `message`, `mentor_note` or `safety`.
        line: As a model reads it, in JSON; what people wrote is framed.
        numbers: As an answer may write them.
        title: A goal's, habit's or subgoal's; what an answer may quote.
        words: What somebody wrote; an answer that cites the record may quote it.
        goal_id: Of a goal, and of what hangs on it.
    """

    ref: str
    kind: str
    record_id: UUID
    line: str
    numbers: frozenset[str] = frozenset()
    title: str = ""
    goal_id: UUID | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the mentor noted."""

    note_id: UUID
    text: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Flag:
    """That the safety screen found something lately; told only where the member allows it."""

    message_id: UUID
    tier: Tier
    day: date


@dataclass(frozen=True, slots=True)
class Known:
    """Everything about one member that one answer may draw on, by what they share.

    Attributes:
        messages: What the member wrote in chat, newest first; empty without that scope.
        flag: None where there is none, or where the member does not allow that a mentor is told.
    """

    member_id: UUID
    report: Report
    messages: tuple[Message, ...] = ()
    notes: tuple[Note, ...] = ()
    flag: Flag | None = None

    def check_owner(self) -> None:
        """Stops before any text is made when something is somebody else's.

        Raises:
            ForeignFact: It is.
        """
        self.report.check_owner(self.member_id)
        if any(message.member_id != self.member_id for message in self.messages):
            raise ForeignFact


@dataclass(frozen=True)
class Records:
    """The records of one answer, by their short names, in their order."""

    by_ref: Mapping[str, Record]
    of: Mapping[UUID, str] = field(default_factory=dict)

    @classmethod
    def lay_out(cls, known: Known, frame: Frame) -> "Records":
        """Names everything; the same rows, the same names."""
        records = [*_goals(known.report, frame), *_entries(known.report, frame), *_moods(known.report)]
        records += [*_messages(known, frame), *_notes(known, frame), *_flag(known)]
        return cls({record.ref: record for record in records}, {record.record_id: record.ref for record in records})

    def ref(self, record_id: UUID) -> str:
        """The short name of a record; empty where it is not among them."""
        return self.of.get(record_id, "")

    @property
    def text(self) -> str:
        """All of it, as a model reads it."""
        return "\n".join(record.line for record in self.by_ref.values())


def _goals(report: Report, frame: Frame) -> Iterator[Record]:
    habits, subgoals = 0, 0
    ordered = sorted(report.goals, key=lambda each: each.goal.goal_id.hex)
    for number, reported in enumerate(ordered, start=1):
        goal, ref = reported.goal, f"g{number}"
        figures = goal_figures(reported, report)
        named = {"ref": ref, "kind": "goal", "title": frame.of("goal_title", ref, goal.title[:_NOTE])}
        yield Record(
            ref,
            "goal",
            goal.goal_id,
            _line({**named, **figures}),
            _numbers(figures) | _WINDOWS,
            goal.title,
            goal.goal_id,
        )
        for habit in reported.habits:
            habits += 1
            facts = {"times": habit.times, "period": habit.period, "minutes": habit.minutes}
            words = {"ref": f"h{habits}", "of": ref, "title": frame.of("habit", f"h{habits}", habit.title[:_NOTE])}
            yield Record(
                f"h{habits}", "habit", habit.habit_id, _line({**words, **facts}), _numbers(facts), habit.title,
                goal.goal_id,
            )  # fmt: skip
        for step in reported.subgoals:
            subgoals += 1
            facts = {"due_date": step.due_date}
            words = {"ref": f"s{subgoals}", "of": ref, "title": frame.of("subgoal", f"s{subgoals}", step.title[:_NOTE])}
            yield Record(
                f"s{subgoals}", "subgoal", step.subgoal_id, _line({**words, **facts}), _numbers(facts), step.title,
                goal.goal_id,
            )  # fmt: skip


def goal_figures(reported: GoalReport, report: Report) -> dict[str, object]:
    """The figures of a goal that an answer may say."""
    goal = reported.goal
    last = report.last
    week, before = last_week(reported, last), week_before(reported, last)
    month = Tally.of(reported.within(last - SPAN + timedelta(days=1), last))
    return {
        "pattern": goal.pattern,
        "state": goal.state,
        "kept_last_7_days": [week.done, week.due],
        "percent_last_7_days": week.percent,
        "kept_7_days_before": [before.done, before.due],
        "percent_7_days_before": before.percent,
        "kept_last_28_days": [month.done, month.due],
        "percent_by_week": by_week(reported, last),
        "missed_in_a_row": missed_in_a_row(reported),
        "streak": goal.streak,
        "longest_streak": goal.longest_streak,
        "broken_streak": broken_streak(reported, last),
        "percent": round(goal.percent) if goal.percent is not None else None,
        "deadline": goal.deadline,
        "days_to_deadline": (goal.deadline - report.today).days if goal.deadline else None,
        "days_since_entry": (report.today - goal.last_logged_on).days if goal.last_logged_on else None,
        "days_without_any_entry": days_without_any(reported, report),
        "plan_fits": None if reported.plan_fits else "no",
    }


def days_without_any(reported: GoalReport, report: Report) -> int | None:
    """How long a goal goes on of a member who logged nothing at all; None where it has not begun, or has ended."""
    if report.entries or reported.begun_on is None or reported.completed_on is not None:
        return None
    return max(0, (report.today - reported.begun_on).days) or None


def last_week(reported: GoalReport, last: date) -> Tally:
    """Of the last seven closed days."""
    return Tally.of(reported.within(last - WEEK + timedelta(days=1), last))


def week_before(reported: GoalReport, last: date) -> Tally:
    """Of the seven days before those."""
    return last_week(reported, last - WEEK)


def by_week(reported: GoalReport, last: date) -> list[int | None]:
    """Percents of the last four weeks, the oldest first."""
    return [last_week(reported, last - WEEK * back).percent for back in (3, 2, 1, 0)]


def missed_in_a_row(reported: GoalReport) -> int:
    """How many of the latest units that count were missed."""
    count = 0
    for unit in reversed(reported.units):
        if unit.outcome == "missed":
            count += 1
        elif unit.outcome in {"done", "partial"}:
            break
    return count


def broken_streak(reported: GoalReport, last: date) -> int:
    """The length of the longest run that a miss of the last fourteen days ended; 0 where none did."""
    run, broken = 0, 0
    for unit in reported.units:
        if unit.outcome == "done":
            run += 1
        elif unit.outcome in {"missed", "partial"}:
            if (last - unit.last) < 2 * WEEK:
                broken = max(broken, run)
            run = 0
    return broken


def _entries(report: Report, frame: Frame) -> Iterator[Record]:
    for number, entry in enumerate(newest_first(report.entries)[:_MOST_ENTRIES], start=1):
        ref, figures = f"c{number}", _entry_figures(entry, report.today)
        words = {"note": frame.of("check_in_note", ref, entry.note[:_NOTE])} if entry.note else {}
        line = {"ref": ref, "kind": "check_in", "type": entry.type, "kept": entry.completed, **figures, **words}
        yield Record(
            ref, "check_in", entry.entry_id, _line(line), _numbers(figures), goal_id=entry.goal_id, words=entry.note
        )


def _entry_figures(entry: EntryFact, today: date) -> dict[str, object]:
    return {
        "date": entry.local_date,
        "days_ago": (today - entry.local_date).days,
        "value": entry.value,
        "mood": entry.mood,
    }


def _moods(report: Report) -> Iterator[Record]:
    """Scores and moods alone: nobody reads a journal over a member's shoulder."""
    for number, mood in enumerate(sorted(report.moods, key=_newest, reverse=True), start=1):
        figures = {"date": mood.day, "score": round(mood.score, 1), "days_ago": (report.today - mood.day).days}
        line = {"ref": f"j{number}", "kind": "journal", "moods": list(mood.tags), **figures}
        yield Record(f"j{number}", "journal", mood.entry_id, _line(line), _numbers(figures))


def _newest(mood: MoodFact) -> tuple[date, str]:
    return mood.day, mood.entry_id.hex


def _messages(known: Known, frame: Frame) -> Iterator[Record]:
    said = [message for message in known.messages if message.author is Author.MEMBER]
    for number, message in enumerate(said, start=1):
        ref = f"t{number}"
        line = {"ref": ref, "kind": "message", "text": frame.of("message", ref, message.text[:_WORDS])}
        yield Record(ref, "message", message.message_id, _line(line), words=message.text[:_WORDS])


def _notes(known: Known, frame: Frame) -> Iterator[Record]:
    for number, note in enumerate(known.notes, start=1):
        ref = f"n{number}"
        line = {"ref": ref, "kind": "mentor_note", "text": frame.of("mentor_note", ref, note.text[:_WORDS])}
        yield Record(ref, "mentor_note", note.note_id, _line(line), words=note.text[:_WORDS])


def _flag(known: Known) -> Iterator[Record]:
    if known.flag is not None:
        figures = {"days_ago": (known.report.today - known.flag.day).days}
        line = {"ref": "x1", "kind": "safety", "tier": str(known.flag.tier), **figures}
        yield Record("x1", "safety", known.flag.message_id, _line(line), _numbers(figures))


def _numbers(figures: Mapping[str, object]) -> frozenset[str]:
    return frozenset(_flattened(figures.values()))


def _flattened(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, date):
            yield from (str(value.day), str(value.month), str(value.year))
        elif isinstance(value, int):
            yield str(abs(value))
        elif isinstance(value, float):
            yield from (spoken(abs(value)), f"{abs(value):g}")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from _flattened(value)


def _line(line: Mapping[str, object]) -> str:
    known = {name: value for name, value in line.items() if value not in (None, "", [])}
    return json.dumps(known, sort_keys=True, ensure_ascii=False, default=str)
