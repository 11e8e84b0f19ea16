"""How at ease somebody is, from a number of ten, a word for it, or how they tell it; contradictions are asked."""

import re
from dataclasses import dataclass
from typing import Final

from services.coach.domain.intake.topics import Comfort
from services.coach.domain.plain_text import plain

_NUMBERS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER: Final = rf"(\d{{1,2}}(?:[.,]\d)?|{'|'.join(_NUMBERS)})"
_OF_TEN: Final = re.compile(rf"\b{_NUMBER} ?(?:/|out of|of|on) ?(?:10|ten)\b")
_RANGE: Final = re.compile(r"\b(?:from )?(?:1|one) (?:to|-) (?:10|ten)\b|\bout of (?:10|ten)\b|\bscale\b")
_ALONE: Final = re.compile(
    rf"(?:^|[ ,(])(?:a |an |at |about |around |is |it ?s |say |like )*{_NUMBER}(?:ish|[ -]ish)?(?: or (?:so|\w+))?(?=$"
    rf"|[ ,.!;)])"
)
_NO_SCORE: Final = re.compile(
    r"^ ?(?:times?|x|people|persons?|dates?|years?|months?|weeks?|days?|minutes?|hours?|of (?:my|them|us)|friends?"
    r"|things?|more|on one)\b"
)
_LEVELS: Final = (
    (Comfort.LOW, re.compile(r"\b(?:(?:very |pretty |quite |rather |really |so |fairly )?low|lowest|rock bottom"
                             r"|not (?:very )?high)\b")),
    (Comfort.MODERATE, re.compile(r"\b(?:moderate(?:ly)?|medium|middle|average|in between|so[ -]so|half(?:way)?|mid"
                                  r"|mixed)\b")),
    (Comfort.HIGH, re.compile(r"\b(?:(?:very |pretty |quite |rather |really )?high|highest)\b")),
)  # fmt: skip
_STILL_GOING: Final = re.compile(
    r"\b(?:nervous|scared|anxious|shy|afraid|uneasy|tense|awkward)\b.{0,20}\b(?:but|yet|still|though)\b.{0,20}\b(?:go"
    r"|do it|try|manage|talk"
    r"|fine|ok|okay|get through|show up|can)\b|\bonce im there\b|\bwith (?:some|a bit of) effort\b|\b(?:a bit|a little"
    r"|slightly|somewhat)"
    r" (?:nervous|shy|anxious|awkward|uncomfortable|scared)\b|\bit (?:really )?depends\b|\bi (?:can )?manage\b"
    r"|\b(?:im )?ok(?:ay)?(?:ish)?\b"
    r"|\bnot (?:too |that |so )?bad\b|\bsometimes\b|\bgetting better\b"
)
_AFRAID: Final = re.compile(
    r"\b(?:terrif\w+|freez\w+|frozen|avoid\w*|panic\w*|scar(?:ed|y)|afraid|dread\w*|paralys\w+|paralyz\w+|hopeless"
    r"|hard for me|very hard"
    r"|(?:very|really|so|extremely|super|too|pretty|quite) (?:nervous|shy|anxious|awkward)|(?:rather |very |really "
    r"|quite )?uncomfortable"
    r"|(?:not|never) (?:at all |very |really |too |that |so |particularly )?(?:comfortable|confident|at ease|easy"
    r"|good at it)"
    r"|(?:cant|cannot|could never|dont dare) \w+|shy|anxious|nervous wreck|go bright red|mind goes blank)\b"
)
_NO_EASE: Final = re.compile(
    r"\b(?:not|never|isnt|arent|wasnt|dont feel|far from|nothing) (?:at all |very |really |too |that |so "
    r"|particularly |feel )?"
    r"(?:comfortable|confident|at ease|easy|natural|relaxed)\b"
)
_AT_EASE: Final = re.compile(
    r"\b(?:eas(?:y|ily)|at ease|confident|comfortable|natural(?:ly)?|relaxed|no (?:problem|fear)|love (?:talking"
    r"|meeting)|start (?:the )?"
    r"(?:chats?|conversations?)|(?:talk|chat) (?:to|with) (?:everybody|everyone|anyone|anybody)|outgoing|extrovert\w*"
    r"|fearless|not shy)\b"
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Signs of both ends."""


def find_comfort(text: str) -> Comfort | Contradiction | None:
    """The level that a text tells; None where it tells none."""
    said = plain(text)
    told = _told(said)
    stated = find_score(text) or _named(said)
    if stated is None:
        return told
    if told is stated or told is None or Comfort.MODERATE in {told, stated}:
        return stated
    return Contradiction()


def find_score(text: str) -> Comfort | None:
    """The level of a number of ten; numbers that count other things are none."""
    said = plain(text)
    found = _OF_TEN.search(said)
    if found is None:
        said = _RANGE.sub(" ", said)
        found = next((one for one in _ALONE.finditer(said) if not _NO_SCORE.match(said[one.end() :])), None)
    if found is None:
        return None
    number = float(found[1].replace(",", ".")) if found[1][0].isdigit() else float(_NUMBERS.index(found[1]))
    return _level(number)


def has_scale(text: str) -> bool:
    """A number of ten that says so: it is about nothing else."""
    return bool(_OF_TEN.search(plain(text)))


def _level(number: float) -> Comfort | None:
    if not 0 <= number <= 10:
        return None
    if number < 4:
        return Comfort.LOW
    return Comfort.MODERATE if number < 8 else Comfort.HIGH


def _named(said: str) -> Comfort | None:
    found = [level for level, pattern in _LEVELS if pattern.search(said)]
    return found[0] if len(found) == 1 else None


def _told(said: str) -> Comfort | Contradiction | None:
    """By how it is told: somebody who is afraid and goes all the same is in the middle."""
    is_afraid = bool(_AFRAID.search(said) or _NO_EASE.search(said))
    is_at_ease = bool(_AT_EASE.search(_NO_EASE.sub(" ", said)))
    if is_afraid and is_at_ease:
        return Contradiction()
    if _STILL_GOING.search(said):
        return Comfort.MODERATE
    if is_afraid:
        return Comfort.LOW
    return Comfort.HIGH if is_at_ease else Comfort.MODERATE if re.search(r"\bnervous\b", said) else None
