"""Runs the revisions of the sample schema."""

from chassis.migrations import run_env
from tests.support.sample.goals.tables import metadata

run_env("goals", metadata)
