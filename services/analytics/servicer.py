"""The gRPC face of analytics."""

from typing import Any, Final

from chassis.rpc.policy import LIST, Allow
from chassis.rpc.server import Servicing
from services.analytics.usecases import FigureUseCases
from tandem.analytics.v1 import analytics_pb2 as pb
from tandem.analytics.v1 import analytics_pb2_grpc

POLICIES: Final = {"GetMemberAnalytics": Allow.members("gateway", deadline=LIST)}


class AnalyticsServicer(analytics_pb2_grpc.AnalyticsServiceServicer):
    """Serves `tandem.analytics.v1.AnalyticsService`, whose names its methods have."""

    def __init__(self, figures: FigureUseCases) -> None:
        self._figures = figures

    async def GetMemberAnalytics(  # noqa: N802
        self, request: pb.GetMemberAnalyticsRequest, context: Any
    ) -> pb.MemberAnalytics:
        """A member's latest figures."""
        return await self._figures.get_member_analytics()


def servicing(figures: FigureUseCases) -> Servicing:
    """What the process serves."""
    return Servicing(
        add=analytics_pb2_grpc.add_AnalyticsServiceServicer_to_server,
        servicer=AnalyticsServicer(figures),
        descriptor=pb.DESCRIPTOR.services_by_name["AnalyticsService"],
        policies=POLICIES,
    )
