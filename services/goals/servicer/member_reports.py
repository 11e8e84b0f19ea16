"""The RPC of reports on a member, for services that write unasked."""

from typing import Any, Final

from chassis.errors import InvalidArgument
from chassis.request import current
from services.goals.servicer import incoming, outgoing
from services.goals.servicer.figures import OUTCOMES
from services.goals.usecases import MemberReport, ReportedGoal, UseCases
from tandem.goals.v1 import report_pb2 as pb

MAX_ACTIVITIES: Final = 200


class MemberReportRpcs:
    """A member's goals over a span."""

    _use_cases: UseCases

    async def GetMemberReport(self, request: pb.GetMemberReportRequest, context: Any) -> pb.MemberReport:  # noqa: N802 - the contract's name
        """What became of a member's units."""
        if not 0 <= request.recent_activity_count <= MAX_ACTIVITIES:
            raise InvalidArgument.of("recent_activity_count", f"must be between 0 and {MAX_ACTIVITIES}")
        report = await self._use_cases.member_reports.get_report(
            current().principal,
            incoming.uuid_of(request.member_id, "member_id"),
            incoming.date_of(request.start_date, "start_date"),
            incoming.date_of(request.end_date, "end_date"),
            activity_count=request.recent_activity_count,
        )
        return _message(report)


def _message(report: MemberReport) -> pb.MemberReport:
    return pb.MemberReport(
        today=outgoing.day(report.today),
        goals=[_goal(each) for each in report.goals],
        recent_activities=[outgoing.activity(each) for each in report.activities],
    )


def _goal(reported: ReportedGoal) -> pb.ReportedGoal:
    return pb.ReportedGoal(
        goal=outgoing.shown_goal(reported.shown),
        progress=outgoing.progress(reported.progress),
        units=[
            pb.ReportUnit(
                start_date=outgoing.day(unit.first), end_date=outgoing.day(unit.last), outcome=OUTCOMES[unit.outcome]
            )
            for unit in reported.units
        ],
    )
