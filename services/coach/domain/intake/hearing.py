"""What kind of message it is, before anything is read out of it: statements, questions, small talk and wishes apart.

Whatever is a question or small talk never reaches the rules that fill slots.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.coach.domain.intake.words import DATING, one_line, opened
from services.coach.domain.plain_text import plain


class Wish(StrEnum):
    """What a message asks of the conversation itself."""

    SKIP = "skip"
    SKIP_TOPIC = "skip_topic"
    RESTART = "restart"
    SUMMARY = "summary"
    PAUSE = "pause"


class Aside(StrEnum):
    """What a question or small talk is about; each is answered in one sentence."""

    WHY = "why"
    PRIVACY = "privacy"
    COACH = "coach"
    LENGTH = "length"
    MEANING = "meaning"
    OPTIONAL = "optional"
    CHANGE = "change"
    ADVICE = "advice"
    BELONG = "belong"
    OTHER = "other"
    GREETING = "greeting"
    THANKS = "thanks"
    SMALL_TALK = "small_talk"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message sorted.

    Attributes:
        text: All of it in one line.
        statements: What may answer something.
        aside: What the first question or small talk is about.
        wish: What it asks of the conversation; then there are no statements.
        is_unsure: It says that the member does not know.
    """

    text: str
    statements: tuple[str, ...] = ()
    aside: Aside | None = None
    wish: Wish | None = None
    is_unsure: bool = False

    @property
    def statement(self) -> str:
        """The statements in one."""
        return "; ".join(self.statements)


