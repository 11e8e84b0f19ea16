"""The embedded PostgreSQL and Valkey: real servers, private to their user, safe under kill -9."""

import os
import pwd
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from deploy.local import system_user
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.problems import LocalProblem
from deploy.local.valkey import EmbeddedValkey

pytestmark = pytest.mark.xdist_group("stores")
PASSWORD = "a-Password_7"


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        server = EmbeddedPostgres(Path(folder, "pg"), Path(folder, "s"), password=PASSWORD)
        server.initialise()
        server.start()
        yield server
        server.stop()
        server.remove()


@pytest.fixture(scope="module")
def valkey() -> Iterator[EmbeddedValkey]:
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        server = EmbeddedValkey(Path(folder, "vk"), Path(folder, "s", "valkey.sock"), password=PASSWORD)
        server.initialise()
        server.start()
        yield server
        server.stop()
        server.remove()


def entries_open_to_others(*roots: Path) -> list[str]:
    """What below and including the roots lets anybody but its owner in. A closed root closes all below it."""
    return [str(root) for root in roots if stat.S_IMODE(root.stat().st_mode) & 0o077]


async def ask(postgres: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("log_min_error_statement", "panic"),
        ("log_error_verbosity", "terse"),
        ("password_encryption", "scram-sha-256"),
    ],
)
async def test_settings_that_keep_promises(postgres: EmbeddedPostgres, setting: str, value: str) -> None:
    assert await ask(postgres, f"SHOW {setting}") == value


async def test_it_is_the_version_and_collation_that_was_asked_for(postgres: EmbeddedPostgres) -> None:
    assert str(await ask(postgres, "SHOW server_version")).startswith("18.")
    assert await ask(postgres, "SELECT datlocprovider::text || datlocale FROM pg_database LIMIT 1") == "bC.UTF-8"
    assert await ask(postgres, "SELECT lower('ÄÉ')") == "äé"


async def test_postgresql_16_runs_with_the_same_meaning_of_text(short_folder: Path) -> None:
    server = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD, major=16, fsync=False)
    server.initialise()
    server.start()

    version = str(await ask(server, "SHOW server_version"))
    lowered = await ask(server, "SELECT lower('ÄÉ')")

    server.stop()
    server.remove()
    assert version.startswith("16.")
    assert lowered == "äé"


async def test_a_wrong_password_is_refused_even_on_the_socket(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn(password="guess"))


async def test_a_killed_postmaster_starts_again_with_all_that_was_acknowledged(postgres: EmbeddedPostgres) -> None:
    await ask(postgres, "CREATE TABLE kept AS SELECT generate_series(1, 100) AS n")
    assert postgres.process_id is not None

    os.kill(postgres.process_id, signal.SIGKILL)
    postgres.stop()
    postgres.start()

    assert await ask(postgres, "SELECT count(*) FROM kept") == 100


async def test_a_lock_that_names_a_stranger_does_not_block_the_start(postgres: EmbeddedPostgres) -> None:
    """After a restart of the machine the old number may belong to somebody else."""
    lines = (postgres.data / "postmaster.pid").read_text().splitlines()
    assert postgres.process_id is not None
    os.kill(postgres.process_id, signal.SIGKILL)
    postgres.stop()
    with subprocess.Popen(["sleep", "600"], user=postgres.user) as stranger:  # noqa: ASYNC220 - it only sleeps
        (postgres.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")

        postgres.start()

        assert await ask(postgres, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


async def test_a_second_server_on_the_same_data_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(LocalProblem, match="PostgreSQL still runs"):
        postgres.prepare(patience_s=0.2)

    assert await ask(postgres, "SELECT 1") == 1


async def test_a_server_is_found_through_a_link(postgres: EmbeddedPostgres, short_folder: Path) -> None:
    (short_folder / "linked").symlink_to(postgres.data.parent)
    other = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD)
    other.data = short_folder / "linked" / postgres.data.name

    with pytest.raises(LocalProblem, match="PostgreSQL still runs"):
        other.prepare(patience_s=0)

    assert (postgres.data / "postmaster.pid").exists()


def test_data_has_one_name_whatever_links_lead_to_it(short_folder: Path) -> None:
    (short_folder / "real").mkdir()
    (short_folder / "linked").symlink_to("real")

    direct, linked = (
        EmbeddedPostgres(short_folder / name / "pg", short_folder / "s", password=PASSWORD)
        for name in ("real", "linked")
    )

    assert linked.data == direct.data


def test_a_lock_that_names_a_living_server_is_kept(postgres: EmbeddedPostgres, short_folder: Path) -> None:
    other = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD)
    other.data = short_folder / "data"
    other.data.mkdir()
    lock = other.data / "postmaster.pid"
    lock.write_text(f"{postgres.process_id}\n{other.data}\n")

    with pytest.raises(LocalProblem, match=f"names process {postgres.process_id}"):
        other.prepare(patience_s=0)

    assert lock.exists()


async def test_initialising_again_keeps_the_data(postgres: EmbeddedPostgres) -> None:
    await ask(postgres, "CREATE TABLE empty ()")

    postgres.initialise()

    assert await ask(postgres, "SELECT count(*) FROM empty") == 0


