"""A stand-in for files that goals go out and come in by: it tells what reached it."""
# ruff: noqa: N802 - methods have the names of the protocol

from collections.abc import AsyncGenerator
from typing import Any

from chassis.errors import InvalidArgument, Unavailable
from tandem.goals.v1 import goal_pb2, transfer_pb2
from tests.support.standins.shared import Replays

PIECES = (b'{"format": "tandem-goals", ', b'"goals": []}\n')


class StandInTransfer:
    """Templates, exports and imports."""

    _replays: Replays
    breaks_off = False
    is_away = False

    async def ListTemplates(
        self, request: transfer_pb2.ListTemplatesRequest, context: Any
    ) -> transfer_pb2.ListTemplatesResponse:
        template = transfer_pb2.GoalTemplate(
            template_id="first-10k",
            title="Run 10 km",
            category=request.category or "fitness",
            pattern=request.pattern or goal_pb2.PATTERN_MILESTONE,
            why="Steps.",
            milestones=[transfer_pb2.TemplateMilestone(title="3 km", weight=1, after_days=28)],
            deadline_days=84,
            habits=[transfer_pb2.TemplateHabit(title="Run", minutes=35, if_then="If it is seven, then I run.")],
        )
        # A second page for who asks for a small first one.
        token = "1-more" if request.page_size == 1 and not request.page_token else ""
        return transfer_pb2.ListTemplatesResponse(templates=[template], next_page_token=token)

    async def GetExport(
        self, request: transfer_pb2.GetExportRequest, context: Any
    ) -> AsyncGenerator[transfer_pb2.GetExportResponse, None]:
        if self.is_away:
            raise Unavailable("Come back.")
        for piece in (b"goal_id\r\n",) if request.format == transfer_pb2.EXPORT_FORMAT_CSV else PIECES:
            yield transfer_pb2.GetExportResponse(data=piece)
            if self.breaks_off:
                raise Unavailable("Gone in the middle.")

    async def ImportGoals(
        self, request: transfer_pb2.ImportGoalsRequest, context: Any
    ) -> transfer_pb2.ImportGoalsResponse:
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        if request.content == b"broken":
            raise InvalidArgument.of("file", "is not valid JSON in UTF-8")
        answer = transfer_pb2.ImportGoalsResponse(
            dry_run=request.dry_run,
            source=request.source,
            goals=[
                transfer_pb2.ImportedGoal(
                    title="Meditate",
                    pattern=goal_pb2.PATTERN_RECURRING,
                    status=goal_pb2.STATUS_ACTIVE,
                    activity_count=len(request.content),
                )
            ],
            created_goal_count=1,
            created_activity_count=len(request.content),
            skipped=[transfer_pb2.SkippedItem(where="file", reason=request.content[:16].hex())],
        )
        return self._replays.remember(request, answer)  # type: ignore[no-any-return]
