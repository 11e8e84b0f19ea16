"""What a message asks for: first the boundaries that hold whoever answers, then the intents of the offline coach."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.coach.domain.facts import GoalFact, Overview
from services.coach.domain.minors import COURTING, MINOR
from services.coach.domain.plain_text import plain, words
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
    OFF_TOPIC = "off_topic"


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
            r"|\b(?:delete|wipe|drop|erase) (?:all|every) (?:the |of the |of my |my )?(?:goals|users|members"
            r"|mentees|journals|data|tables?)\b|\bimage link\b|!\[|\bhttps?://|\b(?:tell|message|email"
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
            r"\b(?:shes|hes|theyre|she is|he is|they are|girl is|guy is|date is|she was|he was) (?:so |really "
            r"|too |pretty |very |already |super |a bit )?(?:drunk|wasted|hammered|tipsy|passed out|blacked out"
            r"|high|asleep|unconscious)\b"
            rf"|\bget {_THEM} (?:a bit |really |so )?(?:drunk|tipsy|wasted|to drink more|high)\b|\b(?:spike"
            r"|roofie|drug) (?:her|his|their|a)\b"
        ),
    ),
    (
        Boundary.HARASSMENT,
        re.compile(
            r"\b(?:humiliate|embarrass|shame|ruin|destroy|expose|insult|bully|harass|threaten|blackmail"
            rf"|get (?:back at|revenge on|even with)|take revenge on|hurt) {_THEM}\b|\brevenge\b|\b(?:leak|post"
            r"|share|send) (?:her|his|their|my exs?) (?:nudes|photos|pictures|pics|messages|secrets)\b"
            rf"|\bmake {_THEM} (?:feel )?(?:jealous|cry|suffer|regret|beg)\b|\bfake (?:profile"
            rf"|account)\b.{{0,30}}\b(?:catfish|trick|test) "
        ),
    ),
    (
        Boundary.CONSENT,
        re.compile(
            r"\b(?:she|he|they) (?:already |just |has |have |keeps? )?(?:said|saying|says|told me) no\b"
            r"|\bafter (?:she|he|they|her|his) (?:said |told me |turned me |rejected |saying )?(?:no|down"
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
            r"|\bi hate (?:you|this (?:app|bot))\b|\byou suck\b"
        ),
    ),
)

_DATING = re.compile(
    r"\b(?:date|dates|dating|girlfriend|boyfriend|crush|tinder|bumble|hinge|flirt\w*"
    r"|approach(?:ing)? (?:her|him|girls|guys|women|men|people|someone|strangers)|ask(?:ing)? (?:her|him"
    r"|them|someone|a girl|a guy) out"
    r"|first message|match(?:es|ed) (?:with|on)|(?:talk|talking|speak|chat) to (?:girls|women|guys|men"
    r"|strangers|new people|her|him|someone new|people)|single|attractive|kiss|romantic|wingman"
    r"|small talk|see (?:her|him|them) again)\b"
)
_INTENTS: tuple[tuple[Intent, re.Pattern[str]], ...] = (
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
            r"|postpone|reschedule|swap|drop|edit|rework|redo) (?:my |the |this |that |some |it )*(?:goals?|plan"
            r"|target|schedule|deadline|habits?|days?|routine|number|times|frequency|mondays?|tuesdays?"
            r"|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)\b|\b(?:too (?:much|many|hard|ambitious|easy)"
            r"|new plan|different plan|fewer|less often|more often|on holiday|on vacation|travell?ing|injured"
            r"|sick this)\b"
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
            r"|keep|show)|havent (?:done|been|run|logged|gone|trained|worked)|failed|fell (?:off|behind)|slipped"
            r"|broke my streak|lost my streak|relapsed|gave in|cheated|off track|no time (?:to|for)"
            r"|couldnt (?:do|make|go|get|run|find)|blew it|messed up|screwed up|fallen behind)\b"
        ),
    ),
    (
        Intent.WIN,
        re.compile(
            r"\b(?:i did it|did my|nailed|crushed|smashed|finished|completed|achieved|reached|hit my|made it"
            r"|managed to|proud|personal best|\bpb\b|\bpr\b|new record|succeeded|success|celebrat\w+"
            r"|went (?:for a run|running|to the gym|well|great)|(?:i|just|ive) (?:ran|run|trained|worked out"
            r"|meditated|read|wrote|studied|swam|cycled|walked|talked to|asked)\b(?!.*\?)|good (?:day|week)"
            r"|great (?:day|week|session)|finally did|kept my|stuck to|streak is)\b"
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
        ),
    ),
    (Intent.DATING, _DATING),
)
_THANKS = re.compile(
    r"^\W*(?:ok(?:ay)?,? |great,? |cool,? |perfect,? )?(?:thanks?|thank you|thx|ty|cheers"
    r"|appreciate (?:it|that)|got it|sounds good|will do|makes sense|great|perfect|cool"
    r"|ok(?:ay)?)\b[^?]{0,60}$"
)
_GREETING = re.compile(
    r"^\W*(?:hi|hey|hello|hiya|yo|good (?:morning|afternoon|evening)|morning|evening|whats up|sup|howdy"
    r"|hola)\b[^?]{0,30}\W*$"
)

_FEELINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "overwhelmed",
        re.compile(
            r"\b(?:overwhelm\w*|too much (?:going on|at once|on my plate)|drowning in|swamped|cant do (?:this"
            r"|it)(?: goal| plan| habit)? ?any ?more)\b"
        ),
    ),
    (
        "anxious",
        re.compile(r"\b(?:anxious|anxiety|nervous|worried|worry\w*|panick\w*|scared|afraid|terrified|dread\w*)\b"),
    ),
    ("stressed", re.compile(r"\b(?:stress\w*|pressure|tense|burn(?:ed|t) ?out|burnout)\b")),
    ("frustrated", re.compile(r"\b(?:frustrat\w+|annoyed|fed up|irritated|sick of)\b")),
    ("angry", re.compile(r"\b(?:angry|furious|pissed|mad at|rage)\b")),
    (
        "sad",
        re.compile(
            r"\b(?:sad|feel(?:ing)? down|unhappy|crying|cried|heartbroken|miserable|depressed|feel(?:ing)? low"
            r"|disappointed)\b"
        ),
    ),
    ("lonely", re.compile(r"\b(?:lonely|alone|isolated|no friends|left out)\b")),
    ("ashamed", re.compile(r"\b(?:ashamed|embarrass\w*|guilty|guilt|humiliated|cringe)\b")),
    ("tired", re.compile(r"\b(?:tired|exhausted|drained|no energy|sleepy|worn out|fatigued|knackered)\b")),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message is taken to be.

    Attributes:
        boundary: What it asks that the coach does not do.
        feeling: One word for a feeling it names, never more than it says.
        dating: It is about meeting somebody.
    """

    intent: Intent
    boundary: Boundary | None = None
    feeling: str | None = None
    dating: bool = False


