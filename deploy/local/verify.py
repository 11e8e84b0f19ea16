"""Looks at a started system from outside, as its users will: gRPC health of the services, readiness of everything else.

The worker says that it is ready when it answers a ping through the broker, beat when it holds its lock.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local.programs import SERVICES, System, edges

_CALL_TIMEOUT_S = 1.0
_EVERY_S = 0.1


async def verify(system: System, *, patience_s: float) -> list[str]:
    """Waits until everything answers; returns the names of what does not, none when all is well."""
    checks: dict[str, Callable[[], bool]] = {
        **{name: partial(_serves, system.address(name), name) for name in SERVICES},
        **{program.name: program.is_ready for program in edges(system)},
    }
    deadline = time.monotonic() + patience_s
    answers = await asyncio.gather(*(asyncio.to_thread(_until, check, deadline) for check in checks.values()))
    return [name for name, answered in zip(checks, answers, strict=True) if not answered]


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
