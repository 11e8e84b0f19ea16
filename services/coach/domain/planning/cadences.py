"""Reads how often out of a goal's text: "3x a week", "on Mondays", "every other day", "each night", "fortnightly".

An amount is not a count: "20 pages a day" is daily with an amount, "3 runs a week" is three times.
"""

import re
from collections.abc import Callable
from typing import Final

from services.coach.domain.planning.slots import Cadence
from services.coach.domain.planning.wording import CADENCE_MARK, PER, WORD, Reader

WORKDAYS: Final = frozenset({1, 2, 3, 4, 5})
WEEKEND: Final = frozenset({6, 7})

_NUMBERS_OF_DAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
_FULL = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_NAME = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)s?\b\.?"
)
_PART = r"(?: (?:morning|afternoon|evening|night|lunchtime)s?)?"
_JOIN = rf"{_PART}(?: ?, ?and | ?[,/&+-] ?| and | or | )(?:on |every )?"
_PERIOD = r"(day|night|morning|evening|afternoon|week|month|quarter|year)"
_PERIODS = dict.fromkeys(("day", "night", "morning", "evening", "afternoon", "daily", "nightly"), "day") | {
    "week": "week", "weekly": "week", "month": "month", "monthly": "month", "quarter": "quarter",
    "quarterly": "quarter", "year": "year", "yearly": "year", "annually": "year",
}  # fmt: skip
_MOST = {"day": 20, "week": 7, "month": 28, "quarter": 90, "year": 365}
# Nouns that measure: a number before them is an amount and not how often.
MEASURES: Final = frozenset({
    "km", "kilometer", "kilometers", "kilometre", "kilometres", "mile", "miles", "m", "meter", "meters", "metres",
    "step", "steps", "page", "pages", "word", "words", "min", "second", "seconds", "glass", "glasses", "cup", "cups",
    "liter", "liters", "litre", "litres", "l", "ml", "oz", "calorie", "calories", "kcal", "gram", "grams", "g", "kg",
    "kilo", "kilos", "pound", "pounds", "lb", "lbs", "usd", "eur", "gbp", "cent", "cents", "pushup", "pushups",
    "push-up", "push-ups", "pullup", "pullups", "pull-up", "pull-ups", "rep", "reps", "squat", "squats", "situp",
    "situps", "sit-up", "sit-ups", "burpee", "burpees", "lunges", "crunches", "set", "sets", "point", "points",
    "percent", "line", "lines", "chapter", "chapters", "exercise", "exercises", "cigarette", "cigarettes", "beer",
    "beers", "drink", "drinks", "flashcards", "cards", "problems", "portions", "servings", "laps", "floors",
})  # fmt: skip

