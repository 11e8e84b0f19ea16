"""How a figure comes about: the units behind it in order, each with what it does. Replaying them gives the figure.

The steps are derived day by day and unit by unit, apart from the quick ways in which the figures themselves are
computed, so that each is a check of the other.
"""

from collections.abc import Callable

from services.goals.domain.explanation import pace, strength, units
from services.goals.domain.explanation.evidence import MOST_NAMED, Evidence, days_behind, name
from services.goals.domain.explanation.model import MOST_STEPS, Effect, Explanation, Metric, Step
from services.goals.domain.units import Ledger

__all__ = [
    "MOST_NAMED",
    "MOST_STEPS",
    "Effect",
    "Evidence",
    "Explanation",
    "Metric",
    "Step",
    "days_behind",
    "explain",
    "name",
]


def explain(ledger: Ledger, metric: Metric) -> Explanation:
    """The steps behind a figure, as of the ledger's today."""
    return _EXPLAIN[metric](ledger)


_EXPLAIN: dict[Metric, Callable[[Ledger], Explanation]] = {
    Metric.STREAK: units.streak,
    Metric.STRENGTH: strength.score,
    Metric.ADHERENCE: units.adherence,
    Metric.PACE: pace.pace,
}
