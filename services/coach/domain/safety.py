"""The crisis screen: rules over one message, and what they mean together with what the member wrote before.

Runs in process, before any wait and before any provider. `screen` reads a message; `assess` joins the finding with the
member's sticky state: a tier holds for 24 hours, a denial lowers it by one step and never to nothing at once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.coach.domain.plain_text import views
from services.coach.domain.safety_rules import (
    ABUSE_IDS,
    DENIAL,
    LONG_AGO,
    NEGATED,
    OF_SOMEBODY,
    OWN_VOICE,
    PLAN_SIGNALS,
    REPORTED,
    RULES,
    STILL_NOW,
)
from services.coach.domain.searched import Searched
from services.coach.domain.tiers import Rule, Tier

# A tier stays for a day: a crisis is not over because the subject changed.
STICKY = timedelta(hours=24)
# One's own danger outranks worry about somebody else.
_RANK = {Tier.NONE: 0, Tier.THIRD_PARTY: 1, Tier.WATCH: 2, Tier.RISK: 3, Tier.IMMINENT: 4}
_ONE_LOWER = {Tier.IMMINENT: Tier.RISK, Tier.RISK: Tier.WATCH}
_SENTENCE_END = re.compile(r"[.!?\n;]+(?=\s|$)|\n")


@dataclass(frozen=True, slots=True)
class Screening:
    """What the rules found in one message. Carries ids, never text.

    Attributes:
        tier: The most urgent finding.
        rule_ids: Of everything that matched, sorted.
        denies: The message takes an earlier one back, or says that the member is safe.
        plan_signal: It holds something that means nothing alone, but much beside an earlier finding.
        past_only: All that was found is told as long past.
    """

    tier: Tier = Tier.NONE
    rule_ids: tuple[str, ...] = ()
    denies: bool = False
    plan_signal: bool = False
    past_only: bool = False

    @property
    def is_abuse(self) -> bool:
        """The member is hurt or threatened by somebody."""
        return self.tier is Tier.WATCH and bool(self.rule_ids) and set(self.rule_ids) <= ABUSE_IDS


@dataclass(frozen=True, slots=True)
class SafetyState:
    """What earlier messages left behind for a member.

    Attributes:
        tier: The tier that holds.
        until: Until when.
        plan_signal: A weak sign of a plan was seen in this time.
    """

    tier: Tier
    until: datetime
    plan_signal: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """What holds for this exchange.

    Attributes:
        tier: What the member is shown.
        flagged: This message raised it: the templates of the tier are said and the flag is announced.
        rule_ids: Why, sorted.
        denies: The message took an earlier one back.
        is_abuse: Lines against violence are named first.
        past_only: A danger told as long past: acknowledged, and the talk goes on.
        state: What to keep for the member; None when there is nothing to keep.
    """

    tier: Tier
    flagged: bool
    rule_ids: tuple[str, ...]
    denies: bool
    is_abuse: bool
    past_only: bool
    state: SafetyState | None


def screen(text: str) -> Screening:
    """Reads one message.

    Takes well under 5 ms for 8,000 characters; English first, with short lists for six more languages.
    """
    found: dict[str, Tier] = {}
    past: set[str] = set()
    denies = plan_signal = False
    for searched in map(Searched, views(text)):
        denies = denies or DENIAL.is_in(searched)
        plan_signal = plan_signal or PLAN_SIGNALS.is_in(searched)
        for rule_id, tier, is_past in _matches(searched):
            if _RANK[tier] > _RANK[found.get(rule_id, Tier.NONE)]:
                found[rule_id] = tier
            if is_past:
                past.add(rule_id)
    worst = max(found.values(), key=_RANK.__getitem__, default=Tier.NONE)
    return Screening(worst, tuple(sorted(found)), denies, plan_signal, past_only=bool(found) and past >= found.keys())


def assess(screening: Screening, state: SafetyState | None, *, now: datetime) -> Assessment:
    """Joins what this message says with what holds for its writer."""
    held = state if state is not None and state.until > now else None
    held_tier = held.tier if held else Tier.NONE
    raised = _raised(screening, held)
    if _RANK[raised] == 0 and screening.denies and held_tier in _ONE_LOWER:
        tier = _ONE_LOWER[held_tier]
    else:
        tier = max(raised, held_tier, key=_RANK.__getitem__)
    rule_ids = screening.rule_ids
    if raised is not screening.tier:
        rule_ids = tuple(sorted({*rule_ids, "pattern.plan_across_messages"}))
    return Assessment(
        tier=tier,
        flagged=raised is not Tier.NONE,
        rule_ids=rule_ids,
        denies=screening.denies,
        is_abuse=screening.is_abuse,
        past_only=screening.past_only and raised is Tier.WATCH,
        state=_next_state(tier, raised, screening, held, now=now),
    )


def worst_of(screenings: Iterable[Screening]) -> Screening:
    """Several texts as if they were one; there is at least one."""
    found = list(screenings)
    worst = max(found, key=lambda each: _RANK[each.tier])
    return Screening(
        worst.tier,
        tuple(sorted({rule_id for each in found for rule_id in each.rule_ids})),
        plan_signal=any(each.plan_signal for each in found),
        past_only=all(each.past_only for each in found),
    )


def worse(one: SafetyState | None, other: SafetyState | None) -> SafetyState | None:
    """The more careful of two memories of the same member."""
    states = [state for state in (one, other) if state is not None]
    return max(states, key=lambda state: (_RANK[state.tier], state.until), default=None)


def _raised(screening: Screening, held: SafetyState | None) -> Tier:
    """This message's tier, one step up where a plan and a sign of despair meet across messages."""
    plan = screening.plan_signal or (held is not None and held.plan_signal)
    despair = max(screening.tier, held.tier if held else Tier.NONE, key=_RANK.__getitem__)
    spoke_now = screening.plan_signal or screening.tier is not Tier.NONE
    if not (plan and spoke_now) or screening.is_abuse:
        return screening.tier
    if despair is Tier.WATCH:
        return max(screening.tier, Tier.RISK, key=_RANK.__getitem__)
    return Tier.IMMINENT if despair in {Tier.RISK, Tier.IMMINENT} else screening.tier


