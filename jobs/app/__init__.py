"""The two processes of jobs and the Celery application that they share."""

from jobs.app.application import make_app

__all__ = ["make_app"]
