"""What a pattern cannot match without, and where in a match it stands: lets most of a text go unread by most rules.

A regular expression over 8,000 characters costs about half a millisecond, a substring search a microsecond, and most
messages lack something that a rule needs. Derived from the pattern itself, so that the two cannot drift apart.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from typing import Any, Final

# The parser and compiler of the standard library, which its type stubs do not know.
compiler: Any = import_module("re._compiler")
opcodes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

# So many characters that begin a literal, or end it, are looked for before it is.
RUN: Final = 3
# `\b` reads one character behind a match, `$` two.
_EDGE: Final = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A substring of the text that begins so many characters after the match does.

    Attributes:
        text: The substring.
        low: At least so many.
        high: At most so many.
    """

    text: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Every:
    """All of its parts stand where they say; without any it says nothing."""

    parts: "tuple[Clue, ...]" = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One of its parts at least."""

    parts: "tuple[Clue, ...]"


Clue = Piece | Every | Either
_NOTHING: Final = Every()


@dataclass(frozen=True, slots=True)
class Group:
    """Substrings of which a text with a match holds one at least.

    Attributes:
        by_run: The substrings, by a part of `RUN` characters that each of them has.
        others: Those that have no such part.
    """

    by_run: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...]

    @classmethod
    def of(cls, literals: Collection[str]) -> "Group":
        """Without what a shorter one covers: `kill` stands for `kill myself`."""
        by_run: dict[str, tuple[str, ...]] = {}
        for literal in sorted(literals):
            if not any(other != literal and other in literal for other in literals):
                run = _run_of(literal)
                by_run[run] = (*by_run.get(run, ()), literal)
        others = by_run.pop("", ())
        return cls(by_run, others)

    @property
    def literals(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.others, *chain.from_iterable(self.by_run.values()))


@dataclass(frozen=True, slots=True)
class Needs:
    """What holds for every match of a pattern, in whatever text.

    Attributes:
        clue: What stands where in it.
        groups: The same without places, and less of it. Empty when nothing can be said.
        reach: No character this far behind its beginning, or farther, had a part in it.
    """

    clue: Clue
    groups: tuple[Group, ...]
    reach: int


def compiled(said: str) -> tuple[re.Pattern[str], Needs]:
    """The pattern, which does not know its text, and what was read from it: parsed once, as it takes half the time."""
    parsed = parser.parse(said, 0)
    # In another case the same letters are other characters.
    clue = _NOTHING if parsed.state.flags & re.IGNORECASE else _of_sequence(parsed, 0, 0)
    # The shortest group first: it is the one that most often says no.
    groups = sorted(set(_groups(clue)), key=lambda group: (len(group), sorted(group)))
    ahead = sum(_read_ahead(parsed)) if "(?=" in said or "(?!" in said else 0
    return compiler.compile(parsed, 0), Needs(clue, tuple(map(Group.of, groups)), parsed.getwidth()[1] + ahead + _EDGE)


def _of_sequence(nodes: Any, low: int, high: int) -> Clue:
    """What nodes say that stand one after the other; the first between `low` and `high`."""
    parts: list[Clue] = []
    run = ""
    for operation, argument in nodes.data:
        if operation is opcodes.LITERAL:
            run += chr(argument)
            continue
        parts.append(Piece(run, low, high))
        low, high, run = low + len(run), high + len(run), ""
        parts.append(_of_node(operation, argument, low, high))
        least, most = parser.SubPattern(nodes.state, [(operation, argument)]).getwidth()
        low, high = low + least, high + most
    return _every([*parts, Piece(run, low, high)])


def _of_node(operation: Any, argument: Any, low: int, high: int) -> Clue:
    if operation is opcodes.SUBPATTERN:
        _, added, _, nodes = argument
        return _NOTHING if added & re.IGNORECASE else _of_sequence(nodes, low, high)
    if operation is opcodes.BRANCH:
        return _either([_of_sequence(branch, low, high) for branch in argument[1]])
    if operation in {opcodes.MAX_REPEAT, opcodes.MIN_REPEAT} and argument[0] >= 1:
        # The first time it stands where the whole does.
        return _of_sequence(argument[2], low, high)
    return _NOTHING


def _every(parts: Iterable[Clue]) -> Clue:
    # A single character says next to nothing and costs a search.
    telling = [part for part in parts if part != _NOTHING and not (isinstance(part, Piece) and len(part.text) < 2)]
    flat = [inner for part in telling for inner in (part.parts if isinstance(part, Every) else (part,))]
    return flat[0] if len(flat) == 1 else Every(tuple(sorted(flat, key=_ways)))


def _either(parts: Sequence[Clue]) -> Clue:
    return _NOTHING if _NOTHING in parts else Either(tuple(parts))


def _ways(clue: Clue) -> int:
    return 1 if isinstance(clue, Piece) else len(clue.parts)


def _groups(clue: Clue) -> list[frozenset[str]]:
    if isinstance(clue, Piece):
        return [frozenset({clue.text})]
    if isinstance(clue, Every):
        return [group for part in clue.parts for group in _groups(part)]
    # Of each the group that says most; a match holds one of them.
    return [frozenset().union(*(max(_groups(part), key=_weight) for part in clue.parts))]


def _weight(group: frozenset[str]) -> int:
    """Letters of the least telling one: spaces stand everywhere."""
    return min(len(text.replace(" ", "")) for text in group)


def _run_of(literal: str) -> str:
    """A part of it that lies in one word, with the space before it or behind it at most; the fewest spaces say most."""
    runs = [literal[at : at + RUN] for at in range(len(literal) - RUN + 1)]
    return min((run for run in runs if " " not in run[1:-1]), key=lambda run: run.count(" "), default="")


def _read_ahead(nodes: Any) -> Iterator[int]:
    """Of each look around, at whatever depth, how far it sees at most."""
    for operation, argument in nodes.data:
        if operation is opcodes.LITERAL or operation is opcodes.IN:
            continue
        if operation in {opcodes.ASSERT, opcodes.ASSERT_NOT}:
            yield argument[1].getwidth()[1]
        for inner in _inside(operation, argument):
            yield from _read_ahead(inner)


def _inside(operation: Any, argument: Any) -> Iterable[Any]:
    if operation is opcodes.BRANCH:
        return argument[1]  # type: ignore[no-any-return]
    parts = argument if isinstance(argument, tuple) else (argument,)
    return [part for part in parts if isinstance(part, parser.SubPattern)]
