"""Key material: one secret and one signing key per process, the public keys of all; read from files, never logged."""

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

SECRET_BYTES = 32
# 32 random bytes have about 30 different ones, and fewer than this once in 10^13; what somebody wrote has fewer.
_MIN_DIFFERENT = 16


class KeyProblem(ValueError):
    """A key file is missing, unreadable or too weak. The message names the file, never its content."""


def derive(secret: bytes, label: str) -> bytes:
    """Derives the 32-byte subkey for one purpose, so that no two purposes share a key.

    HMAC-SHA256(secret, label): the expand step of HKDF (RFC 5869) for one block and a uniformly random secret.
    """
    return hmac.new(secret, label.encode(), hashlib.sha256).digest()


def is_weak(secret: bytes) -> bool:
    """True for what was evidently not drawn at random: too short, or made of few different bytes."""
    return len(secret) < SECRET_BYTES or len(set(secret)) < _MIN_DIFFERENT


def load_secret(file: Path) -> bytes:
    """Reads a secret of 32 random bytes, written as hex.

    Raises:
        KeyProblem: Missing, not hex, shorter than 32 bytes, or evidently not random.
    """
    try:
        secret = bytes.fromhex(_read(file).decode("ascii").strip())
    except (ValueError, UnicodeDecodeError):
        raise KeyProblem(f"{file.name} must hold {SECRET_BYTES} random bytes as hex") from None
    if is_weak(secret):
        raise KeyProblem(f"{file.name} must hold {SECRET_BYTES} random bytes as hex")
    return secret


def load_private_key(file: Path) -> Ed25519PrivateKey:
    """Reads an Ed25519 private key in PEM.

    Raises:
        KeyProblem: Missing, not such a key, or evidently not random.
    """
    try:
        key = load_pem_private_key(_read(file), password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey) or is_weak(key.private_bytes_raw()):
        raise KeyProblem(f"{file.name} must hold an Ed25519 private key in PEM")
    return key


def load_trusted_keys(folder: Path) -> Mapping[str, Ed25519PublicKey]:
    """Reads the public key of every process: `<issuer>.pem` in one folder.

    Raises:
        KeyProblem: The folder is missing or empty, or a file in it is not an Ed25519 public key.
    """
    files = sorted(folder.glob("*.pem")) if folder.is_dir() else []
    if not files:
        raise KeyProblem(f"{folder.name} must hold the public keys of all processes as <issuer>.pem")
    return {file.stem: _load_public_key(file) for file in files}


def _load_public_key(file: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(_read(file))
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyProblem(f"{file.name} must hold an Ed25519 public key in PEM")
    return key


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise KeyProblem(f"cannot read {file.name}: {problem.strerror}") from None
