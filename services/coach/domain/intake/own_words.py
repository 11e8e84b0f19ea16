"""Slots that hold the member's own words: what was wished for, tried, of help, in the way, and hard."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from services.coach.domain.intake.negations import affirmed
from services.coach.domain.intake.topics import Slot
from services.coach.domain.intake.words import actions, is_listed, is_verb_first, items, trimmed
from services.coach.domain.plain_text import plain

NOTHING: Final = {Slot.TRIED: "nothing yet", Slot.HELPED: "nothing so far", Slot.HINDERED: "nothing in particular",
                  Slot.TRIGGERS: "nothing in particular"}  # fmt: skip

_WANTING: Final = (
    r"(?:my (?:main |first |second |biggest |only )?(?:dating )?(?:goals?|wish|dream|hope) (?:is|are|was|would be)"
    r"|what i(?:'d)? (?:really )?(?:want|like|love) is|^looking for|i(?:'m| am) (?:looking|hoping|trying|aiming"
    r"|longing)(?: for)?"
    r"|(?<!don't )\bi(?:'d| would)? (?:just |really |also |mostly |still )*(?:want|wanna|wish|hope|need|plan"
    r"|aim)(?: for)?"
    r"|\bi(?:'d| would) (?:just |really |also )*(?:like|love)|goals?:)"
)
_WISH: Final = re.compile(rf"(?i)(?:^|.*?[ ,.:;(])({_WANTING})\s+(?:to\s+)?(?=\S)")
_GOALISH: Final = re.compile(
    r"\b(?:want|wanna|like to|love to|hope|goal|wish|aim|dream|looking for|need|confiden\w*|dat(?:e|es|ing)"
    r"|relationship|partner"
    r"|girlfriend|boyfriend|husband|wife|meet|flirt\w*|approach\w*|conversations?|find|love|lonel\w*|shy\w*|marri\w+"
    r"|someone|somebody)\b"
)
# "I don't want to be single any more" is a wish as well.
_TIRED_OF: Final = re.compile(
    r"(?i)^i(?:'m| am)? (?:don't want|do not want|no longer want|tired of|done with|sick of)\b"
)
_TO_THE_COACH: Final = re.compile(r"(?i)^(?:give|show|let|ask|send|tell|take|know|make) (?:me|us|you|it|this|that)\b")
_TO: Final = re.compile(r"(?i)^(?:(?:maybe|also|then|and|or|to|just|perhaps|finally|finally)\s+)+")
_MAX_PHRASE_WORDS: Final = 6

_TRIED: Final = re.compile(
    r"(?i)^(?:(?:i(?:'ve| have| had)?|we)\s+)?(?:(?:already|also|only|mostly|once|just|did|even)\s+)*(?:(?:tried"
    r"|try)(?: out| to use| using)?"
    r"|used to (?:go to|use|be on|do|visit)|used|been (?:on|to|using|in|at)|did|done|attended|joined|read|went (?:to"
    r"|on)|(?:go|gone) (?:to|on)"
    r"|was (?:on|in|at)|signed up (?:for|to)|took|taken|had|visited|watched)\s+"
)
_PLACED: Final = re.compile(r"(?i)^(?:to|on|at|with)\s+(?=(?:an?|the|two|some)\b)")
_BEGINS_WITH_NO: Final = re.compile(r"(?i)^(?:no|not|never)\b")
_NOTHING: Final = re.compile(
    r"^(?:(?:i |ive |i have |we )?(?:have )?(?:never|not)(?: really| ever)? (?:\w{3,12}ed|done|did|been|had|gone"
    r"|met)(?: (?:anything|any|a thing|much|it|anyone|anybody|somebody|someone))?"
    r"|not much|not a lot|(?:nope )?no(?:thing)? (?:really|realy|yet|so far|at all|specific|special|in particular|much"
    r"|helped|worked)"
    r"|(?:no|nope|none|nothing)(?=$|,)|not really(?: anything)?|i havent(?: tried)?(?: anything)?)\b(?!.{0,40}\b(?:but"
    r"|except)\b)"
)
# What hurt is no help, whatever it was asked for.
_HURT: Final = re.compile(
    r"\b(?:(?:she|he|they|everyone|everybody|people) (?:just |only )?(?:said no|laughed|ghosted|rejected|turned me down"
    r"|left)|made it worse|got worse|laughed at me|ghosted me|rejected)\b(?!.{0,60}\b(?:but|helped|helps)\b)"
)
_HELPED: Final = re.compile(
    r"(?i)^(?:(?:what|the thing that|something that|one thing that) (?:helped|worked|helps"
    r"|works)(?: for)?(?: me)?(?: (?:the )?(?:most|best)| a lot| well)?"
    r" (?:was|is|were)(?: that| to)?|it (?:really |always )?help(?:ed|s)(?: me)?(?: a lot)?(?: that| when| to)?)\s+"
)
_DID_HELP: Final = re.compile(
    r"(?i)\s+(?:(?:always |really |also )?(?:helped|helps|worked|works)(?: for)?(?: me)?(?: (?:the )?(?:most|best)"
    r"| a lot| well| out| a bit)?"
    r"|(?:made|makes) (?:it|me|things) (?:much |a bit |a little |so )?\w+(?: for me)?)\s*$"
)
_HINDERED: Final = re.compile(
    r"(?i)^(?:(?:what|the thing that|one thing that) (?:got|gets|stood|stands|stopped|stops|held|holds|kept|keeps"
    r"|blocked)(?: mostly| always)?"
    r"(?: in (?:the|my) way| me(?: back)?)?(?: (?:the )?most)? (?:was|is|were)(?: that)?"
    r"|it was(?: mostly)?(?: that)?)\s+"
)
_DID_HINDER: Final = re.compile(
    r"(?i)\s+(?:(?:always |usually )?(?:got|gets|stood|stands) in (?:the|my) way|(?:stopped|stops|held"
    r"|holds) me(?: back)?)\s*$"
)
_HARD: Final = re.compile(
    r"(?i)^(?:(?:it(?:'s| is| gets)? )?(?:very |really |most |especially )?(?:hard(?:er|est)?|difficult"
    r"|tough)(?: for me)?(?: is| are)?"
    r"|i (?:get|become|feel|am|freeze|panic|struggle|shut down)(?: (?:very|so|most|really|a bit))?(?: (?:nervous"
    r"|anxious|tense|uneasy|shy|scared|awkward))?"
    r"|what (?:makes (?:it hard|me nervous)|triggers me|is hard)(?: for me)? (?:is|are)|my triggers? (?:is"
    r"|are))\s+(?=when|if|around|in|with|at|being|to)"
)


def find_own_words(slot: Slot, text: str) -> tuple[str, ...]:
    """What a text says for a slot of own words; empty where it says nothing."""
    if slot is Slot.HELPED and _HURT.search(plain(text)):
        return ()
    return tuple(_READERS[slot](text))


def is_wish(text: str) -> bool:
    """Says plainly what is wished for."""
    if _WISH.match(text) or _TIRED_OF.match(text) or is_listed(text):
        return True
    if is_verb_first(text):
        return len(text.split()) > 1 and not _TO_THE_COACH.match(text)
    return bool(_GOALISH.search(plain(text))) and len(text.split()) <= _MAX_PHRASE_WORDS


def has_content(text: str) -> bool:
    """At least one word with a vowel and three letters, or a name."""
    return (
        any(len(word) >= 3 and re.search(r"[aeiouy]", word) for word in re.findall(r"[a-z]+", plain(text)))
        or not text.isascii()
    )


def _goals(text: str) -> list[str]:
    wanted = _WISH.sub("", text, count=1) if _WISH.match(text) else text
    if not (
        _WISH.match(text)
        or is_verb_first(trimmed(text))
        or _GOALISH.search(plain(text))
        or len(text.split()) <= _MAX_PHRASE_WORDS
    ):
        return []
    if _NOTHING.match(plain(wanted).strip(" .!")):
        return []
    parts = actions(wanted) if is_verb_first(trimmed(wanted)) or is_listed(wanted) else items(wanted)
    return [shown for part in parts if (shown := _TO.sub("", _again(part)).strip()) and has_content(shown)]


def _again(part: str) -> str:
    """A second wish in the same sentence: "and I'd like to dance"."""
    return _WISH.sub("", part, count=1) if _WISH.match(part) else part


def _tried(text: str) -> list[str]:
    if _NOTHING.match(plain(text).strip(" .!")):
        return [NOTHING[Slot.TRIED]]
    parts = [
        _PLACED.sub("", _TRIED.sub("", part)).strip()
        for part in items(affirmed(text) if _BEGINS_WITH_NO.match(text) else text)
    ]
    return [part for part in parts if has_content(part)]


def _triggers(text: str) -> list[str]:
    if _NOTHING.match(plain(text).strip(" .!")):
        return [NOTHING[Slot.TRIGGERS]]
    return [part for part in items(_HARD.sub("", text)) if has_content(part)]


def _one(slot: Slot, before: re.Pattern[str], after: re.Pattern[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        if slot is Slot.HELPED and _NOTHING.match(plain(text).strip(" .!")):
            return [NOTHING[slot]]
        shown = trimmed(text)
        shown = trimmed(after.sub("", before.sub("", shown)) or shown)
        if re.fullmatch(r"(?i)nothing|none", shown):
            return [NOTHING[slot]]
        return [shown] if has_content(shown) else []

    return read


_READERS: Final[Mapping[Slot, Callable[[str], list[str]]]] = {
    Slot.GOALS: _goals,
    Slot.TRIED: _tried,
    Slot.HELPED: _one(Slot.HELPED, _HELPED, _DID_HELP),
    Slot.HINDERED: _one(Slot.HINDERED, _HINDERED, _DID_HINDER),
    Slot.TRIGGERS: _triggers,
}
