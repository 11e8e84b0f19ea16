"""Consents: one's own, with defaults, changed by name."""

import asyncio
from typing import Any

import pytest

from chassis.errors import InvalidArgument, NotFound, PermissionDenied
from tandem.mentor.v1 import mentor_pb2 as pb
from tests.support.mentor import People, Person


async def consents_of(person: Person) -> pb.Consents:
    found: pb.Consents = await person.call("GetConsents", pb.GetConsentsRequest())
    return found


async def change(person: Person, *paths: str, key: str = "", **fields: Any) -> pb.Consents:
    request = pb.UpdateConsentsRequest(consents=pb.Consents(**fields), idempotency_key=key)
    request.update_mask.paths.extend(paths or fields)
    changed: pb.Consents = await person.call("UpdateConsents", request)
    return changed


def allowed(consents: pb.Consents) -> tuple[bool, bool, bool, bool]:
    return (
        consents.coach_reads_journal,
        consents.ai_vendors,
        consents.alert_mentor_on_risk,
        consents.leaderboard,
    )


async def test_a_new_member_has_the_defaults(people: People):
    anna = await people.member()

    assert allowed(await consents_of(anna)) == (True, True, False, False)


async def test_only_the_named_consents_change(people: People):
    anna, ben = await people.member(), await people.member()

    changed = await change(anna, "ai_vendors", "leaderboard", leaderboard=True)

    assert allowed(changed) == (True, False, False, True)
    assert changed == await consents_of(anna)
    assert allowed(await consents_of(ben)) == (True, True, False, False)


async def test_the_same_key_changes_consents_once(people: People):
    anna = await people.member()
    await change(anna, "ai_vendors", key="k")
    await change(anna, ai_vendors=True)

    assert not (await change(anna, "ai_vendors", key="k")).ai_vendors
    assert anna.replayed
    assert (await consents_of(anna)).ai_vendors


async def test_changes_at_once_of_different_consents_are_all_kept(people: People):
    anna = await people.member()

    await asyncio.gather(
        change(anna, "coach_reads_journal"), change(anna, leaderboard=True), change(anna, alert_mentor_on_risk=True)
    )

    assert allowed(await consents_of(anna)) == (False, True, True, True)


async def test_who_is_no_member_has_no_consents(people: People):
    stranger = people.person()

    with pytest.raises(NotFound):
        await consents_of(stranger)
    with pytest.raises(NotFound):
        await change(stranger, leaderboard=True)


async def test_an_unknown_consent_is_refused(people: People):
    anna = await people.member()

    with pytest.raises(InvalidArgument):
        await change(anna, "update_time")


async def test_coach_reads_consents_but_changes_none(people: People):
    anna = await people.member()
    coach = people.person(caller="coach", member_id=anna.member_id)

    assert allowed(await consents_of(coach)) == (True, True, False, False)
    with pytest.raises(PermissionDenied):
        await change(coach, leaderboard=True)
