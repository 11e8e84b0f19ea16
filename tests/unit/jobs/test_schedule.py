"""The schedule: which jobs tick when, and what makes two ticks one run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.schedules import crontab
from hypothesis import given
from hypothesis import strategies as st

from jobs.schedule import BUILT, JOBS, Job, run_id
from jobs.tasks import WORK

BY_NAME = {job.name: job for job in JOBS}


def test_the_schedule_has_the_jobs_that_operators_know():
    assert BY_NAME.keys() == {
        "sweep_expired",
        "sync_warehouse",
        "compute_adherence",
        "compute_risk",
        "daily_goal_reminder",
        "weekly_goal_review",
        "generate_plan_suggestions",
        "monthly_progress_report",
    }


def test_every_built_job_has_its_work_and_nothing_else_does():
    assert BUILT.keys() == WORK.keys()


@pytest.mark.parametrize(
    ("name", "cron"),
    [
        ("sweep_expired", "7 * * * *"),
        ("sync_warehouse", "0-59/5 * * * *"),
        ("compute_adherence", "0 */6 * * *"),
        ("compute_risk", "0 */4 * * *"),
        ("daily_goal_reminder", "0-59/15 * * * *"),
    ],
)
def test_a_rhythm_is_a_crontab_line(name: str, cron: str):
    assert BY_NAME[name].cron == cron


@pytest.mark.parametrize(
    ("now", "period"),
    [
        ("2026-03-01T10:07:00", "2026-03-01T10:07Z"),
        ("2026-03-01T10:06:59", "2026-03-01T09:07Z"),
        ("2026-03-01T00:00:00", "2026-02-28T23:07Z"),
        ("2028-02-29T23:59:59", "2028-02-29T23:07Z"),
    ],
)
def test_an_instant_belongs_to_the_tick_before_it(now: str, period: str):
    assert BUILT["sweep_expired"].period_at(datetime.fromisoformat(now).replace(tzinfo=UTC)) == period


@given(
    st.sampled_from(JOBS),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
)
def test_periods_are_the_ticks_of_the_crontab(job: Job, now: datetime):
    period = datetime.strptime(job.period_at(now), "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    minute, hour, *_ = job.cron.split()
    ticks: Any = crontab(minute=minute, hour=hour)

    assert timedelta(0) <= now - period < job.every
    assert period.minute in ticks.minute
    assert period.hour in ticks.hour


def test_a_job_and_a_period_are_one_run():
    assert run_id("a", "p") == run_id("a", "p")
    assert len({run_id("a", "p"), run_id("a", "q"), run_id("b", "p")}) == 3
