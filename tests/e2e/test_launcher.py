"""The launcher on the whole system: twice is once, nothing is open to others."""

import os
import stat
import subprocess
from pathlib import Path

import psutil
import pytest

from deploy.local.postgres import EmbeddedPostgres
from tests.support.system import System

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.timeout(300)]
PROCESSES = {
    "postgres", "valkey", "goals", "coach", "mentor", "analytics", "notify", "gateway", "worker", "beat",
}  # fmt: skip


def test_all_processes_run(system: System):
    assert {told["name"] for told in system.state()["processes"]} == PROCESSES


def test_started_twice_says_so(system: System):
    again = system.command("up")

    assert again.returncode == 0
    assert "already" in again.stdout.lower()
    assert system.base_url in again.stdout


def test_a_taken_port_is_one_clear_line(system: System, tmp_path: Path):
    other = System(
        home=tmp_path / "other",
        base_url=system.base_url,
        environment={**system.environment, "TANDEM_HOME": str(tmp_path / "other"), "TANDEM_RUN_DIR": str(tmp_path)},
    )

    refused = other.command("up")

    assert refused.returncode != 0
    assert len(refused.stderr.strip().splitlines()) == 1
    assert system.base_url.rpartition(":")[2] in refused.stderr


def test_nothing_listens_but_the_gateway_on_loopback(system: System):
    wanted = {int(system.environment[name]) for name in ("TANDEM_GATEWAY_PORT", "TANDEM_OPS_PORT")}
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for name in PROCESSES
        for process in [psutil.Process(system.pid(name))]
        for one in [process, *process.children(recursive=True)]
        for connection in one.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert listening == {("127.0.0.1", port) for port in wanted}


def test_home_and_sockets_are_closed_to_others(system: System):
    for folder in (system.home, system.home / "keys", Path(system.environment["TANDEM_RUN_DIR"])):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0, folder
    for file in (system.home / "keys").rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


def test_every_socket_is_its_owner_s_alone(system: System):
    """Were the folder open by mistake, the sockets in it would still be closed."""
    sockets = {
        file.relative_to(system.environment["TANDEM_RUN_DIR"]).as_posix(): stat.S_IMODE(file.stat().st_mode)
        for file in Path(system.environment["TANDEM_RUN_DIR"]).rglob("*")
        if file.is_socket()
    }

    services = {"goals", "coach", "mentor", "analytics", "notify"}
    assert sockets.keys() >= {f"{name}{kind}.sock" for name in services for kind in ("", "-ops")}
    assert {name: oct(mode) for name, mode in sockets.items() if mode != 0o600} == {}
    # For root PostgreSQL is another user, and its socket lies with its data.
    run_dir = Path(system.environment["TANDEM_RUN_DIR"])
    database = EmbeddedPostgres(system.home / "postgres", run_dir / "pg", password="").socket
    assert stat.S_IMODE(database.stat().st_mode) & 0o077 == 0


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="skipped: needs root to act as another user")
def test_another_user_can_neither_read_nor_enter(system: System):
    run_dir = system.environment["TANDEM_RUN_DIR"]
    parent = subprocess.run(
        ["ls", str(system.home.parent)], user=65534, group=65534, extra_groups=[], capture_output=True, check=True
    )
    assert b"home" in parent.stdout.split()
    for command in (
        ["ls", str(system.home)],
        ["ls", run_dir],
        ["cat", str(system.home / "keys" / "gateway.secret")],
        ["cat", str(system.home / "state.json")],
    ):
        tried = subprocess.run(command, user=65534, group=65534, extra_groups=[], capture_output=True, check=False)
        assert tried.returncode != 0, command
        assert tried.stdout == b"", command


def test_nothing_secret_is_on_a_command_line(system: System):
    secrets = {
        file.read_text().strip() for file in (system.home / "keys").iterdir() if file.suffix in (".password", ".secret")
    }
    lines = [" ".join(psutil.Process(system.pid(name)).cmdline()) for name in PROCESSES]

    assert len(secrets) >= 10
    assert [line for line in lines for secret in secrets if secret in line] == []


def test_status_names_every_process(system: System):
    shown = system.command("status")

    assert shown.returncode == 0
    assert set(shown.stdout.replace("│", " ").split()) >= PROCESSES
