"""What the service does for itself: replies whose maker is gone are marked as failed."""

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from services.coach.repository import fail_overdue

_AT_ONCE = 200


class ReplyUseCases:
    """Work on replies that belongs to no member; runs on the system login, which cannot open any text."""

    def __init__(self, system_database: Database, clock: Clock) -> None:
        self._database = system_database
        self._clock = clock

    async def fail_overdue(self) -> int:
        """Marks replies as failed whose lease has run out and returns how many; a retry may still take them up."""

        async def work(transaction: Transaction) -> int:
            return await fail_overdue(transaction, now=self._clock.now(), limit=_AT_ONCE)

        return await self._database.run(Principal.system("coach"), work)
