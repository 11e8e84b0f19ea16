"""What no reply may say of anybody, whoever wrote it: that they have a condition, or what to take, to sue or to buy.

Rules over one sentence each. A term alone is no diagnosis: somebody has to be said to have it, and the member's own
statement may be repeated. Kept apart from the other lints because a stream needs it word by word.
"""

import re
from typing import Final

from services.coach.domain.plain_text import plain
from services.coach.domain.tiers import Phrase
from services.coach.domain.vocabulary import CONDITIONS, DRUG, spelled_out

_SENTENCE = re.compile(r"[^.!?]+[.!?]+[”\"')]*|[^.!?]+$")
# A quoted title may hold any word; one or two words in quotes are the writer's own emphasis.
_QUOTED = re.compile(r"[“\"][^”\"\s]+(?:\s+[^”\"\s]+){2,}\s*[”\"]")
# What the member said of themselves, or a professional did, and what is left open: up to the end of its clause.
_CLAUSE = r"(?:(?![,;—–]|\b(?:but|yet|though|so)\b).)*"
_OWN_WORDS = re.compile(
    rf"\b(?:you mentioned|you said|you told me|you wrote){_CLAUSE}"
    rf"|\byour (?:doctor|therapist|clinician|psychologist|psychiatrist)s? (?:said|says|told|found){_CLAUSE}"
    rf"|\bas you (?:call it|put it|said|say|told me|wrote|mentioned)\b,?{_CLAUSE}"
    rf"|\b(?:cant|cannot|wont|not able to|not for me to) (?:say|tell|know|judge|diagnose|guess|call)\b{_CLAUSE}"
    rf"|\bwhether\b{_CLAUSE}"
)
_SOMEBODY = r"(?:you|he|she|they|it|that|this|these|those|your \w+|who)"
_IS = (
    r"(?:are|is|am|was|were|have|has|had|be|been|seems?|looks?|sounds?|shows?|fits?|ticks?|meets?|suffers?|suffered"
    r"|screams?|points?|got|experiencing|probably|clearly|called|likely)"
)
_ASCRIBES: Final = (
    rf"(?:{_SOMEBODY}(?: \w+){{0,3}}? {_IS}"
    r"|(?:youre|youve|hes|shes|theyre|thats|its|whats)"
    r"|(?:sounds?|looks?|seems?) (?:to me )?like|(?:reads?|comes? across|strikes? me) as|dealing with|matches|sense"
    r"|signs? of|symptoms? (?:of|point to)|points? to|suffer(?:s|ing|ed)? from"
    r"|consistent with|typical of|classic|guess(?: is| would be)?|diagnos(?:is|e|es|ed)(?: you)?(?: with| of)?"
    r"|criteria for|profile of|boxes for|case of)"
)
# Between the two lie at most five words, whatever punctuation stands among them.
_DIAGNOSIS = re.compile(rf"\b{_ASCRIBES}(?:\W+\w+){{0,5}}?\W+(?:{CONDITIONS}|on the (?:autis\w+ )?spectrum)\b")
# Everyday words that a clinical one before them makes a condition.
_CLINICAL = re.compile(
    r"\b(?:suffer(?:s|ing|ed)? from|diagnos\w+(?: you)? with|symptoms? of|criteria for|case of|consistent with"
    r"|dealing with(?= burn))(?: \w+){0,2}? (?:anxiety|burn-?out|trauma|panic|mania)\b"
)
_LEAD = re.compile(rf"\b{_ASCRIBES}\b")
_CHANGES = (
    r"(?:stop(?:ping)?|quit(?:ting)?|start(?:ing)?|doubl(?:e|ing)|increas(?:e|ing)|reduc(?:e|ing)|skip(?:ping)?"
    r"|halv(?:e|ing)|lower(?:ing)?|rais(?:e|ing)|cut(?:ting)?|drop(?:ping)?|chang(?:e|ing)|switch(?:ing)?"
    r"|(?:come|go|get|wean|taper) off|taper)"
)
_URGES = r"(?:try(?:ing)?|recommend|suggest|consider|no longer need|dont need)"
_ITS = (
    r"(?:(?:your|the|any|his|her|their|some|more|less|a|an|of|half|daily|evening|morning|amount|dose|dosage|extra) )"
    r"{0,4}"
)
_MORE = r"(?:\d+|one|two|three|half|more|less|double|another|an extra)"
_DIRECTIVE = re.compile(
    rf"\b{_CHANGES}(?: (?:down|back|up|off))?(?: on)? (?:taking |using |with )?{_ITS}(?:{DRUG}|treatment)\b"
    # A daily dose of daylight is none.
    rf"|\b{_URGES} (?:to take |taking )?{_ITS}(?!dos){DRUG}\b"
    rf"|\btake {_MORE}(?: of)? ?(?:mg|milligrams?|pills?|tablets?|{_ITS}{DRUG})\b"
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
# To warn of it is no order.
_WARNS = re.compile(
    rf"\b(?:dont|do not|never|shouldnt|should not|please not|not to|before|without|whether(?: or not)?)"
    rf"(?: (?:you|to|i|ever|just|suddenly|simply|even)){{0,2}} {_CHANGES}\b"
)
_DIRECTS = re.compile(rf"\b(?:{_CHANGES}|{_URGES}|take|should|could|recommend|advise|buy|sell|short|fast|eat|is)\b")
ENDANGERS: Final = re.compile(
    r"\b(?:lethal|fatal|deadly|overdos(?:e|ing)|tie|knot|noose|rope|exit|suicide|helium|carbon|slit|cut(?:ting)?|jump"
    r"|step|lie|lying|hang|drown|shoot|suffocate|poison)\b"
)
# Characters that hold the longest lead, and the longest name of what it may lead to, spelled out.
TAIL: Final = 160
NAME: Final = 80
TERMS: Final = Phrase.of(rf"\b(?:{CONDITIONS}|spectrum|anxiety|burn-?out|trauma|panic|mania)\b")
OBJECTS: Final = Phrase.of(
    rf"\b(?:{DRUG}|treatment|mg|milligrams?|pills?|tablets?|sue|invest|buy|sell|divorce|stocks?|shares|bitcoin|crypto"
    r"|hours|days|legal(?:ly)?)\b"
)
# First words of conditions that have several: said alone after a lead, they would be half a diagnosis.
_BEGINS = re.compile(
    r"^(?:[a-z]|add|addict(?:ed)?|adrenal|alcoholic|an|antisocial|anxiety|attachment|avoidant|binge|body|borderline|burnout"
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
    return bool(_DIRECTIVE.search(_WARNS.sub(" ", plain(unquoted(text)))))


def names_a_method(text: str) -> bool:
    """True where the text tells how somebody could end their life."""
    return bool(_METHOD.search(plain(text)))


def last_words(sentence: str) -> str:
    """The end of a beginning, as the three rules below read it: long enough for what one more word can complete."""
    return plain(spelled_out(sentence[-TAIL:]))


def leads_on(tail: str) -> bool:
    """True where the next words could make of this end something that must not be said."""
    return any(pattern.search(tail) for pattern in (_LEAD, _DIRECTS, ENDANGERS))


def may_name_a_method(tail: str) -> bool:
    """True where the rule of methods has to look at the whole sentence."""
    return bool(ENDANGERS.search(tail))


def may_direct(tail: str) -> bool:
    """True where the rule of directives has to. What stands further back was judged when it was the end."""
    return bool(OBJECTS.pattern.search(tail[-NAME:]))


def may_diagnose(tail: str) -> bool:
    """True where the rule of diagnoses has to."""
    return bool(TERMS.pattern.search(tail[-NAME:]))


def may_go_on(word: str) -> bool:
    """True for plain words that are the beginning of a condition's name, or of one that is spelled out."""
    return bool(_BEGINS.match(word.strip("*_.,:;!?()“”\"'")))


def _is_diagnosis(sentence: str) -> bool:
    said = _OWN_WORDS.sub(" ", plain(sentence))
    return bool(_DIAGNOSIS.search(said) or _CLINICAL.search(said))
