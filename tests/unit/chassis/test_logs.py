"""Log lines: one JSON object each, with the request id, without the words of exceptions, whatever is thrown at them."""

import asyncio
import errno
import gc
import json
import logging
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.telemetry import logs
from tests.support.logs import logging_to


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with logging_to(tmp_path / "test.log") as file:
        yield file


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_line_is_one_json_object(file: Path):
    logs.get_logger("here").info("goal_created", goal_count=3)

    (line,) = _lines(file)
    assert line["event"] == "goal_created"
    assert line["goal_count"] == 3
    assert line["process"] == "test"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("variables", "is_for_people"),
    [
        ({}, True),
        ({"TANDEM_LOG_FORMAT": "json"}, False),
        ({"TANDEM_ENVIRONMENT": "production"}, False),
        ({"TANDEM_ENVIRONMENT": "production", "TANDEM_LOG_FORMAT": "console"}, True),
    ],
)
def test_a_process_run_by_hand_writes_for_people(variables: dict[str, str], is_for_people: bool):
    child = """
from chassis.config import Settings, load
from chassis.telemetry import logs
logs.configure(load(Settings), "test")
logs.get_logger("here").info("goal_created", goal_count=3)
"""
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", child], stderr=theirs, env=variables, check=True, timeout=30)
    os.close(theirs)
    line = os.read(ours, 10_000).decode()
    os.close(ours)

    assert "goal_created" in line
    assert ("\x1b[" in line) is is_for_people
    assert line.startswith("{") is not is_for_people


@pytest.mark.parametrize(("form", "is_json"), [("", True), ("json", True), ("console", False)])
def test_a_file_holds_json_unless_told_otherwise(tmp_path: Path, form: str, is_json: bool):
    with logging_to(tmp_path / "test.log", form) as file:
        logs.get_logger("here").info("goal_created", goal_count=3)

    assert file.read_text().startswith("{") is is_json


def test_the_request_id_is_on_every_line(file: Path):
    with answering(RequestContext("m", "0123456789abcdef", Principal.system("x"))):
        logs.get_logger("here").info("inside")
        logging.getLogger("library").warning("inside too")

    assert [line["request_id"] for line in _lines(file)] == ["0123456789abcdef"] * 2


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", '"quoted"', "\u202eright to left", "\x00nul"])
def test_odd_text_stays_inside_its_line(file: Path, text: str):
    logs.get_logger("here").info("odd", text=text)

    (line,) = _lines(file)
    assert line["text"] == text


def test_a_huge_value_is_cut(file: Path):
    logs.get_logger("here").info("huge", text="x" * 1_000_000)

    assert file.stat().st_size < 2000


def test_a_librarys_exception_loses_its_words(file: Path):
    try:
        raise ValueError("canary-7f3")
    except ValueError:
        logging.getLogger("library").exception("it broke")

    (line,) = _lines(file)
    assert "canary-7f3" not in json.dumps(line)
    assert line["failure"].startswith("ValueError at ")


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_record_shows_the_text_or_the_variables_of_a_failure(tmp_path: Path, form: str):
    ours, library = logs.get_logger("here"), logging.getLogger("library")
    with logging_to(tmp_path / "test.log", form) as file:
        try:
            fail_with_a_secret()
        except ValueError as failure:
            ours.error("by_itself", exc_info=failure)
            ours.error("as_it_is_handled", exc_info=True)
            ours.error("as_three", exc_info=sys.exc_info())
            ours.exception("by_name")
            ours.error("as_a_value", problem=failure, problems=[failure])
            ours.error("with_a_stack", stack_info=True)
            library.exception("it broke")
            library.error("it broke: %s", failure, stack_info=True)
            library.error("it broke: %(problem)s", {"problem": failure})
            library.error("it broke", extra={"problem": failure})

    text = file.read_text()
    assert "canary" not in text
    assert "fail_with_a_secret" in text
    assert len(text.splitlines()) == 10


def fail_with_a_secret() -> None:
    secret = "canary-" + "7f3"
    raise ValueError(secret) from RuntimeError(secret)


async def _broken() -> None:
    raise ValueError("canary-7f3")


