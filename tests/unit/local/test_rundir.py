"""The folder of sockets and the ports: private, short enough, free."""

import os
import socket
import stat
from pathlib import Path

import pytest

from deploy.local import rundir
from deploy.local.problems import LocalProblem


def test_every_home_has_a_folder_of_its_own(tmp_path: Path) -> None:
    one, other = rundir.choose(tmp_path / "one"), rundir.choose(tmp_path / "other")

    assert one != other
    assert one == rundir.choose(tmp_path / "one")
    assert one.name.startswith(f"tandem-{os.geteuid()}-")


def test_a_configured_folder_wins(tmp_path: Path) -> None:
    assert rundir.choose(tmp_path, Path("/run/tandem")) == Path("/run/tandem")


def test_a_path_too_long_for_sockets_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalProblem, match="too long for a folder of sockets; set TANDEM_RUN_DIR"):
        rundir.choose(tmp_path, Path("/" + "x" * 100))


def test_the_folder_is_private(tmp_path: Path) -> None:
    rundir.prepare(tmp_path / "run")

    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700


def test_a_shared_folder_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letters").touch()
    tmp_path.chmod(0o777)

    with pytest.raises(LocalProblem, match="is open to other users"):
        rundir.prepare(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o777


def test_removing_takes_sockets_only(tmp_path: Path) -> None:
    (tmp_path / "letters").touch()
    (tmp_path / "goals.sock.lock").touch()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "goals.sock"))

    rundir.remove(tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["letters"]


def test_a_link_that_somebody_has_laid_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(LocalProblem, match="is not a folder"):
        rundir.prepare(tmp_path / "run")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make somebody else's folder")
def test_a_folder_that_somebody_else_has_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    os.chown(tmp_path / "run", 12345, 12345)

    with pytest.raises(LocalProblem, match="belongs to another user"):
        rundir.prepare(tmp_path / "run")


def test_a_taken_port_is_told_with_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(LocalProblem, match=f"port {port} is taken.*; free it or set TANDEM_GATEWAY_PORT"):
            rundir.require_free(port, setting="TANDEM_GATEWAY_PORT")

    rundir.require_free(port, setting="TANDEM_GATEWAY_PORT")


def test_a_port_that_is_shared_counts_as_taken() -> None:
    """A server of another system may allow sharing its port; ours must not slip in beside it."""
    with socket.socket() as shared:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        shared.bind(("127.0.0.1", 0))
        shared.listen()

        with pytest.raises(LocalProblem, match="is taken"):
            rundir.require_free(shared.getsockname()[1], setting="TANDEM_GATEWAY_PORT")
