"""What a message is about, as far as rules can tell: the intents of the offline coach. On plain text."""

import re
from enum import StrEnum
from typing import Final

from services.coach.domain.feelings import HARDSHIP, LOSS, NEWS, SELF_BLAME, denies_a_feeling, feeling_in, is_bright
from services.coach.domain.negation import affirmed


class Intent(StrEnum):
    """What the member is about."""

    WIN = "win"
    MISSED = "missed"
    STUCK = "stuck"
    PROGRESS = "progress"
    OUTLOOK = "outlook"
    CHANGE_PLAN = "change_plan"
    EMOTION = "emotion"
    DATING = "dating"
    REVIEW = "review"
    THANKS = "thanks"
    GREETING = "greeting"
    LOSS = "loss"
    HARDSHIP = "hardship"
    SELF_BLAME = "self_blame"
    NEWS = "news"
    BETTER = "better"
    ABOUT_YOU = "about_you"
    OFF_TOPIC = "off_topic"


DATING: Final = re.compile(
    r"\b(?:date|dates|dating|girlfriend|boyfriend|crush|tinder|bumble|hinge|flirt\w*"
    r"|approach(?:ing)? (?:her|him|girls|guys|women|men|people|someone|strangers)|ask(?:ing)? (?:her|him"
    r"|them|someone|a girl|a guy) out"
    r"|first message|match(?:es|ed) (?:with|on)|(?:talk|talking|speak|chat) to (?:girls|women|guys|men"
    r"|strangers|new people|her|him|someone new|people)|single|attractive|kiss|romantic|wingman"
    r"|small talk|see (?:her|him|them) again|mak(?:e|ing) (?:a|my) move|hook(?:ing)? up|sleep with (?:her|him|them)"
    r"|(?:her|his) number|get (?:her|him|them) to (?:say yes|like me|want me))\b"
)
_INTENTS: Final[tuple[tuple[Intent, re.Pattern[str]], ...]] = (
    (
        Intent.REVIEW,
        re.compile(
            r"\b(?:(?:weekly|monthly|week|month) (?:review|report|recap|summary)|review (?:my|the|this) (?:week"
            r"|month|progress)|(?:sum up|summari[sz]e|recap) (?:my|the|this) (?:week|month)|look back (?:at|on)"
            r"|how (?:was|did) my (?:week|month)(?: go)?)\b"
        ),
    ),
    (
        Intent.CHANGE_PLAN,
        re.compile(
            r"\b(?:change|adjust|modify|update|move|shift|lower|reduce|scale (?:back|down)|increase|pause"
            r"|postpone|reschedule|swap|drop|edit|rework|redo|delete|remove|cancel|add) (?:my |the |this |that |some "
            r"|it |all "
            r"|of |a |an |another |new )*(?:goals?|plan"
            r"|target|schedule|deadline|habits?|days?|routine|number|times|frequency|mondays?|tuesdays?"
            r"|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)\b|\b(?:new plan|different plan|fewer|less often"
            r"|more often|on holiday|on vacation|travell?ing|injured"
            r"|sick this|too (?:much|many|hard|ambitious|easy) (?:for me|to keep|to do|right now|at the moment|days?"
            r"|times"
            r"|goals?)|(?:its|it is|it was|this is|thats|theyre|(?:goal|plan|target|schedule|habit)s?"
            r" (?:is|are|was|feels?|seems?)) (?:a bit |just |way |far )?too (?:much|many|hard|ambitious|easy))\b"
        ),
    ),
    (
        Intent.OUTLOOK,
        re.compile(
            r"\b(?:(?:watch|look) out for|keep an eye on|look(?:ing)? ahead"
            r"|(?:whats|what is) ahead|what (?:comes|lies) (?:ahead|next)|stay on track|keep (?:my|the|this) streak"
            r"|(?:next|coming) (?:week|month|days|few days|weeks)\b(?=.*\?)"
            r"|(?:how|what)\b.{0,30}\b(?:keep|hold|sustain|maintain|carry on with|stay with|stick with)"
            r" (?:this|it|that|them|my|the|going|up|at it|on track))\b"
        ),
    ),
    (
        Intent.PROGRESS,
        re.compile(
            r"\b(?:how (?:am i|are we) doing|how many|how much|how often|how(?:s| is| are) (?:my|the|it going)"
            r"|am i (?:on track|ahead|behind|doing|keeping|close)|on track|my (?:progress|streak|stats|numbers"
            r"|adherence|percentage|score|goals?)\b(?=.*\?|$)|whats my|what is my|what(?:s| is| are) (?:due|next"
            r"|left|my goals)|show (?:me )?(?:my|the)|where do i stand|what do i (?:have|need) to do"
            r"|whats (?:due )?today)\b"
        ),
    ),
    (
        Intent.MISSED,
        re.compile(
            r"\b(?:missed|skipped|skip(?:ping)?|forgot|didnt (?:do|go|make|run|get|manage|finish|train|work|log"
            r"|keep|show)|havent (?:done|been|run|logged|gone|trained|worked|reached|finished|managed)|failed"
            r"|fell (?:off|behind)|slipped"
            r"|broke my streak|lost my streak|relapsed|gave in|caved(?: in)?|off track"
            r"|cheated(?! on)|(?:drank|smoked|vaped|gambled)(?= again|[.!,]| (?:last night|yesterday|today|tonight|too"
            r" much)| and\b| ?$)|had (?:a|one|two|some|\d+) (?:drinks?|beers?|cigarettes?|glass(?:es)? of"
            r" wine|smokes?)|(?:drinking|smoking|vaping|gambling) again|no time (?:to|for)"
            r"|couldnt (?:do|make|go|get|run|find)|(?:did|done) nothing|ate too much|overate|blew it|messed up"
            r"|screwed up|fallen behind)\b"
        ),
    ),
    (
        Intent.WIN,
        re.compile(
            r"\b(?:i did it|did my|nailed|crushed|smashed|finished|completed|achieved|reached|hit my|made it"
            r"|managed to|proud|personal best|\bpb\b|\bpr\b|new record|succeeded|success|celebrat\w+"
            r"|went (?:for a run|running|to the gym|well|great)|(?:i|just|ive) (?:ran|run)\b(?! (?:out|late|into|away"
            r"|over))(?!.*\?)|(?:i|just|ive) (?:drank(?= (?:enough|my|all|\d))|trained|worked out"
            r"|meditated|read|wrote|studied|swam|cycled|walked|talked to|asked)\b(?!.*\?)|good (?:day|week)"
            r"|great (?:day|week|session)|finally did|kept my|stuck to|streak is|stayed (?:sober|clean|dry|off)"
            r"|(?:days?|weeks?|months?|years?) (?:sober|clean|dry"
            r"|smoke free|alcohol free)|(?:didnt|havent|did not|have not) (?:drink|drank|drunk|smoked?|vaped?"
            r"|gambled?|had a"
            r" (?:drink|cigarette|beer))|(?:run|workout|training|session|swim|walk|reading|practice"
            r"|homework) (?:is )?done"
            r"|all done|i said no to|had (?:a|our|my) (?:\w+ )?date)\b"
        ),
    ),
    (
        Intent.STUCK,
        re.compile(
            r"\b(?:stuck|cant (?:get|seem|start|do|focus|keep|find|stick|make)|cannot (?:get|start|do|focus|keep"
            r"|find)|dont know (?:how|what|where)|no idea (?:how|what|where)|procrastinat\w+|unmotivated"
            r"|no motivation|lack(?:ing)? motivation|motivat\w+|struggl\w+|hard to|not sure (?:how|what|where)"
            r"|where (?:do|should) i start|what (?:should|can|do) i do|any (?:tips|advice|ideas)|need (?:help"
            r"|advice|a push)|help me|give up|giving up|plateau\w*|lazy|why bother|i never finish|distracted)\b"
            r"|^\W*(?:please )?help\W*$|^\W*i (?:quit|give up)\b"
        ),
    ),
    (Intent.DATING, DATING),
)
# A greeting or a thanks is one only where nothing else is said behind it.
_GREETING: Final = re.compile(
    r"^\W*(?:hi+|hey+|hello|hiya|yo|good (?:morning|afternoon|evening)|(?:morning|evening)(?=\W*(?:$|[,!.]| (?:coach"
    r"|all)))"
    r"|whats up|sup|howdy|hola)\b(?: (?:there|coach|again|everyone|buddy|friend|tandem|all))*"
)
_THANKS: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|great|cool|perfect|wow|oh)[,!.]* )?(?:many thanks|thanks?|thank you|thx|ty|cheers"
    r"|(?:i )?(?:really )?appreciate (?:it|that|this)|got it|sounds good|will do|makes sense|great|perfect|cool"
    r"|ok(?:ay)?)\b(?: (?:so much|a lot|very much|again|coach|you|for (?:that|this|your help|the help|listening)"
    r"|thats? (?:really )?help(?:s|ed|ful)|i will|ill do that|ill try(?: that| it)?))*"
)
_SMALL_TALK: Final = re.compile(
    r"^\W*(?:how are you|hows it going|how is it going|whats up|how do you do)\b[^.!]{0,20}$"
)
_ABOUT_YOU: Final = re.compile(
    r"\b(?:are you (?:an? )?(?:human|real|bot|robot|ai|person|machine|chatgpt|program|alive)|(?:who|what) (?:are"
    r"|r) you\b"
    r"(?! (?:doing|waiting|talking|saying|thinking|up))|what can you (?:do|help)|what do you do|how do you work"
    r"|who made you"
    r"|am i (?:talking|speaking|chatting) (?:to|with) (?:a|an) )"
)
_NOT_MISSED: Final = re.compile(
    r"\b(?:havent|hasnt|didnt|never|not|without|dont|did not|have not) (?:\w+ ){0,2}?(?:miss(?:ed|ing)?|skip(?:ped"
    r"|ping)?"
    r"|slip(?:ped)?|fail(?:ed)?|relapsed?|gave in|give in)\b"
)
# Behind a greeting, so much is small talk.
_SHORT: Final = 30
_IS_NOW: Final = re.compile(r"\b(?:feel|feeling|im|am|still|now)\b")
_FEELING_FIRST: Final = frozenset({Intent.OFF_TOPIC, Intent.STUCK, Intent.DATING, Intent.OUTLOOK, Intent.CHANGE_PLAN})


