"""Who helps, by relation only: a name that was said is not kept."""

import re
from typing import Final

from services.coach.domain.intake.negations import affirmed
from services.coach.domain.plain_text import plain

NOBODY: Final = "myself"
# In this order: a best friend is no friend besides, a friend from work is a colleague.
_RELATIONS: Final = (
    ("best_friend", r"best (?:friend|mate|buddy|pal)|bestie|bff"),
    ("colleague", r"(?:friend|mate|buddy|someone|somebody) (?:from|at) work|colleague|co-?worker|workmate"),
    ("colleagues", r"(?:friends|people) (?:from|at) work|colleagues|co-?workers|workmates"),
    ("family", (r"(?:wife|husband|partner|girlfriend|boyfriend) of my \w+|(?:sister|brother|mother|father|son"
               r"|daughter)s?[ -]in[ -]law"
               r"|family|relatives")),
    ("sister", r"sis(?:ter)?s?|sistr"),
    ("brother", r"bro(?:ther)?s?|brohter"),
    ("mother", r"m[uo]m(?:my)?|mother"),
    ("father", r"dad(?:dy)?|father"),
    ("parents", r"parents|folks"),
    ("daughter", r"daughters?"),
    ("son", r"sons?"),
    ("cousin", r"cousins?"),
    ("aunt", r"aunt(?:ie)?s?"),
    ("uncle", r"uncles?"),
    ("grandmother", r"grand(?:mother|ma)|granny|nana"),
    ("grandfather", r"grand(?:father|pa)|grandad"),
    ("niece", r"nieces?"),
    ("nephew", r"nephews?"),
    ("roommates", r"(?:room|flat|house)mates"),
    ("roommate", r"(?:room|flat|house)[ -]?mate"),
    ("therapist", r"therapists?|psychologist|counsell?or|psychotherapist|psychiatrist"),
    ("coach", r"coach(?:es)?|trainer"),
    ("mentor", r"mentors?"),
    ("wingman", r"wing(?:man|woman|person|men)"),
    ("neighbour", r"neighbou?rs?"),
    ("pastor", r"pastor|priest|rabbi|imam|minister|vicar"),
    ("teacher", r"teachers?|professor|instructor"),
    ("boss", r"boss|manager|supervisor"),
    ("group", r"(?:support |self[ -]help |my |our )?group|community|team|club"),
    ("friends", r"friends|mates|buddies|pals|girlfriends from|gang|crew"),
    ("friend", r"friend|mate|buddy|pal|dance partner|running partner|gym partner|gym buddy"),
)  # fmt: skip
_KNOWN: Final = tuple((relation, re.compile(rf"\b(?:{pattern})\b")) for relation, pattern in _RELATIONS)
_NOBODY: Final = re.compile(
    r"\b(?:nobody|no ?one|none|not? anyone|no people|(?:just|only) (?:me|myself)|on my own|by myself|alone|myself)\b"
    r"|^(?:me|no|nope)$"
)


def find_people(text: str) -> tuple[str, ...]:
    """The relations that a text names, in its order; `myself` where it says that there is nobody."""
    said = plain(affirmed(text))
    found: dict[int, str] = {}
    for relation, pattern in _KNOWN:
        while named := pattern.search(said):
            found.setdefault(named.start(), relation)
            # What was read is taken away, and its place kept.
            said = f"{said[: named.start()]}{'_' * (named.end() - named.start())}{said[named.end() :]}"
    if found:
        return tuple(dict.fromkeys(found[at] for at in sorted(found)))
    return (NOBODY,) if _NOBODY.search(plain(text)) else ()
