"""What no reply may say of anybody, whoever wrote it: that they have a condition, or what to take, to sue or to buy.

Rules over one sentence each. A term alone is no diagnosis: somebody has to be said to have it, and the member's own
statement may be repeated. Kept apart from the other lints because a stream needs it word by word.
"""

import re
from typing import Final

from services.coach.domain.plain_text import plain
from services.coach.domain.vocabulary import CONDITIONS, spelled_out

_SENTENCE = re.compile(r"[^.!?]+[.!?]+[”\"')]*|[^.!?]+$")
# A quoted title may hold any word; one or two words in quotes are the writer's own emphasis.
_QUOTED = re.compile(r"[“\"][^”\"\s]+(?:\s+[^”\"\s]+){2,}\s*[”\"]")
_OWN_WORDS = re.compile(
    r"\b(?:you mentioned|you said|you told me|you wrote|as you call it"
    r"|your (?:doctor|therapist|clinician|psychologist|psychiatrist)s? (?:said|says|told|found))\b"
)
_DECLINES = re.compile(
    r"\b(?:cant|cannot|wont|not able to|not for me to) (?:say|tell|know|judge|diagnose|guess|call)\b|\bwhether\b"
)
_SOMEBODY = r"(?:you|he|she|they|it|that|this|these|those|your \w+|who)"
_IS = (
    r"(?:are|is|am|was|were|have|has|had|be|been|seems?|looks?|sounds?|shows?|fits?|ticks?|meets?|suffers?|suffered"
    r"|screams?|points?|got|experiencing|probably|clearly|called|likely)"
)
_ASCRIBES: Final = (
    rf"(?:{_SOMEBODY}(?: \w+){{0,3}}? {_IS}"
    r"|(?:youre|youve|hes|shes|theyre|thats|its|whats)"
    r"|(?:sounds?|looks?|seems?) (?:to me )?like|signs? of|symptoms? (?:of|point to)|points? to|suffer(?:s|ing)? from"
    r"|consistent with|typical of|classic|guess(?: is| would be)?|diagnos(?:is|e|es|ed)(?: you)?(?: with| of)?"
    r"|criteria for|profile of|boxes for|case of)"
)
# Between the two lie at most five words, whatever punctuation stands among them.
_DIAGNOSIS = re.compile(rf"\b{_ASCRIBES}(?:\W+\w+){{0,5}}?\W+{CONDITIONS}\b")
_LEAD = re.compile(rf"\b{_ASCRIBES}\b")
_TREATMENT = r"(?:medications?|meds|pills|dos(?:e|age)|antidepressants?|insulin|treatment|tablets|inhaler|statins?)"
_DIRECTIVE = re.compile(
    rf"\b(?:stop|quit|start|double|increase|reduce|skip|halve|lower|raise) (?:taking )?(?:your|the|any|his|her) "
    rf"{_TREATMENT}\b"
    r"|\btake (?:\d+|one|two|three|half) ?(?:mg|milligrams?|pills?|tablets?)\b"
    r"|\b(?:you should|you could|i recommend(?: you| that you)?|id recommend you|i advise you to|id advise you to)"
    r"(?: just| simply)? (?:sue|invest|buy|sell|divorce)\b"
    r"|\b(?:buy|sell|short) (?:some )?(?:stocks?|shares|bitcoin|crypto)\b"
    r"|\b(?:fast|dont eat)(?: anything)? for \d+ (?:hours|days)\b|\bthis is (?:not )?legal(?:ly)?\b"
)
_METHOD = re.compile(
    r"\b(?:lethal|fatal|deadly) (?:dose|amount|quantity|overdose)s?\b|\boverdos(?:e|ing) (?:on|of|with|by)\b"
    r"|\b(?:tie|make|knot|use) (?:a |the )?(?:noose|rope)\b|\b(?:exit|suicide) bag\b|\bhelium (?:hood|tank)\b"
    r"|\bcarbon monoxide\b|\b(?:slit|cut)(?:ting)? (?:your|the|along the) (?:wrists?|veins?|arter(?:y|ies)|throat)\b"
    r"|\b(?:jump|step|lie)(?:ing)? (?:off|in front of|onto) (?:a|the) (?:bridge|roof|building|train|tracks)\b"
    r"|\b(?:hang|drown|shoot|suffocate|poison) yourself\b"
)
_DIRECTS = re.compile(
    r"\b(?:stop|quit|start|double|increase|reduce|skip|halve|lower|raise|take|should|could|recommend|advise|buy|sell"
    r"|short|fast|eat|is)\b"
)
_ENDANGERS = re.compile(
    r"\b(?:lethal|fatal|deadly|overdos(?:e|ing)|tie|knot|noose|rope|exit|suicide|helium|carbon|slit|cut(?:ting)?|jump"
    r"|step|lie|lying|hang|drown|shoot|suffocate|poison)\b"
)
# First words of conditions that have several: said alone after a lead, they would be half a diagnosis.
_BEGINS = re.compile(
    r"^(?:add|addict(?:ed)?|adrenal|alcoholic|an?|antisocial|anxiety|attachment|avoidant|binge|body|borderline|burnout"
    r"|chronic|clinical|did|eating|gambling|generali[sz]ed|general|major|manic|mental(?:ly)?|obsessive|overactive|panic"
    r"|paranoid|personality|post|seasonal|sleep|social|substance|thyroid|to|trauma|underactive)$"
)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a reply, trimmed."""
    return tuple(found.strip() for found in _SENTENCE.findall(text) if found.strip())


def unquoted(text: str) -> str:
    """Without quoted titles."""
    return _QUOTED.sub(" ", text)


def names_a_diagnosis(text: str) -> bool:
    """True where somebody is said to have a condition, other than in quoting the member's own statement."""
    return any(map(_is_diagnosis, sentences(unquoted(spelled_out(text)))))


def gives_a_directive(text: str) -> bool:
    """True where the text tells what to take, to sue, to buy or not to eat."""
    return bool(_DIRECTIVE.search(plain(unquoted(text))))


def names_a_method(text: str) -> bool:
    """True where the text tells how somebody could end their life."""
    return bool(_METHOD.search(plain(text)))


def leads_on(sentence: str) -> bool:
    """True where the next words could make of this beginning something that must not be said."""
    said = plain(sentence)
    return any(pattern.search(said) for pattern in (_LEAD, _DIRECTS, _ENDANGERS))


def may_go_on(word: str) -> bool:
    """True for words that are the beginning of a condition's name."""
    return bool(_BEGINS.match(plain(word).strip("*_.,:;!?()“”\"'")))


def _is_diagnosis(sentence: str) -> bool:
    said = plain(sentence)
    return bool(_DIAGNOSIS.search(said)) and not _OWN_WORDS.search(said) and not _DECLINES.search(said)
