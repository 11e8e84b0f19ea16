"""What a pattern cannot match without: lets most rules be skipped by plain substring searches.

A regular expression over 8,000 characters costs about half a millisecond, a substring search a microsecond, and most
messages lack something that a rule needs. Derived from the pattern itself, so that the two cannot drift apart.
"""

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

# The parser of the standard library, which its type stubs do not know.
opcodes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

Literals = tuple[tuple[str, ...], ...]
_RUN: Final = 3


def required_literals(pattern: re.Pattern[str]) -> Literals:
    """Groups of substrings: every match contains at least one of each group. Empty when nothing can be said."""
    groups = _of_sequence(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    # The shortest group first: it is the one that most often says no.
    return tuple(sorted({_shortest(group) for group in groups}, key=lambda group: (len(group), group)))


class Searched:
    """A text that many patterns are tried on, with what is known of it already: a literal is looked for once only.

    Attributes:
        text: The text itself.
    """

    __slots__ = ("_known", "_runs", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._known: dict[str, bool] = {}
        # Most literals begin with three characters that a text holds nowhere, which costs less than searching for them.
        self._runs = {text[at : at + _RUN] for at in range(len(text) - _RUN + 1)}

    def may_match(self, literals: Literals) -> bool:
        """False when a pattern with these literals cannot match in the text."""
        known, holds = self._known, self._holds
        for group in literals:
            for literal in group:
                if known[literal] if literal in known else holds(literal):
                    break
            else:
                return False
        return True

    def _holds(self, literal: str) -> bool:
        begins = len(literal) < _RUN or (literal[:_RUN] in self._runs and literal[-_RUN:] in self._runs)
        found = self._known[literal] = begins and literal in self.text
        return found


def _of_sequence(nodes: Iterable[tuple[Any, Any]]) -> list[frozenset[str]]:
    groups: list[frozenset[str]] = []
    run = ""
    for operation, argument in nodes:
        if operation is opcodes.LITERAL:
            run += chr(argument)
            continue
        groups.append(frozenset({run}))
        groups.extend(_of_node(operation, argument))
        run = ""
    groups.append(frozenset({run}))
    # A single character says next to nothing and costs a search.
    return [group for group in groups if min(len(text) for text in group) > 1]


def _of_node(operation: Any, argument: Any) -> list[frozenset[str]]:
    if operation is opcodes.SUBPATTERN:
        return _of_sequence(argument[3])
    if operation is opcodes.BRANCH:
        branches = [_of_sequence(branch) for branch in argument[1]]
        if not all(branches):
            return []
        # Of each branch the group that says most; a match holds one of them.
        return [frozenset().union(*(max(groups, key=_weight) for groups in branches))]
    if operation in {opcodes.MAX_REPEAT, opcodes.MIN_REPEAT} and argument[0] >= 1:
        return _of_sequence(argument[2])
    return []


def _weight(group: frozenset[str]) -> int:
    """Letters of the least telling one: spaces stand everywhere."""
    return min(len(text.replace(" ", "")) for text in group)


def _shortest(group: frozenset[str]) -> tuple[str, ...]:
    """Without what a shorter literal covers: `kill` stands for `kill myself`."""
    return tuple(sorted(text for text in group if not any(other != text and other in text for other in group)))
