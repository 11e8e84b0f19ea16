"""Runs the revisions of the coach."""

from chassis.migrations import run_env
from services.coach.tables import metadata

run_env("coach", metadata)
