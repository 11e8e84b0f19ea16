"""Texts that make trouble, by kind: made here from what Unicode and grammars say.

Where there is a rule a kind is made by it, so that it has no gaps; the rest is written down in `data`, escaped, so that
no reader's editor has to bear it (docs/adr/0074 counts them). No text holds NUL or an unpaired surrogate: those are no
text (row C6).
"""

import itertools
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

_DATA = Path(__file__).with_name("data")
_CONTROLS = (*range(0x01, 0x20), *range(0x7F, 0xA0))
_LINE_ENDS = (0x0A, 0x0D, 0x85, 0x2028, 0x2029)
_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_INVISIBLE = (
    *(0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x180E, *range(0x200B, 0x200E), *range(0x2060, 0x2065), 0x2800, 0x3164),
    *(*range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0, *range(0xFFF9, 0xFFFC), 0x1D173, 0xE0001, 0xE0041, 0xE007F, 0xE0100),
)
_NO_CHARACTERS = (0x378, 0xE000, 0xF8FF, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0xF0000, 0x10FFFD, 0x10FFFF)
_MARKS = (0x0301, 0x0336, 0x0489, 0x05B7, 0x0651, 0x0E47, 0x20DD, 0x3099)
_CYRILLIC = str.maketrans("aceiopsxy", "\u0430\u0441\u0435\u0456\u043e\u0440\u0455\u0445\u0443")


def _around(numbers: Iterable[int]) -> list[str]:
    return [f"a{chr(number)}b" for number in numbers]


def _dressed(word: str) -> list[str]:
    """A word in letters that look alike or fold to its own, and with things between them."""
    styles = [(0xFF41, "wide"), (0x1D41A, "bold"), (0x24D0, "circled"), (0x1D5BA, "sans")]
    restyled = ["".join(chr(first + ord(letter) - ord("a")) for letter in word) for first, _ in styles]
    return [word.translate(_CYRILLIC), *restyled, "\u0332".join(word), "\u200b".join(word), word[::-1]]


def _markup() -> Iterator[str]:
    tags, events = ("img src=x", "svg", "body", "input autofocus"), ("onerror", "onload", "onfocus")
    for tag, event in itertools.product(tags, events):
        yield f"<{tag} {event}=alert(1)>"
    for left, right in (
        ("<", ">"),
        ("&lt;", "&gt;"),
        ("&#60;", "&#x3e;"),
        ("\\u003c", "\\u003e"),
        ("\uff1c", "\uff1e"),
    ):
        yield f"{left}script{right}alert(1){left}/script{right}"


def _sql() -> Iterator[str]:
    for quote, comment in itertools.product(("'", '"', "`", "\\'", "''", "$$", "\u02bc"), ("--", "#", "/*", ";")):
        yield f"x{quote} OR 1=1 {comment}"


def _paths() -> Iterator[str]:
    steps = ("../", "..\\", "%2e%2e%2f", "..%2f", "%252e%252e%252f", "..;/", "....//", "\uff0e\uff0e\uff0f")
    return (step * 6 + "etc/passwd" for step in steps)


_MADE: dict[str, list[str]] = {
    "controls": _around(_CONTROLS),
    "line ends": [*_around(_LINE_ENDS), "a\r\nb", "\n\n\n"],
    "directions": [*_around(_DIRECTIONS), "".join(map(chr, _DIRECTIONS)), "\u202e" * 100 + "abc", "\u2066" * 200],
    "invisible": [
        *_around(_INVISIBLE),
        "\u200b",
        "\u200d" * 50,
        "".join(chr(0xE0000 + ord(each)) for each in "hidden"),
    ],
    "marks": [base + chr(mark) * count for mark in _MARKS for base, count in (("e", 5), ("", 1), ("ab", 600))],
    "noncharacters": _around(_NO_CHARACTERS),
    "lookalikes": [form for word in ("admin", "tandem", "paypal") for form in _dressed(word)],
    "markup": list(_markup()),
    "sql": list(_sql()),
    "paths": list(_paths()),
    "numbers": ["9" * 400, "0." + "0" * 400 + "1"],
    "long": [
        *(each * 10_000 for each in ("x", "\u00df", "\U0001f600", "\u0301", "\n")),
        *("x" * length for length in (200, 201, 8_000, 8_001, 10_001)),
        *("a " * 5_000, "(" * 5_000, "\u00e9" * 4_000, "-" * 200),
    ],
}
_WRITTEN: dict[str, list[str]] = json.loads((_DATA / "texts.json").read_text())
TEXTS = {kind: [*_MADE.get(kind, ()), *_WRITTEN.get(kind, ())] for kind in (*_WRITTEN, *_MADE)}
ALL_TEXTS = list(dict.fromkeys(text for texts in TEXTS.values() for text in texts))
# Two of each kind, for fields that store nothing or cost much.
SOME_TEXTS = [text for texts in TEXTS.values() for text in (texts[0], texts[len(texts) // 2])]


def quoted(text: str) -> bytes:
    """The text as JSON, escaped where JSON asks for it and nowhere else."""
    return json.dumps(text, ensure_ascii=False).encode()


def is_plain_name(text: str) -> bool:
    """Whether a name holds nothing that a reader cannot see or that turns the line around."""
    name = unicodedata.normalize("NFC", text).strip()
    kinds = {unicodedata.category(letter) for letter in name if letter not in "\u200c\u200d"}
    return not kinds & {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}


def is_visible_line(text: str) -> bool:
    """Whether every field that is not too short for it must take the text."""
    return text.isprintable() and not text.isspace() and any(unicodedata.category(each)[0] in "LNPS" for each in text)
