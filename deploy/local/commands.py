"""The launcher's commands, as a person at the keyboard meets them."""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from deploy.local import home as homes
from deploy.local import launcher, programs, rundir, secrets
from deploy.local.child import born
from deploy.local.home import Home
from deploy.local.launcher import OWN_LOG, START_BUDGET_S, build
from deploy.local.logs import appending, last_words, tail
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.problems import LocalProblem
from deploy.local.programs import System
from deploy.local.reading import readable
from deploy.local.settings import PROJECT, LauncherSettings, read_settings
from deploy.local.supervisor import State

NOT_RUNNING = 3
_STOP_PATIENCE_S = 100
_CLAIM_PATIENCE_S = 5
_POLL_S = 0.1
_console = Console(highlight=False)


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit status; failures are one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, text) in _COMMANDS.items():
        command = commands.add_parser(name, help=text)
        if name == "logs":
            command.add_argument("name", nargs="?", help="one process; all when left out")
            command.add_argument("--lines", type=int, default=20)
            command.add_argument("--follow", "-f", action="store_true")
            command.add_argument("--raw", action="store_true", help="as they stand in the files")
        if name == "reset":
            command.add_argument("--yes", action="store_true", help="do not ask")
    parsed = parser.parse_args(arguments)
    try:
        return _COMMANDS[parsed.command][0](parsed)
    except LocalProblem as problem:
        sys.stderr.write(f"tandem: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has seen enough; the interpreter would complain when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def up(_: argparse.Namespace) -> int:
    """Starts the system in the background and waits until all of it answers."""
    settings, variables = read_settings()
    system = build(settings, variables)
    if homes.find(system.home) and system.home.is_running():
        return _say_running(system.home)
    homes.prepare(system.home)
    rundir.require_free(settings.gateway_port, setting="TANDEM_GATEWAY_PORT")
    rundir.require_free(settings.ops_port, setting="TANDEM_OPS_PORT")
    began = time.monotonic()
    daemon = _spawn_daemon(system, variables)
    try:
        _follow_start(system.home, daemon)
    except KeyboardInterrupt:
        _console.print("The start goes on in the background; make status shows it, make down ends it.")
        raise
    _verify(system, patience_s=max(5.0, START_BUDGET_S - (time.monotonic() - began)))
    _console.print(f"Tandem is up after {time.monotonic() - began:.1f} s.")
    _print_addresses(system.home.read_state())
    _print_admin(system)
    _console.print("  Stop       make down       (state stays in " + str(system.home.path) + ")", soft_wrap=True)
    return 0


def run(_: argparse.Namespace) -> int:
    """Runs the system in the foreground until interrupted."""
    launcher.run_in_foreground()
    return 0


def down(_: argparse.Namespace) -> int:
    """Stops the system; state stays."""
    home = homes.locate(read_settings()[0].home)
    if not homes.find(home) or not home.is_running():
        _console.print("Tandem is not running.")
        return 0
    _stop(home)
    _console.print("Tandem is stopped.")
    return 0


def status(_: argparse.Namespace) -> int:
    """Shows every process."""
    settings, variables = read_settings()
    home = homes.locate(settings.home)
    if not homes.find(home) or not home.is_running():
        _console.print("Tandem is not running; start it with make up.")
        return NOT_RUNNING
    state = home.read_state()
    _console.print(_status_table(System(home, _run_dir(settings, state), settings, variables), state))
    _console.print(f"Phase: {state.get('phase')}")
    _print_addresses(state)
    for process in state.get("processes", []):
        if process["problem"]:
            given_up = process["state"] == State.GIVEN_UP
            trouble = process["problem"] if given_up else process["problem"].partition(";")[0]
            text = f"  Trouble    {trouble}; more by make logs NAME={process['name']}"
            _console.print(text, markup=False, soft_wrap=True)
    return 0


def logs(parsed: argparse.Namespace) -> int:
    """Prints the last lines of one process's logs, or of all."""
    home = homes.locate(read_settings()[0].home)
    if not homes.find(home):
        raise LocalProblem(f"there are no logs: {home.path} is not there yet; start with make up")
    files = sorted(file for file in home.logs.iterdir() if file.suffix in (".log", ".out") and file.stat().st_size)
    if parsed.name:
        known = sorted({file.stem for file in files})
        files = [file for file in files if file.stem == parsed.name]
        if not files:
            raise LocalProblem(f"there is no log of {parsed.name}; there are: {', '.join(known)}")
    if parsed.follow:
        return _follow(["tail", "-n", str(parsed.lines), "-F", *map(str, files)], is_raw=parsed.raw)
    for file in files:
        if not parsed.raw:
            _console.rule(file.name, align="left")
        for line in tail(file, parsed.lines):
            _show(line, is_raw=parsed.raw)
    return 0


def _follow(command: list[str], *, is_raw: bool) -> int:
    if is_raw:
        os.execvp(command[0], command)  # noqa: S606 - a fixed name
    with subprocess.Popen(command, stdout=subprocess.PIPE) as following:  # noqa: S603 - files of ours
        assert following.stdout is not None  # noqa: S101 - it was asked for
        for line in following.stdout:
            _show(line.decode("utf-8", "replace").rstrip("\n"), is_raw=False)
    return following.returncode


def _show(line: str, *, is_raw: bool) -> None:
    """Past the console, which would wrap lines and colour what looks like numbers."""
    text = line if is_raw else readable(line, is_coloured=_console.is_terminal and not _console.no_color)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def reset(parsed: argparse.Namespace) -> int:
    """Removes all state."""
    settings, _ = read_settings()
    home = homes.locate(settings.home)
    if not homes.find(home):
        _console.print(f"There is nothing to remove: {home.path} is not a home of Tandem.")
        return 0
    if not parsed.yes and not _agreed(f"Remove all data, keys and logs in {home.path}? Type yes: "):
        _console.print("Nothing was removed.")
        return 1
    if home.is_running():
        _stop(home)
    run_dir = _run_dir(settings, home.read_state())
    EmbeddedPostgres(home.postgres, run_dir / "pg", password="").remove()
    rundir.remove(run_dir)
    home.clear()
    _console.print(f"{home.path} is removed.")
    return 0


def _run_dir(settings: LauncherSettings, state: Mapping[str, Any]) -> Path:
    """Where the system that runs, or ran last, has its sockets; TMPDIR may be another one by now."""
    told = state.get("run_dir")
    return Path(told) if told else rundir.choose(homes.locate(settings.home).path, settings.run_dir)


def _agreed(question: str) -> bool:
    try:
        return _console.input(question, markup=False).strip().lower() == "yes"
    except EOFError:
        return False


def _say_running(home: Home) -> int:
    state = home.read_state()
    _console.print(f"Tandem is already running ({state.get('phase', 'starting')}).")
    _print_addresses(state)
    _console.print("  Stop       make down")
    return 0


def _spawn_daemon(system: System, variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    with appending(system.home.logs / OWN_LOG) as output:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "run"],
            env={**variables, "TANDEM_HOME": str(system.home.path)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
            start_new_session=True,
        )


def _follow_start(home: Home, daemon: "subprocess.Popen[bytes]") -> None:
    """Shows what the daemon does until it is running; ends with its problem when it has one."""
    shown = ""
    itself = (daemon.pid, born(daemon.pid))
    with _console.status("Starting Tandem") as spinner:
        while True:
            state = home.read_state()
            if (state.get("pid"), state.get("born")) == itself:
                shown = _show_phase(state, shown, spinner.update)
                if state["phase"] == "running":
                    return
            if daemon.poll() is not None:
                state = home.read_state()
                problem = state.get("problem") if (state.get("pid"), state.get("born")) == itself else ""
                raise LocalProblem(problem or last_words([home.logs / OWN_LOG]).removeprefix("tandem: "))
            time.sleep(_POLL_S)


def _show_phase(state: Mapping[str, Any], shown: str, update: Callable[[str], None]) -> str:
    ready = [process["name"] for process in state["processes"] if process["state"] == "ready"]
    update(f"{state['phase']} … {' '.join(ready)}")
    if state["phase"] not in (shown, "failed") and not _console.is_terminal:
        _console.print(f"… {state['phase']}")
    return str(state["phase"])


def _verify(system: System, *, patience_s: float) -> None:
    from deploy.local.verify import verify

    with _console.status("asking every process whether it is well"):
        silent = asyncio.run(verify(system, patience_s=patience_s))
    if silent:
        words = last_words([system.home.logs / f"{silent[0]}.log", system.home.logs / f"{silent[0]}.out"])
        _stop(system.home)
        raise LocalProblem(f"no answer from {', '.join(silent)}; last words of {silent[0]}: {words}")


def _print_addresses(state: Mapping[str, Any]) -> None:
    if url := state.get("url"):
        _console.print(f"  REST API   {url}/v1\n  Reference  {url}/docs", soft_wrap=True)
        _console.print(f"  Operators  {state['ops_url']}/metrics")


def _print_admin(system: System) -> None:
    """Shows a password that was made, once; from now on only its hash is there."""
    if system.settings.admin_password is None and (made := system.made_admin_password):
        text = f"  Admin      {system.settings.admin_email}  {made}   (shown only now)"
        _console.print(text, markup=False, soft_wrap=True)
    secrets.forget_admin_password(system.home.keys)


def _stop(home: Home) -> None:
    """Tells the launcher that holds the home to stop, and waits until it has let go."""
    began = time.monotonic()
    told: tuple[int, str] | None = None
    with _console.status("Stopping Tandem"):
        while home.is_running():
            waited = time.monotonic() - began
            holder = _launcher_of(home.read_state())
            if holder is not None and holder != told:
                told = holder
                with contextlib.suppress(ProcessLookupError):
                    os.kill(holder[0], signal.SIGTERM)
            if told is None and waited > _CLAIM_PATIENCE_S:
                raise LocalProblem(f"{home.path} is in use, but nobody says by whom; wait a moment and try again")
            if told is not None and waited > _STOP_PATIENCE_S:
                raise LocalProblem(f"Tandem (process {told[0]}) does not stop; see make logs")
            time.sleep(_POLL_S)


def _launcher_of(state: Mapping[str, Any]) -> tuple[int, str] | None:
    """The launcher that wrote the state, while it lives; its number alone may be anybody's by now."""
    pid, began = state.get("pid"), state.get("born")
    return (pid, began) if pid and began and born(pid) == began else None


def _status_table(system: System, state: Mapping[str, Any]) -> Table:
    well = {
        program.name: program.is_ready
        for program in (*programs.stores(system), *programs.services(system), *programs.edges(system))
    }
    table = Table(box=None, header_style="bold")
    for column in ("process", "pid", "uptime", "restarts", "health", "memory"):
        table.add_column(column, justify="left" if column in ("process", "health") else "right")
    launcher_itself = {"name": "launcher", "pid": state.get("pid"), "restarts": 0, "state": "ready"}
    total = 0
    for process in (launcher_itself, *state.get("processes", [])):
        memory = _memory_bytes(process["pid"], with_children=process["name"] != "launcher")
        total += memory
        check = well.get(process["name"], lambda: True)
        health = "ok" if process["state"] == "ready" and check() else process["state"].replace("ready", "no answer")
        table.add_row(
            process["name"],
            str(process["pid"] or "–"),
            _uptime(process["pid"]),
            str(process["restarts"]),
            f"[green]{health}[/]" if health == "ok" else f"[red]{health}[/]",
            f"{memory / 2**20:.0f} MB",
        )
    table.add_row("[bold]all", "", "", "", "", f"[bold]{total / 2**20:.0f} MB")
    return table


def _uptime(pid: int | None) -> str:
    try:
        seconds = time.time() - psutil.Process(pid).create_time() if pid else 0
    except psutil.Error:
        return "–"
    return str(timedelta(seconds=int(seconds))) if pid else "–"


def _memory_bytes(pid: int | None, *, with_children: bool) -> int:
    """Proportional set size: what is shared counts once over all processes."""
    if not pid:
        return 0
    total = 0
    try:
        process = psutil.Process(pid)
        for one in (process, *(process.children(recursive=True) if with_children else ())):
            information = one.memory_full_info()
            total += getattr(information, "pss", information.rss)
    except psutil.Error:
        return total
    return total


_COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "up": (up, "start everything in the background and wait until it is ready"),
    "down": (down, "stop everything; state stays"),
    "status": (status, "show every process"),
    "logs": (logs, "print the last lines of the logs"),
    "reset": (reset, "remove all state"),
    "run": (run, "run in the foreground"),
}
