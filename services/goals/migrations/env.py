"""Runs the revisions of goals."""

from chassis.migrations import run_env
from services.goals.tables import metadata

run_env("goals", metadata)
