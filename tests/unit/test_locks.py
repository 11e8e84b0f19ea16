"""The locks: every pin has hashes, no line names an index, running needs nothing of testing and stays small."""

import re
import tomllib
from importlib import metadata
from importlib.util import cache_from_source
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
ALL_LOCKS = sorted(
    file.relative_to(ROOT).as_posix()
    for folder in (ROOT, ROOT / "deploy" / "local", ROOT / "tests" / "bench", ROOT / "tests" / "fuzz")
    for file in folder.glob("*.lock")
)
# What running may take on a disk, as it is installed.
MOST_BYTES = 600 * 10**6


def _pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", text, re.MULTILINE))


def test_all_locks_are_looked_at():
    others = {"deploy/local/pip.lock", "tests/bench/requirements.lock", "tests/fuzz/requirements.lock"}

    assert {*LOCKS, *others} <= set(ALL_LOCKS)


@pytest.mark.parametrize("lock", ALL_LOCKS)
def test_every_pin_has_a_hash(lock: str):
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text())

    assert [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ALL_LOCKS)
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


def test_what_running_needs_is_small():
    """All files that are there, byte-code too; a pin may be for another system and is not here then."""
    sizes: dict[str, int] = {}
    for name in (*_pins(LOCKS[0]), "pip"):
        try:
            files = metadata.distribution(name).files or []
        except metadata.PackageNotFoundError:
            continue
        sizes[name] = sum(map(_size, files))

    assert len(sizes) > 0.9 * len(_pins(LOCKS[0]))
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda one: -one[1])[:10]


def _size(file: metadata.PackagePath) -> int:
    """Bytes of a file, and of what it was compiled to."""
    if file.suffix == ".pyc":
        return 0
    path = Path(str(file.locate()))
    compiled = Path(cache_from_source(str(path))) if file.suffix == ".py" else path.with_suffix(".none")
    return sum(each.stat().st_size for each in (path, compiled) if each.is_file())
