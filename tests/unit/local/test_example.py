"""The file of examples: what stands in it is read, and what an operator may set stands in it."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from chassis.config import Settings
from deploy.local.settings import PROJECT, LauncherSettings, handed_on
from gateway.config import GatewaySettings
from jobs.config import JobsSettings
from services.analytics.config import AnalyticsSettings
from services.coach.config import CoachSettings
from services.goals.config import GoalsSettings
from services.mentor.config import MentorSettings
from services.notify.config import NotifySettings

PROCESSES: Mapping[str, type[Settings]] = {
    "gateway": GatewaySettings,
    "jobs": JobsSettings,
    "goals": GoalsSettings,
    "coach": CoachSettings,
    "mentor": MentorSettings,
    "analytics": AnalyticsSettings,
    "notify": NotifySettings,
}


def test_every_name_in_the_examples_is_read_and_every_setting_has_one() -> None:
    shown = re.findall(r"^#?([A-Z][A-Z0-9_]*)=", Path(PROJECT / ".env.example").read_text(), re.MULTILINE)

    assert len(set(shown)) == len(shown)
    assert set(shown) == variables_of(LauncherSettings) | handed_to_processes()


def handed_to_processes() -> set[str]:
    """What the launcher hands on to a process that reads it."""
    return {
        name
        for process, settings in PROCESSES.items()
        for name in variables_of(settings)
        if handed_on({name: "given"}, process)
    }


def variables_of(settings: type[BaseModel]) -> set[str]:
    return {str(field.validation_alias) for field in settings.model_fields.values()}
