"""Unix sockets that no second process steals: binding the same path twice would silently move the clients over."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNIX = "unix:"
# sun_path holds 108 bytes with its final NUL (unix(7)).
MAX_PATH_BYTES = 107


class SocketTaken(RuntimeError):
    """Another live process serves this address."""


@contextmanager
def claimed(address: str) -> Iterator[None]:
    """Holds `address` for this process while the block runs; files made in it are the owner's alone.

    Other addresses than `unix:/path` need no claim: the kernel refuses a second listener on a port.

    Raises:
        SocketTaken: Another process holds it.
        ValueError: The path is longer than the kernel takes.
    """
    if not address.startswith(UNIX):
        yield
        return
    path = Path(address.removeprefix(UNIX))
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise ValueError(f"the socket path is longer than {MAX_PATH_BYTES} bytes: {path}")
    os.umask(0o177)
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SocketTaken(f"another process serves {path.name}") from None
        path.unlink(missing_ok=True)
        yield
        path.unlink(missing_ok=True)
    finally:
        os.close(lock)
