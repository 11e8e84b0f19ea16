"""Which vendors may be asked, by what somebody configured."""

import base64
from typing import Any

import pytest

from chassis.config import ConfigurationError, load
from services.coach.config import CoachSettings

NEEDED = {
    "TANDEM_LISTEN_ADDRESS": "unix:a",
    "TANDEM_OPS_ADDRESS": "unix:b",
    "REDIS_URL": "redis://r/1",
    "TANDEM_SERVICE_SECRET_FILE": "s",
    "TANDEM_SIGNING_KEY_FILE": "k",
    "TANDEM_TRUSTED_KEYS_DIR": "d",
    "COACH_DATABASE_URL": "postgresql://a",
    "COACH_SYSTEM_DATABASE_URL": "postgresql://b",
    "GOALS_ADDRESS": "unix:g",
    "MENTOR_ADDRESS": "unix:m",
    "JOURNAL_ENCRYPTION_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
}
KEYS = {"ANTHROPIC_API_KEY": "secret-a", "GEMINI_API_KEY": "secret-g"}


def settings(**given: str) -> CoachSettings:
    return load(CoachSettings, NEEDED | given)


@pytest.mark.parametrize(
    ("given", "vendors"),
    [
        ({}, ()),
        (KEYS, ("anthropic", "gemini")),
        ({"GEMINI_API_KEY": "k"}, ("gemini",)),
        (KEYS | {"COACH_PROVIDERS": "gemini, anthropic"}, ("gemini", "anthropic")),
        (KEYS | {"COACH_PROVIDERS": "offline,gemini,gemini"}, ("gemini",)),
        (KEYS | {"COACH_PROVIDERS": "offline"}, ()),
        (KEYS | {"ENABLE_AI_COACHING": "false"}, ()),
        (KEYS | {"ANTHROPIC_API_KEY": ""}, ("gemini",)),
    ],
)
def test_who_has_a_key_is_asked_in_the_order_given(given: dict[str, str], vendors: tuple[str, ...]):
    assert settings(**given).vendors == vendors


@pytest.mark.parametrize(
    "given",
    [
        {"COACH_PROVIDERS": "anthropic,opanai"},
        {"ANTHROPIC_BASE_URL": "api.example.com"},
        {"GEMINI_BASE_URL": "file:///etc/passwd"},
        {"COACH_MAX_VENDOR_CALLS": "0"},
    ],
)
def test_what_cannot_be_meant_is_refused_at_start(given: dict[str, Any]):
    with pytest.raises(ConfigurationError) as refused:
        settings(**given)

    assert next(iter(given)) in str(refused.value)


def test_keys_are_not_shown():
    assert "secret-a" not in repr(settings(**KEYS))
