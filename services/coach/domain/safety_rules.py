"""All rules of the crisis screen, and the phrases around a match that change what it means."""

import re

from services.coach.domain.acts import ACTS, HARM
from services.coach.domain.danger_phrases import IMMINENT, RISK, WATCH
from services.coach.domain.more_danger import MORE_IMMINENT, MORE_RISK, MORE_WATCH
from services.coach.domain.other_phrases import ABUSE, LANGUAGES, SOMEBODY, THIRD_PARTY
from services.coach.domain.tiers import Phrase, Rule
from services.coach.domain.wishes import WISHES

OWN_DANGER: tuple[Rule, ...] = (
    *IMMINENT,
    *MORE_IMMINENT,
    *ACTS,
    *RISK,
    *MORE_RISK,
    *HARM,
    *WISHES,
    *LANGUAGES,
    *WATCH,
    *MORE_WATCH,
)
RULES: tuple[Rule, ...] = (*OWN_DANGER, *THIRD_PARTY, *ABUSE)
ABUSE_IDS = frozenset(rule.rule_id for rule in ABUSE)

# Read around a match, in its sentence.
LONG_AGO = re.compile(
    r"\bused to (?:be|feel|think|want|cut|self)\b|\b(?:years?|decades?|months) ago\b|\bin the past\b"
    r"|\bback (?:then|in (?:high school|college|school|the day|\d{4}))\b"
    r"|\bwhen i was (?:a (?:kid|teen|teenager|child)|young(?:er)?|in (?:high school|school|college)"
    r"|\d{1,2})\b|\bno longer suicidal\b|\bi survived\b"
)
STILL_NOW = re.compile(r"\b(?:again|now i (?:want|feel)|still|lately|tonight|these days|coming back|right now|today)\b")
NEGATED = re.compile(
    r"\b(?:not|never|wouldnt|would never|wont|dont|dont want to|do not|do not want to|didnt"
    r"|no intention of|not going to|not gonna) (?:really |actually |ever |planning to |want to "
    r"|going to |trying to )?$"
)
REPORTED = re.compile(
    rf"\b{SOMEBODY}(?: \w{{1,12}}){{0,2}} (?:said|says|told me|telling me|texted(?: me)?|wrote|writes"
    r"|messaged(?: me)?|posted|keeps saying|was saying|goes|confessed|screamed|yelled)\b"
)
OF_SOMEBODY = re.compile(rf"\b{SOMEBODY}(?: (?!(?:i|im|ive|and|but|so)\b)\w{{1,12}}){{0,2}} $")
OWN_VOICE = re.compile(
    r"\b(?:and|but|so|now|honestly) (?:i|im|ive)\b|\bi (?:said|told|feel|think|replied|answered)\b|\bme too\b"
)
DENIAL = Phrase.of(
    r"\b(?:misunderstood|misunderstand|got (?:it|me|that) wrong|forget (?:it|about it|i said)"
    r"|never ?mind|(?:was|am|im|only|just) (?:just |only )?(?:joking|kidding)|just a joke|it was a joke"
    r"|im (?:fine|ok|okay|safe|alright|good)|i am (?:fine|ok|okay|safe|alright)|didnt mean (?:it|that)"
    r"|not suicidal|wasnt serious|not serious|i would never|i(?:m| am) not going to (?:do|hurt|kill)"
    r"|false alarm|feel(?:ing)? (?:safe|better) now"
    r"|not in danger|wont do anything|i called (?:them|the|988|someone))\b"
)

# Too weak to mean anything alone; together with a flagged turn they raise it.
PLAN_SIGNALS = Phrase.of(
    r"\b(?:i (?:have|made|got) (?:a|my) plan|i know how (?:i would|id|ill|im going to) do it|i know when"
    r"|doing it tonight|giv(?:e|ing|en) away my (?:things|stuff|belongings|clothes|dog|cat)"
    r"|(?:putting|put|getting) my affairs in order|wrote (?:my )?will|said my goodbyes"
    r"|saying (?:my )?goodbyes?|bought (?:a )?(?:rope|gun|pills|razor)|have (?:the|enough) pills"
    r"|saved up (?:my )?pills)\b"
)
