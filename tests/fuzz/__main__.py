"""`make fuzz`: a system of its own, schemathesis over what is built of it, and the verdict as the status."""

import argparse
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from rich.console import Console

from tests.bench.stack import ROOT, free_port

HERE = Path(__file__).parent
_ENVIRONMENT = Path(sys.prefix) / "fuzz"
_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
_COMMAND_TIMEOUT_S = 180
_BUILT = "^/v1/(goals|activities|goal-templates|members/me/vacations|challenges)"


def main() -> int:
    """Runs it all; 0 when nothing was found."""
    arguments = _arguments()
    console = Console(stderr=True)
    tool = _install(console)
    with tempfile.TemporaryDirectory(prefix="tdf-") as folder:
        variables = {
            **os.environ,
            "TANDEM_HOME": str(Path(folder) / "home"),
            "TANDEM_GATEWAY_PORT": str(free_port()),
            "TANDEM_OPS_PORT": str(free_port()),
            "ENABLE_RATE_LIMITING": "false",
        }
        url = f"http://127.0.0.1:{variables['TANDEM_GATEWAY_PORT']}"
        console.print("Starting a system for it.")
        try:
            _launch("up", variables)
            description = Path(folder) / "openapi.json"
            described = httpx.get(f"{url}/openapi.json", timeout=60).json()
            description.write_text(json.dumps(_built(described, arguments.only)))
            tally = Path(folder) / "tally.json"
            status = _fuzz(tool, description, url, tally, arguments)
            return max(status, _report(console, description, tally))
        finally:
            _launch("down", variables)
            _launch("reset", variables, "--yes")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--only", default=_BUILT, help="paths")
    parser.add_argument("--examples", type=int, default=30, help="how many per operation and phase")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9), help="draws the same examples again")
    return parser.parse_args()


def _install(console: Console) -> Path:
    """Schemathesis in an environment of its own: what it needs must not move what Tandem runs with."""
    tool, lock = _ENVIRONMENT / "bin" / "schemathesis", HERE / "requirements.lock"
    installed = _ENVIRONMENT / lock.name
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return tool
    console.print("Installing schemathesis, once.")
    shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", _ENVIRONMENT], check=True)
    python = str(_ENVIRONMENT / "bin" / "python")
    options = ("--disable-pip-version-check", "--no-input", "--quiet", "--require-hashes")
    subprocess.run([python, "-m", "pip", "install", *options, "-r", str(lock)], check=True)
    shutil.copyfile(lock, installed)
    return tool


def _built(description: dict[str, dict[str, object]], only: str) -> dict[str, dict[str, object]]:
    """The description without what answers 501."""
    paths: dict[str, object] = {}
    for path, operations in description["paths"].items():
        kept = {
            method: operation
            for method, operation in operations.items()  # type: ignore[attr-defined]
            if "Not built yet" not in operation.get("tags", ())
        }
        if kept and re.search(only, path):
            paths[path] = kept
    return {**description, "paths": paths}


def _fuzz(tool: Path, description: Path, url: str, tally: Path, arguments: argparse.Namespace) -> int:
    """Runs the tool as a new member whose stock of goals the hooks keep up."""
    member = {"email": f"{secrets.token_hex(6)}@fuzz.example", "password": secrets.token_hex(12), "name": "Fuzz"}
    httpx.post(f"{url}/v1/auth/register", json=member | {"birth_year": 1990}, timeout=60).raise_for_status()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
        "FUZZ_URL": url,
        "FUZZ_EMAIL": member["email"],
        "FUZZ_PASSWORD": member["password"],
        "FUZZ_TALLY": str(tally),
        "FUZZ_SEED": str(arguments.seed),
    }
    command = [
        *(str(tool), "run", str(description), "--url", url),
        *("--seed", str(arguments.seed)),
        *("--checks", _CHECKS, "--max-examples", str(arguments.examples), "--phases", "examples,coverage,fuzzing"),
        *("--continue-on-failure", "--request-timeout", "60", "--generation-with-security-parameters", "false"),
    ]
    return subprocess.run(command, cwd=description.parent, env=environment, check=False).returncode


def _report(console: Console, description: Path, tally: Path) -> int:
    """Shows what every operation answered; one that never did its work is a finding: nothing is proved of it."""
    counted: dict[str, dict[str, int]] = json.loads(tally.read_text())
    idle = 0
    for path, operations in json.loads(description.read_text())["paths"].items():
        for method in operations:
            answers = counted.get(f"{method.upper()} {path}", {})
            is_idle = not any(status.startswith("2") for status in answers)
            idle += is_idle
            told = ", ".join(f"{status} x {count}" for status, count in sorted(answers.items()))
            console.print(f"{'NEVER WELL ' if is_idle else ''}{method.upper()} {path}: {told}", highlight=False)
    console.print(f"{sum(sum(answers.values()) for answers in counted.values())} calls.", highlight=False)
    return int(idle > 0)


def _launch(command: str, variables: dict[str, str], *options: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "deploy.local", command, *options],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.DEVNULL,
        timeout=_COMMAND_TIMEOUT_S,
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())
