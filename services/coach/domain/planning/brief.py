"""What a plan has to keep to: the goal's own fields first, then what its text says, then nothing."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.coach.domain.framing import speakable_title
from services.coach.domain.planning.grammar import read_goal
from services.coach.domain.planning.schedules import WEEK_MINUTES, Schedule, from_cadence, minutes_per_week
from services.coach.domain.planning.slots import Kind, Quantity, Slots
from services.coach.domain.planning.task import SCHEDULED, PlanTask, TargetTerms
from services.coach.domain.planning.texts import Category, PlanTexts

WEEKS_WITHOUT_DATE: Final = 8

# In a description people also tell how it was; only what may be wished for is read there.
_TOLD = re.compile(
    r"\b(?:used to|last (?:year|month|week|time)|was|were|had|did|ago|before i|in the past|failed|tried)\b"
)
_SENTENCE = re.compile(r"[^.!?\n]{1,400}")
_SENTENCES_READ = 12
_SLEEP = re.compile(r"\bsleep\b(?! (?:study|course|research))")
_MOMENTS = {
    "bed": re.compile(r"\bbefore (?:bed|sleep|going to (?:bed|sleep))\b|\bin bed\b|\bat bedtime\b"),
    "work": re.compile(r"\bafter work\b|\bafter the office\b"),
    "morning": re.compile(r"\bmornings?\b|\bbefore work\b|\bbefore breakfast\b|\bafter breakfast\b|\b\d{1,2} ?am\b"),
    "lunch": re.compile(r"\blunch(?:time| break)?\b|\bat noon\b"),
    "evening": re.compile(r"\b(?:evenings?|nights?|nightly|after dinner)\b"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brief:
    """A task with everything decided that is not the planner's to choose.

    Attributes:
        slots: What the text says; the goal's own fields are above it.
        schedule: Stated, by the goal or its text; None is free to choose.
        minutes: Stated for one time; None is free to choose.
        budget: Minutes a week that there are, or None.
        own_minutes: Of a week, that the member's own habits take already.
        begin: The first day that a step may fall on.
        end: The last one; the deadline where there is one.
        has_deadline: Somebody said it.
        is_over: The deadline said lies in the past.
        title: As a plan may quote it: “Run 10k”, or `your goal`.
        moment: The part of the day that the text names, or empty.
    """

    task: PlanTask
    slots: Slots
    category: Category
    kind: Kind
    schedule: Schedule | None
    minutes: int | None
    budget: int | None
    own_minutes: int
    begin: date
    end: date
    has_deadline: bool
    is_over: bool
    title: str
    moment: str

    @property
    def available(self) -> int:
        """Minutes of a week that are left for this plan."""
        return (WEEK_MINUTES if self.budget is None else self.budget) - self.own_minutes

    @property
    def weeks(self) -> int:
        """Whole weeks until the end, at least one."""
        return max(1, (self.end - self.begin).days // 7)

    @property
    def target(self) -> TargetTerms | None:
        """Of the goal itself."""
        return self.task.target

    @property
    def amount(self) -> Quantity | None:
        """What is to be done each time."""
        return self.task.amount or self.slots.amount

    @property
    def is_vague(self) -> bool:
        """Nothing says what would be enough."""
        task, slots = self.task, self.slots
        said = (slots.cadence, slots.target, slots.amount, slots.deadline, slots.session_minutes, slots.allowance)
        return not any(
            (*said, task.last_day, task.target, task.limit, task.milestones, task.amount, task.streak_length)
        )


def brief_of(task: PlanTask, texts: PlanTexts) -> Brief:
    """Reads the goal's title, and its description for what the title leaves open."""
    slots = _read(task)
    category = texts.category_of(task.title, said=task.category)
    if category.name == "other" and not task.category:
        category = texts.category_of(task.description[:400])
    said = task.last_day or slots.deadline
    begin, end = _span(task, said, slots)
    quoted = speakable_title(task.title)
    return Brief(
        task=task,
        slots=slots,
        category=category,
        kind=Kind.LIMIT if task.pattern == "limit" or task.limit else slots.kind,
        schedule=_schedule(task, slots),
        minutes=_stated_minutes(task, slots),
        budget=task.minutes_per_week or slots.budget_minutes,
        own_minutes=sum(minutes_per_week(habit.schedule, habit.minutes) for habit in task.own_habits),
        begin=begin,
        end=end,
        has_deadline=said is not None,
        is_over=slots.past_deadline if task.last_day is None else task.last_day < task.today,
        title=f"“{quoted}”" if quoted else "your goal",
        moment=next((name for name, words in _MOMENTS.items() if words.search(task.title.lower())), ""),
    )


def _read(task: PlanTask) -> Slots:
    slots = read_goal(task.title, today=task.today)
    wished = [
        one for one in _SENTENCE.findall(task.description[:10_000])[:_SENTENCES_READ] if not _TOLD.search(one.lower())
    ]
    for sentence in wished:
        more = read_goal(sentence, today=task.today)
        slots = slots.filled_from(
            {
                "budget_minutes": more.budget_minutes,
                "session_minutes": more.session_minutes,
                "deadline": more.deadline,
                "available": more.available,
                "cadence": more.cadence if more.kind is Kind.DO else None,
            }
        )
    return slots


def _schedule(task: PlanTask, slots: Slots) -> Schedule | None:
    if task.schedule is not None and task.pattern in SCHEDULED:
        return task.schedule
    return from_cadence(slots.cadence) if slots.cadence else None


def _stated_minutes(task: PlanTask, slots: Slots) -> int | None:
    """Of one time. Hours of sleep are no time to find in a week."""
    if _SLEEP.search(task.title.lower()):
        return None
    return slots.session_minutes or _amount_in_minutes(task.amount)


def _amount_in_minutes(amount: Quantity | None) -> int | None:
    if amount is None or not 0 < amount.value <= 24 * 60:
        return None
    if amount.unit.lower() in {"min", "mins", "minute", "minutes"}:
        return max(1, round(amount.value))
    is_hours = amount.unit.lower() in {"h", "hr", "hrs", "hour", "hours"}
    return max(1, round(amount.value * 60)) if is_hours and amount.value <= 24 else None


def _span(task: PlanTask, said: date | None, slots: Slots) -> tuple[date, date]:
    """First and last day of the steps; today alone where the last day is over."""
    begin = max(task.today, task.start_date or task.today)
    if said is None:
        return begin, task.today if slots.past_deadline else begin + timedelta(weeks=WEEKS_WITHOUT_DATE)
    end = max(said, task.today)
    return min(begin, end), end