def intent_of(text: str) -> Intent:
    """What happens to people comes before goals, feelings before figures, and courtesies where nothing else is said."""
    hard = ((Intent.LOSS, LOSS), (Intent.HARDSHIP, HARDSHIP), (Intent.SELF_BLAME, SELF_BLAME))
    for intent, pattern in hard:
        if any(affirmed(pattern, text)):
            return intent
    for intent, courtesy in ((Intent.GREETING, _GREETING), (Intent.THANKS, _THANKS)):
        found = courtesy.match(text)
        if found is not None:
            return _behind(text[found.end() :], intent)
    return _purpose(text)


def _behind(rest: str, courtesy: Intent) -> Intent:
    """What stands behind a courtesy, where that is more than a few words."""
    if not rest.strip(" ,.!?") or _SMALL_TALK.match(rest):
        return courtesy
    if courtesy is Intent.GREETING and _THANKS.match(rest):
        return intent_of(rest)
    purpose = _purpose(rest)
    return courtesy if purpose is Intent.OFF_TOPIC and "?" not in rest and len(rest) <= _SHORT else purpose


def _purpose(text: str) -> Intent:
    if _ABOUT_YOU.search(text):
        return Intent.ABOUT_YOU
    feeling = feeling_in(text)
    if _NOT_MISSED.search(text) and feeling is None:
        return Intent.WIN
    is_news = any(affirmed(NEWS, text))
    first, at = (Intent.NEWS, 0) if is_news else _first(text)
    if feeling is None:
        return Intent.BETTER if first is Intent.OFF_TOPIC and (denies_a_feeling(text) or is_bright(text)) else first
    return _felt(text, feeling, first, at)


def _first(text: str) -> tuple[Intent, int]:
    """The first intent that is found and not denied, and where it ends."""
    for intent, pattern in _INTENTS:
        found = next(affirmed(pattern, text), None)
        if found is not None:
            is_of_dating = intent is Intent.STUCK and bool(DATING.search(text))
            return (Intent.DATING if is_of_dating else intent), found.end()
    return (Intent.DATING if DATING.search(text) else Intent.OFF_TOPIC), len(text)


def _felt(text: str, feeling: tuple[str, int], first: Intent, at: int) -> Intent:
    """A feeling comes first, but for nerves before a date, which are about the date."""
    name, begins = feeling
    if first in _FEELING_FIRST:
        is_nerves = name == "anxious" and bool(DATING.search(text))
        return Intent.DATING if is_nerves else Intent.EMOTION
    if first in {Intent.WIN, Intent.NEWS} and begins >= at and _IS_NOW.search(text[at : begins + 8]):
        return Intent.EMOTION
    return first
