"""Whether the ports are free is seen before anything is installed."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.settings import PROJECT


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "deploy/local").mkdir(parents=True)
    shutil.copy(PROJECT / "deploy/local/ports.sh", tmp_path / "deploy/local")
    return tmp_path


def look(checkout: Path, **variables: str) -> tuple[int, str]:
    """Exit status and words of the look."""
    told = subprocess.run(
        [checkout / "deploy/local/ports.sh"],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return told.returncode, told.stderr.strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("name", ["TANDEM_GATEWAY_PORT", "TANDEM_OPS_PORT"])
def test_a_taken_port_is_told_before_anything_is_installed(checkout: Path, taken: int, name: str) -> None:
    ports = {"TANDEM_GATEWAY_PORT": str(free_port()), "TANDEM_OPS_PORT": str(free_port()), name: str(taken)}

    assert look(checkout, **ports) == (1, f"tandem: port {taken} is taken; free it or set {name}")


def test_a_port_of_the_file_counts_below_the_environment(checkout: Path, taken: int) -> None:
    (checkout / ".env").write_text(f"# mine\nexport TANDEM_GATEWAY_PORT='{taken}'\nTANDEM_OPS_PORT={free_port()}\n")

    assert look(checkout)[0] == 1
    assert look(checkout, TANDEM_GATEWAY_PORT=str(free_port())) == (0, "")


def test_an_installed_checkout_looks_later(checkout: Path, taken: int) -> None:
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").symlink_to("/bin/true")

    assert look(checkout, TANDEM_GATEWAY_PORT=str(taken)) == (0, "")
