"""Whether a review, a report or a post may go out, whoever wrote it: every reply's lints, with more room."""

from typing import Final

from services.coach.domain.facts import Quotable
from services.coach.domain.lints import Judged, lint
from services.coach.domain.reviews.writer import Review

MAX_WORDS: Final = 200
_MAX_STEPS: Final = 3
_WHY: Final = {
    "L1": f"it has more than {MAX_WORDS} words",
    "L2": "it asks more than one question",
    "L3": "it has a number or a quoted title that is not in the facts",
    "L4": "it names a condition that somebody has",
    "L5": "it shames",
    "L6": "it ends in no question and no if-then step, or has no action step",
    "L8": "it holds what is not for it",
    "L9": "it directs treatment, law or money, or has a link",
    "L10": "it says a sentence twice",
}


def judged(review: Review, may_quote: Quotable) -> Review:
    """The review itself.

    Raises:
        ValueError: It breaks rules; the message says which.
    """
    if len(review.action_steps) > _MAX_STEPS:
        raise ValueError(f"it has more than {_MAX_STEPS} action steps")
    reply = Judged(review.text, review.action_steps, quotable=may_quote, offline=False, max_words=MAX_WORDS)
    broken = lint(reply)
    if broken:
        raise ValueError("; ".join(_WHY.get(rule, rule) for rule in broken))
    return review