def test_half_a_cluster_is_made_anew(short_folder: Path) -> None:
    server = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD, fsync=False)
    server.initialise()
    server.data.rename(server.data.with_name("data.half"))
    (server.data.with_name(f"{server.data.name}.new")).mkdir()

    server.initialise()

    assert (server.data / "PG_VERSION").read_text().strip() == "18"
    server.remove()


def test_data_of_another_version_is_told(short_folder: Path) -> None:
    old = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD, major=16, fsync=False)
    old.initialise()

    with pytest.raises(LocalProblem, match="holds data of PostgreSQL 16, this is 18"):
        EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD).initialise()
    old.remove()


def test_nobody_else_can_enter_the_database(postgres: EmbeddedPostgres) -> None:
    assert entries_open_to_others(postgres.data, postgres.socket_dir, postgres.socket) == []
    assert psutil.Process(postgres.process_id).net_connections("inet") == []


def test_nothing_secret_is_on_a_command_line(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    seen = [process.cmdline() for process in (psutil.Process(postgres.process_id), psutil.Process(valkey.process_id))]

    assert PASSWORD not in str(seen)
    assert PASSWORD not in str(postgres.command() + valkey.command())


def test_valkey_is_private_and_durable(valkey: EmbeddedValkey) -> None:
    assert entries_open_to_others(valkey.data, valkey.socket.parent, valkey.socket) == []
    assert stat.S_IMODE((valkey.data / "valkey.conf").stat().st_mode) == 0o600
    assert psutil.Process(valkey.process_id).net_connections("inet") == []
    with redis.Redis.from_url(valkey.url(1)) as client:
        kept = {name: client.config_get(name)[name] for name in ("appendonly", "appendfsync", "maxmemory-policy")}
    assert kept == {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}


def test_valkey_asks_for_the_password(valkey: EmbeddedValkey) -> None:
    with redis.Redis(unix_socket_path=str(valkey.socket)) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_killed_valkey_comes_back_with_its_data(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url(1)) as client:
        client.xadd("tandem:events:test", {"n": "1"})
    assert valkey.process_id is not None

    os.kill(valkey.process_id, signal.SIGKILL)
    valkey.stop()
    valkey.start()

    with redis.Redis.from_url(valkey.url(1)) as client:
        assert client.xlen("tandem:events:test") == 1


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a system user run PostgreSQL")
class TestAsRoot:
    def test_the_server_runs_as_a_user_nobody_can_be(self, postgres: EmbeddedPostgres) -> None:
        account = pwd.getpwnam(system_user.USER)

        assert psutil.Process(postgres.process_id).uids().real == account.pw_uid
        assert account.pw_shell.endswith("nologin")

    def test_the_home_keeps_a_link_and_removing_it_removes_the_data(self, short_folder: Path) -> None:
        server = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD, fsync=False)
        server.initialise()
        place = server.data.parent
        linked = (short_folder / "pg").readlink()

        server.remove()

        assert linked == server.data
        assert not place.exists()
        assert list(short_folder.iterdir()) == []

    def test_the_server_cannot_change_its_binaries(self, postgres: EmbeddedPostgres) -> None:
        binary = Path(postgres.command()[0])

        owners = {path.stat().st_uid for path in (binary, *binary.parents)}
        writable = [path for path in (binary, *binary.parents[:-1]) if stat.S_IMODE(path.stat().st_mode) & 0o022]

        assert owners == {0}
        assert writable == []

    @pytest.mark.parametrize("what", ["data", "socket_dir", "socket"])
    def test_another_user_gets_nowhere(self, postgres: EmbeddedPostgres, what: str) -> None:
        target = getattr(postgres, what)
        tried = subprocess.run(
            ["/bin/sh", "-c", f"ls {target} || cat {target} || echo x > {target}/x"],
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )

        assert tried.returncode != 0
        assert tried.stdout == ""

    def test_a_moved_home_is_told(self, short_folder: Path) -> None:
        server = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD, fsync=False)
        server.initialise()
        (short_folder / "elsewhere").symlink_to((short_folder / "pg").readlink())

        moved = EmbeddedPostgres(short_folder / "elsewhere", short_folder / "s", password=PASSWORD)

        with pytest.raises(LocalProblem, match="the home was moved or copied"):
            moved.initialise()
        server.remove()

    def test_root_writes_nothing_through_links_of_the_databases_user(self, short_folder: Path) -> None:
        server = EmbeddedPostgres(short_folder / "pg", short_folder / "s", password=PASSWORD, fsync=False)
        account = system_user.ensure_user()
        place = system_user.prepare_place(short_folder / "pg", account.pw_uid)
        target = short_folder / "roots"
        target.mkdir()
        target.chmod(0o755)
        (place / "socket").symlink_to(target)

        with pytest.raises(LocalProblem, match="is not a folder"):
            server.initialise()

        note = place.with_name(f"{place.name}.home")
        assert (target.stat().st_uid, stat.S_IMODE(target.stat().st_mode)) == (0, 0o755)
        assert [entry.name for entry in place.iterdir()] == ["socket"]
        assert (note.stat().st_uid, note.read_text()) == (0, str(short_folder / "pg"))
        server.remove()
        assert not note.exists()
