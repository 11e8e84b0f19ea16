"""Looks at a started system from outside, as its users will: gRPC health, the gateway, a worker's ping, beat's lock."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import grpc
from celery import Celery
from grpc_health.v1 import health_pb2, health_pb2_grpc
from redis import Redis

from deploy.local.programs import SERVICES, System, edges, redis_urls

# Where celery-redbeat keeps the lock of the beat that is at work; `jobs.app` sets the prefix.
_BEAT_LOCK = "tandem:redbeat::lock"
_CALL_TIMEOUT_S = 1.0
_EVERY_S = 0.1


async def verify(system: System, *, patience_s: float) -> list[str]:
    """Waits until everything answers; returns the names of what does not, none when all is well."""
    checks: dict[str, Callable[[], bool]] = {
        **{name: partial(_serves, system.address(name), name) for name in SERVICES},
        "gateway": next(program.is_ready for program in edges(system) if program.name == "gateway"),
        "worker": partial(_worker_answers, redis_urls(system)["CELERY_BROKER_URL"]),
        "beat": partial(_beat_is_at_work, redis_urls(system)["CELERY_REDBEAT_URL"]),
    }
    deadline = time.monotonic() + patience_s
    answers = await asyncio.gather(*(asyncio.to_thread(_until, check, deadline) for check in checks.values()))
    return [name for name, answered in zip(checks, answers, strict=True) if not answered]


def serves(system: System, service: str) -> bool:
    """True when a service's gRPC health says that it is ready."""
    return _serves(system.address(service), service)


def _until(check: Callable[[], bool], deadline: float) -> bool:
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(_EVERY_S)
    return True


def _serves(address: str, service: str) -> bool:
    name = f"tandem.{service}.v1.{service.capitalize()}Service"
    try:
        with grpc.insecure_channel(address) as channel:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=name), timeout=_CALL_TIMEOUT_S
            )
    except grpc.RpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _worker_answers(broker_url: str) -> bool:
    app = Celery(broker=broker_url)
    try:
        return bool(app.control.ping(timeout=_CALL_TIMEOUT_S, limit=1))
    except OSError:
        return False
    finally:
        app.close()


def _beat_is_at_work(redbeat_url: str) -> bool:
    with Redis.from_url(redbeat_url, socket_timeout=_CALL_TIMEOUT_S) as redis:
        return bool(redis.exists(_BEAT_LOCK))
