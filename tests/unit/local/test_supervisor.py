"""The supervisor with small programs: order, healing, giving up, and that nobody survives."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from deploy.local import supervisor as supervisor_module
from deploy.local.problems import LocalProblem
from deploy.local.supervisor import Child, Program, State, Supervisor, backoff_s

READY = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"


def program(folder: Path, name: str, script: str = READY, *, is_ready: Callable[[], bool] | None = None) -> Program:
    flag = folder / f"{name}.flag"
    return Program(
        name=name,
        command=[sys.executable, "-c", script, str(flag)],
        environment={"PATH": "/usr/bin:/bin"},
        is_ready=is_ready or flag.exists,
        logs=[folder / f"{name}.out"],
        stop_patience_s=5,
    )


async def until(condition: Callable[[], bool], *, patience_s: float = 10) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def process_id(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


@pytest.mark.parametrize(("deaths", "seconds"), [(1, 0.2), (2, 0.4), (3, 0.8), (5, 3.2), (6, 5.0), (60, 5.0)])
def test_backoff_doubles_from_a_fifth_of_a_second_to_five(deaths: int, seconds: float) -> None:
    assert backoff_s(deaths) == pytest.approx(seconds)


async def test_a_stage_is_ready_before_the_next_one_starts(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    first, second = program(tmp_path, "first"), program(tmp_path, "second")

    await supervisor.start([first])
    ready_before_second = [child.state for child in supervisor.children]
    await supervisor.start([second])

    assert ready_before_second == [State.READY]
    assert [child.program.name for child in supervisor.children] == ["first", "second"]
    await supervisor.stop()
    assert {child.state for child in supervisor.children} == {State.STOPPED}


async def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    await supervisor.start([program(tmp_path, "one")])
    (child,) = supervisor.children
    before = process_id(child)

    os.kill(before, signal.SIGKILL)
    await until(lambda: child.restarts == 1 and child.state is State.READY)

    assert process_id(child) != before
    assert "SIGKILL" in child.problem
    await supervisor.stop()


async def test_five_deaths_within_a_minute_are_reported_with_the_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    dying = program(tmp_path, "dying", "print('the cupboard is bare'); raise SystemExit(3)")

    with pytest.raises(LocalProblem, match=r"dying ended with status 3; its last words: .*the cupboard is bare"):
        await supervisor.start([dying])

    assert supervisor.children[0].state is State.GIVEN_UP
    assert supervisor.children[0].restarts == 4
    await supervisor.stop()


async def test_who_refuses_what_it_was_told_is_given_up_at_once(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    refusing = program(tmp_path, "refusing", "print('no such key'); raise SystemExit(2)")

    with pytest.raises(LocalProblem, match=r"refusing ended with status 2; its last words: .*no such key"):
        await supervisor.start([refusing])

    assert (supervisor.children[0].state, supervisor.children[0].restarts) == (State.GIVEN_UP, 0)
    await supervisor.stop()


async def test_who_was_ready_once_is_started_again_whatever_it_ends_with(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    refuses_later = (
        "import pathlib, sys, time; flag = pathlib.Path(sys.argv[1]); is_second = flag.exists(); flag.touch();"
        "time.sleep(600 if is_second else 1); raise SystemExit(2)"
    )
    await supervisor.start([program(tmp_path, "one", refuses_later)])
    (child,) = supervisor.children

    await until(lambda: child.restarts == 1 and child.state is State.READY)

    await supervisor.stop()


async def test_what_prepares_a_start_may_refuse_it(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)

    def refuse() -> None:
        raise LocalProblem("somebody is still there")

    refused = Program(
        name="refused",
        command=["/bin/true"],
        environment={},
        is_ready=lambda: True,
        logs=[tmp_path / "log"],
        prepare=refuse,
    )

    with pytest.raises(LocalProblem, match="refused cannot start: somebody is still there"):
        await supervisor.start([refused])
    await supervisor.stop()


async def test_a_child_that_never_gets_ready_is_named(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)

    with pytest.raises(LocalProblem, match="slow is not ready"):
        await supervisor.start([program(tmp_path, "slow", is_ready=lambda: False)], patience_s=0.3)
    await supervisor.stop()


async def test_what_a_dead_child_had_started_dies_with_it(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    script = "import pathlib, subprocess, sys\nkid = subprocess.Popen(['sleep', '600'])\n"
    script += "pathlib.Path(sys.argv[1]).write_text(str(kid.pid)); kid.wait()"
    parent = program(tmp_path, "parent", script)
    await supervisor.start([parent])
    await until(lambda: (tmp_path / "parent.flag").read_text() != "")
    grandchild = int((tmp_path / "parent.flag").read_text())

    os.kill(process_id(supervisor.children[0]), signal.SIGKILL)

    await until(lambda: not psutil.pid_exists(grandchild))
    await supervisor.stop()


async def test_a_child_that_ignores_the_stop_signal_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    deaf = program(tmp_path, "deaf", f"import signal; signal.signal(15, signal.SIG_IGN)\n{READY}")
    await supervisor.start([replace(deaf, stop_patience_s=0.3)])

    await asyncio.wait_for(supervisor.stop(), 5)

    assert supervisor.children[0].state is State.STOPPED


async def test_killing_ends_a_stop_that_takes_long(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda: None)
    deaf = program(tmp_path, "deaf", f"import signal; signal.signal(15, signal.SIG_IGN)\n{READY}")
    await supervisor.start([replace(deaf, stop_patience_s=60)])
    stopping = asyncio.create_task(supervisor.stop())
    await asyncio.sleep(0.2)

    supervisor.kill()

    await asyncio.wait_for(stopping, 5)


def test_children_hear_of_the_death_of_their_supervisor(tmp_path: Path) -> None:
    """A killed supervisor leaves nobody behind."""
    script = f"""
import asyncio, pathlib, sys
from deploy.local.supervisor import Program, Supervisor
async def main():
    folder = pathlib.Path(sys.argv[1])
    supervisor = Supervisor(lambda: None)
    await supervisor.start([Program(name="kid", command=[sys.executable, "-c", {READY!r}, str(folder / "flag")],
        environment={{}}, is_ready=(folder / "flag").exists, logs=[folder / "kid.out"])])
    print(supervisor.children[0].process.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    supervisor = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    kid = psutil.Process(int(supervisor.stdout.readline()))

    supervisor.kill()
    supervisor.wait()

    kid.wait(5)
    assert not kid.is_running()
    supervisor.stdout.close()


async def test_a_child_gets_only_its_own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODY_ELSES_SECRET", "hush")
    supervisor = Supervisor(lambda: None)

    await supervisor.start([program(tmp_path, "one")])

    assert set(psutil.Process(process_id(supervisor.children[0])).environ()) <= {"PATH", "LC_CTYPE"}
    await supervisor.stop()


def test_the_supervisor_stays_small_enough_to_read() -> None:
    assert len(Path(supervisor_module.__file__).read_text().splitlines()) <= 200
