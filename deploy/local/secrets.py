"""The system's secrets: made once, by the launcher, readable by its user alone; every process gets only its own."""

import base64
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.local.folders import make_private, write_private
from deploy.local.problems import LocalProblem, describe

PROCESSES = ("gateway", "goals", "coach", "mentor", "analytics", "notify", "jobs")
SCHEMAS = ("goals", "coach", "mentor", "analytics", "notify", "gateway")
ADMIN_PASSWORD = "admin.password"  # noqa: S105 - the name of a file
_SECRET_BYTES = 32
# Nothing replaces these: the first opens the database, the second what members wrote.
_IRREPLACEABLE = ("postgres.password", "journal.keys")


def ensure_keys(folder: Path, *, with_admin: bool = True) -> None:
    """Makes all keys where there are none, and those a newer version needs beside older ones.

    Args:
        folder: Where they lie.
        with_admin: On the first start also make a password for the first administrator.

    Raises:
        LocalProblem: A key that cannot be replaced is missing, or the folder cannot be written.
    """
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        _make_missing(make_private(fresh))
        if with_admin:
            _make(fresh / ADMIN_PASSWORD, _password)
        try:
            fresh.rename(folder)
        except OSError as failure:
            raise LocalProblem(f"cannot make {folder}: {describe(failure)}") from failure
        return
    make_private(folder)
    for name in _IRREPLACEABLE:
        if not (folder / name).exists():
            raise LocalProblem(f"the key {folder / name} is missing; restore it, or start anew with make reset")
    _make_missing(folder)


def read(folder: Path, name: str) -> str:
    """The text of one key file."""
    try:
        return (folder / name).read_text(encoding="utf-8").strip()
    except OSError as failure:
        raise LocalProblem(f"cannot read the key {folder / name}: {describe(failure)}") from failure


def forget_admin_password(folder: Path) -> None:
    """Removes the administrator's password, which has been shown and is stored as a hash."""
    (folder / ADMIN_PASSWORD).unlink(missing_ok=True)


def _make_missing(folder: Path) -> None:
    make_private(folder / "public")
    for process in PROCESSES:
        _make(folder / f"{process}.secret", lambda: secrets.token_hex(_SECRET_BYTES))
        _make(folder / f"{process}.ed25519", _signing_key)
        public, private = folder / "public" / f"{process}.pem", folder / f"{process}.ed25519"
        if not public.exists() or public.stat().st_mtime < private.stat().st_mtime:
            write_private(public, _public_key(private))
    _make(folder / "access-token.ed25519", _signing_key)
    _make(folder / "journal.keys", lambda: f"k1:{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}\n")
    logins = [f"{schema}_{kind}" for schema in SCHEMAS for kind in ("app", "system")]
    for name in ("postgres", "valkey", *logins):
        _make(folder / f"{name}.password", _password)


def _make(file: Path, content: Callable[[], str]) -> None:
    if not file.exists():
        write_private(file, content())


def _password() -> str:
    return secrets.token_urlsafe(24)


# The launcher lives as long as the system and needs the library below once, so it is imported where it is needed.
def _signing_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def _public_key(private: Path) -> str:
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    except ValueError:
        raise LocalProblem(f"the key {private} is damaged; restore it, or remove it to have it made anew") from None
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