@pytest.mark.parametrize("is_described", [True, False])
def test_a_failure_nobody_awaited_loses_its_words(file: Path, is_described: bool):
    """With our handler, and where asyncio's own one logs."""

    async def forget() -> None:
        if is_described:
            logs.describe_loop_failures(asyncio.get_running_loop())
        forgotten = asyncio.create_task(_broken())
        await asyncio.wait([forgotten])
        del forgotten
        gc.collect()
        asyncio.get_running_loop().call_soon(int, "canary-7f3")
        await asyncio.sleep(0.01)

    asyncio.run(forget())

    task, callback = _lines(file)
    assert "canary-7f3" not in file.read_text()
    assert task["failure"].startswith("ValueError at ")
    assert callback["failure"].startswith("ValueError at ")
    if is_described:
        assert (task["event"], task["work"]) == ("loop_failure", "_broken")
    else:
        assert (task["event"], task["logger"]) == ("asyncio_complaint", "asyncio")
        assert "default_exception_handler" in task["place"]


def test_lines_below_the_level_are_not_written(file: Path):
    logs.get_logger("here").debug("quiet")

    assert file.read_text() == ""


def test_files_rotate_and_old_ones_go(tmp_path: Path):
    sink = logs.Sink(tmp_path / "a.log", max_bytes=100, files=3)

    for number in range(200):
        sink.write(b"line %03d" % number)

    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.log", "a.log.1", "a.log.2"]
    assert (tmp_path / "a.log").read_bytes().endswith(b"line 199\n")
    assert all(file.stat().st_size < 120 for file in tmp_path.iterdir())


@pytest.mark.parametrize("broken", ["open", "rename"])
def test_a_failed_rotation_goes_on_in_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str):
    sink = logs.Sink(tmp_path / "a.log", max_bytes=100, files=3)
    (tmp_path / "a.log.1").write_bytes(b"older\n")
    open_file, attempts = os.open, 0

    def refuse(*arguments: Any, **options: Any) -> Any:
        nonlocal attempts
        attempts += 1
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(os, *(("open", refuse) if broken == "open" else ("replace", refuse)))
        for number in range(50):
            sink.write(b"line %03d" % number)
    # A descriptor closed too early would be given to the next file, and log lines would go into it.
    other = open_file(tmp_path / "other", os.O_RDWR | os.O_CREAT)
    for number in range(50, 100):
        sink.write(b"line %03d" % number)
    assert os.path.samestat(os.fstat(other), (tmp_path / "other").stat())
    os.close(other)

    assert 0 < attempts < 25, "each line tried to rotate again"
    assert (tmp_path / "other").read_bytes() == b""
    assert (tmp_path / "a.log").read_bytes().endswith(b"line 099\n")
    assert not (tmp_path / "a.log.next").exists()


def test_a_rotation_out_of_descriptors_keeps_its_own(tmp_path: Path):
    """In a child, as the limit is the process's: lines of the log must reach no file but the log."""
    child = """
import os, resource, sys
from pathlib import Path
from chassis.telemetry.logs import Sink
folder = Path(sys.argv[1])
sink = Sink(folder / "a.log", max_bytes=50, files=3)
lowest = os.dup(2); os.close(lowest)
resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, lowest))
for number in range(20):
    sink.write(b"line %03d" % number)
"""
    subprocess.run([sys.executable, "-c", child, str(tmp_path)], check=True, timeout=30)

    lines = (tmp_path / "a.log").read_bytes().splitlines()
    assert [file.name for file in tmp_path.iterdir()] == ["a.log"]
    assert lines == [b"line %03d" % number for number in range(20)]


def test_a_rotation_that_ended_half_way_loses_no_second_file(tmp_path: Path):
    sink = logs.Sink(tmp_path / "a.log", max_bytes=10, files=4)
    (tmp_path / "a.log.2").write_bytes(b"older\n")

    for number in range(3):
        sink.write(b"line %03d long enough" % number)

    assert (tmp_path / "a.log.2").read_bytes() == b"line 000 long enough\n"
    assert (tmp_path / "a.log.3").read_bytes() == b"older\n"


def test_a_full_disk_drops_lines_and_fails_nothing(tmp_path: Path):
    sink = logs.Sink(None)
    sink._descriptor = 10**6  # a descriptor that does not exist fails like a full disk does
    before = REGISTRY.get_sample_value("tandem_log_lines_dropped_total")
    assert before is not None

    sink.write(b"lost")
    sink.write(b"lost too")

    assert REGISTRY.get_sample_value("tandem_log_lines_dropped_total") == before + 2


def test_a_failure_is_described_without_its_message():
    try:
        try:
            raise KeyError("canary-7f3")
        except KeyError as inner:
            raise RuntimeError("canary-7f3") from inner
    except RuntimeError as failure:
        text = logs.describe(failure)

    assert "canary-7f3" not in text
    assert text.startswith("RuntimeError at ")
    assert "KeyError at " in text
