"""The outbox: events are rows written with the change they tell of; the relay publishes them after the commit.

Nothing is published that was not committed, and nothing committed is lost with Redis. The rows stay for 7 days.
"""

from functools import lru_cache
from uuid import UUID

from chassis.clock import new_id
from chassis.db.transaction import Transaction
from chassis.request import find_current
from chassis.sql import Statement, text_statement
from tandem.event.v1 import event_pb2

_INSERT = "INSERT INTO {schema}.outbox (event_id, event_type, payload) VALUES (:event_id, :event_type, :payload)"


def append(transaction: Transaction, event: event_pb2.Event) -> UUID:
    """Queues an event in the transaction of its change and returns its id.

    Fills what the sender left empty of `event_id`, `occur_time` and `traceparent`.

    Args:
        transaction: The change's.
        event: With `event_type` (`<schema>.<what happened>`), the member it is about, and its payload.
    """
    database = transaction.database
    if not event.event_type.startswith(f"{database.schema}."):
        raise ValueError("an event's type starts with the name of the service that tells it")
    if not event.event_id:
        event.event_id = str(new_id(database.clock))
    if not event.HasField("occur_time"):
        event.occur_time.FromDatetime(database.clock.now())
    request = find_current()
    if not event.traceparent and request is not None and request.traceparent:
        event.traceparent = request.traceparent
    event_id = UUID(event.event_id)
    transaction.write(
        _insert(database.schema),
        expect=1,
        event_id=event_id,
        event_type=event.event_type,
        payload=event.SerializeToString(),
    )
    transaction.after_commit(database.relay_wakeup.set)
    return event_id


@lru_cache
def _insert(schema: str) -> Statement:
    return text_statement(_INSERT, schema=schema)
