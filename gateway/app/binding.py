"""Binding: the query string and the body into models, and what is wrong with them into field errors.

A 422 names fields and rules; it never repeats what was sent, which could hold secrets or be unfit for JSON.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.errors import FieldViolation
from gateway.problems import Problem, malformed, not_found

MAX_PARAMETERS: Final = 30
MAX_ERRORS: Final = 50
_KNOWN_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Parameters of paths that are words; all others are ids.
WORDS: Final = frozenset({"name", "challenge_id"})
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")

Model = TypeVar("Model", bound=BaseModel)


class NoFields(BaseModel):
    """The body of what takes none: one that says nothing is let pass, as some clients always send one."""

    model_config = ConfigDict(extra="forbid")


# What pydantic says, in the words of the API; anything else is told in pydantic's own, which hold no input.
_MESSAGES: Final = {
    "extra_forbidden": "is not a field of this request",
    "missing": "is required",
}
# Messages of these types can quote what was sent.
_QUOTING: Final = frozenset({"json_invalid", "enum", "literal_error", "union_tag_invalid"})


def bind_body(model: type[Model], body: bytes) -> Model:
    """The body as a model.

    Raises:
        Problem: 422 with the fields.
    """
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as failure:
        raise _unprocessable(failure) from None


def bind_query(model: type[Model], query: bytes) -> Model:
    """The query string as a model; every parameter at most once.

    Raises:
        Problem: 400 when it cannot be read, 422 with the fields.
    """
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except (ValueError, UnicodeDecodeError):
        raise malformed("The query string cannot be read.") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        repeated = {name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1}
        raise _problem([FieldViolation(_safe(name), "is given twice") for name in sorted(repeated)])
    if any("\x00" in value for value in values.values()):
        raise malformed("The query string contains NUL.")
    try:
        return model.model_validate(values)
    except ValidationError as failure:
        raise _unprocessable(failure) from None


def _unprocessable(failure: ValidationError) -> Problem:
    errors = failure.errors(include_url=False, include_context=True, include_input=False)
    return _problem([FieldViolation(_field(error["loc"]), _message(error)) for error in errors[:MAX_ERRORS]])


def _problem(violations: list[FieldViolation]) -> Problem:
    first = violations[0]
    more = f" ({len(violations) - 1} more)" if len(violations) > 1 else ""
    return Problem("validation-failed", f"{first.field}: {first.message}{more}", errors=violations)


def _message(error: Any) -> str:
    kind: str = error["type"]
    if kind in _MESSAGES:
        return _MESSAGES[kind]
    if kind in {"enum", "literal_error"}:
        return f"must be one of {error['ctx']['expected']}"
    if kind in _QUOTING:
        return "is not valid"
    message: str = error["msg"]
    return message.removeprefix("Value error, ")


def _field(location: Iterable[int | str]) -> str:
    return ".".join(str(part) if isinstance(part, int) else _safe(part) for part in location) or "body"


def _safe(name: str) -> str:
    """The name of a field that could be ours; names that clients invent are not repeated."""
    return name if _KNOWN_FIELD.fullmatch(name) else "unknown"


def path_values(names: Sequence[str], given: Mapping[str, str]) -> tuple[str, ...]:
    """The parameters of a path in order, ids in lower case.

    Raises:
        Problem: 404, the same as for an id that names nothing: what an id looks like is no secret, and no promise.
    """
    return tuple([_path_value(name, given[name]) for name in names])


def _path_value(name: str, value: str) -> str:
    if name in WORDS:
        if _NAME.fullmatch(value):
            return value
    elif (name == "member_id" and value == "me") or _UUID.fullmatch(value):
        return value.lower()
    raise not_found()
