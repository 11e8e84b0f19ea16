"""The launcher and its daemon: a killed launcher, a password shown once, the demo, logs, signals, reset.

A start of the whole costs much, so the tests share three: they stand in the order of the system's life. Where root runs
them, somebody without any rights starts it, uses it and stops it; all other tests start theirs as whoever runs them.
"""

import os
import re
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local.home import Home, prepare
from tests.support.ordinary import NOBODY, OrdinaryUser, ordinary_user
from tests.support.spoiling import Spoil, spoiling
from tests.support.system import ROOT, System, stored_files_with

pytestmark = [pytest.mark.xdist_group("launcher"), pytest.mark.timeout(300)]
ADMIN_LINE = re.compile(r"Admin\s+(\S+)\s+(\S+)\s+\(shown only now\)")


@dataclass
class Started:
    """A system whose launcher was killed, and that was started again.

    Attributes:
        first_words: Of its first start.
        later_words: Of the second.
        left_over: The processes that outlived the first launcher.
        written: Headers of who wrote just before that was killed, the path of their goal, and its entry's id.
    """

    system: System
    first_words: str
    later_words: str
    left_over: list[psutil.Process]
    written: tuple[dict[str, str], str, str]


@pytest.fixture(scope="module")
def started() -> Iterator[Started]:
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        Path(folder).chmod(0o755)
        theirs = Path(folder) / "theirs"
        theirs.mkdir()
        user = somebody_else(Path(folder))
        if user is not None:
            os.chown(theirs, NOBODY, NOBODY)
        ports = free_port(), free_port()
        system = System(
            home=theirs / "home",
            base_url=f"http://127.0.0.1:{ports[0]}",
            environment={
                "PATH": "/usr/bin:/bin",
                "HOME": str(theirs),
                "TANDEM_HOME": str(theirs / "home"),
                "TANDEM_GATEWAY_PORT": str(ports[0]),
                "TANDEM_OPS_PORT": str(ports[1]),
            },
            user=user,
        )
        try:
            first = system.up().stdout
            written = wrote(system)
            children = [psutil.Process(told["pid"]) for told in system.state()["processes"]]
            os.kill(system.state()["pid"], signal.SIGKILL)
            _, left_over = psutil.wait_procs(children, timeout=35)
            yield Started(system, first, system.up().stdout, left_over, written)
        finally:
            system.command("reset", "--yes")


def somebody_else(folder: Path) -> OrdinaryUser | None:
    """An ordinary user, for root; nobody where others cannot read the checkout, as in root's own home."""
    if os.geteuid() != 0:
        return None
    user = ordinary_user(folder)
    looked = user.run(["-c", "import deploy.local"], environment={"PYTHONPATH": str(ROOT)}, folder=folder, timeout_s=60)
    return user if looked.returncode == 0 else None


@pytest.fixture(scope="module")
def system(started: Started) -> System:
    return started.system


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def sign_in(system: System, email: str, password: str) -> int:
    login = {"email": email, "password": password}
    return httpx.post(f"{system.base_url}/v1/auth/login", json=login, timeout=10, trust_env=False).status_code


def wrote(system: System) -> tuple[dict[str, str], str, str]:
    """Somebody registers, makes a goal and checks in; all of it is acknowledged."""
    with httpx.Client(base_url=system.base_url, trust_env=False, timeout=20) as client:
        new = {"email": "ann@tests.example", "password": "correct horse battery", "name": "Ann"}
        registered = client.post("/v1/auth/register", json=new).raise_for_status().json()
        headers = {"authorization": f"Bearer {registered['access_token']}"}
        made = {"title": "Run daily", "pattern": "recurring", "with_plan": False}
        goal = client.post("/v1/goals", json=made, headers=headers).raise_for_status().json()
        path = f"/v1/goals/{goal['id']}/activities"
        entry = client.post(path, json={"type": "check_in"}, headers=headers).raise_for_status().json()
    return headers, path, entry["activity"]["id"]


