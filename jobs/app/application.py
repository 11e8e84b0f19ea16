"""The Celery application: JSON over Redis, acknowledged late, no result backend."""

from datetime import timedelta
from typing import Final

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging

from jobs.config import JobsSettings
from jobs.schedule import BUILT, Job

QUEUE: Final = "jobs"
KEY_PREFIX: Final = "tandem:celery:"
REDBEAT_PREFIX: Final = "tandem:redbeat:"
REDBEAT_LOCK: Final = "tandem:redbeat:lock"
LOCK_TIMEOUT: Final = timedelta(seconds=15)
MAX_LOOP_INTERVAL: Final = timedelta(seconds=3)
# Longer than any run's budget and any wait for a retry: a message that is being worked on must not be given out again.
VISIBILITY_TIMEOUT: Final = timedelta(minutes=15)


def make_app(settings: JobsSettings) -> Celery:
    """The application, with the built jobs on its schedule."""
    # Our logs are configured before Celery starts; it is told to leave them alone.
    setup_logging.connect(_leave_logging_alone, weak=False)
    app = Celery("jobs", broker=settings.broker_url.get_secret_value(), set_as_current=True)
    app.conf.update(
        accept_content=["json"],
        beat_max_loop_interval=MAX_LOOP_INTERVAL.total_seconds(),
        beat_schedule={job.name: _entry(job) for job in BUILT.values()},
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "global_keyprefix": KEY_PREFIX,
            "visibility_timeout": VISIBILITY_TIMEOUT.total_seconds(),
        },
        enable_utc=True,
        redbeat_key_prefix=REDBEAT_PREFIX,
        redbeat_lock_key=REDBEAT_LOCK,
        redbeat_lock_timeout=LOCK_TIMEOUT.total_seconds(),
        redbeat_redis_options={},
        redbeat_redis_url=settings.redbeat_url.get_secret_value(),
        result_expires=None,
        task_acks_late=True,
        task_create_missing_queues=True,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_serializer="json",
        timezone="UTC",
        worker_concurrency=settings.worker_threads,
        worker_hijack_root_logger=False,
        worker_pool="threads",
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
    )
    return app


def _entry(job: Job) -> dict[str, object]:
    minute, hour, *_ = job.cron.split()
    # A run that nobody took before the next tick has nothing left to do that the next one does not.
    return {
        "task": job.task,
        "schedule": crontab(minute=minute, hour=hour),
        "options": {"expires": job.every.total_seconds()},
    }


def _leave_logging_alone(**_: object) -> None:
    """Celery asks nobody else once somebody listens."""
