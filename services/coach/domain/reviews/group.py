"""A group's weekly post: what its members kept together, a cheer for the longest run, never who did less."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final
from uuid import UUID

from services.coach.domain.facts import Quotable, spoken
from services.coach.domain.phrases import Seed
from services.coach.domain.plain_text import without_invisibles
from services.coach.domain.reviews.texts import ReviewTexts
from services.coach.domain.reviews.writer import Review, spoken_date
from services.coach.domain.safety import screen
from services.coach.domain.tiers import Tier

MOST_FIGURES: Final = 200
_MIN_STREAK: Final = 2
_MIN_DUE: Final = 2
_NAME: Final = 60
_UNSPEAKABLE = re.compile(r"(?i)[<>{}\[\]|\\`]|https?:|www\.|@\w+\.")
_ALIAS = re.compile(r"\bP(\d{1,3})\b")
# A post needs no step: its question is one.
_STEP: Final = ("Say hello in the group.",)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one member agreed to show; whether its figures may go to a vendor, without the name."""

    member_id: UUID
    name: str
    done: int
    due: int
    streak: int
    ai_vendors: bool = False


@dataclass(frozen=True)
class GroupFindings:
    """A group's week."""

    group_id: UUID
    week: date
    figures: tuple[Figure, ...]

    @property
    def done(self) -> int:
        """Units kept by all."""
        return sum(figure.done for figure in self.figures)

    @property
    def due(self) -> int:
        """Units that counted for all."""
        return sum(figure.due for figure in self.figures)

    @property
    def may_ask_vendors(self) -> bool:
        """All of them allow it."""
        return bool(self.figures) and all(figure.ai_vendors for figure in self.figures)

    @cached_property
    def by_alias(self) -> Mapping[str, Figure]:
        """Members as a model knows them, in the order of their ids."""
        ordered = sorted(self.figures, key=lambda figure: figure.member_id.hex)
        return {f"P{number}": figure for number, figure in enumerate(ordered, start=1)}


def write_post(findings: GroupFindings, texts: ReviewTexts) -> Review:
    """The post by rules, with people as their aliases; `with_names` puts names in."""
    seed = Seed(f"{findings.group_id}|{findings.week.isoformat()}", frozenset())
    first = spoken_date(findings.week)
    sentences = [texts.pick("opening.group", seed).text.format(first=first)]
    if findings.done:
        sentences.append(
            texts.pick("group.total", seed).text.format(done=spoken(findings.done), due=spoken(findings.due))
        )
        sentences.extend(_cheers(findings, texts, seed))
    else:
        sentences.append(texts.pick("group.none" if findings.due else "group.quiet", seed).text)
    if "?" not in sentences[-1]:
        sentences.append(texts.pick("group.closing", seed).text)
    return Review(" ".join(sentences), _STEP)


def with_names(text: str, findings: GroupFindings) -> str:
    """The post with names in the place of aliases.

    Raises:
        ValueError: It speaks of somebody who is not there.
    """

    def name(found: re.Match[str]) -> str:
        figure = findings.by_alias.get(found[0])
        if figure is None:
            raise ValueError(f"there is no {found[0]}")
        return speakable_name(figure.name)

    return _ALIAS.sub(name, text)


def quotable(findings: GroupFindings) -> Quotable:
    """Every number that a post of these findings may hold, those within aliases too."""
    numbers: set[str] = {spoken(number) for number in (findings.done, findings.due, *_of_day(findings.week))}
    for alias, figure in findings.by_alias.items():
        numbers |= {alias.removeprefix("P"), spoken(figure.done), spoken(figure.due), spoken(figure.streak)}
    return Quotable(frozenset(numbers))


def speakable_name(name: str) -> str:
    """A display name as a post may hold it; `somebody` where it carries links, markup or a sign of crisis."""
    shown = " ".join(without_invisibles(name).split())[:_NAME]
    if not shown or _UNSPEAKABLE.search(shown) or screen(shown).tier is not Tier.NONE:
        return "somebody"
    return shown


def _cheers(findings: GroupFindings, texts: ReviewTexts, seed: Seed) -> Sequence[str]:
    by_alias = findings.by_alias
    longest = max(by_alias, key=lambda alias: by_alias[alias].streak, default=None)
    said = []
    if longest is not None and by_alias[longest].streak >= _MIN_STREAK:
        streak = spoken(by_alias[longest].streak)
        said.append(texts.pick("group.streak", seed).text.format(name=longest, streak=streak))
    full = [alias for alias, figure in by_alias.items() if figure.due >= _MIN_DUE and figure.done == figure.due]
    said.extend(texts.pick("group.full", seed).text.format(name=alias) for alias in full if alias != longest)
    return said[:2]


def _of_day(day: date) -> tuple[int, int, int]:
    return day.day, day.month, day.year
