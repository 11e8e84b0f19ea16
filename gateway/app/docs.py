"""The API's description: what FastAPI is told of each operation, the OpenAPI 3.1 document, and the page that shows it.

The page is Swagger UI from a wheel (`fastapi-offline`), so it loads nothing from elsewhere.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Final

from fastapi import Body, Query
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from gateway.app import refusals
from gateway.app.binding import WORDS
from gateway.app.operation import Access, Operation
from gateway.app.uploads import NAME
from gateway.routes import answers, examples

CONTENT_SECURITY_POLICY: Final = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
)
TITLE: Final = "Tandem"
SUMMARY: Final = "Keeps people to their goals."
LICENSE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
INTRODUCTION: Final = (
    "Goals, what was done on them, and a coach that knows all of it. Errors are problem documents (RFC 9457); lists "
    "come in pages; writes take an `Idempotency-Key`; goals and members carry an `ETag`."
)
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 visible ASCII characters. The same key with the same body replays the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The entity tag last seen, or several with commas between; 412 when none is the present one.",
    "schema": {"type": "string"},
}
_TAGGED: Final = (answers.Goal, answers.Member, answers.AcceptedSuggestion)
_NAMED: Final = (
    answers.Goal,
    answers.Member,
    answers.Logged,
    answers.Vacation,
    answers.Habit,
    answers.Subgoal,
    answers.JournalEntry,
)
_ETAG: Final = {"description": "The entity tag, for `If-Match`.", "schema": {"type": "string"}}
_LOCATION: Final = {
    "description": "The address of what was made.",
    "schema": {"type": "string", "format": "uri-reference"},
}
_UUID_SCHEMA: Final = {"type": "string", "format": "uuid"}
_FILE: Final = {"type": "string", "format": "binary"}
# A file of JSON is an object to whoever reads the answer.
_DOCUMENT: Final = {"type": "object", "additionalProperties": True}
_FORM: Final = {
    "type": "object",
    "properties": {NAME: _FILE},
    "required": [NAME],
    "additionalProperties": False,
}


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The OpenAPI document; made once, when somebody first asks for it."""
    return _document(tuple(operations), version)


@lru_cache(maxsize=2)
def _document(operations: tuple[Operation, ...], version: str) -> dict[str, Any]:
    # Not the application's own routes: those are bound to an edge and stand in the order in which they are tried.
    described: dict[str, Any] = get_openapi(
        title=TITLE,
        version=version,
        summary=SUMMARY,
        description=INTRODUCTION,
        routes=[APIRoute(each.path, described_endpoint(each), **route_options(each)) for each in operations],
        license_info=LICENSE,
        tags=_tags(operations),
    )
    components = described.setdefault("components", {})
    components["responses"] = refusals.components(operations)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for operation in operations:
        _complete(described["paths"][operation.path][operation.method.lower()], operation)
    return described


def _tags(operations: Sequence[Operation]) -> list[dict[str, str]]:
    """The groups in the order of their declaration; a page orders them by their first path otherwise."""
    return [{"name": name} for name in dict.fromkeys(operation.tag for operation in operations)]


def route_options(operation: Operation) -> dict[str, Any]:
    """What FastAPI's route is told of an operation."""
    return {
        "methods": [operation.method],
        "name": operation.operation_id,
        "operation_id": operation.operation_id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "status_code": operation.status,
        "response_model": operation.answer,
        # Brings the model into the document, to which `refusals` refers by status.
        "responses": {"default": {"description": "A problem.", "model": answers.Problem}},
    }


def described_endpoint(operation: Operation) -> Callable[..., None]:
    """A function with the endpoint's parameters as FastAPI reads them: without the call itself."""
    parameters = [_parameter(name, str) for name in operation.path_names]
    if operation.query_model is not None:
        parameters.append(_parameter("query", Annotated[operation.query_model, Query()]))
    if operation.body_model is not None:
        default = operation.body_model() if operation.body_is_optional else inspect.Parameter.empty
        parameters.append(_parameter("body", Annotated[operation.body_model, Body()], default))

    def described() -> None:
        """Never called."""

    described.__doc__ = inspect.getdoc(operation.endpoint)
    described.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return described


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _complete(described: dict[str, Any], operation: Operation) -> None:
    """Adds what FastAPI cannot know: headers, security, and the media type of problems."""
    parameters: list[dict[str, Any]] = described.setdefault("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "path" and parameter["name"] not in WORDS:
            parameter["schema"] = dict(_UUID_SCHEMA)
    if operation.is_keyed:
        parameters.append(_IDEMPOTENCY_KEY)
    if operation.takes_etag:
        parameters.append(_IF_MATCH)
    if not parameters:
        del described["parameters"]
    if operation.access is not Access.ANYONE:
        described["security"] = [{"bearer": []}]
    described["x-tandem-built"] = operation.is_built
    # Not kept: it would say that any status may come, and nobody could tell one that is not described.
    del described["responses"]["default"]
    described["responses"].update(refusals.responses_of(operation))
    _exemplify(described, operation)


def _exemplify(described: dict[str, Any], operation: Operation) -> None:
    success = described["responses"][str(operation.status)]
    if operation.takes_file:
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
    if operation.files:
        success["content"] = {
            media_type: {"schema": _DOCUMENT if media_type == "application/json" else _FILE}
            for media_type in operation.files
        }
    elif operation.answer is None:
        # FastAPI calls an answer without a model "anything"; ours is text or nothing.
        success.pop("content", None)
    else:
        success["content"]["application/json"]["example"] = examples.of_answer(operation.answer)
        headers = {"ETag": _ETAG} if operation.answer in _TAGGED else {}
        if operation.status == 201 and operation.answer in _NAMED:
            headers["Location"] = _LOCATION
        if headers:
            success["headers"] = headers
    if operation.body_model is not None:
        described["requestBody"]["content"]["application/json"]["examples"] = examples.of_request(operation.body_model)


PAGE: Final = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tandem API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head><body><div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>
"""
_START: Final = b"""SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: false,
  docExpansion: "list", defaultModelsExpandDepth: 0, displayRequestDuration: true
})
"""
_MEDIA_TYPES: Final = {".css": b"text/css; charset=utf-8", ".js": b"text/javascript; charset=utf-8"}


@cache
def asset(name: str) -> tuple[bytes, bytes] | None:
    """A file of the page and its media type; None when the page has no such file."""
    if name == "start.js":
        return _START, _MEDIA_TYPES[".js"]
    if name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        return files("fastapi_offline").joinpath("static", name).read_bytes(), _MEDIA_TYPES[name[name.rindex(".") :]]
    return None
