"""The database of one schema: transactions with identity, and the whole again where that is safe and may help.

A transaction costs three trips and one per read: BEGIN with identity and timeouts in one message, the flush, COMMIT. Of
one that only reads nobody waits for the last: what was read is there, and nothing in the end could change it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

import asyncpg

from chassis import errors, idempotency
from chassis.clock import Clock, SystemClock
from chassis.db.claims import ClaimSigner
from chassis.db.failures import Remedy, Trouble, in_progress
from chassis.db.pool import Pool, Unopened, milliseconds, pause
from chassis.db.transaction import Transaction, enter, leave
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.request import MIN_REMAINING_S, find_current
from chassis.resilience import EARLY_PROBE, Breaker
from chassis.telemetry.logs import get_logger
from chassis.telemetry.metrics import SQL_SECONDS
from chassis.telemetry.tracing import span

T = TypeVar("T")

_log = get_logger(__name__)

# Source: docs/architecture.md, deadlines. A session has that of writes; what only reads is told its own.
WRITE_STATEMENT = timedelta(seconds=3)
READ_STATEMENT = timedelta(seconds=1.5)
LIST_STATEMENT = timedelta(seconds=4)
# A twin of a keyed write is told soon that the first one is still running.
KEYED_LOCK_TIMEOUT = timedelta(milliseconds=250)
_ATTEMPTS = {Remedy.RACE: 3, Remedy.STALE_STATEMENT: 2, Remedy.TWIN: 2, Remedy.RECONNECT: 2}


class Database:
    """Transactions of one login role. Make it by `connect`, end it by `close`."""

    def __init__(
        self,
        pool: Pool,
        *,
        schema: str,
        clock: Clock,
        signer: ClaimSigner | None = None,
        relay_wakeup: asyncio.Event | None = None,
    ) -> None:
        self.schema = schema
        self.clock = clock
        self.pool = pool
        self.relay_wakeup = relay_wakeup or asyncio.Event()
        self.breaker = Breaker(f"{schema}-database", clock, early_probe=EARLY_PROBE)
        self._signer = signer

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        schema: str,
        claims_key: bytes | None = None,
        clock: Clock | None = None,
        pool_size: int = 10,
        relay_wakeup: asyncio.Event | None = None,
        wall: Clock | None = None,
    ) -> Self:
        """Opens the first connection of a pool.

        Args:
            dsn: `postgresql://goals_app:…@/tandem?host=/folder`.
            schema: The service's schema.
            claims_key: Signs identities, `derive(secret, "db-claims")`; None for the system login, which has none.
            clock: Measures deadlines and the breaker.
            pool_size: Connections at most; there is no overflow.
            relay_wakeup: Set after each commit that appended to the outbox; share it between logins of a process.
            wall: The real time for signed claims, whatever `clock` says; PostgreSQL judges them by its own.

        Raises:
            Unavailable: The database does not answer.
        """
        clock = clock or SystemClock()
        pool = await Pool.connect(
            dsn, schema=schema, size=pool_size, statement_timeout=WRITE_STATEMENT, longest=LIST_STATEMENT
        )
        return cls(
            pool,
            schema=schema,
            clock=clock,
            signer=ClaimSigner(claims_key, wall=wall or SystemClock()) if claims_key else None,
            relay_wakeup=relay_wakeup,
        )

    async def close(self) -> None:
        """Waits for open transactions at most 3 s, then closes all connections."""
        await self.pool.close()

    @asynccontextmanager
    async def dedicated(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """A connection outside the pool, for what holds a session: the relay's lock. Driver errors pass through."""
        connection = await self.pool.dedicate()
        try:
            yield connection
        finally:
            connection.terminate()

    def transaction(self, principal: Principal, *, read_only: bool = False) -> "_Scope":
        """One transaction as `principal`: commits at the end of the block, rolls back when it raises.

        A connection lost before the first statement is replaced once; nothing else is repeated, use `run` for that.
        """
        return _Scope(self, principal, read_only=read_only)

    async def run(
        self,
        principal: Principal,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        idempotency: IdempotencyKey | None = None,
        read_only: bool = False,
    ) -> T:
        """Runs `work` in one transaction, and the whole again where that is safe and may help.

        Deadlocks, serialization failures and lost races: three attempts. A schema change under a prepared statement:
        once more. A lost connection: once more when `work` only reads or is keyed. The twin of a keyed request was
        first: once more, which finds the twin's row. A business failure of keyed work is kept for its key.

        Args:
            principal: On whose behalf.
            work: Loads, decides and writes. It may run several times, so it acts on nothing but the transaction.
            idempotency: Makes the effect happen once; `work` recalls and remembers it.
            read_only: Nothing is written.
        """
        attempts = _Attempts(may_reconnect=read_only or idempotency is not None)
        while True:
            scope = _Scope(self, principal, read_only=read_only, key=idempotency)
            try:
                async with scope as transaction:
                    return await work(transaction)
            except errors.TandemError as error:
                trouble = scope.trouble
                if trouble is None or not attempts.take(trouble.remedy):
                    if trouble is not None and trouble.remedy is Remedy.TWIN:
                        raise in_progress() from None
                    # What the work made of a statement's failure is the answer, not what the statement said.
                    if trouble is None or trouble.is_ruling:
                        await self._keep_failure(principal, idempotency, error)
                    raise
                if trouble.remedy is not Remedy.TWIN:
                    await pause()

    async def _keep_failure(self, principal: Principal, key: IdempotencyKey | None, error: errors.TandemError) -> None:
        if key is None or not idempotency.is_kept(error):
            return
        try:
            async with self.transaction(principal) as transaction:
                idempotency.remember_failure(transaction, key, error)
        except errors.TandemError as problem:
            # The caller gets its answer anyway; a retry decides again.
            _log.warning("idempotent_failure_not_kept", reason=problem.reason)

    def opening(self, principal: Principal, *, read_only: bool, is_keyed: bool) -> str:
        """The first message of a transaction.

        Raises:
            DeadlineExceeded: The request has no time left.
        """
        return "".join(
            (
                "BEGIN READ ONLY;" if read_only else "BEGIN;",
                self._signer.settings(principal) if self._signer else "",
                self._statement_limit(read_only=read_only),
                f"SET LOCAL lock_timeout={milliseconds(KEYED_LOCK_TIMEOUT)};" if is_keyed else "",
            )
        )

    def _statement_limit(self, *, read_only: bool) -> str:
        """What one statement may take: that of its class, or what the request has left."""
        request = find_current()
        limit = WRITE_STATEMENT
        if read_only:
            limit = READ_STATEMENT if request is not None and request.is_quick else LIST_STATEMENT
        if request is not None and request.deadline is not None:
            remaining_s = request.deadline - self.clock.monotonic()
            if remaining_s < MIN_REMAINING_S:
                raise errors.DeadlineExceeded("The deadline passed before the database was asked.")
            limit = min(limit, timedelta(seconds=remaining_s))
        return "" if limit == WRITE_STATEMENT else f"SET LOCAL statement_timeout={milliseconds(limit)};"


