"""What no reply may break, whoever wrote it. Deterministic, so that a build can fail on it without a model or a key.

L1 length · L2 one question · L3 grounded numbers and titles · L4 no diagnosis · L5 no shame words · L6 a next step ·
L7 honest about being offline · L8 nobody else's words · L9 no directives of other professions · L10 no repetition.
Crisis cards are static and reviewed; they are held to L4, L5 and L8 only.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from services.coach.domain.facts import NOTHING, Quotable
from services.coach.domain.links import LINK
from services.coach.domain.plain_text import plain
from services.coach.domain.verdicts import gives_a_directive, names_a_diagnosis, sentences

MAX_WORDS = 90

_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SHAME = re.compile(
    r"\b(?:should|shouldnt|must|mustnt|ought to|you have to|you failed|failure|no excuses?|excuses|lazy"
    r"|weak|pathetic|disappoint\w*|ashamed of you|try harder|just do it|your fault|blame)\b"
)
_ALLOWED_SHAME = re.compile(r"\bnot your fault\b")
_MARKUP = re.compile(r"(?i)<[a-z/]")
_STEP = re.compile(r"(?i)\b(?:if|when)\b[^.?!]{3,120}\b(?:then|do|pick|keep)\b")


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply with all that is needed to judge it.

    Attributes:
        quotable: Numbers and titles of the context that it was made from.
        recent: The texts of the member's last replies, newest first.
        offline: No model wrote it.
        disclosure: The sentence that says so.
        first_of_thread: Where that sentence belongs.
        foreign: Words that belong to other members.
        crisis: It is, or begins with, a card of the safety screen.
        max_words: More in a review than in a talk.
    """

    text: str
    action_steps: tuple[str, ...] = ()
    quotable: Quotable = NOTHING
    recent: tuple[str, ...] = ()
    offline: bool = True
    disclosure: str = ""
    first_of_thread: bool = False
    foreign: tuple[str, ...] = ()
    crisis: bool = False
    max_words: int = MAX_WORDS


def lint(reply: Judged) -> tuple[str, ...]:
    """The ids of the rules that a reply breaks; empty when it may be sent."""
    rules = _CRISIS_RULES if reply.crisis else _RULES
    return tuple(rule_id for rule_id, holds in rules.items() if not holds(reply))


def _is_short(reply: Judged) -> bool:
    return len(reply.text.split()) <= reply.max_words


def _asks_once(reply: Judged) -> bool:
    return reply.text.count("?") <= 1


def _is_grounded(reply: Judged) -> bool:
    numbers = all(number in reply.quotable.numbers for number in _NUMBER.findall(_unquoted(reply.text)))
    known = {plain(title) for title in reply.quotable.titles}
    quoted = (plain(quote.strip('“”"')) for quote in _QUOTED.findall(reply.text))
    return numbers and all(any(_same_title(quote, title) for title in known) for quote in quoted)


def _same_title(quote: str, title: str) -> bool:
    """Punctuation aside: a quoted title has its inner full stops softened."""
    return re.sub(r"\W+", "", quote) in re.sub(r"\W+", "", title)


def _has_no_diagnosis(reply: Judged) -> bool:
    return not names_a_diagnosis(reply.text)


def _does_not_shame(reply: Judged) -> bool:
    spoken = _ALLOWED_SHAME.sub("", plain(_unquoted(" ".join((reply.text, *reply.action_steps)))))
    return not _SHAME.search(spoken)


def _has_next_step(reply: Judged) -> bool:
    return bool(reply.action_steps) and ("?" in reply.text or bool(_STEP.search(reply.text)))


def _is_honest(reply: Judged) -> bool:
    return not (reply.offline and reply.first_of_thread) or (bool(reply.disclosure) and reply.disclosure in reply.text)


def _is_private(reply: Judged) -> bool:
    everything = " ".join((reply.text, *reply.action_steps))
    return not any(secret in everything for secret in reply.foreign)


def _gives_no_directive(reply: Judged) -> bool:
    everything = " ".join((reply.text, *reply.action_steps))
    return not gives_a_directive(everything) and not LINK.search(everything) and not _MARKUP.search(everything)


def _is_fresh(reply: Judged) -> bool:
    said = {sentence for text in reply.recent[:5] for sentence in _comparable(text, reply.disclosure)}
    own = _comparable(reply.text, reply.disclosure)
    return len(set(own)) == len(own) and not said.intersection(own)


def _comparable(text: str, disclosure: str) -> Sequence[str]:
    return [sentence for sentence in sentences(text) if sentence != disclosure]


def _unquoted(text: str) -> str:
    return _QUOTED.sub(" ", text)


_RULES: dict[str, Callable[[Judged], bool]] = {
    "L1": _is_short,
    "L2": _asks_once,
    "L3": _is_grounded,
    "L4": _has_no_diagnosis,
    "L5": _does_not_shame,
    "L6": _has_next_step,
    "L7": _is_honest,
    "L8": _is_private,
    "L9": _gives_no_directive,
    "L10": _is_fresh,
}
_CRISIS_RULES = {rule_id: _RULES[rule_id] for rule_id in ("L4", "L5", "L8")}


def broken_by(replies: Iterable[Judged]) -> dict[str, int]:
    """How often each rule is broken over many replies; for reports."""
    counts: dict[str, int] = {}
    for reply in replies:
        for rule_id in lint(reply):
            counts[rule_id] = counts.get(rule_id, 0) + 1
    return counts
