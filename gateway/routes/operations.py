"""Probes, the full picture of health, and the API's own description."""

from typing import Any, Final

import orjson

from chassis.clock import Clock
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.redis import REDIS_ERRORS
from chassis.resilience import BreakerState
from gateway.app import docs
from gateway.app.call import Call, Reply
from gateway.app.operation import Access, Routes
from gateway.app.parts import Parts
from gateway.problems import not_found
from gateway.tokens.revocations import STALE_AFTER

routes: Final = Routes("Operations")

_PLAIN: Final = b"text/plain; charset=utf-8"


@routes.get("/livez", access=Access.ANYONE, limit=None, is_reserved=True)
async def get_livez(call: Call) -> Reply:
    """Says that the process is up."""
    return Reply(b"ok\n", media_type=_PLAIN)


@routes.get("/readyz", access=Access.ANYONE, limit=None, is_reserved=True)
async def get_readyz(call: Call) -> Reply:
    """Says whether the process takes traffic; other services have no say in it."""
    if is_ready(call.parts):
        return Reply(b"ready\n", media_type=_PLAIN)
    return Reply(b"not ready\n", status=503, media_type=_PLAIN, headers=[(b"retry-after", b"1")])


@routes.get("/health", access=Access.ANYONE, limit=None, is_reserved=True)
async def get_health(call: Call) -> Reply:
    """Shows the state of all parts; in production strangers see the status only."""
    picture = await health(call.parts)
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


def is_ready(parts: Parts) -> bool:
    """True when the database answered lately and the process is not stopping."""
    return not parts.is_draining and parts.revocations.age_s <= STALE_AFTER.total_seconds()


async def health(parts: Parts) -> dict[str, Any]:
    """The full picture."""
    services = await parts.services.health()
    database, redis = await _ping_database(parts), await _ping_redis(parts)
    are_well = all(service.status == "healthy" for service in services.values())
    fully = "healthy" if are_well and redis["connected"] else "degraded"
    return {
        "status": fully if database["connected"] else "unhealthy",
        "timestamp": parts.clock.now(),
        "environment": parts.environment,
        "version": parts.version,
        "services": {
            **{name: {"status": each.status, "latency_ms": each.latency_ms} for name, each in services.items()},
            "database": database,
            "redis": redis,
            "email": {"status": services["notify"].status},
            "rate_limiter": {"enabled": parts.limiter.is_enabled, "redis_available": redis["connected"]},
            "circuit_breakers": {
                breaker.name: {
                    "state": breaker.state.value,
                    "failures": breaker.failures,
                    "retry_after": _retry_after_s(breaker.state, breaker.retry_after.total_seconds()),
                }
                for breaker in (*parts.breakers, parts.database.breaker)
            },
        },
    }


def _retry_after_s(state: BreakerState, seconds: float) -> float | None:
    return None if state is BreakerState.CLOSED else round(seconds, 1)


async def _ping_database(parts: Parts) -> dict[str, Any]:
    begun = parts.clock.monotonic()
    try:
        async with parts.database.transaction(Principal.system("gateway"), read_only=True):
            pass
    except TandemError:
        return {"connected": False, "ping_time": None}
    return {"connected": True, "ping_time": _elapsed_ms(parts.clock, begun)}


async def _ping_redis(parts: Parts) -> dict[str, Any]:
    begun = parts.clock.monotonic()
    try:
        await parts.shared_buckets.ping()
    except REDIS_ERRORS:
        return {"connected": False, "ping_time": None}
    return {"connected": True, "ping_time": _elapsed_ms(parts.clock, begun)}


def _elapsed_ms(clock: Clock, begun: float) -> float:
    return round((clock.monotonic() - begun) * 1000, 1)


def _is_admin(call: Call) -> bool:
    try:
        session = call.parts.sessions.authenticate(call.headers.get(b"authorization"))
    except TandemError:
        return False
    return session.principal.is_admin


def _refuse_in_production(parts: Parts) -> None:
    if parts.environment == "production":
        raise not_found()
