"""Words as they were written: brought into one line, freed of what only leads in or out, and cut into items."""

import re
from collections.abc import Iterable
from typing import Final

from services.coach.domain.plain_text import plain, without_invisibles

MAX_VALUE: Final = 200
_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
# What is about meeting people: such a sentence is no small talk.
DATING: Final = re.compile(
    r"\b(?:dat(?:e|es|ing)|relationship|partner|girlfriend|boyfriend|wom[ae]n|m[ae]n|girls?|guys?|someone|somebody"
    r"|people|strangers?"
    r"|flirt\w*|crush|approach\w*|conversations?|confiden\w*|reject\w*|shy\w*|nervous|anxi\w*|single|lonely|attract\w*"
    r"|love|kiss\w*"
    r"|tinder|bumble|hinge|apps?|meet(?:ing|ups?)?|confident|awkward|scared|afraid|terrified)\b"
)
_LEAD: Final = re.compile(
    r"^(?:(?:well|so|u+m+|u+h+|h+m+|ok(?:ay)?|yes|yeah|yep|sure|honestly|oh|ah|hi|hey|hello|i guess|i think|i suppose"
    r"|i believe"
    r"|i mean|i'd say|i would say|id say|let'?s say|give me|say(?=,| \d| an?\b| one\b| two\b| three\b| maybe\b)|maybe"
    r"|perhaps"
    r"|probably|mostly|mainly|basically|only|plus|for me|to be honest"
    r"|tbh|if possible|it depends|also|and|but|or|good (?:morning|afternoon|evening)|of course|definitely|really|like"
    r"|thank you for"
    r" having me|please)\b[ ,.!:;-]*)+",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"[ ,;:-]*\b(?:please|i guess|i think|i suppose|i believe|honestly|really|realy|actually|to be honest|tbh|or so"
    r"|as well|too"
    r"|maybe|probably|mostly|lol|haha|would be (?:good|great|fine|nice|realistic|enough|ok|okay|perfect)(?: for me)?"
    r"|is (?:enough|fine|good|ok|okay)(?: for me)?|thanks|thank you|(?:i|we) (?:can|could) (?:do|manage"
    r"|handle) (?:that|it))[ .!?,;:…]*$",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"(?:^|\s)(?:\d{1,2}[.)]|[-•*])\s+")
_GOES_ON: Final = re.compile(
    r"(?i)^(?:like|because|which|who|that|so|but|since|as|then|though|especially|except|so that|nobody|there is"
    r"|there are)\b"
)
_VERBS: Final = (
    r"(?:ask|approach|attend|avoid|be|become|begin|break|build|call|chat|connect|date|dance|develop|enjoy|experience"
    r"|feel|find|flirt"
    r"|get|give|go|have|improve|join|keep|kiss|know|learn|let|listen|live|look|make|meet|move|open|overcome"
    r"|practi[cs]e|reach|read"
    r"|relax|say|see|send|share|show|smile|speak|spend|start|stay|stop|take|talk|text|travel|trust|try|understand"
    r"|visit|walk|work|write)"
)
_VERB_FIRST: Final = re.compile(
    rf"(?i)^(?:(?:maybe|also|then|not|finally|to|just|perhaps|actually|really|simply)\s+)*{_VERBS}\b"
)
_CLAUSE: Final = re.compile(r"(?i)^(?:i|i'm|i've|we|he|she|they|it|hoped|stayed|everything|nothing)\b")


def one_line(text: str) -> str:
    """Without invisible characters and line breaks, quotes and dashes in their plain form."""
    return " ".join(without_invisibles(text).translate(_QUOTES).split())


def opened(text: str) -> str:
    """Without the words that only lead in."""
    return _LEAD.sub("", text.strip()).strip() or text.strip()


def trimmed(text: str) -> str:
    """A value: without words that lead in or out, and without punctuation around it; at most `MAX_VALUE` characters."""
    shown = text.strip(" .!?,;:…-\"'")
    for _ in range(3):
        shorter = _TAIL.sub("", opened(shown)).strip(" .!?,;:…-\"'")
        if not shorter or shorter == shown:
            break
        shown = shorter
    return shown[:MAX_VALUE].strip()


def is_verb_first(text: str) -> bool:
    """Begins as what somebody wants to do: "ask her out"."""
    return bool(_VERB_FIRST.match(text))


def is_listed(text: str) -> bool:
    """A numbered or bulleted list."""
    return bool(_BULLET.match(text)) or len(_BULLET.findall(text)) > 1


def actions(text: str) -> list[str]:
    """What is to be done, one by one: parted at commas and "and" where another verb follows."""
    parts: list[str] = []
    for part in _bulleted(text):
        pieces = re.split(r"(?i)\s*;\s*|,\s*(?:and\s+)?|\s+and\s+|\s+&\s+", part)
        joints = re.findall(r"(?i)\s*;\s*|,\s*(?:and\s+)?|\s+and\s+|\s+&\s+", part)
        made = [pieces[0]]
        for joint, piece in zip(joints, pieces[1:], strict=True):
            if _stands_alone(piece, made[-1]):
                made.append(piece)
            else:
                made[-1] += joint + piece
        parts += made
    return [shown for part in parts if (shown := trimmed(part))]


def items(text: str) -> list[str]:
    """Things, one by one: parted at commas, "and" and the like."""
    parts: list[str] = []
    for part in _bulleted(text):
        made: list[str] = []
        for piece in re.split(r"(?i)\s*[;/]\s+|\s*[;]\s*|,\s*(?:and\s+|or\s+)?|\s+plus\s+|(?<=\w)\s+n\s+(?=\w)", part):
            made += _joined(piece, made)
        parts += made
    return [shown for part in parts if (shown := trimmed(part))]


def _joined(piece: str, made: list[str]) -> list[str]:
    """The items of a piece between commas; a piece that only goes on is added to the item before."""
    if made and _GOES_ON.match(piece.strip()):
        made[-1] += f", {piece.strip()}"
        return []
    first, *rest = re.split(r"(?i)\s+(?:and|&)\s+", piece)
    found = [first]
    for more in rest:
        if _CLAUSE.match(more) or _GOES_ON.match(more):
            found[-1] += f" and {more}"
        else:
            found.append(more)
    return found


def _bulleted(text: str) -> Iterable[str]:
    """The parts of a numbered or bulleted list; else the text."""
    if not is_listed(text):
        return [text]
    return [part for part in _BULLET.split(text) if part.strip()]


def _stands_alone(piece: str, before: str) -> bool:
    """Another thing to do, rather than more words of the one before."""
    return is_verb_first(piece.strip()) and len(piece.split()) > 1 and len(before.split()) > 1


def same_words(one: str, other: str) -> bool:
    """The shorter one's words all stand in the longer one."""
    first, second = set(plain(one).split()), set(plain(other).split())
    return bool(first and second) and (first <= second or second <= first)
