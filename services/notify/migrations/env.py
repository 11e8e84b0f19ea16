"""Runs the revisions of notify."""

from chassis.migrations import run_env
from services.notify.tables import metadata

run_env("notify", metadata)
