"""Due units and their outcomes: the one derivation that every figure of a goal stands on.

A unit is a due day, a calendar period with a count, or a milestone's due day. Outcomes are one byte each in a
`bytearray`, so that counting, splitting into runs and asking for the last ones run at the speed of C over years of
days. For schedules by the day there is one byte for every day, also for those on which nothing is due; for longer
periods one for every period.
"""

from services.goals.domain.units.ledger import Ledger
from services.goals.domain.units.outcomes import (
    DONE,
    EXCUSED,
    MISSED,
    NOT_DUE,
    OUTCOME_NAMES,
    PARTIAL,
    PENDING,
    Chance,
    Stretch,
    Unit,
)

__all__ = [
    "DONE",
    "EXCUSED",
    "MISSED",
    "NOT_DUE",
    "OUTCOME_NAMES",
    "PARTIAL",
    "PENDING",
    "Chance",
    "Ledger",
    "Stretch",
    "Unit",
]
