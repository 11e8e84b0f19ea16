"""Goals' process: `python -m services.goals serve|migrate`."""

from typing import Final

from chassis.identity.keys import derive
from chassis.pages import PageTokens
from chassis.service import Assembly, Runtime, Service, run
from services.goals.clients import MentorMembers
from services.goals.config import GoalsSettings
from services.goals.servicer import servicing
from services.goals.usecases import UseCases
from services.goals.worker import handlers
from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceStub


def build(settings: GoalsSettings, runtime: Runtime) -> Assembly:
    """Goals' parts."""
    members = MentorMembers(runtime.caller(MentorServiceStub, "mentor", settings.mentor_address))
    use_cases = UseCases.of(runtime.database, runtime.clock, members)
    return Assembly(
        servicing(use_cases, PageTokens(derive(runtime.secret, "page-token"))), handlers=handlers(use_cases.calendars)
    )


SERVICE: Final = Service("goals", GoalsSettings, build)

if __name__ == "__main__":
    run(SERVICE)
