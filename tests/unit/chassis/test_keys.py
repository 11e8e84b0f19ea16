"""Secrets and keys that were evidently not drawn at random are refused (row H11)."""

import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.identity.keys import KeyProblem, is_weak, load_private_key, load_secret

WEAK = {
    "changeme": b"changeme" * 4,
    "31 bytes": bytes(range(31)),
    "zero bytes": bytes(32),
    "empty": b"",
    "a phrase over and over": b"keep it secret, " * 8,
}


@pytest.mark.parametrize("secret", WEAK.values(), ids=WEAK)
def test_h11_a_weak_secret_is_refused_by_the_name_of_its_file(tmp_path: Path, secret: bytes):
    file = tmp_path / "weak.secret"
    file.write_text(secret.hex())

    with pytest.raises(KeyProblem, match=r"weak\.secret") as refused:
        load_secret(file)
    assert not secret or secret.hex() not in str(refused.value)


@pytest.mark.parametrize("words", ["changeme", "zz" * 32, "\u00e4" * 64])
def test_h11_so_is_what_is_no_hex(tmp_path: Path, words: str):
    file = tmp_path / "weak.secret"
    file.write_text(words)

    with pytest.raises(KeyProblem, match=r"weak\.secret"):
        load_secret(file)


@pytest.mark.parametrize("seed", [bytes(32), b"changeme" * 4])
def test_h11_a_signing_key_of_a_weak_seed_is_refused(tmp_path: Path, seed: bytes):
    file = tmp_path / "weak.pem"
    key = Ed25519PrivateKey.from_private_bytes(seed)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    with pytest.raises(KeyProblem, match=r"weak\.pem"):
        load_private_key(file)


def test_what_is_drawn_at_random_is_taken():
    assert not any(is_weak(secrets.token_bytes(32)) for _ in range(10_000))
