"""The schedule: which jobs there are, when each runs, and which are built. The only place that says so.

Celery knows UTC alone. A job with a local rule ticks every quarter of an hour, because every zone's offset is a whole
number of them, and serves the members for whom the rule's local time has just come.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

MONDAY: Final = 1
WEDNESDAY: Final = 3
_QUARTER: Final = timedelta(minutes=15)
_HOUR: Final = timedelta(hours=1)
_MIDNIGHT: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LocalRule:
    """When by the member's own clock.

    Attributes:
        at: Local time of day.
        iso_weekday: On this day of the week only, 1 is Monday.
        day_of_month: On this day of the month only.
    """

    at: time
    iso_weekday: int | None = None
    day_of_month: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes:
        name: As operators write it.
        every: How often it ticks; divides a day, and is under an hour or whole hours.
        after: How long after each full `every` (counted from midnight UTC) it ticks; under an hour.
        local: The members' local time that it serves; None for jobs that are not about a time of day.
        is_built: Only built jobs are on the beat.
        budget: A run that takes longer is stopped; its next run goes on.
    """

    name: str
    every: timedelta
    after: timedelta = timedelta(0)
    local: LocalRule | None = None
    is_built: bool = False
    budget: timedelta = timedelta(minutes=10)

    @property
    def task(self) -> str:
        """The Celery task's name."""
        return f"jobs.{self.name}"

    @property
    def cron(self) -> str:
        """The ticks as a crontab line, in UTC."""
        first = int(self.after.total_seconds()) // 60
        if self.every < _HOUR:
            return f"{first}-59/{int(self.every.total_seconds()) // 60} * * * *"
        hours = self.every // _HOUR
        return f"{first} * * * *" if hours == 1 else f"{first} */{hours} * * *"

    def period_at(self, now: datetime) -> str:
        """The tick that `now` belongs to, in UTC: the same for every process that asks until the next tick."""
        since = now - _MIDNIGHT - self.after
        return (now - since % self.every).strftime("%Y-%m-%dT%H:%MZ")


JOBS: Final = (
    # Rows past their retention, in every service.
    Job("sweep_expired", _HOUR, after=timedelta(minutes=7), is_built=True),
    # Change feeds into the warehouse, and the figures of members who changed.
    Job("sync_warehouse", timedelta(minutes=5)),
    # Recomputation of everything, compared with the incremental figures.
    Job("compute_adherence", timedelta(hours=6)),
    # Risk level and score; newly high risk tells the mentor.
    Job("compute_risk", timedelta(hours=4)),
    # What is due today.
    Job("daily_goal_reminder", _QUARTER, local=LocalRule(time(7))),
    # The member's review and the group's post.
    Job("weekly_goal_review", _QUARTER, local=LocalRule(time(9), iso_weekday=MONDAY)),
    # Plan changes where adherence sags.
    Job("generate_plan_suggestions", _QUARTER, local=LocalRule(time(10), iso_weekday=WEDNESDAY)),
    # The month's report.
    Job("monthly_progress_report", _QUARTER, local=LocalRule(time(8), day_of_month=1)),
)
BUILT: Final = {job.name: job for job in JOBS if job.is_built}


def run_id(name: str, period: str) -> UUID:
    """The id of a job's run for one period, and of its Celery task: who asks twice asks for one run."""
    return uuid5(NAMESPACE_URL, f"tandem:job:{name}:{period}")
