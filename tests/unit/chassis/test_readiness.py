"""The newest revision is read without Alembic, and is the one Alembic means."""

import pytest

from chassis.migrations import heads
from chassis.readiness import NoMigrations, newest_revision

PACKAGES = [*(f"services.{name}" for name in ("goals", "coach", "mentor", "analytics", "notify")), "gateway"]


@pytest.mark.parametrize("package", PACKAGES)
def test_it_is_the_head_of_a_linear_history(package: str):
    assert heads(package) == {newest_revision(package)}


def test_a_package_without_migrations_is_told():
    with pytest.raises(NoMigrations):
        newest_revision("services")