def read(message: str) -> Reading:
    """Reads one message; the first rule that fits decides."""
    text = plain(spelled_out(message))
    feeling = next((name for name, pattern in _FEELINGS if pattern.search(text)), None)
    dating = bool(_DATING.search(text))
    return Reading(_intent(text, feeling, dating=dating), _boundary(text, dating=dating), feeling, dating)


def mentioned_goal(message: str, overview: Overview | None) -> GoalFact | None:
    """The goal whose title shares most words with the message; None when none does."""
    said = words(message)
    scored = [(len(said & words(goal.title)), goal) for goal in overview.goals] if overview else []
    best = max(scored, key=lambda one: (one[0], one[1].goal_id.hex), default=None)
    return best[1] if best and best[0] > 0 else None


def boundary_of(message: str, *, dating: bool) -> Boundary | None:
    """The boundary that a message meets; `dating` where everything said is about dating."""
    return _boundary(plain(spelled_out(message)), dating=dating)


def _boundary(text: str, *, dating: bool) -> Boundary | None:
    ended = text if text[-1:] in ".!?" else f"{text}."
    for boundary, pattern in _BOUNDARIES:
        if pattern.search(ended) and (boundary is not Boundary.MINOR or dating or COURTING.search(text)):
            return boundary
    return None


def _intent(text: str, feeling: str | None, *, dating: bool) -> Intent:
    if _GREETING.search(text):
        return Intent.GREETING
    if _THANKS.search(text):
        return Intent.THANKS
    first = next((intent for intent, pattern in _INTENTS if pattern.search(text)), Intent.OFF_TOPIC)
    if feeling and first in {Intent.OFF_TOPIC, Intent.STUCK, Intent.DATING, Intent.OUTLOOK}:
        return Intent.DATING if dating else Intent.EMOTION
    return Intent.DATING if dating and first in {Intent.STUCK, Intent.OFF_TOPIC} else first