def _next_state(
    tier: Tier, raised: Tier, screening: Screening, held: SafetyState | None, *, now: datetime
) -> SafetyState | None:
    plan_signal = screening.plan_signal or (held is not None and held.plan_signal)
    if tier is Tier.NONE and not plan_signal:
        return None
    renewed = raised is not Tier.NONE or screening.plan_signal or held is None
    return SafetyState(tier, now + STICKY if renewed or held is None else held.until, plan_signal)


def _matches(searched: Searched) -> Iterator[tuple[str, Tier, bool]]:
    """Rule, what its match means, and whether the sentence tells of the past."""
    view = searched.text
    for rule in RULES:
        for match in rule.phrase.matches(searched):
            start, end = _sentence(view, match)
            past = bool(LONG_AGO.search(view, start, end)) and not STILL_NOW.search(view, start, end)
            tier = _meaning(rule, view[start:end], match.start() - start, past=past)
            if tier is not Tier.NONE:
                yield rule.rule_id, tier, past
            if tier is rule.tier and not past:
                # It can say nothing worse.
                break


def _meaning(rule: Rule, sentence: str, at: int, *, past: bool) -> Tier:
    """What a match at `at` means in its sentence: excused, of somebody else, past, negated, or as the rule says."""
    before = sentence[:at]
    if rule.unless is not None and rule.unless.search(sentence):
        return Tier.NONE
    if rule.tier in {Tier.WATCH, Tier.THIRD_PARTY}:
        return rule.tier
    told = REPORTED.search(before)
    if OF_SOMEBODY.search(before) or (told and not OWN_VOICE.search(before, told.end())):
        return Tier.THIRD_PARTY
    return Tier.WATCH if past or NEGATED.search(before) else rule.tier


def _sentence(view: str, match: re.Match[str]) -> tuple[int, int]:
    """Bounds of the sentence around a match, at most 200 characters to either side."""
    low, high = max(0, match.start() - 200), min(len(view), match.end() + 200)
    start = low
    for end in _SENTENCE_END.finditer(view, low, match.start()):
        start = end.end()
    after = _SENTENCE_END.search(view, match.end(), high)
    return start, after.start() if after else high
