"""What a sentence claims: its numbers, in digits and in words, and what it puts into quotation marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.coach.domain.plain_text import plain

_QUOTED: Final = re.compile(
    r"“([^”]*)”|\"([^\"]*)\"|«([^»]*)»|(?<!\w)‘([^‘\n]*?)’(?!\w)|(?<!\w)'([^'\n]*(?:\w'\w[^'\n]*)*)'(?!\w)"
)
_DIGITS: Final = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?")
_UNITS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES: Final = {
    **{word: value for value, word in enumerate(_UNITS, start=1)},
    **{word: value for value, word in enumerate(_TEENS, start=10)},
    **dict(zip(_TENS, range(20, 100, 10), strict=True)),
    "zero": 0, "dozen": 12, "hundred": 100, "twice": 2, "thrice": 3, "half": 50, "quarter": 25, "three quarters": 75,
}  # fmt: skip
_COUNTED: Final = "|".join(sorted((word for word in _VALUES if word not in {"one", "half", "quarter"}), reverse=True))
# "One" is a number beside another one; half an hour and a two-minute version are no figures.
_WORDS: Final = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})[- ](?P<unit>{'|'.join(_UNITS)})|(?P<word>three quarters|{_COUNTED})"
    r"|(?P<one>one)(?= (?:of|out of|in|to) (?:\w+ ){0,2}?(?:\d|two|three|four|five|six|seven|eight|nine|ten))"
    r"|(?P<part>half|quarter)(?! (?:of )?an? ))\b(?!-[a-z])"
)
# Nothing is computed: a record says what a figure was, and none of them says this.
_COMPUTED: Final = re.compile(
    r"\b(?:halv(?:ed|es|ing)|doubl(?:ed|es|ing)|tripl(?:ed|es|ing)|quadrupled|(?:a|one|two) thirds?)\b"
)
_PROPOSES: Final = re.compile(
    r"\b(?:you (?:could|might|may)|could use|try|ask|say|open|opening|begin|start|send|write|offer|for example"
    r"|such as)\b"
)
_REPORTS: Final = re.compile(
    r"\b(?:wrote|writes|written|said|says|told|tells|mention(?:ed|s)|not(?:ed|es)|replied|answered|posted|texted|logged"
    r"|reported|admitted|confess\w+)\b"
)
_HELD: Final = str.maketrans(".!?", "\ue000\ue001\ue002")
_FREED: Final = str.maketrans("\ue000\ue001\ue002", ".!?")
_ENDS_BEHIND: Final = re.compile(r"\s*(?:$|⟦|[A-Z“\"«])")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Something in quotation marks.

    Attributes:
        is_proposed: Words for the mentor to use; nobody is said to have said them.
    """

    text: str
    is_proposed: bool

    @property
    def bare(self) -> str:
        """Letters and digits alone, to compare by."""
        return bare(self.text)


def bare(text: str) -> str:
    """Letters and digits alone, to compare by."""
    return re.sub(r"\W+", "", plain(text))


def unquoted(text: str) -> str:
    """Without what stands in quotation marks."""
    return _QUOTED.sub(" ", text)


def quotations(sentence: str) -> Iterator[Quotation]:
    """What a sentence quotes."""
    for found in _QUOTED.finditer(sentence):
        before = plain(sentence[: found.start()])
        proposes = bool(_PROPOSES.search(before)) and not _REPORTS.search(before)
        yield Quotation(next(group for group in found.groups() if group is not None), proposes)


def numbers(text: str) -> Iterator[str]:
    """The numbers of a text, as records write them."""
    for digits in _DIGITS.findall(text):
        yield digits.replace(",", ".")
    for found in _WORDS.finditer(plain(text)):
        if found["tens"]:
            yield str(_VALUES[found["tens"]] + _VALUES[found["unit"]])
        else:
            yield str(_VALUES[found["word"] or found["one"] or found["part"]])


def computes(text: str) -> bool:
    """True where the text says what no record holds: that something halved, or a third of it."""
    return bool(_COMPUTED.search(plain(text)))


def whole_quotations(line: str) -> str:
    """A line whose quotations cannot be taken apart into sentences; `freed` undoes it."""
    return _QUOTED.sub(_held, line)


def freed(sentence: str) -> str:
    """As it was before `whole_quotations`."""
    return sentence.translate(_FREED)


def _held(found: re.Match[str]) -> str:
    said = found[0]
    # A full stop that ends the sentence around the quotation as well stays one.
    last = said[-2] if _ENDS_BEHIND.match(found.string, found.end()) else said[-2].translate(_HELD)
    return said[:-2].translate(_HELD) + last + said[-1] if len(said) > 2 else said