def test_a_killed_launcher_takes_everybody_along_and_the_next_start_works(started: Started) -> None:
    headers, path, entry_id = started.written

    assert started.left_over == []
    assert started.system.command("status").returncode == 0
    listed = httpx.get(f"{started.system.base_url}{path}", headers=headers, trust_env=False, timeout=20).json()
    assert [entry["id"] for entry in listed["items"]] == [entry_id]


def test_the_administrators_password_is_shown_once_works_and_is_kept_nowhere(started: Started) -> None:
    shown = ADMIN_LINE.search(started.first_words)
    assert shown is not None

    status = sign_in(started.system, shown[1], shown[2])

    assert status == 200
    assert stored_files_with(started.system.home, shown[1]) != []
    assert stored_files_with(started.system.home, shown[2]) == []
    assert ADMIN_LINE.search(started.later_words) is None


def test_everything_runs_as_the_ordinary_user_who_started_it(system: System) -> None:
    told = system.state()
    processes = [psutil.Process(pid) for pid in (told["pid"], *(one["pid"] for one in told["processes"]))]

    assert {process.uids().effective for process in processes} == {ordinary(system)}


def ordinary(system: System) -> int:
    """The user id of who starts the system."""
    if system.user is None and os.geteuid() == 0:
        pytest.skip("skipped: other users cannot read this checkout")
    return NOBODY if system.user is not None else os.geteuid()


def test_up_says_where_everything_is(started: Started) -> None:
    assert f"{started.system.base_url}/v1" in started.later_words
    assert f"{started.system.base_url}/docs" in started.later_words
    assert "make down" in started.later_words


def test_the_demo_walks_through(system: System) -> None:
    walked = system.command(module="deploy.local.demo")

    assert walked.returncode == 0, walked.stderr
    assert "3 weeks" in walked.stdout
    assert "█" in walked.stdout
    assert "Everything answered as it should." in walked.stdout


SPOILT: dict[str, tuple[str, str, Spoil, str]] = {
    "another goal": (
        "POST",
        "/v1/goals",
        lambda goal: goal | {"schedule": goal["schedule"] | {"times": 2}},
        "three runs",
    ),
    "a lost run": ("GET", "/activities", lambda page: page | {"items": page["items"][1:]}, "those that were logged"),
    "no streak": ("GET", "/progress", lambda told: told | {"streak": {"current": 0, "longest": 0}}, "kept weeks"),
    "a coach who does not know": ("POST", "/v1/chat", lambda told: told | {"ai_reply": "Keep going!"}, "the coach"),
    "an empty dashboard": ("GET", "/v1/dashboard", lambda told: told | {"goals": []}, "dashboard should show"),
    "a member without a name": ("POST", "/v1/auth/register", lambda told: told | {"member": {}}, "unexpected form"),
    "no JSON": ("POST", "/v1/goals", lambda goal: "<html>", "unexpected form"),
}


@pytest.mark.parametrize("wrong", SPOILT)
def test_the_demo_says_what_is_wrong(system: System, tmp_path: Path, wrong: str) -> None:
    """Every answer is the system's own but the one that is spoilt on its way."""
    method, path, spoil, words = SPOILT[wrong]

    with spoiling(system.base_url, method, path, spoil) as url, told_to_be_at(tmp_path / "home", url) as home:
        walked = looking_at(home, system).command(module="deploy.local.demo")

    assert walked.returncode == 1
    assert walked.stderr.startswith("demo: ")
    assert words in walked.stderr
    assert walked.stderr.count("\n") == 1
    assert "Everything answered" not in walked.stdout


@pytest.mark.parametrize("is_left_over", [False, True])
def test_the_demo_of_nothing_running_says_so(system: System, tmp_path: Path, is_left_over: bool) -> None:
    """Also where a system that is no more has left its home behind."""
    home = tmp_path / "home"
    if is_left_over:
        with told_to_be_at(home, "http://127.0.0.1:9"):
            pass

    walked = looking_at(home, system).command(module="deploy.local.demo")

    assert (walked.returncode, walked.stderr) == (1, "demo: Tandem is not running; start it with make up\n")


