"""The children's logs: last words and rotation."""

import os
import stat
from pathlib import Path

import pytest

from deploy.local import logs


def test_last_words_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "one.out").write_text("a\n\nb\n  c\n")

    assert logs.last_words([tmp_path / "one.log", tmp_path / "one.out"]) == "a | b | c"


def test_words_of_an_earlier_life_are_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "one.out").write_text("long ago\n")
    os.utime(tmp_path / "one.out", (1, 1))
    (tmp_path / "one.log").write_text("just now\n")

    assert logs.last_words([tmp_path / "one.log", tmp_path / "one.out"], since=2) == "just now"


def test_no_words_are_told_as_such(tmp_path: Path) -> None:
    assert logs.last_words([tmp_path / "missing"]) == "(none)"


def test_a_long_log_is_emptied_under_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "ROTATE_BYTES", 10)
    file = tmp_path / "one.out"

    with logs.appending(file) as output:
        for round_ in range(8):
            output.write(b"%d: 0123456789\n" % round_)
            output.flush()
            logs.rotate(file)
        output.write(b"after\n")

    assert file.read_bytes() == b"after\n"
    assert (tmp_path / "one.out.1").read_bytes() == b"7: 0123456789\n"
    assert len(list(tmp_path.iterdir())) == 1 + logs.KEPT_FILES


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "one.out").write_text("short\n")

    logs.rotate(tmp_path / "one.out")

    assert [file.name for file in tmp_path.iterdir()] == ["one.out"]


def test_a_log_is_private(tmp_path: Path) -> None:
    with logs.appending(tmp_path / "one.out"):
        pass

    assert stat.S_IMODE((tmp_path / "one.out").stat().st_mode) == 0o600
