"""Goals' process: `python -m services.goals serve|migrate`."""

from typing import Final

from chassis.identity.keys import derive
from chassis.pages import PageTokens
from chassis.service import Assembly, Runtime, Service, run
from services.goals.clients import CoachPlanner, MentorMembers, NullWingmen
from services.goals.config import GoalsSettings
from services.goals.repository.feed import ENTITIES
from services.goals.servicer import outgoing, servicing
from services.goals.servicer.suggestions import made_plan
from services.goals.usecases import DueUnitUseCases, UseCases
from services.goals.worker import handlers, planning, telling
from tandem.coach.v1.coach_pb2_grpc import CoachServiceStub
from tandem.mentor.v1.mentor_pb2_grpc import MentorServiceStub


def build(settings: GoalsSettings, runtime: Runtime) -> Assembly:
    """Goals' parts."""
    members = MentorMembers(runtime.caller(MentorServiceStub, "mentor", settings.mentor_address))
    planner = CoachPlanner(
        runtime.caller(CoachServiceStub, "coach", settings.coach_address),
        to_message=outgoing.plan_request,
        from_message=made_plan,
    )
    use_cases = UseCases.of(
        runtime.database,
        runtime.clock,
        members,
        planner,
        wingmen=NullWingmen(),
        challenge_duration_days=settings.challenge_duration_days,
    )
    return Assembly(
        servicing(use_cases, PageTokens(derive(runtime.secret, "page-token"))),
        handlers=handlers(use_cases.calendars),
        background=(
            planning(use_cases.plans, runtime.system_database),
            telling(DueUnitUseCases(runtime.clock), runtime.system_database),
        ),
        feed=ENTITIES,
    )


SERVICE: Final = Service("goals", GoalsSettings, build)

if __name__ == "__main__":
    run(SERVICE)
