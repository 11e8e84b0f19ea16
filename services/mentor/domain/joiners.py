"""The two invisible characters that some names need: U+200C keeps letters apart, U+200D joins them.

Persian writes علی‌رضا with the first; Sinhala, Bengali and their neighbours choose the form of a conjunct by either;
several emoji become one by the second. Anywhere else they show nothing, so that a name with them looks like another.
Source: RFC 5892, appendices A.1 and A.2, as far as `unicodedata` knows; Unicode 15, section 12.2 (before a virama).
"""

import unicodedata
from typing import Final

NON_JOINER: Final = "\u200c"
JOINER: Final = "\u200d"
_VIRAMA: Final = 9  # canonical combining class
_JOINING_LETTER: Final = "AL"  # bidirectional class of Arabic, Syriac and their kin
_SKIN_TONES: Final = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


def without(name: str) -> str:
    """The name without the joiners that its script needs; those that show nothing stay in."""
    return "".join(character for place, character in enumerate(name) if not _is_needed(name, place))


def _is_needed(name: str, place: int) -> bool:
    joiner, after = name[place], name[place + 1 : place + 2]
    if joiner not in {NON_JOINER, JOINER}:
        return False
    before = _bearer(name, place)
    if _VIRAMA in map(unicodedata.combining, name[max(place - 1, 0) : place + 2]):
        return unicodedata.category(before) == "Lo"
    if joiner == NON_JOINER:
        return _joins(before) and _joins(after or " ")
    return unicodedata.category(before) == unicodedata.category(after or " ") == "So"


def _bearer(name: str, place: int) -> str:
    """What stands before a place, marks and tones of skin left aside; a blank where nothing does."""
    bearing = (
        character
        for character in reversed(name[:place])
        if unicodedata.category(character)[0] != "M" and character not in _SKIN_TONES
    )
    return next(bearing, " ")


def _joins(character: str) -> bool:
    return unicodedata.bidirectional(character) == _JOINING_LETTER
