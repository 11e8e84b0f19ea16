"""The locks: every pin has hashes, no line names an index, and running needs nothing of testing."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def _pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str):
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text())

    assert [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_line_names_an_index_or_a_path(lock: str):
    assert re.findall(r"https?://|--index|--find-links|file:|^/", (ROOT / lock).read_text(), re.MULTILINE) == []


def test_running_needs_nothing_of_testing():
    assert {"pytest", "mypy", "ruff", "hypothesis", "grpcio-tools", "buf-bin", "schemathesis"} & _pins(
        LOCKS[0]
    ).keys() == set()


def test_both_locks_pin_the_same_versions():
    running, testing = _pins(LOCKS[0]), _pins(LOCKS[1])

    assert {name: version for name, version in running.items() if testing.get(name) != version} == {}


def test_the_locks_hold_every_direct_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    direct = [
        *project["dependencies"],
        *(item for name, items in extras.items() if name not in ("all", "dev") for item in items),
    ]
    names = {re.split(r"[\[<>=~; ]", item)[0].lower().replace("_", "-") for item in direct}

    assert names - {name.lower() for name in _pins(LOCKS[0])} == set()
