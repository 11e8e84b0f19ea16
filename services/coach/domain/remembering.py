"""Which facts a message tells of its writer, by rules: what lasts, and nothing that is doubtful.

Remembered is what the member asks to be remembered, and a short list of what shapes plans: when and how they work, what
they have, what hurts, what they avoid, what they prefer. Not remembered is what holds for today, what is asked, wished,
past or said of somebody else, and nothing at all from a message that is a sign of crisis or that crosses a boundary.
Diagnoses are remembered only when asked for. Source: ADR-0092.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.coach.domain.intents import read
from services.coach.domain.plain_text import plain, without_invisibles
from services.coach.domain.safety import screen
from services.coach.domain.tiers import Tier

MAX_PER_MESSAGE: Final = 3
# As far as a message is read for facts and sentences; what comes behind would hold up everybody else.
READ: Final = 2_000
_MAX_ASKED: Final = 300
_MIN_ASKED: Final = 4

_SENTENCE: Final = re.compile(r"[^.!?\n;]+[.!?\n;]*")
_ASKED: Final = re.compile(
    r"(?i)^\W*(?:please,? |ok,? |and |also,? |hey,? )*(?:can you |could you |will you )?(?:please )?"
    r"(?:remember|keep in mind|make a note|take note|note|don.?t forget)(?: for me)?(?:,? that|:|,)\s+(?P<what>\S.*)$"
)
_NOT_LASTING: Final = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|this (?:week|morning|evening|afternoon|weekend|month|time|year)|right now"
    r"|at the moment|currently|for now|last (?:week|night|month|year)|next (?:week|month)|used to|these days|lately"
    r"|sometimes|if|wish|would|could|should|might|maybe|not sure|until|ago|when i was|anymore|any more|yet|again)\b"
)
_BEGIN: Final = r"(?:^|\b(?:and|but|because|since|so|also|btw|well|plus|as|that|know|is)[, ]+)"
_END: Final = r"(?=$|[,.!;:]| (?:and|but|so|because|which|that|since|as|now|a lot|too|most|every|all)\b)"
_NUMBER: Final = r"(?:\d{1,2}|one|two|three|four|five|a)"
_BODY: Final = r"(?:knee|knees|back|lower back|shoulder|hip|ankle|wrist|neck|elbow|foot|feet|heel|achilles)"
_FOOD: Final = r"(?:meat|fish|dairy|gluten|sugar|eggs|pork|beef|nuts|wheat|bread)"
_WORK: Final = (
    r"(?:teacher|nurse|doctor|student|programmer|developer|engineer|driver|cook|chef|waiter|waitress|barista|lawyer"
    r"|designer|writer|musician|artist|freelancer|accountant|cleaner|paramedic|firefighter|police officer|shift worker"
    r"|single (?:mum|mom|dad|parent|mother|father)|stay at home (?:mum|mom|dad|parent)|retired|carer|caregiver)"
)
_DISLIKED: Final = (
    r"(?:running|gyms?|the gym|mornings|early mornings|mondays|crowds|crowded places|phone calls|cooking|swimming"
    r"|cycling|jogging|cardio|weights|lifting|small talk|clubs|bars|dating apps|reading|journaling"
    r"|meditation|meditating|yoga)"
)
_SUPPORT: Final = (
    r"(?:wife|husband|partner|girlfriend|boyfriend|sister|brother|mum|mom|dad|friend|flatmate|roommate|dog)"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that lasts, as it was said.

    Attributes:
        slot: What it is about; of one slot one fact holds.
        words: The words that say it, for knowing them again.
        text: As the member sees it.
    """

    slot: str
    words: str
    text: str

    def __repr__(self) -> str:
        """Without the words."""
        return "Fact()"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One kind of fact. `slot` may name groups of the pattern: then each of their values is a thing of its own."""

    slot: str
    pattern: re.Pattern[str]


def _rule(slot: str, pattern: str) -> _Rule:
    return _Rule(slot, re.compile(rf"{_BEGIN}(?P<fact>{pattern}){_END}"))


_RULES: Final = (
    _rule(
        "work.when",
        r"i (?:only |mostly |usually |always )?work (?:the )?(?:nights?|night shifts?|late shifts?|early shifts?|days"
        r"|evenings|weekends|shifts|rotating shifts|part time|full time|from home|two jobs|nine to five|9 to 5|9-5)",
    ),
    _rule("work.what", rf"im (?:a |an )?{_WORK}"),
    _rule("home.who", r"i live (?:alone|on my own|with my (?:parents|family|partner|wife|husband|kids|children))"),
    _rule("home.{whom}", rf"i have {_NUMBER} (?:small |young |little )?"
                         r"(?P<whom>kid|child|son|daughter|dog|baby|toddler)(?:s|ren)?"),
    _rule("body.{part}", rf"my (?:left |right |bad )?(?P<part>{_BODY}) (?:hurts?|aches?|always hurts?|acts up|is bad"
                         r"|gives me trouble|is injured|cant take much)"),
    _rule("body.{part}", rf"i have (?:a )?(?:bad|weak|injured) (?P<part>{_BODY})"),
    _rule("allergy.{to}", r"im allergic to (?P<to>\w+(?: \w+)?)"),
    _rule("food.kind", r"im (?:a )?(?:vegetarian|vegan|pescatarian|lactose intolerant)"),
    _rule("food.{what}", rf"i (?:dont|never|cant) eat (?P<what>{_FOOD})"),
    _rule("drink", r"i (?:dont|never) drink(?: alcohol)?"),
    _rule("smoke", r"i (?:dont|never) smoke"),
    _rule("day.best", r"im (?:a |an )?(?:morning person|early bird|night owl|evening person|late riser|early riser)"),
    _rule("day.best", r"(?:mornings|evenings|afternoons|weekends|lunch breaks|nights) (?:work|are) best for me"),
    _rule("day.best", r"i (?:prefer|like) (?:to )?(?:train|work out|exercise|run|study|write|read)(?:ing)? (?:in the "
                      r"(?:morning|evening|afternoon)s?|at (?:night|lunch)|early|late)"),
    _rule("time", r"i (?:can )?only have (?:\d{1,3} (?:minutes|min|hours?) (?:a|per) (?:day|week)|weekends(?: free)?"
                  r"|evenings(?: free)?|mornings(?: free)?)"),
    _rule("time.{day}", r"i (?:have no|never have) time (?:on )?(?P<day>mondays|tuesdays|wednesdays|thursdays|fridays"
                        r"|saturdays|sundays|weekends|weekdays)"),
    _rule("have.{what}", r"i (?:dont have|dont own|have no) a? ?(?P<what>car|gym|gym membership|garden|kitchen|bike)"),
    _rule("have.{what}", r"i have a (?P<what>gym membership|home gym|treadmill|bike|garden|pool)"),
    _rule("cannot.{what}", r"i cant (?P<what>swim|drive|cook|ride a bike)"),
    _rule("taste.{what}", rf"i (?:really |just )?(?:hate|dislike|cant stand|dont like) (?P<what>{_DISLIKED})"),
    _rule("taste.{what}", r"i prefer (?P<what>\w+(?: \w+)?) (?:over|to|rather than) \w+(?: \w+)?"),
    _rule("support.{whom}", rf"my (?P<whom>{_SUPPORT}) (?:trains|runs|works out|goes|walks|studies|exercises) with me"),
    _rule("hurdle.{when}", r"i always (?:give up|snack|overeat|skip it|procrastinate|stay up|scroll|freeze|smoke"
                           r"|drink) (?:when|after|before|at|in) (?P<when>\w+(?: \w+){0,3})"),
)  # fmt: skip
_WHOLE_WORDS: Final = {
    "im": "I'm", "ive": "I've", "i": "I", "dont": "don't", "cant": "can't", "doesnt": "doesn't", "isnt": "isn't",
}  # fmt: skip


def facts_in(text: str) -> tuple[Fact, ...]:
    """What a message tells of its writer that lasts; at most three, each once."""
    text = text[:READ]
    is_harmless = screen(text).tier is Tier.NONE and read(text).boundary is None
    return facts_of_harmless(text) if is_harmless else ()


def facts_of_harmless(text: str) -> tuple[Fact, ...]:
    """The same, for a message that was read before: it is no sign of crisis and crosses no boundary."""
    found: dict[str, Fact] = {}
    for sentence in _SENTENCE.findall(without_invisibles(text[:READ])):
        for fact in _facts_of(sentence.strip()):
            found.setdefault(fact.slot, fact)
    return tuple(found.values())[:MAX_PER_MESSAGE]


def _facts_of(sentence: str) -> Iterator[Fact]:
    asked = _ASKED.match(sentence)
    if asked is not None and not sentence.endswith("?"):
        yield from _asked_for(asked["what"])
        return
    read_as = plain(sentence)
    if sentence.endswith("?") or _NOT_LASTING.search(read_as):
        return
    for rule in _RULES:
        for match in rule.pattern.finditer(read_as):
            said = match["fact"]
            yield Fact(rule.slot.format(**match.groupdict()), said, _readable(said))


def _asked_for(what: str) -> Iterator[Fact]:
    """What the member wants remembered, in their own words; what a rule knows goes where the rule puts it."""
    shown = " ".join(what.split()).strip(" .!;,")
    if not _MIN_ASKED <= len(shown) <= _MAX_ASKED:
        return
    words = plain(shown)
    for rule in _RULES:
        match = rule.pattern.match(words)
        if match is not None and match.end() == len(words):
            yield Fact(rule.slot.format(**match.groupdict()), match["fact"], _readable(match["fact"]))
            return
    yield Fact(f"said.{words}", words, f"{shown[0].upper()}{shown[1:]}")


def _readable(said: str) -> str:
    """With the apostrophes and capitals that the rules read without."""
    shown = " ".join(_WHOLE_WORDS.get(word, word) for word in said.split())
    return f"{shown[0].upper()}{shown[1:]}"
