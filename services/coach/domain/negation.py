"""Whether what a rule found is denied: one answer for moods, feelings, intents and boundaries. On plain text."""

import re
from collections.abc import Iterator
from typing import Final

# "can't stop crying" and "not only sad" deny nothing.
_NO: Final = (
    r"\b(?:not|never|no|dont|didnt|doesnt|wasnt|isnt|arent|werent|wont|cant|couldnt|havent|hasnt|hadnt|wouldnt|without"
    r"|hardly|less|nor|neither|nothing|cannot|doubt|far from|no longer|stopped being|instead of|over being|done being)"
    r"(?! (?:stop|help|believe|tell|say|know|only|just)\b)"
)
NEGATED: Final = re.compile(rf"{_NO}(?: \w+){{0,3}} $")
NOT_ANY_MORE: Final = re.compile(r"(?:\w+ )?(?:any ?more|no longer)\b")
_CLAUSE_ENDS: Final = re.compile(r"[.!?;:,\n()]|\b(?:but|because|although|though|yet|and|so|since|that)\b")
_ANSWERS: Final = re.compile(r"^\W*(?:no|nope|nah)\b(?= (?:i|im|ive|it|its|my|he|she|they|we)\b)")
_REFUSED: Final = re.compile(
    r"\b(?:dont (?:want|mean|plan|wish) to|didnt (?:want|mean|plan) to|never (?:want|meant?) to|do not want to|wont"
    r"|would(?: never|nt)|without|not to|avoid|instead of|(?:afraid|scared|worried) (?:of|to|about|that i)|rather not"
    r"|stop myself from|how not to|how do i not)(?: \w+){0,2} $"
)


def affirmed(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Where a pattern is found and not denied in the same clause."""
    for found in pattern.finditer(text):
        before = _ANSWERS.sub(" ", _clause_before(text[: found.start()]))
        if not NEGATED.search(before) and not NOT_ANY_MORE.match(text[found.end() :].lstrip()):
            yield found


def is_wanted(found: re.Match[str], text: str) -> bool:
    """False where the writer says that this is what they do not want to do."""
    return not _REFUSED.search(_clause_before(text[: found.start()]))


def _clause_before(text: str) -> str:
    return _CLAUSE_ENDS.split(text)[-1]
