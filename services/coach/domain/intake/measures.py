"""How much, until when, how often and in which manner, from what was said of it."""

import re
from typing import Final

from rapidfuzz import fuzz

from services.coach.domain.intake.words import trimmed
from services.coach.domain.plain_text import plain
from services.coach.domain.planning.cadences import find_cadence
from services.coach.domain.planning.slots import Cadence
from services.coach.domain.planning.wording import Reader, counted, plain_goal

NO_END: Final = "no fixed end"
ON_ASKING: Final = "when asked"
NO_CHECK_INS: Final = "no check-ins"

_COUNT: Final = (
    r"(?:\d{1,3}(?: ?(?:-|to|or) ?\d{1,3})?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice"
    r"|thrice|a couple(?: of)?"
    r"|a few|several|some)"
)
_PERIOD: Final = (
    r"(?:(?:a|an|per|each|every|/)\s?(?:single )?(?:day|week|month|quarter|year|weekend|fortnight|evening|night)"
    r"|every (?:other|second|third|two|three|four|\d{1,2}) (?:days?|weeks?|months?|weekends?)|daily|weekly|monthly"
    r"|fortnightly)"
)
# "two dates a month", "one new acquaintance each month".
_RATE: Final = re.compile(
    rf"(?i)\b(?:at least |at most |max |about )?{_COUNT}\b(?: ?x)?(?: [\w'-]+){{0,4}}? ?{_PERIOD}\b"
)
_HOW_MUCH: Final = re.compile(
    rf"(?i)\b{_COUNT}\b|\b{_PERIOD}|\b(?:daily|weekly|monthly|as (?:many|often|much)|just one|each|every)\b|\d"
)
_NAMED: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|spring"
    r"|summer|autumn|fall|winter|christmas|xmas|easter|new year'?s?(?: eve)?|halloween|thanksgiving"
    r"|valentine'?s?(?: day)?|birthday|exams?|wedding"
    r"|holidays?|vacation|graduation|semester|term|q[1-4]|20\d\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow"
    r"|tonight|\d{1,2}(?:st|nd|rd|th))"
)
_SPAN: Final = (
    r"(?:(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a couple of|a few|few|several|half an?"
    r"|the)[ -])?(?:half )?"
    r"(?:days?|weeks?|months?|years?|weekends?|quarters?)"
)
_WHEN: Final = (
    rf"(?:(?:by|before|until|till|'?til|in time for)\s+(?:[\w']+\s+){{0,6}}?(?:{_NAMED}|{_SPAN}|move|leave|turn \w+"
    rf"|end)\b"
    rf"|(?:within|in|over|for|during|throughout)\s+(?:about |around |the |under )*(?:(?:next|coming|following"
    rf"|first)\s+)?{_SPAN}\b"
    rf"|(?:in|during|this|next|over the|by the|end of)\s+(?:the\s+|this\s+|next\s+|early\s+|late\s+"
    rf"|mid[- ])*(?:{_NAMED}|year|month|quarter)\b"
    rf"|(?:by |until |till |before |at )?(?:the )?(?:end|beginning|start|middle) of (?:the |this |next )?(?:{_NAMED}"
    rf"|year|month|week|quarter)\b"
    rf"|{_SPAN} from now\b|(?:the )?(?:next|coming) {_SPAN}\b)"
)
_CLAUSE_OF_TIME: Final = re.compile(rf"(?i)^(?:{_WHEN}(?: (?:in|of|this|next) [\w ]{{1,20}})?|{_SPAN})$")
_TRAILING_TIME: Final = re.compile(rf"(?i)[ ,]+({_WHEN}(?: (?:in|of|this|next) [\w ]{{1,20}})?)[ .!]*$")
_NO_HURRY: Final = re.compile(
    r"\b(?:no (?:rush|hurry|deadline|limit|time ?frame|time limit|end|pressure|particular time)|not in (?:a"
    r"|any) (?:hurry|rush)|in no (?:hurry|rush)"
    r"|open[ -]end(?:ed)?|as long as it takes|whenever|take my time|no fixed|someday|one day|forever|indefinite\w*"
    r"|none)\b"
)
_SOON: Final = re.compile(r"\b(?:as soon as possible|asap|soon|right away|now)\b")
_DATED: Final = re.compile(rf"(?i)\b(?:{_WHEN}|{_NAMED})\b|^{_SPAN}$|\b\d{{1,3}} (?:days?|weeks?|months?|years?)\b")
_BOUNDED: Final = re.compile(r"(?i)^(?:by|before|until|till|in time for)\s+\w+")
_ADVERBS: Final = (
    ("every 2 weeks", re.compile(r"\bfortnight\w*|\bbi-?weekly\b|\b(?:every|each) (?:other|second) (?:week|weekend"
                                 r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b")),
    (ON_ASKING, re.compile(r"\b(?:only )?(?:when|if) i (?:ask|need|want|feel)\b|\bon demand\b")),
    (NO_CHECK_INS, re.compile(r"^(?:never|not at all|none|no check-?ins?|no thanks?|please dont)$")),
)  # fmt: skip
_ROUGHLY: Final = (
    ("daily", r"\bdai?l\w*|\bevry ?day|\beach day"),
    ("weekly", r"\bweek\w*"),
    ("monthly", r"\bmonth\w*"),
)
_DAYS: Final = ("", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
_ONCE: Final = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "every 3 months", "year": "yearly"}
_STYLES: Final = (
    ("gentle", (r"gent\w+|kind(?:ly|ness)?|soft\w*|patien\w+|encourag\w+|warm\w*|support\w*|calm\w*|pressure|careful\w*"
               r"|nudg\w+|slow\w*|respect\w*"
               r"|step by step|friendly|understanding|sweet\w*|easy|remind\w*|reassur\w+|compassion\w*|nice|quiet\w*"
               r"|not too strict")),
    ("direct", (r"direct\w*|honest\w*|blunt\w*|straight\w*|tough\w*|strict\w*|firm\w*|push\w*|challeng\w*"
               r"|sugar ?coat\w*|to the point|hard|clear\w*"
               r"|hold me (?:accountable|to it)|no excuses|kick|tell it like|demanding|drill\w*|bossy|frank\w*")),
    ("celebrating", (r"celebrat\w+|cheer\w*|wins?|prais\w+|enthusias\w+|motivat\w+|hype\w*|high[ -]five\w*"
                    r"|compliment\w*|positive\w*|applau\w+")),
    ("factual", (r"numbers?|stat(?:s|istics)?|data|facts?|factual\w*|matter[ -]of[ -]fact|track\w*|charts?|progress"
                r"|measur\w+|neutral\w*|objective\w*")),
    ("questions", r"ask me|questions?|reflect\w*|think|curious\w*|socratic"),
    ("humorous", r"humou?r\w*|fun(?:ny)?|jok\w+|light\w*|play(?:ful)?(?:ly)?|laugh\w*|witty"),
    ("buddy", (r"budd(?:y|ies)|together|team up|teamwork|in pairs|with (?:a|my) (?:friend|partner|wingman)"
              r"|side by side")),
)  # fmt: skip
STYLES: Final = tuple(name for name, _ in _STYLES)
_KNOWN_STYLES: Final = tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in _STYLES)
_SAID_WRONG: Final = {
    "encouraging": "gentle",
    "gently": "gentle",
    "gentle": "gentle",
    "honest": "direct",
    "celebrate": "celebrating",
    "direct": "direct",
}
_SOFT_NO: Final = re.compile(
    r"\b(?:not|no|without|never|nothing|dont be) (?:too |so |overly |very |any )?(?:strict|hard|harsh|tough|direct"
    r"|push\w*|pressure|blunt\w*|sugar ?coat\w*)"
)


def find_target(text: str) -> str | None:
    """How much, in the member's words; None where no amount is named."""
    rest, _ = without_time(text)
    shown = trimmed(rest)
    if not shown or not _HOW_MUCH.search(shown):
        return None
    return shown


def find_rate(text: str) -> str | None:
    """A number and a period in a longer text: "two dates a month"."""
    found = _RATE.search(text)
    return trimmed(found[0]) if found else None


def is_rate(text: str) -> bool:
    """Nothing but a number and a period, or how often."""
    return bool(_RATE.fullmatch(text.strip(" .!,")))


def find_timeframe(text: str) -> str | None:
    """Until when, in the member's words; None where no time is named."""
    if _NO_HURRY.search(plain(text)):
        return NO_END
    clauses = [trimmed(clause) for clause in re.split(r"[,;]", text)]
    timed = [clause for clause in clauses if _DATED.search(clause) or _BOUNDED.match(clause)]
    if timed:
        return timed[0]
    return trimmed(text) if _SOON.search(plain(text)) else None


def is_time(text: str) -> bool:
    """Nothing but a time."""
    return bool(_CLAUSE_OF_TIME.match(trimmed(text)))


def without_time(text: str) -> tuple[str, str | None]:
    """The text without a time at its end, and that time."""
    found = _TRAILING_TIME.search(text)
    if found is None or not found.start():
        return text, None
    return text[: found.start()], trimmed(found[1])


def find_frequency(text: str) -> str | None:
    """How often, in words of ours."""
    said = plain(text)
    fixed = next((name for name, pattern in _ADVERBS if pattern.search(said)), None)
    if fixed is not None:
        return fixed
    cadence = find_cadence(Reader(counted(plain_goal(text))))
    if cadence is not None:
        return in_words(cadence)
    return next((name for name, pattern in _ROUGHLY if re.search(pattern, said)), None)


def in_words(cadence: Cadence) -> str:
    """A cadence as it is shown."""
    if cadence.every > 1:
        return f"every {cadence.every} {cadence.period}s"
    if cadence.weekdays and cadence.period == "day":
        days = [_DAYS[number] for number in sorted(cadence.weekdays)]
        return f"on {', '.join(days[:-1])} and {days[-1]}" if len(days) > 1 else f"on {days[0]}"
    return _ONCE[cadence.period] if cadence.times == 1 else f"{cadence.times} times a {cadence.period}"


def find_style(text: str) -> str | None:
    """The manner that a text asks for: what it names most, of equals what it names first."""
    said = plain(text)
    if softened := _SOFT_NO.search(said):
        return "direct" if "sugar" in softened[0] else "gentle"
    found = {name: list(pattern.finditer(said)) for name, pattern in _KNOWN_STYLES}
    named = {name: hits for name, hits in found.items() if hits}
    if named:
        return min(named, key=lambda name: (-_weight(name, named), named[name][0].start()))
    return next(
        (_SAID_WRONG[word] for said_word in said.split() for word in _SAID_WRONG if fuzz.ratio(said_word, word) >= 83),
        None,
    )


def _weight(name: str, named: dict[str, list[re.Match[str]]]) -> int:
    """Numbers and jokes say more than being held accountable by them."""
    return len(named[name]) + (1 if name in {"factual", "humorous", "buddy"} and "direct" in named else 0)