@dataclass(slots=True)
class _Attempts:
    """How often one unit of work has been tried, by remedy."""

    may_reconnect: bool
    taken: dict[Remedy, int] = field(default_factory=dict)

    def take(self, remedy: Remedy) -> bool:
        """True when the whole may be tried once more."""
        if remedy is Remedy.RECONNECT and not self.may_reconnect:
            return False
        self.taken[remedy] = self.taken.get(remedy, 1) + 1
        return self.taken[remedy] <= _ATTEMPTS.get(remedy, 1)


class _Scope:
    """The block in which a transaction is open."""

    def __init__(
        self, database: Database, principal: Principal, *, read_only: bool, key: IdempotencyKey | None = None
    ) -> None:
        self.trouble: Trouble | None = None
        self._database = database
        self._principal = principal
        self._read_only = read_only
        self._key = key

    async def __aenter__(self) -> Transaction:
        database = self._database
        opening = database.opening(self._principal, read_only=self._read_only, is_keyed=self._key is not None)
        self._began = database.clock.monotonic()
        self._ticket = database.breaker.admit()
        try:
            self._connection = await database.pool.begin(opening)
        except Unopened as unopened:
            database.breaker.record(self._ticket, succeeded=False)
            self._measure("unopened")
            raise unopened.trouble.error from None
        except BaseException:
            database.breaker.release(self._ticket)
            raise
        self._transaction = Transaction(
            database,
            self._connection,
            self._principal,
            is_keyed=self._key is not None,
            is_read_only=self._read_only,
        )
        self._before = enter(self._transaction)
        self._span = span("sql.transaction", schema=database.schema)
        self._recording = self._span.__enter__()
        return self._transaction

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if problem is None:
                await self._transaction.finish()
        except BaseException as failure:
            problem = failure
            raise
        finally:
            outcome = "committed" if problem is None else "rolled_back"
            if self._recording is not None:
                self._recording.set_attribute("outcome", outcome)
            self._span.__exit__(None, None, None)
            leave(self._transaction, self._before)
            self.trouble = self._transaction.trouble
            self._tell_breaker(problem)
            self._measure(outcome)
            if self._read_only and problem is None:
                self._database.pool.end_behind(self._connection)
            else:
                await self._database.pool.give_back(self._connection)

    def _tell_breaker(self, problem: BaseException | None) -> None:
        breaker, trouble = self._database.breaker, self.trouble
        if isinstance(problem, Exception | None) and (trouble is None or trouble.remedy is not Remedy.RECONNECT):
            breaker.record(self._ticket, succeeded=trouble is None or not trouble.is_outage)
        else:
            # Cancelled, or lost on the way: whether the database is down shows at the reconnect.
            breaker.release(self._ticket)

    def _measure(self, outcome: str) -> None:
        elapsed = self._database.clock.monotonic() - self._began
        SQL_SECONDS.labels(self._database.schema, outcome).observe(elapsed)
