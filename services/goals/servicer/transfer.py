"""RPCs of files that goals go out and come in by."""

from collections.abc import AsyncGenerator
from typing import Any

from chassis.errors import NotImplementedYet
from services.goals.usecases import UseCases
from tandem.goals.v1 import transfer_pb2


class TransferRpcs:
    """Exporting and importing goals."""

    _use_cases: UseCases

    async def GetExport(  # noqa: N802 - the contract's name
        self, request: transfer_pb2.GetExportRequest, context: Any
    ) -> AsyncGenerator[transfer_pb2.GetExportResponse, None]:
        """All goals of the caller as a file, in pieces."""
        if not self._use_cases.figures:
            yield transfer_pb2.GetExportResponse()
        raise NotImplementedYet("Exports are not available yet.")

    async def ImportGoals(  # noqa: N802 - the contract's name
        self, request: transfer_pb2.ImportGoalsRequest, context: Any
    ) -> transfer_pb2.ImportGoalsResponse:
        """Takes goals and activities out of a file."""
        raise NotImplementedYet("Imports are not available yet.")
