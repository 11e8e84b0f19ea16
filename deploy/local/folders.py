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
        try:
            folder.mkdir(mode=0o700)
            if owner != os.geteuid():
                os.chown(folder, owner, -1)
        except FileExistsError:
            pass
        found = folder.lstat()
        if stat.S_ISLNK(found.st_mode) or not stat.S_ISDIR(found.st_mode):
            raise LocalProblem(f"{folder} is not a folder; move it away or choose another place")
        if found.st_uid != owner:
            raise LocalProblem(f"{folder} belongs to another user; remove it or choose another place")
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as failure:
        raise LocalProblem(f"cannot make the folder {folder}: {describe(failure)}") from failure
    return folder


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