_ORDINAL_DAY = re.compile(
    rf"\b(?:on )?(?:the )?(?:1st|2nd|3rd|first|second|third|fourth|last)(?: {_FULL}| day)? (?:of|in) (?:every"
    rf"|each|the|a) month\b"
)
_ONCE_IN = re.compile(r"\b1 times (?:in |every |per |each )(\d{1,3}) (day|week|month|year)s?\b")
_EVERY_N = re.compile(
    rf"\b(?:every|each) (other|second|third|fourth|2nd|3rd|4th|\d{{1,3}}) (day|night|morning|evening|week"
    rf"|weekend|month|year|{_FULL})s?\b"
)
_STEPS = {"other": 2, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_FORTNIGHT = re.compile(r"\b(?:fortnightly|bi-?weekly|(?:1 times )?(?:every|each|a|per) fortnight)\b")
_TIMES = re.compile(
    r"\b(\d{1,3})(?: ?x| times?| days?| nights?| evenings?| mornings?| afternoons?| sessions?| workouts?)?(?: out of)?"
    rf"(?:{PER}{_PERIOD}\b|[ -](daily|weekly|monthly|yearly)\b)"
)
_TIMES_SHORT = re.compile(r"\b(\d{1,3}) ?(?:x|times) ?(day|week|month|year)\b")
_EVENTS = re.compile(rf"\b(\d{{1,3}}) ((?:{WORD} ){{0,3}}{WORD})(?: each)?{PER}(?!other|second)(?:single )?{_PERIOD}\b")
_WORKDAYS = re.compile(
    rf"\b(?:(?:on |every |each |per |all )?(?:weekday|workday|work day|working day|weeknight|school night"
    rf"|work night)s?{_PART})\b"
)
_SPAN = re.compile(rf"\b(?:from |on )?({_NAME}) ?(?:-|to|through|till) ?({_NAME})(?![,/&+-]| and)")
_LIST = re.compile(rf"\b(?:on |every |each )?{_NAME}(?:{_JOIN}{_NAME})+{_PART}")
_ONE = re.compile(rf"\b(?:every|each|on|per|a) ({_NAME}){_PART}\b|\b({_FULL}s?){_PART}\b")
_EXCEPT = re.compile(rf"\b(?:every day|daily) (?:except|but)(?: on)? ({_NAME})")
_WEEKENDLY = re.compile(r"\b(?:every|each|per|a|1 times a) weekend\b")
_WEEKENDS = re.compile(r"\b(?:on |at |during )?(?:the )?weekends?\b")
_BARE = re.compile(rf"\b(?:every|each) (?:single )?{_PERIOD}\b")
_ADVERB = re.compile(r"\b(daily|nightly|weekly|monthly|quarterly|yearly|annually)\b")


def find_cadence(reader: Reader) -> Cadence | None:
    """Takes the cadence out of the text; the first rule that finds one wins."""
    for read in _RULES:
        if cadence := read(reader):
            return cadence
    return None


def period_of(word: str) -> str:
    """`night` is a day, `weekly` a week."""
    return _PERIODS[word]


def bounded(times: int, period: str) -> Cadence | None:
    """A count that its period can hold, else None."""
    return Cadence(period, times) if 1 <= times <= _MOST[period] else None


def _ordinal(reader: Reader) -> Cadence | None:
    return Cadence("month") if reader.take(_ORDINAL_DAY, mark=CADENCE_MARK) else None


def _once_in(reader: Reader) -> Cadence | None:
    found = reader.take(_ONCE_IN, mark=CADENCE_MARK)
    return _spaced(int(found[1]), found[2]) if found else None


def _every_n(reader: Reader) -> Cadence | None:
    if reader.take(_FORTNIGHT, mark=CADENCE_MARK):
        return Cadence("week", every=2)
    found = reader.take(_EVERY_N, mark=CADENCE_MARK)
    if found is None:
        return None
    every = _STEPS.get(found[1]) or int(found[1])
    named = _NUMBERS_OF_DAYS.get(found[2][:3]) if found[2].endswith("day") and found[2] != "day" else None
    if named:
        return Cadence("week", every=every, weekdays=frozenset({named}))
    return _spaced(every, found[2])


def _spaced(every: int, unit: str) -> Cadence | None:
    if every < 1 or every > 365:
        return None
    if unit == "weekend":
        return Cadence("week", every=every, weekdays=WEEKEND)
    return Cadence(_PERIODS[unit], every=every)


def _counts(reader: Reader) -> Cadence | None:
    for pattern in (_TIMES, _TIMES_SHORT):
        found = pattern.search(reader.text)
        if found is None:
            continue
        word = next(part for part in found.groups()[1:] if part)
        cadence = bounded(int(found[1]), _PERIODS[word])
        if cadence is not None:
            reader.replace(found, CADENCE_MARK)
            return cadence
    return None


def _events(reader: Reader) -> Cadence | None:
    """Three times for "3 runs a week"; measures were read before."""
    found = _EVENTS.search(reader.text)
    if found is None or not MEASURES.isdisjoint(found[2].split()):
        return None
    cadence = bounded(int(found[1]), _PERIODS[found[3]])
    if cadence is None:
        return None
    # What is counted stays readable for whoever looks for words.
    text = reader.text
    reader.text = f"{text[: found.start()]} {found[2]} {CADENCE_MARK} {text[found.end() :]}"
    return cadence


def _named_days(reader: Reader) -> Cadence | None:
    if reader.take(_WORKDAYS, mark=CADENCE_MARK):
        return Cadence("day", weekdays=WORKDAYS)
    if spared := reader.take(_EXCEPT, mark=CADENCE_MARK):
        return Cadence("day", weekdays=frozenset(range(1, 8)) - {_number(spared[1])})
    if span := reader.take(_SPAN, mark=CADENCE_MARK):
        first, last = _number(span[1]), _number(span[2])
        return Cadence("day", weekdays=frozenset((first - 1 + i) % 7 + 1 for i in range((last - first) % 7 + 1)))
    for pattern in (_LIST, _ONE):
        if found := reader.take(pattern, mark=CADENCE_MARK):
            return Cadence("day", weekdays=frozenset(map(_number, re.findall(rf"\b{_NAME}", found[0]))))
    if reader.take(_WEEKENDLY, mark=CADENCE_MARK):
        return Cadence("week", weekdays=WEEKEND)
    return Cadence("day", weekdays=WEEKEND) if reader.take(_WEEKENDS, mark=CADENCE_MARK) else None


def _number(name: str) -> int:
    return _NUMBERS_OF_DAYS[name[:3]]


def _bare(reader: Reader) -> Cadence | None:
    for pattern in (_BARE, _ADVERB):
        if found := reader.take(pattern, mark=CADENCE_MARK):
            return Cadence(_PERIODS[found[1]])
    return None


_RULES: tuple[Callable[[Reader], Cadence | None], ...] = (
    _ordinal, _once_in, _every_n, _counts, _events, _named_days, _bare,
)  # fmt: skip
