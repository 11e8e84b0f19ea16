"""What import contracts cannot say about the source: each rule is a few lines over the syntax trees."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

# The trees are read once.
pytestmark = pytest.mark.xdist_group("architecture")

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("chassis", "services", "gateway", "jobs", "deploy")
SERVICES = ("goals", "coach", "mentor", "analytics", "notify")
ANATOMY = {
    "__init__", "__main__", "config", "errors", "domain", "tables", "repository", "clients", "events", "usecases",
    "servicer", "worker",
}  # fmt: skip
GATEWAY_ANATOMY = {
    "__init__", "__main__", "config", "errors", "app", "routes", "problems", "accounts", "tokens", "limits", "breakers",
    "tables", "repository", "clients", "worker", "upkeep", "health",
}  # fmt: skip
JOBS_ANATOMY = {"__init__", "__main__", "config", "app", "schedule", "tasks", "clients"}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "service_utils"}
SQL_PLACES = re.compile(r"/(repository|tables|sql)(/|\.py)|/migrations/")
SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s*\()",
    re.IGNORECASE | re.DOTALL,
)
MAX_LINES = 400


@cache
def _modules() -> tuple[tuple[Path, ast.Module], ...]:
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return tuple((file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))) for file in files)


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def _stems(folder: Path) -> set[str]:
    found = {file.stem for file in folder.glob("*.py")}
    return found | {sub.name for sub in folder.iterdir() if (sub / "__init__.py").exists()}


def test_every_module_has_a_docstring():
    assert [str(file) for file, tree in _modules() if not ast.get_docstring(tree)] == []


def test_modules_stay_small():
    long = {str(file): len((ROOT / file).read_text().splitlines()) for file, _ in _modules()}

    assert {file: lines for file, lines in long.items() if lines > MAX_LINES} == {}


def test_no_module_has_a_name_that_says_nothing():
    assert [str(file) for file, _ in _modules() if BANNED_NAMES & set(file.with_suffix("").parts)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_anatomy(service: str):
    folder = ROOT / "services" / service

    assert _stems(folder) - {"migrations"} == ANATOMY
    assert (folder / "README.md").exists()
    assert list((folder / "migrations" / "versions").glob("*.py"))


def test_the_gateway_has_its_anatomy():
    assert _stems(ROOT / "gateway") - {"migrations"} == GATEWAY_ANATOMY


def test_jobs_have_their_anatomy():
    assert _stems(ROOT / "jobs") == JOBS_ANATOMY


def test_sql_stands_only_in_repositories_tables_and_migrations():
    found = [
        f"{file}:{node.lineno}"
        for file, tree in _modules()
        if file.parts[0] in ("services", "gateway", "jobs") and not SQL_PLACES.search(f"/{file}")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]

    assert found == []


def test_only_the_database_layer_commits():
    found = [
        f"{file}:{call.lineno}"
        for file, tree in _modules()
        if not str(file).startswith(("chassis/db", "chassis/migrations"))
        for name, call in _calls(tree)
        if name.endswith(".commit")
    ]

    assert found == []


def test_only_config_reads_the_environment():
    found = [
        f"{file}:{node.lineno}"
        for file, tree in _modules()
        if str(file) != "chassis/config.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv", "os.environb")
    ]

    assert found == []


def test_only_the_clock_reads_the_time_and_makes_ids():
    banned = re.compile(r"(datetime\.(now|utcnow|today)|date\.today|uuid[1-7]|uuid\.uuid[1-7]|time\.time)$")
    found = [
        f"{file}:{call.lineno} {name}"
        for file, tree in _modules()
        # The launcher is a tool of the machine's clock; uuid5 is a hash, not a source of ids.
        if str(file) != "chassis/clock.py" and not str(file).startswith("deploy/")
        for name, call in _calls(tree)
        if banned.search(name) and not name.endswith("uuid5")
    ]

    assert found == []


def test_identity_is_never_set_for_a_session():
    """Plain SET outlives the transaction and would hand one member's identity to the next."""
    pattern = re.compile(
        r"\bSET\s+(?!LOCAL\b)(SESSION\s+)?app\.|set_config\(\s*'app\.[a-z]+'\s*,[^)]*,\s*false", re.IGNORECASE
    )
    found = [str(file) for file, _ in _modules() if pattern.search((ROOT / file).read_text())]

    assert found == []


def test_log_events_have_literal_names():
    methods = {"debug", "info", "warning", "error", "exception", "critical"}
    found = [
        f"{file}:{call.lineno}"
        for file, tree in _modules()
        for name, call in _calls(tree)
        if name.rsplit(".", 1)[0] in ("log", "_log", "self._log") and name.rsplit(".", 1)[-1] in methods
        if not (
            call.args
            and isinstance(call.args[0], ast.Constant)
            and re.fullmatch(r"[a-z][a-z0-9_]*", str(call.args[0].value))
        )
    ]

    assert found == []


def test_nothing_prints_outside_the_tools_for_people():
    found = [
        f"{file}:{call.lineno}"
        for file, tree in _modules()
        if file.parts[0] in ("chassis", "services", "gateway", "jobs")
        for name, call in _calls(tree)
        if name == "print"
    ]

    assert found == []


def test_vendor_libraries_are_not_imported_at_the_top():
    """They are heavy; only what has a key pays for them."""
    heavy = {"anthropic", "google.genai", "snowflake", "duckdb", "pyarrow", "adbc_driver_postgresql"}
    found = [
        f"{file}:{node.lineno}"
        for file, tree in _modules()
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if any(name == lib or name.startswith(lib + ".") for lib in heavy)
    ]

    assert found == []
