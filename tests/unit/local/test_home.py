"""The home: what it accepts, what it refuses and in which words."""

import errno
import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest

from deploy.local import home as homes
from deploy.local.folders import write_private
from deploy.local.home import Home
from deploy.local.postgres import complaint
from deploy.local.problems import LocalProblem, describe

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make somebody else's folder")


def test_a_new_home_is_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")

    homes.prepare(home)

    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.logs.stat().st_mode) == 0o700
    assert homes.find(home)


def test_parents_keep_their_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    homes.prepare(Home(tmp_path / "home"))

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_home_left_open_is_closed(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.prepare(home)
    home.path.chmod(0o777)

    homes.prepare(home)

    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "home").touch()

    with pytest.raises(LocalProblem, match="is a file; name a folder"):
        homes.prepare(Home(tmp_path / "home"))


def test_a_file_above_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LocalProblem, match=r"^cannot make the folder .*: a part of the path is a file$"):
        homes.prepare(Home(tmp_path / "file" / "home"))


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").touch()
    tmp_path.chmod(0o755)

    with pytest.raises(LocalProblem, match="holds other things"):
        homes.prepare(Home(tmp_path))

    assert [file.name for file in tmp_path.iterdir()] == ["letters"]
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@NEEDS_ROOT
def test_a_home_of_somebody_else_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.prepare(home)
    os.chown(home.path, 12345, 12345)

    with pytest.raises(LocalProblem, match="belongs to another user"):
        homes.prepare(home)


def test_a_link_in_place_of_the_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "home").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(LocalProblem, match="is not a folder"):
        homes.prepare(Home(tmp_path / "home"))


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "_LEAST_FREE_BYTES", 1 << 62)

    with pytest.raises(LocalProblem, match=r"the disk of TANDEM_HOME .* is full"):
        homes.prepare(Home(tmp_path / "home"))


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "the disk is full; free some space and try again"),
        (errno.EDQUOT, "the disk is full; free some space and try again"),
        (errno.ENOTDIR, "a part of the path is a file"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
    ],
)
def test_what_the_system_refuses_is_told_in_one_line(number: int, told: str) -> None:
    assert describe(OSError(number, os.strerror(number), "/somewhere")) == told


def test_a_disk_that_fills_while_a_file_is_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.folders._open_private", lambda *_: os.open("/dev/full", os.O_WRONLY))

    with pytest.raises(LocalProblem, match=r"cannot write .*valkey.conf: the disk is full; free some space"):
        write_private(tmp_path / "valkey.conf", "text")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            b"creating subdirectories ... initdb: error: could not create directory: No space left on device\n",
            "the disk is full; free some space and try again",
        ),
        (
            b'FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device\nchild process exited\n',
            "the disk is full; free some space and try again",
        ),
        (b"running bootstrap\ninitdb: error: invalid locale\nremoving contents\n", "initdb: error: invalid locale"),
        (b"what it said last\n\n", "what it said last"),
        (b"", "initdb ended without a word"),
    ],
)
def test_what_initdb_says_is_told_in_one_line(words: bytes, told: str) -> None:
    assert complaint(words) == told


def test_a_home_has_one_launcher(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.prepare(home)

    with home.locked():
        assert home.is_running()
        with pytest.raises(LocalProblem, match="already runs"), home.locked():
            pass

    assert not home.is_running()


def test_two_who_look_do_not_take_each_other_for_a_launcher(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.prepare(home)
    with home.locked():
        pass

    with open(home.path / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)

        assert not home.is_running()


def test_a_launcher_waits_for_somebody_who_only_looks(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.prepare(home)
    looking = home.locked()
    looking.__enter__()
    threading.Timer(0.2, looking.__exit__, (None, None, None)).start()

    with home.locked(patience_s=5):
        assert home.is_running()


def test_the_state_is_read_back_and_a_broken_one_counts_as_none(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.prepare(home)

    home.write_state({"pid": 7})
    whole = home.read_state()
    home.state_file.write_text("{")

    assert whole == {"pid": 7}
    assert home.read_state() == {}


def test_clearing_removes_all(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    homes.prepare(home)

    home.clear()

    assert list(tmp_path.iterdir()) == []
