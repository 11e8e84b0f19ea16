"""Brings the text of a goal into one form to read: digits for number words, minutes for times, `usd` for $."""

import re
import unicodedata
from typing import Final

MAX_READ: Final = 10_000
# Stand where something was read already: a cadence, and anything else. Nothing reads across them.
CADENCE_MARK: Final = "\ue000"
MARK: Final = "\ue001"

NUMBER: Final = r"\d{1,9}(?:\.\d{1,2})?"
WORD: Final = r"[a-z][a-z'-]{0,30}"
PER: Final = r"(?: ?/ ?| per | an? | each | every | in an? )"

_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "–": "-", "—": "-", "−": "-", "×": "x", "(": " ", ")": " "})
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))|(?<=\d) (?=000(?!\d))")
_SYMBOL_MONEY = re.compile(rf"([$€£]) ?({NUMBER})(k\b)?")
_MONEY_NAMES = {"$": "usd", "€": "eur", "£": "gbp"}
_MONEY_WORDS = (
    (re.compile(r"\b(?:us )?dollars?\b|\bbucks\b"), "usd"),
    (re.compile(r"\beuros?\b"), "eur"),
    (re.compile(r"\bpounds sterling\b|\bquid\b"), "gbp"),
)
_WORD_NUMBERS = {
    "a couple of": 2, "a couple": 2, "a dozen": 12, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "twenty-five": 25, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
    "a hundred": 100, "one hundred": 100, "hundred": 100,
}  # fmt: skip
_WORDS = re.compile(rf"\b(?:{'|'.join(sorted(_WORD_NUMBERS, key=len, reverse=True))})\b(?!-)")
_OFTEN = (
    (re.compile(r"\bonce\b"), "1 times"),
    (re.compile(r"\btwice\b"), "2 times"),
    (re.compile(r"\bthrice\b"), "3 times"),
)
# "3-4 times", "between 3 and 5", "3 to 5 km": the lower bound is what is asked for; a calendar date is none.
_RANGE = re.compile(
    r"(?<![\d.-])(?<!from )(\d{1,4}) ?(?:-|to|or) ?\d{1,4}(?=x\b| (?!of\b)[a-z])|\bbetween (\d{1,4}) and \d{1,4}\b"
)
_HOURS = r"(?:hours?|hrs?|h)"
_MINUTES = r"(?:minutes?|mins?|min)"
_TIMES = (
    (re.compile(r"\b(?:1|an) hour and a half\b|\b1 and a half hours\b"), lambda _: 90),
    (re.compile(r"\b(?:half an hour|an? half[ -]hour|half hour)\b"), lambda _: 30),
    (re.compile(r"\b(?:a )?quarter of an hour\b"), lambda _: 15),
    (re.compile(rf"\b(\d{{1,3}}) ?{_HOURS} ?(?:and )?(\d{{1,2}}) ?{_MINUTES}\b"), lambda m: int(m[1]) * 60 + int(m[2])),
    (re.compile(r"\b(\d{1,2})h(\d\d)\b"), lambda m: int(m[1]) * 60 + int(m[2])),
    (re.compile(rf"\b(\d{{1,4}}(?:\.\d{{1,2}})?)[ -]?{_HOURS}\b"), lambda m: round(float(m[1]) * 60)),
    (re.compile(r"\ban hour\b"), lambda _: 60),
    (re.compile(rf"\b(\d{{1,5}})[ -]?{_MINUTES}\b"), lambda m: int(m[1])),
)
_RUNS = (
    (re.compile(r"\bhalf[ -]marathon\b"), "21.1 km"),
    (re.compile(r"(?<!movie )(?<!series )(?<!tv )\bmarathon\b"), "42.2 km"),
)
_KILO = re.compile(r"\b(\d{1,4}(?:\.\d)?)k\b")
_COUNTED_IN_THOUSANDS = re.compile(r" ?(?:steps|words|followers|subscribers|views|users|usd|eur|gbp)\b")
_MONEY_TALK = re.compile(r"\b(?:sav(?:e|ings?)|debt|loan|earn|income|invest|fund|revenue|pay)\b")
_CLOCK = re.compile(
    r"\b(?:(?:at|by|before|after|until|till|from|around|past) )?(?:\d{1,2}(?::\d\d)? ?(?:[ap]\.?m\b\.?"
    r"|o'clock\b)|\d{1,2}:\d\d\b)"
    r"|\b(?:at|by|before|after|until|till) (?:noon|midnight|midday|bed(?:time)?|lunch"
    r"|dinner|breakfast|work)\b"
    r"|\bat \d{1,2}\b(?! ?(?:%|km|kg|x\b|times?\b|min))"
)


def plain_goal(text: str) -> str:
    """Lower case in one line, without ornaments; dates as they were."""
    shown = unicodedata.normalize("NFKC", text[:MAX_READ])[:MAX_READ].lower().translate(_QUOTES)
    return " ".join(_PRIVATE.sub(" ", shown).split())


def counted(text: str) -> str:
    """The plain text with digits for number words, minutes for times, `usd` after sums, kilometres for races."""
    text = _THOUSANDS.sub("", text)
    text = _SYMBOL_MONEY.sub(lambda m: f"{_thousands(m[2]) if m[3] else m[2]} {_MONEY_NAMES[m[1]]}", text)
    text = _WORDS.sub(lambda m: str(_WORD_NUMBERS[m[0]]), text)
    for pattern, replacement in (*_OFTEN, *_MONEY_WORDS, *_RUNS):
        text = pattern.sub(replacement, text)
    text = _RANGE.sub(lambda m: m[1] or m[2], text)
    for pattern, minutes in _TIMES:
        text = pattern.sub(lambda m, of=minutes: f"{of(m)} min", text)  # type: ignore[misc]
    return _CLOCK.sub(f" {MARK} ", _KILO.sub(_kilo, text))


def _kilo(found: re.Match[str]) -> str:
    """`10k steps` are thousands, a `10k` is a run."""
    after = found.string[found.end() : found.end() + 20]
    if _COUNTED_IN_THOUSANDS.match(after) or _MONEY_TALK.search(found.string):
        return _thousands(found[1])
    return f"{found[1]} km"


def _thousands(number: str) -> str:
    return f"{float(number) * 1000:.0f}"


class Reader:
    """A text from which what was read is taken away."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: re.Pattern[str], *, mark: str = MARK) -> re.Match[str] | None:
        """The first match, which is replaced by a mark."""
        found = pattern.search(self.text)
        if found is not None:
            self.replace(found, mark)
        return found

    def replace(self, found: re.Match[str], mark: str = MARK) -> None:
        """Puts a mark in place of a match of the current text."""
        self.text = f"{self.text[: found.start()]} {mark} {self.text[found.end() :]}"
