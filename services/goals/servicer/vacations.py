"""RPCs of vacations."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from chassis import idempotency
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.goals.domain.care import Vacation, VacationDraft
from services.goals.repository import VacationPosition
from services.goals.repository import vacations as vacation_rows
from services.goals.servicer import incoming, outgoing
from services.goals.servicer.paging import Pager
from services.goals.usecases import UseCases
from tandem.goals.v1 import care_pb2


class VacationRpcs:
    """Entering, listing and taking back vacations, of a goal or of the caller."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def CreateVacation(self, request: care_pb2.CreateVacationRequest, context: Any) -> care_pb2.Vacation:  # noqa: N802 - the contract's name
        """Days on which nothing is asked for."""
        asked = request.vacation
        draft = VacationDraft(
            first=incoming.date_of(asked.from_date, "from") if asked.HasField("from_date") else None,
            last=incoming.date_of(asked.to_date, "to") if asked.HasField("to_date") else None,
            reason=asked.reason,
        )
        goal_id = incoming.optional_uuid(asked.goal_id, "goal_id")
        key = idempotency.key_for(request, outgoing.vacation)
        return outgoing.vacation(
            await self._use_cases.vacations.create_vacation(current().principal, goal_id, draft, key=key)
        )

    async def ListVacations(  # noqa: N802 - the contract's name
        self, request: care_pb2.ListVacationsRequest, context: Any
    ) -> care_pb2.ListVacationsResponse:
        """A page of vacations, the latest first."""
        limit = page_size(request.page_size)
        goal_id = incoming.optional_uuid(request.goal_id, "goal_id")
        pager = Pager(self._page_tokens, "vacations", goal_id)
        found = await self._use_cases.vacations.list_vacations(
            current().principal, goal_id, after=_position(pager.position(request.page_token)), limit=limit + 1
        )
        shown, token = pager.cut(found, limit, _key, outgoing.vacation)
        return care_pb2.ListVacationsResponse(vacations=shown, next_page_token=token)

    async def DeleteVacation(  # noqa: N802 - the contract's name
        self, request: care_pb2.DeleteVacationRequest, context: Any
    ) -> care_pb2.DeleteVacationResponse:
        """Takes a vacation back."""
        await self._use_cases.vacations.remove_vacation(
            current().principal,
            incoming.optional_uuid(request.goal_id, "goal_id"),
            incoming.uuid_of(request.vacation_id, "vacation_id"),
            key=idempotency.key_for(request, _deleted),
        )
        return care_pb2.DeleteVacationResponse()


def _deleted(_: UUID) -> care_pb2.DeleteVacationResponse:
    return care_pb2.DeleteVacationResponse()


def _position(key: tuple[str, ...] | None) -> VacationPosition | None:
    return VacationPosition(date.fromisoformat(key[0]), UUID(key[1])) if key else None


def _key(last: Vacation) -> Sequence[str]:
    position = vacation_rows.position_of(last)
    return position.from_date.isoformat(), str(position.vacation_id)
