"""How members come to be, change and get roles."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.errors import InvalidArgument
from chassis.identity.principal import Principal
from services.mentor import errors
from services.mentor.domain import consents, member
from services.mentor.domain.consents import Consents
from services.mentor.domain.member import Member, Role
from services.mentor.domain.profile import Profile

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ANNA, BEN = UUID(int=1), UUID(int=2)
MEMBER_ONLY = frozenset({Role.MEMBER})


def registered(*roles: str) -> Member:
    principal = Principal.member(ANNA, roles=roles or ("member",))
    return member.register(principal, Profile("Anna"), now=NOW)


def test_a_member_is_whom_the_passport_names():
    made = registered()

    assert (made.member_id, made.roles, made.version) == (ANNA, MEMBER_ONLY, 1)
    assert made.created_at == made.updated_at == NOW


def test_a_passport_with_roles_makes_a_member_with_roles():
    assert registered("admin").roles == {Role.ADMIN, Role.MEMBER}


def test_nobody_registers_somebody_else():
    with pytest.raises(errors.NotYourself):
        member.register(Principal.system("gateway"), Profile("Anna"), now=NOW)


def test_only_the_named_fields_change():
    revised = member.revise(
        registered(), Profile("Ben", timezone="Asia/Tokyo"), fields={"timezone"}, etag="1", now=LATER
    )

    assert revised.profile == Profile("Anna", timezone="Asia/Tokyo")
    assert (revised.version, revised.updated_at, revised.created_at) == (2, LATER, NOW)


def test_a_change_to_what_is_there_already_is_no_change():
    anna = registered()

    assert member.revise(anna, Profile("Anna"), fields={"name"}, etag="", now=LATER) is anna
    assert member.revise(anna, Profile("Ben"), fields=(), etag="", now=LATER) is anna


def test_a_stale_etag_is_refused():
    with pytest.raises(errors.MemberChangedMeanwhile):
        member.revise(registered(), Profile("Ben"), fields={"name"}, etag="7", now=LATER)


def test_a_stale_etag_is_refused_for_roles_as_well():
    for stale in ("7", "7,8"):
        with pytest.raises(errors.MemberChangedMeanwhile):
            member.assign_roles(registered(), {Role.MENTOR}, admins=(), etag=stale)
        with pytest.raises(errors.MemberChangedMeanwhile):
            member.assign_roles(registered(), (), admins=(), etag=stale)
    assert member.assign_roles(registered(), {Role.MENTOR}, admins=(), etag="7,1").version == 2


@pytest.mark.parametrize("field", ["roles", "member_id", "version", "__class__", ""])
def test_a_mask_names_profile_fields_only(field: str):
    with pytest.raises(InvalidArgument) as refusal:
        member.revise(registered(), Profile("Ben"), fields={field}, etag="", now=LATER)

    assert [violation.field for violation in refusal.value.violations] == ["update_mask"]


def test_a_bad_value_in_the_mask_is_refused():
    with pytest.raises(InvalidArgument):
        member.revise(registered(), Profile("Ben", timezone="nowhere"), fields={"timezone"}, etag="", now=LATER)


def test_the_member_role_is_kept_whatever_is_asked():
    assert member.assign_roles(registered(), {Role.MENTOR}, admins=()).roles == {Role.MEMBER, Role.MENTOR}
    assert member.assign_roles(registered("mentor"), (), admins=()).roles == MEMBER_ONLY


def test_roles_that_are_there_already_are_no_change():
    anna = registered("mentor")

    assert member.assign_roles(anna, {Role.MENTOR}, admins=()) is anna


def test_the_last_admin_stays_one():
    anna = registered("admin")

    with pytest.raises(errors.LastAdmin):
        member.assign_roles(anna, (), admins={ANNA})
    assert member.assign_roles(anna, (), admins={ANNA, BEN}).roles == MEMBER_ONLY
    assert member.assign_roles(anna, {Role.ADMIN, Role.MENTOR}, admins={ANNA}).version == 2


def test_a_member_is_known_to_themselves_and_to_admins():
    assert member.may_know(Principal.member(ANNA), ANNA)
    assert member.may_know(Principal.member(BEN, roles=("member", "admin")), ANNA)
    assert not member.may_know(Principal.member(BEN, roles=("member", "mentor")), ANNA)
    assert not member.may_know(Principal.system("jobs"), ANNA)


def test_a_new_member_allows_coach_and_vendors_but_no_alert_and_no_leaderboard():
    fresh = Consents(NOW)

    assert (fresh.coach_reads_journal, fresh.ai_vendors) == (True, True)
    assert (fresh.alert_mentor_on_risk, fresh.leaderboard) == (False, False)


def test_only_the_named_consents_change():
    fresh = Consents(NOW)
    wanted = Consents(NOW, ai_vendors=False, leaderboard=True)

    revised = consents.revise(fresh, wanted, fields={"ai_vendors"}, now=LATER)

    assert revised == replace(fresh, ai_vendors=False, updated_at=LATER, version=2)
    assert consents.revise(revised, wanted, fields={"ai_vendors"}, now=LATER) is revised
    with pytest.raises(InvalidArgument):
        consents.revise(fresh, wanted, fields={"version"}, now=LATER)
