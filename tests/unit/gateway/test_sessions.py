"""Refresh tokens, revocations, and the memory of verified tokens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.clock import FixedClock
from chassis.errors import AuthenticationRequired, Unauthenticated, Unavailable
from chassis.identity.passport import PassportMinter
from gateway.tokens.access import AccessTokens
from gateway.tokens.refresh import Decision, Family, Refresh, RefreshTokens, judge
from gateway.tokens.revocations import Change, Ended, Revocations
from gateway.tokens.sessions import Sessions

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER, FAMILY = UUID(int=1), UUID(int=2)
ONLY_MEMBER = frozenset({"member"})
TOKENS = RefreshTokens(b"k" * 32)


def family(number: int = 3, *, rotated: timedelta = timedelta(0), created: timedelta = timedelta(0)) -> Family:
    return Family(FAMILY, MEMBER, number, NOON - rotated, NOON - created, None)


def test_a_refresh_token_is_the_same_every_time_it_is_made():
    assert TOKENS.make(FAMILY, 3) == TOKENS.make(FAMILY, 3)
    assert TOKENS.read(TOKENS.make(FAMILY, 3)) == Refresh(FAMILY, 3)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        TOKENS.make(FAMILY, 3)[:-1],
        TOKENS.make(FAMILY, 3) + "A",
        TOKENS.make(FAMILY, 3).replace(".3.", ".4."),
        TOKENS.make(FAMILY, 3).replace(".3.", ".03."),
        TOKENS.make(FAMILY, 3).upper(),
        RefreshTokens(b"o" * 32).make(FAMILY, 3),
        TOKENS.make(FAMILY, 3).replace("0", "٠", 1),
    ],
)
def test_what_is_not_signed_by_us_is_no_refresh_token(token: str):
    with pytest.raises(Unauthenticated):
        TOKENS.read(token)


@pytest.mark.parametrize(
    ("number", "stored", "expected"),
    [
        (3, family(), Decision.ROTATE),
        (2, family(rotated=timedelta(seconds=10)), Decision.REPEAT),
        (2, family(rotated=timedelta(seconds=10.001)), Decision.REUSED),
        (1, family(), Decision.REUSED),
        (4, family(), Decision.REUSED),
        (3, family(rotated=timedelta(days=14, seconds=1)), Decision.VOID),
        (3, family(created=timedelta(days=30, seconds=1)), Decision.VOID),
        (3, Family(FAMILY, MEMBER, 3, NOON, NOON, NOON), Decision.VOID),
    ],
)
def test_a_refresh_token_is_judged_by_what_is_stored(number: int, stored: Family, expected: Decision):
    assert judge(Refresh(FAMILY, number), stored, NOON) is expected


class FakeSource:
    """Ends as the test sets them."""

    def __init__(self) -> None:
        self.ended = Ended()
        self.is_down = False

    async def read_ended(self, since: datetime) -> Ended:
        if self.is_down:
            raise Unavailable("down")
        return self.ended


class Setting:
    """Sessions over a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self.source = FakeSource()
        self.tokens = AccessTokens(Ed25519PrivateKey.generate(), "tandem", self.clock)
        self.revocations = Revocations(self.source, self.clock)
        self.passports = PassportMinter(Ed25519PrivateKey.generate(), "gateway", self.clock)
        self.sessions = Sessions(self.tokens, self.revocations, self.passports, self.clock)

    def header(self) -> bytes:
        return b"Bearer " + self.tokens.issue(MEMBER, FAMILY, roles=ONLY_MEMBER).encode()


async def test_a_signed_in_caller_is_known_and_remembered():
    setting = Setting()
    header = setting.header()

    first, second = setting.sessions.authenticate(header), setting.sessions.authenticate(header)

    assert first is second
    assert first.principal.member_id == MEMBER
    assert setting.sessions.passport(first) == setting.sessions.passport(second)


@pytest.mark.parametrize("header", [None, b"", b"Basic YTpi", b"Bearer", b"Token x"])
def test_without_a_bearer_token_one_is_asked_to_sign_in(header: bytes | None):
    with pytest.raises(AuthenticationRequired):
        Setting().sessions.authenticate(header)


def test_a_remembered_token_expires_all_the_same():
    setting = Setting()
    header = setting.header()
    setting.sessions.authenticate(header)
    setting.clock.advance(timedelta(minutes=16))

    with pytest.raises(Unauthenticated):
        setting.sessions.authenticate(header)


@pytest.mark.parametrize(
    "ended",
    [
        Ended(sessions=frozenset({FAMILY})),
        Ended(changed={MEMBER: Change(NOON + timedelta(seconds=0.2), ONLY_MEMBER)}),
        Ended(changed={MEMBER: Change(NOON - timedelta(seconds=5), frozenset())}),
        Ended(closed=frozenset({MEMBER})),
    ],
)
async def test_what_has_ended_is_refused_even_when_remembered(ended: Ended):
    setting = Setting()
    header = setting.header()
    setting.sessions.authenticate(header)
    setting.source.ended = ended
    await setting.revocations.refresh()

    with pytest.raises(Unauthenticated):
        setting.sessions.authenticate(header)


async def test_a_log_out_of_this_process_counts_at_once():
    setting = Setting()
    header = setting.header()
    setting.revocations.note_ended(FAMILY)

    with pytest.raises(Unauthenticated):
        setting.sessions.authenticate(header)


async def test_tokens_from_after_a_change_of_roles_are_good():
    setting = Setting()
    setting.source.ended = Ended(changed={MEMBER: Change(NOON, ONLY_MEMBER)})
    await setting.revocations.refresh()
    setting.clock.advance(timedelta(seconds=1))

    assert setting.sessions.authenticate(setting.header()).member_id == MEMBER


async def test_a_token_dated_after_a_change_but_made_of_what_was_read_before_is_refused():
    setting = Setting()
    demoted = setting.tokens.issue(MEMBER, FAMILY, roles=frozenset({"member", "admin"}))
    fewer = setting.tokens.issue(MEMBER, FAMILY, roles=ONLY_MEMBER)
    setting.source.ended = Ended(changed={MEMBER: Change(NOON - timedelta(seconds=3), frozenset({"member", "mentor"}))})
    await setting.revocations.refresh()

    with pytest.raises(Unauthenticated):
        setting.sessions.authenticate(b"Bearer " + demoted.encode())
    assert setting.sessions.authenticate(b"Bearer " + fewer.encode()).member_id == MEMBER


async def test_writes_are_refused_while_ends_are_unknown_for_ten_seconds():
    setting = Setting()
    with pytest.raises(Unavailable):
        setting.revocations.check_fresh()
    await setting.revocations.refresh()
    setting.clock.advance(timedelta(seconds=10))
    setting.revocations.check_fresh()
    setting.clock.advance(timedelta(seconds=0.1))

    with pytest.raises(Unavailable) as refused:
        setting.revocations.check_fresh()

    assert refused.value.reason == "TEMPORARY_REDUCED_CAPACITY"
