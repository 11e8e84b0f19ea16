"""Stopping and resetting: the launcher that holds the home is told, and nobody else, whatever the state file says."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import commands
from deploy.local import home as homes
from deploy.local.child import born
from deploy.local.home import Home
from deploy.local.launcher import Launcher, build
from deploy.local.problems import LocalProblem
from deploy.local.settings import read_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home(tmp_path / "home")
    homes.prepare(made)
    monkeypatch.setenv("TANDEM_HOME", str(made.path))
    return made


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has nothing to do with the home."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def test_a_process_that_reused_the_launchers_number_is_left_alone(
    home: Home, stranger: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_CLAIM_PATIENCE_S", 0.3)
    home.write_state({"pid": stranger.pid, "born": "another start"})

    with home.locked(), pytest.raises(LocalProblem, match="nobody says by whom"):
        commands._stop(home)

    assert stranger.poll() is None


def test_a_launcher_that_says_who_it_is_a_moment_later_is_stopped(
    home: Home, stranger: "subprocess.Popen[bytes]"
) -> None:
    home.write_state({"pid": os.getpid(), "born": "an earlier run"})
    holding = home.locked()
    holding.__enter__()
    late = threading.Timer(0.3, home.write_state, ({"pid": stranger.pid, "born": born(stranger.pid)},))
    late.start()
    letting_go = threading.Thread(target=lambda: (stranger.wait(), holding.__exit__(None, None, None)))
    letting_go.start()

    commands._stop(home)

    letting_go.join()
    assert stranger.returncode == -signal.SIGTERM


def test_a_launcher_that_ends_by_itself_is_fine(home: Home) -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        home.write_state({"pid": process.pid, "born": born(process.pid) or "ended"})
    holding = home.locked()
    holding.__enter__()
    threading.Timer(0.3, holding.__exit__, (None, None, None)).start()

    commands._stop(home)

    assert not home.is_running()


def test_a_process_is_named_by_its_number_and_its_birth(stranger: "subprocess.Popen[bytes]") -> None:
    before = born(stranger.pid)
    stranger.kill()
    stranger.wait()

    assert before not in (None, born(os.getpid()))
    assert born(stranger.pid) is None


def test_a_launcher_says_who_it_is_before_anything_else(home: Home) -> None:
    child = {"pid": 4_000_000, "born": "earlier", "name": "goals"}
    home.write_state({"pid": 4_000_001, "born": "earlier", "phase": "running", "processes": [child]})
    seen: list[dict[str, object]] = []

    class Looking(Launcher):
        async def _run(self) -> None:
            seen.append(home.read_state())

    Looking(build(*read_settings())).run()

    assert (seen[0]["pid"], seen[0]["born"]) == (os.getpid(), born(os.getpid()))
    assert seen[0]["phase"] == "preparing"
    assert seen[0]["former"] == [{"pid": 4_000_000, "born": "earlier"}]


def test_reset_removes_the_sockets_of_the_system_that_ran(home: Home, tmp_path: Path) -> None:
    """Whoever resets may have another TMPDIR than whoever started."""
    run_dir = tmp_path / "run"
    (run_dir / "pg").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(run_dir / "goals.sock"))
    home.write_state({"pid": 1, "run_dir": str(run_dir)})

    assert commands.main(["reset", "--yes"]) == 0

    assert not (run_dir / "goals.sock").exists()
    assert not home.path.exists()
