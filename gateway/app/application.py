"""The FastAPI application: FastAPI routes requests and describes the API, the edge answers.

A path has one spelling: no trailing slash, no doubled one, nothing percent-encoded, no parameters after `;`, case as
declared. Whatever else comes is not found, so no two layers can disagree about which operation a path means.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from fastapi import FastAPI
from fastapi.routing import APIRoute

from gateway.app import docs
from gateway.app.operation import Operation

_HOT: Final = "/v1/goals/{goal_id}"


class Answering(Protocol):
    """What answers requests: the edge."""

    async def answer(
        self, scope: Any, receive: Any, send: Any, *, operation: Operation | None, allowed: Sequence[str] = ()
    ) -> None:
        """Answers one request.

        Args:
            operation: What the path and method mean; None when they mean nothing.
            allowed: The methods that the path takes, when it does not take this one.
        """
        ...


class OperationRoute(APIRoute):
    """An operation on FastAPI's router.

    FastAPI's own handling of a matched request is left out: its dependency solver and response model work out for
    every request what is known when the process starts (docs/adr/0040).
    """

    def __init__(self, operation: Operation, edge: Answering, allowed: Sequence[str]) -> None:
        super().__init__(operation.path, docs.described_endpoint(operation), **docs.route_options(operation))
        self.operation = operation
        self._edge = edge
        self._allowed = allowed

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request for this path."""
        if scope["method"] == self.operation.method:
            await self._edge.answer(scope, receive, send, operation=self.operation)
        else:
            await self._edge.answer(scope, receive, send, operation=None, allowed=self._allowed)


def application(operations: Sequence[Operation], edge: Answering, *, version: str) -> FastAPI:
    """The application of all `operations`; what matches none of them goes to the edge as well."""
    app = FastAPI(
        title=docs.TITLE,
        version=version,
        summary=docs.SUMMARY,
        description=docs.INTRODUCTION,
        license_info=docs.LICENSE,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.router.routes[:] = [
        OperationRoute(each, edge, _methods(operations, each.path)) for each in _ordered(operations)
    ]
    app.router.default = lambda scope, receive, send: edge.answer(scope, receive, send, operation=None)
    app.openapi = lambda: docs.document(operations, version)  # type: ignore[method-assign]
    return app


def _methods(operations: Iterable[Operation], path: str) -> list[str]:
    return sorted(operation.method for operation in operations if operation.path == path)


def _ordered(operations: Sequence[Operation]) -> list[Operation]:
    """Routes are tried in order: fixed names before the parameters that would take them for ids, then what is hot."""

    def order(operation: Operation) -> int:
        if _is_shadowed(operation, operations):
            return 0
        return 1 if operation.path.startswith(_HOT) else 2

    return sorted(operations, key=order)


def _is_shadowed(operation: Operation, operations: Iterable[Operation]) -> bool:
    return any(other.path != operation.path and _covers(other.path, operation.path) for other in operations)


def _covers(pattern: str, path: str) -> bool:
    """True when `pattern` matches `path` by taking one of its fixed names for a parameter."""
    pairs = list(zip(pattern.split("/"), path.split("/"), strict=False))
    return pattern.count("/") == path.count("/") and all(
        taken == given or (taken.startswith("{") and not given.startswith("{")) for taken, given in pairs
    )
