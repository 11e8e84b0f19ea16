"""Sealed fields: open in their place with their key, and nowhere else."""

import base64
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.vault import KeyRing, VaultProblem, WrappedKey

ROW, OTHER_ROW, MEMBER, OTHER = (uuid5(UUID(int=0), name) for name in "abcd")
RING = KeyRing({"one": b"1" * 32, "old": b"0" * 32})
TABLE = "coach.messages.body"
KEY = bytes(range(32))


@given(st.text())
def test_every_text_comes_back_and_is_not_readable_in_between(text: str) -> None:
    key, wrapped = RING.make(MEMBER)

    sealed = key.seal(text, table=TABLE, row_id=ROW)

    assert RING.unwrap(wrapped).open(sealed, table=TABLE, row_id=ROW) == text
    assert len(text) < 4 or text.encode() not in sealed
    assert sealed != key.seal(text, table=TABLE, row_id=ROW)


def test_a_text_opens_only_where_it_was_sealed() -> None:
    key, _ = RING.make(MEMBER)
    other_member, _ = RING.make(OTHER)
    next_version, _ = RING.make(MEMBER, version=2)
    sealed = key.seal("private", table=TABLE, row_id=ROW)

    for opener, table, row in (
        (key, TABLE, OTHER_ROW),
        (key, "coach.journal.body", ROW),
        (other_member, TABLE, ROW),
        (next_version, TABLE, ROW),
    ):
        with pytest.raises(VaultProblem):
            opener.open(sealed, table=table, row_id=row)


@given(st.integers(0, 40), st.integers(1, 255))
def test_changed_bytes_do_not_open(position: int, change: int) -> None:
    key, _ = RING.make(MEMBER)
    sealed = bytearray(key.seal("private words", table=TABLE, row_id=ROW))
    sealed[position % len(sealed)] ^= change

    with pytest.raises(VaultProblem):
        key.open(bytes(sealed), table=TABLE, row_id=ROW)


def test_a_wrapped_key_is_bound_to_its_member_and_ring() -> None:
    _, wrapped = RING.make(MEMBER)
    stolen = WrappedKey(OTHER, wrapped.version, wrapped.kid, wrapped.wrapped)

    with pytest.raises(VaultProblem):
        RING.unwrap(stolen)
    with pytest.raises(VaultProblem):
        KeyRing({"two": b"2" * 32}).unwrap(wrapped)


def test_rewrapping_retires_an_old_ring_key_and_keeps_the_texts() -> None:
    old = KeyRing({"old": b"0" * 32})
    key, wrapped = old.make(MEMBER)
    sealed = key.seal("private", table=TABLE, row_id=ROW)

    rewrapped = RING.rewrap(wrapped)

    assert rewrapped.kid == "one"
    assert KeyRing({"one": b"1" * 32}).unwrap(rewrapped).open(sealed, table=TABLE, row_id=ROW) == "private"


def test_ring_is_read_in_order() -> None:
    assert KeyRing.parse(f"one:{encoded(KEY)},old:{encoded(bytes(reversed(KEY)))}").current == "one"


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@pytest.mark.parametrize(
    "text",
    [
        *("", "one", "one:!!!", "one:YWJj"),
        f":{encoded(KEY)}",
        f"a:{encoded(KEY)},a:{encoded(KEY)}",
        f"zeros:{encoded(bytes(32))}",
        f"short:{encoded(KEY[:31])}",
        f"written:{encoded(b'changeme' * 4)}",
        f"new:{encoded(KEY)},old:{encoded(bytes(32))}",
    ],
)
def test_bad_rings_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(ValueError, match="key ring") as refused:
        KeyRing.parse(text)
    assert not text or text not in str(refused.value)


def test_keys_do_not_show_when_printed() -> None:
    key, _ = RING.make(MEMBER)
    assert "AESGCM" not in repr(key)
