"""A real gRPC server with the whole pipeline, on a Unix socket of the test's own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from chassis.clock import SystemClock
from chassis.rpc.policy import by_full_name, largest_request_bytes
from chassis.rpc.server import Pipeline, Servicing
from chassis.rpc.wire import server_options
from tests.support.identities import Identities


@asynccontextmanager
async def serving(
    servicing: Servicing,
    folder: Path,
    identities: Identities,
    *,
    audience: str,
    max_in_flight: int = 200,
    max_streams: int = 400,
    options: Sequence[tuple[str, int]] | None = None,
) -> AsyncIterator[str]:
    """Serves one servicer as the service `audience` and yields its address; `options` None for those of a process."""
    policies = by_full_name(servicing.descriptor, servicing.policies)
    pipeline = Pipeline(
        policies,
        identities.verifier(audience),
        SystemClock(),
        max_in_flight=max_in_flight,
        max_streams=max_streams,
    )
    server = grpc.aio.server(
        interceptors=[pipeline], options=options or server_options(largest_request_bytes(policies))
    )
    servicing.add(servicing.servicer, server)
    address = f"unix:{folder}/{audience}.sock"
    server.add_insecure_port(address)
    await server.start()
    try:
        yield address
    finally:
        await server.stop(grace=None)
