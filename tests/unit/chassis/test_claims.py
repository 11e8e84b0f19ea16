"""Signed claims: made of known parts, and reused for a while."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.clock import FixedClock
from chassis.db.claims import CLAIMS_LIFE, CLAIMS_REUSE, ClaimSigner, hmac_pads, key_id
from chassis.identity.principal import Principal

KEY = b"k" * 32
MEMBER = UUID("01a1fc74-8eab-75b6-ae74-c923d074c348")


@pytest.mark.parametrize("key", [b"short", KEY, b"x" * 64, b"longer than one block of sha256, so it is hashed " * 2])
def test_pads_make_an_hmac(key: bytes) -> None:
    inner, outer = hmac_pads(key)

    made = hashlib.sha256(outer + hashlib.sha256(inner + b"claims").digest()).digest()

    assert made == hmac.digest(key, b"claims", "sha256")


def test_claims_name_member_roles_expiry_and_key() -> None:
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    expires = int((clock.now() + CLAIMS_LIFE).timestamp())

    settings = ClaimSigner(KEY, wall=clock).settings(Principal.member(MEMBER, roles={"member", "admin"}))

    claims = f"{MEMBER}|admin,member|{expires}|{key_id(KEY)}"
    signature = hmac.new(KEY, claims.encode(), "sha256").hexdigest()
    assert settings == f"SET LOCAL app.claims='{claims}';SET LOCAL app.sig='{signature}';"


def test_unknown_roles_and_quotes_never_reach_the_message() -> None:
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))

    settings = ClaimSigner(KEY, wall=clock).settings(Principal.member(MEMBER, roles={"member", "x'; DROP TABLE y"}))

    assert "DROP" not in settings
    assert settings.count("'") == 4


def test_text_in_place_of_a_member_id_is_refused() -> None:
    forged = Principal("' OR 1=1", frozenset(), "gateway")  # type: ignore[arg-type]

    with pytest.raises(TypeError):
        ClaimSigner(KEY, wall=FixedClock(datetime(2026, 3, 1, tzinfo=UTC))).settings(forged)


def test_claims_are_signed_again_in_time() -> None:
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    signer, member = ClaimSigner(KEY, wall=clock), Principal.member(MEMBER)

    first = signer.settings(member)
    clock.advance(CLAIMS_REUSE - timedelta(seconds=1))
    assert signer.settings(member) is first
    clock.advance(timedelta(seconds=1))
    assert signer.settings(member) != first
