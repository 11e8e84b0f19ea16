"""The contract: generated code is fresh, reasons agree, every service has its deadlines."""

import filecmp
import importlib
import inspect
import json
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

import chassis.errors
from chassis.errors import TandemError
from chassis.rpc.client import load_service_config, repeated, timeouts_s
from chassis.rpc.platform import POLICIES as PLATFORM
from chassis.rpc.policy import GENERATE, LIST, READ, WRITE, Allow
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


RETRIES = {
    "maxAttempts": 3,
    "initialBackoff": "0.05s",
    "maxBackoff": "0.5s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
# docs/adr/0039: making a goal waits for its plan.
PLANNED = {"CreateGoal", "SuggestPlan"}


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
        if policy is not None:
            assert policy == RETRIES
            assert _is_read(method.name) or "idempotency_key" in method.input_type.fields_by_name, method.name


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_repeated_has_the_time_of_its_class(package: str):
    """What takes longer than these is no read and no write, and is asked once."""
    config = load_service_config(package)
    for name in repeated(config) - PLANNED:
        # Reads of many rows have the time of lists.
        classes = (READ, LIST) if _is_read(name) else (WRITE,)
        assert timedelta(seconds=timeouts_s(config)[name]) in classes, name


def test_classes_of_calls_have_the_times_of_the_design():
    assert [each.total_seconds() for each in (READ, WRITE, LIST, GENERATE)] == [2, 5, 5, 60]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_server_gives_a_method_as_long_as_its_callers_do(package: str):
    """The server takes the shorter of both, so that a difference would be a deadline that nobody wrote."""
    allowed = {name: allow.deadline.total_seconds() for name, allow in _policies(package).items()}

    assert allowed == timeouts_s(load_service_config(package))


def _is_read(method: str) -> bool:
    return method.startswith(("Get", "List"))


def _policies(package: str) -> Mapping[str, Allow]:
    if package == "platform":
        return PLATFORM
    policies: Mapping[str, Allow] = importlib.import_module(f"services.{package}.servicer").POLICIES
    return policies


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


def _image(protos: Path) -> Path:
    """The descriptors, as `make lint` has them written for buf."""
    image = protos / "image.binpb"
    subprocess.run([sys.executable, protos / "generate.py", "--image", image], check=True, capture_output=True)
    return image


def _copy(folder: Path) -> Path:
    return Path(shutil.copytree(ROOT / "protos", folder / "protos", ignore=shutil.ignore_patterns("gen")))


def _compare(image: Path, against: Path) -> "subprocess.CompletedProcess[str]":
    # From the folder with the rules.
    return subprocess.run(
        [Path(sys.executable).with_name("buf"), "breaking", image, "--against", against],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def promised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contract as it is."""
    return _image(_copy(tmp_path_factory.mktemp("promised")))


def test_a_contract_that_stays_breaks_nobody(promised: Path, tmp_path: Path):
    compared = _compare(_image(_copy(tmp_path)), promised)

    assert (compared.returncode, compared.stdout + compared.stderr) == (0, "")


@pytest.mark.parametrize(
    ("after", "complaint"),
    [
        ("bytes aggregate_id = 5;", "changed type from"),
        ("string aggregate_id = 99;", "was deleted"),
        ("string aggregate = 5;", "changed name from"),
    ],
)
def test_a_contract_that_changes_a_field_is_refused(promised: Path, tmp_path: Path, after: str, complaint: str):
    changed = _copy(tmp_path)
    event = changed / "tandem/event/v1/event.proto"
    before, text = "string aggregate_id = 5;", event.read_text()
    assert text.count(before) == 1
    event.write_text(text.replace(before, after))

    compared = _compare(_image(changed), promised)

    assert compared.returncode != 0
    assert complaint in compared.stdout


def _main_module(package: str) -> str:
    return "goals_service_pb2" if package == "goals" else f"{package}_pb2"
