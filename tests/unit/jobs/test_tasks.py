"""Runs of jobs: what they call, what they tell, and that a second one changes nothing."""

import pytest

from chassis.clock import SystemClock
from chassis.errors import Unavailable
from chassis.request import current
from jobs.clients import FakePlatform, FakeRunStates, Swept
from jobs.config import SERVICES
from jobs.schedule import BUILT
from jobs.tasks import SWEEP_ROUNDS, Means, Run, RunFailed, execute, retry_after_s

RUN = Run(BUILT["sweep_expired"], "2026-03-01T10:07Z")


def means_with(platform: FakePlatform) -> Means:
    return Means(SystemClock(), platform, FakeRunStates())


def told(means: Means) -> list[str]:
    assert isinstance(means.states, FakeRunStates)
    return means.states.told[RUN.run_id]


async def test_a_sweep_asks_every_service_until_nothing_is_left():
    platform = FakePlatform(expired={"goals": 2500, "notify": 1})
    means = means_with(platform)

    await execute(RUN, means)

    assert set(platform.expired.values()) == {0}
    assert len(platform.asked) == len(set(platform.asked)) == 3 + 4
    assert told(means) == ["running", "succeeded"]


async def test_a_sweep_is_bounded():
    platform = FakePlatform(expired={"goals": 10**9})

    await execute(RUN, means_with(platform))

    assert len(platform.asked) == SWEEP_ROUNDS + 4


async def test_one_service_that_fails_keeps_no_other_from_being_swept():
    platform = FakePlatform(expired=dict.fromkeys(SERVICES, 1), failures={"coach": Unavailable("gone")})
    means = means_with(platform)

    with pytest.raises(RunFailed, match=r"^coach: DEPENDENCY_UNAVAILABLE$"):
        await execute(RUN, means)

    assert platform.expired == {"goals": 0, "coach": 1, "mentor": 0, "analytics": 0, "notify": 0}
    assert told(means) == ["running", "failed"]


async def test_a_failed_run_can_be_tried_again_but_a_done_one_is_not():
    platform = FakePlatform(failures={"coach": Unavailable("gone")})
    means = means_with(platform)
    with pytest.raises(RunFailed):
        await execute(RUN, means)
    platform.failures.clear()

    await execute(RUN, means)
    await execute(RUN, means)

    assert told(means) == ["running", "failed", "running", "succeeded"]


async def test_what_breaks_unforeseen_is_told_by_class_and_never_by_text():
    class Breaking(FakePlatform):
        async def sweep(self, service: str, *, idempotency_key: str) -> Swept:
            raise RuntimeError("canary")

    with pytest.raises(RunFailed) as failure:
        await execute(RUN, means_with(Breaking()))

    assert str(failure.value) == "jobs: RuntimeError"


async def test_calls_are_made_as_jobs_for_nobody_with_the_run_as_request():
    seen = []

    class Looking(FakePlatform):
        async def sweep(self, service: str, *, idempotency_key: str) -> Swept:
            seen.append(current())
            return Swept(0, more=False)

    await execute(RUN, means_with(Looking()))

    assert {(each.principal.caller, each.principal.is_system) for each in seen} == {("jobs", True)}
    assert {each.request_id for each in seen} == {RUN.run_id.hex}


def test_attempts_are_spread_out():
    assert [retry_after_s(retries) for retries in range(3)] == [30, 60, 120]
