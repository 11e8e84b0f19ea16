"""Reads numbers with units out of a goal's text: time budgets, the length of a session, limits, amounts and targets."""

import re
from dataclasses import dataclass
from typing import Final

from services.coach.domain.planning.cadences import MEASURES, WEEKEND, bounded, period_of
from services.coach.domain.planning.slots import Allowance, Cadence, Quantity
from services.coach.domain.planning.wording import CADENCE_MARK, NUMBER, PER, WORD, Reader

MAX_WEEK_MINUTES: Final = 7 * 24 * 60
MAX_DAY_MINUTES: Final = 24 * 60

_PERIOD = r"(day|night|morning|evening|week|weekend|month|quarter|year|daily|weekly|monthly)"
_PER_PERIOD = rf"(?:{PER}(?:single )?|[ -](?=daily|weekly|monthly)){_PERIOD}\b"
_SESSION = re.compile(
    r"\b(?:for |of )?(?:about |around |at least |up to )?(\d{1,5}) min(?: long)?"
    r"(?: (?:per|a|each|every) (?:session|time|workout|practice|class|lesson|sitting|go|day of it)"
    r"| at a time| at once| each(?: (?:time|day|session))?\b(?! (?:week|month|night|morning|evening))| sessions?\b)"
)
_TIME_PER = re.compile(
    rf"\b(?:about |around |at least |up to |max(?:imum)?(?: of)? |at most "
    rf"|no more than )?(\d{{1,5}}) min(?: (?:of|on) {WORD}(?: {WORD})?)?{_PER_PERIOD}"
)
_HAVE_TIME = re.compile(
    r"\b(?:have|spare|spend|got|free|invest) (?:only |about |around |just |maybe )?(\d{1,5}) min (?:weekly"
    r"|a week|per week)\b"
)
_BARE_MINUTES = re.compile(r"\b(?:for |about |around |maybe |only |in )?(?:at least )?(\d{1,4}) min\b")
# "In under 25 minutes" is a time to reach, "an hour before bed" a moment.
_FASTER = re.compile(r"\b(?:in )?(?:under|below|sub|less than|faster than) (\d{1,4}) min\b")
_MOMENT = re.compile(r"\b\d{1,4} min (?=before|after|earlier|later|late\b)")
_FROM = re.compile(rf"\bfrom ({NUMBER}) ?(?:{WORD} )?(?:down |up )?to (?={NUMBER})")
_SCREENS = re.compile(
    r"\b(?:screens?(?:[ -]time)?|tv|television|social media|phone|gam(?:es?|ing)|video ?games?|netflix"
    r"|youtube|tiktok|instagram|facebook|twitter|reddit"
    r"|apps?|internet|scroll\w*|news|series|streaming|meetings?|overtime|twitch)\b"
)
_AT_MOST = (
    r"(?:max(?:imum)?(?: of)?|at most|no more than|not more than|less than|fewer than|under|below|only"
    rf"|(?:limit|cut|reduce|keep|lower|bring)(?: (?:down"
    rf"|back))?(?: (?:{WORD} ){{0,4}}{WORD})? (?:down )?(?:to|under|below|at)(?: (?:at most|max|under))?)"
)
_LIMIT = re.compile(rf"\b{_AT_MOST} ({NUMBER}) ({WORD})((?: {WORD}){{0,4}}?){_PER_PERIOD}")
_AMOUNT_PER = re.compile(rf"\b({NUMBER}) ((?:{WORD} ){{0,3}}?)({WORD})((?: (?:of )?{WORD}){{0,2}}?){_PER_PERIOD}")
_LEVEL = re.compile(r"\b([abc][12])\b")
_QUANTITY = re.compile(rf"\b({NUMBER}) ?((?:{WORD} ){{0,2}})({WORD})\b")
_UNIT_NAMES = {
    "km": ("km", "kilometer", "kilometers", "kilometre", "kilometres", "kms"),
    "mi": ("mile", "miles", "mi"),
    "m": ("m", "meter", "meters", "metre", "metres"),
    "kg": ("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"),
    "lb": ("lb", "lbs", "pound", "pounds"),
    "usd": ("usd",), "eur": ("eur",), "gbp": ("gbp",),
    "l": ("l", "liter", "liters", "litre", "litres"),
    "reps": ("rep", "reps", "pushup", "pushups", "push-up", "push-ups", "pullup", "pullups", "pull-up", "pull-ups",
             "squat", "squats", "situp", "situps", "sit-up", "sit-ups", "burpee", "burpees", "lunges", "crunches"),
    "%": ("percent",),
}  # fmt: skip
_UNITS = {name: unit for unit, names in _UNIT_NAMES.items() for name in names}
_MONEY = frozenset({"usd", "eur", "gbp"})
# A number before these counts nothing that could be reached.
_NO_UNIT = frozenset({
    "times", "time", "x", "min", "day", "days", "week", "weeks", "month", "months", "year", "years", "evenings",
    "nights", "mornings", "weekends", "years-old", "percent", "hours", "s", "this", "less", "is", "his", "its", "as",
    "always", "towards", "plus", "minus", "across", "us", "yes", "news", "bonus", "focus", "process", "class",
})  # fmt: skip
_IRREGULAR = frozenset({"people", "women", "men", "children", "kids", "friends", "followers"})
_NEAR_AFTER = re.compile(rf"(?: (?!and\b|until\b|to\b){WORD}){{0,3}} +{CADENCE_MARK}")
_NEAR_BEFORE = re.compile(rf"{CADENCE_MARK} +(?:do |of |for )?$")
_LOSING = re.compile(r"\b(?:los(?:e|ing)|gain|drop|shed|reach|weigh|get (?:down )?to|down to)\b")


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time that was named.

    Attributes:
        cadence: That its wording implies: "30 min a day" is daily.
    """

    budget: int | None = None
    session: int | None = None
    cadence: Cadence | None = None
    available: frozenset[int] = frozenset()


def find_limit(reader: Reader) -> Allowance | None:
    """Takes "at most 2 cups of coffee a day" out of the text; a time is a limit only of what screens show."""
    found = _LIMIT.search(reader.text)
    if found is None:
        return None
    if found[2] == "min" and not _SCREENS.search(reader.text):
        return None
    period = "week" if found[4] == "weekend" else period_of(found[4])
    reader.replace(found, CADENCE_MARK)
    return Allowance(_quantity(found[1], found[2], reader.text), period)


def find_time(reader: Reader) -> Spell | None:
    """Takes a time that recurs out of the text: a budget by the week, a session by the day, the month or the time."""
    if found := reader.take(_HAVE_TIME):
        return Spell(budget=min(int(found[1]), MAX_WEEK_MINUTES))
    if found := reader.take(_SESSION):
        return Spell(session=_session(found[1]))
    found = _TIME_PER.search(reader.text)
    if found is None:
        return None
    minutes, per = int(found[1]), found[2]
    if per in {"week", "weekly"}:
        reader.replace(found)
        return Spell(budget=min(minutes, MAX_WEEK_MINUTES))
    if per == "weekend":
        reader.replace(found)
        return Spell(budget=min(minutes, MAX_WEEK_MINUTES), available=WEEKEND)
    reader.replace(found, CADENCE_MARK)
    return Spell(session=_session(found[1]), cadence=Cadence(period_of(per)))


def find_baseline(reader: Reader) -> float | None:
    """Takes "from 2 km" of "from 2 km to 10 km" out of the text."""
    found = _FROM.search(reader.text)
    if found is None:
        return None
    reader.text = f"{reader.text[: found.start()]}to {reader.text[found.end() :]}"
    return float(found[1])


def find_time_to_reach(reader: Reader) -> Quantity | None:
    """Takes a time that is to be reached, and moments told in minutes, out of the text."""
    reader.take(_MOMENT)
    found = reader.take(_FASTER)
    return Quantity(float(found[1]), "min") if found else None


def find_session(reader: Reader) -> int | None:
    """Takes what minutes are left as the length of one time."""
    found = reader.take(_BARE_MINUTES)
    return _session(found[1]) if found else None


def find_amount_per_period(reader: Reader) -> tuple[Quantity, Cadence] | None:
    """Takes "20 pages a day" out of the text."""
    found = _AMOUNT_PER.search(reader.text)
    if found is None:
        return None
    unit = next((word for word in (*found[2].split(), found[3]) if word in MEASURES and word != "min"), None)
    if unit is None or "times" in found[2].split():
        return None
    cadence = bounded(1, "week" if found[5] == "weekend" else period_of(found[5]))
    if cadence is None:
        return None
    reader.replace(found, CADENCE_MARK)
    return _quantity(found[1], unit, reader.text), cadence


def find_level(reader: Reader) -> Quantity | None:
    """Takes a level of a language: B1."""
    found = reader.take(_LEVEL)
    return Quantity(0, found[1].upper()) if found else None


def find_quantity(reader: Reader) -> tuple[Quantity, bool] | None:
    """Takes the first number with a unit out of the text.

    Returns:
        The quantity, and True when it is done each time: a cadence stands right beside it.
    """
    for found in _QUANTITY.finditer(reader.text):
        named = [*found[2].split(), found[3]]
        unit = next((word for word in named if word in _UNITS), None) or next(filter(_is_plural, named), None)
        if unit is None or named[0] in _NO_UNIT or float(found[1]) <= 0:
            continue
        quantity = _quantity(found[1], unit, reader.text)
        each = _beside_cadence(reader.text, found) and not (
            quantity.unit in {"kg", "lb"} and _LOSING.search(reader.text)
        )
        reader.replace(found)
        return quantity, each
    return None


def _beside_cadence(text: str, found: re.Match[str]) -> bool:
    after, before = text[found.end() : found.end() + 40], text[max(0, found.start() - 12) : found.start()]
    return bool(_NEAR_AFTER.match(after) or _NEAR_BEFORE.search(before))


def _is_plural(word: str) -> bool:
    return word not in _NO_UNIT and (
        word in _IRREGULAR or (len(word) > 3 and word.endswith("s") and not word.endswith("ss"))
    )


def _quantity(number: str, unit: str, text: str) -> Quantity:
    if unit in {"pound", "pounds"} and re.search(r"\b(?:sav\w+|debt|pay|spend\w*|earn|invest|loan)\b", text):
        return Quantity(float(number), "GBP")
    known = _UNITS.get(unit, unit)
    return Quantity(float(number), known.upper() if known in _MONEY else known)


def _session(minutes: str) -> int | None:
    return int(minutes) if 1 <= int(minutes) <= MAX_DAY_MINUTES else None
