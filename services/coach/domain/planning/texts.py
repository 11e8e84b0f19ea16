"""What offline plans are made of, as data: read from `prompts/plans.en.toml`, checked once at start."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

FALLBACK: Final = "other"
_STRONG: Final = 3
_TOKENS = re.compile(r"[a-z0-9][a-z0-9'-]{0,30}")
_SENTENCES: Final = (
    "rhythm", "ladder", "open_end", "assumed_minutes", "assumed_times", "assumed_base", "existing", "shrunk_minutes",
    "shrunk_times", "over", "over_other", "later", "past", "short", "gently", "dates_out", "long_run", "aside",
)  # fmt: skip
_GUARDS: Final = ("weight", "fasting", "medication", "withdrawal", "nicotine", "finance")


@dataclass(frozen=True, slots=True)
class HabitText:
    """A habit to choose from; its texts may hold {minutes}.

    Attributes:
        longest: As many minutes as it may grow to where there is time.
        times: A week.
        fixed: Its cue belongs to it, whatever part of the day the goal names.
    """

    title: str
    minutes: int
    longest: int
    times: int
    cue: str
    response: str
    small: str
    fixed: bool = False

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> "HabitText":
        """Reads one."""
        return cls(**{"longest": table["minutes"], **table})


@dataclass(frozen=True, slots=True)
class Course:
    """How a kind of goal is gone about.

    Attributes:
        steps: From a first one on; the goal itself comes behind them.
        start: A sentence to begin with.
        question: Asked where the goal is vague.
    """

    steps: tuple[str, ...]
    habit: HabitText
    support: tuple[HabitText, ...]
    start: str = ""
    question: str = ""

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> "Course":
        """Reads one."""
        return cls(
            steps=tuple(table["steps"]),
            habit=HabitText.parse(table["habit"]),
            support=tuple(map(HabitText.parse, table["support"])),
            start=table.get("start", ""),
            question=table.get("question", ""),
        )


@dataclass(frozen=True, slots=True)
class Category:
    """A part of life, by the words that point to it.

    Attributes:
        names: The words by which members call it.
        words: With their weight.
    """

    name: str
    names: frozenset[str]
    words: Mapping[str, int]
    course: Course


@dataclass(frozen=True, slots=True)
class Activity:
    """A special habit within some categories."""

    categories: frozenset[str]
    words: frozenset[str]
    habit: HabitText


@dataclass(frozen=True, slots=True)
class PlanTexts:
    """Everything that offline plans say."""

    version: str
    categories: tuple[Category, ...]
    activities: tuple[Activity, ...]
    avoid: Course
    limit: Course
    care: Course
    moments: Mapping[str, str]
    openings: tuple[str, ...]
    guards: Mapping[str, str]
    say: Mapping[str, str]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "PlanTexts":
        """Reads the content of `plans.en.toml`.

        Raises:
            KeyError, TypeError: Something is missing, or is not what it should be.
        """
        say, guards = document["say"], document["guard"]
        texts = cls(
            version=str(document["version"]),
            categories=tuple(_category(name, table) for name, table in document["category"].items()),
            activities=tuple(
                Activity(frozenset(table["in"]), frozenset(table["words"]), HabitText.parse(table["habit"]))
                for table in document["activity"]
            ),
            avoid=Course.parse(document["avoid"]),
            limit=Course.parse(document["limit"]),
            care=Course.parse(document["care"]),
            moments={name: str(text) for name, text in document["moments"].items()},
            openings=tuple(say["opening"]),
            guards={name: str(guards[name]) for name in _GUARDS},
            say={name: str(say[name]) for name in _SENTENCES},
        )
        texts.category(FALLBACK)
        return texts

    def category(self, name: str) -> Category:
        """By its name.

        Raises:
            KeyError: There is none.
        """
        return {category.name: category for category in self.categories}[name]

    def category_of(self, title: str, *, said: str = "") -> Category:
        """Where a goal belongs: by the member's own word, else by the words of its title; ties by the file's order."""
        own = " ".join(said.lower().replace("_", " ").split())
        for category in self.categories:
            if own and (own == category.name or own in category.names):
                return category
        words = spaced(title)
        best = max(self.categories, key=lambda category: _weight(category.words, words))
        return best if _weight(best.words, words) else self.category(FALLBACK)

    def activity_of(self, title: str, category: Category) -> HabitText | None:
        """The special habit that the title names, if any."""
        words = spaced(title)
        fitting = [one for one in self.activities if category.name in one.categories and _hits(one.words, words)]
        return max(fitting, key=lambda one: _hits(one.words, words)).habit if fitting else None


def spaced(text: str) -> str:
    """The words of a text with a space around each, for finding phrases in it."""
    return f" {' '.join(_TOKENS.findall(text.lower()))} "


def _category(name: str, table: Mapping[str, Any]) -> Category:
    words = dict.fromkeys(table["weak"], 1) | {word: _STRONG * len(word.split()) for word in table["strong"]}
    return Category(name, frozenset(table["names"]), words, Course.parse(table))


def _weight(words: Mapping[str, int], text: str) -> int:
    return sum(weight for word, weight in words.items() if f" {word} " in text)


def _hits(words: Iterable[str], text: str) -> int:
    return sum(f" {word} " in text for word in words)
