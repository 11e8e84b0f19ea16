"""What a message asks for: the boundaries that hold whoever answers, beside what the offline coach takes it to be."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.coach.domain.facts import GoalFact, Overview
from services.coach.domain.feelings import feeling_in
from services.coach.domain.minors import COURTING, MINOR
from services.coach.domain.negation import is_wanted
from services.coach.domain.plain_text import plain, words
from services.coach.domain.purposes import DATING, Intent, intent_of
from services.coach.domain.vocabulary import CONDITIONS, DRUG, spelled_out


class Boundary(StrEnum):
    """Something the coach does not do; each has its own words and offers another way."""

    DIAGNOSIS = "diagnosis"
    MEDICATION = "medication"
    PROFESSIONAL = "professional"
    INJECTION = "injection"
    CONSENT = "consent"
    STALKING = "stalking"
    INTOXICATED = "intoxicated"
    HARASSMENT = "harassment"
    MINOR = "minor"
    INSULT = "insult"


# Answered by our own words alone, whoever else could answer.
OURS: Final = frozenset(Boundary) - {Boundary.INSULT}


_THEM = (
    r"(?:her|him|them|my ex(?:es)?(?: girlfriend| boyfriend)?|my crush|this girl|that girl|this guy"
    r"|a girl|someone|(?:my )?(?:girlfriend|boyfriend|wife|husband|partner|date|match))"
)

_BOUNDARIES: tuple[tuple[Boundary, re.Pattern[str]], ...] = (
    (
        Boundary.INJECTION,
        re.compile(
            r"\b(?:ignore|disregard|forget|override|bypass) (?:all |any |every |your |the |my "
            r"|these )*(?:previous|prior|above|earlier|system|safety|existing)? ?(?:instructions?|rules|prompts?"
            r"|guidelines|restrictions)\b"
            r"|\bsystem prompt\b|\b(?:print|reveal|show|repeat|output|tell me) (?:me )?(?:your|the) (?:hidden "
            r"|initial |full |exact |system )?(?:instructions|prompt|rules)\b"
            r"|\byou are (?:now )?(?:dan|an? unrestricted|free of)\b|\b(?:no|without) (?:rules|restrictions"
            r"|filters|limits)\b.{0,30}\b(?:be|you|act)\b|\bjailbreak|\bdeveloper mode\b|\bpretend (?:you"
            r"|there)\b.{0,30}\b(?:no|without|unrestricted)\b"
            r"|\b(?:be|act as|become|play|you are) (?:my |a |an |now |like )*(?:licensed |real "
            r"|new )?(?:therapist|psychiatrist|psychologist|doctor)\b|member_text|\b(?:user|member) \d+s?\b"
            r"|\b(?:another|other|someone elses|all|every) (?:users?|members?|mentees?)(?:s)? (?:journal|data"
            r"|goals?|messages|chats?|notes|records?)\b"
            r"|\b(?:delete|wipe|drop|erase) (?:all|every) (?:the |of the |of my |my )?(?:goals (?:of|for|from)|users"
            r"|members"
            r"|mentees|journals|data|tables?)\b|\bimage link\b|!\[|\b(?:open|visit|fetch|load|follow|go to|click)"
            r"\b.{0,20}\bhttps?://|\b(?:tell|message|email"
            r"|notify) (?:the|my) (?:mentor|admin)\b.{0,40}\b(?:completed|everything|done)\b"
            r"|\brepeat (?:the )?(?:words|text) above\b"
        ),
    ),
    (
        Boundary.MEDICATION,
        re.compile(
            r"\b(?:should|can|could|may|do|is it (?:ok|okay|safe|fine)(?: for me)?|what if|what happens if"
            r"|want to|thinking (?:of|about)|ok if) ?(?:i )?(?:to )?(?:stop|stopping|quit|quitting|skip|skipping"
            r"|take|taking|change|changing|double|doubling|lower|lowering|raise|increase|reduce|come off|go off"
            rf"|get off|wean off|start|starting|mix|mixing|need)\b.{{0,40}}\b{DRUG}\b"
            r"|\b(?:how much|how many|what|which|right|correct) (?:mg|milligrams?|dose"
            rf"|dosage)?(?: of)? ?{DRUG}\b.{{0,20}}\b(?:should|can|do|take|is)\b"
            rf"|\b(?:ran|run|running) out of (?:my )?{DRUG}\b"
            rf"|\b{DRUG}\b.{{0,60}}\b(?:can|should|could|may) i (?:just )?(?:double|skip|stop|halve|take|quit)\b"
        ),
    ),
    (
        Boundary.DIAGNOSIS,
        re.compile(
            r"\b(?:do|did|could|might|would|can|does) (?:i|we|he|she|they|it|this|my \w+) (?:really |maybe "
            rf"|possibly |also )?(?:have|be|mean|got)\b.{{0,40}}\b{CONDITIONS}\b"
            r"|\b(?:am|is|are|was) (?:i|he|she|they|it|this|my \w+(?: \w+)?)\b (?:just |really |maybe |a |an "
            rf"|being |clinically |actually )*{CONDITIONS}\b"
            r"|\b(?:think|guess|say|sure|know if|wonder if|tell me if|bet|certain) (?:that )?(?:im|i am|i have"
            r"|i might|hes|shes|he is|she is|theyre|he has|she has|my \w+ (?:is"
            rf"|has))\b.{{0,20}}\b{CONDITIONS}\b.{{0,20}}(?:\?|or not)"
            rf"|\bdiagnos(?:e|is|ing)\b.{{0,30}}\b(?:me|us|him|her|them|my|this)\b|\b{CONDITIONS}(?:,)? (?:or not"
            rf"|yes or no|yes/no|y/n)\b|\bbest guess\b.{{0,40}}\b{CONDITIONS}\b"
            rf"|\brate my \w+\b.{{0,30}}\b{CONDITIONS}\b|\b(?:do you think|is it possible|does it sound like"
            rf"|sounds? like|what are the odds)\b.{{0,40}}\b{CONDITIONS}\b.{{0,40}}\?|\bwhats wrong with (?:me"
            r"|him|her|my (?:partner|wife|husband|boyfriend|girlfriend|head|brain))\b"
        ),
    ),
    (Boundary.MINOR, MINOR),
    (
        Boundary.STALKING,
        re.compile(
            r"\b(?:find(?: out)?|figure out|track down|locate|get|discover|learn|know) (?:out )?(?:where"
            r"|what (?:building|street|address)) (?:she|he|they|my ex|my crush|this girl|that girl"
            r"|my \w+) (?:lives?|works?|is|stays?|goes|parks?)\b|\b(?:find|get|look up|track|figure out"
            r"|have) (?:out )?(?:her|his|their|my exs?) (?:home |house |real |exact )?(?:address|location"
            r"|phone number|house|home|workplace|license plate)\b"
            r"|\b(?:hack|log ?in ?to|get into|read|spy on|break into|check) (?:into )?(?:her|his|their|my (?:ex"
            r"|girlfriend|boyfriend|wife|husband|partner)s?) (?:phone|messages|texts|dms|instagram|account|email"
            r"|whatsapp|snap\w*)\b|\bfollow (?:her|him|them) (?:home|around|to (?:work|the gym|her))\b"
            r"|\b(?:secretly|without (?:her|him|them) knowing|covertly)\b.{0,40}\b(?:record|film|track"
            r"|photograph|watch|follow)|\b(?:record|film|track|photograph|watch) (?:her|him"
            r"|them)\b.{0,20}\b(?:secretly|without|covertly)|\b(?:show|turn) up (?:at|to|outside) (?:her|his"
            r"|their) (?:house|home|work|place|door|office) (?:un|without)|\b(?:airtag|gps|tracker) (?:on"
            r"|in) (?:her|his|their)\b"
        ),
    ),
    (
        Boundary.INTOXICATED,
        re.compile(
            rf"\bget {_THEM} (?:a bit |really |so )?(?:drunk|tipsy|wasted|to drink more|high)\b|\b(?:spike"
            r"|roofie|drug) (?:her|his|their|a)\b"
        ),
    ),
    (
        Boundary.HARASSMENT,
        re.compile(
            r"\b(?:humiliate|embarrass|shame|ruin|destroy|expose|insult|bully|harass|threaten|blackmail"
            rf"|get (?:back at|revenge on|even with)|take revenge on|hurt) {_THEM}\b|\b(?:want|get|take|plan|planning"
            rf"|my|for|some|sweet)"
            r" revenge\b|\brevenge porn\b|\b(?:leak|post"
            r"|share|send) (?:her|his|their|my exs?) (?:nudes|photos|pictures|pics|messages|secrets)\b"
            rf"|\bmake {_THEM} (?:feel )?(?:jealous|cry|suffer|regret|beg)\b|\bfake (?:profile"
            rf"|account)\b.{{0,30}}\b(?:catfish|trick|test) "
        ),
    ),
    (
        Boundary.CONSENT,
        re.compile(
            r"\bafter (?:she|he|they|her|his) (?:said |told me |turned me |rejected |saying )?(?:no|down"
            r"|rejection|rejected me)\b|\b(?:wont|will not|not|dont) (?:take|accept) no\b|\bchange (?:her|his"
            r"|their) (?:mind|no)\b|\bturn (?:a|her|his|the|that) no into\b"
            r"|\b(?:convince|persuade|pressure|push|guilt|manipulate|trick) (?:her|him|them) (?:to|into)\b"
            r"|\b(?:she|he|they) (?:blocked|ghosted|ignored|left me on read|asked me to stop|told me to stop"
            r"|stopped replying|isnt replying|doesnt reply|keeps ignoring)\b.{0,60}\b(?:keep|again|still|another"
            r"|other number|new account|text|message|get (?:her|him) back|reach)|\b(?:playing"
            r"|plays) hard to get\b|\bfriend ?zone\b.{0,30}\b(?:force|make)\b"
        ),
    ),
    (
        Boundary.PROFESSIONAL,
        re.compile(
            r"\bshould i (?:sue|press charges|sign (?:the|this|a) (?:contract|lease)|invest|buy (?:stocks?"
            r"|crypto|bitcoin|shares|gold|an? etf)|sell my (?:stocks?|shares|crypto|house)"
            r"|file for (?:bankruptcy|divorce)|take (?:out )?(?:a|the) (?:loan|mortgage))\b|\b(?:which"
            r"|what) (?:stocks?|crypto|fund|etf|coin)s? (?:should|to|do)\b|\bis (?:it|this) legal\b|\bcan (?:he"
            r"|she|they|my \w+) (?:legally|sue)\b|\b(?:what is|whats) this (?:rash|lump|pain|mole)\b"
        ),
    ),
    (
        Boundary.INSULT,
        re.compile(
            r"\b(?:youre|you are|ur|u r|your) (?:so |such |a |an |just |fucking |completely |totally |really "
            r"|piece of )*(?:useless|stupid|dumb|idiot\w*|moron|a joke|joke|terrible|worthless|trash|garbage"
            r"|crap|shit|awful|annoying|pathetic|broken)\b"
            r"|\bshut (?:the (?:fuck|hell) )?up\b|\b(?:stupid|dumb|useless|shitty|fucking|idiotic) (?:bot|ai|app"
            r"|robot|machine|coach|program|chatbot)\b|\b(?:fuck|screw) (?:you|off|this (?:bot|app))\b"
            r"|\byou (?:dont|never) (?:understand|listen|get (?:it|me))\b|\bi hate (?:you|this (?:app|bot))\b"
            r"|\byou suck\b"
            # Behind a thanks or alone it is about the answer.
            r"|^\W*(?:(?:ok|thanks|thank you|no|sorry|well|but|hm+)\b[,. ]*)*(?:that|this|it) (?:didnt|doesnt|isnt"
            r"|wasnt)"
            r" (?:really |very )?help(?:ed|ful|ing)?(?: me| at all)*\W*$"
        ),
    ),
)

_MAY_BE_REFUSED: Final = frozenset({Boundary.HARASSMENT, Boundary.STALKING, Boundary.CONSENT})
# Only where the talk is about getting close to somebody: a mother is drunk and a baby asleep elsewhere.
_IS_DRUNK: Final = re.compile(
    r"\b(?:shes|hes|theyre|she is|he is|they are|girl is|guy is|date is|she was|he was) (?:so |really "
    r"|too |pretty |very |already |super |a bit )?(?:drunk|wasted|hammered|tipsy|passed out|blacked out"
    r"|high|asleep|unconscious)\b"
)
_SAID_NO: Final = re.compile(
    r"\b(?:she|he|they) (?:already |just |has |have |keeps? )?(?:said|saying|says|told me) no\b"
)
# A no that was lived through is no wish to push past it.
_PUSHES_ON: Final = re.compile(
    r"\b(?:how (?:do|can|could|to|should)|(?:get|make) (?:her|him|them)|chang(?:e|ing)|convinc\w+|persua\w+|pressur\w+"
    r"|manipulat\w+|trick\w*|guilt|keep (?:asking|trying|texting|writing|calling)|(?:ask|try|text|write|call)(?:ing)?"
    r" (?:her |him |them )?again|anyway|another number|new account|not take|until)\b"
)


# Words that many titles and many messages share.
_TELL_NOTHING: Final = re.compile(
    r"the|and|for|per|with|from|this|that|than|then|them|they|you|your|our|his|her|its|are|was|were|not|but|can|did"
    r"|does"
    r"|days?|weeks?|months?|years?|daily|weekly|today|times?|every|each|more|less|least|most|once|twice|minutes|hours"
    r"|goals?|want|get|how|what|when|who|why|all|any|out|off|too|very|have|has|had|will|been"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message is taken to be.

    Attributes:
        boundary: What it asks that the coach does not do.
        feeling: One word for a feeling it names, never more than it says.
    """

    intent: Intent
    boundary: Boundary | None = None
    feeling: str | None = None


