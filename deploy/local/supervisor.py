"""Keeps child processes alive: starts them in order, waits until they are ready, restarts what dies, stops in reverse.

A child that dies is started again after 0.2 to 5 s; after five deaths within a minute it is given up and reported with
its last words, and at once where its first start refuses what it was told. Every child leads a process group, which
dies with it, and hears from the kernel when the supervisor dies. Why not a ready-made supervisor: docs/adr/0012.
"""

import asyncio
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from deploy.local.child import signal_group, spawn
from deploy.local.logs import appending, last_words
from deploy.local.problems import LocalProblem, describe

FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 5.0
DEATHS_TO_GIVE_UP = 5
WITHIN_S = 60.0
REFUSAL = "ended with status 2"
_POLL_S = 0.1


class State(StrEnum):
    """What a child is doing."""

    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"
    GIVEN_UP = "given up"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Program:
    """How to run one child.

    Attributes:
        is_ready: Quick and safe to call at any time from any thread.
        logs: Files with what it says; its own output goes to the last one.
        prepare: Called before each start, from another thread; a LocalProblem counts as a death.
        stop_patience_s: Time from the stop signal to SIGKILL.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]
    logs: Sequence[Path]
    prepare: Callable[[], None] = lambda: None
    folder: Path | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_patience_s: float = 30.0


@dataclass
class Child:
    """One program and its present process."""

    program: Program
    state: State = State.STARTING
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    problem: str = ""
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_TO_GIVE_UP))
    keeper: asyncio.Task[None] | None = None


def backoff_s(deaths: int) -> float:
    """How long to wait before the start that follows the given number of recent deaths."""
    return min(FIRST_BACKOFF_S * 2.0 ** max(deaths - 1, 0), LONGEST_BACKOFF_S)


class Supervisor:
    """The children of one launcher, in the order in which they were started. Lives on the main thread's loop."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """`changed` is called after every change of any child's state; it must not raise."""
        self._changed = changed
        self._stages: list[list[Child]] = []
        self._stopping = False

    @property
    def children(self) -> list[Child]:
        """All children, in the order of their start."""
        return [child for stage in self._stages for child in stage]

    async def start(self, programs: Sequence[Program], *, patience_s: float = 60.0) -> None:
        """Starts one stage and waits until all of it is ready.

        Raises:
            LocalProblem: One was given up or took too long; names it and its last words.
        """
        stage = [Child(program) for program in programs]
        self._stages.append(stage)
        for child in stage:
            child.keeper = asyncio.create_task(self._keep(child), name=child.program.name)
        deadline = time.monotonic() + patience_s
        while waiting := [child for child in stage if child.state is not State.READY]:
            for child in waiting:
                if child.state in (State.GIVEN_UP, State.STOPPED):
                    raise LocalProblem(child.problem or f"{child.program.name} was stopped")
            if time.monotonic() > deadline:
                raise LocalProblem(f"{waiting[0].program.name} is not ready after {patience_s:.0f} s")
            await asyncio.sleep(_POLL_S)

    async def stop(self) -> None:
        """Stops everything, the latest stage first; within a stage all at once."""
        self._stopping = True
        for stage in reversed(self._stages):
            await asyncio.gather(*(self._end(child) for child in stage))

    def kill(self) -> None:
        """Ends everything at once; whoever awaits `stop` returns soon after."""
        self._stopping = True
        for child in self.children:
            if child.process is not None and child.process.returncode is None:
                signal_group(child.process.pid, signal.SIGKILL)

    async def _keep(self, child: Child) -> None:
        while True:
            born = time.time()
            ended = await self._live_once(child)
            if self._stopping:
                self._become(child, State.STOPPED)
                return
            is_refusal = ended == REFUSAL and child.state is State.STARTING and not child.deaths
            now = time.monotonic()
            child.deaths.append(now)
            recent = sum(death > now - WITHIN_S for death in child.deaths)
            words = last_words(child.program.logs, since=born)
            child.problem = f"{child.program.name} {ended}; its last words: {words}"
            if is_refusal or recent >= DEATHS_TO_GIVE_UP:
                self._become(child, State.GIVEN_UP)
                return
            self._become(child, State.WAITING)
            await asyncio.sleep(backoff_s(recent))
            child.restarts += 1

    async def _live_once(self, child: Child) -> str:
        """Runs the program until it ends and says how it ended."""
        program = child.program
        try:
            await asyncio.to_thread(program.prepare)
            if self._stopping:
                return "was stopped"
            with appending(program.logs[-1]) as output:
                child.process = spawn(
                    program.command,
                    program.environment,
                    output=output,
                    user=program.user,
                    folder=program.folder,
                    parent_death_signal=program.stop_signal,
                )
        except LocalProblem as problem:
            return f"cannot start: {problem}"
        except OSError as failure:
            return f"cannot start: {describe(failure)}"
        self._become(child, State.STARTING)
        while not _has_ended(child.process):
            if child.state is State.STARTING and await asyncio.to_thread(program.is_ready):
                self._become(child, State.READY)
            await asyncio.sleep(_POLL_S)
        signal_group(child.process.pid, signal.SIGKILL)  # what it has left behind; the number is still its own
        code = child.process.wait()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    async def _end(self, child: Child) -> None:
        keeper, process = child.keeper, child.process
        if keeper is None:
            return
        if process is None or process.returncode is not None:
            keeper.cancel()
        else:
            process.send_signal(child.program.stop_signal)
            await asyncio.wait([keeper], timeout=child.program.stop_patience_s)
            if not keeper.done():
                signal_group(process.pid, signal.SIGKILL)
        await asyncio.wait([keeper])
        self._become(child, State.STOPPED)

    def _become(self, child: Child, state: State) -> None:
        child.state = state
        self._changed()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Looks without collecting the child, so that its process group's number is not given away yet."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
