"""What a pattern cannot match without: lets most rules be skipped by plain substring searches.

A regular expression over 8,000 characters costs about half a millisecond, a substring search a microsecond, and most
messages lack something that a rule needs. Derived from the pattern itself, so that the two cannot drift apart.
"""

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any

# The parser of the standard library, which its type stubs do not know.
opcodes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

Literals = tuple[tuple[str, ...], ...]


def required_literals(pattern: re.Pattern[str]) -> Literals:
    """Groups of substrings: every match contains at least one of each group. Empty when nothing can be said."""
    groups = _of_sequence(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    return tuple(sorted({_shortest(group) for group in groups}))


def may_match(literals: Literals, text: str) -> bool:
    """False when a pattern with these literals cannot match in `text`."""
    for group in literals:
        for literal in group:
            if literal in text:
                break
        else:
            return False
    return True


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
    return min(len(text) for text in group)


def _shortest(group: frozenset[str]) -> tuple[str, ...]:
    """Without what a shorter literal covers: `kill` stands for `kill myself`."""
    return tuple(sorted(text for text in group if not any(other != text and other in text for other in group)))
