"""Private folders: given to their owner, never through a link."""

import os
import stat
from pathlib import Path

import pytest

from deploy.local.folders import make_private
from deploy.local.problems import LocalProblem

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
SOMEBODY = 12345


@NEEDS_ROOT
def test_a_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    made = make_private(tmp_path / "theirs", owner=SOMEBODY).stat()
    again = make_private(tmp_path / "theirs", owner=SOMEBODY).stat()

    assert (made.st_uid, stat.S_IMODE(made.st_mode)) == (SOMEBODY, 0o700)
    assert again.st_uid == SOMEBODY


@NEEDS_ROOT
def test_a_folder_that_was_there_is_never_given_away(tmp_path: Path) -> None:
    (tmp_path / "roots").mkdir()

    with pytest.raises(LocalProblem, match="belongs to another user"):
        make_private(tmp_path / "roots", owner=SOMEBODY)

    assert (tmp_path / "roots").stat().st_uid == 0


@NEEDS_ROOT
def test_what_a_link_leads_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "roots").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to("roots")
    before = (tmp_path / "roots").stat()

    with pytest.raises(LocalProblem, match="is not a folder"):
        make_private(tmp_path / "link", owner=SOMEBODY)

    after = (tmp_path / "roots").stat()
    assert (after.st_uid, after.st_mode) == (before.st_uid, before.st_mode)
