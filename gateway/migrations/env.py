"""Runs the revisions of the gateway."""

from chassis.migrations import run_env
from gateway.tables import metadata

run_env("gateway", metadata)
