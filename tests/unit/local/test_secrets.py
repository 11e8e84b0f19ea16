"""The keys: made once, private, of the form that their readers ask for."""

import stat
from pathlib import Path

import pytest

from chassis.identity.keys import load_private_key, load_secret, load_trusted_keys
from deploy.local import secrets
from deploy.local.problems import LocalProblem


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_process_can_read_its_keys(tmp_path: Path) -> None:
    keys = tmp_path / "keys"

    secrets.ensure_keys(keys)

    trusted = load_trusted_keys(keys / "public")
    assert set(trusted) == set(secrets.PROCESSES)
    for process in secrets.PROCESSES:
        assert len(load_secret(keys / f"{process}.secret")) == 32
        own = load_private_key(keys / f"{process}.ed25519").public_key()
        assert own.public_bytes_raw() == trusted[process].public_bytes_raw()
    load_private_key(keys / "access-token.ed25519")


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    keys = tmp_path / "keys"

    secrets.ensure_keys(keys)

    folders = [keys, *(path for path in keys.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    files = [path for path in keys.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    secrets.ensure_keys(tmp_path / "keys")
    before = contents(tmp_path / "keys")

    secrets.ensure_keys(tmp_path / "keys")

    assert contents(tmp_path / "keys") == before


def test_no_two_secrets_are_alike(tmp_path: Path) -> None:
    secrets.ensure_keys(tmp_path / "keys")

    made = list(contents(tmp_path / "keys").values())

    assert len(set(made)) == len(made)


def test_what_an_interrupted_start_left_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "keys.new").mkdir()
    (tmp_path / "keys.new" / "goals.secret").write_text("half")

    secrets.ensure_keys(tmp_path / "keys")

    assert load_secret(tmp_path / "keys" / "goals.secret")
    assert not (tmp_path / "keys.new").exists()


@pytest.mark.parametrize("name", ["journal.keys", "postgres.password"])
def test_a_lost_key_that_opens_data_is_never_replaced(tmp_path: Path, name: str) -> None:
    secrets.ensure_keys(tmp_path / "keys")
    (tmp_path / "keys" / name).unlink()

    with pytest.raises(LocalProblem, match=f"{name} is missing; restore it"):
        secrets.ensure_keys(tmp_path / "keys")


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    secrets.ensure_keys(tmp_path / "keys")
    (tmp_path / "keys" / "notify.ed25519").write_text("no key at all")
    (tmp_path / "keys" / "public" / "notify.pem").unlink()

    with pytest.raises(LocalProblem, match=r"notify\.ed25519 is damaged"):
        secrets.ensure_keys(tmp_path / "keys")


def test_a_key_of_a_newer_version_is_added(tmp_path: Path) -> None:
    secrets.ensure_keys(tmp_path / "keys")
    (tmp_path / "keys" / "jobs.ed25519").unlink()

    secrets.ensure_keys(tmp_path / "keys")

    own = load_private_key(tmp_path / "keys" / "jobs.ed25519").public_key()
    assert load_trusted_keys(tmp_path / "keys" / "public")["jobs"].public_bytes_raw() == own.public_bytes_raw()


def test_the_administrators_password_is_made_at_the_first_start_only(tmp_path: Path) -> None:
    keys = tmp_path / "keys"

    secrets.ensure_keys(keys)
    made = secrets.read(keys, secrets.ADMIN_PASSWORD)
    secrets.forget_admin_password(keys)
    secrets.ensure_keys(keys)

    assert len(made) >= 32
    assert not (keys / secrets.ADMIN_PASSWORD).exists()


def test_no_password_is_made_for_an_administrator_who_has_one(tmp_path: Path) -> None:
    secrets.ensure_keys(tmp_path / "keys", with_admin=False)

    assert not (tmp_path / "keys" / secrets.ADMIN_PASSWORD).exists()
