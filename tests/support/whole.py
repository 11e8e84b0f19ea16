"""One whole system per worker for the tests that walk through it or attack it, and what its owner could look up in it.

It runs without rate limits: its tests come from one address and do in seconds what people do in days. What is about
the limits themselves runs on a process of its own that has them on. Challenges are open for three days, not for seven.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deploy.local.postgres import EmbeddedPostgres
from tests.support.system import System, own_system

DATABASE = "tandem"


@dataclass(frozen=True)
class Insider:
    """Reads what only the owner of a system's home can read."""

    system: System

    def key(self, name: str) -> Ed25519PrivateKey:
        """A signing key: `access-token`, or that of a process."""
        key = load_pem_private_key((self.system.home / "keys" / f"{name}.ed25519").read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        return key

    def target(self, service: str) -> str:
        """Where a service's gRPC is."""
        return f"unix:{self.system.environment['TANDEM_RUN_DIR']}/{service}.sock"

    def logs(self) -> dict[Path, bytes]:
        """Every log of the home, those of the stores and of the launcher too."""
        return {file: file.read_bytes() for file in (self.system.home / "logs").rglob("*") if file.is_file()}

    def dsn(self) -> str:
        """The superuser's address of the database."""
        password = (self.system.home / "keys" / "postgres.password").read_text().strip()
        sockets = Path(self.system.environment["TANDEM_RUN_DIR"]) / "pg"
        return EmbeddedPostgres(self.system.home / "postgres", sockets, password=password).dsn(DATABASE)


@pytest.fixture(scope="session")
def whole_system() -> Iterator[System]:
    """The system as `make up` starts it; tests share it and use members of their own."""
    with own_system({"ENABLE_RATE_LIMITING": "false", "CHALLENGE_DURATION_DAYS": "3"}) as started:
        yield started
