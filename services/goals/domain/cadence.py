"""Reads a cadence out of a title in plain English: "Run 3x per week", "Yoga every Monday and Thursday".

What the calendar schedules cannot say exactly ("every other day") becomes the nearest count below it, never more than
was asked for. Amounts are not counts: "Read 20 pages a day" is once a day.
"""

import re
import unicodedata

from services.goals.domain.days import Period
from services.goals.domain.schedule import Schedule, most_times

_NUMBER_WORDS = {
    "once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a couple of": 2,
}  # fmt: skip
_WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
_PERIODS = {
    "day": Period.DAY, "night": Period.DAY, "morning": Period.DAY, "evening": Period.DAY, "afternoon": Period.DAY,
    "week": Period.WEEK, "wk": Period.WEEK, "month": Period.MONTH, "quarter": Period.QUARTER, "year": Period.YEAR,
}  # fmt: skip
_ADVERBS = {
    "daily": Period.DAY, "nightly": Period.DAY, "weekly": Period.WEEK, "monthly": Period.MONTH,
    "quarterly": Period.QUARTER, "yearly": Period.YEAR, "annually": Period.YEAR,
}  # fmt: skip
# Nouns that measure: the number before them is an amount and not how often.
_MEASURES = frozenset({
    "km", "k", "kilometer", "kilometers", "kilometre", "kilometres", "mile", "miles", "m", "meter", "meters",
    "metre", "metres", "step", "steps", "page", "pages", "word", "words", "minute", "minutes", "min", "mins", "hour",
    "hours", "hr", "hrs", "second", "seconds", "glass", "glasses", "cup", "cups", "liter", "liters", "litre",
    "litres", "l", "ml", "oz", "calorie", "calories", "kcal", "gram", "grams", "g", "kg", "kilo", "kilos", "pound",
    "pounds", "lb", "lbs", "dollar", "dollars", "usd", "euro", "euros", "eur", "cent", "cents", "pushup", "pushups",
    "rep", "reps", "squat", "squats", "set", "sets", "point", "points", "percent", "line", "lines", "chapter",
    "chapters",
})  # fmt: skip

_DAY_NAME = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)s?"
)
_FULL_NAME = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_JOIN = r" ?(?:,|/|&|\+|and|or|, and) ?"
_NUMBER = r"(?:\d{1,4}|a couple of|once|twice|thrice|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_PERIOD = r"(?:day|night|morning|evening|afternoon|week|wk|month|quarter|year)"
_PER = r"(?: ?/ ?| ?per | an? | each | every | in each )"

_DAY_LIST = re.compile(rf"\b{_DAY_NAME}(?:(?:{_JOIN}| ){_DAY_NAME})+\b|\b{_DAY_NAME}(?: ?- ?{_DAY_NAME}){{2,}}\b")
_NAMED_DAY = re.compile(rf"\b(?:every|each|on) ({_DAY_NAME})\b|\b({_FULL_NAME}s)\b")
_DAY_SPAN = re.compile(rf"\b({_DAY_NAME}) ?(?:-|to|through|until) ?({_DAY_NAME})\b")
_WORKDAYS = re.compile(r"\b(?:every|each) (?:weekday|workday|work day|working day)\b|\b(?:weekdays|workdays)\b")
_ONE_WEEKEND = re.compile(r"\b(?:every|each|per|a) weekend\b")
_WEEKENDS = re.compile(r"\bweekends\b")
_TIMES = re.compile(
    rf"\b({_NUMBER})( ?x\b| times?\b| days?\b| nights?\b)?"
    rf"(?: ?{_PER} ?({_PERIOD})\b|[ -](daily|weekly|monthly|yearly)\b)"
)
_TIMES_SHORT = re.compile(rf"\b({_NUMBER}) ?(?:x|times) ?({_PERIOD})\b")
_COUNTED = re.compile(rf"\b({_NUMBER}) ((?:[a-z'-]+ ){{0,2}}[a-z'-]+?){_PER}({_PERIOD})\b")
_EVERY_N = re.compile(
    rf"\b(?:every|each) (other|second|third|{_NUMBER})(?: ?(?:nd|rd|th))? (day|night|week|month|year)s?\b"
)
_EVERY = re.compile(rf"\b(?:every|each|per) (?:single )?({_PERIOD})\b")
_ADVERB = re.compile(r"\b(daily|nightly|weekly|monthly|quarterly|yearly|annually)\b")
_MONEY = re.compile(r"[$€£] ?(\d{1,9})")
# "3-4", "3 to 5", "between 3 and 5": the lower bound is what is asked for.
_RANGE = re.compile(
    rf"\b(?:({_NUMBER}) ?(?:-|to|or) ?(?:{_NUMBER})|between ({_NUMBER}) and (?:{_NUMBER}))(?=x\b|[ /-]|$)"
)
# "at 6", "by 10 pm", "after nine", "6:30", "7am": a time of the day says nothing about how often.
_CLOCK = re.compile(
    rf"\b(?:at|by|after|before|until|till|around|past|from) (?:\d{{1,2}}(?::\d\d)?|{_NUMBER})(?: ?[ap] ?m)?"
    r"(?: o'?clock)?\b(?! ?(?:x|times?|days?|nights?)\b)"
    r"|\b\d{1,2}:\d\d(?: ?[ap] ?m)?\b|\b\d{1,2} ?[ap]m\b"
)
_FORTNIGHT = re.compile(r"\b(?:fortnightly|biweekly|bi-weekly|every fortnight|a fortnight)\b")


