"""Rows of the mood files: what an entry says, and the moods that a careful reader would name."""

from dataclasses import dataclass
from pathlib import Path

from services.coach.clients.texts import load_texts
from services.coach.domain.moods import Mood

LEXICON = load_texts().moods
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry with its moods."""

    text: str
    moods: frozenset[Mood]

    @property
    def found(self) -> frozenset[Mood]:
        """What the rules name."""
        return frozenset(LEXICON.moods_in(self.text))


@dataclass(frozen=True, slots=True)
class Measured:
    """How the rules do over many rows."""

    precision: float
    macro_f1: float


def rows(name: str) -> list[Row]:
    """The rows of one file."""
    lines = (_DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    return [Row(text, frozenset() if moods == "-" else frozenset(map(Mood, moods.split(",")))) for moods, text in pairs]


def measured(known: list[Row]) -> Measured:
    """Micro precision and macro F1 over all moods."""
    found = [(row.found, row.moods) for row in known]
    right = sum(len(named & meant) for named, meant in found)
    return Measured(
        precision=right / sum(len(named) for named, _ in found),
        macro_f1=sum(_f1(mood, found) for mood in Mood) / len(Mood),
    )


def _f1(mood: Mood, found: list[tuple[frozenset[Mood], frozenset[Mood]]]) -> float:
    right = sum(mood in named and mood in meant for named, meant in found)
    either = sum((mood in named) + (mood in meant) for named, meant in found)
    return 2 * right / either if either else 0.0
