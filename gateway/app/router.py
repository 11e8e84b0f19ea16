"""From method and path to an operation: a tree of path segments, exact by design.

A path has one spelling: no trailing slash, no doubled one, nothing percent-encoded, no parameters after `;`, case as
declared. Whatever else comes is not found, so no two layers can disagree about which operation a path means.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.app.operation import Operation
from gateway.problems import Problem, not_found

MAX_TARGET_BYTES: Final = 8192
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    any_child: "_Node | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """An operation, and the values that the path gives its parameters, in order."""

    operation: Operation
    values: tuple[str, ...]


class Router:
    """Finds operations."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def find(self, method: str, path: str) -> Match:
        """The operation that a request asks for.

        Raises:
            Problem: 404 for an unknown path or an id that is none, 405 with `Allow` for an unknown method.
        """
        values: list[str] = []
        node = _walk(self._root, path[1:].split("/"), 0, values)
        if node is None:
            raise not_found()
        operation = node.operations.get(method)
        if operation is None:
            allowed = ", ".join(sorted(node.operations))
            raise Problem(
                "method-not-allowed",
                f"This address takes {allowed}.",
                headers=((b"allow", allowed.encode()),),
            )
        return Match(operation, tuple(_checked(values, operation.path_names)) if values else ())

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in operation.path[1:].split("/"):
            if segment.startswith("{"):
                node.any_child = node.any_child or _Node()
                node = node.any_child
            else:
                node = node.children.setdefault(segment, _Node())
        if operation.method in node.operations:
            raise ValueError(f"{operation.method} {operation.path} is declared twice")
        node.operations[operation.method] = operation


def _walk(node: _Node, segments: list[str], index: int, values: list[str]) -> _Node | None:
    """The node that all segments lead to, exact names tried before parameters; fills in the parameters' values."""
    if index == len(segments):
        return node if node.operations else None
    exact = node.children.get(segments[index])
    if exact is not None:
        found = _walk(exact, segments, index + 1, values)
        if found is not None:
            return found
    if node.any_child is None:
        return None
    values.append(segments[index])
    found = _walk(node.any_child, segments, index + 1, values)
    if found is None:
        values.pop()
    return found


def _checked(values: list[str], names: tuple[str, ...]) -> Iterable[str]:
    for value, name in zip(values, names, strict=True):
        if name == "name":
            if not _SEGMENT.fullmatch(value):
                raise not_found()
            yield value
        elif name == "member_id" and value == "me":
            yield value
        elif _UUID.fullmatch(value):
            yield value.lower()
        else:
            # The same answer as for an id that names nothing: what an id looks like is no secret, and no promise.
            raise not_found()
