"""Configuration tells every problem at once and never a value."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from chassis.config import ConfigurationError, ServiceSettings, Settings, load


class _Example(Settings):
    database_url: SecretStr = Field(validation_alias="EXAMPLE_DATABASE_URL")
    pool: int = Field(5, ge=1, validation_alias="EXAMPLE_POOL")


def test_defaults_hold_where_nothing_is_set():
    settings = load(_Example, {"EXAMPLE_DATABASE_URL": "postgresql://x"})

    assert settings.pool == 5
    assert settings.environment == "development"


def test_all_problems_are_told_at_once():
    with pytest.raises(ConfigurationError) as failure:
        load(_Example, {"EXAMPLE_POOL": "many", "TANDEM_ENVIRONMENT": "moon"})

    assert len(failure.value.problems) == 3
    assert {problem.split(":")[0] for problem in failure.value.problems} == {
        "EXAMPLE_DATABASE_URL",
        "EXAMPLE_POOL",
        "TANDEM_ENVIRONMENT",
    }


def test_a_value_is_never_told():
    with pytest.raises(ConfigurationError) as failure:
        load(_Example, {"EXAMPLE_DATABASE_URL": "postgresql://x", "EXAMPLE_POOL": "canary-7f3"})

    assert "canary-7f3" not in str(failure.value)


def test_a_secret_is_hidden_when_printed():
    settings = load(_Example, {"EXAMPLE_DATABASE_URL": "postgresql://canary-7f3"})

    assert "canary-7f3" not in repr(settings)
    assert settings.database_url.get_secret_value() == "postgresql://canary-7f3"


def test_an_empty_variable_counts_as_unset():
    assert load(_Example, {"EXAMPLE_DATABASE_URL": "x", "EXAMPLE_POOL": ""}).pool == 5


def test_a_variable_may_come_from_a_file(tmp_path: Path):
    (tmp_path / "url").write_text("postgresql://from-file\n")

    settings = load(_Example, {"EXAMPLE_DATABASE_URL_FILE": str(tmp_path / "url")})

    assert settings.database_url.get_secret_value() == "postgresql://from-file"


def test_a_missing_file_names_its_variable(tmp_path: Path):
    with pytest.raises(ConfigurationError) as failure:
        load(_Example, {"EXAMPLE_DATABASE_URL_FILE": str(tmp_path / "absent")})

    assert any(problem.startswith("EXAMPLE_DATABASE_URL_FILE") for problem in failure.value.problems)


def test_a_service_without_its_addresses_does_not_start():
    with pytest.raises(ConfigurationError) as failure:
        load(ServiceSettings, {})

    assert len(failure.value.problems) == 6
