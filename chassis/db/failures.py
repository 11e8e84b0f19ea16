"""What the driver's errors mean: the failure to raise, whether to try again, and whether the database is to blame.

No text of the driver passes: it quotes values. What is logged is the SQLSTATE and the constraint.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

import asyncpg

from chassis import errors
from chassis.telemetry.logs import get_logger

_log = get_logger(__name__)

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
IDEMPOTENCY_CONSTRAINT = "idempotency_pkey"
_SOON = timedelta(seconds=1)
# How asyncpg says, in words only, that a connection or its pool is no more.
_ENDED = re.compile(r"closed|closing|released back to the pool")


class UniqueViolation(errors.AlreadyExists):
    """A row with the same key is there. `constraint` says which key; turn it into the domain's own failure."""

    def __init__(self, constraint: str) -> None:
        super().__init__("This exists already.")
        self.constraint = constraint


class ForeignKeyViolation(errors.FailedPrecondition):
    """A row that this one points to is not there, or is still pointed to. `constraint` says which."""

    def __init__(self, constraint: str) -> None:
        super().__init__("Something that this belongs to is gone.")
        self.constraint = constraint


class Remedy(Enum):
    """What may help after a failure."""

    NONE = auto()
    # Another transaction was in the way: the whole again, up to three times.
    RACE = auto()
    # A prepared statement outlived a change of the schema: the whole again, once.
    STALE_STATEMENT = auto()
    # The twin of a keyed request was first: the whole again, which will find its row.
    TWIN = auto()
    # The connection is gone, and with it the knowledge whether a COMMIT happened.
    RECONNECT = auto()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure inside a transaction, which from then on can only be rolled back.

    Attributes:
        error: What to raise when nothing helps.
        remedy: What may help.
        is_outage: Counts against the database (full disk, no answer), unlike refusals of one statement.
        is_ruling: The data say no and will again, unlike races and outages: what keyed work makes of it is kept.
    """

    error: errors.TandemError
    remedy: Remedy = Remedy.NONE
    is_outage: bool = False
    is_ruling: bool = False


def diagnose(problem: Exception) -> Trouble:
    """Says what a driver's error means."""
    if isinstance(problem, asyncpg.InvalidCachedStatementError | asyncpg.OutdatedSchemaCacheError):
        return Trouble(_busy(), Remedy.STALE_STATEMENT)
    if isinstance(problem, asyncpg.PostgresError):
        return _from_server(problem)
    if isinstance(problem, TimeoutError):
        return Trouble(_no_answer(), is_outage=True)
    if isinstance(problem, ValueError):
        # asyncpg could not encode an argument.
        return Trouble(errors.InvalidArgument("A value has a form that cannot be stored."))
    # An internal error of the client is a connection that ended at a moment it did not expect.
    if isinstance(problem, OSError | asyncpg.InternalClientError) or _ENDED.search(str(problem)):
        return Trouble(_no_answer(), Remedy.RECONNECT)
    _log.error("database_client_failed", kind=type(problem).__name__)
    return Trouble(_broken())


def _from_server(problem: asyncpg.PostgresError) -> Trouble:
    state = problem.sqlstate or ""
    known = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    if known is not None:
        return known(problem)
    _log.error("database_statement_failed", sqlstate=state, constraint=problem.constraint_name)
    return Trouble(_broken())


def _race(_: asyncpg.PostgresError) -> Trouble:
    return Trouble(_busy(), Remedy.RACE)


def _lost(_: asyncpg.PostgresError) -> Trouble:
    return Trouble(_no_answer(), Remedy.RECONNECT)


def _out_of_resources(problem: asyncpg.PostgresError) -> Trouble:
    _log.error("database_out_of_resources", sqlstate=problem.sqlstate)
    return Trouble(_no_answer(), is_outage=True)


def _too_slow(_: asyncpg.PostgresError) -> Trouble:
    return Trouble(errors.DeadlineExceeded("The database took too long; nothing was changed."))


def _refused(problem: asyncpg.PostgresError) -> Trouble:
    _log.warning("database_refused", sqlstate=problem.sqlstate, table=problem.table_name)
    return Trouble(errors.PermissionDenied("This is not yours to read or change."))


def _unstorable(_: asyncpg.PostgresError) -> Trouble:
    return Trouble(errors.InvalidArgument("A value has a form that cannot be stored."))


def _missing_reference(problem: asyncpg.PostgresError) -> Trouble:
    return Trouble(ForeignKeyViolation(problem.constraint_name or ""), is_ruling=True)


def _unique_violation(problem: asyncpg.PostgresError) -> Trouble:
    constraint = problem.constraint_name or ""
    if constraint == IDEMPOTENCY_CONSTRAINT:
        return Trouble(UniqueViolation(constraint), Remedy.TWIN)
    return Trouble(UniqueViolation(constraint), is_ruling=True)


def _locked(problem: asyncpg.PostgresError) -> Trouble:
    # The context names the relation whose index the statement waited at, in every language of the server.
    if '"idempotency' in (problem.context or ""):
        return Trouble(in_progress())
    return Trouble(_busy())


def in_progress() -> errors.IdempotencyInProgress:
    """The twin of a keyed request is still running."""
    return errors.IdempotencyInProgress(
        "The first request with this idempotency key is still running.", retry_after=_SOON
    )


def _busy() -> errors.Aborted:
    return errors.Aborted("Somebody else is changing the same thing; try again.", retry_after=_SOON)


def _no_answer() -> errors.Unavailable:
    return errors.Unavailable("The database does not answer; try again.", retry_after=_SOON)


def _broken() -> errors.Internal:
    return errors.Internal("Something went wrong on our side. The request id finds it in our logs.")


_BY_STATE: dict[str, Callable[[asyncpg.PostgresError], Trouble]] = {
    "23503": _missing_reference,
    "23505": _unique_violation,
    # Idle in a transaction for too long: the server has closed the connection.
    "25P03": _lost,
    "40001": _race,
    "40P01": _race,
    "42501": _refused,
    "55P03": _locked,
    "57014": _too_slow,
}
_BY_CLASS: dict[str, Callable[[asyncpg.PostgresError], Trouble]] = {
    "08": _lost,
    "22": _unstorable,
    "53": _out_of_resources,
    "57": _lost,
    "58": _out_of_resources,
}
