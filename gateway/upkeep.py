"""The upkeep of the gateway's tables: old sessions go, and what others' `PlatformService` would be asked for."""

import asyncio
from datetime import timedelta
from typing import Final

from chassis import platform
from chassis.db import Database
from chassis.errors import TandemError
from chassis.telemetry.logs import get_logger
from gateway.accounts.usecases import Accounts

INTERVAL: Final = timedelta(minutes=5)

_log = get_logger(__name__)


class Upkeep:
    """Sweeps what is past its retention, and says when events were given up."""

    def __init__(self, system_database: Database, accounts: Accounts) -> None:
        self._system = system_database
        self._accounts = accounts

    async def run(self) -> None:
        """Tidies up again and again until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL.total_seconds())
            try:
                await self.tidy()
            except TandemError as failure:
                _log.warning("upkeep_failed", reason=failure.reason)

    async def tidy(self) -> int:
        """Sweeps until nothing is past its retention; returns how many events wait for an operator."""
        while (await platform.sweep_expired(self._system)).more:
            pass
        await self._accounts.purge()
        dead = await platform.count_dead(self._system)
        if dead:
            _log.warning("events_dead", count=dead)
        return dead
