"""Probes, the full picture of health, and the API's own description."""

from typing import Final

import orjson

from chassis.errors import TandemError
from gateway.app import docs
from gateway.app.call import Call, Reply
from gateway.app.operation import Access, Routes
from gateway.app.parts import Parts
from gateway.problems import not_found

routes: Final = Routes("Operations")

_PLAIN: Final = b"text/plain; charset=utf-8"


@routes.get("/livez", access=Access.ANYONE, limit=None, is_reserved=True)
async def get_livez(call: Call) -> Reply:
    """Says that the process is up."""
    return Reply(b"ok\n", media_type=_PLAIN)


@routes.get("/readyz", access=Access.ANYONE, limit=None, is_reserved=True)
async def get_readyz(call: Call) -> Reply:
    """Says whether the process takes traffic; other services have no say in it."""
    if call.parts.is_ready:
        return Reply(b"ready\n", media_type=_PLAIN)
    return Reply(b"not ready\n", status=503, media_type=_PLAIN, headers=[(b"retry-after", b"1")])


@routes.get("/health", access=Access.ANYONE, limit=None, is_reserved=True)
async def get_health(call: Call) -> Reply:
    """Shows the state of all parts; in production strangers see the status only."""
    picture = await call.parts.health.picture()
    if call.parts.environment == "production" and not _is_admin(call):
        picture = {name: picture[name] for name in ("status", "timestamp", "version")}
    return Reply(picture, status=503 if picture["status"] == "unhealthy" else 200)


@routes.get("/openapi.json", access=Access.ANYONE)
async def get_openapi(call: Call) -> Reply:
    """Describes the API (OpenAPI 3.1)."""
    _refuse_in_production(call.parts)
    from gateway.routes.table import all_operations

    return Reply(orjson.dumps(docs.document(all_operations(), call.parts.version)))


@routes.get("/docs", access=Access.ANYONE)
async def get_docs(call: Call) -> Reply:
    """Shows the description of the API as a page that needs nothing from elsewhere."""
    _refuse_in_production(call.parts)
    return Reply(docs.PAGE, media_type=b"text/html; charset=utf-8", headers=[docs.CONTENT_SECURITY_POLICY])


@routes.get("/docs/{name}", access=Access.ANYONE)
async def get_docs_asset(call: Call, name: str) -> Reply:
    """Hands out what the page at `/docs` is made of."""
    _refuse_in_production(call.parts)
    asset = docs.asset(name)
    if asset is None:
        raise not_found()
    return Reply(asset[0], media_type=asset[1])


def _is_admin(call: Call) -> bool:
    try:
        session = call.parts.sessions.authenticate(call.headers.get(b"authorization"))
    except TandemError:
        return False
    return session.principal.is_admin


def _refuse_in_production(parts: Parts) -> None:
    if parts.environment == "production":
        raise not_found()