_SENTENCE_END: Final = re.compile(r"(?<![\s(]\d)(?<!^\d)[.!?…]+(?=\s|$)|\n+")
_SKIP: Final = re.compile(
    r"^(?:please |can we |could we |lets |id like to |i want to |ill )?(?:skip|pass|next|move on|no comment|no answer)"
    r"(?: (?:it|that|this|this one|that one|the question|question|on (?:it|that|this)|over (?:it|that|this)"
    r"|to the next(?: one| question)?|for now|here))?(?: please)?$"
    r"|^(?:id|i would|id really) rather not\b(?: (?:say|answer|tell|talk|go there|share|discuss)\b.{0,30})?$"
    r"|^(?:i |id )?prefer not to\b.{0,40}$"
    r"|^(?:sorry )?(?:i )?(?:dont|do not|wont|will not) (?:want to|wish to|like to|feel like) ?(?:answer|say|tell|talk"
    r"|share|discuss|answering|talking|sharing)\b.{0,30}$"
    r"|^(?:thats|this is|its) (?:too )?(?:private|personal)\b.{0,20}$|^none of your business$|^decline$"
)
_SKIP_TOPIC: Final = re.compile(
    r"\b(?:skip|leave out|pass on) (?:this|the|that)(?: whole| entire)? (?:topic|section|part)\b"
)
_RESTART: Final = re.compile(
    r"^(?:please |can we |could we |lets |i want to |id like to )?(?:start(?:ing)? (?:over|again|from (?:scratch"
    r"|the beginning)|anew)|reset|restart|begin again|delete (?:everything|it all|all of it))\b"
)
_SUMMARY: Final = re.compile(
    r"\b(?:what (?:do you|did you) (?:have|know|note)|what have (?:you|we) (?:got|noted|so far)|so far\?|summar(?:y|ise"
    r"|ize)|recap|where (?:were|are) we|where did we (?:stop|leave off))\b"
)
_PAUSE: Final = re.compile(
    r"^(?:ok(?:ay)?,? |sorry,? |thanks,? )*(?:bye|goodbye|good night|see you|talk (?:later|tomorrow)|later|gotta go"
    r"|(?:i )?(?:have|need|got) to (?:go|stop|run)|lets (?:stop|continue (?:later|tomorrow)|take a break)"
    r"|(?:can we )?continue (?:later|tomorrow|another time)|enough for (?:now|today)|i need a break)\b.{0,40}$"
)
_UNSURE: Final = re.compile(
    r"^(?:(?:i )?(?:really |honestly )?(?:dont|do not) (?:really )?know(?= ?(?:$|,|but|yet|really|honestly|what|how"
    r"|exactly))"
    r"|idk|dunno|no (?:idea|clue)|not (?:really )?sure(?! if)|im not (?:really )?sure(?! if)|hard to say|cant say"
    r"|(?:h+m+|u+h+m*|e+h+|u+m+)\b|let me think|good question|i havent thought about (?:it|that)|no clue)"
    r"(?: (?:really|yet|honestly|what to say|how to say it|exactly|about that|tbh|sorry))*"
)
_QUESTION_WORD: Final = re.compile(
    r"^(?:sorry |but |and |so |ok |oh |wait )*(?:why\b|who (?:can|are|is|will|reads|sees)|whats? (?:is|are|does|do|did"
    r"|should|would|about|if|kind|time|was the|counts|for|s this)\b|whats\b|how (?:do|does|did|long|many|much|can|could"
    r"|should|would|often do|are|is|about)\b|where (?:do|does|is|are|should|can)\b|when (?:do|does|will|should)\b"
    r"|which (?:one|ones|is|are|do)\b|can (?:i|you|we)\b|could (?:i|you|we)\b|do (?:i|you|we)\b|does (?:this|that|it)\b"
    r"|is (?:it|that|this|my|there)\b|are (?:you|we|there|these|those)\b|should i\b|would you\b|will (?:you|this|it"
    r"|my)\b"
    r"|did you\b|have you\b|am i\b|may i\b)"
)
_TENTATIVE: Final = re.compile(r"^(?:maybe|perhaps|about|around|say|something like|like)\b")
_ASIDES: Final = (
    (Aside.WHY, re.compile(r"\bwhy\b|\bwhat for\b|\bmatter\b|\bis (?:that|this) a test\b")),
    (
        Aside.PRIVACY,
        re.compile(
            r"\b(?:private|privacy|who (?:can|will|reads|sees)|safe|secret|data|stored?|saved?|share[ds]?|anonymous)\b"
        ),
    ),
    (
        Aside.COACH,
        re.compile(r"\b(?:who are you|are you (?:an? )?(?:ai|bot|robot|human|real|person)|real person|what are you)\b"),
    ),
    (Aside.LENGTH, re.compile(r"\bhow (?:long|many (?:more )?questions|much longer)\b|\bare we (?:done|there)\b")),
    (Aside.OPTIONAL, re.compile(r"\b(?:have to|need to|must i|obliged|required|skip|optional)\b")),
    (Aside.CHANGE, re.compile(r"\b(?:change|edit|correct|undo|go back)\b")),
    (
        Aside.MEANING,
        re.compile(
            r"\b(?:mean|meant|meaning|example|options?|what is (?:this|that)|whats (?:this|that)|explain|understand"
            r"|was the question|repeat|say again|how does (?:that|this|it) work|good answer|good one|how so)\b"
        ),
    ),
    (
        Aside.BELONG,
        re.compile(
            r"\bim (?:also )?(?:a |an )?(?:gay|lesbian|bi|bisexual|trans\w*|queer|asexual|non ?binary|divorced"
            r"|widow\w*|disabled|a wheelchair user|a single (?:mum|mom|dad|parent)|in my \w+|over (?:40|50|60|70))\b"
            r"|\b(?:am i|is it|its) too (?:old|late|shy|ugly|fat)\b"
        ),
    ),
    (
        Aside.ADVICE,
        re.compile(
            r"\b(?:should|advice|tips?|recommend|would you|how (?:do|can|could|would) i|works? best|is \w+ (?:good|too"
            r"|ok))\b"
        ),
    ),
)
_THANKS: Final = re.compile(r"^(?:ok |okay |great |cool )?(?:thanks|thank you|thx|ty|cheers)\b[^,]{0,40}$")
_GREETING: Final = re.compile(
    r"^(?:hi+|he+y+|hello|hiya|yo|good (?:morning|afternoon|evening|day)|morning|evening|howdy|whats up|sup"
    r"|hows it going|how are you(?: doing)?(?: today)?|hi there|hey there|hello there|hello again"
    r"|(?:ok(?:ay)? )?im back|back again|(?:lets )?continue|go on|where (?:were|are) we"
    r"|nice to meet you)(?: (?:there|again|coach|everyone))?$"
)
_BEGIN: Final = re.compile(
    r"^(?:lets (?:do this|go|start|begin|continue|get started)|start|begin|go|ready|im ready|go ahead"
    r"|okay lets go|sure|shoot|fire away|ok(?:ay)?|yes|yeah|yep|sure thing|alright)(?: then| please| now)?$"
)
_OPENER: Final = re.compile(
    r"\b(?:set|start|work on|talk about|fill (?:in|out)|go through|do|define|begin)(?: up)? (?:my |the |some |with "
    r"|with my |on )*"
    r"(?:dating )?(?:goals?|intake|questionnaire|questions|conversation)$|^(?:my )?dating goals?(?: please)?$"
    r"|\b(?:try|use|see) (?:this|it|the app|this app|how (?:it|this) works)(?: out)?$|\bgive (?:it|this) a (?:try"
    r"|go)\b|\bfound this (?:in|on|app)\b"
)
_CHATTER: Final = re.compile(
    r"^(?:(?:lo+l+|haha\w*|hehe\w*|heh|xd|rofl|lmao|wow|oh|ah|aha|ok(?:ay)?|cool|nice|great|good|fine|perfect|awesome"
    r"|sweet|interesting"
    r"|i see|right|true|got it|makes sense|fair enough|no worries|no problem|sounds good|good to know|alright|well|yes"
    r"|yeah|yep|no|nope|brb|afk"
    r"|one (?:sec|second|moment|minute)|hold on|wait|sorry|back|im back|ok back|funny|thats (?:funny|nice|cool|good"
    r"|great|sweet|kind|a good question))"
    r"(?:[ ,.!]+|$)){1,12}$"
)
_HERE_AND_NOW: Final = re.compile(
    r"\b(?:brb|afk|right now|just now|at the moment|this very moment|doorbell|hold on|one sec(?:ond)?"
    r"|wait"
    r"|phone (?:is )?(?:ringing|rang)|battery|wifi|keyboard|autocorrect|typo)\b"
    r"|\b(?:its|it is|it was) (?:so |really |very |pretty |a bit )?(?:raining|snowing|hot|cold|sunny|windy|late|early"
    r"|monday|friday"
    r"|sunday|weekend)\b|\b(?:(?:nice|bad|lovely|awful|great|good) weather|weather (?:today|is)|football|soccer"
    r"|basketball|the (?:match|game) (?:yesterday|last night|tonight)|traffic jam)\b"
    r"|\b(?:my|the|our|some) [\w ]{1,25} (?:is|are|was|were|keeps?|started) (?:just |so |already |again "
    r"|now )*(?!being|helping|having"
    r"|meeting|going|talking)\w{2,}ing\b"
    r"|\b(?:my|the|our) [\w ]{1,20} just \w+|\bjust (?:got home|woke up|ate|had (?:lunch|dinner|breakfast|coffee)"
    r"|finished work)\b"
    r"|\bi(?:m| am) (?:so |really |very |a bit )?(?:hungry|thirsty|sleepy|eating|cooking|driving|on the (?:bus|train"
    r"|tram)|at work"
    r"|in bed|in a meeting|watching|making (?:tea|coffee|dinner|lunch))\b"
    r"|\b(?:formal|funny|weird|odd) (?:question|app)\b|\bsounds so\b|\blisten to me\b|\bgood bot\b"
)


