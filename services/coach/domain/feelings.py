"""Feelings that a message names as its writer's, and what happens to people: a death, a hard turn, good news."""

import re
from typing import Final

from services.coach.domain.negation import affirmed

_FEELINGS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "overwhelmed",
        re.compile(
            r"\b(?:overwhelm\w*|too much (?:going on|at once|on my plate|for me|right now)|drowning in|swamped"
            r"|cant do (?:this|it)(?: goal| plan| habit)? ?any ?more|everything is too much|cant cope)\b"
        ),
    ),
    (
        "anxious",
        re.compile(
            r"\b(?:anxious|anxiety|nervous|worried|worry\w*|panick\w*|panic attacks?|scared|afraid|terrified"
            r"|dread\w*)\b"
        ),
    ),
    (
        "stressed",
        re.compile(
            r"\b(?:stress(?:ed|ful|ing)?|under pressure|so much (?:pressure|stress)|tense|burn(?:ed|t) ?out|burnout)\b"
        ),
    ),
    ("frustrated", re.compile(r"\b(?:frustrat\w+|annoyed|fed up|irritated|sick of)\b")),
    ("angry", re.compile(r"\b(?:angry|furious|pissed|mad at|rage|livid|so mad)\b")),
    (
        "sad",
        re.compile(
            r"\b(?:sad|sadness|unhappy|crying|cried|cry|heartbroken|miserable|depressed|disappointed|hurts so much)\b"
        ),
    ),
    (
        "lonely",
        re.compile(
            r"\b(?:lonely|loneliness|(?:feel(?:ing)?|so|all|im|am) (?:so |very |really |all )?alone|isolated"
            r"|no friends|left out)\b"
        ),
    ),
    (
        "ashamed",
        re.compile(
            r"\b(?:ashamed|shame|embarrass\w*|guilty|guilt|humiliated|cringe|feel(?:ing)? (?:so )?disgust(?:ed|ing))\b"
        ),
    ),
    ("jealous", re.compile(r"\b(?:jealous|envious)\b")),
    (
        "hurt",
        re.compile(
            r"\b(?:im|i am|feel|feeling|felt|so) (?:so |really |very )?(?:hurt|betrayed|unloved|unwanted|let down"
            r"|used)\b"
        ),
    ),
    (
        "tired",
        re.compile(
            r"\b(?:tired|exhausted|drained|no energy|sleepy|worn out|fatigued|knackered|havent slept|cant sleep)\b"
        ),
    ),
    (
        "down",
        re.compile(
            r"\bfeel(?:ing|s)? (?:so |really |very |a bit |like )*(?:down|low|blue|terrible|awful|horrible|bad|empty"
            r"|numb"
            r"|lost|worse|nothing|shit|crap|broken|hopeless)\b|\bbinge[d]? (?:ate|again|eating)\b"
            r"|\b(?:bad|rough|awful|terrible|horrible|hard|tough|worst) (?:day|week|night|month|time|morning|evening)\b"
            r"|\bnot (?:ok(?:ay)?|fine|doing (?:well|ok(?:ay)?|great))\b|\bnothing (?:works|helps)\b|\b(?:was|is|its"
            r"|today was) (?:terrible|awful|horrible)\b"
        ),
    ),
)
_NEAR: Final = (
    r"(?:my|our) (?:\w+ )?(?:dad|father|mom|mum|mother|brother|sister|son|daughter|baby|child|kid|wife|husband|partner"
    r"|boyfriend|girlfriend|fiancee?|friend|grandma|grandmother|grandpa|grandfather|gran|nan|aunt|uncle|cousin|niece"
    r"|nephew|dog|cat|pet|horse|colleague|neighbou?r|teacher|coach|boss|parents?|grandparents?|stepdad|stepmum|stepmom)"
)
LOSS: Final = re.compile(
    r"(?:^|[.!,] ?)(?:mum|mom|dad|grandma|grandpa|nan|gran) (?:has |just )?(?:died|passed away)\b"
    rf"|\b{_NEAR}(?: just| has| have| recently| suddenly)*(?: died| passed(?: away)?\b(?! (?:his|her|their|the|my|an?"
    rf"|me)\b)"
    rf"| is dead| was killed| took (?:his|her|their) (?:own )?life)"
    rf"|\b(?:i|we)(?:ve| have)? (?:just |recently )?lost {_NEAR}\b(?!s)|\b(?:funeral|miscarriage|miscarried"
    rf"|stillborn)\b"
    r"|\bgrie(?:f|ving|ve)\b|\bmourning\b|\b(?:the )?death of (?:my|our)\b|\bput (?:my|our) (?:dog|cat) (?:down"
    r"|to sleep)\b"
    r"|\blost the baby\b|\b(?:he|she|they) (?:died|passed away)\b"
)
HARDSHIP: Final = re.compile(
    r"\b(?:lost my (?:job|home|house|flat|apartment)|(?:got|been|was|i am|im) (?:just )?(?:fired|laid off"
    r"|made redundant"
    r"|sacked|evicted|mugged|robbed|dumped|divorced)|(?:getting|got) (?:a )?divorced?|filed for divorce|we divorced"
    r"|my divorce"
    r"|broke up(?: with me)?|broken up|break ?up|split up|left me\b(?! (?:a|the|alone|on|with (?:a|the|my|some|no))\b)"
    r"|dumped me|laughed at me|bullied|(?:fight|argument|row|fell out) with (?:my|our)|(?:no one|nobody) (?:listens"
    r"|understands)|made fun of me|ghosted me|stood me up|cheated on me|wants a divorce|(?:is"
    r"|was) cheating|didnt get the (?:job|promotion|part|place|offer"
    r"|house|flat)"
    r"|failed (?:my|the|an?) (?:exam|test|driving test|interview|course|class|degree)|(?:he|she|they) rejected me"
    r"|got rejected"
    r"|turned me down|in (?:the )?hospital|has (?:cancer|dementia)|have cancer|diagnosed with|had an accident"
    r"|car accident"
    r"|very ill|seriously ill|is dying|in debt|(?:no one|nobody) (?:came|showed up|likes me|called|invited me)"
    r"|cant pay (?:my|the) rent|house burned"
    r"|(?:my|the) (?:dad|father|mom|mum|mother|brother|sister|son|daughter|wife|husband|partner|dog|cat)"
    r" (?:is|got|has been) (?:really |very |so )?(?:sick|ill))\b"
)
SELF_BLAME: Final = re.compile(
    r"\bi (?:really |just |so )?(?:hate|loathe|despise|cant stand) (?:myself|me\b|how i look|my body)|\bi(?:m"
    r"| am) (?:just |such |so "
    r"|a |an |really |completely |totally )*(?:failure|loser|worthless|pathetic|useless|disgusting|stupid|idiot|ugly"
    r"|unlovable|not good enough|good for nothing|a mess)\b|\bfeel like (?:a |such a |an )?(?:failure|loser|fraud"
    r"|idiot)\b|\b(?:disgusted with|ashamed of|disappointed in) myself\b"
    r"|\bnot good enough\b|\bi ruin everything\b|\bi (?:always )?mess (?:everything|it all) up\b"
)
NEWS: Final = re.compile(
    r"\b(?:i|ive|i have|we|i just|i finally) (?:just |finally |really )?(?:passed (?:my|the|an?|all|it)\b|got (?:the"
    r"|a|that|my)"
    r" (?:new )?(?:job|promotion|offer|part|place|raise|internship|degree|visa|house|flat|apartment|grant)"
    r"|got (?:promoted"
    r"|engaged|married|accepted|hired|in)\b(?!to)|was promoted|graduated|won (?:the|a|my)|bought (?:a|our"
    r"|my) (?:house|flat))"
    r"|\b(?:im|i am|were|we are) (?:pregnant|engaged|getting married|going to be a (?:dad|mum|mom|father|mother))\b"
    r"|\b(?:she|he|they) said yes\b|\bgood news\b|\b(?:its|today is) my birthday\b|\bbaby (?:was|is) born\b"
)

# A bright mood that asks for nothing.
_BRIGHT: Final = re.compile(
    r"\b(?:im|i am|feel|feeling|so) (?:so |really |very |pretty )?(?:happy|great|good|amazing|wonderful|calm|relaxed"
    r"|hopeful"
    r"|grateful|excited|better|much better)\b(?! at\b)|\bi (?:really )?love my\b"
)


def is_bright(text: str) -> bool:
    """The writer says that they are well."""
    return any(affirmed(_BRIGHT, text))


def feeling_in(text: str) -> tuple[str, int] | None:
    """A word for the first feeling that is named and not denied, and where; never more than the text says."""
    for name, pattern in _FEELINGS:
        found = next(affirmed(pattern, text), None)
        if found is not None:
            return name, found.start()
    return None


def denies_a_feeling(text: str) -> bool:
    """A feeling is named only to say that it is not there."""
    return any(pattern.search(text) for _, pattern in _FEELINGS)
