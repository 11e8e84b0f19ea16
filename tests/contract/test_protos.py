"""The contract: generated code is fresh, reasons agree, every service has its deadlines."""

import filecmp
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import chassis.errors
from chassis.errors import TandemError
from tandem.error.v1 import error_reason_pb2

ROOT = Path(__file__).resolve().parents[2]
REASON_NAMES = tuple(error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name)
PACKAGES = {
    "goals": "GoalsService",
    "coach": "CoachService",
    "mentor": "MentorService",
    "analytics": "AnalyticsService",
    "notify": "NotifyService",
    "platform": "PlatformService",
}


def _files(root: Path) -> set[Path]:
    return {file.relative_to(root) for file in root.rglob("*") if file.is_file() and "__pycache__" not in file.parts}


def test_generated_code_is_fresh(tmp_path: Path):
    subprocess.run([sys.executable, ROOT / "protos/generate.py", "--out", tmp_path], check=True, capture_output=True)

    committed = ROOT / "protos/gen"
    assert _files(tmp_path) == _files(committed)
    _, different, unreadable = filecmp.cmpfiles(tmp_path, committed, map(str, _files(tmp_path)), shallow=False)
    assert (different, unreadable) == ([], [])


def _errors() -> set[type[TandemError]]:
    modules = [chassis.errors, *(importlib.import_module(f"{package}.errors") for package in _packages_with_errors())]
    found = {item for module in modules for _, item in inspect.getmembers(module, inspect.isclass)}
    return {item for item in found if issubclass(item, TandemError)}


def _packages_with_errors() -> list[str]:
    services = [f"services.{name}" for _, name, _ in pkgutil.iter_modules([str(ROOT / "services")])]
    return [*services, "gateway"]


def test_every_reason_raised_is_in_the_contract():
    known = {name.removeprefix("ERROR_REASON_") for name in REASON_NAMES}

    assert {error.__name__: error.reason for error in _errors() if error.reason not in known} == {}


def test_every_reason_of_the_contract_is_raised():
    reasons = {name.removeprefix("ERROR_REASON_") for name in REASON_NAMES} - {"UNSPECIFIED"}

    assert reasons - {error.reason for error in _errors()} == set()


@pytest.mark.parametrize(("package", "service"), PACKAGES.items())
def test_every_method_has_a_deadline_and_retries_only_where_safe(package: str, service: str):
    module = importlib.import_module(f"tandem.{package}.v1.{_main_module(package)}")
    descriptor = module.DESCRIPTOR.services_by_name[service]
    config = json.loads((ROOT / f"protos/tandem/{package}/v1/{package}_grpc_service_config.json").read_text())
    entries = {name["method"]: entry for entry in config["methodConfig"] for name in entry["name"]}

    assert entries.keys() == {method.name for method in descriptor.methods}
    assert config["retryThrottling"] == {"maxTokens": 10, "tokenRatio": 0.1}
    for method in descriptor.methods:
        policy = entries[method.name].get("retryPolicy")
        is_read = method.name.startswith(("Get", "List"))
        if policy is not None:
            assert is_read or "idempotency_key" in method.input_type.fields_by_name, method.name
            assert policy["retryableStatusCodes"] == ["UNAVAILABLE"]
            assert policy["maxAttempts"] == 3


@pytest.mark.parametrize(("package", "service"), PACKAGES.items())
def test_every_mutating_request_has_an_idempotency_key(package: str, service: str):
    module = importlib.import_module(f"tandem.{package}.v1.{_main_module(package)}")
    descriptor = module.DESCRIPTOR.services_by_name[service]

    without = [
        method.name
        for method in descriptor.methods
        if not method.name.startswith(("Get", "List")) and "idempotency_key" not in method.input_type.fields_by_name
    ]

    assert without == []


def _main_module(package: str) -> str:
    return "goals_service_pb2" if package == "goals" else f"{package}_pb2"
