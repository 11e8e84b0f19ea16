"""Starting one child process: its own process group, only the environment it is given, never outliving its parent."""

import ctypes
import functools
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child must not load libraries between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    output: IO[bytes] | int | None = None,
    user: str | None = None,
    folder: Path | None = None,
    parent_death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts a child in its own session; the kernel sends it `parent_death_signal` when the calling thread ends.

    Call it from a thread that lives as long as the child should, the main thread as a rule.

    Args:
        command: Program and arguments; visible to every user of the machine, so nothing secret.
        environment: All of the child's environment.
        output: Where stdout and stderr go; nowhere when None.
        user: Whom to run as (needs root); the calling user when None.
        folder: Working folder.
        parent_death_signal: Linux only; elsewhere the child is stopped by its supervisor alone.
    """
    account = pwd.getpwnam(user) if user else None
    return subprocess.Popen(  # noqa: S603 - the commands are ours
        list(command),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if output is None else output,
        stderr=subprocess.STDOUT,
        cwd=folder,
        start_new_session=True,
        umask=0o077,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        # The only hook that runs after the change of user, which would clear the request again.
        preexec_fn=_die_with_parent(os.getpid(), parent_death_signal),
    )


def _die_with_parent(parent: int, number: int) -> Callable[[], None] | None:
    return functools.partial(_ask_for_death_signal, _libc, parent, number) if _libc else None


def _ask_for_death_signal(libc: ctypes.CDLL, parent: int, number: int) -> None:
    libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # the parent died before the request was in place
        os._exit(1)


def born(process_id: int) -> str | None:
    """When a living process began; with its number it names one process for ever. None when there is no such process.

    On Linux it is counted from the machine's start, so that a corrected clock changes nothing.
    """
    try:
        process = psutil.Process(process_id)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if sys.platform != "linux":
            return str(process.create_time())
        # After the name in parentheses, which may hold anything, the 20th field is the start.
        fields = Path(f"/proc/{process_id}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{fields[19]}"
    except (psutil.Error, ValueError, OSError):
        return None


def signal_group(process_id: int, number: signal.Signals) -> None:
    """Sends a signal to a child and everything it has started; a group that is gone is fine."""
    try:
        os.killpg(process_id, number)
    except ProcessLookupError:
        return
