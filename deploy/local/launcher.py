"""The launcher's daemon: prepares the home, starts everything in order, tells its state in a file, stops in reverse."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine
from typing import Any

from chassis.clock import SystemClock
from deploy.local import home as homes
from deploy.local import programs, rundir, secrets
from deploy.local.child import born, signal_group, spawn
from deploy.local.logs import appending, last_words, rotate
from deploy.local.problems import LocalProblem
from deploy.local.programs import System
from deploy.local.settings import PROJECT, LauncherSettings, read_settings
from deploy.local.supervisor import Child, State, Supervisor

START_BUDGET_S = 60.0
OWN_LOG = "launcher.out"
_ROTATE_EVERY_S = 30.0
_OLD_CHILDREN_PATIENCE_S = 35.0


class Launcher:
    """Runs one system from its start to its stop."""

    def __init__(self, system: System) -> None:
        """Nothing is touched before `run`."""
        self._system = system
        self._phase = "preparing"
        self._problem = ""
        self._started = SystemClock().now()
        self._said: set[tuple[str, int, State]] = set()
        self._former: list[dict[str, Any]] = []
        self._supervisor = Supervisor(self._tell)

    def run(self) -> None:
        """Runs until told to stop.

        Raises:
            LocalProblem: It could not be started, or already runs.
        """
        home = self._system.home
        homes.prepare(home)
        with home.locked(patience_s=1):
            self._former = _children_of(home.read_state())
            self._tell()  # whoever finds the home in use must find by whom
            try:
                asyncio.run(self._run())
            except LocalProblem as problem:
                self._problem = str(problem)
                self._enter("failed")
                raise
            self._enter("stopped")

    async def _run(self) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, stopping)
        try:
            if not await _unless(stopping, self._start()):
                return
            self._enter("running")
            await _unless(stopping, self._rotate_logs())
        finally:
            if self._phase == "running" or stopping.is_set():
                self._enter("stopping")
            await self._supervisor.stop()

    def _asked_to_stop(self, stopping: asyncio.Event) -> None:
        if stopping.is_set():
            self._supervisor.kill()
        stopping.set()

    async def _start(self) -> None:
        system = self._system
        await asyncio.to_thread(_end_old_children, self._former)
        self._former = []
        for port, setting in ((system.settings.gateway_port, "GATEWAY"), (system.settings.ops_port, "OPS")):
            rundir.require_free(port, setting=f"TANDEM_{setting}_PORT")
        rundir.prepare(system.run_dir)
        self._enter("making keys")
        secrets.ensure_keys(system.home.keys, with_admin=system.settings.admin_password is None)
        self._enter("starting PostgreSQL and Valkey")
        for store in (system.postgres, system.valkey):
            if store is not None:
                # Not in a thread: the kernel ties children to the thread that started them.
                store.initialise()
        await self._supervisor.start(programs.stores(system), patience_s=START_BUDGET_S)
        self._enter("preparing the database")
        await _prepare_database(system)
        self._enter("starting the services")
        await self._supervisor.start(programs.services(system), patience_s=START_BUDGET_S)
        self._enter("starting the gateway and the jobs")
        await self._supervisor.start(programs.edges(system), patience_s=START_BUDGET_S)

    async def _rotate_logs(self) -> None:
        while True:
            for child in self._supervisor.children:
                rotate(child.program.logs[-1])
            rotate(self._system.home.logs / OWN_LOG)
            await asyncio.sleep(_ROTATE_EVERY_S)

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._tell()

    def _say(self, text: str) -> None:
        sys.stderr.write(f"{SystemClock().now().isoformat(timespec='seconds')} {text}\n")

    def _say_new_trouble(self) -> None:
        for child in self._supervisor.children:
            trouble = (child.program.name, child.restarts, child.state)
            if child.state in (State.WAITING, State.GIVEN_UP) and trouble not in self._said:
                self._said.add(trouble)
                self._say(f"{child.state}: {child.problem}")

    def _tell(self) -> None:
        self._say_new_trouble()
        try:
            self._system.home.write_state(
                {
                    "pid": os.getpid(),
                    "born": born(os.getpid()),
                    "phase": self._phase,
                    "problem": self._problem,
                    "started": self._started.isoformat(timespec="seconds"),
                    "url": self._system.url,
                    "ops_url": self._system.ops_url,
                    "run_dir": str(self._system.run_dir),
                    "processes": [_describe(child) for child in self._supervisor.children],
                    "former": self._former,
                }
            )
        except LocalProblem as problem:  # a full disk must not take the system down
            self._say(str(problem))


def build(settings: LauncherSettings, variables: dict[str, str]) -> System:
    """The system that the settings describe."""
    home = homes.locate(settings.home)
    return System(home, rundir.choose(home.path, settings.run_dir), settings, variables)


def run_in_foreground() -> None:
    """What `python -m deploy.local run` does.

    Raises:
        LocalProblem: See `Launcher.run`.
    """
    Launcher(build(*read_settings())).run()


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Works until done, or until told to stop; True when it is done."""
    working = asyncio.create_task(work)
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([working, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait([working])
        return False
    working.result()
    return True


async def _prepare_database(system: System) -> None:
    log = system.home.logs / "migrate.log"
    with appending(log) as output:
        process = spawn(
            [sys.executable, "-m", "deploy.local.prepare_database"],
            programs.migration_environment(system),
            output=output,
            folder=PROJECT,
        )
    try:
        while process.poll() is None:  # noqa: ASYNC110 - a child's end sets no event
            await asyncio.sleep(0.05)
    finally:
        if process.poll() is None:
            signal_group(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        raise LocalProblem(f"the database cannot be prepared; last words of {log}: {last_words([log])}")


def _describe(child: Child) -> dict[str, Any]:
    process = child.process if child.process is not None and child.process.returncode is None else None
    return {
        "name": child.program.name,
        "state": child.state.value,
        "restarts": child.restarts,
        "problem": child.problem,
        "pid": process.pid if process else None,
        "born": born(process.pid) if process else None,
        "logs": [str(log) for log in child.program.logs],
    }


def _children_of(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The children an earlier launcher may have left, and those it had found and not yet seen end."""
    told = [*state.get("former", []), *state.get("processes", [])]
    return [{"pid": one["pid"], "born": one["born"]} for one in told if one.get("pid") and one.get("born")]


def _end_old_children(former: list[dict[str, Any]]) -> None:
    """Waits for the children of a launcher that was killed; they were told by the kernel. Kills who stays."""
    deadline = time.monotonic() + _OLD_CHILDREN_PATIENCE_S
    for told in former:
        while born(told["pid"]) == told["born"] and time.monotonic() < deadline:
            time.sleep(0.05)
        if born(told["pid"]) == told["born"]:
            signal_group(told["pid"], signal.SIGKILL)
