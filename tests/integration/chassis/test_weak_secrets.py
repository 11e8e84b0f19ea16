"""No process starts with a secret that somebody can guess (row H11)."""

import asyncio
import base64
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.gateway import gateway_environment
from tests.support.identities import Identities
from tests.support.processes import ROOT, Deployment

SERVICES = ("goals", "coach", "mentor", "analytics", "notify")
ZERO_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int | None
    words: str


@pytest.fixture
async def deployment(services_database, redis_url) -> AsyncIterator[Deployment]:
    with tempfile.TemporaryDirectory(prefix="td-") as made:
        deployment = Deployment(Path(made), Identities(), services_database, redis_url)
        deployment.write_keys()
        yield deployment


async def started(arguments: list[str], environment: Mapping[str, str]) -> Ended:
    """Starts a process that ought to end by itself, and waits for that."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments), cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode, (output + errors).decode())


def command(process: str) -> list[str]:
    """How a process is started."""
    if process in {"worker", "beat"}:
        return ["jobs", process]
    return ["gateway", "serve"] if process == "gateway" else [f"services.{process}", "serve"]


def told(deployment: Deployment, process: str) -> dict[str, str]:
    """What a process is told when all is well."""
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos/gen")])}
    if process == "gateway":
        key = Ed25519PrivateKey.generate()
        return path | gateway_environment(
            *(deployment.folder, deployment.database, deployment.redis_url, deployment.identities),
            addresses={},
            access_key=key,
        )
    kind = "jobs" if process in {"worker", "beat"} else process
    ring = {"JOURNAL_ENCRYPTION_KEYS": "k1:" + base64.b64encode(bytes(range(32))).decode()}
    queue = dict.fromkeys(("CELERY_BROKER_URL", "CELERY_REDBEAT_URL"), deployment.redis_url)
    return deployment.environment(kind) | path | ring | queue


@pytest.mark.parametrize("process", ["gateway", *SERVICES])
async def test_h11_a_weak_secret_stops_the_start(deployment: Deployment, process: str):
    """Which secrets are weak: tests/unit/chassis/test_keys.py."""
    file = deployment.folder / "weak.secret"
    file.write_text(b"changeme".hex() * 4)

    ended = await started(command(process), {**told(deployment, process), "TANDEM_SERVICE_SECRET_FILE": str(file)})

    assert (ended.status, "weak.secret" in ended.words) == (2, True), ended
    assert b"changeme".hex() not in ended.words


@pytest.mark.parametrize("process", ["gateway", *SERVICES, "worker", "beat"])
async def test_h11_a_signing_key_of_zeros_stops_the_start(deployment: Deployment, process: str):
    file = deployment.folder / "zeros.pem"
    file.write_bytes(ZERO_KEY)

    ended = await started(command(process), {**told(deployment, process), "TANDEM_SIGNING_KEY_FILE": str(file)})

    assert (ended.status, "zeros.pem" in ended.words) == (2, True), ended


async def test_h11_nor_does_one_of_access_tokens(deployment: Deployment):
    environment = told(deployment, "gateway")
    (deployment.folder / "access-token.ed25519").write_bytes(ZERO_KEY)

    ended = await started(command("gateway"), environment)

    assert (ended.status, "access-token" in ended.words) == (2, True), ended


async def test_h11_a_weak_key_on_the_ring_stops_the_coach(deployment: Deployment):
    ring = f"k1:{base64.b64encode(bytes(32)).decode()}"

    ended = await started(command("coach"), {**told(deployment, "coach"), "JOURNAL_ENCRYPTION_KEYS": ring})

    assert (ended.status, "JOURNAL_ENCRYPTION_KEYS" in ended.words) == (2, True), ended
    assert ring not in ended.words


async def test_h11_the_first_administrator_s_password_is_not_changeme(deployment: Deployment):
    words = {"TANDEM_ADMIN_EMAIL": "root@example.com", "TANDEM_ADMIN_PASSWORD": "changeme"}

    ended = await started(command("gateway"), {**told(deployment, "gateway"), **words})

    assert (ended.status, "TANDEM_ADMIN_PASSWORD" in ended.words) == (2, True), ended
    assert "changeme" not in ended.words
