"""Metadata keys and limits that both ends of a call agree on."""

PASSPORT = "x-tandem-passport"
ASSERTION = "x-tandem-assertion"
REQUEST_ID = "x-request-id"
TRACEPARENT = "traceparent"
REPLAYED = "tandem-idempotency-replayed"
# Put there by gRPC from the second attempt of a call on.
PREVIOUS_ATTEMPTS = "grpc-previous-rpc-attempts"

MAX_MESSAGE_BYTES = 1024 * 1024
# Pages end long before (docs/adr/0121); what is told whole, such as fifty goals with every field full, fits as well.
MAX_ANSWER_BYTES = 32 * MAX_MESSAGE_BYTES
MAX_METADATA_BYTES = 4 * 1024

_SERVER_OPTIONS = (
    ("grpc.max_send_message_length", MAX_ANSWER_BYTES),
    ("grpc.max_metadata_size", 8 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
    ("grpc.max_concurrent_streams", 1000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 30_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.so_reuseport", 0),
)


def server_options(max_request_bytes: int = MAX_MESSAGE_BYTES) -> tuple[tuple[str, int], ...]:
    """Options of a server. gRPC limits what is received for a whole server; each method's own limit is the policy's.

    Args:
        max_request_bytes: Of the method that takes most.
    """
    return (("grpc.max_receive_message_length", max_request_bytes), *_SERVER_OPTIONS)


CLIENT_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.enable_retries", 1),
)