def test_the_demo_of_a_system_that_does_not_answer_says_so(system: System, tmp_path: Path) -> None:
    with told_to_be_at(tmp_path / "home", f"http://127.0.0.1:{free_port()}") as home:
        walked = looking_at(home, system).command(module="deploy.local.demo")

    assert walked.returncode == 1
    assert "is the system up? See make status" in walked.stderr


def looking_at(home: Path, system: System) -> System:
    """What is told of another home than its own, which is ours."""
    return replace(system, environment={**system.environment, "TANDEM_HOME": str(home)}, user=None)


@contextmanager
def told_to_be_at(path: Path, url: str) -> Iterator[Path]:
    """A home that a launcher holds, of a system that is said to be somewhere else."""
    home = Home(path)
    prepare(home)
    with home.locked():
        home.write_state({"url": url})
        yield path


def test_logs_of_one_process_are_shown_and_unknown_ones_named(system: System) -> None:
    known = system.command("logs", "postgres")
    unknown = system.command("logs", "nobody")

    assert "ready to accept connections" in known.stdout
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("tandem: there is no log of nobody; there are: ")
    assert unknown.stderr.count("\n") == 1


def test_no_secret_is_in_a_log(system: System) -> None:
    keys = [file for file in (system.home / "keys").iterdir() if file.suffix in (".secret", ".password", ".keys")]
    said = "".join(file.read_text(errors="replace") for file in (system.home / "logs").iterdir())

    assert len(keys) >= 20
    assert [key.name for key in keys if key.read_text().strip() in said] == []


def test_every_process_sees_its_own_secrets_only(system: System) -> None:
    """What the kernel says of each process's environment, not what we meant to give it."""
    for name in ("goals", "coach", "mentor", "analytics", "notify", "gateway"):
        variables = "\n".join(psutil.Process(system.pid(name)).environ().values())

        assert set(re.findall(r"postgresql://(\w+):", variables)) == {f"{name}_app", f"{name}_system"}
        assert set(re.findall(r"/(\w+)\.(?:secret|ed25519)", variables)) - {"access-token", "token"} == {name}


def test_a_second_signal_ends_everything_at_once(system: System) -> None:
    """With a process that cannot hear the first one, which alone would wait for it for half a minute."""
    launcher = psutil.Process(system.state()["pid"])
    children = [psutil.Process(told["pid"]) for told in system.state()["processes"]]
    psutil.Process(system.pid("gateway")).suspend()

    launcher.terminate()
    with pytest.raises(psutil.TimeoutExpired):
        launcher.wait(3)
    launcher.terminate()
    launcher.wait(10)
    _, alive = psutil.wait_procs(children, timeout=10)

    assert alive == []


def test_a_process_that_cannot_start_is_named_with_its_last_words(system: System) -> None:
    broken = replace(system, environment={**system.environment, "JOURNAL_ENCRYPTION_KEYS": "no key at all"})

    refused = broken.command("up")

    assert refused.returncode == 1
    assert re.match(r"tandem: coach ended with status 2; its last words: .*JOURNAL_ENCRYPTION_KEYS", refused.stderr)
    assert "no key at all" not in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_what_an_ordinary_user_s_system_leaves_behind_is_theirs(system: System) -> None:
    """So that they can remove it."""
    assert {file.lstat().st_uid for file in system.home.rglob("*")} == {ordinary(system)}


def test_reset_asks_first_and_removes_every_trace(system: System) -> None:
    system.up()
    asked = system.command("reset")
    running = system.command("status").returncode

    removed = system.command("reset", "--yes")

    assert (asked.returncode, running) == (1, 0)
    assert "Nothing was removed." in asked.stdout
    assert removed.returncode == 0
    assert not system.home.exists()
    assert system.command("status").returncode == 3
