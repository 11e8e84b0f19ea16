"""What `make` says where Python is old, incomplete or absent: one line that names the remedy."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.settings import PROJECT

# A stand-in for an interpreter: its version, and whether it can make virtual environments.
STUB = """#!/bin/sh
case "$*" in
  --version) echo "Python {version}" ;;
  *version_info\\ \\<*) exit {too_old} ;;
  *ensurepip*) exit {incomplete} ;;
  *print*) echo {version} | cut -d. -f1,2 ;;
  *) exit 9 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as installing looks at, and a PATH without Python."""
    (tmp_path / "deploy/local").mkdir(parents=True)
    for script in ("ports.sh", "install.sh", "pip.lock"):
        shutil.copy(PROJECT / "deploy/local" / script, tmp_path / "deploy/local")
    for name in ("requirements.lock", "pyproject.toml", "Makefile"):
        shutil.copy(PROJECT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "cat", "cksum", "dirname", "cut", "make", "rm", "grep", "mktemp", "awk"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def add_python(checkout: Path, name: str, version: str, *, too_old: bool = False, incomplete: bool = False) -> None:
    stub = checkout / "bin" / name
    stub.write_text(STUB.format(version=version, too_old=int(too_old), incomplete=int(incomplete)))
    stub.chmod(0o755)


def make(checkout: Path, target: str = "up") -> list[str]:
    """The lines that a failing `make` says, without its own last word."""
    told = subprocess.run(
        ["make", target],
        cwd=checkout,
        env={"PATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
        check=False,
        executable=str(shutil.which("make")),
    )
    assert told.returncode != 0
    return [line for line in (told.stdout + told.stderr).splitlines() if not line.startswith("make")]


def test_no_python_at_all(checkout: Path) -> None:
    assert make(checkout) == [
        "tandem: Python 3.11 or newer is needed; install python3.11 and python3.11-venv"
    ]  # fmt: skip


def test_an_old_python_is_named(checkout: Path) -> None:
    add_python(checkout, "python3", "3.9.2", too_old=True)

    assert make(checkout) == [
        "tandem: Python 3.11 or newer is needed, here is Python 3.9.2; install python3.11 and python3.11-venv"
    ]


def test_the_missing_package_is_named(checkout: Path) -> None:
    add_python(checkout, "python3.12", "3.12.4", incomplete=True)

    assert make(checkout) == [
        "tandem: python3.12 cannot make virtual environments; install the package python3.12-venv"
    ]


def test_a_complete_python_is_preferred_to_an_incomplete_older_one(checkout: Path) -> None:
    add_python(checkout, "python3.11", "3.11.2", incomplete=True)
    add_python(checkout, "python3.13", "3.13.1")

    assert "Python 3.13.1" in make(checkout)[0]


def install(checkout: Path) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["sh", "deploy/local/install.sh", "requirements.lock"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin")},
        capture_output=True,
        check=False,
        executable=str(shutil.which("sh")),
    )


def stamp_as_installed(checkout: Path, where: Path) -> None:
    """Leaves what an installation in `where` leaves; the stamp is the content of what was installed, and where."""
    python = checkout / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/bin/true")
    files = ("requirements.lock", "pyproject.toml", "deploy/local/install.sh", "deploy/local/pip.lock")
    content = b"".join([f"{where.resolve()}\n".encode(), *((checkout / name).read_bytes() for name in files)])
    stamp = subprocess.run(["cksum"], input=content, capture_output=True, check=True).stdout
    (checkout / ".venv/.installed-requirements.lock").write_bytes(stamp)
    (checkout / ".venv/.checkout").write_text(f"{where.resolve()}\n")


def test_nothing_is_done_where_the_lock_is_installed(checkout: Path) -> None:
    stamp_as_installed(checkout, checkout)

    done = install(checkout)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_moved_checkout_is_installed_anew(checkout: Path) -> None:
    """Its .venv leads to the place it was moved from."""
    stamp_as_installed(checkout, checkout.with_name("before"))
    add_python(checkout, "python3.11", "3.11.9")

    done = install(checkout)

    assert done.stdout.startswith(b"Making .venv with Python 3.11.9")
    assert not (checkout / ".venv").exists()


def test_make_alone_explains_every_target(checkout: Path) -> None:
    told = subprocess.run(["make"], cwd=checkout, capture_output=True, text=True, check=True).stdout

    for target in (
        "up",
        "down",
        "logs",
        "status",
        "reset",
        "demo",
        "test",
        "lint",
        "bench",
        "protos",
        "setup",
        "locks",
    ):
        assert f"make {target} " in told


def test_stopping_before_anything_was_installed_is_one_line(checkout: Path) -> None:
    assert make(checkout, "down") == ["Nothing is installed yet; start with make up."]
