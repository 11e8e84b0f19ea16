"""Stand-ins for the services behind the gateway: enough behaviour to see what the gateway does with answers.

They run behind the real pipeline, so that passports, deadlines and errors are the real thing. Rows belong to the
member of the passport; keys replay, as the services do it.
"""

from tests.support.standins.coach import StandInCoach, coach_servicing
from tests.support.standins.goals import StandInGoals, goals_servicing
from tests.support.standins.mentor import StandInMentor, mentor_servicing

__all__ = [
    "StandInCoach",
    "StandInGoals",
    "StandInMentor",
    "coach_servicing",
    "goals_servicing",
    "mentor_servicing",
]
