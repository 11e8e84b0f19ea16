"""Runs the revisions of analytics."""

from chassis.migrations import run_env
from services.analytics.tables import metadata

run_env("analytics", metadata)
