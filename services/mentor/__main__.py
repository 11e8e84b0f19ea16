"""Mentor's process: `python -m services.mentor serve|migrate`."""

from typing import Final

from chassis.service import Assembly, Runtime, Service, run
from services.mentor.config import MentorSettings
from services.mentor.servicer import servicing
from services.mentor.usecases import MemberUseCases
from services.mentor.worker import handlers


def build(settings: MentorSettings, runtime: Runtime) -> Assembly:
    """Mentor's parts."""
    members = MemberUseCases(runtime.database, runtime.clock)
    return Assembly(servicing(members, runtime.page_tokens), handlers=handlers())


SERVICE: Final = Service("mentor", MentorSettings, build)

if __name__ == "__main__":
    run(SERVICE)
