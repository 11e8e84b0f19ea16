"""One transaction: reads, queued writes, and what is to happen once it has committed."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from chassis import errors
from chassis.db.failures import DRIVER_ERRORS, Remedy, Trouble, diagnose
from chassis.db.pool import Connection
from chassis.identity.principal import Principal
from chassis.sql import Statement, compose

if TYPE_CHECKING:
    from chassis.db.database import Database

Record = asyncpg.Record
# More writes than this go in several statements, so that the composed texts stay few and short.
_WRITES_PER_STATEMENT = 16

_open: ContextVar["Transaction | None"] = ContextVar("tandem_transaction", default=None)


def in_transaction() -> bool:
    """True while a transaction of this task is open: no call to another service or vendor may be made then."""
    transaction = _open.get()
    return transaction is not None and transaction.is_open


@dataclass(frozen=True, slots=True)
class _Write:
    statement: Statement
    arguments: tuple[Any, ...]
    expect: int | None
    otherwise: errors.TandemError | None
    remedy: Remedy


class Transaction:
    """An open transaction with the principal's identity. Only `Database` makes and ends them."""

    __slots__ = (
        "_after_commit",
        "_connection",
        "_has_written",
        "_is_keyed",
        "_is_read_only",
        "_queue",
        "database",
        "is_open",
        "is_remembered",
        "principal",
        "trouble",
    )

    def __init__(
        self,
        database: "Database",
        connection: Connection,
        principal: Principal,
        *,
        is_keyed: bool,
        is_read_only: bool,
    ) -> None:
        self.database = database
        self.principal = principal
        self.trouble: Trouble | None = None
        self.is_open = True
        self.is_remembered = False
        self._connection = connection
        self._is_keyed = is_keyed
        self._is_read_only = is_read_only
        self._has_written = False
        self._queue: list[_Write] = []
        self._after_commit: list[Callable[[], object]] = []

    async def fetch_all(self, statement: Statement, /, **parameters: Any) -> list[Record]:
        """All rows."""
        await self.flush()
        try:
            return await self._connection.fetch(statement.text, *statement.arguments(**parameters))
        except DRIVER_ERRORS as problem:
            raise self._fail(problem) from None

    async def fetch_one(self, statement: Statement, /, **parameters: Any) -> Record | None:
        """The first row, or None."""
        await self.flush()
        try:
            return await self._connection.fetchrow(statement.text, *statement.arguments(**parameters))
        except DRIVER_ERRORS as problem:
            raise self._fail(problem) from None

    async def fetch_value(self, statement: Statement, /, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = await self.fetch_one(statement, **parameters)
        return None if row is None else row[0]

    def write(
        self,
        statement: Statement,
        /,
        *,
        expect: int | None = None,
        otherwise: errors.TandemError | None = None,
        **parameters: Any,
    ) -> None:
        """Queues an INSERT, UPDATE or DELETE; all that is queued goes as one statement at the next flush.

        Queued writes do not see each other's effects, so no two of them may touch the same row: flush in between.

        Args:
            statement: The write.
            expect: How many rows it must change; any number when None.
            otherwise: Raised when it changes another number of rows. Without it the whole transaction is tried again,
                as somebody else has changed what was read, and `Aborted` is raised after three attempts.
            parameters: The statement's.
        """
        remedy = Remedy.NONE if otherwise else Remedy.RACE
        self._queue.append(_Write(statement, statement.arguments(**parameters), expect, otherwise, remedy))

    def write_first(
        self, statement: Statement, /, *, otherwise: errors.TandemError, is_twin: bool = False, **parameters: Any
    ) -> None:
        """Queues an insert of exactly one row ahead of everything else: the row that makes an effect happen once.

        Args:
            statement: The insert, with ON CONFLICT.
            otherwise: Raised when the row was there.
            is_twin: Try the whole transaction again first, as it will find the row of the twin that won.
            parameters: The statement's.
        """
        remedy = Remedy.TWIN if is_twin else Remedy.NONE
        self._queue.insert(0, _Write(statement, statement.arguments(**parameters), 1, otherwise, remedy))

    async def flush(self) -> None:
        """Sends what is queued; reads and the commit do it by themselves."""
        while self._queue:
            batch, self._queue = self._queue[:_WRITES_PER_STATEMENT], self._queue[_WRITES_PER_STATEMENT:]
            sql = compose(tuple([write.statement for write in batch]))
            arguments = [argument for write in batch for argument in write.arguments]
            try:
                counts = await self._connection.fetchrow(sql, *arguments)
            except DRIVER_ERRORS as problem:
                raise self._fail(problem) from None
            self._has_written = True
            self._check(batch, counts)

    def after_commit(self, notify: Callable[[], object]) -> None:
        """Calls `notify` once the transaction has committed; it must not fail or wait."""
        self._after_commit.append(notify)

    async def finish(self) -> None:
        """Flushes and commits; for `Database` only, which ends what only read itself.

        Raises:
            TandemError: Also when an earlier failure in the transaction was swallowed: nothing is committed then.
        """
        if self.trouble is not None:
            raise self.trouble.error
        await self.flush()
        if self._is_keyed and self._has_written and not self.is_remembered:
            raise RuntimeError("keyed work wrote without idempotency.remember: a repetition would write again")
        if not self._is_read_only:
            await self._commit()
        for notify in self._after_commit:
            notify()

    async def _commit(self) -> None:
        try:
            await self._connection.execute("COMMIT")
        except DRIVER_ERRORS as problem:
            raise self._fail(problem) from None

    def _check(self, batch: list[_Write], counts: Record | None) -> None:
        for write, count in zip(batch, counts or (), strict=True):
            if write.expect is not None and count != write.expect:
                error = write.otherwise or errors.Aborted("This was changed in the meantime; read it again and redo.")
                self.trouble = Trouble(error, write.remedy, is_ruling=write.remedy is Remedy.NONE)
                raise error

    def _fail(self, problem: Exception) -> errors.TandemError:
        self.trouble = diagnose(problem)
        return self.trouble.error


def enter(transaction: Transaction) -> "Transaction | None":
    """Makes `transaction` the task's; returns the one before."""
    before = _open.get()
    _open.set(transaction)
    return before


def leave(transaction: Transaction, before: "Transaction | None") -> None:
    """Ends what `enter` began."""
    transaction.is_open = False
    _open.set(before)