class _CannotBeMet(Exception):
    """The title asks for more than its period can hold."""


def find_cadence(title: str) -> Schedule | None:
    """The schedule that `title` names, or None when it names none (or one that no period can meet)."""
    text = _plain(title)
    try:
        for read in (_named_days, _intervals, _counts, _bare_periods):
            if schedule := read(text):
                return schedule
    except _CannotBeMet:
        pass
    return None


def _plain(title: str) -> str:
    text = unicodedata.normalize("NFKC", title[:400]).lower()
    text = text.replace("×", "x").replace("–", "-").replace("—", "-").replace("’", "'")
    text = _MONEY.sub(r"\1 dollars", text)
    text = " ".join(text.replace("(", " ").replace(")", " ").replace(".", " ").split())
    return " ".join(_CLOCK.sub(" ", _RANGE.sub(_lower_bound, text)).split())


def _lower_bound(found: re.Match[str]) -> str:
    return found[1] or found[2]


def _named_days(text: str) -> Schedule | None:
    if _WORKDAYS.search(text):
        return Schedule(weekdays=frozenset(range(1, 6)))
    days, span = _DAY_LIST.search(text), _DAY_SPAN.search(text)
    if span and not (days and "-" in days[0]):
        return Schedule(weekdays=_span(_weekday(span[1]), _weekday(span[2])))
    if days:
        return Schedule(weekdays=_weekdays(days[0]))
    if named := _NAMED_DAY.search(text):
        return Schedule(weekdays=_weekdays(named[0]))
    if _ONE_WEEKEND.search(text):
        return Schedule(Period.WEEK, 1, frozenset({6, 7}))
    return Schedule(weekdays=frozenset({6, 7})) if _WEEKENDS.search(text) else None


def _weekday(name: str) -> int:
    return _WEEKDAYS[name[:3]]


def _weekdays(text: str) -> frozenset[int]:
    return frozenset(_weekday(name) for name in re.findall(rf"\b{_DAY_NAME}\b", text))


def _span(first: int, last: int) -> frozenset[int]:
    return frozenset((first - 1 + i) % 7 + 1 for i in range((last - first) % 7 + 1))


def _intervals(text: str) -> Schedule | None:
    if _FORTNIGHT.search(text):
        return Schedule(Period.MONTH, 2)
    found = _EVERY_N.search(text)
    if found is None:
        return None
    every = {"other": 2, "second": 2, "third": 3}.get(found[1]) or _number(found[1])
    return _nearest_count(every, found[2])


def _nearest_count(every: int, unit: str) -> Schedule | None:
    """Every n-th day, week, month or year as a count in the next longer period."""
    if every < 1:
        return None
    if every == 1:
        return Schedule(_PERIODS[unit])
    if unit in {"day", "night"}:
        return Schedule(Period.WEEK, 7 // every) if every <= 7 else Schedule(Period.MONTH, max(1, 30 // every))
    if unit == "week":
        return Schedule(Period.MONTH, 4 // every) if every <= 4 else Schedule(Period.YEAR, max(1, 52 // every))
    if unit == "month":
        return Schedule(Period.QUARTER) if every == 3 else Schedule(Period.YEAR, max(1, 12 // every))
    return None


def _counts(text: str) -> Schedule | None:
    if found := _TIMES.search(text):
        period = _PERIODS[found[3]] if found[3] else _ADVERBS[found[4]]
        return _count(found[1], period) if found[2] else _few(found[1], period)
    if found := _TIMES_SHORT.search(text):
        return _count(found[1], _PERIODS[found[2]])
    if found := _COUNTED.search(text):
        return _counted(found[1], found[2].split(), _PERIODS[found[3]])
    return None


def _counted(number: str, nouns: list[str], period: Period) -> Schedule | None:
    """Three times for "3 runs a week", once for "20 km a week" and for "8 glasses of water a day"."""
    if nouns[-1] == "in":
        return None
    if "times" in nouns or "x" in nouns:
        return _count(number, period)
    if period is Period.DAY or not _MEASURES.isdisjoint(nouns):
        return Schedule(period)
    return _few(number, period)


def _count(number: str, period: Period) -> Schedule:
    times = _number(number)
    if not 1 <= times <= most_times(period, frozenset()):
        raise _CannotBeMet
    return Schedule(period, times)


def _few(number: str, period: Period) -> Schedule:
    """A number that need not be a count: where the period cannot hold that many it is an amount."""
    try:
        return _count(number, period)
    except _CannotBeMet:
        return Schedule(period)


def _number(text: str) -> int:
    return _NUMBER_WORDS[text] if text in _NUMBER_WORDS else int(text)


def _bare_periods(text: str) -> Schedule | None:
    if found := _EVERY.search(text):
        return Schedule(_PERIODS[found[1]])
    if found := _ADVERB.search(text):
        return Schedule(_ADVERBS[found[1]])
    return None
