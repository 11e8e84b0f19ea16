"""Passwords: argon2id on two threads, with a short queue in front of them.

A hash takes 19 MiB and some 20 ms on purpose. Two at a time keep the event loop and the machine alive under a flood of
logins; who does not get a turn within a second is told to come back.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.breakers import shed
from gateway.problems import invalid

MIN_BYTES: Final = 8
MAX_BYTES: Final = 1024
WORKERS: Final = 2
QUEUE_LIMIT: Final = 64
QUEUE_TIMEOUT_S: Final = 1.0
# What stands in examples and is tried first, the longest words first; a few digits more make them no better.
_FIRST_TRIED: Final = (
    *("administrator", "12345678", "87654321", "abcdefgh", "changeit", "changeme", "passw0rd", "password"),
    *("default", "example", "letmein", "welcome", "qwerty", "sample", "secret", "tandem", "admin", "root", "test"),
)
_MIN_DIFFERENT: Final = 5

T = TypeVar("T")


class Passwords:
    """Hashes and compares passwords off the event loop."""

    def __init__(self) -> None:
        # OWASP's minimum for argon2id: m = 19 MiB, t = 2, p = 1.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="argon2")
        self._turns = asyncio.Semaphore(WORKERS)
        self._waiting = 0
        # What an unknown address is compared with, so that it takes as long as a known one.
        self._decoy = self._hasher.hash(secrets.token_urlsafe(24))

    async def hash(self, password: str) -> str:
        """The hash to store.

        Raises:
            Problem: 422 for a password too short or too long.
            TooBusy: No turn within a second.
        """
        checked = check_length(password)
        return await self._run(lambda: self._hasher.hash(checked))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compares a password with a stored hash, or with a decoy where there is no account.

        Raises:
            TooBusy: No turn within a second.
        """
        given = normalise(password)
        if len(given) > MAX_BYTES:
            return False
        return await self._run(lambda: self._verify(given, stored or self._decoy)) and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """True when the parameters have changed since this hash was made."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Gives the threads back."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, given: bytes, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, given)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= QUEUE_LIMIT:
            raise shed("passwords")
        self._waiting += 1
        try:
            async with asyncio.timeout(QUEUE_TIMEOUT_S):
                await self._turns.acquire()
        except TimeoutError:
            raise shed("passwords") from None
        finally:
            self._waiting -= 1
        # The thread works on even when the request is cancelled; the turn is its own until it ends.
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        future.add_done_callback(lambda _: self._turns.release())
        return await asyncio.shield(future)


def check_length(password: str) -> bytes:
    """The normalised password, within its limits.

    Raises:
        Problem: 422, naming the field.
    """
    normalised = normalise(password)
    if not MIN_BYTES <= len(normalised) <= MAX_BYTES:
        raise invalid("password", f"must have {MIN_BYTES} to {MAX_BYTES} bytes in UTF-8")
    return normalised


def is_guessable(password: str) -> bool:
    """True for what everybody tries first; asked of the first administrator, whose password somebody else sets."""
    rest = password.casefold()
    for word in _FIRST_TRIED:
        rest = rest.replace(word, "")
    return len(set(rest)) < _MIN_DIFFERENT


def normalise(password: str) -> bytes:
    """NFC, so that one password typed on two systems is one password; nothing is cut off."""
    return unicodedata.normalize("NFC", password).encode()
