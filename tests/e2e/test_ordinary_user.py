"""The whole system as somebody without any rights starts it, where all other tests may run as root."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.ordinary import NOBODY, OrdinaryUser, ordinary_user
from tests.support.system import ROOT, free_port

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="skipped: needs root to act as another user"),
    pytest.mark.xdist_group("launcher"),
    pytest.mark.timeout(400),
]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that anybody may enter."""
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_an_ordinary_user_starts_uses_and_stops_it(place: Path):
    user = ordinary_user(place)
    home = place / "theirs"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "TANDEM_HOME": str(home / "state"),
        "TANDEM_GATEWAY_PORT": str(free_port()),
        "TANDEM_OPS_PORT": str(free_port()),
    }

    def told(*arguments: str, module: str = "deploy.local") -> tuple[int, str]:
        ran = user.run(["-m", module, *arguments], environment=environment, folder=ROOT, timeout_s=180)
        return ran.returncode, ran.stdout + ran.stderr

    skip_unless_readable(user, environment)
    try:
        started = told("up")
        assert started[0] == 0, started[1]
        state = json.loads((home / "state" / "state.json").read_text())
        processes = [psutil.Process(one["pid"]) for one in state["processes"]]

        assert {process.uids().effective for process in processes} == {NOBODY}
        assert {psutil.Process(state["pid"]).uids().effective} == {NOBODY}
        walked = told(module="deploy.local.demo")
        assert walked[0] == 0, walked[1]
        assert "Everything answered as it should." in walked[1]
        assert told("down")[0] == 0
        assert told("status")[0] == 3
        assert [process for process in processes if process.is_running()] == []
        # Nothing of theirs is root's, so that they can remove it.
        assert {file.lstat().st_uid for file in home.rglob("*")} == {NOBODY}
    finally:
        told("down")
        assert told("reset", "--yes")[0] == 0


def skip_unless_readable(user: OrdinaryUser, environment: dict[str, str]) -> None:
    """A checkout in root's own home can be read by nobody else."""
    looked = user.run(["-c", "import deploy.local"], environment=environment, folder=Path("/"), timeout_s=60)
    if looked.returncode != 0:
        pytest.skip("skipped: other users cannot read this checkout")