def hear(message: str) -> Heard:
    """Sorts a message."""
    text = one_line(message)
    whole = plain(text).strip(" .!,;:…")
    if wish := _wish(whole):
        return Heard(text, wish=wish)
    statements: list[str] = []
    asides: list[Aside] = []
    is_unsure = False
    for sentence in _sentences(message):
        if aside := _aside(sentence):
            asides.append(aside)
            continue
        rest, unsure = _without_doubt(sentence)
        is_unsure = is_unsure or unsure
        if rest:
            statements.append(rest)
    return Heard(text, tuple(statements), next(iter(asides), None), None, is_unsure)


def told(message: str) -> tuple[str, ...]:
    """The sentences of a message that are neither questions nor small talk, as they were written."""
    return tuple(sentence for sentence in _sentences(message) if _aside(sentence) is None)


def is_opener(statement: str) -> bool:
    """Says only that it may begin: "I want to set my dating goals"."""
    return bool(_OPENER.search(plain(statement).strip(" .!,")))


def _sentences(message: str) -> list[str]:
    """The sentences in order, each with the mark that ends it."""
    found: list[str] = []
    start = 0
    text = message.replace("\r", "\n")
    for end in _SENTENCE_END.finditer(text):
        found.append(text[start : end.end()])
        start = end.end()
    found.append(text[start:])
    return [shown for sentence in found if (shown := one_line(sentence))]


def _wish(whole: str) -> Wish | None:
    if _SKIP_TOPIC.search(whole):
        return Wish.SKIP_TOPIC
    for wish, pattern in (
        (Wish.SKIP, _SKIP),
        (Wish.RESTART, _RESTART),
        (Wish.PAUSE, _PAUSE),
        (Wish.SUMMARY, _SUMMARY),
    ):
        if pattern.search(whole):
            return wish
    return None


def _aside(sentence: str) -> Aside | None:
    """What a sentence is about that answers nothing; None for a statement."""
    said = plain(sentence)
    bare = said.strip(" .!?,;:…-()'\"~*")
    if not any(character.isalnum() for character in bare):
        return Aside.SMALL_TALK
    is_question = said.rstrip(" .!").endswith("?") and not _TENTATIVE.match(bare)
    if is_question or _QUESTION_WORD.match(bare):
        if _GREETING.match(bare):
            return Aside.GREETING
        return next((aside for aside, pattern in _ASIDES if pattern.search(bare)), Aside.OTHER)
    if _THANKS.match(bare):
        return Aside.THANKS
    parts = re.split(r", ?", bare)
    if all(_GREETING.match(part) or _BEGIN.match(part) for part in parts):
        return Aside.GREETING if any(map(_GREETING.match, parts)) else Aside.SMALL_TALK
    if _CHATTER.match(bare) or (_HERE_AND_NOW.search(bare) and not DATING.search(bare)):
        return Aside.SMALL_TALK
    return None


def _without_doubt(sentence: str) -> tuple[str, bool]:
    """What is left when "I don't know" and the like are taken away, and whether they were there."""
    words = opened(sentence)
    said = plain(words).strip(" .!?,;:…")
    found = _UNSURE.match(said)
    if found is None:
        return words, False
    rest = said[found.end() :].strip(" ,.!?;:…-")
    rest = re.sub(r"^(?:but|maybe|though|i guess|probably|perhaps|so)\b[ ,]*", "", rest)
    # The words as they were written, from where the doubt ends.
    if not rest:
        return "", True
    at = words.casefold().replace("’", "'").find(rest.split(" ", 1)[0])
    return (words[at:] if at >= 0 else rest), True
