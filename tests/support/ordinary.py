"""An ordinary user of the machine, for tests that root runs: a Python that they may run, and commands as they."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True)
class OrdinaryUser:
    """Who may do what anybody may.

    Attributes:
        python: An interpreter with what is installed here.
    """

    python: Path

    def run(
        self, arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path, timeout_s: float
    ) -> "subprocess.CompletedProcess[str]":
        """Runs Python as this user."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=folder,
            env=dict(environment),
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
            check=False,
        )


def ordinary_user(folder: Path) -> OrdinaryUser:
    """Somebody with an environment of their own in a folder.

    Root's Python often lies in root's home, where nobody else gets to. Its files are linked into the folder, which
    costs nothing, or copied where links cannot go.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    given, own = Path(sys.base_prefix), folder / "python"
    (own / "bin").mkdir(parents=True)
    _take_program(given.resolve() / "bin" / version, own / "bin" / version, libraries=given / "lib")
    for library in (given / "lib").glob("libpython*"):
        _take(library.resolve(), own / "lib" / library.name)
    _take_all(Path(sysconfig.get_path("stdlib", vars={"base": str(given)})), own / "lib" / version)
    place = folder / "environment"
    (place / "bin").mkdir(parents=True)
    (place / "lib" / version).mkdir(parents=True)
    (place / "pyvenv.cfg").write_text(f"home = {own / 'bin'}\ninclude-system-site-packages = false\n")
    (place / "bin" / "python").symlink_to(own / "bin" / version)
    (place / "lib" / version / "site-packages").symlink_to(sysconfig.get_path("purelib"))
    return OrdinaryUser(place / "bin" / "python")


def _take_program(given: Path, own: Path, *, libraries: Path) -> None:
    """An interpreter that looks for its own library beside itself, and not where only root gets to."""
    place, beside = str(libraries).encode() + b"\0", b"$ORIGIN/../lib"
    content = given.read_bytes()
    if len(beside) < len(place):
        content = content.replace(place, beside.ljust(len(place), b"\0"))
    own.write_bytes(content)
    own.chmod(0o755)


def _take_all(given: Path, own: Path) -> None:
    """A standard library without what is installed beside it. With its byte-code, which they may not write."""
    skipped = shutil.ignore_patterns("site-packages", "test", "idlelib", "config-*")
    shutil.copytree(given, own, ignore=skipped, copy_function=_take)


def _take(given: str | Path, own: str | Path) -> str:
    Path(own).parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(given, own)
    except OSError:
        shutil.copy2(given, own)
    return str(own)
