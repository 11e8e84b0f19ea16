"""What an operation can be refused with, as the OpenAPI document tells it: by status, each kind with an example.

What every operation of a sort has in common is worked out from its declaration; the rest it names itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from gateway.app.operation import Access, Operation
from gateway.problems import KINDS, Problem

_MEDIA_TYPE: Final = "application/problem+json"
_ANY: Final = ("malformed-request", "uri-too-long", "headers-too-large", "internal", "temporary-reduced-capacity")
_SIGNED_IN: Final = ("authentication-required", "invalid-token")
_ANSWERED: Final = ("dependency-unavailable", "deadline-exceeded")
_KEYED: Final = ("idempotency-in-progress", "idempotency-key-reused")
_BODY: Final = ("payload-too-large", "unsupported-media-type")
_REQUEST_ID: Final = "0" * 32


def slugs_of(operation: Operation) -> tuple[str, ...]:
    """The kinds of problems that an operation can answer with, in the order of the closed list."""
    found = set(_ANY) | set(operation.refusals)
    if operation.access is not Access.ANYONE:
        found.update(_SIGNED_IN)
    if operation.access is Access.ADMIN:
        found.add("forbidden")
    if operation.limit is not None:
        found.add("quota-exceeded")
    found.update(_of_what_is_built(operation) if operation.is_built else ("not-implemented",))
    return tuple(slug for slug in KINDS if slug in found)


def _of_what_is_built(operation: Operation) -> Iterable[str]:
    yield "validation-failed"
    yield from _ANSWERED
    if operation.path_names:
        yield "not-found"
    if operation.is_keyed:
        yield from _KEYED
    if operation.takes_etag:
        yield "precondition-failed"
    if operation.is_write:
        yield from _BODY


def responses_of(operation: Operation) -> dict[str, Any]:
    """References to the responses, by status."""
    return {
        str(status): {"$ref": f"#/components/responses/{_name(status, slugs)}"}
        for status, slugs in _by_status(operation).items()
    }


def components(operations: Iterable[Operation]) -> dict[str, Any]:
    """All responses that `responses_of` refers to, by name."""
    return {
        _name(status, slugs): _described(slugs)
        for operation in operations
        for status, slugs in _by_status(operation).items()
    }


def _by_status(operation: Operation) -> Mapping[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for slug in slugs_of(operation):
        status = KINDS[slug].status
        found[status] = (*found.get(status, ()), slug)
    return dict(sorted(found.items()))


def _name(status: int, slugs: tuple[str, ...]) -> str:
    return ".".join([str(status), *slugs])


def _described(slugs: tuple[str, ...]) -> dict[str, Any]:
    examples = {slug: {"value": _example(slug)} for slug in slugs}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return {"description": "; ".join(KINDS[slug].title for slug in slugs), "content": {_MEDIA_TYPE: content}}


def _example(slug: str) -> Any:
    return orjson.loads(Problem(slug, f"{KINDS[slug].title}.").body(_REQUEST_ID))
