"""What a member allows."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chassis.errors import InvalidArgument

FIELDS: Final = frozenset({"coach_reads_journal", "ai_vendors", "alert_mentor_on_risk", "leaderboard"})


@dataclass(frozen=True, slots=True)
class Consents:
    """What a member allows; the defaults are what a new member has.

    Attributes:
        updated_at: When it last changed.
        coach_reads_journal: The coach may read journal entries.
        ai_vendors: Texts may go to AI vendors; without it only the offline engine answers.
        alert_mentor_on_risk: A mentor is told when risk is high.
        leaderboard: Shown on leaderboards of one's groups.
        version: Grows by one with every change.
    """

    updated_at: datetime
    coach_reads_journal: bool = True
    ai_vendors: bool = True
    alert_mentor_on_risk: bool = False
    leaderboard: bool = False
    version: int = 1


def revise(consents: Consents, wanted: Consents, *, fields: Collection[str], now: datetime) -> Consents:
    """The consents with `fields` taken from `wanted`; the same consents when nothing differs.

    Raises:
        InvalidArgument: A name in `fields` is no consent.
    """
    if set(fields) - FIELDS:
        raise InvalidArgument.of("update_mask", f"may name {', '.join(sorted(FIELDS))} only")
    revised = replace(consents, **{field: getattr(wanted, field) for field in fields})
    if revised == consents:
        return consents
    return replace(revised, updated_at=now, version=consents.version + 1)
