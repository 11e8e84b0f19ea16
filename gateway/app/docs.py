"""The API's description: OpenAPI 3.1 from the operations, and a page of it that loads nothing from elsewhere.

FastAPI writes the document from the endpoints' own signatures and models; it is imported only when somebody asks,
and never sees a request.
"""

import html
import inspect
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final

from gateway.app.operation import Access, Operation
from gateway.problems import KINDS

CONTENT_SECURITY_POLICY: Final = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
_INTRODUCTION: Final = (
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
    "description": "The entity tag last seen; 412 when it has changed since.",
    "schema": {"type": "string", "maxLength": 130},
}
_UUID_SCHEMA: Final = {"type": "string", "format": "uuid"}


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The OpenAPI document."""
    return _document(tuple(operations), version)


@lru_cache(maxsize=2)
def _document(operations: tuple[Operation, ...], version: str) -> dict[str, Any]:
    from fastapi.openapi.utils import get_openapi

    described: dict[str, Any] = get_openapi(
        title="Tandem",
        version=version,
        summary="Keeps people to their goals.",
        description=_INTRODUCTION,
        routes=[_route(operation) for operation in operations],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = described.setdefault("components", {})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for operation in operations:
        _complete(described["paths"][operation.path][operation.method.lower()], operation)
    return described


def _route(operation: Operation) -> Any:
    from fastapi.routing import APIRoute

    from gateway.routes import answers

    return APIRoute(
        operation.path,
        _described_endpoint(operation),
        methods=[operation.method],
        name=operation.operation_id,
        operation_id=operation.operation_id,
        summary=operation.summary,
        tags=[operation.tag],
        status_code=operation.status,
        response_model=operation.answer,
        responses={
            "default": {"description": "A problem.", "model": answers.Problem},
        },
    )


def _described_endpoint(operation: Operation) -> Any:
    """A function with the endpoint's parameters as FastAPI reads them: without the call itself."""
    from fastapi import Body, Query

    parameters = [_parameter(name, str) for name in operation.path_names]
    if operation.query_model is not None:
        parameters.append(_parameter("query", Annotated[operation.query_model, Query()]))
    if operation.body_model is not None:
        parameters.append(_parameter("body", Annotated[operation.body_model, Body()]))

    def described() -> None:
        """Never called."""

    described.__doc__ = inspect.getdoc(operation.endpoint)
    described.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return described


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)


def _complete(described: dict[str, Any], operation: Operation) -> None:
    """Adds what FastAPI cannot know: headers, security, and the media type of problems."""
    parameters: list[dict[str, Any]] = described.setdefault("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "path" and parameter["name"] != "name":
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
    problem = described["responses"]["default"]
    problem["content"] = {"application/problem+json": problem["content"]["application/json"]}
    if operation.answer is None:
        # FastAPI calls an answer without a model "anything"; ours is text or nothing.
        described["responses"][str(operation.status)].pop("content", None)


def page(described: dict[str, Any]) -> bytes:
    """The document as one HTML page."""
    return _page(json.dumps(described, sort_keys=False))


@lru_cache(maxsize=2)
def _page(text: str) -> bytes:
    described: dict[str, Any] = json.loads(text)
    groups: dict[str, list[str]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method.upper(), path, operation))
    sections = "".join(f"<h2>{html.escape(tag)}</h2>{''.join(operations)}" for tag, operations in groups.items())
    schemas = "".join(
        _details(f"<code>{html.escape(name)}</code>", schema, anchor=name)
        for name, schema in described["components"]["schemas"].items()
    )
    problems = "".join(
        f"<tr><td>{kind.status}</td><td><code>/problems/{slug}</code></td><td>{html.escape(kind.title)}</td></tr>"
        for slug, kind in sorted(KINDS.items(), key=lambda item: item[1].status)
    )
    return _TEMPLATE.format(
        title=html.escape(described["info"]["title"]),
        version=html.escape(described["info"]["version"]),
        introduction=html.escape(described["info"]["description"]),
        sections=sections,
        schemas=schemas,
        problems=problems,
    ).encode()


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    state = "" if operation["x-tandem-built"] else ' <span class="later">not built yet</span>'
    lock = " 🔒" if "security" in operation else ""
    heading = (
        f'<b class="{method.lower()}">{method}</b> <code>{html.escape(path)}</code>{lock} '
        f"{html.escape(operation['summary'])}{state}"
    )
    shown = {name: operation[name] for name in ("parameters", "requestBody", "responses") if name in operation}
    return _details(heading, shown)


def _details(heading: str, content: Any, *, anchor: str = "") -> str:
    identity = f' id="{html.escape(anchor)}"' if anchor else ""
    text = html.escape(json.dumps(content, indent=2, ensure_ascii=False))
    return f"<details{identity}><summary>{heading}</summary><pre>{_linked(text)}</pre></details>"


def _linked(text: str) -> str:
    """References as links to the schema on the same page."""
    parts: Iterable[str] = text.split("#/components/schemas/")
    first, *rest = parts
    linked = [first]
    for part in rest:
        name, quote, after = part.partition("&quot;")
        linked.append(f'<a href="#{name}">{name}</a>{quote}{after}')
    return "".join(linked)


_TEMPLATE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
details {{ border-bottom: 1px solid #8884; padding: .3rem 0 }}
summary {{ cursor: pointer }}
pre {{ overflow-x: auto; background: #8881; padding: .75rem; font-size: .85rem }}
b {{ display: inline-block; min-width: 4rem }}
.get {{ color: #2a7 }} .post {{ color: #27c }} .put, .patch {{ color: #b70 }} .delete {{ color: #c33 }}
.later {{ font-size: .75rem; border: 1px solid #8888; border-radius: 1rem; padding: 0 .5rem }}
td {{ padding-right: 1rem }}
</style></head><body>
<h1>{title} API <small>{version}</small></h1>
<p>{introduction}</p>
<p>The same as a document for programs: <a href="/openapi.json">/openapi.json</a></p>
{sections}
<h2>Problems</h2><table>{problems}</table>
<h2>Models</h2>{schemas}
</body></html>
"""
