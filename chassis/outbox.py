"""The outbox: events are rows written with the change they tell of; the relay publishes them after the commit.

Nothing is published that was not committed, and nothing committed is lost with Redis. The rows stay for 7 days.
"""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.clock import new_id
from chassis.db.transaction import Transaction
from chassis.request import find_current
from chassis.sql import Statement, text_statement
from tandem.event.v1 import event_pb2

_INSERT = "INSERT INTO {schema}.outbox (event_id, event_type, payload) VALUES (:event_id, :event_type, :payload)"
_INSERT_ALL = """INSERT INTO {schema}.outbox (event_id, event_type, payload)
SELECT * FROM unnest(CAST(:event_ids AS uuid[]), CAST(:event_types AS text[]), CAST(:payloads AS bytea[]))"""


def append(transaction: Transaction, event: event_pb2.Event) -> UUID:
    """Queues an event in the transaction of its change and returns its id.

    Fills what the sender left empty of `event_id`, `occur_time` and `traceparent`.

    Args:
        transaction: The change's.
        event: With `event_type` (`<schema>.<what happened>`), the member it is about, and its payload.
    """
    event_id = _complete(transaction, event)
    database = transaction.database
    transaction.write(
        _insert(database.schema),
        expect=1,
        event_id=event_id,
        event_type=event.event_type,
        payload=event.SerializeToString(),
    )
    transaction.after_commit(database.relay_wakeup.set)
    return event_id


def append_all(transaction: Transaction, events: Sequence[event_pb2.Event]) -> None:
    """The same for many events in one write, in their order."""
    database = transaction.database
    now = Timestamp()
    now.FromDatetime(database.clock.now())
    event_ids = [_complete(transaction, event, now) for event in events]
    transaction.write(
        _insert_all(database.schema),
        expect=len(events),
        event_ids=event_ids,
        event_types=[event.event_type for event in events],
        payloads=[event.SerializeToString() for event in events],
    )
    transaction.after_commit(database.relay_wakeup.set)


def _complete(transaction: Transaction, event: event_pb2.Event, now: Timestamp | None = None) -> UUID:
    """Fills what the sender left empty; the event's id."""
    database = transaction.database
    if not event.event_type.startswith(f"{database.schema}."):
        raise ValueError("an event's type starts with the name of the service that tells it")
    if not event.HasField("occur_time"):
        if now is None:
            event.occur_time.FromDatetime(database.clock.now())
        else:
            event.occur_time.CopyFrom(now)
    request = find_current()
    if not event.traceparent and request is not None and request.traceparent:
        event.traceparent = request.traceparent
    if event.event_id:
        return UUID(event.event_id)
    event_id = new_id(database.clock)
    event.event_id = str(event_id)
    return event_id


@lru_cache
def _insert(schema: str) -> Statement:
    return text_statement(_INSERT, schema=schema)


@lru_cache
def _insert_all(schema: str) -> Statement:
    return text_statement(_INSERT_ALL, schema=schema)
