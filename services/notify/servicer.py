"""The gRPC face of notify."""

from typing import Any, Final

from chassis.rpc.policy import LIST, Allow
from chassis.rpc.server import Servicing
from services.notify.usecases import NotificationUseCases
from tandem.notify.v1 import notify_pb2 as pb
from tandem.notify.v1 import notify_pb2_grpc

POLICIES: Final = {"ListNotifications": Allow.members("gateway", deadline=LIST)}


class NotifyServicer(notify_pb2_grpc.NotifyServiceServicer):
    """Serves `tandem.notify.v1.NotifyService`, whose names its methods have."""

    def __init__(self, notifications: NotificationUseCases) -> None:
        self._notifications = notifications

    async def ListNotifications(  # noqa: N802
        self, request: pb.ListNotificationsRequest, context: Any
    ) -> pb.ListNotificationsResponse:
        """A page of the caller's in-app notifications."""
        return await self._notifications.list_notifications()


def servicing(notifications: NotificationUseCases) -> Servicing:
    """What the process serves."""
    return Servicing(
        add=notify_pb2_grpc.add_NotifyServiceServicer_to_server,
        servicer=NotifyServicer(notifications),
        descriptor=pb.DESCRIPTOR.services_by_name["NotifyService"],
        policies=POLICIES,
    )
