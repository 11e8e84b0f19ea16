"""Running PostgreSQL for root: it refuses to run as root, so a system user of ours owns its binaries' copy and data.

Everything lies below one folder of the system; nothing outside it is created, opened up or changed. A home keeps a
link to its data, so that whoever removes a home by `make reset` removes the data as well.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.folders import make_private, write_private
from deploy.local.problems import LocalProblem, describe

USER = "tandem-postgres"
ROOT = Path("/var/lib/tandem")
_NO_LOGIN = "/usr/sbin/nologin"


def ensure_user() -> pwd.struct_passwd:
    """Makes the system user when it is missing.

    Raises:
        LocalProblem: It cannot be made, or somebody can log in under that name.
    """
    try:
        account = pwd.getpwnam(USER)
    except KeyError:
        account = _make_user()
    if not account.pw_shell.endswith(("nologin", "false")):
        raise LocalProblem(f"the user {USER} can log in, so it cannot keep the database; run as an ordinary user")
    return account


def _make_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(ROOT)]
    try:
        with root_lock():
            subprocess.run(  # noqa: S603 - a fixed command
                [*command, "--shell", _NO_LOGIN, USER],
                check=False,
                capture_output=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            )
        return pwd.getpwnam(USER)
    except (OSError, KeyError):
        raise LocalProblem(
            f"PostgreSQL does not run as root and the system user {USER} cannot be made here; run as an ordinary user"
        ) from None


@contextmanager
def root_lock() -> Iterator[None]:
    """Serialises what concurrent launchers of root prepare for all homes."""
    with open(_root() / ".lock", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _root() -> Path:
    try:
        if not ROOT.exists():
            ROOT.mkdir()
            ROOT.chmod(0o711)  # whatever the umask
        found = ROOT.lstat()
    except OSError as failure:
        raise LocalProblem(f"cannot make the folder {ROOT}: {describe(failure)}") from failure
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or stat.S_IMODE(found.st_mode) & 0o022:
        raise LocalProblem(f"{ROOT} must be a folder of root that nobody else can write to")
    return ROOT


def copy_of(installation: Path, *, name: str) -> Path:
    """A copy of the server's binaries that the system user can reach, made once per version.

    The wheel may lie below a folder that only root can enter. Root owns the copy, so the server cannot change it.

    Args:
        installation: A PostgreSQL installation inside the package's folder; its libraries lie in a folder beside the
            package, which the binaries find relative to themselves.
        name: Package and version.
    """
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    copy = _root() / name
    with root_lock():
        if not copy.is_dir():
            fresh = copy.with_name(f".{name}.{os.getpid()}")
            shutil.rmtree(fresh, ignore_errors=True)
            try:
                for part in ("bin/postgres", "bin/initdb", "lib/postgresql", "share/postgresql"):
                    _copy(installation / part, fresh / package.name / installation.name / part)
                if libraries.is_dir():
                    _copy(libraries, fresh / libraries.name)
                fresh.rename(copy)
            except OSError as failure:
                shutil.rmtree(fresh, ignore_errors=True)
                raise LocalProblem(f"cannot copy PostgreSQL to {copy}: {describe(failure)}") from failure
    return copy / package.name / installation.name


def _copy(source: Path, target: Path) -> None:
    _open_folder(target.parent)
    if source.is_dir():
        _open_folder(target)
        for child in source.iterdir():
            _copy(child, target / child.name)
    else:
        shutil.copyfile(source, target)
        target.chmod(0o755 if source.parent.name == "bin" else 0o644)


def _open_folder(folder: Path) -> None:
    if folder != ROOT and not folder.is_dir():
        _open_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask


def place_of(data: Path) -> Path:
    """Where the data that a home calls `data` lies for root."""
    return ROOT / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]


def prepare_place(data: Path, owner: int) -> Path:
    """Makes the place for `data` and the link to it.

    A place without a link is what a removed home left behind: it is put aside, one generation of it, because without
    the home's keys nobody can read it.

    Raises:
        LocalProblem: `data` is something else than our link; the home was copied or moved.
    """
    place = place_of(data)
    _root()
    if data.is_symlink():
        if data.readlink() != place / "data":
            raise LocalProblem(f"{data} leads to {data.readlink()}: the home was moved or copied; move it back")
        if place.is_dir():
            return place
    elif data.exists():
        raise LocalProblem(f"{data} was made by another user than root; run as that user or make reset")
    else:
        _remove_orphans()
        _put_aside(place)
        data.parent.mkdir(parents=True, exist_ok=True)
        data.symlink_to(place / "data")
    # Beside the place, in root's own folder: what lies in the place, its owner may have made.
    write_private(_note_of(place), str(data))
    make_private(place, owner=owner)
    return place


def remove_place(data: Path) -> None:
    """Removes data and link; fine when there is none."""
    place = place_of(data)
    if data.is_symlink() and data.readlink() == place / "data":
        shutil.rmtree(place, ignore_errors=True)
        _note_of(place).unlink(missing_ok=True)
        data.unlink()


def _note_of(place: Path) -> Path:
    """Where it is written which home a place belongs to."""
    return place.with_name(f"{place.name}.home")


def _put_aside(place: Path) -> None:
    if place.exists():
        aside = place.with_name(f"{place.name}.aside")
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)


def _remove_orphans() -> None:
    """Removes what homes in the temporary folder, tests mostly, left behind; other homes may just not be mounted."""
    temporary = Path(tempfile.gettempdir())
    for note in ROOT.glob("*.home"):
        with contextlib.suppress(FileNotFoundError):  # another launcher may be at it as well
            data = Path(note.read_text(encoding="utf-8"))
            if data.is_relative_to(temporary) and not data.is_symlink():
                for place in (ROOT / note.stem, ROOT / f"{note.stem}.aside"):
                    shutil.rmtree(place, ignore_errors=True)
                note.unlink()
