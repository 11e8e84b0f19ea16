"""Passports and assertions: who may mint them, how long they hold, and that nothing else passes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.clock import FixedClock
from chassis.errors import Unauthenticated
from chassis.identity.passport import (
    MAX_TOKEN_LENGTH,
    PASSPORT_TYPE,
    SERVICES_AUDIENCE,
    AssertionMinter,
    PassportMinter,
    TokenVerifier,
)

MEMBER = UUID("01936f5e-0000-7000-8000-000000000001")
SESSION = UUID("01936f5e-0000-7000-8000-000000000002")


class World:
    """Three processes with their keys, and a clock."""

    def __init__(self) -> None:
        self.clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.keys = {name: Ed25519PrivateKey.generate() for name in ("gateway", "coach", "jobs")}
        self.minter = PassportMinter(self.keys["gateway"], "gateway", self.clock)
        self.verifier = TokenVerifier({name: key.public_key() for name, key in self.keys.items()}, "goals", self.clock)

    def passport(self) -> str:
        return self.minter.mint(MEMBER, frozenset({"member"}), SESSION)

    def assertion(self, caller: str, audience: str = "goals") -> str:
        return AssertionMinter(self.keys[caller], caller, self.clock).mint(audience)


@pytest.fixture
def world() -> World:
    return World()


def test_a_passport_says_who_acts(world: World):
    principal = world.verifier.principal(world.passport(), None)

    assert principal.member_id == MEMBER
    assert principal.session_id == SESSION
    assert principal.roles == {"member"}
    assert principal.caller == "gateway"


def test_an_assertion_says_through_whom(world: World):
    assert world.verifier.principal(world.passport(), world.assertion("coach")).caller == "coach"


def test_an_assertion_alone_is_a_service_acting_for_nobody(world: World):
    principal = world.verifier.principal(None, world.assertion("jobs"))

    assert principal.is_system
    assert principal.caller == "jobs"


def test_a_passport_is_reused_for_half_its_life(world: World):
    first = world.passport()
    world.clock.advance(timedelta(seconds=29))
    assert world.passport() == first

    world.clock.advance(timedelta(seconds=1))

    assert world.passport() != first


def test_a_passport_fits_its_limit(world: World):
    assert len(world.minter.mint(MEMBER, frozenset({"member", "mentor", "admin"}), SESSION)) <= MAX_TOKEN_LENGTH


def test_a_passport_seen_before_still_expires(world: World):
    passport = world.passport()
    world.verifier.principal(passport, None)

    world.clock.advance(timedelta(seconds=121))

    with pytest.raises(Unauthenticated):
        world.verifier.principal(passport, None)


def test_neither_passport_nor_assertion_is_refused(world: World):
    with pytest.raises(Unauthenticated):
        world.verifier.principal(None, None)


def test_a_service_cannot_mint_a_passport(world: World):
    forged = PassportMinter(world.keys["coach"], "coach", world.clock).mint(MEMBER, frozenset({"admin"}), None)

    with pytest.raises(Unauthenticated):
        world.verifier.principal(forged, world.assertion("coach"))


def test_a_service_cannot_sign_as_the_gateway(world: World):
    forged = PassportMinter(world.keys["coach"], "gateway", world.clock).mint(MEMBER, frozenset({"admin"}), None)

    with pytest.raises(Unauthenticated):
        world.verifier.principal(forged, None)


def test_an_assertion_is_no_passport_and_the_reverse(world: World):
    with pytest.raises(Unauthenticated):
        world.verifier.principal(world.assertion("jobs"), None)
    with pytest.raises(Unauthenticated):
        world.verifier.principal(None, world.passport())


def test_a_token_remembered_as_one_kind_is_not_taken_as_the_other(world: World):
    passport = world.passport()
    world.verifier.principal(passport, None)

    with pytest.raises(Unauthenticated):
        world.verifier.principal(None, passport)


def test_an_assertion_for_another_service_is_refused(world: World):
    with pytest.raises(Unauthenticated):
        world.verifier.principal(None, world.assertion("jobs", audience="coach"))


def _signed(world: World, headers: dict[str, object] | None = None, **changes: object) -> str:
    now = int(world.clock.now().timestamp())
    claims: dict[str, object] = {
        "iss": "gateway",
        "aud": SERVICES_AUDIENCE,
        "sub": str(MEMBER),
        "roles": ["member"],
        "sid": None,
        "jti": "x",
        "iat": now,
        "exp": now + 60,
    } | changes
    claims = {name: value for name, value in claims.items() if value != "absent"}
    return jwt.encode(
        claims,
        world.keys["gateway"],
        algorithm="EdDSA",
        headers={"typ": PASSPORT_TYPE, "kid": "gateway"} | (headers or {}),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": "absent"},
        {"iat": "absent"},
        {"aud": "absent"},
        {"aud": [SERVICES_AUDIENCE, "tandem-api"]},
        {"aud": "tandem-api"},
        {"iss": "coach"},
        {"exp": 10**12},
        {"sub": "not-a-uuid"},
        {"sub": "absent"},
        {"roles": None},
    ],
    ids=str,
)
def test_a_passport_with_odd_claims_is_refused(world: World, changes: dict[str, object]):
    with pytest.raises(Unauthenticated):
        world.verifier.principal(_signed(world, None, **changes), None)


@pytest.mark.parametrize(
    "headers", [{"typ": "at+jwt"}, {"kid": "nobody"}, {"kid": "../gateway"}, {"crit": ["exp"]}], ids=str
)
def test_a_passport_with_an_odd_header_is_refused(world: World, headers: dict[str, object]):
    with pytest.raises(Unauthenticated):
        world.verifier.principal(_signed(world, headers), None)


@pytest.mark.parametrize("offset_s", [-120, 120])
def test_a_clock_two_minutes_off_is_refused(world: World, offset_s: int):
    now = int(world.clock.now().timestamp()) + offset_s

    with pytest.raises(Unauthenticated):
        world.verifier.principal(_signed(world, iat=now, exp=now + 60), None)


def test_an_unknown_role_is_dropped(world: World):
    principal = world.verifier.principal(_signed(world, roles=["member", "root"]), None)

    assert principal.roles == {"member"}


def test_garbage_is_refused(world: World):
    for token in ("", "a.b.c", "x" * 5000, world.passport()[:-2]):
        with pytest.raises(Unauthenticated):
            world.verifier.principal(token or "x", None)
