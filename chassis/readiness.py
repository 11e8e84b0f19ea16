"""Readiness: a process takes traffic while its database answers and its schema is at least as new as its code.

It never depends on Redis, vendors or other services; they fail single requests, not the process.
"""

import asyncio
import importlib.util
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from chassis.db import Database
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.sql import text_statement
from chassis.telemetry.logs import get_logger

_log = get_logger(__name__)

INTERVAL_S: Final = 2.0
# With the interval less than 5 s: nobody is called ready whose database answered longer ago.
LOOK_TIMEOUT_S: Final = 2.5
_REVISION = re.compile(r'^revision(?:: str)? = "([^"]+)"$', re.MULTILINE)

# Revisions are named by date, so that a later one sorts after: the running version stays ready beside a newer schema.
_IS_AT_REVISION = "SELECT max(version_num) >= :revision FROM {schema}.alembic_version"

Listener = Callable[[bool], Awaitable[None]]


class NoMigrations(RuntimeError):
    """A package brings no revision along."""


def newest_revision(package: str) -> str:
    """The revision that `package` brings along: that of its last file, since histories are linear and named by date.

    Reads the files as text: Alembic would cost every serving process megabytes for this one line.

    Args:
        package: With a `migrations` folder, for example `services.goals`.

    Raises:
        NoMigrations: There is none.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise NoMigrations(package)
    files = sorted((Path(spec.origin).parent / "migrations" / "versions").glob("[0-9]*.py"))
    match = _REVISION.search(files[-1].read_text(encoding="utf-8")) if files else None
    if match is None:
        raise NoMigrations(package)
    return match.group(1)


class Readiness:
    """Watches one process's database and tells a listener, if any, whenever it looked."""

    def __init__(self, database: Database, package: str, listener: Listener | None = None) -> None:
        self.ready = False
        self._database = database
        self._revision = newest_revision(package)
        self._is_at_revision = text_statement(_IS_AT_REVISION, schema=database.schema)
        self._listener = listener

    async def run(self) -> None:
        """Looks every two seconds until cancelled."""
        while True:
            ready = await self.look()
            if ready != self.ready:
                self.ready = ready
                _log.info("readiness_changed", ready=ready)
            if self._listener is not None:
                await self._listener(ready)
            await asyncio.sleep(INTERVAL_S)

    async def look(self) -> bool:
        """True when the database answers and is at our revision or a later one."""
        principal = Principal.system(self._database.schema)
        try:
            async with (
                asyncio.timeout(LOOK_TIMEOUT_S),
                self._database.transaction(principal, read_only=True) as transaction,
            ):
                return bool(await transaction.fetch_value(self._is_at_revision, revision=self._revision))
        except (TandemError, TimeoutError):
            return False
