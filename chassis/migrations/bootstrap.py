"""Roles, schemas, passwords and claims keys of one database; repeating it changes nothing."""

import asyncio
import base64
import hashlib
import hmac
import secrets as randomness
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import asyncpg

from chassis.db.claims import hmac_pads, key_id

SCHEMAS = ("goals", "coach", "mentor", "analytics", "notify", "gateway")
ROLES_SQL = Path(__file__).parents[2] / "deploy" / "postgres" / "roles.sql"
# "TNDM": whoever sets up or migrates holds this advisory lock of the database.
_LOCK = 0x544E444D
_LOCK_WAIT_MS = 60_000
_SCRAM_ITERATIONS = 4096
# How PostgreSQL says, with no code of its own, that another session changed the same row of a catalogue meanwhile.
_MET = "tuple concurrently updated"
_ATTEMPTS = 20
_LOGINS = frozenset(f"{schema}_{kind}" for schema in SCHEMAS for kind in ("app", "system"))

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]


@dataclass(frozen=True, slots=True, repr=False)
class BootstrapSecrets:
    """What logins authenticate with.

    Attributes:
        passwords: By login role; ASCII.
        claims_keys: By login role, the keys its processes may sign identities with: one, or two while rotating.
            Others are forgotten.
    """

    passwords: Mapping[str, str]
    claims_keys: Mapping[str, Sequence[bytes]]


async def bootstrap(admin_dsn: str, secrets: BootstrapSecrets) -> None:
    """Makes the database when it is missing, applies roles.sql, sets passwords and stores claims keys.

    Args:
        admin_dsn: A role that may create roles and schemas; a superuser is not needed.
        secrets: Of all logins, or of those that change.
    """
    unknown = (secrets.passwords.keys() | secrets.claims_keys.keys()) - _LOGINS
    if unknown:
        raise ValueError(f"not login roles: {sorted(unknown)}")
    roles = _read_roles()
    await _ensure_database(admin_dsn)
    async with locked(admin_dsn) as connection:
        await _execute_shared(connection, roles)
        for role, password in secrets.passwords.items():
            # A verifier instead of the password, so that it shows in no log of statements.
            await _execute_shared(connection, f"ALTER ROLE {role} LOGIN PASSWORD '{scram_verifier(password)}'")
        for role, keys in secrets.claims_keys.items():
            await _store_claims_keys(connection, role, keys)


@asynccontextmanager
async def locked(admin_dsn: str) -> AsyncIterator["Connection"]:
    """A connection that holds the database's set-up lock; the next one waits, at most a minute."""
    connection = await asyncpg.connect(admin_dsn, timeout=5, server_settings={"client_min_messages": "warning"})
    try:
        await connection.execute(f"SET lock_timeout = {_LOCK_WAIT_MS}")
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute("SET lock_timeout = 2000")
        yield connection
    finally:
        await connection.close()


async def _execute_shared(connection: "Connection", statement: str) -> None:
    """Roles belong to all databases of a cluster, and the lock to one: whoever meets another set-up tries again."""
    for others in reversed(range(_ATTEMPTS)):
        try:
            await connection.execute(statement)
            return
        except asyncpg.InternalServerError as problem:
            if _MET not in str(problem) or not others:
                raise
        await asyncio.sleep(randomness.randbelow(100) / 1000)


def _read_roles() -> str:
    return ROLES_SQL.read_text(encoding="utf-8")


async def _ensure_database(admin_dsn: str) -> None:
    """Makes the database when it is missing. Looks first: to try it would leave a FATAL in the server's log."""
    wanted = unquote(urlsplit(admin_dsn).path.lstrip("/"))
    if not wanted:
        return
    try:
        connection = await asyncpg.connect(admin_dsn, database="postgres", timeout=5)
    except (
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InsufficientPrivilegeError,
    ):
        # On a server where nobody but its owner may look there, the database was made by them.
        return
    try:
        await _create_database(connection, wanted)
    finally:
        await connection.close()


async def _create_database(connection: "Connection", wanted: str) -> None:
    if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", wanted):
        return
    try:
        name = await connection.fetchval("SELECT quote_ident($1)", wanted)
        await connection.execute(f"CREATE DATABASE {name}")
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        # Somebody else made it at the same moment.
        return


async def _store_claims_keys(connection: "Connection", role: str, keys: Sequence[bytes]) -> None:
    kids = [key_id(key) for key in keys]
    async with connection.transaction():
        for kid, key in zip(kids, keys, strict=True):
            inner, outer = hmac_pads(key)
            await connection.execute(
                """INSERT INTO sec.claim_keys (login_role, kid, inner_pad, outer_pad) VALUES ($1, $2, $3, $4)
                ON CONFLICT (login_role, kid) DO NOTHING""",
                role,
                kid,
                inner,
                outer,
            )
        await connection.execute("DELETE FROM sec.claim_keys WHERE login_role = $1 AND kid <> ALL ($2)", role, kids)


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for a password: SCRAM-SHA-256 of RFC 5803.

    Raises:
        ValueError: The password is not ASCII or is empty; others would need SASLprep.
    """
    if not password or not password.isascii():
        raise ValueError("database passwords must be ASCII and not empty")
    salt = randomness.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored, server = hashlib.sha256(client_key).digest(), hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"
