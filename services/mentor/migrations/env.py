"""Runs the revisions of mentor."""

from chassis.migrations import run_env
from services.mentor.tables import metadata

run_env("mentor", metadata)
