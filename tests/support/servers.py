"""One PostgreSQL cluster and one Valkey per test run, and what a test needs to reach a database of its own."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg

from chassis.identity.keys import derive
from chassis.migrations import SCHEMAS, BootstrapSecrets, bootstrap, migrate
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.valkey import EmbeddedValkey

PASSWORD = "tests-only"
_SETTINGS = {"max_connections": "300"}
_TEMPLATE_LOCK = 7001


@dataclass(frozen=True)
class Addresses:
    """Where the run's servers listen; plain strings, so that xdist can hand them to workers."""

    socket_dir: str
    redis_socket: str

    def dsn(self, database: str, user: str = "postgres") -> str:
        """The address of one database for one login."""
        return f"postgresql://{user}:{PASSWORD}@/{database}?host={quote(self.socket_dir)}&port=5432"

    def redis_url(self, database: int) -> str:
        """The address of one Redis database."""
        return f"unix://{self.redis_socket}?db={database}&password={PASSWORD}"


@dataclass
class Servers:
    """The servers of one run; started by whoever leads it, stopped at its end."""

    major: int = 18
    with_redis: bool = True
    _folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="td-")))

    @property
    def postgres_log(self) -> Path:
        """What the database server says."""
        return self._folder / "postgres.log"

    def start(self) -> Addresses:
        """Starts both under a short temporary path."""
        self._postgres = EmbeddedPostgres(
            self._folder / "pg",
            self._folder / "s",
            password=PASSWORD,
            major=self.major,
            fsync=False,
            settings=_SETTINGS,
        )
        self._postgres.initialise()
        with open(self.postgres_log, "wb") as log:
            self._postgres.start(output=log)
        socket = self._folder / "valkey.sock"
        if self.with_redis:
            self._valkey = EmbeddedValkey(self._folder / "valkey", socket, password=PASSWORD)
            self._valkey.initialise()
            with open(self._folder / "valkey.log", "wb") as log:
                self._valkey.start(output=log)
        return Addresses(str(self._postgres.socket_dir), str(socket))

    def stop(self) -> None:
        """Stops both and removes what they wrote."""
        try:
            if self.with_redis:
                self._valkey.stop()
        finally:
            self._postgres.stop()
            self._postgres.remove()
            shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True)
class TestDatabase:
    """One migrated database, and the keys of its logins."""

    __test__ = False
    addresses: Addresses
    name: str

    @property
    def admin_dsn(self) -> str:
        """The superuser; for set-up and for looking behind the scenes, never for what a service does."""
        return self.addresses.dsn(self.name)

    def app_dsn(self, schema: str) -> str:
        """The login that answers members."""
        return self.addresses.dsn(self.name, f"{schema}_app")

    def system_dsn(self, schema: str) -> str:
        """The login of the service's own work."""
        return self.addresses.dsn(self.name, f"{schema}_system")

    def claims_key(self, schema: str) -> bytes:
        """What the app login signs identities with."""
        return derive(secret_of(schema), "db-claims")

    def environment(self) -> dict[str, str]:
        """The variables that tell processes about it."""
        logins = {f"{s.upper()}_DATABASE_URL": self.app_dsn(s) for s in SCHEMAS}
        systems = {f"{s.upper()}_SYSTEM_DATABASE_URL": self.system_dsn(s) for s in SCHEMAS}
        return {**logins, **systems, "DATABASE_URL": self.admin_dsn}


def secret_of(process: str) -> bytes:
    """The service secret of a process kind in tests."""
    return hashlib.sha256(f"tests-{process}".encode()).digest()


def test_secrets() -> BootstrapSecrets:
    """Passwords and claims keys of all logins in tests."""
    logins = [f"{schema}_{kind}" for schema in SCHEMAS for kind in ("app", "system")]
    return BootstrapSecrets(
        passwords=dict.fromkeys(logins, PASSWORD),
        claims_keys={f"{schema}_app": [derive(secret_of(schema), "db-claims")] for schema in SCHEMAS},
    )


test_secrets.__test__ = False  # type: ignore[attr-defined]


async def ensure_template(addresses: Addresses, name: str, packages: Sequence[str]) -> None:
    """Makes a migrated database to clone from, once per cluster, whoever comes first."""
    admin = await asyncpg.connect(addresses.dsn("postgres"))
    try:
        await admin.execute("SELECT pg_advisory_lock($1)", _TEMPLATE_LOCK)
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return
        building = f"{name}_building"
        await admin.execute(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
        await bootstrap(addresses.dsn(building), test_secrets())
        await migrate(addresses.dsn(building), packages)
        await admin.execute(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
    finally:
        await admin.close()


async def clone(addresses: Addresses, template: str, name: str) -> TestDatabase:
    """A database of the caller's own."""
    admin = await asyncpg.connect(addresses.dsn("postgres"))
    try:
        # Two clones of one template at a time would find each other's session on it.
        await admin.execute("SELECT pg_advisory_lock($1)", _TEMPLATE_LOCK)
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await admin.close()
    return TestDatabase(addresses, name)


async def drop(database: TestDatabase) -> None:
    """Removes a clone, whoever is still connected."""
    admin = await asyncpg.connect(database.addresses.dsn("postgres"))
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')
    finally:
        await admin.close()
