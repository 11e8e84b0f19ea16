"""Prometheus metrics that every process has. Labels come from closed sets; never an id, never a person's words."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

RPC_SERVED = Counter("tandem_rpc_served_total", "Calls answered", ["method", "code"])
RPC_SERVED_SECONDS = Histogram("tandem_rpc_served_seconds", "Time to answer a call", ["method"], buckets=_SECONDS)
RPC_CALLED = Counter("tandem_rpc_called_total", "Calls made to other services", ["target", "method", "code"])
RPC_REPEATED = Counter("tandem_rpc_repeated_total", "Attempts after the first that arrived here", ["method"])
RPC_IN_FLIGHT_REFUSED = Counter("tandem_rpc_shed_total", "Calls refused because too many are in flight", ["method"])
EVENTS_DEAD = Gauge("tandem_events_dead", "Events that wait for an operator, when last counted", ["schema"])
HTTP_SERVED = Counter("tandem_http_served_total", "Requests answered", ["operation", "status"])
HTTP_SERVED_SECONDS = Histogram(
    "tandem_http_served_seconds", "Time to answer a request", ["operation"], buckets=_SECONDS
)
HTTP_SHED = Counter("tandem_http_shed_total", "Requests refused because too much is in flight", ["cap"])
HTTP_LIMITED = Counter("tandem_http_limited_total", "Requests refused by an empty bucket", ["limit"])
SQL_SECONDS = Histogram(
    "tandem_sql_transaction_seconds",
    "Time a transaction took; one that only reads, until it has read",
    ["schema", "outcome"],
    buckets=_SECONDS,
)
IDEMPOTENT_REPLAYS = Counter("tandem_idempotent_replays_total", "Requests answered from an earlier one", ["method"])
