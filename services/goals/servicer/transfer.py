"""RPCs of files that goals go out and come in by."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from chassis import idempotency
from chassis.clock import Clock
from chassis.errors import InvalidArgument
from chassis.request import current
from services.goals.domain.transfer import CsvWriter, JsonWriter, Source, Writer
from services.goals.servicer import incoming, outgoing
from services.goals.usecases import ImportedGoal, ImportReport, UseCases
from tandem.goals.v1 import transfer_pb2

# Well below what a message may hold, and large enough to be worth one.
PIECE_BYTES: Final = 256 * 1024

SOURCES: Final[Mapping[transfer_pb2.ImportSource.ValueType, Source]] = {
    transfer_pb2.IMPORT_SOURCE_LOOP: Source.LOOP,
    transfer_pb2.IMPORT_SOURCE_BEEMINDER: Source.BEEMINDER,
    transfer_pb2.IMPORT_SOURCE_HABITICA: Source.HABITICA,
    transfer_pb2.IMPORT_SOURCE_TANDEM: Source.TANDEM,
}
_NUMBERS: Final = {source: number for number, source in SOURCES.items()}


class TransferRpcs:
    """Exporting and importing goals."""

    _use_cases: UseCases

    async def GetExport(  # noqa: N802 - the contract's name
        self, request: transfer_pb2.GetExportRequest, context: Any
    ) -> AsyncGenerator[transfer_pb2.GetExportResponse, None]:
        """All goals of the caller as a file, in pieces."""
        writer = _writer(request.format, self._use_cases.clock)
        async with aclosing(self._use_cases.transfer.export_goals(current().principal, writer)) as pieces:
            async for piece in pieces:
                for first in range(0, len(piece), PIECE_BYTES):
                    yield transfer_pb2.GetExportResponse(data=piece[first : first + PIECE_BYTES])

    async def ImportGoals(  # noqa: N802 - the contract's name
        self, request: transfer_pb2.ImportGoalsRequest, context: Any
    ) -> transfer_pb2.ImportGoalsResponse:
        """Takes goals and activities out of a file."""
        source = incoming.word_of(request.source, SOURCES, "source")
        if source is None:
            raise InvalidArgument.of("source", "must be given")
        report = await self._use_cases.transfer.import_goals(
            current().principal,
            source,
            request.content,
            is_dry_run=request.dry_run,
            key=idempotency.key_for(request, _report),
        )
        return _report(report)


def _writer(number: int, clock: Clock) -> Writer:
    if number in (transfer_pb2.EXPORT_FORMAT_UNSPECIFIED, transfer_pb2.EXPORT_FORMAT_JSON):
        return JsonWriter(clock.now())
    if number == transfer_pb2.EXPORT_FORMAT_CSV:
        return CsvWriter()
    raise InvalidArgument.of("format", "is not a known value")


def _report(shown: ImportReport) -> transfer_pb2.ImportGoalsResponse:
    return transfer_pb2.ImportGoalsResponse(
        dry_run=shown.is_dry_run,
        source=_NUMBERS[shown.source],
        goals=[_goal(each) for each in shown.goals],
        created_goal_count=shown.created_goal_count,
        created_activity_count=shown.created_activity_count,
        skipped=[transfer_pb2.SkippedItem(where=each.where, reason=each.reason) for each in shown.skipped],
    )


def _goal(shown: ImportedGoal) -> transfer_pb2.ImportedGoal:
    return transfer_pb2.ImportedGoal(
        title=shown.title,
        pattern=outgoing.pattern_of(shown.pattern),
        status=outgoing.status_of(shown.status),
        activity_count=shown.activity_count,
        goal_id=str(shown.goal_id) if shown.goal_id else "",
        found=shown.is_found,
    )
