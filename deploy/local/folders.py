"""Private folders: made for one user, refused where anybody else could have prepared or could enter them."""

import os
import stat
from pathlib import Path

from deploy.local.problems import LocalProblem, describe


def make_private(folder: Path, *, owner: int | None = None) -> Path:
    """Makes `folder` (0700) or checks that an existing one is a folder of `owner` that nobody else can enter.

    An owner's folder that is too open is closed; folders above are never touched.

    Args:
        folder: Its parents are made where they are missing.
        owner: User id; the user who runs this when None.

    Raises:
        LocalProblem: It is a link, a file, somebody else's, or cannot be made.
    """
    owner = os.geteuid() if owner is None else owner
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = _make(folder)
        found = folder.lstat()
        if stat.S_ISLNK(found.st_mode) or not stat.S_ISDIR(found.st_mode):
            raise LocalProblem(f"{folder} is not a folder; move it away or choose another place")
        if found.st_uid != owner and not (made and found.st_uid == os.geteuid()):
            raise LocalProblem(f"{folder} belongs to another user; remove it or choose another place")
        _close(folder, owner)
    except OSError as failure:
        raise LocalProblem(f"cannot make the folder {folder}: {describe(failure)}") from failure
    return folder


def _make(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _close(folder: Path, owner: int) -> None:
    """Changes what was opened, never what a name leads to by now: the folder above may be the owner's own."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(descriptor)
        if found.st_uid not in (owner, os.geteuid()):
            raise LocalProblem(f"{folder} belongs to another user; remove it or choose another place")
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.fchmod(descriptor, 0o700)
        if found.st_uid != owner:
            os.fchown(descriptor, owner, -1)
    finally:
        os.close(descriptor)


def write_private(file: Path, content: str) -> None:
    """Writes a file only its owner can read, whole or not at all."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with open(fresh, "x", encoding="utf-8", opener=_open_private) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    except OSError as failure:
        fresh.unlink(missing_ok=True)
        raise LocalProblem(f"cannot write {file}: {describe(failure)}") from failure


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