def read(message: str) -> Reading:
    """Reads one message; the first rule that fits decides."""
    text = plain(spelled_out(message))
    found = feeling_in(text)
    is_of_dating = bool(DATING.search(text))
    return Reading(intent_of(text), _boundary(text, dating=is_of_dating), found[0] if found else None)


def mentioned_words(text: str) -> frozenset[str]:
    """The words of a text that tell what it is about."""
    return frozenset(word for word in words(text) if not _TELL_NOTHING.fullmatch(word))


def mentioned_goal(message: str, overview: Overview | None) -> GoalFact | None:
    """The goal whose title shares most words that tell something with the message; None when none does."""
    said = mentioned_words(message)
    scored = [(len(said & words(goal.title)), goal) for goal in overview.goals] if overview else []
    best = max(scored, key=lambda one: (one[0], one[1].goal_id.hex), default=None)
    return best[1] if best and best[0] > 0 else None


def boundary_of(message: str, *, dating: bool) -> Boundary | None:
    """The boundary that a message meets; `dating` where everything said is about dating."""
    return _boundary(plain(spelled_out(message)), dating=dating)


def _boundary(text: str, *, dating: bool) -> Boundary | None:
    ended = text if text[-1:] in ".!?" else f"{text}."
    for boundary, pattern in _BOUNDARIES:
        found = pattern.search(ended)
        if found and (boundary is not Boundary.MINOR or dating or COURTING.search(text)) and _is_meant(boundary, found):
            return boundary
    return _of_dating(ended) if dating else None


def _is_meant(boundary: Boundary, found: re.Match[str]) -> bool:
    """Whoever does not want to hurt somebody asks for no help with hurting them."""
    return boundary not in _MAY_BE_REFUSED or is_wanted(found, found.string)


def _of_dating(text: str) -> Boundary | None:
    if _IS_DRUNK.search(text):
        return Boundary.INTOXICATED
    return Boundary.CONSENT if _SAID_NO.search(text) and _PUSHES_ON.search(text) else None
